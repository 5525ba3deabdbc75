// SPDX-License-Identifier: GPL-3.0-or-later
// Splits SDP into checked lines, and finds attributes and bundles.
#include "protocol/sdp-private.h"

#include "base/error.h"

#include <string.h>

#define MAX_LINES 1024 // browsers send about 300

gboolean protocol_sdp_refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    base_refuse(error, BASE_CODE_BAD_OFFER, NULL, NULL, "%s", text);
    return FALSE;
}

/* Collapses whitespace; returns the length. */
static size_t tidy(char *line)
{
    char *to = line;
    for (const char *from = g_strstrip(line); *from != '\0'; from++) {
        char byte = *from == '\t' ? ' ' : *from;
        if (byte != ' ' || to[-1] != ' ') {
            *to++ = byte;
        }
    }
    *to = '\0';
    return (size_t)(to - line);
}

static bool check_line(const char *line, size_t length, int number, GError **error)
{
    if (length < 2 || line[1] != '=') {
        return protocol_sdp_refuse(error, "Line %d of the SDP is not of the form x=value.", number);
    }
    for (size_t i = 0; i < length; i++) {
        if (g_ascii_iscntrl(line[i])) {
            return protocol_sdp_refuse(error, "Line %d of the SDP holds a control character.",
                                       number);
        }
    }
    return true;
}

char **protocol_sdp_split(const char *text, size_t size, GError **error)
{
    if (size > PROTOCOL_SDP_MAX_BYTES) {
        protocol_sdp_refuse(error, "The SDP is larger than %d bytes.", PROTOCOL_SDP_MAX_BYTES);
        return NULL;
    }
    if (size == 0) {
        protocol_sdp_refuse(error, "The SDP is empty.");
        return NULL;
    }
    if (memchr(text, '\0', size) != NULL) {
        protocol_sdp_refuse(error, "The SDP holds a zero byte.");
        return NULL;
    }
    if (!g_utf8_validate(text, (gssize)size, NULL)) { // the answer repeats parts
        protocol_sdp_refuse(error, "The SDP is not UTF-8 (RFC 8866 section 4.5).");
        return NULL;
    }
    g_autofree char *copy = g_strndup(text, size);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", MAX_LINES);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    for (char **line = lines; *line != NULL; line++) {
        size_t length = tidy(*line);
        if (length > 0 && !check_line(*line, length, (int)(line - lines) + 1, error)) {
            return NULL;
        }
        if (length > 0) {
            g_strv_builder_add(kept, *line);
        }
    }
    return g_strv_builder_end(kept);
}

/* No two attributes differ only in case. */
const char *protocol_sdp_next(char **lines, unsigned *at, unsigned end, const char *name)
{
    size_t length = strlen(name);
    while (*at < end) {
        const char *line = lines[(*at)++];
        if (strncmp(line, "a=", 2) != 0 || g_ascii_strncasecmp(line + 2, name, length) != 0) {
            continue;
        }
        if (line[2 + length] == ':') {
            const char *value = line + 2 + length + 1;
            return *value == ' ' ? value + 1 : value;
        }
        if (line[2 + length] == '\0') {
            return line + 2 + length;
        }
    }
    return NULL;
}

const char *protocol_sdp_attribute(char **lines, unsigned first, unsigned end, const char *name)
{
    return protocol_sdp_next(lines, &first, end, name);
}

const char *protocol_sdp_media_attribute(const ProtocolOffer *offer,
                                         const ProtocolOfferMedia *media, const char *name)
{
    return protocol_sdp_attribute(offer->lines, media->first, media->end, name);
}

const char *protocol_sdp_inherited(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                                   const char *name)
{
    const char *value = protocol_sdp_media_attribute(offer, media, name);
    return value != NULL ? value
                         : protocol_sdp_attribute(offer->lines, 0, offer->media[0].first, name);
}

bool protocol_sdp_in_bundle(const ProtocolOffer *offer, const char *mid)
{
    unsigned at = 0;
    for (const char *group;
         (group = protocol_sdp_next(offer->lines, &at, offer->media[0].first, "group")) != NULL;) {
        if (g_ascii_strncasecmp(group, "BUNDLE ", 7) != 0) {
            continue;
        }
        g_auto(GStrv) mids = g_strsplit(group + 7, " ", -1);
        if (g_strv_contains((const char *const *)mids, mid)) {
            return true;
        }
    }
    return false;
}
