// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the encoding of a text file.
#include "people/private.h"

#include <string.h>

typedef struct {
    const char *bytes;
    size_t size;
} Mark;

static bool begins(const uint8_t *bytes, size_t size, Mark mark)
{
    return size >= mark.size && memcmp(bytes, mark.bytes, mark.size) == 0;
}

/* Workbooks, documents, archives. */
static bool is_other_format(const uint8_t *bytes, size_t size)
{
    static const Mark marks[] = {{"PK\x03\x04", 4}, {"\xd0\xcf\x11\xe0", 4}, {"%PDF", 4},
                                 {"\x1f\x8b", 2},   {"{\\rtf", 5},           {"<!DOCTYPE", 9}};
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (begins(bytes, size, marks[i])) {
            return true;
        }
    }
    return false;
}

/* Separators and ends of lines have a zero byte in UTF-16; no other text has one. */
static const char *utf16_of(const uint8_t *bytes, size_t size)
{
    size_t zeros[2] = {0};
    for (size_t i = 0; i < size; i++) {
        zeros[i % 2] += bytes[i] == 0;
    }
    if (size % 2 != 0 || zeros[0] + zeros[1] == 0) {
        return NULL;
    }
    return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

static const char *encoding_of(const uint8_t *bytes, size_t size, size_t *out_mark)
{
    static const struct {
        Mark mark;
        const char *encoding;
    } marks[] = {{{"\xef\xbb\xbf", 3}, "utf-8"},
                 {{"\xff\xfe", 2}, "utf-16le"},
                 {{"\xfe\xff", 2}, "utf-16be"}};
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (begins(bytes, size, marks[i].mark)) {
            *out_mark = marks[i].mark.size;
            return marks[i].encoding;
        }
    }
    *out_mark = 0;
    const char *wide = utf16_of(bytes, size);
    if (wide != NULL) {
        return wide;
    }
    bool valid = g_utf8_validate((const char *)bytes, (gssize)size, NULL);
    return valid ? "utf-8" : "windows-1256"; // which gives each byte a meaning
}

static bool not_text(GError **error)
{
    return base_refuse(error, BASE_CODE_ROSTER_NOT_TEXT, NULL, NULL,
                       "This is no text file. Save the table as CSV (UTF-8) and send that file.");
}

char *people_decode(const uint8_t *bytes, size_t size, const char **out_encoding, GError **error)
{
    size_t mark, written;
    if (is_other_format(bytes, size)) {
        not_text(error);
        return NULL;
    }
    *out_encoding = encoding_of(bytes, size, &mark);
    g_autofree char *text = g_convert((const char *)bytes + mark, (gssize)(size - mark), "utf-8",
                                      *out_encoding, NULL, &written, NULL);
    if (text == NULL || strlen(text) != written) {
        not_text(error);
        return NULL;
    }
    return g_steal_pointer(&text);
}
