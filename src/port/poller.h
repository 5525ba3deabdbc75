// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Edge-triggered epoll of a serving thread, as one GSource. GLib's poll() walks every descriptor
// each turn: at 1,000 connections, more than a request costs.

#include <glib.h>
#include <stdbool.h>

typedef struct PortPoller PortPoller;

/* In a connection's wire. Zero: not watched. */
typedef struct {
    PortPoller *poll;
    int fd;
    void (*ready)(void *data);
    void *data;
    GList again; // in the poll's list
    bool queued;
} PortPollerEntry;

PortPoller *port_poller_new(GMainContext *context);
/* Without entries. */
void port_poller_free(PortPoller *poll);

/* Calls `ready` on the context's thread after changes to readable or writable, and once soon. */
void port_poller_add(PortPoller *poll, PortPollerEntry *entry, int fd);
/* Before `fd` is closed. No call follows. */
void port_poller_remove(PortPollerEntry *entry);
/* Calls `ready` in the next turn. */
void port_poller_again(PortPollerEntry *entry);
