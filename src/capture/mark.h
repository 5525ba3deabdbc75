// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The time mark in the test picture: the timeline in milliseconds.
//
// A strip along the bottom, 1/12 of the height, of 32 cells, each white (1) or black (0): 1, 0, 26
// bits of time, 4 check bits.
//
// Time is modulo 2^26 ms (18.6 hours), Gray-coded (t XOR t/2), most significant first: a blend of
// neighbouring times reads as one of them. The check bits are the XOR of the Gray bits taken by
// four, zero-padded. Pure.

#include <stddef.h>
#include <stdint.h>

#define CAPTURE_MARK_CELLS 32
#define CAPTURE_MARK_STRIP 12
#define CAPTURE_MARK_MS_MASK ((INT64_C(1) << 26) - 1)

/* Cell 0 is the top bit. */
uint32_t capture_mark_encode(int64_t timeline_ms);

/* Milliseconds, or -EBADMSG. */
int64_t capture_mark_decode(uint32_t cells);

void capture_mark_draw(uint8_t *luma, size_t stride, int width, int height, int64_t timeline_ms);

/* From 64 x 48 on. Milliseconds, or -EBADMSG. */
int64_t capture_mark_read(const uint8_t *luma, size_t stride, int width, int height);
