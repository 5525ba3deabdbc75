// SPDX-License-Identifier: GPL-3.0-or-later
// Records to one disk or two, a thread per copy.
#include "archive/archive.h"

#include "archive/copy/copy.h"
#include "archive/losses.h"

#include <pthread.h>
#include <stdatomic.h>

#define COPIES 2

struct ArchiveWriter {
    ArchiveWriterEvents events;
    ArchiveCopy *first;
    ArchiveCopy *second;   // nullable
    ArchiveLosses *losses; // the first's
    atomic_bool second_failing;

    pthread_mutex_t mutex; // held during reports, to keep their order
    char *whys[COPIES];
};

/* The first copy's failure takes precedence. */
static void tell_health(ArchiveWriter *writer, unsigned copy, const char *why)
{
    pthread_mutex_lock(&writer->mutex);
    g_free(writer->whys[copy]);
    writer->whys[copy] = g_strdup(why);
    bool hidden = copy > 0 && writer->whys[0] != NULL;
    const char *text = writer->whys[0] != NULL ? writer->whys[0] : writer->whys[1];
    if (!hidden && writer->events.health != NULL) {
        writer->events.health(writer->events.data, text);
    }
    pthread_mutex_unlock(&writer->mutex);
}

static void on_first_health(void *data, const char *why)
{
    tell_health(data, 0, why);
}

static void on_second_health(void *data, const char *why)
{
    ArchiveWriter *writer = data;
    atomic_store(&writer->second_failing, why != NULL);
    tell_health(writer, 1, why);
}

static void on_lost(void *data, const MediaPart *part)
{
    archive_losses_add(((ArchiveWriter *)data)->losses, part);
}

static bool open_copies(ArchiveWriter *writer, const ArchiveWriterConfig *config, GError **error)
{
    ArchiveCopyConfig copy = {.place = config->place, .epoch_wall_us = config->epoch_wall_us};
    ArchiveCopyEvents events = {.health = on_first_health, .lost = on_lost, .data = writer};
    writer->first = archive_copy_new(&copy, &events, error);
    if (writer->first == NULL) {
        return false;
    }
    if (config->place->mirror != NULL) {
        copy.mirror = true;
        events = (ArchiveCopyEvents){.health = on_second_health, .data = writer};
        writer->second = archive_copy_new(&copy, &events, NULL);
    }
    return true;
}

ArchiveWriter *archive_writer_new(const ArchiveWriterConfig *config,
                                  const ArchiveWriterEvents *events, GError **error)
{
    ArchiveWriter *writer = g_new0(ArchiveWriter, 1);
    writer->events = events != NULL ? *events : (ArchiveWriterEvents){0};
    writer->losses = archive_losses_new();
    pthread_mutex_init(&writer->mutex, NULL);
    if (!open_copies(writer, config, error)) {
        archive_writer_free(writer);
        return NULL;
    }
    return writer;
}

void archive_writer_free(ArchiveWriter *writer)
{
    if (writer == NULL) {
        return;
    }
    archive_copy_free(writer->first);
    archive_copy_free(writer->second);
    archive_losses_free(writer->losses);
    pthread_mutex_destroy(&writer->mutex);
    for (unsigned i = 0; i < COPIES; i++) {
        g_free(writer->whys[i]);
    }
    g_free(writer);
}

bool archive_writer_push(ArchiveWriter *writer, MediaPart *part)
{
    if (writer->second != NULL) {
        archive_copy_push(writer->second, part); // reports its own losses
    }
    return archive_copy_push(writer->first, part);
}

void archive_writer_stats(const ArchiveWriter *writer, ArchiveWriterStats *out)
{
    archive_copy_stats(writer->first, out);
    out->second_failing = atomic_load(&writer->second_failing);
}

bool archive_writer_kept(ArchiveWriter *writer, uint32_t run, const char *key, uint64_t sequence)
{
    return !archive_losses_has(writer->losses, run, key, sequence);
}
