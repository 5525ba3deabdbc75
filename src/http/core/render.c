// SPDX-License-Identifier: GPL-3.0-or-later
// A reply as bytes, for direct.c.
#include "base/clock.h"
#include "http/core/core.h"

#include <string.h>

/* The Date field (RFC 9110 6.6.1). */
static const char *date_now(HttpThread *thread)
{
    int64_t now_s = base_wall_us() / BASE_US_PER_S;
    if (now_s != thread->date_s) {
        g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_s);
        g_autofree char *text = soup_date_time_to_string(now, SOUP_DATE_HTTP);
        g_strlcpy(thread->date, text, sizeof thread->date);
        thread->date_s = now_s;
    }
    return thread->date;
}

static void add(GString *head, const char *name, const char *value)
{
    g_string_append(head, name);
    g_string_append(head, ": ");
    g_string_append(head, value);
    g_string_append(head, "\r\n");
}

static void add_number(GString *head, const char *before, size_t number, const char *after)
{
    char digits[24], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    g_string_append(head, before);
    g_string_append_len(head, at, digits + sizeof digits - at);
    g_string_append(head, after);
}

static size_t size_of(GBytes *bytes)
{
    return bytes != NULL ? g_bytes_get_size(bytes) : 0;
}

static void make_head(const HttpRequest *request, GString *head)
{
    bool cached = false;
    g_string_truncate(head, 0);
    add_number(head, "HTTP/1.1 ", request->status, " ");
    g_string_append(head, soup_status_get_phrase(request->status));
    add(head, "\r\nServer", "majlis");
    add(head, "Date", date_now(request->thread));
    for (unsigned i = 0; i < request->header_count; i++) {
        add(head, request->headers[i].name, request->headers[i].value);
        cached = cached || strcmp(request->headers[i].name, "Cache-Control") == 0;
    }
    if (!cached) {
        add(head, "Cache-Control", "no-store");
    }
    if (request->own_right) {
        add(head, "Access-Control-Allow-Origin", "*");
        add(head, "Access-Control-Expose-Headers", BASE_CORS_EXPOSED);
    }
    add(head, "X-Content-Type-Options", "nosniff");
    add(head, "X-Request-Id", request->id);
    if (request->type != NULL) {
        add(head, "Content-Type", request->type);
    }
    add_number(head, "Content-Length: ", size_of(request->lead) + size_of(request->content),
               "\r\n\r\n");
}

void http_direct_send(HttpRequest *request)
{
    if (request->passed) {
        port_connection_pass(request->connection);
    } else {
        GString *head = request->thread->head;
        make_head(request, head);
        port_connection_answer(request->connection, head->str, head->len, request->lead,
                               request->content);
    }
    http_request_free(request);
}
