// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Building what hls.h calls a snapshot: the window at one moment with all playlists written out, so
// that a request only finds. Hls thread.

#include "hls/gzip.h"
#include "hls/markers.h"
#include "hls/window.h"

typedef struct {
    const HlsConfig *config;
    const HlsWindow *window;
    const HlsCutter *cutter;
    bool tracks_known;         // the run's tracks are complete
    bool ended;                // the END mark was reached: nothing more comes
    const HlsMarkers *markers; // nullable
    HlsGzip *gzip;
    bool whole;   // no delta updates: what players know of markers is not true any more
    bool stalled; // parts are overdue: the programme failed, and nobody knows for how long
} HlsScene;

/* `before` (nullable) gives the multivariant playlist while the run's tracks are not known.
 * Full ownership. */
HlsSnapshot *hls_snapshot_new(const HlsScene *scene, const HlsSnapshot *before);
