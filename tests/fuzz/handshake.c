// SPDX-License-Identifier: GPL-3.0-or-later
// A websocket's opening handshake, from header lines "NAME: VALUE": refused with a reason, or
// written as a head whose every line is one of ours, and which is taken again to the same head.
#include "fuzz.h"

#include "base/error.h"
#include "http/fields/handshake.h"

#include <string.h>

static const char *const names[] = {
    "Host: localhost",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: majlis.v1",
    "Sec-WebSocket-Key: ",
    "Sec-WebSocket-Extensions: permessage-deflate",
};

/* The head for `lines`, or NULL: refused. The lines are cut apart. */
static char *take(char **lines)
{
    HttpHandshake handshake = {0};
    GError *error = NULL;
    for (char **line = lines; *line != NULL; line++) {
        char *colon = strstr(*line, ": ");
        if (colon != NULL) {
            *colon = '\0';
            http_handshake_add(&handshake, *line, colon + 2);
        }
    }
    bool ok = http_handshake_check(&handshake, &error);
    g_assert_true(ok == (error == NULL));
    g_assert_true(ok || error->code == BASE_ERROR_UPGRADE || error->code == BASE_ERROR_INVALID);
    char *head = ok ? http_handshake_head(&handshake) : NULL;
    http_handshake_clear(&handshake);
    g_clear_error(&error);
    return head;
}

static void check_head(const char *head)
{
    g_assert_true(g_str_has_prefix(head, "GET /ws HTTP/1.1\r\n"));
    g_assert_true(g_str_has_suffix(head, "\r\n\r\n"));
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    guint count = g_strv_length(lines) - 3; // without the request line and the two empty ones
    g_assert_cmpuint(count, >=, 6);
    g_assert_cmpuint(count, <=, 7);
    for (guint i = 0; i < count; i++) {
        unsigned known = 0;
        for (size_t n = 0; n < G_N_ELEMENTS(names); n++) {
            known += g_str_has_prefix(lines[1 + i], names[n]);
        }
        g_assert_cmpuint(known, ==, 1);
        g_assert_null(strpbrk(lines[1 + i], "\r\n"));
    }
    g_autofree char *again = take(lines + 1);
    g_assert_cmpstr(again, ==, head);
}

int target(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *head = take(lines);
    if (head != NULL) {
        check_head(head);
    }
    return 0;
}
