// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one writer of the socket. Keeps wire.h's order: BEGIN, every TRACK, then what was sent before
// and after in the order of the calls. Any thread.

#include "media/wire.h"

typedef struct CaptureOut CaptureOut;

/* `fd` stays the caller's; `tracks` are to come. Full ownership. */
CaptureOut *capture_out_new(int fd, unsigned tracks);
void capture_out_free(CaptureOut *out);

void capture_out_begin(CaptureOut *out, int64_t pts_us);
void capture_out_track(CaptureOut *out, MediaTrack *track);

/* `message` stays the caller's. Once the socket failed, does nothing: the reading side sees it. */
void capture_out_send(CaptureOut *out, const MediaWireMessage *message);

/* Sends at once, whatever is held: FAILED. */
void capture_out_now(CaptureOut *out, const MediaWireMessage *message);

/* How many tracks are still to come: encoders that have not shown what they make. */
unsigned capture_out_missing(CaptureOut *out);
