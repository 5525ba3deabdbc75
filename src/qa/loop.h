// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Serves libwebsockets from a GMainContext when one epoll says that a socket is ready. Socket
// thread.

#include <glib.h>

struct lws_context;
typedef struct QaLoop QaLoop;

/* `lws` has no event loop of its own. NULL: no descriptor. */
QaLoop *qa_loop_new(GMainContext *context, struct lws_context *lws);
/* Before `lws` is destroyed. */
void qa_loop_free(QaLoop *loop);

/* A socket of `lws`, until it is closed. */
void qa_loop_add(QaLoop *loop, int fd);
/* Makes lws_service() run in the next turn: call it after queueing a write outside of a callback,
 * and in each callback. It looks at all sockets, in one poll(). */
void qa_loop_again(QaLoop *loop);
