// SPDX-License-Identifier: GPL-3.0-or-later
// Refuses new viewers where the server is full.
#include "http/limits/admission.h"

#include <pthread.h>

#define LOOKS 3          // in a row over a limit, before refusing
#define LOOKS_CLEAR 5    // and below it, before admitting
#define SLACK_PERCENT 10 // this much below a limit

typedef struct {
    int64_t at_us; // last (clock)
    HttpUse use;
} Seen;

typedef struct {
    bool full;
    unsigned looks; // in a row against `full`
} Gauge;

struct HttpAdmission {
    HttpLimits limits;
    pthread_mutex_t mutex;
    GHashTable *seen; // "use session person" -> Seen
    Gauge load, memory;
    HttpAdmissionStats stats;
};

HttpAdmission *http_admission_new(const HttpLimits *limits)
{
    HttpAdmission *admission = g_new0(HttpAdmission, 1);
    admission->limits = *limits;
    admission->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&admission->mutex, NULL);
    return admission;
}

void http_admission_free(HttpAdmission *admission)
{
    if (admission != NULL) {
        g_hash_table_unref(admission->seen);
        pthread_mutex_destroy(&admission->mutex);
        g_free(admission);
    }
}

static HttpRoom room(const HttpAdmission *admission, HttpUse use)
{
    const HttpLimits *limits = &admission->limits;
    return admission->load.full     ? HTTP_FULL_LOAD
           : admission->memory.full ? HTTP_FULL_MEMORY
           : use == HTTP_WATCHES && limits->max_viewers != 0 &&
                   admission->stats.viewers >= limits->max_viewers
               ? HTTP_FULL_VIEWERS
               : HTTP_ROOM;
}

/* True: seen recently. */
static bool refresh(HttpAdmission *admission, const char *key, int64_t now_us)
{
    Seen *seen = g_hash_table_lookup(admission->seen, key);
    if (seen == NULL || now_us - seen->at_us > HTTP_KNOWN_US) {
        return false;
    }
    admission->stats.viewers += seen->use == HTTP_WATCHES && now_us - seen->at_us > HTTP_WATCHES_US;
    seen->at_us = now_us;
    return true;
}

static char *key_of(HttpUse use, const char *session, const char *person)
{
    return g_strconcat(use == HTTP_WATCHES ? "watches " : "reads ", session, " ", person, NULL);
}

bool http_admission_take(HttpAdmission *admission, HttpUse use, const char *session,
                         const char *person, bool privileged, int64_t now_us)
{
    if (privileged) {
        return true; // takes no place
    }
    g_autofree char *key = key_of(use, session, person);
    pthread_mutex_lock(&admission->mutex);
    bool known = refresh(admission, key, now_us);
    bool taken = known || room(admission, use) == HTTP_ROOM;
    if (!known && taken) {
        const Seen seen = {.at_us = now_us, .use = use};
        g_hash_table_insert(admission->seen, g_steal_pointer(&key), g_memdup2(&seen, sizeof seen));
        admission->stats.viewers += use == HTTP_WATCHES;
    }
    admission->stats.refused += !taken;
    pthread_mutex_unlock(&admission->mutex);
    return taken;
}

void http_admission_keep(HttpAdmission *admission, HttpUse use, const char *session,
                         const char *person, int64_t now_us)
{
    if (admission == NULL) {
        return;
    }
    g_autofree char *key = key_of(use, session, person);
    pthread_mutex_lock(&admission->mutex);
    refresh(admission, key, now_us);
    pthread_mutex_unlock(&admission->mutex);
}

/* Forgets the absent. */
static void sweep(HttpAdmission *admission, int64_t now_us)
{
    GHashTableIter iter;
    gpointer value;
    admission->stats.viewers = 0;
    g_hash_table_iter_init(&iter, admission->seen);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Seen *seen = value;
        int64_t ago_us = now_us - seen->at_us;
        admission->stats.viewers += seen->use == HTTP_WATCHES && ago_us <= HTTP_WATCHES_US;
        if (ago_us > HTTP_KNOWN_US) {
            g_hash_table_iter_remove(&iter);
        }
    }
}

/* One look may be chance. */
static void gauge_look(Gauge *gauge, bool over, bool clear)
{
    bool against = gauge->full ? clear : over;
    gauge->looks = against ? gauge->looks + 1 : 0;
    if (gauge->looks >= (gauge->full ? LOOKS_CLEAR : LOOKS)) {
        gauge->full = !gauge->full;
        gauge->looks = 0;
    }
}

bool http_admission_measured(HttpAdmission *admission, unsigned busiest_percent,
                             uint64_t memory_bytes, int64_t now_us)
{
    const HttpLimits *limits = &admission->limits;
    unsigned most = limits->max_load;
    uint64_t least = limits->min_memory;
    pthread_mutex_lock(&admission->mutex);
    bool full = admission->load.full || admission->memory.full;
    gauge_look(&admission->load, most != 0 && busiest_percent >= most,
               busiest_percent < most - most * SLACK_PERCENT / 100 || busiest_percent == 0);
    gauge_look(&admission->memory,
               memory_bytes<least, memory_bytes> least + least / 100 * SLACK_PERCENT);
    sweep(admission, now_us);
    admission->stats.busiest_percent = busiest_percent;
    admission->stats.memory_bytes = memory_bytes;
    bool changed = full != (admission->load.full || admission->memory.full);
    pthread_mutex_unlock(&admission->mutex);
    return changed;
}

void http_admission_stats(HttpAdmission *admission, HttpAdmissionStats *out)
{
    pthread_mutex_lock(&admission->mutex);
    *out = admission->stats;
    out->room = room(admission, HTTP_WATCHES);
    pthread_mutex_unlock(&admission->mutex);
}
