// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The Range field (RFC 9110 14). Pure, any thread.

#include <stdint.h>

typedef enum {
    HTTP_RANGE_ALL,    // answer 200 with the whole file
    HTTP_RANGE_PART,   // answer 206 with this part
    HTTP_RANGE_BEYOND, // answer 416: the part begins behind the end
} HttpRangeKind;

typedef struct {
    HttpRangeKind kind;
    uint64_t first, length; // of ALL and PART: lies within the size
} HttpRange;

/* Which part of `size` bytes the field's value `text` (nullable) asks for. A value that is
 * malformed, of another unit than bytes, or asks for several parts is ignored, as RFC 9110 14.2
 * allows: ALL. */
HttpRange http_range_parse(const char *text, uint64_t size);
