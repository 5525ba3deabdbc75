// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A sending thread: reads each stream's bus and serves its share of viewers. Posts keep their
// order.

#include "rtc/viewer.h"

typedef struct RtcOut RtcOut;
typedef struct RtcOutStream RtcOutStream;

/* The arguments outlive it. */
RtcOut *rtc_out_new(unsigned number, RtcTransport *transport, RtcCounters *counters);
/* Remove its streams first. */
void rtc_out_free(RtcOut *out);

typedef struct {
    MediaBus *bus;
    void (*want_key)(void *data, uint8_t track, int64_t now_us); // out thread
    void *data;
    atomic_int_fast64_t *wall_us; // wall clock at timeline 0, shared by the threads; 0: not set
} RtcOutStreamConfig;

/* Control threads; blocks. Remove viewers first. */
RtcOutStream *rtc_out_add_stream(RtcOut *out, const RtcOutStreamConfig *config);
void rtc_out_remove_stream(RtcOutStream *stream);

/* Any thread. Adds. */
void rtc_out_stream_stats(const RtcOutStream *stream, RtcStreamStats *out);

/* In thread: requests a key frame unless a recent one will exist on connecting. */
void rtc_out_expect_viewer(RtcOutStream *stream, const char *rendition);

/* In thread, until rtc_out_remove_viewer(). Takes it; one released elsewhere goes on. */
void rtc_out_add_viewer(RtcOutStream *stream, RtcViewer *viewer);
void rtc_out_move_viewer(RtcOutStream *stream, RtcViewer *viewer, const ProtocolAddress *to);
/* At `now_us`. True: NACKs and key-frame requests woke the thread; others wait for a turn. */
bool rtc_out_feedback(RtcOutStream *stream, RtcViewer *viewer, const uint8_t *bytes, size_t size,
                      int64_t now_us);
/* `bye`: sends RTCP BYE. */
void rtc_out_remove_viewer(RtcOutStream *stream, RtcViewer *viewer, bool bye);

/* Gives the viewer back: calls `released` on the out thread with full ownership. Do not name it
 * meanwhile. */
typedef void (*RtcOutReleased)(void *data, RtcViewer *viewer);
void rtc_out_release_viewer(RtcOutStream *stream, RtcViewer *viewer, RtcOutReleased released,
                            void *data);

/* The thread's processor time, every 100 ms while it has viewers. Any thread. */
int64_t rtc_out_busy_us(const RtcOut *out);
