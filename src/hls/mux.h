// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One track of one run as CMAF (ISO/IEC 23000-19). Times are ticks of 90 kHz or the sample rate, on
// the timeline. One thread.

#include "media/track.h"

#include <stdbool.h>

typedef struct HlsMux HlsMux;

/* NULL if libavformat refuses. Both full ownership. */
HlsMux *hls_mux_new(const MediaTrack *track, GBytes **out_init);
void hls_mux_free(HlsMux *mux);

/* Ticks must rise; a jump lengthens the unit before it. Copies. 0 or -EINVAL. */
int hls_mux_write(HlsMux *mux, int64_t pts, int64_t duration, bool key, const uint8_t *data,
                  size_t size);

/* The fragment since the last cut, or NULL; lasts at least until `end`. */
GBytes *hls_mux_cut(HlsMux *mux, int64_t end);

/* Ticks per second. */
unsigned hls_mux_rate(const MediaTrack *track);
