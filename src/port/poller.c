// SPDX-License-Identifier: GPL-3.0-or-later
// One epoll for all HTTP connections of a thread.
#include "port/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 256 // then other sources run

struct PortPoller {
    GSource source;
    int fd;
    GQueue again; // PortPollerEntry
    /* While dispatching. */
    struct epoll_event events[EVENTS_AT_ONCE];
    int at, count;
};

static void run_again(PortPoller *poll)
{
    for (guint left = poll->again.length; left > 0 && poll->again.length > 0; left--) {
        PortPollerEntry *entry = g_queue_pop_head_link(&poll->again)->data;
        entry->queued = false;
        entry->ready(entry->data);
    }
    if (poll->again.length > 0) {
        g_source_set_ready_time(&poll->source, 0);
    }
}

static gboolean dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    (void)func, (void)data;
    PortPoller *poll = (PortPoller *)source;
    g_source_set_ready_time(source, -1);
    poll->count = epoll_wait(poll->fd, poll->events, EVENTS_AT_ONCE, 0);
    for (poll->at = 0; poll->at < poll->count; poll->at++) {
        PortPollerEntry *entry = poll->events[poll->at].data.ptr;
        if (entry != NULL) {
            entry->ready(entry->data);
        }
    }
    poll->count = 0;
    run_again(poll);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = {.dispatch = dispatch};

PortPoller *port_poller_new(GMainContext *context)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        g_error("no epoll: %s", g_strerror(errno));
    }
    PortPoller *poll = (PortPoller *)g_source_new(&funcs, sizeof(PortPoller));
    poll->fd = fd;
    poll->count = 0;
    g_queue_init(&poll->again);
    g_source_add_unix_fd(&poll->source, fd, G_IO_IN);
    g_source_attach(&poll->source, context);
    return poll;
}

void port_poller_free(PortPoller *poll)
{
    g_assert(poll->again.length == 0);
    g_source_destroy(&poll->source);
    close(poll->fd);
    g_source_unref(&poll->source);
}

void port_poller_add(PortPoller *poll, PortPollerEntry *entry, int fd)
{
    entry->poll = poll;
    entry->fd = fd;
    entry->again.data = entry;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = entry};
    if (epoll_ctl(poll->fd, EPOLL_CTL_ADD, fd, &event) < 0 && errno != EPERM) { // files: tests
        shutdown(fd, SHUT_RDWR); // ready() reads the end, or the connection would hang
    }
    port_poller_again(entry);
}

void port_poller_remove(PortPollerEntry *entry)
{
    PortPoller *poll = entry->poll;
    if (poll == NULL) {
        return;
    }
    epoll_ctl(poll->fd, EPOLL_CTL_DEL, entry->fd, NULL);
    for (int i = poll->at + 1; i < poll->count; i++) {
        if (poll->events[i].data.ptr == entry) {
            poll->events[i].data.ptr = NULL;
        }
    }
    if (entry->queued) {
        g_queue_unlink(&poll->again, &entry->again);
    }
    *entry = (PortPollerEntry){0};
}

void port_poller_again(PortPollerEntry *entry)
{
    if (entry->poll != NULL && !entry->queued) {
        entry->queued = true;
        g_queue_push_tail_link(&entry->poll->again, &entry->again);
        g_source_set_ready_time(&entry->poll->source, 0);
    }
}
