// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The time mark in the test picture: the timeline in milliseconds, readable from the pixels.
//
// A strip along the bottom, 1/12 of the picture's height, of 32 equal cells across the full width,
// each white (1) or black (0), from the left:
//
//   cell  0   1   2 .............. 27   28 .. 31
//         1   0   26 bits of time       4 check bits
//
// Time is milliseconds modulo 2^26 (18.6 hours), Gray-coded (t XOR t/2), most significant first.
// The check bits are the XOR of the 26 Gray bits taken four at a time from the left, the last two
// followed by two zeros. To read: compare the middle of each cell with the mean of cells 0 and 1.
// Gray code: a picture blended of two neighbouring milliseconds still reads as one of them.
// Pure functions; any thread.

#include <stddef.h>
#include <stdint.h>

#define CAPTURE_MARK_CELLS 32
#define CAPTURE_MARK_STRIP 12 // the strip is 1/12 of the height
#define CAPTURE_MARK_MS_MASK ((INT64_C(1) << 26) - 1)

/* The 32 cells, cell 0 in the top bit. */
uint32_t capture_mark_encode(int64_t timeline_ms);

/* The time modulo 2^26 ms, or -EBADMSG where the first two cells or the check bits are wrong. */
int64_t capture_mark_decode(uint32_t cells);

/* Writes the strip into a luma plane. */
void capture_mark_draw(uint8_t *luma, size_t stride, int width, int height, int64_t timeline_ms);

/* Reads the strip of a luma plane of any size from 64 x 48. As capture_mark_decode(); also
 * -EBADMSG where white and black are not told apart. */
int64_t capture_mark_read(const uint8_t *luma, size_t stride, int width, int height);
