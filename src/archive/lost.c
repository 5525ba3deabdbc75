// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/lost.h"

#include <pthread.h>
#include <string.h>

/* A disk that fails takes segment after segment, so there is one range for each failure and track.
 * Where even that many do not do, what lies between two of them counts as lost too. */
#define RANGES_MAX 4096

typedef struct {
    uint32_t run;
    char key[MEDIA_TRACK_KEY_BYTES];
    uint64_t first, last;
} Range;

struct ArchiveLost {
    pthread_mutex_t mutex; // held for a walk over the ranges
    GArray *ranges;        // Range
};

ArchiveLost *archive_lost_new(void)
{
    ArchiveLost *lost = g_new0(ArchiveLost, 1);
    pthread_mutex_init(&lost->mutex, NULL);
    lost->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    return lost;
}

void archive_lost_free(ArchiveLost *lost)
{
    g_array_unref(lost->ranges);
    pthread_mutex_destroy(&lost->mutex);
    g_free(lost);
}

/* The track's newest range, or NULL. */
static Range *newest_range(const ArchiveLost *lost, uint32_t run, const char *key)
{
    for (guint i = lost->ranges->len; i-- > 0;) {
        Range *range = &g_array_index(lost->ranges, Range, i);
        if (range->run == run && strcmp(range->key, key) == 0) {
            return range;
        }
    }
    return NULL;
}

void archive_lost_add(ArchiveLost *lost, const MediaPart *part)
{
    Range one = {.run = part->run, .first = part->sequence, .last = part->sequence};
    media_track_key(part->track, one.key);
    pthread_mutex_lock(&lost->mutex);
    Range *newest = newest_range(lost, one.run, one.key);
    bool near = newest != NULL && part->sequence >= newest->first &&
                (part->sequence <= newest->last + 1 || lost->ranges->len >= RANGES_MAX);
    if (near) {
        newest->last = MAX(newest->last, part->sequence);
    } else if (lost->ranges->len < 2 * RANGES_MAX) {
        g_array_append_val(lost->ranges, one);
    }
    pthread_mutex_unlock(&lost->mutex);
}

bool archive_lost_has(ArchiveLost *lost, uint32_t run, const char *key, uint64_t sequence)
{
    bool found = false;
    pthread_mutex_lock(&lost->mutex);
    for (guint i = 0; i < lost->ranges->len && !found; i++) {
        const Range *range = &g_array_index(lost->ranges, Range, i);
        found = range->run == run && sequence >= range->first && sequence <= range->last &&
                strcmp(range->key, key) == 0;
    }
    pthread_mutex_unlock(&lost->mutex);
    return found;
}
