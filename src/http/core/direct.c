// SPDX-License-Identifier: GPL-3.0-or-later
// Answers GETs of HTTP_DIRECT routes cheaply, without libsoup; passes unusual ones to it.
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

/* Escapes need libsoup's decoding. */
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

void http_direct_gone(void *data)
{
    HttpRequest *request = data;
    request->gone = true;
    request->connection = NULL;
    if (request->on_waiter_gone != NULL) {
        request->on_waiter_gone(request);
    }
}
