// SPDX-License-Identifier: GPL-3.0-or-later
// The database thread: batches jobs, posts results.
#include "store/store.h"

#include "base/clock.h"
#include "base/loop.h"
#include "store/db.h"
#include "store/reader.h"

#include <pthread.h>
#include <string.h>

#define BUSY_US (2 * BASE_US_PER_S)
#define MAX_BATCH 100 // per transaction
#define WARN_AGAIN_US (60 * BASE_US_PER_S)

typedef struct {
    StoreJob job;
    StoreDone done; // nullable
    void *data;
    GError *error;
    int64_t submitted_us;
    bool wrote;
    bool waited; // store_run() frees it
    bool finished;
} Work;

struct Store {
    StoreReader *reader;
    StoreDb *db;       // store thread
    int64_t warned_us; // store thread
    int warned_code;   // BaseError, store thread
    pthread_t thread;
    pthread_mutex_t mutex; // for the rest
    pthread_cond_t queued;
    pthread_cond_t finished;
    GQueue queue; // Work
    bool ending;
    // any thread
    BaseHistogram commit;
    atomic_uint_fast64_t failed;
};

static void work_free(Work *work)
{
    g_clear_error(&work->error);
    g_free(work);
}

static void on_done(void *data)
{
    Work *work = data;
    if (work->done != NULL) {
        work->done(work->data, work->error);
    }
    work_free(work);
}

/* Keeps an earlier error. */
static void fail_work(Work *work, const GError *why)
{
    if (work->error != NULL) {
        return;
    }
    work->error =
        why != NULL ? g_error_copy(why)
                    : g_error_new_literal(BASE_ERROR, BASE_ERROR_FAILED, "the change was not made");
}

static bool run_sql(StoreDb *db, const char *literal, GError **error)
{
    StoreQuery query = store_query(db, literal);
    return store_query_run(&query, NULL, error);
}

/* In a savepoint. False: SQLite rolled back all. */
static bool run_job(StoreDb *db, Work *work)
{
    GError **error = &work->error;
    int64_t changes = store_db_changes(db);
    bool good = run_sql(db, "SAVEPOINT job", error) && work->job(db, work->data, error);
    work->wrote = work->error != NULL || store_db_changes(db) != changes;
    if (good && work->wrote) {
        good = store_search_refresh(db, error) && store_people_refresh(db, error);
    }
    if (store_db_lost(db)) {
        if (work->error == NULL) {
            store_db_commit(db, error);
        }
        return false;
    }
    if (!good) {
        fail_work(work, NULL);
        db->seen_version = 0;
        good = run_sql(db, "ROLLBACK TO job", NULL);
    }
    return good && run_sql(db, "RELEASE job", NULL);
}

/* In its own transaction. */
static void run_alone(StoreDb *db, Work *work)
{
    g_autoptr(GError) error = NULL;
    g_clear_error(&work->error);
    if (!store_db_begin(db, &error)) {
        fail_work(work, error);
    } else if (!run_job(db, work) || !store_db_commit(db, &error)) {
        store_db_rollback(db);
        fail_work(work, error);
    }
}

/* After a full disk: small jobs succeed. A job that only read, before the first change, keeps its
 * result. */
static void run_singly(StoreDb *db, GPtrArray *works, guint first, guint end)
{
    bool changed = false;
    for (guint i = first; i < end; i++) {
        Work *work = works->pdata[i];
        changed = changed || work->wrote;
        if (changed) {
            run_alone(db, work);
        }
    }
}

/* One transaction, one disk sync. Advances `*next` past finished jobs. */
static void run_batch(Store *store, GPtrArray *works, guint *next)
{
    StoreDb *db = store->db;
    g_autoptr(GError) error = NULL;
    guint first = *next;
    // from submission: queued jobs fail together
    db->busy_until_us = ((Work *)works->pdata[first])->submitted_us + BUSY_US;
    if (!store_db_begin(db, &error)) {
        fail_work(works->pdata[(*next)++], error);
        return;
    }
    bool good = true;
    while (good && *next < works->len) {
        good = run_job(db, works->pdata[(*next)++]);
    }
    if (!good) {
        const Work *last = works->pdata[*next - 1];
        error = last->error != NULL ? g_error_copy(last->error) : NULL;
    }
    if (good && store_db_commit(db, &error)) {
        return;
    }
    store_db_rollback(db);
    if (*next - first > 1 && g_error_matches(error, BASE_ERROR, BASE_ERROR_FULL)) {
        run_singly(db, works, first, *next);
        return;
    }
    for (guint i = first; i < *next; i++) {
        fail_work(works->pdata[i], error);
    }
}

/* Once a minute per kind, except for store_run(). */
static void warn(Store *store, const GError *error)
{
    bool trouble = g_error_matches(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE) ||
                   g_error_matches(error, BASE_ERROR, BASE_ERROR_FULL);
    int64_t now_us = base_clock_us();
    bool lately = store->warned_us != 0 && now_us - store->warned_us < WARN_AGAIN_US;
    if (trouble && !(lately && store->warned_code == error->code)) {
        store->warned_us = now_us;
        store->warned_code = error->code;
        g_warning("changes are refused: %s", error->message);
    }
}

static void finish_work(Store *store, Work *work)
{
    if (work->error != NULL) {
        atomic_fetch_add_explicit(&store->failed, 1, memory_order_relaxed);
    } else if (work->wrote) {
        base_histogram_observe(&store->commit, base_clock_us() - work->submitted_us);
    }
    if (!work->waited) {
        warn(store, work->error);
        base_post(NULL, on_done, work);
        return;
    }
    pthread_mutex_lock(&store->mutex);
    work->finished = true;
    pthread_cond_broadcast(&store->finished);
    pthread_mutex_unlock(&store->mutex);
}

/* At most MAX_BATCH; none: end. */
static void take_works(Store *store, GPtrArray *works)
{
    pthread_mutex_lock(&store->mutex);
    while (g_queue_is_empty(&store->queue) && !store->ending) {
        pthread_cond_wait(&store->queued, &store->mutex);
    }
    while (works->len < MAX_BATCH && !g_queue_is_empty(&store->queue)) {
        g_ptr_array_add(works, g_queue_pop_head(&store->queue));
    }
    pthread_mutex_unlock(&store->mutex);
}

static void *run(void *data)
{
    Store *store = data;
    pthread_setname_np(pthread_self(), "store");
    g_autoptr(GPtrArray) works = g_ptr_array_new();
    for (take_works(store, works); works->len > 0; take_works(store, works)) {
        guint next = 0;
        while (next < works->len) {
            guint first = next;
            run_batch(store, works, &next);
            for (guint i = first; i < next; i++) {
                finish_work(store, works->pdata[i]);
            }
        }
        g_ptr_array_set_size(works, 0);
    }
    return NULL;
}

static const char *url_path(const char *url, GError **error)
{
    const char *path = g_str_has_prefix(url, "sqlite:") ? url + strlen("sqlite:") : "";
    if (path[0] == '\0' || path[0] == ':') {
        // the rest may hold a password
        g_autofree char *scheme = g_strndup(url, strcspn(url, ":"));
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "the store's url begins with \"%s:\", and only sqlite:PATH (a file) is allowed",
                    scheme);
        return NULL;
    }
    return path;
}

/* Old rows after a migration, and what another program wrote. */
static bool refresh(StoreDb *db, GError **error)
{
    bool good = store_db_begin(db, error) && store_search_refresh(db, error) &&
                store_people_refresh(db, error) && store_db_commit(db, error);
    if (!good) {
        store_db_rollback(db);
    }
    return good;
}

Store *store_new(const char *url, GError **error)
{
    const char *path = url_path(url, error);
    if (path == NULL) {
        return NULL;
    }
    g_autoptr(StoreDb) db = store_db_open(path, error);
    if (db == NULL) {
        return NULL;
    }
    if (!store_migrate(db, error) || !refresh(db, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    Store *store = g_new0(Store, 1);
    store->db = g_steal_pointer(&db);
    store->reader = store_reader_new(path);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->queued, NULL);
    pthread_cond_init(&store->finished, NULL);
    g_queue_init(&store->queue);
    base_thread_start(&store->thread, run, store);
    return store;
}

void store_free(Store *store)
{
    if (store == NULL) {
        return;
    }
    store_reader_free(store->reader); // the last connection removes -wal
    pthread_mutex_lock(&store->mutex);
    store->ending = true;
    pthread_cond_signal(&store->queued);
    pthread_mutex_unlock(&store->mutex);
    pthread_join(store->thread, NULL);
    store_db_close(store->db);
    pthread_cond_destroy(&store->finished);
    pthread_cond_destroy(&store->queued);
    pthread_mutex_destroy(&store->mutex);
    g_free(store);
}

void store_stats(Store *store, StoreStats *out)
{
    *out = (StoreStats){.failed = atomic_load_explicit(&store->failed, memory_order_relaxed)};
    base_histogram_read(&store->commit, &out->commit);
    pthread_mutex_lock(&store->mutex);
    out->waiting = store->queue.length;
    pthread_mutex_unlock(&store->mutex);
}

static Work *work_new(StoreJob job, void *data)
{
    Work *work = g_new0(Work, 1);
    *work = (Work){.job = job, .data = data, .submitted_us = base_clock_us()};
    return work;
}

/* False: queue full. */
static bool enqueue(Store *store, Work *work)
{
    pthread_mutex_lock(&store->mutex);
    bool room = store->queue.length < STORE_QUEUE_MAX;
    if (room) {
        g_queue_push_tail(&store->queue, work);
        pthread_cond_signal(&store->queued);
    }
    pthread_mutex_unlock(&store->mutex);
    if (!room) {
        g_set_error(&work->error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "too many changes wait for the database: try again later");
    }
    return room;
}

void store_submit(Store *store, StoreJob job, StoreDone done, void *data)
{
    Work *work = work_new(job, data);
    work->done = done;
    if (!enqueue(store, work)) {
        base_post(NULL, on_done, work);
    }
}

bool store_run(Store *store, StoreJob job, void *data, GError **error)
{
    Work *work = work_new(job, data);
    work->waited = true;
    if (enqueue(store, work)) {
        pthread_mutex_lock(&store->mutex);
        while (!work->finished) {
            pthread_cond_wait(&store->finished, &store->mutex);
        }
        pthread_mutex_unlock(&store->mutex);
    }
    bool good = work->error == NULL;
    if (!good) {
        g_propagate_error(error, g_steal_pointer(&work->error));
    }
    work_free(work);
    return good;
}

void store_submit_read(Store *store, StoreJob job, StoreDone done, void *data)
{
    store_reader_submit(store->reader, job, done, data);
}
