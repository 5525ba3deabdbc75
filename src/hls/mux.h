// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One track of one run as CMAF (ISO/IEC 23000-19): an init segment, then fragments of moof and
// mdat. Times are ticks of the track's clock (90 kHz, or the sample rate) on the session's
// timeline, and stand so in the media (tfdt). One thread.

#include "media/track.h"

#include <stdbool.h>

typedef struct HlsMux HlsMux;

/* NULL where libavformat will not have the track. Both full ownership. */
HlsMux *hls_mux_new(const MediaTrack *track, GBytes **out_init);
/* What was not cut is dropped. NULL is allowed. */
void hls_mux_free(HlsMux *mux);

/* Ticks must rise from call to call. A jump forward is kept, also within a fragment, where the unit
 * before it lasts until then. 0, or -EINVAL with nothing written. The bytes are copied: each unit
 * waits for the next, or the cut, to say how long it lasts. */
int hls_mux_write(HlsMux *mux, int64_t pts, int64_t duration, bool key, const uint8_t *data,
                  size_t size);

/* One fragment of what was written since the last cut, or NULL; its last unit lasts at least until
 * `end`. Full ownership. */
GBytes *hls_mux_cut(HlsMux *mux, int64_t end);

/* Ticks a second. */
unsigned hls_mux_rate(const MediaTrack *track);
