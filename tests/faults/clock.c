// SPDX-License-Identifier: GPL-3.0-or-later
// A wall clock that is set, by LD_PRELOAD: the file MAJLIS_FAULT_CLOCK_STEP holds the seconds that it is
// ahead, read anew each second. The monotonic clock stays as it is.
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_long ahead, read_at;

static int real(clockid_t id, struct timespec *out)
{
    return (int)syscall(SYS_clock_gettime, id, out);
}

static long step(void)
{
    struct timespec now;
    const char *path = getenv("MAJLIS_FAULT_CLOCK_STEP");
    real(CLOCK_MONOTONIC, &now);
    long last = atomic_load(&read_at);
    if (path != NULL && now.tv_sec != last &&
        atomic_compare_exchange_strong(&read_at, &last, now.tv_sec)) {
        char text[32] = "";
        long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && syscall(SYS_read, fd, text, sizeof text - 1) > 0) {
            atomic_store(&ahead, atol(text));
        }
        if (fd >= 0) {
            syscall(SYS_close, fd);
        }
    }
    return atomic_load(&ahead);
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    int result = real(id, out);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        out->tv_sec += step();
    }
    return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}
