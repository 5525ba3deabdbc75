// SPDX-License-Identifier: GPL-3.0-or-later
// Threads with a GMainContext; posts.
#include "base/loop.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

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

void base_thread_start(pthread_t *out, void *(*func)(void *), void *data)
{
    unsigned tries = 0;
    int result;
    do {
        result = pthread_create(out, NULL, func, data);
    } while (result == EAGAIN && base_try_again(&tries));
    if (result != 0) {
        g_error("the system gives no thread: %s. Raise LimitNPROC and TasksMax of the unit",
                g_strerror(result));
    }
}

int base_event_fd_new(void)
{
    unsigned tries = 0;
    int fd;
    do {
        fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    } while (fd < 0 && base_try_again(&tries));
    if (fd < 0) {
        g_error("the system gives no descriptor: %s. Raise LimitNOFILE of the unit",
                g_strerror(errno));
    }
    return fd;
}

static void *wait_for_end(void *data)
{
    pthread_mutex_lock(data);
    pthread_mutex_unlock(data);
    return NULL;
}

static int try_threads(unsigned count)
{
    g_autofree pthread_t *threads = g_new(pthread_t, count);
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    unsigned started = 0;
    int result = 0;
    pthread_mutex_lock(&mutex);
    while (result == 0 && started < count) {
        result = pthread_create(&threads[started], NULL, wait_for_end, &mutex);
        started += result == 0;
    }
    pthread_mutex_unlock(&mutex);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    return result;
}

static int try_descriptors(unsigned count)
{
    g_autofree int *fds = g_new(int, count);
    unsigned opened = 0;
    int result = 0;
    while (result == 0 && opened < count) {
        fds[opened] = eventfd(0, EFD_CLOEXEC);
        result = fds[opened] < 0 ? errno : 0;
        opened += result == 0;
    }
    for (unsigned i = 0; i < opened; i++) {
        close(fds[i]);
    }
    return result;
}

bool base_has_room(unsigned threads, unsigned descriptors, GError **error)
{
    int no_thread = try_threads(threads);
    int no_descriptor = no_thread == 0 ? try_descriptors(descriptors) : 0;
    if (no_thread != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the system gives this server no more threads (%s): end other sessions or "
                    "programs, or raise LimitNPROC and TasksMax of the unit",
                    g_strerror(no_thread));
    } else if (no_descriptor != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the system gives this server no more descriptors (%s): end other sessions, or "
                    "raise LimitNOFILE of the unit",
                    g_strerror(no_descriptor));
    }
    return no_thread == 0 && no_descriptor == 0;
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
    close(base_event_fd_new()); // GLib ends the program where it gets none
    loop->context = g_main_context_new();
    loop->loop = g_main_loop_new(loop->context, FALSE);
    base_thread_start(&loop->thread, run, loop);
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
