// SPDX-License-Identifier: GPL-3.0-or-later
// Request heads: what is written again is never longer, holds allowed bytes only and at most one
// length, and reads as the same again.
#include "fuzz.h"

#include "port/head.h"

#include <glib.h>
#include <string.h>

static unsigned count(const char *head, const char *name)
{
    unsigned found = 0;
    for (const char *at = head; (at = strstr(at, "\r\n")) != NULL; at += 2) {
        found += g_ascii_strncasecmp(at + 2, name, strlen(name)) == 0;
    }
    return found;
}

static void check_bytes(const char *head, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)head[i];
        bool crlf = (c == '\r' && head[i + 1] == '\n') || (c == '\n' && head[i - 1] == '\r');
        g_assert_true(crlf || c == '\t' || (c >= 0x20 && c != 0x7f));
    }
}

/* libsoup makes an address of it. */
static void check_host(const char *text)
{
    const char *at = text;
    while (g_ascii_strncasecmp(at, "Host:", 5) != 0) {
        at = strstr(at, "\r\n") + 2;
    }
    g_autofree char *host = g_strndup(at + 5, strcspn(at + 5, "\r"));
    g_autofree char *url = g_strdup_printf("http://%s/", host);
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    g_assert_nonnull(uri);
}

/* As it comes in, in two pieces. */
static size_t find(const char *bytes, size_t size, PortRefusal *refusal)
{
    PortHeadSearch search = {0};
    size_t found = port_head_find(bytes, size / 2, &search, refusal);
    return found > 0 || refusal->status != 0 ? found
                                             : port_head_find(bytes, size, &search, refusal);
}

int target(const uint8_t *data, size_t size)
{
    PortRefusal refusal;
    PortHead head, again;
    size_t found = find((const char *)data, size, &refusal);
    g_assert_cmpuint(found, <=, size);
    g_assert_true(found == 0 || refusal.status == 0);
    if (found == 0) {
        return 0;
    }
    // exactly the room that there has to be
    g_autofree char *room = g_malloc(PORT_HEAD_MARGIN_BYTES + found);
    memcpy(room + PORT_HEAD_MARGIN_BYTES, data, found);
    refusal = port_head_rewrite(room + PORT_HEAD_MARGIN_BYTES, found, &head);
    char *bytes = room + PORT_HEAD_MARGIN_BYTES - head.before;
    if (refusal.status != 0) {
        g_assert_true(refusal.status >= 400 && refusal.status < 600 && refusal.why != NULL);
        return 0;
    }
    g_assert_cmpuint(head.before, <=, PORT_HEAD_MARGIN_BYTES);
    g_assert_cmpuint(head.size, <=, found + head.before);
    check_bytes(bytes, head.size);
    g_autofree char *text = g_strndup(bytes, head.size);
    g_assert_cmpuint(strlen(text), ==, head.size);
    g_assert_cmpuint(count(text, "Content-Length:") + count(text, "Transfer-Encoding:"), <=, 1);
    g_assert_cmpuint(count(text, "Host:"), ==, 1);
    check_host(text);
    g_assert_cmpuint(count(text, "Range:"), ==, 0);
    char *path = strchr(text, ' ') + 1;
    g_autofree char *dots = g_strndup(path, strcspn(path, "? "));
    g_assert_true(strstr(dots, "/../") == NULL && !g_str_has_suffix(dots, "/.."));
    if (head.before > 0 && count(text, "") > PORT_MAX_FIELDS + 1) {
        return 0; // with the Host that it was given it has one field more than may come in
    }
    g_autofree char *copy = g_memdup2(bytes, head.size);
    g_assert_cmpuint(find(copy, head.size, &refusal), ==, head.size);
    refusal = port_head_rewrite(copy, head.size, &again);
    g_assert_cmpuint(refusal.status, ==, 0);
    g_assert_cmpuint(again.before, ==, 0);
    g_assert_cmpmem(copy, again.size, text, head.size);
    g_assert_true(again.length == head.length && again.chunked == head.chunked);
    return 0;
}
