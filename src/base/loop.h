// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A thread with its own GMainContext. Any thread posts; the maker owns.

#include <glib.h>

typedef struct BaseLoop BaseLoop;

typedef void (*BaseFunc)(void *data);

/* `context` NULL: main. In order per sender. Freeing a context leaks queued `data`: stop senders
 * first. */
void base_post(GMainContext *context, BaseFunc func, void *data);

BaseLoop *base_loop_new(const char *name);

/* Runs earlier posts, then joins. */
void base_loop_free(BaseLoop *loop);

GMainContext *base_loop_context(BaseLoop *loop);

/* Waits for `func` to return. */
void base_loop_call(BaseLoop *loop, BaseFunc func, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseLoop, base_loop_free)
