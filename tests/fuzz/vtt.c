// SPDX-License-Identifier: GPL-3.0-or-later
// Titles in a WebVTT cue (the tree writes WebVTT and reads none). A title can end no cue and begin
// none: it stays on one line without "-->", and unescaped it is the title again, with spaces for
// line ends.
#include "fuzz.h"

#include "publish/chapters.h"

#include <string.h>

/* Reads `text` as a WebVTT reader does: the three escapes that the writer uses. */
static char *unescape(const char *text)
{
    static const struct {
        const char *escape;
        char meant;
    } escapes[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    GString *out = g_string_new(NULL);
    while (*text != '\0') {
        size_t i = 0;
        g_assert_true(*text != '<' && *text != '>');
        while (*text == '&' && !g_str_has_prefix(text, escapes[i].escape)) {
            g_assert_cmpuint(++i, <, G_N_ELEMENTS(escapes));
        }
        g_string_append_c(out, *text == '&' ? escapes[i].meant : *text);
        text += *text == '&' ? strlen(escapes[i].escape) : 1;
    }
    return g_string_free(out, FALSE);
}

int target(const uint8_t *data, size_t size)
{
    g_autofree char *title = g_strndup((const char *)data, size);
    g_autoptr(GString) cue = g_string_new(NULL);
    publish_append_cue_text(cue, title);
    g_assert_null(strpbrk(cue->str, "\r\n"));
    g_assert_null(strstr(cue->str, "-->"));
    g_autofree char *read = unescape(cue->str);
    g_strdelimit(title, "\r\n", ' ');
    g_assert_cmpstr(read, ==, title);
    return 0;
}
