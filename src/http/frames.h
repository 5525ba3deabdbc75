// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The frame headers of a websocket's client, checked before libwebsockets sees them (RFC 6455 5).
// libwebsockets 4.1 takes unmasked frames, and drops the connection without a close frame at a long
// control frame. Here such a frame is replaced by one that it answers with 1002, and nothing of
// what follows is passed on. Pure.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_FRAME_HEAD_BYTES 14

typedef struct {
    uint8_t head[HTTP_FRAME_HEAD_BYTES]; // of the frame that is coming in
    size_t head_size;
    uint64_t left; // of its payload
    bool broken;
} HttpFrames;

/* Passes `size` bytes on from `in` to `out`, which has room for HTTP_FRAME_HEAD_BYTES more than
 * that. A header is held back until it is whole. How many bytes are in `out`. */
size_t http_frames_pass(HttpFrames *frames, const uint8_t *in, size_t size, uint8_t *out);
