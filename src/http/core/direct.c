// SPDX-License-Identifier: GPL-3.0-or-later
// Answers GETs of HTTP_DIRECT routes without libsoup, which costs several times the rest of such a
// request. Whatever is unusual goes to libsoup.
#include "base/clock.h"
#include "http/core/core.h"

#include <string.h>

#define MAX_HEAD_BYTES 4096
#define PREFIX "GET /sessions/" // of all direct routes

typedef struct {
    const char *path, *query; // query: nullable
    const char *accept_encoding;
    HttpFields fields;
} Head;

static char *next_line(char **at)
{
    char *line = *at, *end = strstr(line, "\r\n");
    if (end == NULL || end == line) {
        return NULL;
    }
    *end = '\0';
    *at = end + 2;
    return line;
}

/* Escapes would have to be decoded like libsoup does. */
static bool take_request_line(char *line, Head *out)
{
    char *path = line + strlen("GET "), *version = strchr(path, ' ');
    if (version == NULL || strcmp(version, " HTTP/1.1") != 0) {
        return false;
    }
    *version = '\0';
    out->path = path;
    char *question = strchr(path, '?');
    if (question != NULL) {
        *question = '\0';
        out->query = question + 1;
    }
    return strchr(path, '%') == NULL;
}

/* False: occurs twice. */
static bool set_once(const char **place, const char *value)
{
    bool first = *place == NULL;
    *place = value;
    return first;
}

/* False: libsoup's. */
static bool take_field(char *line, Head *out)
{
    char *value = strchr(line, ':');
    *value++ = '\0';
    switch (g_ascii_tolower(line[0])) {
    case 'a':
        return g_ascii_strcasecmp(line, "Accept-Encoding") == 0
                   ? set_once(&out->accept_encoding, value)
               : g_ascii_strcasecmp(line, "Authorization") == 0
                   ? set_once(&out->fields.authorization, value)
                   : true;
    case 'c':
        return g_ascii_strcasecmp(line, "Cookie") == 0 ? set_once(&out->fields.cookies, value)
               : g_ascii_strcasecmp(line, "Connection") == 0
                   ? g_ascii_strcasecmp(value, "keep-alive") == 0
                   : true;
    case 'e':
        return g_ascii_strcasecmp(line, "Expect") != 0;
    case 'h':
        return g_ascii_strcasecmp(line, "Host") == 0 ? set_once(&out->fields.host, value) : true;
    case 'o':
        return g_ascii_strcasecmp(line, "Origin") == 0 ? set_once(&out->fields.origin, value)
                                                       : true;
    case 'u':
        return g_ascii_strcasecmp(line, "Upgrade") != 0;
    default:
        return true;
    }
}

/* Cuts `text` into `out`. */
static bool parse(char *text, Head *out)
{
    char *line = next_line(&text);
    if (line == NULL || !take_request_line(line, out)) {
        return false;
    }
    while ((line = next_line(&text)) != NULL) {
        if (!take_field(line, out)) {
            return false;
        }
    }
    return true;
}

/* NULL: libsoup's. */
static HttpRequest *request_of(HttpThread *thread, PortConnection *connection, const Head *head)
{
    Http *http = thread->http;
    char *params[HTTP_MAX_PARAMS] = {0};
    unsigned status;
    if (!atomic_load(&http->serving) || !http_hosts_know(thread->hosts, head->fields.host)) {
        return NULL;
    }
    const HttpRoute *route = http_router_match(http->router, "GET", head->path, params, &status);
    if (route == NULL || route->where != HTTP_DIRECT) {
        for (int i = 0; i < HTTP_MAX_PARAMS; i++) {
            g_free(params[i]);
        }
        return NULL;
    }
    HttpRequest *request = http_request_new_direct(thread, connection);
    request->route = route;
    memcpy(request->params, params, sizeof params);
    request->query = g_strdup(head->query);
    request->accept_encoding = g_strdup(head->accept_encoding);
    http_take_secret(request, &head->fields);
    return request;
}

void http_direct_take(void *data, PortConnection *connection, const char *head, size_t size)
{
    HttpThread *thread = data;
    char text[MAX_HEAD_BYTES];
    Head parsed = {0};
    bool ours = size < sizeof text && strncmp(head, PREFIX, strlen(PREFIX)) == 0;
    if (ours) {
        memcpy(text, head, size);
        text[size] = '\0';
    }
    HttpRequest *request =
        ours && parse(text, &parsed) ? request_of(thread, connection, &parsed) : NULL;
    if (request == NULL) {
        port_connection_pass(connection);
        return;
    }
    HttpSyncReply sync = {.request = request};
    thread->sync = &sync;
    http_dispatch(request);
    thread->sync = NULL;
    if (sync.replied) {
        http_send_reply(request);
    } // else it waits, or was passed
}

void http_direct_pass(HttpRequest *request)
{
    port_connection_pass(request->connection);
    http_request_free(request);
}

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
    GString *head = request->thread->head;
    make_head(request, head);
    port_connection_answer(request->connection, head->str, head->len, request->lead,
                           request->content);
    http_request_free(request);
}
