// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Whether one more viewer may come: places, processor and memory. Who watches goes on, and so do
// staff and speakers. Any thread; a short lock.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HTTP_WATCHES_US (10 * G_USEC_PER_SEC) // after a sign of it: counts as a viewer
#define HTTP_KNOWN_US (60 * G_USEC_PER_SEC)   // after that a viewer who comes back is a new one

/* 0: no limit. */
typedef struct {
    unsigned max_viewers; // people and sessions, by any transport
    unsigned max_load;    // percent of a core: the busiest serving thread
    uint64_t min_memory;  // bytes left
} HttpLimits;

typedef enum {
    HTTP_ROOM,
    HTTP_FULL_VIEWERS,
    HTTP_FULL_LOAD,
    HTTP_FULL_MEMORY,
} HttpRoom;

typedef struct HttpAdmission HttpAdmission;

/* Full ownership. */
HttpAdmission *http_admission_new(const HttpLimits *limits);
void http_admission_free(HttpAdmission *admission); // NULL is allowed

/* Monotonic `now_us`. True: `person` may watch `session`, and is noted; if `privileged`, always. */
bool http_admission_take(HttpAdmission *admission, const char *session, const char *person,
                         bool privileged, int64_t now_us);
/* The person watches still. `admission` is nullable. */
void http_admission_keep(HttpAdmission *admission, const char *session, const char *person,
                         int64_t now_us);

/* Once a second: what was measured. True if the answer to newcomers changed, but for viewers. */
bool http_admission_measured(HttpAdmission *admission, unsigned busiest_percent,
                             uint64_t memory_bytes, int64_t now_us);

typedef struct {
    HttpRoom room;
    unsigned viewers;
    unsigned busiest_percent;
    uint64_t memory_bytes;
    uint64_t refused; // since the start
} HttpAdmissionStats;

void http_admission_stats(HttpAdmission *admission, HttpAdmissionStats *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpAdmission, http_admission_free)
