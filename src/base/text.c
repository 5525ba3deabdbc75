// SPDX-License-Identifier: GPL-3.0-or-later
// Cleans and checks lines of text.
#include "base/text.h"

#include "base/error.h"

#define LOCAL_MAX_BYTES 64 // RFC 5321 4.5.3.1
#define DOMAIN_MAX_BYTES 253
#define LABEL_MAX_BYTES 63

/* Default_Ignorable_Code_Point, Unicode 15 (DerivedCoreProperties.txt), which GLib lacks. */
static const struct {
    gunichar first, last;
} ignorable[] = {
    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_ignorable(gunichar c)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ignorable) && c >= ignorable[i].first; i++) {
        if (c <= ignorable[i].last) {
            return true;
        }
    }
    return false;
}

/* U+2800 is an empty braille symbol. */
static bool is_visible(gunichar c)
{
    return (g_unichar_isalnum(c) || g_unichar_ispunct(c)) && c != 0x2800 && !is_ignorable(c);
}

static bool is_dropped(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffc);
}

char *base_text_clean(const char *text)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    bool visible = false, space = false;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (is_dropped(c)) {
            continue;
        }
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
            space = true;
            continue;
        }
        if (space && clean->len > 0) {
            g_string_append_c(clean, ' ');
        }
        space = false;
        visible = visible || is_visible(c);
        g_string_append_unichar(clean, c);
    }
    if (!visible) {
        g_string_truncate(clean, 0);
    }
    return g_string_free(g_steal_pointer(&clean), FALSE);
}

bool base_text_has_too_many_marks(const char *text)
{
    unsigned marks = 0;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        GUnicodeType type = g_unichar_type(c);
        bool mark = type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK;
        if (!is_ignorable(c)) { // neither stacks nor begins a letter
            marks = mark ? marks + 1 : 0;
        }
        if (marks > BASE_TEXT_MAX_MARKS) {
            return true;
        }
    }
    return false;
}

char *base_text_take(const char *text, const char *field, size_t max, bool required, GError **error)
{
    g_autofree char *clean = base_text_clean(text);
    if (required && text[0] == '\0') {
        base_refuse(error, BASE_CODE_REQUIRED, field, NULL, "%s is missing.", field);
    } else if (required && clean[0] == '\0') {
        base_refuse(error, BASE_CODE_BLANK, field, NULL,
                    "%s has nothing that can be seen. Write a text.", field);
    } else if ((size_t)g_utf8_strlen(clean, -1) > max) {
        base_refuse(error, BASE_CODE_TOO_LONG, field, json_pack("{s:I}", "max", (json_int_t)max),
                    "%s is longer than %zu characters.", field, max);
    } else if (base_text_has_too_many_marks(clean)) {
        base_refuse(error, BASE_CODE_TOO_MANY_MARKS, field,
                    json_pack("{s:i}", "max", BASE_TEXT_MAX_MARKS),
                    "%s has a letter with more than %d marks on it.", field, BASE_TEXT_MAX_MARKS);
    } else {
        return g_steal_pointer(&clean);
    }
    return NULL;
}

bool base_text_is_formula(const char *text)
{
    gunichar first = g_utf8_get_char(text);
    return first != 0 && g_utf8_strchr("=+-@\t\r\n＝＋－＠", -1, first) != NULL;
}

void base_text_add_cell(GString *out, const char *text, bool last)
{
    g_string_append_c(out, '"');
    if (base_text_is_formula(text)) {
        g_string_append_c(out, '\'');
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"') {
            g_string_append_c(out, '"');
        }
        g_string_append_c(out, *at);
    }
    g_string_append(out, last ? "\"\r\n" : "\",");
}

static bool is_label(const char *text, size_t length)
{
    bool good =
        length > 0 && length <= LABEL_MAX_BYTES && text[0] != '-' && text[length - 1] != '-';
    for (size_t i = 0; i < length && good; i++) {
        good = g_ascii_isalnum(text[i]) || text[i] == '-';
    }
    return good;
}

static bool is_domain(const char *text)
{
    bool good = strlen(text) <= DOMAIN_MAX_BYTES;
    while (good) {
        size_t length = strcspn(text, ".");
        good = is_label(text, length);
        if (text[length] == '\0') {
            return good;
        }
        text += length + 1;
    }
    return false;
}

/* Dot-atom (RFC 5322 3.2.3). */
static bool is_local(const char *text, size_t length)
{
    bool good =
        length > 0 && length <= LOCAL_MAX_BYTES && text[0] != '.' && text[length - 1] != '.';
    for (size_t i = 0; i < length && good; i++) {
        bool dots = text[i] == '.' && i > 0 && text[i - 1] == '.';
        good = !dots && text[i] != '\0' &&
               (g_ascii_isalnum(text[i]) || strchr(".!#$%&'*+/=?^_`{|}~-", text[i]) != NULL);
    }
    return good;
}

bool base_text_is_address(const char *text)
{
    const char *at = strrchr(text, '@');
    return at != NULL && is_local(text, (size_t)(at - text)) && is_domain(at + 1);
}
