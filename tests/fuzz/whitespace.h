// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Whitespace that changes nothing in an SDP text.

#include <glib.h>
#include <stdbool.h>

/* The text with spaces and tabs added at both ends of lines and to spaces, and blank lines at its
 * end. Full ownership. */
static inline char *with_whitespace(const char *text, size_t size)
{
    static const char *const ends[] = {" ", "", "\t", " \t \r"};
    GString *out = g_string_new(NULL);
    unsigned line = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            g_string_append(out, ends[line++ % G_N_ELEMENTS(ends)]);
        }
        g_string_append_c(out, text[i]);
        if (text[i] == ' ' && line % 3 == 1) {
            g_string_append(out, "\t ");
        }
    }
    bool room = line < 1000; // the parser takes 1024 lines
    return g_string_free(g_string_append(out, room ? "\r\n\n \t\r\n" : ""), FALSE);
}
