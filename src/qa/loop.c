// SPDX-License-Identifier: GPL-3.0-or-later
// Serves libwebsockets from a GMainContext.
#include "qa/loop.h"

#include "base/clock.h"

#include <libwebsockets.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 256
#define LOOK_US (BASE_US_PER_S / 4) // for its timers, which are of seconds

struct QaLoop {
    GSource source;
    struct lws_context *lws;
    int fd;
};

/* lws_service() finds out which sockets are ready. True: one was. */
static bool drain(int fd)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int first = epoll_wait(fd, events, EVENTS_AT_ONCE, 0);
    for (int count = first; count == EVENTS_AT_ONCE;) {
        count = epoll_wait(fd, events, EVENTS_AT_ONCE, 0);
    }
    return first > 0;
}

static gboolean dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    (void)func, (void)data;
    QaLoop *loop = (QaLoop *)source;
    bool ready = drain(loop->fd);
    // once more after an event: pongs, closes and the rest of a large message follow no other one
    g_source_set_ready_time(source, ready ? 0 : base_clock_us() + LOOK_US);
    lws_service(loop->lws, -1); // does not wait
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = {.dispatch = dispatch};

QaLoop *qa_loop_new(GMainContext *context, struct lws_context *lws)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    QaLoop *loop = (QaLoop *)g_source_new(&funcs, sizeof(QaLoop));
    loop->lws = lws;
    loop->fd = fd;
    g_source_add_unix_fd(&loop->source, fd, G_IO_IN);
    g_source_set_ready_time(&loop->source, 0);
    g_source_attach(&loop->source, context);
    return loop;
}

void qa_loop_free(QaLoop *loop)
{
    if (loop != NULL) {
        g_source_destroy(&loop->source);
        close(loop->fd);
        g_source_unref(&loop->source);
    }
}

void qa_loop_add(QaLoop *loop, int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    if (epoll_ctl(loop->fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        shutdown(fd, SHUT_RDWR); // libwebsockets closes it
    }
    qa_loop_again(loop);
}

void qa_loop_again(QaLoop *loop)
{
    g_source_set_ready_time(&loop->source, 0);
}
