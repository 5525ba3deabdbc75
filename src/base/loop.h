// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A thread with its own GMainContext. Any thread posts; the maker owns.

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>

typedef struct BaseLoop BaseLoop;

typedef void (*BaseFunc)(void *data);

/* `context` NULL: main. In order per sender. Freeing a context leaks queued `data`: stop senders
 * first. */
void base_post(GMainContext *context, BaseFunc func, void *data);

/* Like base_thread_start(). */
BaseLoop *base_loop_new(const char *name);

/* Runs earlier posts, then joins. */
void base_loop_free(BaseLoop *loop);

GMainContext *base_loop_context(BaseLoop *loop);

/* Waits for `func` to return. */
void base_loop_call(BaseLoop *loop, BaseFunc func, void *data);

/* Both wait up to a second for threads or descriptors, then end the program. Where a refusal is
 * possible, ask base_has_room() first. */
void base_thread_start(pthread_t *out, void *(*func)(void *), void *data);
int base_event_fd_new(void);

/* The system gives so many threads and descriptors now; else BASE_ERROR_UNAVAILABLE. Any thread;
 * takes milliseconds. */
bool base_has_room(unsigned threads, unsigned descriptors, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseLoop, base_loop_free)
