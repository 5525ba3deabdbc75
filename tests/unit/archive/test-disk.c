// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that does not answer or is too slow, in place of the C library's own: it holds up nobody
// for longer than was said, nor a thread more than a few, and what it loses is told while it does.
#include "cases.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HANGING "/hangs"

static atomic_bool hangs;
static atomic_uint sync_ms;

int statvfs(const char *path, struct statvfs *out)
{
    while (strcmp(path, HANGING) == 0 && atomic_load(&hangs)) {
        g_usleep(1000);
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 ? fstatvfs(fd, out) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return result;
}

int fdatasync(int fd)
{
    g_usleep(atomic_load(&sync_ms) * 1000);
    return (int)syscall(SYS_fdatasync, fd);
}

static void test_answers(void)
{
    char *folder = case_folder();
    g_assert_true(archive_probe(folder, 10000));
    g_assert_true(archive_probe("/nowhere", 10000)); // that is an answer
    atomic_store(&hangs, true);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_false(archive_probe(HANGING, 10));
    }
    int64_t start_us = base_clock_us();
    g_assert_false(archive_probe(HANGING, 60000));
    g_assert_cmpint(base_clock_us() - start_us, <, 30 * BASE_US_PER_S);
    atomic_store(&hangs, false);
    while (!archive_probe(HANGING, 1000)) {
        g_usleep(1000);
    }
    case_remove(folder);
}

typedef struct {
    ArchiveWriter *writer;
    atomic_bool told;
    int64_t first_lost_us, told_us, end_us;
} Slow;

static void on_health(void *data, const char *why)
{
    Slow *slow = data;
    if (why != NULL && strstr(why, "too slow") != NULL && !atomic_exchange(&slow->told, true)) {
        slow->told_us = base_clock_us();
    }
}

/* Ever more, faster than the disk takes it, for as long as it is not told. */
static void push_more(void *data, MediaPart *part)
{
    Slow *slow = data;
    if (!atomic_load(&slow->told) && base_clock_us() < slow->end_us &&
        !archive_writer_push(slow->writer, part)) {
        slow->first_lost_us = slow->first_lost_us != 0 ? slow->first_lost_us : base_clock_us();
        g_usleep(500); // there is more in the ring than is taken meanwhile
    }
}

/* A disk that never catches up has its ring never empty. */
static void test_slow(void)
{
    char *folder = case_folder();
    Slow slow = {.end_us = base_clock_us() + 60 * BASE_US_PER_S};
    ArchiveWriterEvents events = {.health = on_health, .data = &slow};
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID},
                                  .epoch_wall_us = SESSION_EPOCH_US};
    g_autoptr(GError) error = NULL;
    slow.writer = archive_writer_new(&config, &events, &error);
    g_assert_no_error(error);
    atomic_store(&sync_ms, 60);
    ClipRun run = {.run = 1, .end_us = 7200 * BASE_US_PER_S, .open = true};
    clip_segment(case_clip(), &run, push_more, &slow);
    g_assert_true(atomic_load(&slow.told));
    g_test_message("told %.2f s after the first part was lost",
                   (double)(slow.told_us - slow.first_lost_us) / 1e6);
    atomic_store(&sync_ms, 0);
    archive_writer_free(slow.writer);
    case_remove(folder);
}

void add_disk_cases(void)
{
    g_test_add_func("/archive/writer/slow", test_slow);
    g_test_add_func("/archive/answers", test_answers);
}
