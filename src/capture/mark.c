// SPDX-License-Identifier: GPL-3.0-or-later
// Draws and reads the time mark.
#include "capture/mark.h"

#include <errno.h>
#include <string.h>

#define WHITE 235
#define BLACK 16
#define MIN_CONTRAST 60

static uint32_t check_bits(uint32_t gray)
{
    uint32_t padded = gray << 2, check = 0;
    for (; padded != 0; padded >>= 4) {
        check ^= padded & 15;
    }
    return check;
}

uint32_t capture_mark_encode(int64_t timeline_ms)
{
    uint32_t time = (uint32_t)(timeline_ms & CAPTURE_MARK_MS_MASK);
    uint32_t gray = time ^ time >> 1;
    return UINT32_C(1) << 31 | gray << 4 | check_bits(gray);
}

int64_t capture_mark_decode(uint32_t cells)
{
    uint32_t gray = cells >> 4 & (uint32_t)CAPTURE_MARK_MS_MASK;
    if (cells >> 30 != 2 || (cells & 15) != check_bits(gray)) {
        return -EBADMSG;
    }
    uint32_t time = gray;
    for (int shift = 1; shift < 26; shift <<= 1) {
        time ^= time >> shift;
    }
    return time;
}

void capture_mark_draw(uint8_t *luma, size_t stride, int width, int height, int64_t timeline_ms)
{
    uint32_t cells = capture_mark_encode(timeline_ms);
    int top = height - height / CAPTURE_MARK_STRIP;
    for (int cell = 0; cell < CAPTURE_MARK_CELLS; cell++) {
        int from = cell * width / CAPTURE_MARK_CELLS;
        int to = (cell + 1) * width / CAPTURE_MARK_CELLS;
        int value = cells >> (31 - cell) & 1 ? WHITE : BLACK;
        memset(luma + top * stride + from, value, (size_t)(to - from));
    }
    for (int y = top + 1; y < height; y++) {
        memcpy(luma + y * stride, luma + top * stride, (size_t)width);
    }
}

/* The mean of a cell's middle, where neighbours do not bleed in. */
static int cell_level(const uint8_t *luma, size_t stride, int width, int height, int cell)
{
    int strip = height / CAPTURE_MARK_STRIP;
    int from = (4 * cell + 1) * width / (4 * CAPTURE_MARK_CELLS);
    int to = (4 * cell + 3) * width / (4 * CAPTURE_MARK_CELLS);
    int sum = 0, count = 0;
    for (int y = height - strip * 3 / 4; y < height - strip / 4; y++) {
        for (int x = from; x < to || x == from; x++) {
            sum += luma[y * stride + (size_t)x];
            count++;
        }
    }
    return sum / (count > 0 ? count : 1);
}

int64_t capture_mark_read(const uint8_t *luma, size_t stride, int width, int height)
{
    if (width < 64 || height < 48) {
        return -EBADMSG;
    }
    int white = cell_level(luma, stride, width, height, 0);
    int black = cell_level(luma, stride, width, height, 1);
    if (white - black < MIN_CONTRAST) {
        return -EBADMSG;
    }
    uint32_t cells = 0;
    for (int cell = 0; cell < CAPTURE_MARK_CELLS; cell++) {
        int level = cell_level(luma, stride, width, height, cell);
        cells = cells << 1 | (level > (white + black) / 2);
    }
    return capture_mark_decode(cells);
}
