// SPDX-License-Identifier: GPL-3.0-or-later
// Path and query of a request: what is accepted names one place, whoever reads it, and reads the
// same by HTTP/1.1 and by HTTP/1.0 without Host. Decoded once, as libsoup does for the routes, a
// path has no dot segment, no control character and no slash more; a route's parameters are parts
// of it.
#include "fuzz.h"

#include "port/head.h"
#include "http/resources.h"

#include <string.h>

#define SOUP_FLAGS                                                                                 \
    (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY |             \
     G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE)

/* The address that libsoup makes of the head, or NULL where it is refused. */
static GUri *read_target(const char *target, size_t size, const char *rest)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_len(text, "room before it.....", PORT_HEAD_MARGIN_BYTES);
    g_string_append(text, "GET ");
    g_string_append_len(text, target, (gssize)size);
    g_string_append(text, rest);
    PortHead head;
    char *start = text->str + PORT_HEAD_MARGIN_BYTES;
    PortRefusal refusal = port_head_rewrite(start, text->len - PORT_HEAD_MARGIN_BYTES, &head);
    if (refusal.status != 0) {
        return NULL;
    }
    start -= head.before;
    g_autofree char *written = g_strndup(start + 4, strcspn(start + 4, " "));
    char *host = strstr(start, "\r\nHost:");
    g_assert_nonnull(host);
    g_autofree char *name = g_strndup(host + 7, strcspn(host + 7, "\r"));
    g_autofree char *url = g_strdup_printf("http://%s%s", name, written);
    GUri *uri = g_uri_parse(url, SOUP_FLAGS, NULL);
    g_assert_nonnull(uri);
    return uri;
}

static void check_path(const char *raw)
{
    unsigned slashes = 0;
    g_autofree char *path = g_uri_unescape_string(raw, NULL);
    g_assert_nonnull(path);
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (char **part = parts; *part != NULL; part++) {
        g_assert_cmpstr(*part, !=, ".");
        g_assert_cmpstr(*part, !=, "..");
    }
    for (const char *at = raw; *at != '\0'; at++) {
        slashes += *at == '/';
    }
    g_assert_cmpuint(g_strv_length(parts), ==, slashes + 1);
    for (const char *at = path; *at != '\0'; at++) {
        g_assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
    }
    const HttpRoute *route = http_router_find(&http_router, "GET", path);
    g_assert_true(route == NULL ||
                  strncmp(path, route->pattern, strcspn(route->pattern, "{")) == 0);
}

/* GLib writes an escape that needs none as the character itself. */
static void check_same(const char *read, const char *sent, size_t size)
{
    g_autofree char *want = g_uri_unescape_segment(sent, sent + size, NULL);
    g_autofree char *have = g_uri_unescape_string(read, NULL);
    g_assert_cmpstr(have, ==, want);
}

int target(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t end = size;
    for (size_t i = 0; i < size; i++) { // as far as it is one word of the request line
        end = MIN(end, text[i] == ' ' || text[i] == '\n' ? i : size);
    }
    g_autoptr(GUri) uri = read_target(text, end, " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    g_autoptr(GUri) old = read_target(text, end, " HTTP/1.0\r\n\r\n");
    bool absolute = end > 0 && text[0] != '/';
    g_assert_true(absolute || (uri == NULL) == (old == NULL));
    if (uri == NULL || old == NULL) {
        return 0;
    }
    g_assert_cmpstr(g_uri_get_path(uri), ==, g_uri_get_path(old));
    g_assert_cmpstr(g_uri_get_query(uri), ==, g_uri_get_query(old));
    g_assert_null(g_uri_get_fragment(uri));
    const char *question = memchr(text, '?', end);
    size_t length = question != NULL ? (size_t)(question - text) : end;
    check_same(g_uri_get_path(uri), text, length);
    if (question != NULL) {
        check_same(g_uri_get_query(uri), question + 1, end - length - 1);
    }
    g_assert_true((question != NULL) == (g_uri_get_query(uri) != NULL));
    check_path(g_uri_get_path(uri));
    return 0;
}
