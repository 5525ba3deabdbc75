// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Admits viewers by places, processor and memory, and readers of recordings by the latter two; never
// stops watchers, staff or speakers. Any thread; a short lock.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HTTP_WATCHES_US (10 * G_USEC_PER_SEC) // a viewer so long after the last sign
#define HTTP_KNOWN_US (60 * G_USEC_PER_SEC)   // then a new viewer

/* 0: no limit. */
typedef struct {
    unsigned max_viewers; // people and sessions
    unsigned max_load;    // percent of a core, busiest serving thread
    uint64_t min_memory;  // bytes left
} HttpLimits;

typedef enum {
    HTTP_ROOM,
    HTTP_FULL_VIEWERS,
    HTTP_FULL_LOAD,
    HTTP_FULL_MEMORY,
} HttpRoom;

typedef enum {
    HTTP_WATCHES, // live
    HTTP_READS,   // a recording: takes no viewer's place
} HttpUse;

typedef struct HttpAdmission HttpAdmission;

HttpAdmission *http_admission_new(const HttpLimits *limits);
void http_admission_free(HttpAdmission *admission);

/* Monotonic `now_us`. True: admitted and noted; always if `privileged`. */
bool http_admission_take(HttpAdmission *admission, HttpUse use, const char *session,
                         const char *person, bool privileged, int64_t now_us);
/* Still does. `admission` is nullable. */
void http_admission_keep(HttpAdmission *admission, HttpUse use, const char *session,
                         const char *person, int64_t now_us);

/* Every second. True: the answer to newcomers changed. */
bool http_admission_measured(HttpAdmission *admission, unsigned busiest_percent,
                             uint64_t memory_bytes, int64_t now_us);

typedef struct {
    HttpRoom room;
    unsigned viewers;
    unsigned busiest_percent;
    uint64_t memory_bytes;
    uint64_t refused; // since the start, of both uses
} HttpAdmissionStats;

void http_admission_stats(HttpAdmission *admission, HttpAdmissionStats *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpAdmission, http_admission_free)
