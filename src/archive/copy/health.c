// SPDX-License-Identifier: GPL-3.0-or-later
// Reports a copy's failure and recovery, once each.
#include "archive/copy/health.h"

#include <errno.h>

void archive_health_init(ArchiveHealth *health, const char *folder, bool mirror)
{
    *health = (ArchiveHealth){.folder = folder, .mirror = mirror};
    pthread_mutex_init(&health->mutex, NULL);
}

void archive_health_clear(ArchiveHealth *health)
{
    pthread_mutex_destroy(&health->mutex);
}

static void tell(ArchiveHealth *health, const char *why)
{
    pthread_mutex_lock(&health->mutex);
    if (health->tell != NULL) {
        health->tell(health->data, why);
    }
    pthread_mutex_unlock(&health->mutex);
}

void archive_health_say(ArchiveHealth *health, const char *why)
{
    if (health->said) {
        return;
    }
    health->said = true;
    atomic_store(&health->failing, true);
    g_autofree char *mirror =
        health->mirror
            ? g_strconcat("The second folder is not written; the recording itself goes on. ", why,
                          NULL)
            : NULL;
    tell(health, health->mirror ? mirror : why);
}

/* Mid-sentence. */
static const char *consequence(const ArchiveHealth *health)
{
    return health->mirror ? "the mirror has a gap now" : "nothing is being recorded";
}

void archive_health_say_error(ArchiveHealth *health, int code)
{
    if (health->code != 0 && code != health->code) {
        health->said = false; // another cause, another remedy
    }
    g_autofree char *why = NULL;
    if (code == ENOSPC || code == EDQUOT) {
        why = g_strdup_printf("The disk of %s is full: %s. Free some space; it goes on by itself.",
                              health->folder, consequence(health));
    } else {
        why = g_strdup_printf("Cannot write to %s (%s): %s. Check the disk and its permissions; it "
                              "is tried again every few seconds.",
                              health->folder, g_strerror(code), consequence(health));
    }
    health->code = health->said ? health->code : code;
    archive_health_say(health, why);
}

void archive_health_say_low(ArchiveHealth *health, uint64_t free_bytes)
{
    g_autofree char *left = g_format_size_full(free_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *why = g_strdup_printf(
        "The disk of %s has only %s left, which are kept for the database: %s. Free some space; it "
        "goes on by itself.",
        health->folder, left, consequence(health));
    archive_health_say(health, why);
}

void archive_health_say_slow(ArchiveHealth *health, uint64_t lost_parts)
{
    g_autofree char *why = g_strdup_printf(
        "The disk of %s is too slow: %" G_GUINT64_FORMAT
        " parts are lost so far. Use a faster disk, or stop what else writes to it.",
        health->folder, lost_parts);
    archive_health_say(health, why);
}

void archive_health_say_well(ArchiveHealth *health)
{
    if (health->said) {
        health->said = false;
        health->code = 0;
        atomic_store(&health->failing, false);
        tell(health, NULL);
    }
}

bool archive_health_now(const ArchiveHealth *health)
{
    return atomic_load(&health->failing);
}

void archive_health_mute(ArchiveHealth *health)
{
    pthread_mutex_lock(&health->mutex);
    health->tell = NULL;
    pthread_mutex_unlock(&health->mutex);
}
