// SPDX-License-Identifier: GPL-3.0-or-later
// Asks a disk on a thread, which is abandoned if it hangs.
#include "archive/archive.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define LEFT_MAX 8 // abandoned threads; beyond: no

typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    char *directory;
    bool answered, left;
} Question;

static atomic_uint waiting;

static void free_question(Question *question)
{
    pthread_cond_destroy(&question->changed);
    pthread_mutex_destroy(&question->mutex);
    g_free(question->directory);
    g_free(question);
}

static void *ask(void *data)
{
    Question *question = data;
    uint64_t bytes;
    archive_free_bytes(question->directory, &bytes);
    atomic_fetch_sub(&waiting, 1);
    pthread_mutex_lock(&question->mutex);
    question->answered = true;
    bool left = question->left;
    pthread_cond_signal(&question->changed);
    pthread_mutex_unlock(&question->mutex);
    if (left) {
        free_question(question);
    }
    return NULL;
}

static Question *new_question(const char *directory)
{
    Question *question = g_new0(Question, 1);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&question->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&question->mutex, NULL);
    question->directory = g_strdup(directory);
    return question;
}

static bool wait_for(Question *question, unsigned wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&question->mutex);
    int result = 0;
    while (!question->answered && result == 0) {
        result = pthread_cond_timedwait(&question->changed, &question->mutex, &until);
    }
    bool answered = question->answered;
    question->left = !answered;
    pthread_mutex_unlock(&question->mutex);
    return answered;
}

bool archive_probe(const char *directory, unsigned wait_ms)
{
    if (atomic_load(&waiting) >= LEFT_MAX) {
        return false;
    }
    Question *question = new_question(directory);
    pthread_t thread;
    atomic_fetch_add(&waiting, 1);
    if (pthread_create(&thread, NULL, ask, question) != 0) {
        atomic_fetch_sub(&waiting, 1);
        free_question(question);
        return false;
    }
    pthread_detach(thread);
    bool answered = wait_for(question, wait_ms);
    if (answered) {
        free_question(question);
    }
    return answered;
}
