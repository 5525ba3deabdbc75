// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The EXT-X-DATERANGE lines of moments that have a name (RFC 8216bis 4.4.5.1). Immutable once made;
// one owner at a time.

#include "hls/playlist.h"
#include "hls/segment.h"

typedef struct HlsMarkers HlsMarkers;

/* Full ownership. */
HlsMarkers *hls_markers_new(const HlsMarker *markers, unsigned count, int64_t epoch_wall_us);
void hls_markers_free(HlsMarkers *markers); // NULL is allowed

/* True where all that `before` says (nullable) stands in `after` too. */
bool hls_markers_follow(const HlsMarkers *before, const HlsMarkers *after);

/* The lines of those whose time lies in a segment that the playlist lists, or that anything public
 * so far has. `markers` is nullable. Full ownership. */
char *hls_markers_listed(const HlsMarkers *markers, const HlsPlaylist *playlist);
char *hls_markers_shown(const HlsMarkers *markers, const HlsConfig *config,
                        const HlsCutter *cutter);
