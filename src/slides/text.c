// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a page as people type it.
#include "base/text.h"
#include "slides/glyphs.h"
#include "slides/private.h"

#include <glib.h>
#include <string.h>

#define RAW_BYTES (8 * SLIDES_MAX_TEXT)

static bool is_presentation_form(gunichar c)
{
    return (c >= 0xfb00 && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc);
}

static void add_letters(GString *out, gunichar c)
{
    char form[8] = {0};
    g_unichar_to_utf8(c, form);
    g_autofree char *letters = g_utf8_normalize(form, -1, G_NORMALIZE_NFKC);
    bool marks = letters[0] == ' ' && letters[1] != '\0'; // U+FC62 is shadda, kasra on a space
    g_string_append(out, letters + marks);
}

/* A superscript stays one. */
static char *to_letters(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (is_presentation_form(c)) {
            add_letters(out, c);
        } else {
            g_string_append_unichar(out, c);
        }
    }
    return g_utf8_normalize(out->str, -1, G_NORMALIZE_NFC);
}

/* Whole lines, or the beginning of the first. */
static char *bound(const char *text)
{
    const char *end = text + SLIDES_MAX_TEXT;
    const char *line = g_strrstr_len(text, SLIDES_MAX_TEXT + 1, "\n");
    if (line != NULL) {
        return g_strndup(text, (gsize)(line - text));
    }
    if ((*end & 0xc0) == 0x80) { // within a letter
        end = g_utf8_find_prev_char(text, end);
    }
    g_autofree char *begin = g_strndup(text, (gsize)(end - text));
    return base_text_clean(begin);
}

static bool is_word(const char *text)
{
    bool letters = false, rtl = false;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        letters = letters || g_unichar_isalnum(g_utf8_get_char(at));
        rtl = rtl || slides_is_rtl(g_utf8_get_char(at));
    }
    return letters && !rtl;
}

char *slides_text_complete(const char *text, const char *other)
{
    g_autoptr(GString) out = g_string_new(text);
    g_auto(GStrv) words = g_strsplit_set(other, " \n", -1);
    const char *before = out->len > 0 ? "\n" : "";
    for (char **word = words; *word != NULL; word++) {
        if (is_word(*word) && strstr(out->str, *word) == NULL) {
            g_string_append_printf(out, "%s%s", before, *word);
            before = " ";
        }
    }
    return slides_text_clean(out->str);
}

char *slides_text_clean(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, RAW_BYTES));
    g_autofree char *letters = to_letters(valid);
    g_auto(GStrv) lines = g_strsplit_set(letters, "\n\r\f", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *clean = base_text_clean(*line);
        if (*clean != '\0') {
            g_string_append_printf(out, "%s%s", out->len > 0 ? "\n" : "", clean);
        }
    }
    return out->len > SLIDES_MAX_TEXT ? bound(out->str) : g_strdup(out->str);
}
