// SPDX-License-Identifier: GPL-3.0-or-later
// Encoded words, mailboxes, bodies in base 64.
#include "mail/encode.h"

#include <string.h>

#define WORD_BYTES 75 // RFC 2047 2
#define WORD_BEGIN "=?utf-8?B?"
#define WORD_END "?="

/* Valid UTF-8 of one line. */
static char *one_line(const char *text)
{
    char *line = g_utf8_make_valid(text, -1);
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            *at = ' ';
        }
    }
    return line;
}

static bool is_plain(const char *text)
{
    return g_str_is_ascii(text) && strstr(text, "=?") == NULL;
}

/* How many bytes fit into `room` as base 64: whole characters, at least one; up to a space if there is
 * one, since some readers (Python's) put another between encoded words. */
static size_t fitting(const char *text, size_t room)
{
    size_t most = room / 4 * 3, size = 0, words = 0;
    while (text[size] != '\0') {
        size_t next = (size_t)(g_utf8_next_char(text + size) - text);
        if (next > most && size > 0) {
            return words > 0 ? words : size;
        }
        words = text[size] == ' ' ? next : words;
        size = next;
    }
    return size;
}

/* `used`: bytes of the line so far; returns those of the last line. */
static size_t append_words(GString *out, const char *text, size_t used)
{
    const size_t frame = strlen(WORD_BEGIN) + strlen(WORD_END);
    while (*text != '\0') {
        size_t room = MIN((size_t)WORD_BYTES, MAIL_LINE_BYTES - used) - frame;
        size_t size = fitting(text, room);
        g_autofree char *coded = g_base64_encode((const guchar *)text, size);
        g_string_append_printf(out, WORD_BEGIN "%s" WORD_END, coded);
        used += frame + strlen(coded);
        text += size;
        if (*text != '\0') {
            g_string_append(out, "\r\n ");
            used = 1;
        }
    }
    return used;
}

void mail_append_text(GString *out, const char *name, const char *text)
{
    g_autofree char *line = one_line(text);
    size_t used = strlen(name) + 2;
    g_string_append_printf(out, "%s: ", name);
    if (is_plain(line) && used + strlen(line) <= MAIL_LINE_BYTES) {
        g_string_append(out, line);
    } else {
        append_words(out, line, used);
    }
    g_string_append(out, "\r\n");
}

/* A quoted string (RFC 5322 3.2.4). */
static void append_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
}

void mail_append_mailbox(GString *out, const char *name, const char *display, const char *address)
{
    g_autofree char *line = one_line(display != NULL ? display : "");
    size_t used = strlen(name) + 2;
    g_strstrip(line);
    g_string_append_printf(out, "%s: ", name);
    if (line[0] == '\0') {
        g_string_append(out, address);
    } else {
        size_t begin = out->len;
        if (is_plain(line) && used + 2 * strlen(line) + 2 <= MAIL_LINE_BYTES) {
            append_quoted(out, line);
            used += out->len - begin;
        } else {
            used = append_words(out, line, used);
        }
        bool fits = used + strlen(address) + 3 <= MAIL_LINE_BYTES;
        g_string_append_printf(out, "%s<%s>", fits ? " " : "\r\n ", address);
    }
    g_string_append(out, "\r\n");
}

void mail_append_body(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) whole = g_string_new(NULL);
    for (char **line = lines; *line != NULL; line++) {
        size_t length = strlen(*line);
        bool ended = length > 0 && (*line)[length - 1] == '\r';
        g_string_append_len(whole, *line, (gssize)(ended ? length - 1 : length));
        if (line[1] != NULL) {
            g_string_append(whole, "\r\n");
        }
    }
    const size_t most = MAIL_LINE_BYTES / 4 * 3;
    for (size_t at = 0; at < whole->len; at += most) {
        g_autofree char *coded =
            g_base64_encode((const guchar *)whole->str + at, MIN(most, whole->len - at));
        g_string_append_printf(out, "%s\r\n", coded);
    }
    memset(whole->str, 0, whole->len); // may hold a link
}
