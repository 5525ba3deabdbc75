// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The Range field (RFC 9110 14). Pure.

#include <stdint.h>

typedef enum {
    HTTP_RANGE_ALL,    // 200
    HTTP_RANGE_PART,   // 206
    HTTP_RANGE_BEYOND, // 416
} HttpRangeKind;

typedef struct {
    HttpRangeKind kind;
    uint64_t first, length; // not of BEYOND
} HttpRange;

/* `text` is nullable. ALL: malformed, other units or several ranges (14.2). */
HttpRange http_range_parse(const char *text, uint64_t size);
