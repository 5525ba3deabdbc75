// SPDX-License-Identifier: GPL-3.0-or-later
// A mirrored recording: two copies alike, one that fails alone, and a first copy healed by the
// second. Thumbnails, the reserve, and what is known to be lost.
#include "cases.h"

#include "base/clock.h"
#include "base/error.h"

#include <glib/gstdio.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_US (10 * BASE_US_PER_S)

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

typedef struct {
    pthread_mutex_t mutex;
    char *why; // NULL: well
    GString *all;
} Health;

static void on_health(void *data, const char *why)
{
    Health *health = data;
    pthread_mutex_lock(&health->mutex);
    g_free(health->why);
    health->why = g_strdup(why);
    g_string_append_printf(health->all, "%s\n", why != NULL ? why : "well");
    pthread_mutex_unlock(&health->mutex);
}

static void health_init(Health *health)
{
    *health = (Health){.all = g_string_new(NULL)};
    pthread_mutex_init(&health->mutex, NULL);
}

static void health_clear(Health *health)
{
    pthread_mutex_destroy(&health->mutex);
    g_string_free(health->all, TRUE);
    g_free(health->why);
}

/* Until it says `word`, or with NULL is well. */
static void wait_health(Health *health, const char *word)
{
    int64_t end_us = base_clock_us() + WAIT_US;
    for (bool found = false; !found;) {
        pthread_mutex_lock(&health->mutex);
        found = word != NULL ? health->why != NULL && strstr(health->why, word) != NULL
                             : health->why == NULL;
        pthread_mutex_unlock(&health->mutex);
        g_assert_cmpint(base_clock_us(), <, end_us);
        g_usleep(1000);
    }
}

static ArchiveWriter *open_writer(const char *first, const char *second, uint64_t reserve,
                                  Health *health)
{
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = first,
                                                           .mirror = second,
                                                           .id = SESSION_ID,
                                                           .reserve_bytes = reserve},
                                  .epoch_wall_us = SESSION_EPOCH_US};
    ArchiveWriterEvents events = {.health = on_health, .data = health};
    ArchiveWriter *writer = archive_writer_new(&config, health != NULL ? &events : NULL, &error);
    g_assert_no_error(error);
    return writer;
}

static void push_all(ArchiveWriter *writer, const GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++) {
        case_push(writer, g_ptr_array_index(parts, i));
    }
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

static void wait_stored(ArchiveWriter *writer, int64_t end_us)
{
    int64_t limit_us = base_clock_us() + WAIT_US;
    ArchiveWriterStats stats;
    do {
        g_assert_cmpint(base_clock_us(), <, limit_us);
        g_usleep(1000);
        archive_writer_stats(writer, &stats);
    } while (stats.stored_pts_us < end_us);
}

static MediaPart *thumb_at(int64_t pts_us)
{
    MediaPart *part = media_part_new(MEDIA_PART_THUMB);
    part->run = 1;
    part->pts_us = pts_us;
    part->bytes = g_bytes_new("\xff\xd8jpeg", 6);
    return part;
}

/* All files below, but the journal, whose lines may come in another order. */
static char *digest(const char *folder)
{
    return case_command("cd '%s/" SESSION_ID "' && find . -type f ! -name journal | sort | "
                        "xargs sha256sum",
                        folder);
}

static int64_t public_us(const char *folder)
{
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    return state.public_us;
}

/* --- Thumbnails ------------------------------------------------------------------------------- */

static void test_thumbs(void)
{
    char *folder = case_folder();
    ArchiveWriter *writer = open_writer(folder, NULL, 0, NULL);
    g_autoptr(MediaPart) one = thumb_at(5000000);
    g_autoptr(MediaPart) two = thumb_at(10000400);
    case_push(writer, one);
    case_push(writer, two);
    archive_writer_free(writer);
    gsize size;
    g_autofree char *first = case_read(folder, "thumbs/5000.jpg", &size);
    g_assert_cmpmem(first, size, "\xff\xd8jpeg", 6);
    g_autofree char *listed = case_command("ls '%s/" SESSION_ID "/thumbs'", folder);
    g_assert_cmpstr(listed, ==, "10000.jpg\n5000.jpg\n");

    // One that cannot be written fails nothing else.
    g_autofree char *removed =
        case_command("cd '%s/" SESSION_ID "' && rm -r thumbs && touch thumbs", folder);
    Health health;
    health_init(&health);
    writer = open_writer(folder, NULL, 0, &health);
    ClipRun run = {.run = 1, .end_us = 2000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    push_all(writer, parts);
    case_push(writer, one);
    wait_stored(writer, 2000000);
    ArchiveWriterStats stats;
    do {
        g_usleep(1000);
        archive_writer_stats(writer, &stats);
    } while (stats.lost_thumbs == 0);
    archive_writer_free(writer);
    g_assert_cmpuint(stats.lost_parts, ==, 0);
    g_assert_false(stats.failing);
    g_assert_cmpstr(health.all->str, ==, "");
    g_assert_cmpint(public_us(folder), ==, 2000000);
    health_clear(&health);
    case_remove(folder);
}

/* --- The mirror ------------------------------------------------------------------------------- */

static void test_mirror(void)
{
    char *first = case_folder();
    char *second = case_folder();
    ArchiveWriter *writer = open_writer(first, second, 0, NULL);
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    g_autoptr(MediaPart) thumb = thumb_at(5000000);
    push_all(writer, parts);
    case_push(writer, thumb);
    archive_writer_free(writer);
    g_autofree char *one = digest(first);
    g_autofree char *two = digest(second);
    g_assert_cmpstr(one, ==, two);
    g_assert_cmpint(public_us(second), ==, 6000000);
    case_remove(first);
    case_remove(second);
}

/* The second folder's disk comes late: what was pushed before is not there, what comes after is,
 * and the first knows nothing of it. */
static void test_mirror_late(void)
{
    char *first = case_folder();
    char *mount_point = case_folder();
    g_autofree char *second = g_build_filename(mount_point, "disk", "recordings", NULL);
    g_autofree char *blocker = g_build_filename(mount_point, "disk", NULL);
    g_assert_true(g_file_set_contents(blocker, "", 0, NULL)); // no folder can be made there
    Health health;
    health_init(&health);
    ArchiveWriter *writer = open_writer(first, second, 0, &health);
    ClipRun run = {.run = 1, .end_us = 8000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    for (guint i = 0; i < CLIP_TRACKS; i++) {
        case_push(writer, g_ptr_array_index(parts, i));
    }
    push_segments(writer, parts, 0, 2);
    wait_stored(writer, 4000000);
    wait_health(&health, "second folder");
    ArchiveWriterStats stats;
    archive_writer_stats(writer, &stats);
    g_assert_true(stats.second_failing);
    g_assert_false(stats.failing);
    g_assert_cmpuint(stats.lost_parts, ==, 0);
    g_assert_nonnull(strstr(health.why, "the recording itself goes on"));
    g_unlink(blocker);
    g_autofree char *journal = g_build_filename(second, SESSION_ID, "journal", NULL);
    int64_t end_us = base_clock_us() + WAIT_US;
    while (!g_file_test(journal, G_FILE_TEST_EXISTS) && base_clock_us() < end_us) {
        g_usleep(10000);
    }
    push_segments(writer, parts, 2, 4);
    wait_health(&health, NULL);
    archive_writer_stats(writer, &stats);
    g_assert_false(stats.second_failing);
    archive_writer_free(writer);
    g_assert_cmpint(public_us(first), ==, 8000000);
    g_assert_cmpint(public_us(second), ==, 4000000);
    health_clear(&health);
    case_remove(first);
    case_remove(mount_point);
}

static void write_both(const char *first, const char *second)
{
    ArchiveWriter *writer = open_writer(first, second, 0, NULL);
    ClipRun run = {.run = 1, .end_us = 4000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    push_all(writer, parts);
    archive_writer_free(writer);
    g_assert_cmpint(public_us(second), ==, 4000000);
}

/* The empty mount point is left alone, and the disk is used once it is back. */
static void unmounted(const char *first, const char *disk, const char *second)
{
    g_autoptr(GError) error = NULL;
    Health health;
    health_init(&health);
    g_assert_false(archive_mirror_mounted(first, second, &error));
    g_assert_nonnull(strstr(error->message, disk));
    g_assert_true(archive_mirror_mounted(first, first, NULL)); // another folder
    ArchiveWriter *writer = open_writer(first, second, 0, &health);
    wait_health(&health, "no disk is mounted there");
    g_assert_false(g_file_test(second, G_FILE_TEST_EXISTS));
    ArchiveWriterStats stats;
    archive_writer_stats(writer, &stats);
    g_assert_true(stats.second_failing);
    g_assert_false(stats.failing);
    g_assert_cmpint(mount("tmpfs", disk, "tmpfs", 0, "size=12m"), ==, 0);
    wait_health(&health, NULL);
    g_assert_true(g_file_test(second, G_FILE_TEST_IS_DIR));
    archive_writer_free(writer);
    health_clear(&health);
}

static void test_mirror_unmounted(void)
{
    char *first = case_folder(), *disk = case_folder();
    g_autofree char *second = g_build_filename(disk, "recordings", NULL);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=12m") != 0) {
        g_test_skip("a file system of its own needs root");
    } else {
        write_both(first, second);
        g_assert_cmpint(umount(disk), ==, 0);
        unmounted(first, disk, second);
        g_assert_cmpint(umount(disk), ==, 0);
    }
    case_remove(first);
    case_remove(disk);
}

/* --- The reserve ------------------------------------------------------------------------------ */

static void fill(const char *path, uint64_t leave)
{
    uint64_t room;
    g_autofree char *folder = g_path_get_dirname(path);
    g_assert_true(archive_free_bytes(folder, &room));
    g_assert_cmpuint(room, >, leave);
    g_autofree char *made =
        case_command("head -c %" G_GUINT64_FORMAT " /dev/zero > '%s'", room - leave, path);
}

static void reserve_on(const char *folder)
{
    static const uint64_t reserve = 3 * 1024 * 1024;
    ClipRun run = {.run = 1, .end_us = 14000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    Health health;
    health_init(&health);
    ArchiveWriter *writer = open_writer(folder, NULL, reserve, &health);
    for (guint i = 0; i < CLIP_TRACKS; i++) {
        case_push(writer, g_ptr_array_index(parts, i));
    }
    push_segments(writer, parts, 0, 2);
    wait_stored(writer, 4000000);
    g_autofree char *filler = g_build_filename(folder, "filler", NULL);
    fill(filler, reserve - 65536);
    g_usleep(300000); // it is asked a few times a second
    push_segments(writer, parts, 2, 4);
    wait_health(&health, "kept for the database");
    ArchiveWriterStats stats;
    archive_writer_stats(writer, &stats);
    g_assert_true(stats.failing);
    g_assert_false(archive_writer_kept(writer, 1, "v720p", 3));
    g_assert_true(archive_writer_kept(writer, 1, "v720p", 1));
    g_assert_true(archive_writer_kept(writer, 1, "v360p", 5));
    uint64_t room;
    g_assert_true(archive_free_bytes(folder, &room));
    g_assert_cmpuint(room, >=, reserve - 65536 - 8192); // it left the rest alone

    // A little more is not enough yet, a quarter of it is.
    g_assert_cmpint(truncate(filler, 0), ==, 0);
    fill(filler, reserve + 131072);
    g_usleep(300000);
    push_segments(writer, parts, 4, 5);
    g_usleep(300000);
    g_assert_false(archive_writer_kept(writer, 1, "v720p", 4));
    g_unlink(filler);
    g_usleep(300000);
    push_segments(writer, parts, 5, 7);
    wait_health(&health, NULL);
    archive_writer_free(writer);
    g_autoptr(GError) error = NULL;
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(public_us(folder), ==, 8000000); // segments 0, 1, 5, 6
    health_clear(&health);
}

static void test_reserve(void)
{
    char *folder = case_folder();
    if (mount("tmpfs", folder, "tmpfs", 0, "size=12m") != 0) {
        g_test_skip("a file system of its own needs root");
    } else {
        reserve_on(folder);
        g_assert_cmpint(umount(folder), ==, 0);
    }
    case_remove(folder);
}

/* --- Kept ------------------------------------------------------------------------------------- */

/* A part that never came takes its segment with it, for that track only. */
static void test_kept(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 8000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    ArchiveWriter *writer = open_writer(folder, NULL, 0, NULL);
    for (guint i = 0; i < parts->len; i++) {
        MediaPart *part = g_ptr_array_index(parts, i);
        bool left_out = part->type == MEDIA_PART_MEDIA && part->index == 2 &&
                        (part->sequence == 1 || part->sequence == 3) &&
                        strcmp(part->track->info.name, "720p") == 0;
        if (!left_out) {
            case_push(writer, part);
        }
    }
    wait_stored(writer, 8000000);
    int64_t end_us = base_clock_us() + WAIT_US;
    while (archive_writer_kept(writer, 1, "v720p", 3) && base_clock_us() < end_us) {
        g_usleep(1000);
    }
    g_assert_true(archive_writer_kept(writer, 1, "v720p", 0));
    g_assert_false(archive_writer_kept(writer, 1, "v720p", 1));
    g_assert_true(archive_writer_kept(writer, 1, "v720p", 2));
    g_assert_false(archive_writer_kept(writer, 1, "v720p", 3));
    g_assert_true(archive_writer_kept(writer, 1, "v360p", 1));
    g_assert_true(archive_writer_kept(writer, 2, "v720p", 1));
    archive_writer_free(writer);
    case_remove(folder);
}

/* --- Healing ---------------------------------------------------------------------------------- */

static void write_mirrored(const char *first, const char *second)
{
    const ClipMark marks[] = {{2000000, MEDIA_MARK_OPEN}, {10000000, MEDIA_MARK_END}};
    ArchiveWriter *writer = open_writer(first, second, 0, NULL);
    ClipRun run = {.run = 1, .end_us = 10000000, .marks = marks, .mark_count = 1};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    g_autoptr(MediaPart) thumb = thumb_at(5000000);
    push_all(writer, parts);
    case_push(writer, thumb);
    archive_writer_free(writer);
    ArchiveState state;
    g_assert_true(archive_read_state(first, SESSION_ID, &state, NULL));
    writer = open_writer(first, second, 0, NULL);
    ClipRun again = {.run = 2,
                     .start_us = 14000000,
                     .end_us = 18000000,
                     .open = true,
                     .sequence = state.next_sequence};
    g_autoptr(GPtrArray) more = collect_run(&again);
    push_all(writer, more);
    archive_writer_free(writer);
}

static void heal(const char *first, const char *second)
{
    g_autoptr(GError) error = NULL;
    archive_repair(&(ArchivePlace){.directory = first, .mirror = second, .id = SESSION_ID}, &error);
    g_assert_no_error(error);
}

/* What an undamaged recording is finished to. */
static char *finished(const char *folder)
{
    g_autoptr(GError) error = NULL;
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    publish_make(folder, SESSION_ID, PUBLISH_STEP_MP4, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    return digest(folder);
}

static void check_healed(const char *damage)
{
    char *first = case_folder();
    char *second = case_folder();
    char *whole = case_folder();
    write_mirrored(first, second);
    g_autofree char *copied = case_command("cp -r '%s/.' '%s'", second, whole);
    g_autofree char *done = case_command("cd '%s/" SESSION_ID "' && %s", first, damage);
    heal(first, second);
    gsize size;
    g_autofree char *once = case_read(first, "journal", &size);
    heal(first, second);
    g_autofree char *twice = case_read(first, "journal", &size);
    g_assert_cmpstr(once, ==, twice);
    g_autofree char *wanted = finished(whole);
    g_autofree char *got = finished(first);
    g_test_message("%s", damage);
    g_assert_cmpstr(got, ==, wanted);
    case_remove(first);
    case_remove(second);
    case_remove(whole);
}

static void test_heal(void)
{
    static const char *const damages[] = {
        "true",
        "rm 1/v720p/2.m4s",
        "rm -r 1/v720p",
        "rm -r 1 thumbs",
        "rm -rf * ",
        "rm journal",
        "truncate -s 1000 1/v720p/1.m4s",
        "truncate -s 0 1/aar/3.m4s 2/v360p/6.m4s",
        "rm 2/aar/init.mp4",
        "truncate -s 900 journal",
        "sed -i '/segment=2 part=1 /d' journal",
        "sed -i '/track=v720p segment=[13] /d' journal && rm 1/v720p/[13].m4s",
        "sed -i '/^init run=1 track=aar/d' journal",
        "sed -i '/^mark/d; /run=2/d' journal && rm -r 2",
        "echo garbage >> 1/v360p/4.m4s && sed -i '/track=v360p segment=4 part=3/d' journal",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(damages); i++) {
        check_healed(damages[i]);
    }
}

/* What was cut off does not come back with the rest. */
static void test_heal_trim(void)
{
    char *first = case_folder();
    char *second = case_folder();
    write_mirrored(first, second);
    g_autoptr(GError) error = NULL;
    char *const copies[] = {first, second};
    for (unsigned i = 0; i < 2; i++) {
        publish_make(copies[i], SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
        g_assert_no_error(error);
        publish_trim(copies[i], SESSION_ID, 4000000, 8000000, &error);
        g_assert_no_error(error);
    }
    g_autofree char *gone = case_command("rm -rf '%s/" SESSION_ID "'", first);
    heal(first, second);
    ArchiveState state;
    g_assert_true(archive_read_state(first, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.in_us, ==, 4000000);
    g_assert_cmpint(state.out_us, ==, 8000000);
    g_assert_cmpint(state.public_us, ==, 4000000);
    // The first knows better what became of it later.
    publish_trim(first, SESSION_ID, INT64_MIN, INT64_MAX, &error);
    g_assert_no_error(error);
    heal(first, second);
    g_assert_true(archive_read_state(first, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.in_us, ==, INT64_MIN);
    case_remove(first);
    case_remove(second);
}

/* Not into the disk's reserve; later it goes on. */
static void test_heal_full(void)
{
    char *first = case_folder();
    char *second = case_folder();
    write_mirrored(first, second);
    g_autofree char *gone = case_command("rm -r '%s/" SESSION_ID "/1'", first);
    g_autoptr(GError) error = NULL;
    g_assert_false(archive_repair(&(ArchivePlace){.directory = first,
                                                  .mirror = second,
                                                  .id = SESSION_ID,
                                                  .reserve_bytes = UINT64_MAX / 2},
                                  &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
    heal(first, second);
    g_autofree char *got = finished(first);
    g_autofree char *wanted = finished(second);
    g_assert_cmpstr(got, ==, wanted);
    case_remove(first);
    case_remove(second);
}

/* Nothing to heal from, nothing that may be healed. */
static void test_heal_refused(void)
{
    char *first = case_folder();
    char *second = case_folder();
    heal(first, NULL);
    heal(first, second);
    g_autofree char *nothing = case_command("ls '%s'", first);
    g_assert_cmpstr(nothing, ==, "");

    ArchiveWriter *writer = open_writer(first, second, 0, NULL);
    ClipRun run = {.run = 1, .end_us = 2000000, .open = true};
    g_autoptr(GPtrArray) parts = collect_run(&run);
    push_all(writer, parts);
    wait_stored(writer, 2000000);
    g_autofree char *journal = g_build_filename(second, SESSION_ID, "journal", NULL);
    int64_t end_us = base_clock_us() + WAIT_US;
    while (!g_file_test(journal, G_FILE_TEST_EXISTS) && base_clock_us() < end_us) {
        g_usleep(1000);
    }
    g_autoptr(GError) error = NULL;
    g_assert_false(archive_repair(
        &(ArchivePlace){.directory = first, .mirror = second, .id = SESSION_ID}, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    archive_writer_free(writer);

    // Another recording under the same id.
    char *other = case_folder();
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = other, .id = SESSION_ID},
                                  .epoch_wall_us = 1};
    archive_writer_free(archive_writer_new(&config, NULL, NULL));
    g_assert_false(archive_repair(
        &(ArchivePlace){.directory = first, .mirror = other, .id = SESSION_ID}, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_false(archive_repair(
        &(ArchivePlace){.directory = first, .mirror = second, .id = "../x"}, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);

    // A spoiled mirror begins no journal.
    g_autofree char *spoiled = case_command(
        "echo garbage > '%s/" SESSION_ID "/journal' && rm -r '%s/" SESSION_ID "'", other, first);
    heal(first, other);
    g_autofree char *none = case_command("ls '%s'", first);
    g_assert_cmpstr(none, ==, "");
    heal(first, second);

    // What was deleted does not come back.
    g_assert_true(archive_delete(first, SESSION_ID, "test", 0, NULL));
    heal(first, second);
    g_autofree char *left = case_command("ls '%s/" SESSION_ID "'", first);
    g_assert_cmpstr(left, ==, "deleted.json\n");
    case_remove(first);
    case_remove(second);
    case_remove(other);
}

void add_copies_cases(void)
{
    g_test_add_func("/archive/writer/thumbs", test_thumbs);
    g_test_add_func("/archive/writer/mirror", test_mirror);
    g_test_add_func("/archive/writer/mirror-late", test_mirror_late);
    g_test_add_func("/archive/writer/mirror-unmounted", test_mirror_unmounted);
    g_test_add_func("/archive/writer/reserve", test_reserve);
    g_test_add_func("/archive/writer/kept", test_kept);
    g_test_add_func("/archive/heal", test_heal);
    g_test_add_func("/archive/heal/trim", test_heal_trim);
    g_test_add_func("/archive/heal/full", test_heal_full);
    g_test_add_func("/archive/heal/refused", test_heal_refused);
}
