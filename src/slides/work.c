// SPDX-License-Identifier: GPL-3.0-or-later
// The thread of slides.
#include "slides/work.h"

#include "base/loop.h"
#include "base/refs.h"
#include "slides/deck.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    SlidesWork *work;
    char *digest, *path;
    uint64_t serial;
    bool plain; // without letters by cairo's script, which is seldom used elsewhere
    GPtrArray *texts;
} Job;

/* Results may be on their way to main when the work is freed. */
typedef struct {
    BaseRefs refs;
    SlidesWorkDone done; // NULL: freed. Main thread
    void *data;
} Link;

typedef struct {
    Link *link;
    SlidesResult result;
} Post;

struct SlidesWork {
    BaseLoop *loop;
    Link *link;
    char *folder, *binary;
    SlidesLimits limits;
    // the loop's thread
    GQueue waiting; // Job
    Job *job;       // being rendered; nullable
    SlidesChild *child;
    bool told_gaps;
};

static void job_free(Job *job)
{
    g_free(job->digest);
    g_free(job->path);
    g_ptr_array_unref(job->texts);
    g_free(job);
}

static void link_unref(Link *link)
{
    if (base_refs_dec(&link->refs)) {
        g_free(link);
    }
}

/* Main thread. */
static void on_result(void *data)
{
    Post *post = data;
    if (post->link->done != NULL) {
        post->link->done(post->link->data, &post->result);
    }
    link_unref(post->link);
    g_free(post->result.digest);
    g_strfreev(post->result.texts);
    g_free(post);
}

/* Takes both. */
static void tell(Job *job, char **texts, BaseCode problem)
{
    Post *post = g_new0(Post, 1);
    post->link = job->work->link;
    base_refs_inc(&post->link->refs);
    post->result = (SlidesResult){
        .digest = g_strdup(job->digest), .serial = job->serial, .texts = texts, .problem = problem};
    job_free(job);
    base_post(NULL, on_result, post);
}

/* The loop's thread */

static void start_next(SlidesWork *work);

static BaseCode code_of(int result)
{
    if (result < 0) {
        g_warning("slides cannot be written: %s", g_strerror(-result));
    }
    return result == 0                              ? BASE_CODE_NONE
           : result == -ENOSPC || result == -EDQUOT ? BASE_CODE_FULL
                                                    : BASE_CODE_SLIDES_FAILED;
}

static void tell_gaps(SlidesWork *work, const SlidesMessage *message)
{
    if (!work->told_gaps) {
        g_info("slides: %.*s", (int)message->size, (const char *)message->data);
        work->told_gaps = true;
    }
}

static BaseCode on_message(void *data, const SlidesMessage *message)
{
    SlidesWork *work = data;
    Job *job = work->job;
    switch (message->type) {
    case SLIDES_GAPS:
        tell_gaps(work, message);
        return BASE_CODE_NONE;
    case SLIDES_PICTURE:
    case SLIDES_THUMB:
        return code_of(slides_disk_write(work->folder, job->digest, message->page,
                                         message->type == SLIDES_PICTURE ? "png" : "jpg",
                                         message->data, message->size));
    case SLIDES_TEXT:
        g_ptr_array_add(job->texts, g_strndup((const char *)message->data, message->size));
        return BASE_CODE_NONE;
    default:
        return BASE_CODE_NONE;
    }
}

static char **take_texts(Job *job)
{
    g_ptr_array_add(job->texts, NULL);
    GPtrArray *texts = g_steal_pointer(&job->texts);
    job->texts = g_ptr_array_new();
    return (char **)g_ptr_array_free(texts, FALSE);
}

static void on_ended(void *data, BaseCode problem)
{
    SlidesWork *work = data;
    Job *job = g_steal_pointer(&work->job);
    bool again = slides_child_crashed(work->child) && !job->plain;
    g_clear_pointer(&work->child, slides_child_free);
    if (again) {
        job->plain = true;
        g_ptr_array_set_size(job->texts, 0);
        g_queue_push_head(&work->waiting, job);
        start_next(work);
        return;
    }
    g_auto(GStrv) texts = take_texts(job);
    if (problem == BASE_CODE_NONE) {
        problem = code_of(slides_disk_finish(work->folder, job->digest, texts));
    }
    if (problem != BASE_CODE_NONE) {
        slides_disk_remove(work->folder, job->digest);
        g_clear_pointer(&texts, g_strfreev);
    }
    tell(job, g_steal_pointer(&texts), problem);
    start_next(work);
}

static BaseCode start_child(SlidesWork *work)
{
    const SlidesChildEvents events = {.message = on_message, .ended = on_ended, .data = work};
    int pdf = open(work->job->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (pdf < 0) {
        g_warning("slides: cannot read %s: %s", work->job->path, g_strerror(errno));
        return BASE_CODE_SLIDES_FAILED;
    }
    int result = slides_disk_begin(work->folder, work->job->digest);
    if (result < 0) {
        close(pdf);
        return code_of(result);
    }
    g_autoptr(GError) error = NULL;
    SlidesLimits limits = work->limits;
    limits.letters_s = work->job->plain ? 0 : limits.letters_s;
    work->child = slides_child_new(work->binary, pdf, &limits, &events, &error);
    if (work->child == NULL) {
        g_warning("slides: the child cannot be started: %s", error->message);
        return BASE_CODE_SLIDES_FAILED;
    }
    return BASE_CODE_NONE;
}

static void start_next(SlidesWork *work)
{
    while (work->job == NULL && (work->job = g_queue_pop_head(&work->waiting)) != NULL) {
        BaseCode problem = start_child(work);
        if (problem != BASE_CODE_NONE) {
            slides_disk_remove(work->folder, work->job->digest);
            tell(g_steal_pointer(&work->job), NULL, problem);
        }
    }
}

static void on_prepare(void *data)
{
    Job *job = data;
    SlidesWork *work = job->work;
    char **texts = slides_disk_load(work->folder, job->digest);
    if (texts != NULL) {
        tell(job, texts, BASE_CODE_NONE);
    } else {
        g_queue_push_tail(&work->waiting, job);
        start_next(work);
    }
}

static void on_forget(void *data)
{
    Job *job = data; // without path
    SlidesWork *work = job->work;
    for (GList *at = work->waiting.head, *next; at != NULL; at = next) {
        next = at->next;
        Job *other = at->data;
        if (strcmp(other->digest, job->digest) == 0) {
            g_queue_delete_link(&work->waiting, at);
            job_free(other);
        }
    }
    if (work->job != NULL && strcmp(work->job->digest, job->digest) == 0) {
        g_clear_pointer(&work->child, slides_child_free);
        g_clear_pointer(&work->job, job_free);
    }
    slides_disk_remove(work->folder, job->digest);
    job_free(job);
    start_next(work);
}

static void on_begin(void *data)
{
    SlidesWork *work = data;
    slides_disk_sweep(work->folder);
}

static void on_stop(void *data)
{
    SlidesWork *work = data;
    g_clear_pointer(&work->child, slides_child_free);
    g_clear_pointer(&work->job, job_free);
    g_queue_clear_full(&work->waiting, (GDestroyNotify)job_free);
}

/* Main thread */

static void post(SlidesWork *work, BaseFunc func, uint64_t serial, const char *digest,
                 const char *path)
{
    Job *job = g_new0(Job, 1);
    *job = (Job){.work = work,
                 .digest = g_strdup(digest),
                 .path = g_strdup(path),
                 .serial = serial,
                 .texts = g_ptr_array_new_with_free_func(g_free)};
    base_post(base_loop_context(work->loop), func, job);
}

SlidesWork *slides_work_new(const char *folder, const char *binary, const SlidesLimits *limits,
                            SlidesWorkDone done, void *data)
{
    SlidesWork *work = g_new0(SlidesWork, 1);
    work->folder = g_strdup(folder);
    work->binary = g_strdup(binary);
    work->limits = *limits;
    work->link = g_new0(Link, 1);
    base_refs_init(&work->link->refs);
    work->link->done = done;
    work->link->data = data;
    work->loop = base_loop_new("slides");
    base_post(base_loop_context(work->loop), on_begin, work);
    return work;
}

void slides_work_free(SlidesWork *work)
{
    if (work == NULL) {
        return;
    }
    base_post(base_loop_context(work->loop), on_stop, work);
    base_loop_free(work->loop);
    work->link->done = NULL;
    link_unref(work->link);
    g_free(work->folder);
    g_free(work->binary);
    g_free(work);
}

void slides_work_prepare(SlidesWork *work, uint64_t serial, const char *digest, const char *path)
{
    post(work, on_prepare, serial, digest, path);
}

void slides_work_forget(SlidesWork *work, const char *digest)
{
    post(work, on_forget, 0, digest, NULL);
}
