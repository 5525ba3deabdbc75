// SPDX-License-Identifier: GPL-3.0-or-later
// Deletion: what is left, who is in its way, and a kill at every system call of it.
#include "../long.h"
#include "cases.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define DELETED_US INT64_C(1795500000000000)

static void make_recording(const char *folder)
{
    ClipRun run = {.run = 1, .end_us = 4000000, .open = true};
    case_write(folder, &run);
    g_autoptr(GError) error = NULL;
    publish_make(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    publish_make(folder, SESSION_ID, PUBLISH_STEP_MP4, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *more = case_command("cd '%s/" SESSION_ID "' && mkdir thumbs && "
                                         "echo x > thumbs/5000.jpg && ln -s /etc outside && "
                                         "printf '{}' > manifest.json",
                                         folder);
}

static bool delete (const char *folder, const char *why, GError **error)
{
    return archive_delete(folder, SESSION_ID, why, DELETED_US, error);
}

static void check_deleted(const char *folder, uint64_t bytes)
{
    g_autofree char *left = case_command("cd '%s/" SESSION_ID "' && find . -mindepth 1", folder);
    g_assert_cmpstr(left, ==, "./deleted.json\n");
    gsize size;
    g_autofree char *text = case_read(folder, "deleted.json", &size);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) trace = base_json_parse_object(text, size, &error);
    g_assert_no_error(error);
    const char *id, *at, *why, *digest;
    json_int_t duration_ms, was_bytes;
    g_assert_cmpint(json_unpack(trace, "{s:s, s:s, s:s, s:I, s:I, s:s !}", "id", &id, "deleted_at",
                                &at, "why", &why, "duration_ms", &duration_ms, "bytes", &was_bytes,
                                "manifest_sha256", &digest),
                    ==, 0);
    g_autofree char *wanted_at = base_time_format(DELETED_US);
    g_assert_cmpstr(id, ==, SESSION_ID);
    g_assert_cmpstr(at, ==, wanted_at);
    g_assert_cmpstr(why, ==, "too old");
    g_assert_cmpint(duration_ms, ==, 4000);
    g_assert_cmpuint((uint64_t)was_bytes, ==, bytes);
    g_autofree char *empty = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "{}", 2);
    g_assert_cmpstr(digest, ==, empty);
}

static void test_delete(void)
{
    char *folder = case_folder();
    g_autoptr(GError) error = NULL;
    uint64_t bytes = 0;
    g_assert_false(archive_size(folder, SESSION_ID, &bytes));
    g_assert_false(delete (folder, "too old", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_clear_error(&error);
    make_recording(folder);
    g_assert_true(archive_size(folder, SESSION_ID, &bytes));
    g_autofree char *said =
        case_command("find '%s' -type f -printf '%%s\\n' | awk '{s += $1} END {print s}'", folder);
    g_assert_cmpuint(bytes, ==, g_ascii_strtoull(said, NULL, 10));
    delete (folder, "too old", &error);
    g_assert_no_error(error);
    check_deleted(folder, bytes);
    g_assert_true(g_file_test("/etc/passwd", G_FILE_TEST_EXISTS)); // no link was followed
    // Again, and for another reason: the first trace stays.
    g_assert_true(archive_delete(folder, SESSION_ID, "other", 5, &error));
    check_deleted(folder, bytes);
    char *file = NULL;
    const char *type = NULL;
    g_assert_cmpint(publish_find(folder, SESSION_ID, "main.m3u8", &file, &type), ==,
                    PUBLISH_NOT_FOUND);
    // No recording begins anew under its names.
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID}};
    g_assert_null(archive_writer_new(&config, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    case_remove(folder);
}

static void test_delete_held(void)
{
    char *folder = case_folder();
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID},
                                  .epoch_wall_us = SESSION_EPOCH_US};
    ArchiveWriter *writer = archive_writer_new(&config, NULL, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(delete (folder, "too old", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    archive_writer_free(writer);
    make_recording(folder);
    uint64_t bytes = 0;
    g_assert_true(archive_size(folder, SESSION_ID, &bytes));
    // As the maker of the MP4 does.
    g_autofree char *path = g_build_filename(folder, SESSION_ID, "recording.mp4.new", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
    g_assert_false(delete (folder, "too old", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_autofree char *main_path = g_build_filename(folder, SESSION_ID, "main.m3u8", NULL);
    g_assert_true(g_file_test(main_path, G_FILE_TEST_EXISTS));
    close(fd);
    g_assert_true(delete (folder, "too old", &error));
    check_deleted(folder, bytes);
    case_remove(folder);
}

/* Deletes in a child that is killed at its system call number `step`. False: it came to its end. */
static bool delete_until(const char *folder, unsigned step)
{
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(delete (folder, "too old", NULL) ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    for (unsigned i = 0; WIFSTOPPED(status) && i < step; i++) {
        ptrace(PTRACE_SYSCALL, child, NULL, NULL);
        waitpid(child, &status, 0);
    }
    if (WIFEXITED(status)) {
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
        return false;
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return true;
}

static void test_delete_killed(void)
{
    char *folder = case_folder();
    char *kept = case_folder();
    make_recording(kept);
    uint64_t bytes = 0;
    g_assert_true(archive_size(kept, SESSION_ID, &bytes));
    unsigned step = 0;
    for (bool killed = true; killed; step += TESTS_SANITIZED ? 7 : 1) {
        g_autofree char *copied = case_command(
            "rm -rf '%s/" SESSION_ID "'; cp -a '%s/" SESSION_ID "' '%s'", folder, kept, folder);
        killed = delete_until(folder, step);
        // Whole, or deleted: never served in half.
        char *file = NULL;
        const char *type = NULL;
        if (publish_find(folder, SESSION_ID, "main.m3u8", &file, &type) == PUBLISH_FOUND) {
            uint64_t left = 0;
            g_assert_true(archive_size(folder, SESSION_ID, &left));
            g_assert_cmpuint(left, >=, bytes);
            g_free(file);
        }
        g_autoptr(GError) error = NULL;
        delete (folder, "too old", &error);
        g_assert_no_error(error);
        check_deleted(folder, bytes);
    }
    g_test_message("killed at each of %u stops, before and after each system call", step - 1);
    g_assert_cmpuint(step, >, 50);
    case_remove(folder);
    case_remove(kept);
}

void add_cleaner_cases(void)
{
    g_test_add_func("/archive/delete", test_delete);
    g_test_add_func("/archive/delete/held", test_delete_held);
    g_test_add_func("/archive/delete/killed", test_delete_killed);
}
