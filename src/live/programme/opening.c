// SPDX-License-Identifier: GPL-3.0-or-later
// Opens a session's recording on a worker.
#include "live/programme/opening.h"

#include "base/error.h"
#include "base/json.h"
#include "base/loop.h"

/* Of a programme; more than it needs. */
#define THREADS 4
#define DESCRIPTORS 35

typedef struct {
    LiveOpening opening;
    LiveOpened opened;
    GError *error;
} Job;

static void on_opened(void *data)
{
    Job *job = data;
    job->opened.error = job->error;
    job->opening.done(job->opening.data, &job->opened);
    g_clear_error(&job->error);
    archive_place_unref(job->opening.place);
    g_array_unref(job->opened.past);
    g_free(job);
}

/* A running session goes on down to the reserve. */
static bool check_room(const LiveOpening *opening, GError **error)
{
    uint64_t free_bytes;
    if (!opening->first || !archive_free_bytes(opening->place->directory, &free_bytes) ||
        free_bytes >= opening->place->minimum_free) {
        return true;
    }
    g_autofree char *is = g_format_size_full(free_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *must =
        g_format_size_full(opening->place->minimum_free, G_FORMAT_SIZE_IEC_UNITS);
    json_t *params = json_pack("{s:I, s:I}", "free_bytes", (json_int_t)free_bytes, "needed_bytes",
                               (json_int_t)opening->place->minimum_free);
    base_refuse(error, BASE_CODE_DISK_LOW, NULL, params,
                "Only %s are free where the recordings are kept, and a session needs %s to open. "
                "Delete recordings that are not needed any more, or free some space on the disk of "
                "%s, and open it again.",
                is, must, opening->place->directory);
    return false;
}

/* Worker thread. */
static void open_job(void *data)
{
    Job *job = data;
    const ArchivePlace *place = job->opening.place;
    LiveOpened *opened = &job->opened;
    ArchiveWriterConfig config = {.place = place, .epoch_wall_us = job->opening.epoch_wall_us};
    if (check_room(&job->opening, &job->error) &&
        base_has_room(THREADS, DESCRIPTORS, &job->error) &&
        archive_read_state(place->directory, place->id, &opened->state, &job->error) &&
        archive_read_earlier_runs(place->directory, place->id, opened->past, &job->error)) {
        opened->writer = archive_writer_new(&config, &job->opening.writer_events, &job->error);
    }
    base_post(NULL, on_opened, job);
}

void live_open_recording(RecordingWorkers *workers, const LiveOpening *opening)
{
    Job *job = g_new0(Job, 1);
    job->opening = *opening;
    archive_place_ref(opening->place);
    job->opened.past = g_array_new(FALSE, FALSE, sizeof(MediaSegment));
    recording_workers_run(workers, open_job, job);
}
