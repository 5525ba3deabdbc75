// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// EXT-X-DATERANGE lines (RFC 8216bis 4.4.5.1). Immutable; one owner.

#include "hls/playlist.h"
#include "hls/segment.h"

typedef struct HlsMarkers HlsMarkers;

HlsMarkers *hls_markers_new(const HlsMarker *markers, unsigned count, int64_t epoch_wall_us);
void hls_markers_free(HlsMarkers *markers);

/* Does `after` contain all of `before` (nullable)? */
bool hls_markers_follow(const HlsMarkers *before, const HlsMarkers *after);

/* Of markers in listed, or in all public, segments. */
char *hls_markers_listed(const HlsMarkers *markers, const HlsPlaylist *playlist);
char *hls_markers_shown(const HlsMarkers *markers, const HlsConfig *config,
                        const HlsCutter *cutter);
