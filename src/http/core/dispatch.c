// SPDX-License-Identifier: GPL-3.0-or-later
// From libsoup's signals to a route's handler, on the route's thread.
#include "http/core/core.h"
#include "store/rows.h"

#define TOO_OFTEN_HELD_MS 1000

static void on_started(SoupServer *server, SoupServerMessage *message, gpointer data)
{
    (void)server;
    (void)data;
    port_connection_next(message);
}

static void on_gone(SoupServerMessage *message, gpointer data)
{
    (void)message;
    HttpRequest *request = data;
    request->gone = true;
    if (request->on_waiter_gone != NULL) {
        request->on_waiter_gone(request);
    }
}

static void on_over(SoupServer *server, SoupServerMessage *message, gpointer data)
{
    (void)server;
    (void)data;
    port_connection_over(message);
    // refused early, or cut: no handler frees it
    HttpRequest *request = http_request_take(message);
    if (request != NULL) {
        http_request_free(request);
    }
}

static void reply_too_often(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_LIMIT,
                       "That was too often. Wait a few seconds and try again.");
}

static void handle(HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    if (http_allowed(request, &error)) {
        request->route->handle(request->http, request);
    } else {
        http_reply_error(request, error);
    }
}

/* Store thread. */
static bool find_session(StoreDb *db, void *data, GError **error)
{
    HttpRequest *request = data;
    g_clear_pointer(&request->session, g_free);
    return store_question_session(db, request->params[0], &request->session, error);
}

static void on_session_found(void *data, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
        return;
    }
    http_identify(request); // the sign-in may have ended meanwhile
    handle(request);
}

void http_dispatch(HttpRequest *request)
{
    http_identify(request);
    if (http_too_often(request)) {
        reply_too_often(request);
    } else if (request->route->object == HTTP_OF_QUESTION && request->who != NULL) {
        store_submit(request->http->services.store, find_session, on_session_found, request);
    } else {
        handle(request);
    }
}

static void on_dispatch_main(void *data)
{
    http_dispatch(data);
}

static void wait_for_reply(HttpRequest *request)
{
    request->on_gone = g_signal_connect(request->message, "finished", G_CALLBACK(on_gone), request);
    request->paused = true;
    soup_server_message_pause(request->message);
}

static gboolean on_held(gpointer request)
{
    (void)request;
    return G_SOURCE_REMOVE;
}

static void on_hold_over(gpointer data)
{
    HttpRequest *request = data;
    if (atomic_load(&request->http->serving)) {
        reply_too_often(request);
    } else {
        http_request_free(request);
    }
}

/* Slows clients that retry at once. */
static void reply_too_often_later(HttpRequest *request)
{
    g_autoptr(GSource) source = g_timeout_source_new(TOO_OFTEN_HELD_MS);
    g_source_set_callback(source, on_held, request, on_hold_over);
    g_source_attach(source, base_loop_context(request->thread->loop));
}

/* A reply within the handler needs no pause or post. */
static void dispatch_on_http_thread(HttpThread *thread, HttpRequest *request)
{
    HttpSyncReply sync = {.request = request};
    thread->sync = &sync;
    http_dispatch(request);
    thread->sync = NULL;
    if (sync.replied) {
        http_send_reply(request);
    } else if (sync.request != NULL) {
        wait_for_reply(request);
    }
}

static void on_request(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer data)
{
    (void)server;
    (void)path;
    (void)query;
    port_connection_arrived(message, 0);
    HttpRequest *request = http_request_take(message);
    g_assert(request != NULL && request->route != NULL);
    http_request_let_go(request);
    g_autoptr(GError) error = NULL;
    if (request->route->where != HTTP_ON_MAIN_THREAD) {
        dispatch_on_http_thread(data, request);
        return;
    }
    wait_for_reply(request);
    http_identify(request);
    if (http_is_refused(request, &error)) {
        http_reply_error(request, error);
    } else if (http_reads_too_often(request)) {
        reply_too_often_later(request);
    } else {
        base_post(NULL, on_dispatch_main, request);
    }
}

static void on_headers(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer data)
{
    (void)server;
    (void)query;
    http_check_head(data, message, path);
}

void http_dispatch_start(HttpThread *thread)
{
    g_signal_connect(thread->server, "request-started", G_CALLBACK(on_started), thread);
    g_signal_connect(thread->server, "request-finished", G_CALLBACK(on_over), thread);
    g_signal_connect(thread->server, "request-aborted", G_CALLBACK(on_over), thread);
    soup_server_add_early_handler(thread->server, NULL, on_headers, thread, NULL);
    soup_server_add_handler(thread->server, NULL, on_request, thread, NULL);
}
