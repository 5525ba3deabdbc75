// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Text files as editors write them. Any thread.

#include <string.h>

/* The text after a UTF-8 byte order mark, which Windows editors put first; else `text` itself. */
static inline const char *base_text_skip_bom(const char *text)
{
    static const char bom[] = "\xef\xbb\xbf";
    return strncmp(text, bom, sizeof bom - 1) == 0 ? text + sizeof bom - 1 : text;
}
