// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/trouble.h"

#include <errno.h>

void archive_trouble_init(ArchiveTrouble *trouble, const char *folder, bool mirror)
{
    *trouble = (ArchiveTrouble){.folder = folder, .mirror = mirror};
    pthread_mutex_init(&trouble->mutex, NULL);
}

void archive_trouble_clear(ArchiveTrouble *trouble)
{
    pthread_mutex_destroy(&trouble->mutex);
}

static void tell(ArchiveTrouble *trouble, const char *why)
{
    pthread_mutex_lock(&trouble->mutex);
    if (trouble->tell != NULL) {
        trouble->tell(trouble->data, why);
    }
    pthread_mutex_unlock(&trouble->mutex);
}

void archive_trouble_say(ArchiveTrouble *trouble, const char *why)
{
    if (trouble->said) {
        return;
    }
    trouble->said = true;
    atomic_store(&trouble->failing, true);
    g_autofree char *mirror =
        trouble->mirror
            ? g_strconcat("The second folder is not written; the recording itself goes on. ", why,
                          NULL)
            : NULL;
    tell(trouble, trouble->mirror ? mirror : why);
}

/* What that means, in mid-sentence. */
static const char *consequence(const ArchiveTrouble *trouble)
{
    return trouble->mirror ? "the mirror has a gap now" : "nothing is being recorded";
}

void archive_trouble_say_error(ArchiveTrouble *trouble, int code)
{
    g_autofree char *why = NULL;
    if (code == ENOSPC || code == EDQUOT) {
        why = g_strdup_printf("The disk of %s is full: %s. Free some space; it goes on by itself.",
                              trouble->folder, consequence(trouble));
    } else {
        why = g_strdup_printf("Cannot write to %s (%s): %s. Check the disk and its permissions; it "
                              "is tried again every few seconds.",
                              trouble->folder, g_strerror(code), consequence(trouble));
    }
    archive_trouble_say(trouble, why);
}

void archive_trouble_say_low(ArchiveTrouble *trouble, uint64_t free_bytes)
{
    g_autofree char *left = g_format_size_full(free_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *why = g_strdup_printf(
        "The disk of %s has only %s left, which are kept for the database: %s. Free some space; it "
        "goes on by itself.",
        trouble->folder, left, consequence(trouble));
    archive_trouble_say(trouble, why);
}

void archive_trouble_say_slow(ArchiveTrouble *trouble, uint64_t lost_parts)
{
    g_autofree char *why = g_strdup_printf(
        "The disk of %s is too slow: %" G_GUINT64_FORMAT
        " parts are lost so far. Use a faster disk, or stop what else writes to it.",
        trouble->folder, lost_parts);
    archive_trouble_say(trouble, why);
}

void archive_trouble_say_well(ArchiveTrouble *trouble)
{
    if (trouble->said) {
        trouble->said = false;
        atomic_store(&trouble->failing, false);
        tell(trouble, NULL);
    }
}

bool archive_trouble_now(const ArchiveTrouble *trouble)
{
    return atomic_load(&trouble->failing);
}

void archive_trouble_mute(ArchiveTrouble *trouble)
{
    pthread_mutex_lock(&trouble->mutex);
    trouble->tell = NULL;
    pthread_mutex_unlock(&trouble->mutex);
}
