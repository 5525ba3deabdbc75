// SPDX-License-Identifier: GPL-3.0-or-later
// Parses HLS paths and _HLS_ directives.
#include "hls/request.h"

#include "base/id.h"

#include <errno.h>
#include <string.h>

#define MAX_DIGITS 15 // below 2^53; sums cannot overflow

/* Without leading zeros, then `end`; moves `*at` past it. */
static bool take_number(const char **at, char end, uint64_t max, uint64_t *out)
{
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > MAX_DIGITS || (digits > 1 && **at == '0') || (*at)[digits] != end) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)((*at)[i] - '0');
    }
    if (value > max) {
        return false;
    }
    *at += digits + (end != '\0');
    *out = value;
    return true;
}

/* 'v' or 'a', then the track's name. */
static bool take_key(const char *at, size_t length, char out[MEDIA_TRACK_KEY_BYTES])
{
    if (length < 2 || length >= MEDIA_TRACK_KEY_BYTES || (at[0] != 'v' && at[0] != 'a')) {
        return false;
    }
    memcpy(out, at, length);
    out[length] = '\0';
    return base_id_valid(out + 1, MEDIA_NAME_BYTES - 1);
}

static bool parse_list(const char *path, HlsRequest *out)
{
    const char *dot = strchr(path, '.');
    if (strcmp(path, "main.m3u8") == 0 || strcmp(path, "event.m3u8") == 0) {
        out->type = path[0] == 'm' ? HLS_REQUEST_MAIN : HLS_REQUEST_EVENT_MAIN;
        return true;
    }
    out->type = HLS_REQUEST_LIST;
    if (dot != NULL && strcmp(dot, ".event.m3u8") == 0) {
        out->type = HLS_REQUEST_EVENT;
    } else if (dot == NULL || strcmp(dot, ".m3u8") != 0) {
        return false;
    }
    return take_key(path, (size_t)(dot - path), out->key);
}

static bool parse_name(const char *name, HlsRequest *out)
{
    uint64_t part = 0;
    if (strcmp(name, "init.mp4") == 0) {
        out->type = HLS_REQUEST_INIT;
        return true;
    }
    if (!take_number(&name, '.', UINT64_MAX, &out->sequence)) {
        return false;
    }
    out->type = strcmp(name, "m4s") == 0 ? HLS_REQUEST_SEGMENT : HLS_REQUEST_PART;
    if (out->type == HLS_REQUEST_PART) {
        if (!take_number(&name, '.', UINT32_MAX, &part) || strcmp(name, "m4s") != 0) {
            return false;
        }
        out->part = (uint32_t)part;
    }
    return true;
}

int hls_request_parse(const char *path, HlsRequest *out)
{
    HlsRequest request = {0};
    const char *slash = strchr(path, '/');
    if (slash == NULL) {
        if (!parse_list(path, &request)) {
            return -ENOENT;
        }
        *out = request;
        return 0;
    }
    uint64_t run = 0;
    if (!take_number(&path, '/', UINT32_MAX, &run) || (slash = strchr(path, '/')) == NULL ||
        !take_key(path, (size_t)(slash - path), request.key) || !parse_name(slash + 1, &request)) {
        return -ENOENT;
    }
    request.run = (uint32_t)run;
    *out = request;
    return 0;
}

static bool take_value(const char *text, bool *has, uint64_t *out)
{
    bool first = !*has;
    *has = true;
    return first && take_number(&text, '\0', UINT64_MAX, out);
}

int hls_directives_parse(const char *query, HlsDirectives *out)
{
    HlsDirectives found = {0};
    g_auto(GStrv) pairs = g_strsplit(query != NULL ? query : "", "&", 0);
    for (char **at = pairs; *at != NULL; at++) {
        bool good = true;
        if (g_str_has_prefix(*at, "_HLS_msn=")) {
            good = take_value(*at + strlen("_HLS_msn="), &found.has_msn, &found.msn);
        } else if (g_str_has_prefix(*at, "_HLS_part=")) {
            good = take_value(*at + strlen("_HLS_part="), &found.has_part, &found.part);
        } else if (strcmp(*at, "_HLS_skip=YES") == 0 || strcmp(*at, "_HLS_skip=v2") == 0) {
            found.skip = true; // other values get the whole list
        }
        if (!good) {
            return -EINVAL;
        }
    }
    if (found.has_part && !found.has_msn) {
        return -EINVAL;
    }
    *out = found;
    return 0;
}
