// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the writer: round trip, locking, lost parts, kills, a full disk.
#include "cases.h"

#include "base/clock.h"
#include "base/error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS 10

static void collect_part(void *data, MediaPart *part)
{
    g_ptr_array_add(data, media_part_ref(part));
}

static GPtrArray *collect_run(ClipRun *run)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify)media_part_unref);
    clip_segment(case_clip(), run, collect_part, parts);
    return parts;
}

static ArchiveWriter *open_writer(const char *folder, const ArchiveWriterEvents *events)
{
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID},
                                  .epoch_wall_us = SESSION_EPOCH_US};
    ArchiveWriter *writer = archive_writer_new(&config, events, &error);
    g_assert_no_error(error);
    return writer;
}

/* The bytes of each segment file are its parts', one after another. */
static void check_files(const char *folder, const GPtrArray *parts)
{
    g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < parts->len; i++) {
        const MediaPart *part = g_ptr_array_index(parts, i);
        if (part->type != MEDIA_PART_MEDIA || part->index != 0) {
            continue;
        }
        char key[MEDIA_TRACK_KEY_BYTES];
        media_track_key(part->track, key);
        g_autofree char *name =
            g_strdup_printf("%u/%s/%" G_GUINT64_FORMAT ".m4s", part->run, key, part->sequence);
        gsize size;
        g_autofree char *text = case_read(folder, name, &size);
        gsize at = 0;
        for (guint j = i; j < parts->len; j++) {
            const MediaPart *other = g_ptr_array_index(parts, j);
            if (other->track != part->track || other->type != MEDIA_PART_MEDIA ||
                other->sequence != part->sequence) {
                continue;
            }
            gsize length;
            const void *bytes = g_bytes_get_data(other->bytes, &length);
            g_assert_cmpuint(at + length, <=, size);
            g_assert_cmpmem(text + at, length, bytes, length);
            at += length;
        }
        g_assert_cmpuint(at, ==, size);
    }
}

static void test_round_trip(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 5000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    ArchiveWriter *writer = open_writer(folder, NULL);
    uint64_t bytes = 0;
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        case_push(writer, part);
        bytes += part->type == MEDIA_PART_MEDIA ? g_bytes_get_size(part->bytes) : 0;
    }
    archive_writer_free(writer);
    check_files(folder, parts);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.public_us, ==, 5000000);
    g_assert_cmpuint(bytes, >, 0);
    case_remove(folder);
}

/* A part is durable soon after it was pushed, and the figures say so. */
static void test_stored_soon(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 1000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    ArchiveWriter *writer = open_writer(folder, NULL);
    ArchiveWriterStats stats;
    archive_writer_stats(writer, &stats);
    g_assert_cmpint(stats.stored_clock_us, ==, 0);
    g_assert_cmpuint(stats.free_bytes, >, 0);
    int64_t end_us = 0;
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        case_push(writer, part);
        end_us = MAX(end_us, part->pts_us + part->duration_us);
    }
    int64_t pushed_us = base_clock_us();
    do {
        g_usleep(1000);
        archive_writer_stats(writer, &stats);
    } while (stats.stored_pts_us < end_us && base_clock_us() - pushed_us < 5000000);
    g_assert_cmpint(stats.stored_pts_us, ==, end_us);
    g_test_message("durable %.1f ms after the push",
                   (double)(stats.stored_clock_us - pushed_us) / 1000);
    g_assert_cmpuint(stats.lost_parts, ==, 0);
    ArchiveState state; // while the writer is still there
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.end_us, ==, end_us);
    archive_writer_free(writer);
    case_remove(folder);
}

static void test_one_writer_only(void)
{
    char *folder = case_folder();
    ArchiveWriter *writer = open_writer(folder, NULL);
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID}};
    g_assert_null(archive_writer_new(&config, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_false(
        publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    archive_writer_free(writer);
    g_clear_error(&error);
    config.place = &(ArchivePlace){.directory = folder, .id = "../x"};
    g_assert_null(archive_writer_new(&config, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    case_remove(folder);
}

/* A part lost on the way ends its segment for that track only; the rest goes on. */
static void test_lost_part(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    ArchiveWriter *writer = open_writer(folder, NULL);
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        bool lost = part->type == MEDIA_PART_MEDIA && part->sequence == 1 && part->index == 1 &&
                    strcmp(part->track->info.name, "360p") == 0;
        if (!lost) {
            case_push(writer, part);
        }
    }
    archive_writer_free(writer);
    g_autoptr(GError) error = NULL;
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    gsize size;
    g_autofree char *small = case_read(folder, "v360p.m3u8", &size);
    g_assert_nonnull(strstr(small, "#EXT-X-GAP\n1/v360p/1.m4s\n"));
    g_assert_nonnull(strstr(small, "\n1/v360p/2.m4s\n"));
    g_autofree char *large = case_read(folder, "v720p.m3u8", &size);
    g_assert_null(strstr(large, "GAP"));
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.public_us, ==, 6000000);
    case_remove(folder);
}

/* Writes a run until a kill: the sound is in the journal, the pictures are only in their files. */
static void write_cut_off(const char *folder, ClipRun *run)
{
    g_autoptr(GPtrArray) parts = collect_run(run);
    ArchiveWriter *writer = open_writer(folder, NULL);
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        if (part->type != MEDIA_PART_MEDIA || part->track->info.kind != MEDIA_VIDEO) {
            case_push(writer, part);
        }
    }
    archive_writer_free(writer);
    for (guint i = 0; i < parts->len; i++) {
        const MediaPart *part = g_ptr_array_index(parts, i);
        if (part->type == MEDIA_PART_MEDIA && part->track->info.kind == MEDIA_VIDEO &&
            part->index == 0) {
            char key[MEDIA_TRACK_KEY_BYTES];
            media_track_key(part->track, key);
            g_autofree char *path = g_strdup_printf(
                "%s/" SESSION_ID "/1/%s/%" G_GUINT64_FORMAT ".m4s", folder, key, part->sequence);
            gsize size;
            const void *bytes = g_bytes_get_data(part->bytes, &size);
            g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
        }
    }
}

static void test_cut_off(const void *data)
{
    int64_t length_us = *(const int64_t *)data;
    bool one_segment = length_us < 2000000;
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = length_us, .open = true};
    write_cut_off(folder, &run);
    ClipRun next = {.run = 2,
                    .start_us = 8000000,
                    .end_us = 12000000,
                    .open = true,
                    .sequence = run.sequence + 1};
    case_write(folder, &next);
    g_autoptr(GError) error = NULL;
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    gsize size;
    g_autofree char *playlist = case_read(folder, "v720p.m3u8", &size);
    g_assert_cmpint(strstr(playlist, "#EXT-X-GAP\n1/v720p/0.m4s\n") == NULL, ==, one_segment);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    int64_t public_us = one_segment ? 4000000 : 4000000 + length_us;
    g_assert_cmpint(ABS(state.public_us - public_us), <, 40000); // sound has its own frames
    g_autofree char *decoded =
        case_command("ffmpeg -v error -xerror -i '%s/" SESSION_ID "/main.m3u8' -f null -", folder);
    case_remove(folder);
}

/* A mark may come to lie where a part had already ended: then no part says that it is the last. */
static void test_no_last_part(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    ArchiveWriter *writer = open_writer(folder, NULL);
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        part->last = part->last && part->sequence != 1; // not shared yet
        case_push(writer, part);
    }
    archive_writer_free(writer);
    g_autoptr(GError) error = NULL;
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    gsize size;
    g_autofree char *playlist = case_read(folder, "v360p.m3u8", &size);
    g_assert_nonnull(strstr(playlist, "1/v360p/1.m4s\n#EXTINF"));
    g_assert_null(strstr(playlist, "DISCONTINUITY"));
    g_assert_null(strstr(playlist, "BYTERANGE"));
    case_remove(folder);
}

/* --- kill -9 ---------------------------------------------------------------------------------- */

typedef struct {
    atomic_int_fast64_t pushed_us, stored_us;
} Shared;

static void record_until_killed(const char *folder, const GPtrArray *parts, Shared *shared)
{
    ArchiveWriter *writer = open_writer(folder, NULL);
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        ArchiveWriterStats stats;
        case_push(writer, part);
        if (part->type == MEDIA_PART_MEDIA) {
            atomic_store(&shared->pushed_us, part->pts_us + part->duration_us);
            g_usleep(1500);
        }
        archive_writer_stats(writer, &stats);
        atomic_store(&shared->stored_us, stats.stored_pts_us);
    }
    for (;;) {
        pause();
    }
}

static double probe_duration(const char *path)
{
    g_autofree char *text =
        case_command("ffprobe -v error -show_entries format=duration -of csv=p=0 '%s'", path);
    return g_ascii_strtod(text, NULL);
}

static void kill_once(const GPtrArray *parts, Shared *shared, unsigned delay_us)
{
    char *folder = case_folder();
    atomic_store(&shared->pushed_us, 0);
    atomic_store(&shared->stored_us, 0);
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        record_until_killed(folder, parts, shared);
    }
    g_usleep(delay_us);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);

    ArchiveState state;
    g_autoptr(GError) error = NULL;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, &error));
    g_assert_no_error(error);
    g_assert_cmpint(state.end_us, >=, atomic_load(&shared->stored_us));
    // It goes on in a new run, with what was there kept.
    archive_writer_free(open_writer(folder, NULL));
    ArchiveState after;
    g_assert_true(archive_read_state(folder, SESSION_ID, &after, &error));
    g_assert_cmpint(after.end_us, ==, state.end_us);
    g_assert_cmpint(after.public_us, ==, state.public_us);
    g_assert_cmpuint(after.next_public, ==, state.next_public);
    g_assert_cmpuint(after.next_run, ==, state.next_run);
    if (state.public_us > 0) {
        publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
        g_assert_no_error(error);
        publish_make(folder, SESSION_ID, PUBLISH_STEP_MP4, NULL, NULL, NULL, &error);
        g_assert_no_error(error);
        g_autofree char *path = g_build_filename(folder, SESSION_ID, "recording.mp4", NULL);
        g_assert_cmpfloat(ABS(probe_duration(path) * 1e6 - (double)state.public_us), <, 22000);
        // At most the newest part of a track is lost against what is durable.
        g_assert_cmpint(state.end_us - state.public_us, <, 500000 + 30000);
    }
    g_test_message("killed after %u ms: %.3f s pushed, %.3f s kept", delay_us / 1000,
                   (double)atomic_load(&shared->pushed_us) / 1e6, (double)state.public_us / 1e6);
    case_remove(folder);
}

static void test_kill(void)
{
    ClipRun run = {.run = 1, .end_us = 15000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    Shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(shared != MAP_FAILED);
    for (unsigned i = 0; i < KILLS; i++) {
        kill_once(parts, shared, (unsigned)g_test_rand_int_range(3000, 130000));
    }
    munmap(shared, sizeof *shared);
}

/* --- Disk full -------------------------------------------------------------------------------- */

typedef struct {
    atomic_int failures, recoveries;
    char *why; // of the last failure; read once the writer is gone
} Health;

static void on_health(void *data, const char *why)
{
    Health *health = data;
    if (why != NULL) {
        g_free(health->why);
        health->why = g_strdup(why);
        atomic_fetch_add(&health->failures, 1);
    } else {
        atomic_fetch_add(&health->recoveries, 1);
    }
}

static void wait_for(atomic_int *count, int wanted)
{
    int64_t start_us = base_clock_us();
    while (atomic_load(count) < wanted && base_clock_us() - start_us < 10000000) {
        g_usleep(1000);
    }
    g_assert_cmpint(atomic_load(count), >=, wanted);
}

/* Everything that is left, to the last block. */
static void fill_disk(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    g_assert_cmpint(fd, >=, 0);
    static const char block[4096];
    while (write(fd, block, sizeof block) > 0) {
    }
    close(fd);
}

static void push_segments(ArchiveWriter *writer, const GPtrArray *parts, uint64_t from, uint64_t to)
{
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        if (part->type == MEDIA_PART_MEDIA && part->sequence >= from && part->sequence < to) {
            case_push(writer, part);
        }
    }
}

static void fill_and_free(const char *folder)
{
    ClipRun run = {.run = 1, .end_us = 14000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    Health health = {.failures = 0};
    ArchiveWriterEvents events = {.health = on_health, .data = &health};
    ArchiveWriter *writer = open_writer(folder, &events);
    for (guint i = 0; i < CLIP_TRACKS; i++) {
        case_push(writer, g_ptr_array_index(parts, i)); // the init segments
    }
    push_segments(writer, parts, 0, 2);
    ArchiveWriterStats stats;
    do {
        g_usleep(1000);
        archive_writer_stats(writer, &stats);
    } while (stats.stored_pts_us < 4000000);
    g_autofree char *filler = g_build_filename(folder, "filler", NULL);
    fill_disk(filler);
    push_segments(writer, parts, 2, 4);
    wait_for(&health.failures, 1);
    archive_writer_stats(writer, &stats);
    g_assert_true(stats.failing);
    g_assert_cmpint(atomic_load(&health.recoveries), ==, 0);
    g_unlink(filler);
    push_segments(writer, parts, 4, 7);
    wait_for(&health.recoveries, 1);
    archive_writer_free(writer);
    g_assert_cmpint(health.failures, ==, 1);
    g_assert_nonnull(strstr(health.why, "Free some space"));
    g_free(health.why);

    // Finishing on a full disk says so, and is done again later.
    g_autoptr(GError) error = NULL;
    fill_disk(filler);
    g_assert_false(
        publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
    g_clear_error(&error);
    g_unlink(filler);
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    fill_disk(filler);
    g_assert_false(publish_make(folder, SESSION_ID, PUBLISH_STEP_MP4, NULL, NULL, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
    g_clear_error(&error);
    g_unlink(filler);
    publish_make(folder, SESSION_ID, PUBLISH_STEP_MP4, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    // Segments 0, 1, 5 and 6 are whole for certain; 4 depends on when the space came back, and what
    // the best rendition gave back of 2 and 3 may have been enough for the others.
    g_assert_cmpint(state.public_us, >=, 8000000);
    gsize size;
    g_autofree char *playlist = case_read(folder, "v720p.m3u8", &size);
    g_assert_true(strstr(playlist, "#EXT-X-DISCONTINUITY\n") != NULL ||
                  strstr(playlist, "#EXT-X-GAP\n") != NULL);
    g_assert_nonnull(strstr(playlist, "1/v720p/5.m4s"));
    g_assert_nonnull(strstr(playlist, "1/v720p/6.m4s"));
    g_autofree char *path = g_build_filename(folder, SESSION_ID, "recording.mp4", NULL);
    g_assert_cmpfloat(ABS(probe_duration(path) * 1e6 - (double)state.public_us), <, 34000);
    g_autofree char *decoded = case_command("ffmpeg -v error -i '%s' -f null -", path);
}

static void test_disk_full(void)
{
    char *folder = case_folder();
    if (mount("tmpfs", folder, "tmpfs", 0, "size=8m") != 0) {
        g_test_skip("a file system of its own needs root");
    } else {
        fill_and_free(folder);
        g_assert_cmpint(umount(folder), ==, 0);
    }
    case_remove(folder);
}

void add_writer_cases(void)
{
    g_test_add_func("/archive/writer/round-trip", test_round_trip);
    g_test_add_func("/archive/writer/stored-soon", test_stored_soon);
    g_test_add_func("/archive/writer/one-only", test_one_writer_only);
    g_test_add_func("/archive/writer/lost-part", test_lost_part);
    static const int64_t soon = 1000000, later = 4000000;
    g_test_add_data_func("/archive/writer/cut-off-in-its-first-segment", &soon, test_cut_off);
    g_test_add_data_func("/archive/writer/cut-off-later", &later, test_cut_off);
    g_test_add_func("/archive/writer/no-last-part", test_no_last_part);
    g_test_add_func("/archive/writer/kill", test_kill);
    g_test_add_func("/archive/writer/disk-full", test_disk_full);
}
