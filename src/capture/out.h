// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Writes the socket: BEGIN, every TRACK, then other messages. Any thread.

#include "media/wire.h"

typedef struct CaptureOut CaptureOut;

/* Borrows `fd`. */
CaptureOut *capture_out_new(int fd, unsigned tracks);
void capture_out_free(CaptureOut *out);

void capture_out_begin(CaptureOut *out, int64_t pts_us);
void capture_out_track(CaptureOut *out, MediaTrack *track);

/* Borrows `message`. Ignored once the socket failed. */
void capture_out_send(CaptureOut *out, const MediaWireMessage *message);

/* Ahead of the queue, also before BEGIN. */
void capture_out_now(CaptureOut *out, const MediaWireMessage *message);

/* TRACKs still to come. */
unsigned capture_out_missing(CaptureOut *out);
