// SPDX-License-Identifier: GPL-3.0-or-later
// A client's frames: however the bytes are cut, the same comes out; it is what went in up to the
// first frame that breaks RFC 6455 5, and then the frame that ends the connection.
#include "fuzz.h"

#include "port/frames.h"

#include <glib.h>
#include <string.h>

static const uint8_t poison[] = {0x83, 0x80, 0, 0, 0, 0};

/* A second reading of the rules, of whole input: how much of it is fit to be passed on. */
static size_t good_bytes(const uint8_t *in, size_t size, bool *out_broken)
{
    size_t at = 0;
    *out_broken = false;
    while (size - at >= 2) {
        unsigned form = in[at + 1] & 0x7f;
        size_t more = form == 126 ? 2 : form == 127 ? 8 : 0;
        bool bad = !(in[at + 1] & 0x80) || ((in[at] & 8) && (form > 125 || !(in[at] & 0x80)));
        if (!bad && size - at < 6 + more) {
            break;
        }
        uint64_t length = more > 0 ? 0 : form;
        for (size_t i = 0; !bad && i < more; i++) {
            length = length << 8 | in[at + 2 + i];
        }
        if (bad || (more == 2 && length < 126) ||
            (more == 8 && (length < 65536 || length >> 63 != 0))) {
            *out_broken = true;
            return at;
        }
        at += 6 + more;
        if (length > size - at) {
            return size;
        }
        at += length;
    }
    return at;
}

static void check(const uint8_t *data, size_t size, size_t step)
{
    PortFrames frames = {0};
    bool broken;
    size_t good = good_bytes(data, size, &broken), put = 0;
    g_autofree uint8_t *out = g_malloc(size + PORT_FRAME_HEAD_BYTES);
    for (size_t at = 0; at < size; at += step) {
        size_t some = MIN(step, size - at);
        g_autofree uint8_t *part = g_malloc(some + PORT_FRAME_HEAD_BYTES);
        size_t got = port_frames_pass(&frames, data + at, some, part);
        g_assert_cmpuint(got, <=, some + PORT_FRAME_HEAD_BYTES);
        g_assert_cmpuint(put + got, <=, size + PORT_FRAME_HEAD_BYTES);
        memcpy(out + put, part, got);
        put += got;
    }
    g_assert_true(frames.broken == broken);
    g_assert_cmpuint(put, ==, good + (broken ? sizeof poison : 0));
    g_assert_cmpmem(out, good, data, good);
    g_assert_true(!broken || memcmp(out + good, poison, sizeof poison) == 0);
}

int target(const uint8_t *data, size_t size)
{
    check(data, size, MAX(size, 1));
    check(data, size, 1);
    check(data, size, 7);
    return 0;
}
