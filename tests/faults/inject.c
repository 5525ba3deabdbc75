// SPDX-License-Identifier: GPL-3.0-or-later
// Fails allocations or system calls of a program one site at a time, each once, for LD_PRELOAD.
//
// A site is a function of libc, its caller, and the callers of that inside the program itself (the innermost
// INJECT_DEPTH). Only calls below the program's own code count: libraries' own threads have no sites.
//
//   INJECT_TABLE    a file of zeros, TABLE_BYTES long: the sites seen, shared with the test and with the
//                   program's later runs, which fail no site again
//   INJECT_PROCESS  the program's first argument: other processes are left alone
//   INJECT_WHAT     memory: allocations give NULL; calls: system calls fail with an error that fits
//   INJECT_SEED, INJECT_FROM, INJECT_PERMILLE   which sites: so many of 1,000, from there on, by a hash of the site and
//                   the seed
//   INJECT_KEPT     and these: "FUNCTION_OF_LIBC:START-END …", called directly from these offsets in the program
//   INJECT_SITE     only this site, in hexadecimal
//   INJECT_GAP_MS   at least so long between two failures
//
// A signal that ends the program prints its stack to standard error first.
#include <dirent.h>
#include <dlfcn.h>
#include <link.h>
#include <malloc.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#define SITES 16384
#define FRAMES 6
#define KEEPS 32
#define MEMOS 1024 // a power of two
#define EXPORTED __attribute__((visibility("default")))

/* Read by inject.ts. */
typedef struct {
    _Atomic uint64_t id; // 0: free
    _Atomic uint64_t passed;
    _Atomic uint64_t order; // of the failures, from 1; 0: not failed
    uint64_t at_ms;         // of the failure, wall clock
    uint64_t error;
    uint64_t frames[FRAMES]; // return addresses in the program, innermost first; 0: none
    char name[24], caller[32], thread[16];
} Site;

typedef struct {
    _Atomic uint64_t failures;
    _Atomic uint64_t last_ms; // monotonic
    _Atomic uint64_t held;    // by the test: nothing fails
    uint64_t unused[13];
    Site sites[SITES];
} Table;

_Static_assert(sizeof(Site) == 160, "inject.ts reads it");
#define TABLE_BYTES sizeof(Table)

static Table *table; // NULL: not this process
static bool memory, calls;
static uint64_t seed, start, permille, only, gap_ms, depth;
static struct {
    char name[24];
    unsigned long start, end;
} keep[KEEPS];
static unsigned keeps;
static uintptr_t program; // its load address
static const void *program_map;
static __thread bool inside __attribute__((tls_model("initial-exec")));

typedef struct {
    uintptr_t frames[FRAMES];
    unsigned count;
} Walk;

static _Unwind_Reason_Code on_frame(struct _Unwind_Context *context, void *data)
{
    Walk *walk = data;
    uintptr_t at = _Unwind_GetIP(context);
    struct dl_find_object object;
    if (_dl_find_object((void *)at, &object) == 0 && object.dlfo_map_start == program_map) {
        walk->frames[walk->count++] = at - program;
    }
    return walk->count == FRAMES ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 29);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++) {
        hash = mix(hash, (unsigned char)*text);
    }
    return hash;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static uint64_t site_id(const char *name, const void *caller, const Walk *walk)
{
    uint64_t hash = memory ? 1 : mix_text(1, name);
    struct dl_find_object object;
    if (!memory && _dl_find_object((void *)caller, &object) == 0) {
        hash = mix_text(hash, base_name(object.dlfo_link_map->l_name));
        hash = mix(hash, (uintptr_t)caller - object.dlfo_link_map->l_addr);
    }
    for (unsigned i = 0; i < walk->count && i < depth; i++) {
        hash = mix(hash, walk->frames[i]);
    }
    return hash != 0 ? hash : 1;
}

static void describe(Site *site, const char *name, const void *caller, const Walk *walk)
{
    Dl_info info;
    strncpy(site->name, name, sizeof site->name - 1);
    if (dladdr(caller, &info) != 0) {
        const char *text = info.dli_sname != NULL ? info.dli_sname : base_name(info.dli_fname);
        strncpy(site->caller, text, sizeof site->caller - 1);
    }
    pthread_getname_np(pthread_self(), site->thread, sizeof site->thread);
    for (unsigned i = 0; i < walk->count; i++) {
        site->frames[i] = walk->frames[i];
    }
}

/* NULL: none, or the table is full. */
static Site *find_site(const char *name, const void *caller)
{
    Walk walk = {.count = 0};
    _Unwind_Backtrace(on_frame, &walk);
    if (walk.count == 0) {
        return NULL;
    }
    uint64_t id = site_id(name, caller, &walk);
    for (unsigned i = 0; i < SITES; i++) {
        Site *site = &table->sites[(id + i) % SITES];
        uint64_t is = 0;
        if (atomic_compare_exchange_strong(&site->id, &is, id)) {
            describe(site, name, caller, &walk);
            return site;
        }
        if (is == id) {
            return site;
        }
    }
    return NULL;
}

/* Unwinding for each allocation is slow: equal stacks near the call are the same site. */
static Site *remember_site(const char *name, const void *caller, const uint64_t *stack)
{
    static __thread struct {
        uint64_t key;
        Site *site;
    } memos[MEMOS] __attribute__((tls_model("initial-exec")));
    uint64_t key = mix((uintptr_t)caller, (uintptr_t)stack);
    for (unsigned i = 0; i < 16; i++) {
        key = mix(key, stack[i]);
    }
    if (memos[key % MEMOS].key != key) {
        memos[key % MEMOS].site = find_site(name, caller);
        memos[key % MEMOS].key = key;
    }
    return memos[key % MEMOS].site;
}

static bool kept(const Site *site)
{
    for (unsigned i = 0; i < keeps; i++) {
        if (strcmp(site->name, keep[i].name) == 0 && site->frames[0] > keep[i].start &&
            site->frames[0] <= keep[i].end) {
            return true;
        }
    }
    return false;
}

static bool chosen(const Site *site)
{
    uint64_t at = mix(mix(7, seed), site->id) % 1000;
    return only != 0 ? site->id == only : (at >= start && at < start + permille) || kept(site);
}

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Once per site. */
static bool claim(Site *site, int error)
{
    uint64_t now = clock_ms(CLOCK_MONOTONIC), last = table->last_ms, none = 0;
    if (table->held != 0 || now - last < gap_ms ||
        !atomic_compare_exchange_strong(&site->order, &none, UINT64_MAX)) {
        return false;
    }
    if (!atomic_compare_exchange_strong(&table->last_ms, &last, now)) {
        site->order = 0;
        return false;
    }
    site->at_ms = clock_ms(CLOCK_REALTIME);
    site->error = (uint64_t)error;
    site->order = atomic_fetch_add(&table->failures, 1) + 1;
    return true;
}

/* Which error fits; -1: none does. */
typedef int (*Fitting)(int fd);

/* Sets errno where it fails. `caller`: of the function of libc. */
static bool fails(const char *name, const void *caller, const uint64_t *stack, int error,
                  Fitting fitting, int fd)
{
    if (table == NULL || inside) {
        return false;
    }
    inside = true;
    int kept = errno;
    Site *site = memory ? remember_site(name, caller, stack) : find_site(name, caller);
    bool failed = false;
    if (site != NULL) {
        atomic_fetch_add(&site->passed, 1);
        if (site->order == 0 && chosen(site)) {
            error = fitting != NULL ? fitting(fd) : error;
            failed = error > 0 && claim(site, error);
        }
    }
    errno = failed ? error : kept;
    inside = false;
    return failed;
}

static bool no_memory(const char *name, const void *caller, const uint64_t *stack)
{
    return memory && fails(name, caller, stack, ENOMEM, NULL, -1);
}

static bool call_fails(const char *name, const void *caller, const uint64_t *stack, int error)
{
    return calls && fails(name, caller, stack, error, NULL, -1);
}

static bool fd_fails(const char *name, const void *caller, const uint64_t *stack, Fitting fitting,
                     int fd)
{
    return calls && fails(name, caller, stack, -1, fitting, fd);
}

static bool waits(int fd)
{
    long flags = syscall(SYS_fcntl, fd, F_GETFL);
    return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

static bool is_datagram(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_DGRAM;
}

static int fits_fd(int fd, int file, int datagram)
{
    struct stat is;
    if (syscall(SYS_fstat, fd, &is) < 0) {
        return -1;
    }
    if (S_ISREG(is.st_mode) || S_ISDIR(is.st_mode) || S_ISCHR(is.st_mode)) {
        return file;
    }
    if (S_ISSOCK(is.st_mode)) {
        return is_datagram(fd) ? datagram : ECONNRESET;
    }
    return waits(fd) ? -1 : EAGAIN; // a pipe that waits does not fail
}

static int fits_read(int fd)
{
    return fits_fd(fd, EIO, ENOMEM);
}

/* An eventfd can always be written: a wake-up that fails is none that the kernel knows. */
static int fits_write(int fd)
{
    char link[32], path[32] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    return strstr(path, "[eventfd]") != NULL ? -1 : fits_fd(fd, ENOSPC, ENOBUFS);
}

static int fits_open(int flags)
{
    return (flags & O_CREAT) != 0 ? ENOSPC : EMFILE;
}

/* The stack of a crash, for the test. */
static void on_signal(int number)
{
    void *frames[64];
    static const char head[] = "inject: a signal ends the program at\n";
    table = NULL;
    syscall(SYS_write, STDERR_FILENO, head, sizeof head - 1);
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
    raise(number);
}

static uint64_t number_of(const char *variable, int base)
{
    const char *text = getenv(variable);
    return text != NULL ? strtoull(text, NULL, base) : 0;
}

static void read_kept(const char *text)
{
    int used = 0;
    while (text != NULL && keeps < KEEPS &&
           sscanf(text, " %23[a-z0-9_]:%lx-%lx%n", keep[keeps].name, &keep[keeps].start,
                  &keep[keeps].end, &used) == 3) {
        text += used;
        keeps++;
    }
}

static Table *map_table(const char *path)
{
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    void *at =
        (void *)syscall(SYS_mmap, NULL, TABLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
    syscall(SYS_close, fd);
    return at != MAP_FAILED ? at : NULL;
}

static void find_program(void)
{
    void *main_program = dlopen(NULL, RTLD_LAZY);
    struct link_map *map = NULL;
    dlinfo(main_program, RTLD_DI_LINKMAP, &map);
    program = map->l_addr;
    struct dl_find_object object;
    _dl_find_object((void *)map->l_ld, &object);
    program_map = object.dlfo_map_start;
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
    const char *path = getenv("INJECT_TABLE"), *process = getenv("INJECT_PROCESS");
    const char *what = getenv("INJECT_WHAT");
    if (path == NULL || process == NULL || what == NULL || argc < 2 ||
        strcmp(argv[1], process) != 0) {
        return;
    }
    memory = strcmp(what, "memory") == 0;
    calls = !memory;
    seed = number_of("INJECT_SEED", 10);
    start = number_of("INJECT_FROM", 10);
    permille = number_of("INJECT_PERMILLE", 10);
    only = number_of("INJECT_SITE", 16);
    gap_ms = number_of("INJECT_GAP_MS", 10);
    depth = number_of("INJECT_DEPTH", 10);
    read_kept(getenv("INJECT_KEPT"));
    find_program();
    void *warm[2];
    backtrace(warm, 2); // loads what it needs
    static const int ends[] = {SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        sigaction(ends[i], &action, NULL);
    }
    table = map_table(path);
}

/* The caller, and the stack above. */
#define HERE __builtin_return_address(0), __builtin_frame_address(0)

/* Allocations. glibc exports the real ones under these names, which need no dlsym(). */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

EXPORTED void *malloc(size_t size)
{
    return no_memory("malloc", HERE) ? NULL : __libc_malloc(size);
}

EXPORTED void *calloc(size_t count, size_t size)
{
    return no_memory("calloc", HERE) ? NULL : __libc_calloc(count, size);
}

EXPORTED void *realloc(void *old, size_t size)
{
    return size > 0 && no_memory("realloc", HERE) ? NULL : __libc_realloc(old, size);
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
    return no_memory("memalign", HERE) ? NULL : __libc_memalign(alignment, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    return no_memory("aligned_alloc", HERE) ? NULL : __libc_memalign(alignment, size);
}

EXPORTED int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *got = no_memory("posix_memalign", HERE) ? NULL : __libc_memalign(alignment, size);
    if (got == NULL) {
        return ENOMEM;
    }
    *out = got;
    return 0;
}

/* System calls */

#define REAL(name)                                                                                 \
    ({                                                                                             \
        static __typeof__(&(name)) real;                                                           \
        if (real == NULL) {                                                                        \
            real = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name);                                   \
        }                                                                                          \
        real;                                                                                      \
    })

// Parameters and arguments bring their own: NOLINTBEGIN(bugprone-macro-parentheses)
/* Gives `failed` with errno. */
#define CALL(type, name, failed, parameters, arguments, number)                                    \
    EXPORTED type name parameters                                                                  \
    {                                                                                              \
        return call_fails(#name, HERE, number) ? (type)(failed) : REAL(name) arguments;            \
    }
/* The error depends on the descriptor `fd`. */
#define FD_CALL(type, name, parameters, arguments, fitting)                                        \
    EXPORTED type name parameters                                                                  \
    {                                                                                              \
        return fd_fails(#name, HERE, fitting, fd) ? (type)-1 : REAL(name) arguments;               \
    }
/* Gives the error. */
#define CODE_CALL(name, parameters, arguments, number)                                             \
    EXPORTED int name parameters                                                                   \
    {                                                                                              \
        return call_fails(#name, HERE, number) ? (number) : REAL(name) arguments;                  \
    }

static mode_t take_mode(int flags, va_list args)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

#define OPEN(name, parameters, arguments)                                                          \
    EXPORTED int name parameters                                                                   \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = take_mode(flags, args);                                                      \
        va_end(args);                                                                              \
        return fd_fails(#name, HERE, fits_open, flags) ? -1 : REAL(name) arguments;                \
    }
// NOLINTEND(bugprone-macro-parentheses)

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
CALL(int, __open_2, -1, (const char *path, int flags), (path, flags), EMFILE)
CALL(int, __open64_2, -1, (const char *path, int flags), (path, flags), EMFILE)
CALL(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode), EMFILE)
CALL(FILE *, fopen64, NULL, (const char *path, const char *mode), (path, mode), EMFILE)
CALL(DIR *, opendir, NULL, (const char *path), (path), EMFILE)
CALL(DIR *, fdopendir, NULL, (int fd), (fd), ENOMEM)

ssize_t __read_chk(int fd, void *data, size_t size, size_t room);
ssize_t __pread64_chk(int fd, void *data, size_t size, off64_t at, size_t room);
ssize_t __recv_chk(int fd, void *data, size_t size, size_t room, int flags);
FD_CALL(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), fits_read)
FD_CALL(ssize_t, pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at),
        fits_read)
FD_CALL(ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at),
        fits_read)
FD_CALL(ssize_t, readv, (int fd, const struct iovec *parts, int count), (fd, parts, count),
        fits_read)
FD_CALL(ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags),
        fits_read)
FD_CALL(ssize_t, recvfrom,
        (int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length),
        (fd, data, size, flags, from, length), fits_read)
FD_CALL(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),
        fits_read)
FD_CALL(int, recvmmsg,
        (int fd, struct mmsghdr *some, unsigned count, int flags, struct timespec *limit),
        (fd, some, count, flags, limit), fits_read)
FD_CALL(ssize_t, __read_chk, (int fd, void *data, size_t size, size_t room), (fd, data, size, room),
        fits_read)
FD_CALL(ssize_t, __pread64_chk, (int fd, void *data, size_t size, off64_t at, size_t room),
        (fd, data, size, at, room), fits_read)
FD_CALL(ssize_t, __recv_chk, (int fd, void *data, size_t size, size_t room, int flags),
        (fd, data, size, room, flags), fits_read)

FD_CALL(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), fits_write)
FD_CALL(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
        fits_write)
FD_CALL(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at),
        (fd, data, size, at), fits_write)
FD_CALL(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count),
        fits_write)
FD_CALL(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at),
        (fd, parts, count, at), fits_write)
FD_CALL(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at),
        (fd, parts, count, at), fits_write)
FD_CALL(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags),
        fits_write)
FD_CALL(ssize_t, sendto,
        (int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
         socklen_t length),
        (fd, data, size, flags, to, length), fits_write)
FD_CALL(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
        fits_write)
FD_CALL(int, sendmmsg, (int fd, struct mmsghdr *some, unsigned count, int flags),
        (fd, some, count, flags), fits_write)

CALL(int, fsync, -1, (int fd), (fd), EIO)
CALL(int, fdatasync, -1, (int fd), (fd), EIO)
CALL(int, syncfs, -1, (int fd), (fd), EIO)
CALL(int, ftruncate, -1, (int fd, off_t size), (fd, size), EIO)
CALL(int, ftruncate64, -1, (int fd, off64_t size), (fd, size), EIO)
CALL(int, fallocate, -1, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), ENOSPC)
CALL(int, fallocate64, -1, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size),
     ENOSPC)
CODE_CALL(posix_fallocate, (int fd, off_t at, off_t size), (fd, at, size), ENOSPC)
CODE_CALL(posix_fallocate64, (int fd, off64_t at, off64_t size), (fd, at, size), ENOSPC)
CALL(int, rename, -1, (const char *from, const char *to), (from, to), EIO)
CALL(int, renameat, -1, (int one, const char *from, int other, const char *to),
     (one, from, other, to), EIO)
CALL(int, renameat2, -1, (int one, const char *from, int other, const char *to, unsigned flags),
     (one, from, other, to, flags), EIO)
CALL(int, link, -1, (const char *from, const char *to), (from, to), ENOSPC)
CALL(int, linkat, -1, (int one, const char *from, int other, const char *to, int flags),
     (one, from, other, to, flags), ENOSPC)
CALL(int, unlink, -1, (const char *path), (path), EIO)
CALL(int, unlinkat, -1, (int at, const char *path, int flags), (at, path, flags), EIO)
CALL(int, mkdir, -1, (const char *path, mode_t mode), (path, mode), ENOSPC)
CALL(int, rmdir, -1, (const char *path), (path), EIO)
CALL(int, stat, -1, (const char *path, struct stat *out), (path, out), EIO)
CALL(int, stat64, -1, (const char *path, struct stat64 *out), (path, out), EIO)
CALL(int, lstat, -1, (const char *path, struct stat *out), (path, out), EIO)
CALL(int, lstat64, -1, (const char *path, struct stat64 *out), (path, out), EIO)
CALL(int, fstat, -1, (int fd, struct stat *out), (fd, out), EIO)
CALL(int, fstat64, -1, (int fd, struct stat64 *out), (fd, out), EIO)
CALL(int, fstatat, -1, (int at, const char *path, struct stat *out, int flags),
     (at, path, out, flags), EIO)
CALL(int, fstatat64, -1, (int at, const char *path, struct stat64 *out, int flags),
     (at, path, out, flags), EIO)
CALL(int, access, -1, (const char *path, int mode), (path, mode), EIO)
CALL(int, statvfs, -1, (const char *path, struct statvfs *out), (path, out), EIO)
CALL(int, statvfs64, -1, (const char *path, struct statvfs64 *out), (path, out), EIO)
CALL(int, chmod, -1, (const char *path, mode_t mode), (path, mode), EIO)
CALL(int, fchmod, -1, (int fd, mode_t mode), (fd, mode), EIO)
CALL(void *, mmap, MAP_FAILED,
     (void *at, size_t size, int protection, int flags, int fd, off_t from),
     (at, size, protection, flags, fd, from), ENOMEM)
CALL(void *, mmap64, MAP_FAILED,
     (void *at, size_t size, int protection, int flags, int fd, off64_t from),
     (at, size, protection, flags, fd, from), ENOMEM)

CALL(int, socket, -1, (int domain, int type, int protocol), (domain, type, protocol), EMFILE)
CALL(int, socketpair, -1, (int domain, int type, int protocol, int out[2]),
     (domain, type, protocol, out), EMFILE)
CALL(int, bind, -1, (int fd, const struct sockaddr *address, socklen_t length),
     (fd, address, length), EADDRINUSE)
CALL(int, listen, -1, (int fd, int backlog), (fd, backlog), EADDRINUSE)
CALL(int, connect, -1, (int fd, const struct sockaddr *address, socklen_t length),
     (fd, address, length), ECONNREFUSED)
CALL(int, accept, -1, (int fd, struct sockaddr *from, socklen_t *length), (fd, from, length),
     EMFILE)
CALL(int, accept4, -1, (int fd, struct sockaddr *from, socklen_t *length, int flags),
     (fd, from, length, flags), EMFILE)
CALL(int, getsockname, -1, (int fd, struct sockaddr *out, socklen_t *length), (fd, out, length),
     ENOBUFS)
CALL(int, setsockopt, -1, (int fd, int level, int name, const void *value, socklen_t length),
     (fd, level, name, value, length), ENOMEM)
CALL(int, epoll_create1, -1, (int flags), (flags), EMFILE)
CALL(int, epoll_ctl, -1, (int fd, int operation, int other, struct epoll_event *event),
     (fd, operation, other, event), ENOMEM)
CALL(int, poll, -1, (struct pollfd * some, nfds_t count, int limit_ms), (some, count, limit_ms),
     ENOMEM)
CALL(int, ppoll, -1,
     (struct pollfd * some, nfds_t count, const struct timespec *limit, const sigset_t *mask),
     (some, count, limit, mask), ENOMEM)
CALL(int, eventfd, -1, (unsigned count, int flags), (count, flags), EMFILE)
CALL(int, timerfd_create, -1, (int clock, int flags), (clock, flags), EMFILE)
CALL(int, inotify_init1, -1, (int flags), (flags), EMFILE)
CALL(int, inotify_add_watch, -1, (int fd, const char *path, uint32_t mask), (fd, path, mask),
     ENOSPC)
CALL(int, pipe, -1, (int out[2]), (out), EMFILE)
CALL(int, pipe2, -1, (int out[2], int flags), (out, flags), EMFILE)
CALL(int, dup, -1, (int fd), (fd), EMFILE)
CALL(pid_t, fork, -1, (void), (), EAGAIN)
CODE_CALL(posix_spawn,
          (pid_t * out, const char *path, const posix_spawn_file_actions_t *actions,
           const posix_spawnattr_t *how, char *const *arguments, char *const *variables),
          (out, path, actions, how, arguments, variables), EAGAIN)
CODE_CALL(posix_spawnp,
          (pid_t * out, const char *path, const posix_spawn_file_actions_t *actions,
           const posix_spawnattr_t *how, char *const *arguments, char *const *variables),
          (out, path, actions, how, arguments, variables), EAGAIN)
CODE_CALL(pthread_create,
          (pthread_t * out, const pthread_attr_t *how, void *(*run)(void *), void *data),
          (out, how, run, data), EAGAIN)
CALL(ssize_t, getrandom, -1, (void *out, size_t size, unsigned flags), (out, size, flags), EAGAIN)

EXPORTED int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                         struct addrinfo **out)
{
    return call_fails("getaddrinfo", HERE, EAGAIN) ? EAI_AGAIN
                                                   : REAL(getaddrinfo)(host, service, hints, out);
}

static int fits_fcntl(int command)
{
    bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
                 command == F_OFD_SETLKW;
    return locks ? ENOLCK : command == F_DUPFD || command == F_DUPFD_CLOEXEC ? EMFILE : -1;
}

#define FCNTL(name)                                                                                \
    EXPORTED int name(int fd, int command, ...)                                                    \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, command);                                                                   \
        void *argument = va_arg(args, void *);                                                     \
        va_end(args);                                                                              \
        return fd_fails(#name, HERE, fits_fcntl, command) ? -1                                     \
                                                          : REAL(name)(fd, command, argument);     \
    }
FCNTL(fcntl)
FCNTL(fcntl64)
