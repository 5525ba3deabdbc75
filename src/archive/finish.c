// SPDX-License-Identifier: GPL-3.0-or-later
// What is published of a recording, step by step. Whoever makes a step or takes one back holds the
// journal's lock, as the writer does: one at a time, and none beside a writer.
//
// The last file that a step puts in place is its sign that it is done. Before a step makes anything
// it takes away what was made of what it is about to make, so that a kill between the two leaves
// nothing behind that does not fit; and a file is served only beside main.m3u8 (find.c).
#include "archive/files.h"
#include "archive/log.h"
#include "archive/step.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILES 2

typedef struct {
    const char *name;
    const char *files[MAX_FILES]; // the first is the last to be put in place
    unsigned stale;               // bit set of the later steps whose files hold what this one makes
    bool (*make)(const ArchiveJob *job, GError **error);
} Step;

#define OLD(step) (1U << ARCHIVE_STEP_##step)

static const Step steps[ARCHIVE_STEPS] = {
    [ARCHIVE_STEP_PLAYLISTS] = {"playlists", {"main.m3u8"}, ~0U, archive_make_playlists},
    [ARCHIVE_STEP_CHAPTERS] = {"chapters",
                               {"chapters/en.vtt", "chapters/ar.vtt"},
                               OLD(MP4) | OLD(AUDIO) | OLD(MANIFEST),
                               archive_make_chapters},
    [ARCHIVE_STEP_PICTURES] = {"pictures",
                               {"thumbnails.vtt", "poster.jpg"},
                               OLD(MANIFEST),
                               archive_make_pictures},
    [ARCHIVE_STEP_MP4] = {"mp4", {"recording.mp4"}, OLD(MANIFEST), archive_make_mp4},
    [ARCHIVE_STEP_AUDIO] = {"audio", {"audio.m4a"}, OLD(MANIFEST), archive_make_audio},
    [ARCHIVE_STEP_MANIFEST] = {"manifest",
                               {"manifest.json", "manifest.sig"},
                               0,
                               archive_make_manifest},
};

const char *archive_step_name(ArchiveStep step)
{
    return steps[step].name;
}

ArchiveStep archive_step_of(const char *name)
{
    for (unsigned step = 0; step < ARCHIVE_STEPS; step++) {
        for (unsigned i = 0; i < MAX_FILES && steps[step].files[i] != NULL; i++) {
            if (strcmp(steps[step].files[i], name) == 0) {
                return (ArchiveStep)step;
            }
        }
    }
    return ARCHIVE_STEPS;
}

bool archive_step_there(const char *folder, ArchiveStep step)
{
    g_autofree char *path = g_build_filename(folder, steps[step].files[0], NULL);
    struct stat status;
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool archive_step_done(const char *directory, const char *id, ArchiveStep step)
{
    g_autofree char *folder = archive_folder(directory, id, NULL);
    return folder != NULL && archive_step_there(folder, step);
}

/* --- The lock --------------------------------------------------------------------------------- */

/* Opens the journal for one at a time, -1 with an error. Closing it lets go. */
static int lock_recording(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, ARCHIVE_JOURNAL_NAME, NULL);
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "%s holds no recording", folder);
        return -1;
    }
    if (fd < 0) {
        archive_set_errno(error, errno, "open", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "%s is still being recorded, or its files are being made", folder);
        close(fd);
        return -1;
    }
    return fd;
}

/* --- Closing the record ----------------------------------------------------------------------- */

static int cut_file(const char *path, uint64_t size)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || (uint64_t)status.st_size <= size) {
        return 0;
    }
    return truncate(path, (off_t)size) == 0 ? 0 : -errno;
}

/* What stands past the journalled bytes was never finished: nobody shall be served it. */
static bool cut_tails(const ArchiveCatalogue *catalogue, const char *folder, GError **error)
{
    for (guint i = 0; i < catalogue->runs->len; i++) {
        const ArchiveRun *run = g_ptr_array_index(catalogue->runs, i);
        for (unsigned t = 0; t < run->track_count; t++) {
            const ArchiveTrack *track = &run->tracks[t];
            for (guint s = 0; s < track->segments->len; s++) {
                const ArchiveSegment *segment = g_ptr_array_index(track->segments, s);
                const GArray *parts = segment->parts;
                uint64_t size =
                    parts->len > 0 ? g_array_index(parts, ArchivePart, parts->len - 1).end : 0;
                g_autofree char *path =
                    archive_segment_path(folder, run->number, track->key, segment->sequence);
                int result = cut_file(path, size);
                if (result != 0) {
                    return archive_set_errno(error, -result, "cut", path);
                }
            }
        }
    }
    return true;
}

/* A line at the journal's end, in place of a torn tail: durable, or not there. 0 or -errno. */
static int append_record(int fd, const ArchiveCatalogue *catalogue, const ArchiveRecord *record)
{
    g_autoptr(GString) line = g_string_new(NULL);
    archive_journal_append(line, record, NULL);
    ArchiveLog log = {.fd = fd}; // borrowed: the lock is the caller's
    int result = archive_log_cut(&log, catalogue->valid_size);
    return result != 0 ? result : archive_log_append(&log, line);
}

static bool close_record(int fd, const char *folder, GError **error)
{
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(folder, false, error);
    if (catalogue == NULL || !cut_tails(catalogue, folder, error)) {
        return false;
    }
    ArchiveRecord end = {
        .type = ARCHIVE_RECORD_MARK, .mark = MEDIA_MARK_END, .pts_us = catalogue->end_us};
    int result = catalogue->ended ? 0 : append_record(fd, catalogue, &end);
    return result == 0 || archive_set_errno(error, -result, "close the journal in", folder);
}

/* --- Taking back ------------------------------------------------------------------------------ */

/* A file that is not there is taken away. */
static int take_away(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *unfinished = g_strconcat(path, ".new", NULL);
    if (unlink(unfinished) != 0 && errno != ENOENT && errno != ENOTDIR) {
        return -errno;
    }
    return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

/* The tracks' playlists, and what a kill left unfinished of them. */
static int take_playlists(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    int result = 0;
    while (result == 0 && dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *key = g_strdup(name);
        if (g_str_has_suffix(key, ".new")) {
            key[strlen(key) - strlen(".new")] = '\0';
        }
        if (g_str_has_suffix(key, ".m3u8")) {
            result = take_away(folder, name);
        }
    }
    return result;
}

static int sync_folders(const char *folder)
{
    g_autofree char *chapters = g_build_filename(folder, "chapters", NULL);
    int result = archive_sync_folder(chapters);
    return result == 0 || result == -ENOENT ? archive_sync_folder(folder) : result;
}

/* The files of one step, the sign that it is done first and for good. */
static int take_step(const char *folder, ArchiveStep step)
{
    int result = 0;
    for (unsigned i = 0; i < MAX_FILES && steps[step].files[i] != NULL && result == 0; i++) {
        result = take_away(folder, steps[step].files[i]);
        if (result == 0 && i == 0) {
            result = sync_folders(folder);
        }
    }
    return result == 0 && step == ARCHIVE_STEP_PLAYLISTS ? take_playlists(folder) : result;
}

/* `which`: bit set of steps. */
static bool take_back(const char *folder, unsigned which, GError **error)
{
    int result = 0;
    for (unsigned i = 0; i < ARCHIVE_STEPS && result == 0; i++) {
        result = which & (1U << i) ? take_step(folder, (ArchiveStep)i) : 0;
    }
    if (result == 0) {
        result = sync_folders(folder);
    }
    return result == 0 ||
           archive_set_errno(error, -result, "take back what is published in", folder);
}

bool archive_unfinish(const char *directory, const char *id, ArchiveStep first, GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? lock_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    bool done = take_back(folder, ~0U << first, error);
    close(fd);
    return done;
}

/* --- Trim ------------------------------------------------------------------------------------- */

/* Whether a file is served hangs on main.m3u8 (find.c); under the other name it waits for what
 * becomes of the trim, or for being taken away. 0 or -errno; none is fine. */
static int rename_sign(const char *folder, bool hide)
{
    g_autofree char *shown = g_build_filename(folder, "main.m3u8", NULL);
    g_autofree char *hidden = g_strconcat(shown, ".new", NULL);
    if (rename(hide ? shown : hidden, hide ? hidden : shown) != 0 && errno != ENOENT) {
        return -errno;
    }
    return archive_sync_folder(folder);
}

static bool check_trim(ArchiveCatalogue *catalogue, const char *folder, int64_t in_us,
                       int64_t out_us, GError **error)
{
    if (!catalogue->ended) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s is not closed yet", folder);
        return false;
    }
    archive_catalogue_trim(catalogue, in_us, out_us);
    if (catalogue->slots->len == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "nothing of the recording would be left between these times");
        return false;
    }
    return true;
}

/* With the lock held. */
static bool trim_locked(int fd, const char *folder, int64_t in_us, int64_t out_us, GError **error)
{
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(folder, false, error);
    if (catalogue == NULL) {
        return false;
    }
    bool same = catalogue->in_us == in_us && catalogue->out_us == out_us;
    if (same || !check_trim(catalogue, folder, in_us, out_us, error)) {
        return same;
    }
    ArchiveRecord record = {.type = ARCHIVE_RECORD_TRIM, .in_us = in_us, .out_us = out_us};
    bool shown = archive_step_there(folder, ARCHIVE_STEP_PLAYLISTS);
    int result = rename_sign(folder, true);
    if (result == 0) {
        result = append_record(fd, catalogue, &record);
    }
    if (result != 0) {
        if (shown) {
            rename_sign(folder, false);
        }
        return archive_set_errno(error, -result, "note the trim in", folder);
    }
    return take_back(folder, ~0U, error);
}

bool archive_trim(const char *directory, const char *id, int64_t in_us, int64_t out_us,
                  GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? lock_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    in_us = in_us < INT64_MIN / 4 ? INT64_MIN : in_us; // as the journal can hold them
    out_us = out_us > INT64_MAX / 4 ? INT64_MAX : out_us;
    bool done = trim_locked(fd, folder, in_us, out_us, error);
    close(fd);
    return done;
}

/* --- Making ----------------------------------------------------------------------------------- */

static bool check_ready(const ArchiveCatalogue *catalogue, const char *folder, GError **error)
{
    if (!catalogue->ended) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "%s is not closed: make its playlists first", folder);
        return false;
    }
    if (catalogue->slots->len == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "nothing was recorded while the session was live");
        return false;
    }
    if (!archive_step_there(folder, ARCHIVE_STEP_PLAYLISTS)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s has no playlists: make them first",
                    folder);
        return false;
    }
    return true;
}

/* With the lock held. */
static bool make_step(int fd, ArchiveJob *job, ArchiveStep step, GError **error)
{
    bool first = step == ARCHIVE_STEP_PLAYLISTS;
    if (first && !close_record(fd, job->folder, error)) {
        return false;
    }
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(job->folder, true, error);
    if (catalogue == NULL || (!first && !check_ready(catalogue, job->folder, error))) {
        return false;
    }
    if (!take_back(job->folder, steps[step].stale, error) || catalogue->slots->len == 0) {
        return catalogue->slots->len == 0;
    }
    g_autoptr(ArchivePlaces) places = archive_places_of(catalogue);
    job->catalogue = catalogue;
    job->places = places;
    return steps[step].make(job, error);
}

bool archive_finish_step(const char *directory, const char *id, ArchiveStep step,
                         const ArchiveFinish *what, void (*progress)(void *data, double done),
                         void *data, GError **error)
{
    static const ArchiveFinish nothing;
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? lock_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    ArchiveJob job = {.folder = folder,
                      .id = id,
                      .what = what != NULL ? what : &nothing,
                      .progress = progress,
                      .data = data};
    bool made = archive_step_there(folder, step) || make_step(fd, &job, step, error);
    close(fd);
    if (made && progress != NULL) {
        progress(data, 1.0);
    }
    return made;
}
