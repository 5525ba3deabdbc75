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
} RtcOutStreamConfig;

/* Control threads; blocks. Remove viewers first. */
RtcOutStream *rtc_out_add_stream(RtcOut *out, const RtcOutStreamConfig *config);
void rtc_out_remove_stream(RtcOutStream *stream);

/* In thread: requests a key frame unless a recent one will exist on connecting. */
void rtc_out_expect_viewer(RtcOutStream *stream, const char *rendition);

/* In thread, until rtc_out_remove_viewer(); takes ownership. */
void rtc_out_add_viewer(RtcOutStream *stream, RtcViewer *viewer);
void rtc_out_move_viewer(RtcOutStream *stream, RtcViewer *viewer, const ProtocolAddress *to);
void rtc_out_feedback(RtcOutStream *stream, RtcViewer *viewer, const uint8_t *bytes, size_t size);
/* `bye`: sends RTCP BYE. */
void rtc_out_remove_viewer(RtcOutStream *stream, RtcViewer *viewer, bool bye);
