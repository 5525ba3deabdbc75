// SPDX-License-Identifier: GPL-3.0-or-later
// Reads beside the store thread, each job within a time.
#include "store/reader.h"

#include "base/clock.h"
#include "base/loop.h"
#include "store/db.h"

#include <pthread.h>

#define STEPS_BETWEEN_LOOKS 1000
#define CACHE_KB "8192"

typedef struct {
    StoreJob job;
    StoreDone done;
    void *data;
    GError *error;
    int64_t until_us;
} Read;

struct StoreReader {
    char *path;
    bool started; // main thread
    pthread_t thread;
    StoreDb *db; // reader thread; nullable
    pthread_mutex_t mutex;
    pthread_cond_t queued;
    GQueue queue; // Read
    bool ending;
};

static void on_done(void *data)
{
    Read *read = data;
    read->done(read->data, read->error);
    g_clear_error(&read->error);
    g_free(read);
}

static int is_past(void *data)
{
    return base_clock_us() >= *(const int64_t *)data;
}

static bool open_once(StoreReader *reader, GError **error)
{
    if (reader->db == NULL) {
        reader->db = store_db_open_read_only(reader->path, error);
        if (reader->db != NULL) {
            store_db_exec(reader->db, "PRAGMA cache_size = -" CACHE_KB, NULL);
            store_db_exec(reader->db, "PRAGMA temp_store = MEMORY", NULL);
        }
    }
    return reader->db != NULL;
}

static void run_job(StoreReader *reader, Read *read)
{
    if (!open_once(reader, &read->error)) {
        return;
    }
    StoreDb *db = reader->db;
    db->busy_until_us = read->until_us;
    sqlite3_progress_handler(db->sqlite, STEPS_BETWEEN_LOOKS, is_past, &read->until_us);
    StoreQuery begin = store_query(db, "BEGIN");
    bool good =
        store_query_run(&begin, NULL, &read->error) && read->job(db, read->data, &read->error);
    sqlite3_progress_handler(db->sqlite, 0, NULL, NULL);
    store_db_rollback(db);
    if (!good && read->error == NULL) {
        g_set_error(&read->error, BASE_ERROR, BASE_ERROR_FAILED, "nothing was read");
    }
}

/* NULL: end. */
static Read *take(StoreReader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    while (g_queue_is_empty(&reader->queue) && !reader->ending) {
        pthread_cond_wait(&reader->queued, &reader->mutex);
    }
    Read *read = reader->ending ? NULL : g_queue_pop_head(&reader->queue);
    pthread_mutex_unlock(&reader->mutex);
    return read;
}

static void *run(void *data)
{
    StoreReader *reader = data;
    pthread_setname_np(pthread_self(), "store-read");
    for (Read *read; (read = take(reader)) != NULL;) {
        run_job(reader, read);
        base_post(NULL, on_done, read);
    }
    store_db_close(reader->db);
    return NULL;
}

StoreReader *store_reader_new(const char *path)
{
    StoreReader *reader = g_new0(StoreReader, 1);
    reader->path = g_strdup(path);
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->queued, NULL);
    g_queue_init(&reader->queue);
    return reader;
}

void store_reader_free(StoreReader *reader)
{
    if (reader == NULL) {
        return;
    }
    pthread_mutex_lock(&reader->mutex);
    reader->ending = true;
    pthread_cond_signal(&reader->queued);
    pthread_mutex_unlock(&reader->mutex);
    if (reader->started) {
        pthread_join(reader->thread, NULL);
    }
    for (Read *read; (read = g_queue_pop_head(&reader->queue)) != NULL;) {
        g_set_error(&read->error, BASE_ERROR, BASE_ERROR_UNAVAILABLE, "the server stops");
        base_post(NULL, on_done, read);
    }
    pthread_cond_destroy(&reader->queued);
    pthread_mutex_destroy(&reader->mutex);
    g_free(reader->path);
    g_free(reader);
}

static bool enqueue(StoreReader *reader, Read *read)
{
    pthread_mutex_lock(&reader->mutex);
    bool room = reader->queue.length < STORE_READ_QUEUE_MAX;
    if (room) {
        g_queue_push_tail(&reader->queue, read);
        pthread_cond_signal(&reader->queued);
    }
    pthread_mutex_unlock(&reader->mutex);
    return room;
}

void store_reader_submit(StoreReader *reader, StoreJob job, StoreDone done, void *data)
{
    Read *read = g_new0(Read, 1);
    *read = (Read){
        .job = job, .done = done, .data = data, .until_us = base_clock_us() + STORE_READ_LIMIT_US};
    if (!reader->started) {
        reader->started = true;
        base_thread_start(&reader->thread, run, reader);
    }
    if (!enqueue(reader, read)) {
        g_set_error(&read->error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "too many searches wait: try again later");
        base_post(NULL, on_done, read);
    }
}
