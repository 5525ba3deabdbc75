// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a Range field.
#include "http/fields/range.h"

#include <glib.h>
#include <stdbool.h>

#define UNIT "bytes="

/* Larger numbers give UINT64_MAX. False: no digit. */
static bool take_number(const char **at, uint64_t *out)
{
    const char *start = *at;
    uint64_t value = 0;
    for (; g_ascii_isdigit(**at); (*at)++) {
        uint64_t digit = (uint64_t)(**at - '0');
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    *out = value;
    return *at > start;
}

static HttpRange suffix(uint64_t wanted, uint64_t size)
{
    if (wanted == 0 || size == 0) {
        return (HttpRange){.kind = HTTP_RANGE_BEYOND};
    }
    uint64_t length = MIN(wanted, size);
    return (HttpRange){.kind = HTTP_RANGE_PART, .first = size - length, .length = length};
}

HttpRange http_range_parse(const char *text, uint64_t size)
{
    const HttpRange all = {.kind = HTTP_RANGE_ALL, .length = size};
    if (text == NULL || g_ascii_strncasecmp(text, UNIT, sizeof UNIT - 1) != 0) {
        return all;
    }
    uint64_t first, last = UINT64_MAX;
    const char *at = text + sizeof UNIT - 1;
    bool has_first = take_number(&at, &first);
    if (*at++ != '-') {
        return all;
    }
    bool has_last = take_number(&at, &last);
    if (*at != '\0' || (!has_first && !has_last)) {
        return all;
    }
    if (!has_first) {
        return suffix(last, size);
    }
    last = has_last ? last : UINT64_MAX;
    if (first > last) {
        return all;
    }
    if (first >= size) {
        return (HttpRange){.kind = HTTP_RANGE_BEYOND};
    }
    last = MIN(last, size - 1);
    return (HttpRange){.kind = HTTP_RANGE_PART, .first = first, .length = last - first + 1};
}
