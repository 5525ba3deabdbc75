// SPDX-License-Identifier: GPL-3.0-or-later
// Request heads: what is written again is never longer, holds allowed bytes only and at most one
// length, and reads as the same again.
#include "fuzz.h"

#include "http/head.h"

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

/* As it comes in, in two pieces. */
static size_t find(const char *bytes, size_t size, HttpRefusal *refusal)
{
    HttpHeadSearch search = {0};
    size_t found = http_head_find(bytes, size / 2, &search, refusal);
    return found > 0 || refusal->status != 0 ? found
                                             : http_head_find(bytes, size, &search, refusal);
}

int target(const uint8_t *data, size_t size)
{
    HttpRefusal refusal;
    HttpHead head, again;
    size_t found = find((const char *)data, size, &refusal);
    g_assert_cmpuint(found, <=, size);
    g_assert_true(found == 0 || refusal.status == 0);
    if (found == 0) {
        return 0;
    }
    g_autofree char *bytes = g_memdup2(data, found);
    refusal = http_head_rewrite(bytes, found, &head);
    if (refusal.status != 0) {
        g_assert_true(refusal.status >= 400 && refusal.status < 600 && refusal.why != NULL);
        return 0;
    }
    g_assert_cmpuint(head.size, <=, found);
    check_bytes(bytes, head.size);
    g_autofree char *text = g_strndup(bytes, head.size);
    g_assert_cmpuint(strlen(text), ==, head.size);
    g_assert_cmpuint(count(text, "Content-Length:") + count(text, "Transfer-Encoding:"), <=, 1);
    g_assert_cmpuint(count(text, "Host:"), <=, 1);
    g_assert_cmpuint(count(text, "Range:"), ==, 0);
    char *path = strchr(text, ' ') + 1;
    g_autofree char *dots = g_strndup(path, strcspn(path, "? "));
    g_assert_true(strstr(dots, "/../") == NULL && !g_str_has_suffix(dots, "/.."));
    g_autofree char *copy = g_memdup2(bytes, head.size);
    g_assert_cmpuint(find(copy, head.size, &refusal), ==, head.size);
    refusal = http_head_rewrite(copy, head.size, &again);
    g_assert_cmpuint(refusal.status, ==, 0);
    g_assert_cmpmem(copy, again.size, text, head.size);
    g_assert_true(again.length == head.length && again.chunked == head.chunked);
    return 0;
}
