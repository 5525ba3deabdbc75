// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the calendar of a mail: nested parts (RFC 2046), base 64, quoted-printable (RFC 2045).
#include "mail/reply/reply.h"

#include <glib.h>
#include <string.h>

typedef struct {
    const char *at;
    size_t left;
} Text;

/* Takes a line without its end off `text`. False: there is none. */
static bool take_line(Text *text, Text *out)
{
    if (text->left == 0) {
        return false;
    }
    const char *end = memchr(text->at, '\n', text->left);
    size_t whole = end != NULL ? (size_t)(end - text->at) + 1 : text->left;
    *out = (Text){text->at, end != NULL ? whole - 1 : whole};
    if (out->left > 0 && out->at[out->left - 1] == '\r') {
        out->left--;
    }
    text->at += whole;
    text->left -= whole;
    return true;
}

typedef struct {
    char *type, *encoding; // nullable; values of header fields
    Text body;
} Part;

static void part_clear(Part *part)
{
    g_free(part->type);
    g_free(part->encoding);
}

/* Sets `*value` to the field's if `line` has it; first one counts. */
static bool take_field(const Text *line, const char *name, char **value)
{
    size_t length = strlen(name);
    if (*value != NULL || line->left <= length ||
        g_ascii_strncasecmp(line->at, name, length) != 0 || line->at[length] != ':') {
        return false;
    }
    *value = g_strndup(line->at + length + 1, line->left - length - 1);
    return true;
}

static void part_read(Text text, Part *out)
{
    Text line;
    char **last = NULL; // whose value goes on
    *out = (Part){0};
    while (take_line(&text, &line) && line.left > 0) {
        if (line.at[0] == ' ' || line.at[0] == '\t') {
            if (last != NULL) {
                g_autofree char *more = g_strndup(line.at, line.left);
                g_autofree char *former = *last;
                *last = g_strconcat(former, more, NULL);
            }
            continue;
        }
        last = take_field(&line, "Content-Type", &out->type)                    ? &out->type
               : take_field(&line, "Content-Transfer-Encoding", &out->encoding) ? &out->encoding
                                                                                : NULL;
    }
    out->body = text;
}

static bool is_type(const Part *part, const char *type)
{
    g_autofree char *value = g_strdup(part->type != NULL ? part->type : "text/plain");
    value[strcspn(value, ";")] = '\0';
    return g_ascii_strcasecmp(g_strstrip(value), type) == 0;
}

static bool is_multipart(const Part *part)
{
    g_autofree char *value = g_strdup(part->type != NULL ? part->type : "");
    return g_ascii_strncasecmp(g_strstrip(value), "multipart/", strlen("multipart/")) == 0;
}

/* Nullable. */
static char *boundary_of(const Part *part)
{
    g_autofree char *lower = g_ascii_strdown(part->type, -1);
    const char *found = strstr(lower, "boundary=");
    if (found == NULL) {
        return NULL;
    }
    const char *at = part->type + (found - lower) + strlen("boundary=");
    bool quoted = *at == '"';
    at += quoted;
    size_t length = strcspn(at, quoted ? "\"" : "; \t");
    return length > 0 ? g_strndup(at, length) : NULL;
}

static int hex_of(const Text *line, size_t i)
{
    int high = i + 2 < line->left ? g_ascii_xdigit_value(line->at[i + 1]) : -1;
    int low = i + 2 < line->left ? g_ascii_xdigit_value(line->at[i + 2]) : -1;
    return high >= 0 && low >= 0 ? high * 16 + low : -1;
}

static void decode_quoted(Text text, GString *out)
{
    for (Text line; take_line(&text, &line);) {
        while (line.left > 0 && (line.at[line.left - 1] == ' ' || line.at[line.left - 1] == '\t')) {
            line.left--;
        }
        bool soft = line.left > 0 && line.at[line.left - 1] == '=';
        line.left -= soft;
        for (size_t i = 0; i < line.left; i++) {
            int byte = line.at[i] == '=' ? hex_of(&line, i) : -1;
            g_string_append_c(out, (char)(byte >= 0 ? byte : line.at[i]));
            i += byte >= 0 ? 2 : 0;
        }
        g_string_append(out, soft ? "" : "\r\n");
    }
}

static void decode_base64(Text text, GString *out)
{
    g_autofree guchar *bytes = g_malloc(text.left / 4 * 3 + 3);
    int state = 0;
    guint save = 0;
    gsize size = g_base64_decode_step(text.at, text.left, bytes, &state, &save);
    g_string_append_len(out, (const char *)bytes, (gssize)size);
}

/* As UTF-8, without NUL. NULL: too large. */
static char *decode(const Part *part)
{
    g_autofree char *encoding = g_strdup(part->encoding != NULL ? part->encoding : "");
    g_strstrip(encoding);
    if (part->body.left > 2 * MAIL_CALENDAR_BYTES) {
        return NULL;
    }
    g_autoptr(GString) out = g_string_new(NULL);
    if (g_ascii_strcasecmp(encoding, "base64") == 0) {
        decode_base64(part->body, out);
    } else if (g_ascii_strcasecmp(encoding, "quoted-printable") == 0) {
        decode_quoted(part->body, out);
    } else {
        g_string_append_len(out, part->body.at, (gssize)part->body.left);
    }
    out->len = strlen(out->str);
    return out->len <= MAIL_CALENDAR_BYTES ? g_utf8_make_valid(out->str, (gssize)out->len) : NULL;
}

static char *find(Text text, int depth, int *parts);

static char *find_within(const Part *part, int depth, int *parts)
{
    g_autofree char *boundary = boundary_of(part);
    if (boundary == NULL) {
        return NULL;
    }
    size_t length = strlen(boundary);
    Text rest = part->body, line;
    const char *begin = NULL;
    while (take_line(&rest, &line)) {
        if (line.left < length + 2 || strncmp(line.at, "--", 2) != 0 ||
            strncmp(line.at + 2, boundary, length) != 0) {
            continue;
        }
        if (begin != NULL) {
            char *found = find((Text){begin, (size_t)(line.at - begin)}, depth + 1, parts);
            if (found != NULL) {
                return found;
            }
        }
        begin = rest.at;
    }
    // a mail that was cut
    return begin != NULL && begin < rest.at
               ? find((Text){begin, (size_t)(rest.at - begin)}, depth + 1, parts)
               : NULL;
}

static char *find(Text text, int depth, int *parts)
{
    if (depth > MAIL_REPLY_DEPTH || ++*parts > MAIL_REPLY_PARTS) {
        return NULL;
    }
    Part part;
    part_read(text, &part);
    char *found = is_multipart(&part)                ? find_within(&part, depth, parts)
                  : is_type(&part, "message/rfc822") ? find(part.body, depth + 1, parts)
                  : is_type(&part, "text/calendar") || is_type(&part, "application/ics")
                      ? decode(&part)
                      : NULL;
    part_clear(&part);
    return found;
}

char *mail_reply_calendar(const uint8_t *data, size_t size)
{
    static const char bom[] = "\xef\xbb\xbf", begin[] = "BEGIN:VCALENDAR";
    Text text = {(const char *)data, size};
    if (size > MAIL_REPLY_BYTES) {
        return NULL;
    }
    if (text.left >= strlen(bom) && memcmp(text.at, bom, strlen(bom)) == 0) {
        text.at += strlen(bom);
        text.left -= strlen(bom);
    }
    if (text.left >= strlen(begin) && g_ascii_strncasecmp(text.at, begin, strlen(begin)) == 0) {
        return decode(&(Part){.body = text});
    }
    int parts = 0;
    return find(text, 0, &parts);
}
