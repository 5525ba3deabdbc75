// SPDX-License-Identifier: GPL-3.0-or-later
// Checks websocket frame headers.
#include "port/frames.h"

#include <glib.h>
#include <string.h>

/*   0                   1
 *   F R R R . opcode | M . length (7) | length (16 or 64) | mask (32)
 */
#define FIN 0x80
#define MASKED 0x80
#define CONTROL 0x08
#define LENGTH_16 126
#define LENGTH_64 127

/* Masked, empty, reserved opcode: closes with 1002. */
static const uint8_t poison[] = {FIN | 0x03, MASKED, 0, 0, 0, 0};

static size_t head_length(const PortFrames *frames)
{
    if (frames->head_size < 2) {
        return 2;
    }
    unsigned length = frames->head[1] & 0x7f;
    return 2 + 4 + (length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0);
}

static uint64_t payload_length(const PortFrames *frames)
{
    unsigned length = frames->head[1] & 0x7f;
    size_t bytes = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
    uint64_t value = bytes > 0 ? 0 : length;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | frames->head[2 + i];
    }
    return value;
}

static bool is_bad(const PortFrames *frames)
{
    bool control = (frames->head[0] & CONTROL) != 0;
    return (frames->head[1] & MASKED) == 0 ||
           (control && ((frames->head[1] & 0x7f) >= LENGTH_16 || (frames->head[0] & FIN) == 0));
}

/* Shortest form, first bit 0 (5.2). */
static bool is_bad_length(const PortFrames *frames)
{
    unsigned form = frames->head[1] & 0x7f;
    uint64_t length = payload_length(frames);
    return (form == LENGTH_16 && length < LENGTH_16) ||
           (form == LENGTH_64 && (length <= UINT16_MAX || length > INT64_MAX));
}

static size_t end_head(PortFrames *frames, uint8_t *out)
{
    if (is_bad(frames) || (frames->head_size > 2 && is_bad_length(frames))) {
        frames->broken = true;
        memcpy(out, poison, sizeof poison);
        return sizeof poison;
    }
    size_t size = frames->head_size;
    memcpy(out, frames->head, size);
    frames->left = payload_length(frames);
    frames->head_size = 0;
    return size;
}

size_t port_frames_pass(PortFrames *frames, const uint8_t *in, size_t size, uint8_t *out)
{
    size_t put = 0;
    for (size_t at = 0; at < size && !frames->broken;) {
        if (frames->left > 0) {
            size_t some = (size_t)MIN(frames->left, size - at);
            memcpy(out + put, in + at, some);
            put += some;
            at += some;
            frames->left -= some;
            continue;
        }
        frames->head[frames->head_size++] = in[at++];
        bool bad = frames->head_size == 2 && is_bad(frames);
        if (bad || frames->head_size == head_length(frames)) {
            put += end_head(frames, out + put);
        }
    }
    return put;
}
