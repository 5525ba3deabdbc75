// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Checks websocket frame headers (RFC 6455 5) for libwebsockets 4.1, which accepts unmasked frames
// and drops connections at long control frames. Turns a bad frame into one answered with 1002;
// drops the rest. Pure.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_FRAME_HEAD_BYTES 14

typedef struct {
    uint8_t head[PORT_FRAME_HEAD_BYTES];
    size_t head_size;
    uint64_t left; // payload
    bool broken;
} PortFrames;

/* Copies all but incomplete headers to `out`, which holds PORT_FRAME_HEAD_BYTES more. Returns its
 * bytes. */
size_t port_frames_pass(PortFrames *frames, const uint8_t *in, size_t size, uint8_t *out);
