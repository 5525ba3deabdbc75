// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Builds snapshots of the window. Hls thread.

#include "hls/gzip.h"
#include "hls/markers.h"
#include "hls/window.h"

typedef struct {
    const HlsConfig *config;
    const HlsWindow *window;
    const HlsCutter *cutter;
    bool tracks_known;
    bool ended;
    const HlsMarkers *markers; // nullable
    HlsGzip *gzip;
    bool whole;   // no delta updates: markers changed
    bool stalled; // parts are overdue
} HlsScene;

/* `before` is nullable. */
HlsSnapshot *hls_snapshot_new(const HlsScene *scene, const HlsSnapshot *before);
