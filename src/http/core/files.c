// SPDX-License-Identifier: GPL-3.0-or-later
// Sends files: workers find them and read chunks. Ranges: RFC 9110 14.
#include "base/clock.h"
#include "base/descriptors.h"
#include "http/core/core.h"
#include "http/fields/range.h"

#include <gio/gio.h>
#include <stdatomic.h>
#include <string.h>

#define FILE_ATTRIBUTES                                                                            \
    G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_UNIX_INODE                                 \
                                   "," G_FILE_ATTRIBUTE_TIME_MODIFIED                              \
                                   "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC

typedef struct {
    HttpRequest *request;
    HttpFile *file;
    atomic_bool handed; // for ThreadSanitizer, blind to GTask
} Lookup;

typedef struct {
    GList link;
    HttpRequest *request;
    GInputStream *stream;
    goffset left;
    PortFileShare share;
    size_t chunk; // bytes; doubles each time
    bool reading, gone;
} Send;

static void free_send(Send *send)
{
    g_signal_handlers_disconnect_by_data(send->request->message, send);
    g_queue_unlink(&send->request->thread->sends, &send->link);
    g_object_unref(send->stream);
    base_descriptors_give(1);
    port_file_share_end(send->share, send->request->thread->connections);
    http_request_free(send->request);
    g_free(send);
}

static void on_read(GObject *object, GAsyncResult *result, gpointer data);

static void read_on(Send *send)
{
    size_t most = port_file_share_bytes(send->share, send->request->thread->connections);
    send->chunk = CLAMP(send->chunk * 2, PORT_MIN_CHUNK_BYTES, most);
    send->reading = true;
    g_input_stream_read_bytes_async(send->stream, (gsize)MIN(send->left, (goffset)send->chunk),
                                    G_PRIORITY_DEFAULT, NULL, on_read, send);
}

static void on_read(GObject *object, GAsyncResult *result, gpointer data)
{
    Send *send = data;
    g_autoptr(GBytes) bytes =
        g_input_stream_read_bytes_finish(G_INPUT_STREAM(object), result, NULL);
    SoupServerMessage *message = send->request->message;
    SoupMessageBody *body = soup_server_message_get_response_body(message);
    send->reading = false;
    if (send->gone) {
        free_send(send);
        return;
    }
    if (bytes == NULL || g_bytes_get_size(bytes) == 0) {
        // shorter than announced: break the connection
        port_connection_cut(message);
        soup_message_body_complete(body); // or libsoup waits for ever
        soup_server_message_unpause(message);
        return;
    }
    send->left -= (goffset)g_bytes_get_size(bytes);
    soup_message_body_append_bytes(body, bytes);
    if (send->left == 0) {
        soup_message_body_complete(body);
    }
    soup_server_message_unpause(message);
}

static bool may_go_on(HttpRequest *request)
{
    http_identify(request);
    if (!http_allowed(request, NULL)) {
        return false;
    }
    AuthAction action = request->route->action;
    if (action == AUTH_WATCH || action == AUTH_SEE_SESSION || action == AUTH_LIST_SESSIONS) {
        return true; // no recording
    }
    http_admission_keep(request->http->admission, HTTP_READS, request->params[0],
                        http_counted(request), base_clock_us());
    g_autofree char *deleted = live_gone(request->http->services.live, request->params[0]);
    return deleted == NULL;
}

void http_files_look(HttpThread *thread)
{
    for (GList *at = thread->sends.head; at != NULL;) {
        Send *send = at->data;
        at = at->next;
        if (!send->gone && !may_go_on(send->request)) {
            port_connection_cut(send->request->message);
        }
    }
}

void http_files_end(HttpThread *thread)
{
    for (GList *at = thread->sends.head; at != NULL;) {
        Send *send = at->data;
        at = at->next;
        send->gone = true;
        if (!send->reading) {
            free_send(send);
        }
    }
    while (thread->sends.length > 0) { // reads cannot be cancelled
        g_main_context_iteration(base_loop_context(thread->loop), TRUE);
    }
}

static void on_wrote_chunk(SoupServerMessage *message, gpointer data)
{
    (void)message;
    Send *send = data;
    if (send->left > 0 && !send->reading) {
        read_on(send);
    }
}

static void on_send_over(SoupServerMessage *message, gpointer data)
{
    (void)message;
    Send *send = data;
    send->gone = true;
    if (!send->reading) {
        free_send(send);
    }
}

/* Strong (RFC 9110 8.8.3), from inode and time. */
static char *make_etag(GFileInfo *info)
{
    return g_strdup_printf(
        "\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x.%x\"",
        (guint64)g_file_info_get_size(info),
        g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_UNIX_INODE),
        g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_TIME_MODIFIED),
        g_file_info_get_attribute_uint32(info, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC));
}

/* If-None-Match (RFC 9110 13.1.2). */
static bool has_it(SoupMessageHeaders *headers, const char *etag)
{
    const char *known = soup_message_headers_get_list(headers, "If-None-Match");
    return known != NULL && (strcmp(known, "*") == 0 || strstr(known, etag) != NULL);
}

/* With If-Range: RFC 9110 13.1.5. */
static HttpRange pick_range(const HttpRequest *request, const char *etag, uint64_t size)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *of = soup_message_headers_get_one(headers, "If-Range");
    bool head = soup_server_message_get_method(request->message) == SOUP_METHOD_HEAD;
    bool ignored = head || (of != NULL && strcmp(of, etag) != 0);
    return http_range_parse(ignored ? NULL : request->range, size);
}

/* True: a Send owns the stream. */
static bool start_send(HttpRequest *request, GInputStream *stream, const HttpFile *file,
                       const char *etag, goffset size)
{
    http_header(request, "ETag", etag);
    http_header(request, "Cache-Control", file->cache);
    if (has_it(soup_server_message_get_request_headers(request->message), etag)) {
        http_reply(request, 304, NULL, NULL);
        return false;
    }
    HttpRange range = pick_range(request, etag, (uint64_t)size);
    if (range.kind == HTTP_RANGE_BEYOND) {
        g_autofree char *all = g_strdup_printf("bytes */%" G_GOFFSET_FORMAT, size);
        http_header(request, "Content-Range", all);
        http_header(request, "Cache-Control", "no-store");
        http_reply(request, 416, NULL, NULL);
        return false;
    }
    goffset start = (goffset)range.first, length = (goffset)range.length;
    SoupServerMessage *message = request->message;
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    if (range.kind == HTTP_RANGE_PART) {
        soup_message_headers_set_content_range(headers, start, start + length - 1, size);
    }
    soup_message_headers_set_content_type(headers, file->type, NULL);
    soup_message_headers_set_content_length(headers, length);
    soup_message_headers_replace(headers, "Accept-Ranges", "bytes");
    http_put_headers(request, headers);
    http_cors(request, headers);
    soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
    request->status = range.kind == HTTP_RANGE_PART ? 206 : 200;
    soup_server_message_set_status(message, request->status, NULL);
    g_seekable_seek(G_SEEKABLE(stream), start, G_SEEK_SET, NULL, NULL);
    if (soup_server_message_get_method(message) == SOUP_METHOD_HEAD || length == 0) {
        soup_server_message_unpause(message);
        http_request_free(request);
        return false;
    }
    soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
    Send *send = g_new0(Send, 1);
    *send = (Send){.request = request,
                   .stream = g_object_ref(stream),
                   .left = length,
                   .share = port_file_share_of(message, request->thread->connections)};
    http_request_let_go(request);
    g_signal_connect(message, "wrote-chunk", G_CALLBACK(on_wrote_chunk), send);
    g_signal_connect(message, "finished", G_CALLBACK(on_send_over), send);
    send->link.data = send;
    g_queue_push_tail_link(&request->thread->sends, &send->link);
    read_on(send);
    return true;
}

static void free_file(HttpFile *file)
{
    g_free(file->directory);
    g_free(file->id);
    g_free(file->path);
    g_free(file->cache);
    g_free(file->file);
    g_free(file);
}

static void on_opened(GObject *object, GAsyncResult *result, gpointer data)
{
    Lookup *lookup = data;
    HttpRequest *request = lookup->request;
    HttpFile *file = lookup->file;
    g_autoptr(GFileInputStream) stream = g_file_read_finish(G_FILE(object), result, NULL);
    g_autoptr(GFileInfo) info =
        stream != NULL ? g_file_input_stream_query_info(stream, FILE_ATTRIBUTES, NULL, NULL)
                       : NULL; // fstat
    goffset size = info != NULL ? g_file_info_get_size(info) : 0;
    bool sends = false;
    if (info == NULL || request->gone || size < (goffset)file->bytes) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND, "The file is gone.");
    } else {
        g_autofree char *etag = make_etag(info);
        sends = start_send(request, G_INPUT_STREAM(stream), file, etag,
                           file->bytes > 0 ? (goffset)file->bytes : size);
    }
    if (!sends) {
        base_descriptors_give(1);
    }
    free_file(file);
    g_free(lookup);
}

static void on_found(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object;
    (void)result;
    Lookup *lookup = data;
    atomic_load_explicit(&lookup->handed, memory_order_acquire);
    HttpFile *file = lookup->file;
    if (file->found == PUBLISH_FOUND) {
        g_autoptr(GFile) at = g_file_new_for_path(file->file);
        g_file_read_async(at, G_PRIORITY_DEFAULT, NULL, on_opened, lookup);
        return;
    }
    base_descriptors_give(1);
    bool later = file->found == PUBLISH_LATER;
    http_reply_problem(lookup->request, later ? BASE_CODE_UNAVAILABLE : BASE_CODE_NOT_FOUND,
                       later ? "The file is still being made. Try again in some seconds."
                             : "There is no such file.");
    free_file(file);
    g_free(lookup);
}

static void find_on_worker(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Lookup *lookup = data;
    atomic_load_explicit(&lookup->handed, memory_order_acquire);
    lookup->file->find(lookup->file);
    atomic_store_explicit(&lookup->handed, true, memory_order_release);
    g_task_return_boolean(task, TRUE);
}

void http_send_file(HttpRequest *request, HttpFile *file)
{
    if (!base_descriptors_take(1)) {
        http_reply_problem(request, BASE_CODE_UNAVAILABLE,
                           "The server has too many connections to open another file. Try again "
                           "in a moment.");
        free_file(file);
        return;
    }
    Lookup *lookup = g_new(Lookup, 1);
    *lookup = (Lookup){.request = request, .file = file};
    atomic_store_explicit(&lookup->handed, true, memory_order_release);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_found, lookup);
    g_task_set_task_data(task, lookup, NULL);
    g_task_run_in_thread(task, find_on_worker);
}
