// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A sending thread: reads each programme's bus itself and serves its share of the viewers. What
// takes a viewer is posted, so from one thread it keeps its order; the viewer is the out thread's
// from rtc_out_add_viewer() to rtc_out_remove_viewer().

#include "rtc/viewer.h"

typedef struct RtcOut RtcOut;
typedef struct RtcOutFeed RtcOutFeed;

/* `socket` and `counters` outlive it. Full ownership. */
RtcOut *rtc_out_new(unsigned number, RtcSocket *socket, RtcCounters *counters);
/* Its feeds must be removed. */
void rtc_out_free(RtcOut *out);

typedef struct {
    MediaBus *bus;
    void (*want_key)(void *data, uint8_t track, int64_t now_us); // on the out thread
    void *data;
} RtcOutFeedConfig;

/* Control threads; waits for the out thread. Its viewers must be removed before the feed is. */
RtcOutFeed *rtc_out_add_feed(RtcOut *out, const RtcOutFeedConfig *config);
void rtc_out_remove_feed(RtcOutFeed *feed);

/* The in thread. A viewer of this rendition will be there in a moment: where no key frame will be
 * young enough then, it is asked for now. */
void rtc_out_expect(RtcOutFeed *feed, const char *rendition);

/* The in thread. Takes `viewer`; media starts. */
void rtc_out_add_viewer(RtcOutFeed *feed, RtcViewer *viewer);
void rtc_out_move_viewer(RtcOutFeed *feed, RtcViewer *viewer, const RtcAddress *to);
void rtc_out_feedback(RtcOutFeed *feed, RtcViewer *viewer, const uint8_t *bytes, size_t size);
/* Frees it; with `bye` the viewer is told. */
void rtc_out_remove_viewer(RtcOutFeed *feed, RtcViewer *viewer, bool bye);
