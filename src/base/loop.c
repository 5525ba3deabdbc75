// SPDX-License-Identifier: GPL-3.0-or-later
// Threads with a GMainContext; posts.
#include "base/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct BaseLoop {
    GMainContext *context;
    GMainLoop *loop;
    pthread_t thread;
    char name[16];
};

typedef struct {
    BaseFunc func;
    void *data;
    atomic_bool sent; // for sanitizers
} Post;

static gboolean on_post(gpointer data)
{
    Post *post = data;
    bool sent = atomic_load_explicit(&post->sent, memory_order_acquire);
    g_assert(sent);
    post->func(post->data);
    return G_SOURCE_REMOVE;
}

void base_post(GMainContext *context, BaseFunc func, void *data)
{
    Post *post = g_new(Post, 1);
    post->func = func;
    post->data = data;
    atomic_init(&post->sent, false);
    atomic_store_explicit(&post->sent, true, memory_order_release);
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, on_post, post, g_free);
    g_source_attach(source, context);
    g_source_unref(source);
}

static void *run(void *data)
{
    BaseLoop *loop = data;
    pthread_setname_np(pthread_self(), loop->name);
    g_main_context_push_thread_default(loop->context);
    g_main_loop_run(loop->loop);
    g_main_context_pop_thread_default(loop->context);
    return NULL;
}

BaseLoop *base_loop_new(const char *name)
{
    BaseLoop *loop = g_new0(BaseLoop, 1);
    g_strlcpy(loop->name, name, sizeof loop->name);
    loop->context = g_main_context_new();
    loop->loop = g_main_loop_new(loop->context, FALSE);
    int result = pthread_create(&loop->thread, NULL, run, loop);
    g_assert(result == 0);
    return loop;
}

static void on_quit(void *data)
{
    g_main_loop_quit(data);
}

void base_loop_free(BaseLoop *loop)
{
    if (loop == NULL) {
        return;
    }
    base_post(loop->context, on_quit, loop->loop);
    pthread_join(loop->thread, NULL);
    g_main_loop_unref(loop->loop);
    g_main_context_unref(loop->context);
    g_free(loop);
}

GMainContext *base_loop_context(BaseLoop *loop)
{
    return loop->context;
}

typedef struct {
    BaseFunc func;
    void *data;
    pthread_mutex_t mutex;
    pthread_cond_t done_changed;
    bool done;
} Call;

static void on_call(void *data)
{
    Call *call = data;
    call->func(call->data);
    pthread_mutex_lock(&call->mutex);
    call->done = true;
    pthread_cond_signal(&call->done_changed);
    pthread_mutex_unlock(&call->mutex);
}

void base_loop_call(BaseLoop *loop, BaseFunc func, void *data)
{
    Call call = {.func = func, .data = data};
    pthread_mutex_init(&call.mutex, NULL);
    pthread_cond_init(&call.done_changed, NULL);
    base_post(loop->context, on_call, &call);
    pthread_mutex_lock(&call.mutex);
    while (!call.done) {
        pthread_cond_wait(&call.done_changed, &call.mutex);
    }
    pthread_mutex_unlock(&call.mutex);
    pthread_mutex_destroy(&call.mutex);
    pthread_cond_destroy(&call.done_changed);
}
