// SPDX-License-Identifier: GPL-3.0-or-later
// Files cut at every byte: what is recovered is a prefix of the whole, and its playlists name only
// whole parts that are there.
#include "../long.h"
#include "cases.h"

#include "archive/journal.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define END_US INT64_C(4000000)
#define NEAR 40

typedef struct {
    char *path; // in the folder
    char *bytes;
    gsize size;
} File;

typedef struct {
    char *directory, *folder;
    GArray *files; // File: segments and init segments
    char *journal; // whole
    gsize journal_size;
    GHashTable *whole; // "RUN/TRACK/SEQUENCE.m4s" -> GArray of uint64_t: where its parts end
} Room;

static void clear_file(void *data)
{
    File *file = data;
    g_free(file->path);
    g_free(file->bytes);
}

static void on_part(void *data, const ArchiveRecord *record)
{
    if (record->type != ARCHIVE_RECORD_PART) {
        return;
    }
    char *name = g_strdup_printf("%u/%s/%" G_GUINT64_FORMAT ".m4s", record->run, record->track,
                                 record->sequence);
    GArray *ends = g_hash_table_lookup(data, name);
    if (ends == NULL) {
        ends = g_array_new(FALSE, FALSE, sizeof(uint64_t));
        g_hash_table_insert(data, g_strdup(name), ends);
    }
    uint64_t end = record->offset + record->bytes;
    g_array_append_val(ends, end);
    g_free(name);
}

static GHashTable *parts_of(const char *journal, gsize size)
{
    GHashTable *parts =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    archive_journal_parse(journal, size, on_part, parts);
    return parts;
}

/* On a file system in memory: thousands of recordings are made here, each synced. */
static char *fast_folder(void)
{
    char *folder = g_strdup("/dev/shm/majlis-cut-XXXXXX");
    return g_mkdtemp(folder) != NULL ? folder : (g_free(folder), case_folder());
}

static void room_init(Room *room)
{
    *room = (Room){.directory = fast_folder()};
    ClipRun run = {.run = 1, .end_us = END_US, .open = true};
    case_write(room->directory, &run);
    room->folder = g_build_filename(room->directory, SESSION_ID, NULL);
    room->journal = case_read(room->directory, "journal", &room->journal_size);
    room->whole = parts_of(room->journal, room->journal_size);
    room->files = g_array_new(FALSE, FALSE, sizeof(File));
    g_array_set_clear_func(room->files, clear_file);
    g_autofree char *listed = case_command("cd '%s' && find 1 -type f | sort", room->folder);
    g_auto(GStrv) names = g_strsplit(g_strchomp(listed), "\n", -1);
    for (unsigned i = 0; names[i] != NULL; i++) {
        File file = {.path = g_build_filename(room->folder, names[i], NULL)};
        file.bytes = case_read(room->directory, names[i], &file.size);
        g_array_append_val(room->files, file);
    }
}

static void room_clear(Room *room)
{
    case_remove(room->directory);
    g_free(room->folder);
    g_free(room->journal);
    g_array_unref(room->files);
    g_hash_table_unref(room->whole);
}

static void write_file(const char *path, const char *bytes, gsize size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, bytes, size), ==, (gssize)size);
    close(fd);
}

/* The recording as it was, but for its journal. */
static void room_restore(const Room *room)
{
    static const char *const made[] = {"main.m3u8", "v720p.m3u8", "v360p.m3u8", "aar.m3u8"};
    for (unsigned i = 0; i < G_N_ELEMENTS(made); i++) {
        g_autofree char *path = g_build_filename(room->folder, made[i], NULL);
        g_unlink(path);
    }
    for (guint i = 0; i < room->files->len; i++) {
        const File *file = &g_array_index(room->files, File, i);
        struct stat status;
        if (stat(file->path, &status) != 0 || (gsize)status.st_size != file->size) {
            write_file(file->path, file->bytes, file->size);
        }
    }
}

static void write_journal(const Room *room, gsize size)
{
    g_autofree char *path = g_build_filename(room->folder, "journal", NULL);
    write_file(path, room->journal, size);
}

/* The file begins as it did when it was whole. */
static void check_prefix(const Room *room, const char *name, gsize size)
{
    g_autofree char *path = g_build_filename(room->folder, name, NULL);
    for (guint i = 0; i < room->files->len; i++) {
        const File *file = &g_array_index(room->files, File, i);
        if (strcmp(file->path, path) == 0) {
            gsize now;
            g_autofree char *bytes = case_read(room->directory, name, &now);
            g_assert_cmpuint(now, >=, size);
            g_assert_cmpuint(size, <=, file->size);
            g_assert_cmpint(memcmp(bytes, file->bytes, size), ==, 0);
            return;
        }
    }
    g_assert_not_reached();
}

/* One segment of a media playlist: `bytes` is 0 for all of the file. */
static void check_segment(const Room *room, GHashTable *parts, const char *name, uint64_t bytes)
{
    g_autofree char *path = g_build_filename(room->folder, name, NULL);
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    uint64_t size = bytes > 0 ? bytes : (uint64_t)status.st_size;
    const GArray *ends = g_hash_table_lookup(parts, name);
    g_assert_nonnull(ends);
    bool whole = false;
    for (guint i = 0; i < ends->len; i++) {
        whole |= g_array_index(ends, uint64_t, i) == size;
    }
    g_assert_true(whole);
    check_prefix(room, name, size);
}

/* Its seconds; -1: there is none, as the track had no part yet. */
static double check_playlist(const Room *room, GHashTable *parts, const char *key)
{
    g_autofree char *name = g_strconcat(key, ".m3u8", NULL);
    g_autofree char *path = g_build_filename(room->folder, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        return -1;
    }
    gsize size;
    g_autofree char *text = case_read(room->directory, name, &size);
    g_assert_true(g_str_has_suffix(text, "#EXT-X-ENDLIST\n"));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    double seconds = 0;
    uint64_t bytes = 0;
    bool gap = false;
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (g_str_has_prefix(lines[i], "#EXTINF:")) {
            seconds += g_ascii_strtod(lines[i] + strlen("#EXTINF:"), NULL);
        } else if (g_str_has_prefix(lines[i], "#EXT-X-BYTERANGE:")) {
            bytes = g_ascii_strtoull(lines[i] + strlen("#EXT-X-BYTERANGE:"), NULL, 10);
        } else if (strcmp(lines[i], "#EXT-X-GAP") == 0) {
            gap = true;
        } else if (lines[i][0] != '#' && lines[i][0] != '\0') {
            if (!gap) {
                check_segment(room, parts, lines[i], bytes);
            }
            gap = false;
            bytes = 0;
        }
    }
    return seconds;
}

/* Finishes what is there. Microseconds published, held against the parts of `journal_size`. */
static int64_t finish(const Room *room, gsize journal_size)
{
    g_autoptr(GError) error = NULL;
    ArchiveState state;
    bool finished =
        publish_make(room->directory, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    if (error != NULL && journal_size < (gsize)(strchr(room->journal, '\n') - room->journal + 1)) {
        return 0; // not even the head
    }
    g_assert_no_error(error);
    g_assert_true(finished);
    g_assert_true(archive_read_state(room->directory, SESSION_ID, &state, &error));
    g_assert_no_error(error);
    g_autofree char *main_path = g_build_filename(room->folder, "main.m3u8", NULL);
    if (!g_file_test(main_path, G_FILE_TEST_EXISTS)) {
        return 0;
    }
    g_autoptr(GHashTable) parts = parts_of(room->journal, journal_size);
    double video = check_playlist(room, parts, "v720p");
    double small = check_playlist(room, parts, "v360p");
    double sound = check_playlist(room, parts, "aar");
    g_assert_cmpfloat(video, >, 0);
    g_assert_true(small < 0 || ABS(video - small) < 0.04);
    g_assert_true(sound < 0 || ABS(video - sound) < 0.06);
    g_assert_cmpfloat(video * 1e6, <=, (double)END_US + 1000);
    return (int64_t)(video * 1e6);
}

/* Within two bytes of the end of a line. */
static bool near_a_line(const Room *room, gsize at)
{
    gsize from = at > 2 ? at - 2 : 0;
    return memchr(room->journal + from, '\n', MIN(at + 2, room->journal_size) - from) != NULL;
}

static void test_journal(void)
{
    Room room;
    room_init(&room);
    int64_t before_us = 0;
    int64_t us = 0;
    unsigned cuts = 0;
    gsize step = !tests_are_long() && TESTS_SANITIZED ? 16 : 1;
    for (gsize size = 0; size <= room.journal_size; size++) {
        if (size % step != 0 && !near_a_line(&room, size)) {
            continue;
        }
        cuts++;
        room_restore(&room);
        write_journal(&room, size);
        us = finish(&room, size);
        g_assert_cmpint(us, >=, before_us); // never less than a shorter journal gave
        before_us = us;
    }
    g_assert_cmpint(us, ==, END_US);
    g_test_message("the journal of %zu bytes cut %u times", room.journal_size, cuts);
    room_clear(&room);
}

typedef struct {
    const char *name;
    gsize step; // of the short form; every byte near the end of a part, and all in the long form
} Cut;

static bool near_an_end(const Room *room, const char *name, gsize at)
{
    const GArray *ends = g_hash_table_lookup(room->whole, name);
    for (guint i = 0; ends != NULL && i < ends->len; i++) {
        uint64_t end = g_array_index(ends, uint64_t, i);
        if (at + NEAR >= end && at <= end + NEAR) {
            return true;
        }
    }
    return false;
}

/* Where a crash of the whole machine, or a bad disk, took the end of one file. */
static void test_segment(const void *data)
{
    const Cut *what = data;
    const char *name = what->name;
    Room room;
    room_init(&room);
    g_autofree char *path = g_build_filename(room.folder, name, NULL);
    gsize size;
    g_autofree char *bytes = case_read(room.directory, name, &size);
    int64_t last_us = 0;
    unsigned cuts = 0;
    gsize step = tests_are_long() ? 1 : what->step * (TESTS_SANITIZED ? 4 : 1);
    for (gsize cut = 0; cut <= size; cut++) {
        if (cut % step != 0 && !near_an_end(&room, name, cut)) {
            continue;
        }
        cuts++;
        room_restore(&room);
        write_journal(&room, room.journal_size);
        write_file(path, bytes, cut);
        last_us = finish(&room, room.journal_size);
        g_assert_cmpint(last_us, >=, END_US / 2 - 600000); // the other segment is not touched
        struct stat status;
        g_assert_cmpint(stat(path, &status), ==, 0);
        g_assert_cmpuint((gsize)status.st_size, <=, cut); // nothing is made up
    }
    g_assert_cmpint(last_us, ==, END_US);
    g_test_message("%s of %zu bytes cut %u times", name, size, cuts);
    room_clear(&room);
}

void add_cut_cases(void)
{
    g_test_add_func("/archive/cut/journal", test_journal);
    static const Cut last = {"1/aar/1.m4s", 17};
    static const Cut first = {"1/aar/0.m4s", 31};
    static const Cut init = {"1/aar/init.mp4", 1};
    static const Cut picture = {"1/v360p/1.m4s", 211};
    g_test_add_data_func("/archive/cut/last-segment", &last, test_segment);
    g_test_add_data_func("/archive/cut/first-segment", &first, test_segment);
    g_test_add_data_func("/archive/cut/init", &init, test_segment);
    g_test_add_data_func("/archive/cut/picture", &picture, test_segment);
}
