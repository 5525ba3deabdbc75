// SPDX-License-Identifier: GPL-3.0-or-later
// A non-blocking HTTP client for the WHEP requests of many viewers.
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ANSWER (256 * 1024)

struct Web {
    int fd;
    SSL *ssl; // nullable
    GString *out, *in;
    size_t sent;
    bool ended, broken;
    char *location;
};

static SSL_CTX *tls_context(void)
{
    static SSL_CTX *context;
    if (context == NULL) {
        context = SSL_CTX_new(TLS_client_method()); // whose certificate it is does not matter here
    }
    return context;
}

bool web_parse(const char *url, WebServer *out)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
    if (uri == NULL || g_uri_get_host(uri) == NULL) {
        return false;
    }
    bool tls = g_str_equal(g_uri_get_scheme(uri), "https");
    int port = g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : tls ? 443 : 80;
    out->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    out->host = g_strdup_printf("%s:%d", g_uri_get_host(uri), port);
    out->path = g_strdup(g_uri_get_path(uri));
    out->tls = tls;
    return (tls || g_str_equal(g_uri_get_scheme(uri), "http")) &&
           inet_pton(AF_INET, g_uri_get_host(uri), &out->address.sin_addr) == 1;
}

static GString *write_request(const WebServer *server, const char *method, const char *path,
                              const char *token, const char *type, const char *body)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, path,
                    server->host);
    if (token != NULL) {
        g_string_append_printf(text, "Authorization: Bearer %s\r\n", token);
    }
    if (body != NULL) {
        g_string_append_printf(text, "Content-Type: %s\r\nContent-Length: %zu\r\n", type,
                               strlen(body));
    }
    g_string_append_printf(text, "\r\n%s", body != NULL ? body : "");
    return text;
}

Web *web_ask(const WebServer *server, const char *method, const char *path, const char *token,
             const char *type, const char *body, int epoll_fd, void *data)
{
    Web *web = g_new0(Web, 1);
    web->out = write_request(server, method, path, token, type, body);
    web->in = g_string_new(NULL);
    web->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert(web->fd >= 0);
    setsockopt(web->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    web->broken =
        connect(web->fd, (const struct sockaddr *)&server->address, sizeof server->address) < 0 &&
        errno != EINPROGRESS;
    if (server->tls) {
        web->ssl = SSL_new(tls_context());
        SSL_set_fd(web->ssl, web->fd);
        SSL_set_connect_state(web->ssl);
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = data};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, web->fd, &event);
    return web;
}

/* More than 0: bytes; 0: the end; -EAGAIN; -EIO. */
static int transfer(Web *web, void *in, const void *out, size_t size)
{
    if (web->ssl != NULL) {
        int got =
            in != NULL ? SSL_read(web->ssl, in, (int)size) : SSL_write(web->ssl, out, (int)size);
        int error = got > 0 ? 0 : SSL_get_error(web->ssl, got);
        bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        return got > 0 ? got : later ? -EAGAIN : error == SSL_ERROR_ZERO_RETURN ? 0 : -EIO;
    }
    ssize_t got = in != NULL ? recv(web->fd, in, size, 0) : send(web->fd, out, size, MSG_NOSIGNAL);
    if (got < 0) {
        return errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN ? -EAGAIN : -EIO;
    }
    return (int)got;
}

static void write_out(Web *web)
{
    while (web->sent < web->out->len) {
        int put = transfer(web, NULL, web->out->str + web->sent, web->out->len - web->sent);
        if (put <= 0) {
            web->broken = web->broken || put == -EIO;
            return;
        }
        web->sent += (size_t)put;
    }
}

static void read_in(Web *web)
{
    char bytes[16384];
    int got;
    while (web->in->len < MAX_ANSWER &&
           (got = transfer(web, bytes, NULL, sizeof bytes)) != -EAGAIN) {
        if (got <= 0) {
            web->ended = true;
            return;
        }
        g_string_append_len(web->in, bytes, got);
    }
}

static const char *header_value(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);
    return at != NULL ? at + strlen(name) : NULL;
}

bool web_go_on(Web *web, WebAnswer *out)
{
    *out = (WebAnswer){.body = ""};
    if (!web->broken) {
        write_out(web);
        read_in(web);
    }
    char *end = strstr(web->in->str, "\r\n\r\n");
    if (end == NULL) {
        return web->broken || web->ended;
    }
    end[2] = '\0'; // the head is a string of its own
    const char *length = header_value(web->in->str, "\r\nContent-Length: ");
    const char *location = header_value(web->in->str, "\r\nLocation: ");
    size_t have = web->in->len - (size_t)(end + 4 - web->in->str);
    if (length != NULL ? have < strtoul(length, NULL, 10) : !web->ended) {
        end[2] = '\r';
        return false;
    }
    if (location != NULL) {
        web->location = g_strndup(location, strcspn(location, "\r"));
    }
    *out = (WebAnswer){.status = atoi(web->in->str + strlen("HTTP/1.1 ")),
                       .location = web->location,
                       .body = end + 4};
    return true;
}

void web_free(Web *web)
{
    if (web == NULL) {
        return;
    }
    SSL_free(web->ssl);
    close(web->fd);
    g_string_free(web->out, TRUE);
    g_string_free(web->in, TRUE);
    g_free(web->location);
    g_free(web);
}
