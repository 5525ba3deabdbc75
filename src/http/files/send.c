// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a file that was uploaded or made of one; in a browser it may run nothing.
#include "http/resources.h"

typedef struct {
    HttpRequest *request;
    HttpFile *file;
} Sending;

static void find(HttpFile *file)
{
    file->file = g_strdup(file->path);
    file->found = PUBLISH_FOUND;
}

/* Http thread. */
static void on_send(void *data)
{
    Sending *sending = data;
    http_send_file(sending->request, sending->file);
    g_free(sending);
}

void http_send_content(HttpRequest *request, char *path, const char *type)
{
    http_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
    Sending *sending = g_new(Sending, 1);
    *sending = (Sending){.request = request, .file = g_new0(HttpFile, 1)};
    *sending->file = (HttpFile){
        .find = find, .path = path, .cache = g_strdup("private, no-cache"), .type = type};
    base_post(base_loop_context(request->thread->loop), on_send, sending);
}
