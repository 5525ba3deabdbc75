// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A thread with a GMainContext of its own, and the one way to hand work to another thread's loop.
// base_post() may be called from any thread; everything else from the thread that made the loop.

#include <glib.h>

typedef struct BaseLoop BaseLoop;

typedef void (*BaseFunc)(void *data);

/* Runs `func(data)` later on the thread that iterates `context` (NULL: the main thread). Never runs
 * it in place; posts from one thread to one context keep their order. `data` stays the caller's
 * until `func` has it; a context that is freed first drops what was posted (`data` then leaks, so
 * stop the senders first). */
void base_post(GMainContext *context, BaseFunc func, void *data);

/* Starts a thread named `name` (15 characters are visible) that iterates a new context.
 * Full ownership. */
BaseLoop *base_loop_new(const char *name);

/* Runs what was posted before the call, then ends and joins the thread. NULL is allowed. */
void base_loop_free(BaseLoop *loop);

/* Owned by the loop. */
GMainContext *base_loop_context(BaseLoop *loop);

/* Runs `func(data)` on the loop's thread and waits for it. For start and stop only. */
void base_loop_call(BaseLoop *loop, BaseFunc func, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseLoop, base_loop_free)
