// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that does not answer, in place of the C library's own: it holds up nobody for longer than
// was said, nor a thread more than a few.
#include "cases.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HANGING "/hangs"

static atomic_bool hangs;

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

static void test_answers(void)
{
    char *folder = case_folder();
    g_assert_true(archive_answers(folder, 10000));
    g_assert_true(archive_answers("/nowhere", 10000)); // that is an answer
    atomic_store(&hangs, true);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_false(archive_answers(HANGING, 10));
    }
    int64_t start_us = base_clock_us();
    g_assert_false(archive_answers(HANGING, 60000));
    g_assert_cmpint(base_clock_us() - start_us, <, 30 * BASE_US_PER_S);
    atomic_store(&hangs, false);
    while (!archive_answers(HANGING, 1000)) {
        g_usleep(1000);
    }
    case_remove(folder);
}

void add_answer_cases(void)
{
    g_test_add_func("/archive/answers", test_answers);
}
