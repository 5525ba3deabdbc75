// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inputs over WHIP: their publishers, and the way to the child. Main thread.

#include "media/input.h"
#include "rtc/rtc.h"

typedef struct LiveInputs LiveInputs;

LiveInputs *live_inputs_new(const char *session, RtcServer *rtc);
/* After the rtc stream. */
void live_inputs_free(LiveInputs *inputs);

/* A new child's end (full ownership), or -1. */
int live_inputs_renew(LiveInputs *inputs);

typedef struct {
    unsigned input;
    const char *owner; // person
    RtcRight right;
    bool takeover; // also from another person
} LivePublish;

/* As rtc_publisher_add(), or INPUT_TAKEN. */
void live_inputs_publish(LiveInputs *inputs, RtcStream *stream, const char *offer, size_t size,
                         const LivePublish *publish, RtcAnswerFunc func, void *data);

typedef struct {
    bool taken, connected;
    uint64_t packets, bytes;
    uint64_t dropped; // no room
} LiveInputState;

void live_inputs_state(LiveInputs *inputs, LiveInputState out[MEDIA_INPUTS]);
