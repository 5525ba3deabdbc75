// SPDX-License-Identifier: GPL-3.0-or-later
// Notes incomplete segments as ranges.
#include "archive/losses.h"

#include <pthread.h>
#include <string.h>

/* Beyond this, ranges grow over the gaps between them. */
#define RANGES_MAX 4096

typedef struct {
    uint32_t run;
    char key[MEDIA_TRACK_KEY_BYTES];
    uint64_t first, last;
} Range;

struct ArchiveLosses {
    pthread_mutex_t mutex;
    GArray *ranges; // Range
};

ArchiveLosses *archive_losses_new(void)
{
    ArchiveLosses *losses = g_new0(ArchiveLosses, 1);
    pthread_mutex_init(&losses->mutex, NULL);
    losses->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    return losses;
}

void archive_losses_free(ArchiveLosses *losses)
{
    g_array_unref(losses->ranges);
    pthread_mutex_destroy(&losses->mutex);
    g_free(losses);
}

/* Nullable. */
static Range *newest_range(const ArchiveLosses *losses, uint32_t run, const char *key)
{
    for (guint i = losses->ranges->len; i-- > 0;) {
        Range *range = &g_array_index(losses->ranges, Range, i);
        if (range->run == run && strcmp(range->key, key) == 0) {
            return range;
        }
    }
    return NULL;
}

void archive_losses_add(ArchiveLosses *losses, const MediaPart *part)
{
    Range one = {.run = part->run, .first = part->sequence, .last = part->sequence};
    media_track_key(part->track, one.key);
    pthread_mutex_lock(&losses->mutex);
    Range *newest = newest_range(losses, one.run, one.key);
    bool near = newest != NULL && part->sequence >= newest->first &&
                (part->sequence <= newest->last + 1 || losses->ranges->len >= RANGES_MAX);
    if (near) {
        newest->last = MAX(newest->last, part->sequence);
    } else if (losses->ranges->len < 2 * RANGES_MAX) {
        g_array_append_val(losses->ranges, one);
    }
    pthread_mutex_unlock(&losses->mutex);
}

bool archive_losses_has(ArchiveLosses *losses, uint32_t run, const char *key, uint64_t sequence)
{
    bool found = false;
    pthread_mutex_lock(&losses->mutex);
    for (guint i = 0; i < losses->ranges->len && !found; i++) {
        const Range *range = &g_array_index(losses->ranges, Range, i);
        found = range->run == run && sequence >= range->first && sequence <= range->last &&
                strcmp(range->key, key) == 0;
    }
    pthread_mutex_unlock(&losses->mutex);
    return found;
}
