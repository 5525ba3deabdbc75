// SPDX-License-Identifier: GPL-3.0-or-later
// Makes and removes the files of each step, holding the journal's lock as writers do. A step first
// removes all files derived from its own, so that a kill leaves nothing inconsistent.
#include "archive/files.h"
#include "archive/journal_file.h"
#include "publish/steps.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/log.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    unsigned stale; // bit set of steps derived from this one
    bool (*make)(const PublishJob *job, GError **error);
} Step;

#define OLD(step) (1U << PUBLISH_STEP_##step)

static const Step steps[PUBLISH_STEPS] = {
    [PUBLISH_STEP_PLAYLISTS] = {~0U, publish_make_playlists},
    [PUBLISH_STEP_CHAPTERS] = {OLD(MP4) | OLD(AUDIO) | OLD(MANIFEST), publish_make_chapters},
    [PUBLISH_STEP_PICTURES] = {OLD(MANIFEST), publish_make_pictures},
    [PUBLISH_STEP_MP4] = {OLD(MANIFEST), publish_make_mp4},
    [PUBLISH_STEP_AUDIO] = {OLD(MANIFEST), publish_make_audio},
    [PUBLISH_STEP_MANIFEST] = {0, publish_make_manifest},
};

/* --- The lock --------------------------------------------------------------------------------- */

/* Closing unlocks. -1 with an error. */
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

/* --- Closing the recording -------------------------------------------------------------------- */

static int cut_file(const char *path, uint64_t size)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || (uint64_t)status.st_size <= size) {
        return 0;
    }
    int result = archive_unshare_file(path);
    return result == 0 && truncate(path, (off_t)size) != 0 ? -errno : result;
}

static uint64_t journalled_bytes(const ArchiveTrack *track, uint64_t sequence)
{
    const ArchiveSegment *segment = archive_track_find(track, sequence);
    return segment != NULL ? g_array_index(segment->parts, ArchivePart, segment->parts->len - 1).end
                           : 0;
}

/* Also of segments that the journal does not name: players without EXT-X-GAP would read them. */
static bool cut_track(const char *folder, uint32_t run, const ArchiveTrack *track, GError **error)
{
    g_autofree char *track_folder = g_strdup_printf("%s/%u/%s", folder, run, track->key);
    g_autoptr(GDir) dir = g_dir_open(track_folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        uint64_t sequence = g_ascii_strtoull(name, NULL, 10);
        g_autofree char *path = archive_segment_path(folder, run, track->key, sequence);
        int result =
            g_str_has_suffix(path, name) ? cut_file(path, journalled_bytes(track, sequence)) : 0;
        if (result != 0) {
            return archive_set_errno(error, -result, "cut", path);
        }
    }
    return true;
}

/* Removes bytes past the journalled ones. */
static bool cut_tails(const ArchiveCatalogue *catalogue, const char *folder, GError **error)
{
    for (guint i = 0; i < catalogue->runs->len; i++) {
        const ArchiveRun *run = g_ptr_array_index(catalogue->runs, i);
        for (unsigned t = 0; t < run->track_count; t++) {
            if (!cut_track(folder, run->number, &run->tracks[t], error)) {
                return false;
            }
        }
    }
    return true;
}

/* Replaces a torn tail. 0 or -errno. */
static int append_record(int fd, const ArchiveCatalogue *catalogue, const ArchiveRecord *record)
{
    g_autoptr(GString) line = g_string_new(NULL);
    archive_journal_append(line, record, NULL);
    ArchiveJournalFile journal = {.fd = fd}; // the caller's, locked
    int result = archive_journal_file_cut(&journal, catalogue->valid_size);
    return result != 0 ? result : archive_journal_file_append(&journal, line);
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

/* --- Removing --------------------------------------------------------------------------------- */

/* May be missing. */
static int remove_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *unfinished = g_strconcat(path, ".new", NULL);
    if (unlink(unfinished) != 0 && errno != ENOENT && errno != ENOTDIR) {
        return -errno;
    }
    return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

/* Also unfinished ones. */
static int remove_playlists(const char *folder)
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
            result = remove_file(folder, name);
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

/* The marking file first, durably. */
static int remove_step(const char *folder, PublishStep step)
{
    int result = 0;
    const char *file;
    for (unsigned i = 0; result == 0 && (file = publish_step_file(step, i)) != NULL; i++) {
        result = remove_file(folder, file);
        if (result == 0 && i == 0) {
            result = sync_folders(folder);
        }
    }
    return result == 0 && step == PUBLISH_STEP_PLAYLISTS ? remove_playlists(folder) : result;
}

/* `which`: bit set of steps. */
static bool remove_steps(const char *folder, unsigned which, GError **error)
{
    int result = 0;
    for (unsigned i = 0; i < PUBLISH_STEPS && result == 0; i++) {
        result = which & (1U << i) ? remove_step(folder, (PublishStep)i) : 0;
    }
    if (result == 0) {
        result = sync_folders(folder);
    }
    return result == 0 ||
           archive_set_errno(error, -result, "remove the published files in", folder);
}

static bool can_make_again(const char *folder, uint64_t reserve_bytes, GError **error)
{
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(folder, true, NULL);
    PublishInputs what = {.reserve_bytes = reserve_bytes};
    PublishJob job = {.folder = folder, .catalogue = catalogue, .what = &what};
    return catalogue == NULL || publish_check_again(&job, error);
}

bool publish_take_back(const char *directory, const char *id, PublishStep first,
                       uint64_t reserve_bytes, GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? lock_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    bool done =
        can_make_again(folder, reserve_bytes, error) && remove_steps(folder, ~0U << first, error);
    close(fd);
    return done;
}

/* --- Trim ------------------------------------------------------------------------------------- */

/* Nothing is served without main.m3u8. 0 or -errno; may be missing. */
static int hide_recording(const char *folder, bool hide)
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
    if (catalogue->public_segments->len == 0) {
        base_refuse(error, BASE_CODE_NOTHING_LEFT, "out_ms", NULL,
                    "nothing of the recording would be left between these times");
        return false;
    }
    return true;
}

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
    bool shown = publish_step_there(folder, PUBLISH_STEP_PLAYLISTS);
    int result = hide_recording(folder, true);
    if (result == 0) {
        result = append_record(fd, catalogue, &record);
    }
    if (result != 0) {
        if (shown) {
            hide_recording(folder, false);
        }
        return archive_set_errno(error, -result, "note the trim in", folder);
    }
    return remove_steps(folder, ~0U, error);
}

bool publish_trim(const char *directory, const char *id, int64_t in_us, int64_t out_us,
                  GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? lock_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    in_us = in_us < INT64_MIN / 4 ? INT64_MIN : in_us; // the journal's range
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
    if (catalogue->public_segments->len == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "nothing was recorded while the session was live");
        return false;
    }
    if (!publish_step_there(folder, PUBLISH_STEP_PLAYLISTS)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s has no playlists: make them first",
                    folder);
        return false;
    }
    return true;
}

/* libav's level is global; workers run in parallel. */
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned log_users;
static int log_level;

/* Functions return libav's errors. */
static void hush_libav(void)
{
    pthread_mutex_lock(&log_mutex);
    if (log_users++ == 0) {
        log_level = av_log_get_level();
        av_log_set_level(MIN(log_level, AV_LOG_FATAL));
    }
    pthread_mutex_unlock(&log_mutex);
}

static void unhush_libav(void)
{
    pthread_mutex_lock(&log_mutex);
    if (--log_users == 0) {
        av_log_set_level(log_level);
    }
    pthread_mutex_unlock(&log_mutex);
}

static bool make_step(int fd, PublishJob *job, PublishStep step, GError **error)
{
    bool first = step == PUBLISH_STEP_PLAYLISTS;
    if (first && !close_record(fd, job->folder, error)) {
        return false;
    }
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(job->folder, true, error);
    if (catalogue == NULL || (!first && !check_ready(catalogue, job->folder, error))) {
        return false;
    }
    if (!remove_steps(job->folder, steps[step].stale, error) ||
        catalogue->public_segments->len == 0) {
        return catalogue->public_segments->len == 0;
    }
    g_autoptr(ArchiveTimemap) timemap = archive_timemap_of(catalogue);
    job->catalogue = catalogue;
    job->timemap = timemap;
    hush_libav();
    bool made = steps[step].make(job, error);
    unhush_libav();
    return made;
}

bool publish_make(const char *directory, const char *id, PublishStep step,
                  const PublishInputs *what, void (*progress)(void *data, double done), void *data,
                  GError **error)
{
    static const PublishInputs nothing;
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? lock_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    PublishJob job = {.folder = folder,
                      .id = id,
                      .what = what != NULL ? what : &nothing,
                      .progress = progress,
                      .data = data};
    bool made = publish_step_there(folder, step) || make_step(fd, &job, step, error);
    close(fd);
    if (made && progress != NULL) {
        progress(data, 1.0);
    }
    return made;
}
