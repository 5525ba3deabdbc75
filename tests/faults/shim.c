// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that fails, for LD_PRELOAD: what a program does to files below the folder MAJLIS_FAULT_DIR
// (as glob(7); * is also /) is done, refused or held up as the first word of the file
// MAJLIS_FAULT_CONTROL says:
//
//   write   writing fails with EIO      open    making a file fails with EIO
//   sync    fsync, fdatasync: EIO       stall   whatever it is waits until the word is another
//   slow    fsync, fdatasync take 300 ms longer
//
// MAJLIS_FAULT_CLOCK=synchronised or free: what adjtimex() says of the clock.
// Anything else, or no file: nothing happens. The word is read anew at each call.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define WORD_BYTES 16

static void read_word(char word[WORD_BYTES])
{
    word[0] = '\0';
    const char *path = getenv("MAJLIS_FAULT_CONTROL");
    long fd = path != NULL ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return;
    }
    ssize_t got = syscall(SYS_read, fd, word, WORD_BYTES - 1);
    syscall(SYS_close, fd);
    word[got > 0 ? got : 0] = '\0';
    word[strcspn(word, " \n")] = '\0';
}

static bool is_below(const char *path)
{
    const char *folder = getenv("MAJLIS_FAULT_DIR");
    char pattern[4096];
    if (folder == NULL || folder[0] == '\0') {
        return false;
    }
    snprintf(pattern, sizeof pattern, "%s/*", folder);
    return fnmatch(pattern, path, 0) == 0;
}

static bool fd_is_below(int fd)
{
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    return is_below(path);
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* True where a call of the kind fails now; waits where it is held up. */
static bool fails(const char *kind)
{
    char word[WORD_BYTES];
    int kept = errno;
    for (read_word(word); strcmp(word, "stall") == 0; read_word(word)) {
        wait_ms(10);
    }
    if (strcmp(word, "slow") == 0 && strcmp(kind, "sync") == 0) {
        wait_ms(300);
    }
    errno = kept;
    if (strcmp(word, kind) != 0) {
        return false;
    }
    errno = EIO;
    return true;
}

static bool fd_fails(int fd, const char *kind)
{
    return fd_is_below(fd) && fails(kind);
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size)
{
    return fd_fails(fd, "write") ? -1 : REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return fd_fails(fd, "write") ? -1 : REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return fd_fails(fd, "write") ? -1 : REAL(pwrite64)(fd, data, size, at);
}

int ftruncate(int fd, off_t size)
{
    return fd_fails(fd, "write") ? -1 : REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return fd_fails(fd, "write") ? -1 : REAL(ftruncate64)(fd, size);
}

int fsync(int fd)
{
    return fd_fails(fd, "sync") ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    return fd_fails(fd, "sync") ? -1 : REAL(fdatasync)(fd);
}

static bool open_fails(const char *path, int flags)
{
    return (flags & O_CREAT) != 0 && is_below(path) && fails("open");
}

static mode_t take_mode(int flags, va_list args)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = take_mode(flags, args);
    va_end(args);
    return open_fails(path, flags) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = take_mode(flags, args);
    va_end(args);
    return open_fails(path, flags) ? -1 : REAL(open64)(path, flags, mode);
}

int adjtimex(struct timex *clock)
{
    const char *said = getenv("MAJLIS_FAULT_CLOCK");
    if (said == NULL) {
        return REAL(adjtimex)(clock);
    }
    bool synchronised = strcmp(said, "synchronised") == 0;
    clock->status = synchronised ? 0 : STA_UNSYNC;
    return synchronised ? TIME_OK : TIME_ERROR;
}
