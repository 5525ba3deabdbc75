// SPDX-License-Identifier: GPL-3.0-or-later
// The capture child tries to get out of its sandbox. This program runs itself as the child; a thread
// in it, begun beside the programme's, does what a hijacked decoder would, and tells the errors.
#include "../load.h"

#include "base/clock.h"
#include "capture/capture.h"
#include "capture/sandbox/access.h"
#include "sandbox/private.h"
#include "sandbox/sandbox.h"
#include "media/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <asm/sockios.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true // its own processes and ptrace
#else
#define SANITIZED false
#endif

/* In the child. Each returns 0 or the error, and does no harm where it succeeds. */

static int failed(long result)
{
    return result < 0 ? errno : 0;
}

static int opened(const char *name, int flags)
{
    g_autofree char *path = g_build_filename(g_getenv("TRIES_DIR"), name, NULL);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int error = failed(fd);
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

static int try_read_source(void)
{
    return opened("clip.mp4", O_RDONLY);
}

static int try_read_other(void)
{
    return opened("other", O_RDONLY);
}

static int try_write(void)
{
    return opened("other", O_WRONLY);
}

static int try_truncate(void)
{
    return opened("other", O_RDONLY | O_TRUNC);
}

static int try_create(void)
{
    return opened("made", O_RDONLY | O_CREAT);
}

static int try_nameless(void)
{
    return opened(".", O_TMPFILE | O_RDWR);
}

static int try_remove(void)
{
    g_autofree char *path = g_build_filename(g_getenv("TRIES_DIR"), "removable", NULL);
    return failed(unlink(path));
}

static int try_rename(void)
{
    g_autofree char *from = g_build_filename(g_getenv("TRIES_DIR"), "removable", NULL);
    g_autofree char *to = g_build_filename(g_getenv("TRIES_DIR"), "renamed", NULL);
    return failed(rename(from, to));
}

static int try_folder(void)
{
    g_autofree char *path = g_build_filename(g_getenv("TRIES_DIR"), "folder", NULL);
    return failed(mkdir(path, 0700));
}

static int try_link(void)
{
    g_autofree char *path = g_build_filename(g_getenv("TRIES_DIR"), "link", NULL);
    return failed(symlink("/etc/passwd", path));
}

static int try_mode(void)
{
    return failed(fchmodat(AT_FDCWD, g_getenv("TRIES_DIR"), 0700, 0));
}

static int try_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)atoi(g_getenv("TRIES_PORT"))),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 ? errno : failed(connect(fd, (struct sockaddr *)&to, sizeof to));
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

static int try_socket(int family, int type)
{
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    int error = failed(fd);
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

static int try_udp(void)
{
    return try_socket(AF_INET, SOCK_DGRAM);
}

static int try_unix(void)
{
    return try_socket(AF_UNIX, SOCK_STREAM);
}

static int try_netlink(void)
{
    return try_socket(AF_NETLINK, SOCK_RAW);
}

static int try_packets(void)
{
    return try_socket(AF_PACKET, SOCK_RAW);
}

/* A datagram socket could name any address of this machine. */
static int try_pair(void)
{
    int fds[2];
    int error = failed(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds));
    if (error == 0) {
        close(fds[0]);
        close(fds[1]);
    }
    return error;
}

static int try_program(void)
{
    char *const words[] = {NULL};
    return failed(execve("/nowhere", words, words));
}

static int try_nameless_program(void)
{
    int fd = memfd_create("program", MFD_CLOEXEC);
    char *const words[] = {NULL};
    g_assert_cmpint(fd, >=, 0);
    int error = failed(execveat(fd, "", words, words, AT_EMPTY_PATH));
    close(fd);
    return error;
}

static int try_process(void)
{
    long pid = syscall(SYS_fork);
    if (pid == 0) {
        _exit(0);
    }
    return failed(pid);
}

static int try_signal(void)
{
    return failed(kill(getppid(), 0));
}

static int try_trace(void)
{
    return failed(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}

static int try_memory(void)
{
    return failed(process_vm_readv(getppid(), NULL, 0, NULL, 0, 0));
}

static int try_environment(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", getppid());
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = failed(fd);
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

static int try_mount(void)
{
    return failed(mount("none", "/nowhere", "tmpfs", 0, NULL));
}

static int try_unshare(void)
{
    return failed(unshare(0));
}

static int try_keys(void)
{
    return failed(syscall(SYS_keyctl, 0, -1, 0));
}

static int try_bpf(void)
{
    return failed(syscall(SYS_bpf, 0, NULL, 0));
}

static int try_ring(void)
{
    return failed(syscall(SYS_io_uring_setup, 0, NULL));
}

static int try_module(void)
{
    return failed(syscall(SYS_init_module, NULL, 0, NULL));
}

static int try_kernel(void)
{
    return failed(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

static int try_events(void)
{
    return failed(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}

static int try_terminal(void)
{
    return failed(ioctl(STDERR_FILENO, TIOCSTI, ""));
}

/* Left: reading files of other users, as root. */
static int try_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    g_assert_cmpint(syscall(SYS_capget, &head, data), ==, 0);
    uint32_t more = (data[0].permitted & ~CAP_TO_MASK(CAP_DAC_READ_SEARCH)) | data[1].permitted;
    return more == 0 ? EPERM : 0;
}

static int try_nice(void)
{
    return failed(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 1));
}

static int try_batch(void)
{
    const struct sched_param none = {0};
    return failed(sched_setscheduler(0, SCHED_BATCH, &none));
}

static int try_slow_server(void)
{
    return failed(setpriority(PRIO_PROCESS, (id_t)getppid(), 19));
}

static int try_batch_server(void)
{
    const struct sched_param none = {0};
    return failed(sched_setscheduler(getppid(), SCHED_IDLE, &none));
}

/* The kernel would send it when the other end is written. */
static int try_signal_by_file(void)
{
    return failed(fcntl(STDERR_FILENO, F_SETOWN, getppid()));
}

static int try_signal_by_socket(void)
{
    int fds[2], server = getppid();
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    int error = failed(ioctl(fds[0], FIOSETOWN, &server));
    close(fds[0]);
    close(fds[1]);
    return error;
}

static int try_stream_pair(void)
{
    int fds[2];
    int error = failed(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
    if (error == 0) {
        error = send(fds[0], "x", 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
        close(fds[0]);
        close(fds[1]);
    }
    return error;
}

typedef enum {
    NEVER,
    NEVER_BY_LANDLOCK, // may succeed where the kernel has none
    NEVER_UNSANITIZED,
    ALWAYS,
    FILE_SOURCE,
    NETWORK_SOURCE,
    LOCAL_SOURCE,
} When;

static const struct {
    const char *name;
    int (*run)(void);
    When when; // it succeeds
} tries[] = {
    {"read the source", try_read_source, FILE_SOURCE},
    {"read another file", try_read_other, NEVER_BY_LANDLOCK},
    {"read the server's environment", try_environment, NEVER_BY_LANDLOCK},
    {"write a file", try_write, NEVER},
    {"cut a file", try_truncate, NEVER},
    {"create a file", try_create, NEVER},
    {"create a file without a name", try_nameless, NEVER},
    {"remove a file", try_remove, NEVER},
    {"rename a file", try_rename, NEVER},
    {"make a folder", try_folder, NEVER},
    {"make a link", try_link, NEVER},
    {"change a mode", try_mode, NEVER},
    {"connect by TCP", try_connect, NETWORK_SOURCE},
    {"open a UDP socket", try_udp, NETWORK_SOURCE},
    {"open a netlink socket", try_netlink, NETWORK_SOURCE},
    {"open a Unix socket", try_unix, LOCAL_SOURCE},
    {"open a packet socket", try_packets, NEVER},
    {"make a pair of datagram sockets", try_pair, NEVER},
    {"start a program", try_program, NEVER},
    {"start a program from memory", try_nameless_program, NEVER},
    {"start a process", try_process, NEVER_UNSANITIZED},
    {"send the server a signal", try_signal, NEVER_UNSANITIZED},
    {"trace the server", try_trace, NEVER_UNSANITIZED},
    {"read the server's memory", try_memory, NEVER_UNSANITIZED},
    {"mount", try_mount, NEVER},
    {"unshare", try_unshare, NEVER},
    {"keyctl", try_keys, NEVER},
    {"bpf", try_bpf, NEVER},
    {"io_uring", try_ring, NEVER},
    {"load a module", try_module, NEVER},
    {"load a kernel", try_kernel, NEVER},
    {"perf_event_open", try_events, NEVER},
    {"type on the terminal", try_terminal, NEVER},
    {"hold a capability", try_capabilities, NEVER},
    {"lower the server's priority", try_slow_server, NEVER},
    {"change the server's scheduling", try_batch_server, NEVER},
    {"send the server a signal by a file", try_signal_by_file, NEVER},
    {"send the server a signal by a socket", try_signal_by_socket, NEVER},
    {"lower its priority", try_nice, ALWAYS},
    {"change its scheduling", try_batch, ALWAYS},
    {"make a pair of stream sockets", try_stream_pair, ALWAYS},
};

static void *try_all(void *data)
{
    (void)data;
    int errors[G_N_ELEMENTS(tries)];
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++) {
        errors[i] = tries[i].run();
    }
    int fd = atoi(g_getenv("TRIES_FD"));
    g_assert_cmpint(write(fd, errors, sizeof errors), ==, sizeof errors);
    return NULL;
}

/* Called by the child once its programme runs. */
int pthread_setname_np(pthread_t thread, const char *name)
{
    (void)thread;
    pthread_t trier;
    if (g_str_equal(name, "programme") && g_getenv("TRIES_FD") != NULL &&
        pthread_create(&trier, NULL, try_all, NULL) == 0) {
        pthread_detach(trier);
    }
    return 0;
}

/* In the test */

#define SET_MDWE 65 // PR_SET_MDWE of Linux 6.3, as MemoryDenyWriteExecute of a systemd unit

typedef struct {
    bool without_code; // memory is written or run, not both
    bool early_thread; // one runs before the sandbox
    char *dir;
    int listener;
    pid_t pid;
    int fd;    // the wire
    int tries; // pipe
    MediaWireReceiver *receiver;
    char *told; // by FAILED or SANDBOX
    unsigned playing;
} Child;

static void run_command(const char *command)
{
    int status = system(command);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void make_clip(const char *path)
{
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -v error -y -f lavfi -i color=white:s=320x180:r=25:d=1 -c:v libx264 "
        "-preset ultrafast -pix_fmt yuv420p -f mp4 %s",
        path);
    run_command(command);
}

static void make_files(Child *child)
{
    static const char *const names[] = {"other", "removable"};
    child->dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(child->dir, names[i], NULL);
        g_assert_true(g_file_set_contents(path, "text", -1, NULL));
    }
    g_autofree char *clip = g_build_filename(child->dir, "clip.mp4", NULL);
    make_clip(clip);
    g_autofree char *command =
        g_strdup_printf("cp -r %s %s/pipelines && printf '# access: local\\nvideotestsrc "
                        "is-live=true ! appsink name=video\\n' >%s/pipelines/sources/desk.launch",
                        PIPELINES, child->dir, child->dir);
    run_command(command);
}

static char *start_listening(Child *child)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    child->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(child->listener, (struct sockaddr *)&at, size), ==, 0);
    g_assert_cmpint(listen(child->listener, 5), ==, 0);
    g_assert_cmpint(getsockname(child->listener, (struct sockaddr *)&at, &size), ==, 0);
    return g_strdup_printf("%u", ntohs(at.sin_port));
}

static void start(Child *child, const char *source)
{
    int fds[2], tries_fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    g_assert_cmpint(pipe2(tries_fds, O_CLOEXEC), ==, 0);
    g_autofree char *fd = g_strdup_printf("%d", fds[1]);
    g_autofree char *tries_fd = g_strdup_printf("%d", tries_fds[1]);
    g_autofree char *clock = g_strdup_printf("%" G_GINT64_FORMAT, base_clock_us());
    g_autofree char *port = start_listening(child);
    g_autofree char *pipelines = g_build_filename(child->dir, "pipelines", NULL);
    g_setenv("TRIES_DIR", child->dir, TRUE);
    g_setenv("TRIES_PORT", port, TRUE);
    child->pid = fork();
    if (child->pid == 0) {
        fcntl(fds[1], F_SETFD, 0);
        fcntl(tries_fds[1], F_SETFD, 0);
        g_setenv("TRIES_FD", tries_fd, TRUE);
        if (child->early_thread) {
            g_setenv("TRIES_EARLY", "1", TRUE);
        }
        if (child->without_code && prctl(SET_MDWE, 1, 0, 0, 0) != 0) {
            _exit(126);
        }
        execl("/proc/self/exe", "test-sandbox", "capture", "--fd", fd, "--clock-us", clock,
              "--start-us", "0", "--encoder", "small", "--pipelines", pipelines, NULL);
        _exit(127);
    }
    close(fds[1]);
    close(tries_fds[1]);
    child->fd = fds[0];
    child->tries = tries_fds[0];
    child->receiver = media_wire_receiver_new();
    media_wire_send(child->fd,
                    &(MediaWireMessage){.type = MEDIA_WIRE_SOURCE, .text = (char *)source});
}

/* False: the child ended. */
static bool take(Child *child)
{
    struct pollfd waiting = {.fd = child->fd, .events = POLLIN};
    poll(&waiting, 1, 20);
    MediaWireMessage message;
    int got;
    while ((got = media_wire_receive(child->receiver, child->fd, &message)) > 0) {
        if (message.type == MEDIA_WIRE_FAILED || message.type == MEDIA_WIRE_SANDBOX) {
            g_free(child->told);
            child->told = g_strdup(message.text);
        }
        child->playing +=
            message.type == MEDIA_WIRE_SOURCE && message.state == MEDIA_SOURCE_PLAYING;
        media_wire_clear(&message);
    }
    return got == 0;
}

static void take_until_playing(Child *child)
{
    int64_t since = base_clock_us();
    while (child->playing == 0) {
        g_assert_true(take(child));
        g_assert_cmpint(base_clock_us() - since, <, load_allow(40 * BASE_US_PER_S));
    }
}

static int reap(Child *child)
{
    int64_t since = base_clock_us();
    int status = 0;
    while (waitpid(child->pid, &status, WNOHANG) == 0) {
        take(child); // its last messages need room
        g_assert_cmpint(base_clock_us() - since, <, load_allow(10 * BASE_US_PER_S));
    }
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void finish(Child *child)
{
    g_autofree char *command = g_strdup_printf("rm -r %s", child->dir);
    run_command(command);
    close(child->fd);
    close(child->tries);
    close(child->listener);
    media_wire_receiver_free(child->receiver);
    g_free(child->told);
    g_free(child->dir);
}

static bool succeeds(When when, When source)
{
    return when == ALWAYS || when == source ||
           (when == NEVER_BY_LANDLOCK && sandbox_files_abi() == 0) ||
           (when == NEVER_UNSANITIZED && SANITIZED);
}

static void check_tries(Child *child, When source)
{
    int errors[G_N_ELEMENTS(tries)];
    struct pollfd waiting = {.fd = child->tries, .events = POLLIN};
    int64_t since = base_clock_us();
    while (poll(&waiting, 1, 0) == 0) {
        g_assert_true(take(child));
        g_assert_cmpint(base_clock_us() - since, <, load_allow(20 * BASE_US_PER_S));
    }
    g_assert_cmpint(read(child->tries, errors, sizeof errors), ==, sizeof errors);
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++) {
        bool refused = errors[i] == EPERM || errors[i] == EACCES || errors[i] == ENOSYS;
        g_test_message("%s: %s", tries[i].name, g_strerror(errors[i]));
        if (tries[i].when == NEVER_UNSANITIZED && SANITIZED) {
            continue;
        }
        if (succeeds(tries[i].when, source)) {
            g_assert_cmpint(errors[i], ==, 0);
        } else {
            g_assert_true(refused);
        }
    }
}

static void check_left(const Child *child)
{
    static const char *const names[] = {"made", "renamed", "folder", "link"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(child->dir, names[i], NULL);
        g_assert_cmpint(g_access(path, F_OK), <, 0);
    }
    g_autofree char *other = g_build_filename(child->dir, "other", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(other, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "text");
}

/* The source plays, and nothing else can be done; the child ends in good order. */
static void try_source(const char *name, When when)
{
    Child child = {0};
    make_files(&child);
    g_autofree char *source =
        when == FILE_SOURCE ? g_build_filename(child.dir, name, NULL) : g_strdup(name);
    start(&child, source);
    check_tries(&child, when);
    check_left(&child);
    if (when != NETWORK_SOURCE) { // nobody sends there
        take_until_playing(&child);
    }
    g_assert_true(child.told == NULL || sandbox_files_abi() == 0);
    media_wire_send(child.fd, &(MediaWireMessage){.type = MEDIA_WIRE_STOP});
    g_assert_cmpint(reap(&child), ==, 0);
    finish(&child);
}

static void test_file(void)
{
    try_source("clip.mp4", FILE_SOURCE);
}

/* In a unit that lets no code be made while running, pictures are still scaled. */
static void test_without_code(void)
{
    Child child = {.without_code = true};
    make_files(&child);
    g_autofree char *clip = g_build_filename(child.dir, "clip.mp4", NULL);
    start(&child, clip);
    take_until_playing(&child);
    media_wire_send(child.fd, &(MediaWireMessage){.type = MEDIA_WIRE_STOP});
    g_assert_cmpint(reap(&child), ==, 0);
    finish(&child);
}

/* Landlock does not hold a thread that was there before: the child says so, and goes on. */
static void test_early_thread(void)
{
    Child child = {.early_thread = true};
    make_files(&child);
    g_autofree char *clip = g_build_filename(child.dir, "clip.mp4", NULL);
    start(&child, clip);
    take_until_playing(&child);
    g_assert_nonnull(child.told);
    g_assert_nonnull(strstr(child.told, "more than one thread"));
    media_wire_send(child.fd, &(MediaWireMessage){.type = MEDIA_WIRE_STOP});
    g_assert_cmpint(reap(&child), ==, 0);
    finish(&child);
}

static void test_network(void)
{
    try_source("rtsp://127.0.0.1:9/none", NETWORK_SOURCE);
}

static void test_local(void)
{
    if (sandbox_files_abi() == 0) {
        g_test_skip("this kernel has no Landlock, which refuses a folder here");
        return;
    }
    try_source("desk", LOCAL_SOURCE);
}

/* A new file under the old name needs a new child: it says so and ends. */
static void test_replaced(void)
{
    if (sandbox_files_abi() == 0) {
        g_test_skip("this kernel has no Landlock");
        return;
    }
    Child child = {0};
    make_files(&child);
    g_autofree char *clip = g_build_filename(child.dir, "clip.mp4", NULL);
    g_autofree char *other = g_build_filename(child.dir, "new.mp4", NULL);
    make_clip(other);
    start(&child, clip);
    take_until_playing(&child);
    g_assert_cmpint(g_rename(other, clip), ==, 0);
    g_assert_cmpint(reap(&child), ==, 1);
    g_assert_nonnull(strstr(child.told, "starts again"));
    finish(&child);
}

static SandboxAccess *access_of(const char *dir, const char *text)
{
    g_autofree char *path = g_build_filename(dir, "x.launch", NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    SandboxAccess *access = sandbox_access_new();
    capture_access_add_launch(access, path);
    g_unlink(path);
    return access;
}

static void expect_access(const char *dir, const char *text, unsigned flags, const char *path)
{
    g_autoptr(SandboxAccess) access = access_of(dir, text);
    g_assert_cmpuint(access->flags, ==, flags);
    g_assert_cmpuint(access->paths->len, ==,
                     ((flags & SANDBOX_NETWORK) != 0 ? 3 : 0) + (path != NULL ? 1 : 0));
    g_assert_true(path == NULL || g_str_equal(access->paths->pdata[0], path));
}

/* What launch files need, by elements, properties and the head line. */
static void test_access(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    expect_access(dir, "videotestsrc ! valve ! appsink name=video", 0, NULL);
    expect_access(dir, "filesrc location=/a/b.srt ! decodebin", 0, "/a/b.srt");
    expect_access(dir, "filesrc location=\"/a/b c.mp4\" ! decodebin", 0, "/a/b c.mp4");
    expect_access(dir, "multifilesrc location=/a/%03d.png ! pngdec", 0, "/a");
    expect_access(dir, "rtspsrc name=location ! decodebin", SANDBOX_NETWORK, NULL);
    expect_access(dir, "v4l2src device=/dev/video2 ! decodebin", SANDBOX_DEVICES, "/dev/video2");
    expect_access(dir, "pulsesrc!audioconvert", SANDBOX_LOCAL, NULL);
    expect_access(dir, "appsrc name=video ! vah264enc ! appsink", SANDBOX_DEVICES, NULL);
    expect_access(dir, "# access: network, local\nnewsrc ! appsink",
                  SANDBOX_NETWORK | SANDBOX_LOCAL, NULL);
    g_rmdir(dir);
    g_autoptr(SandboxAccess) none = sandbox_access_new();
    capture_access_add_launch(none, "/nowhere/x.launch");
    g_assert_cmpuint(none->flags, ==, 0);
}

static void *stand(void *data)
{
    pause();
    return data;
}

int main(int argc, char **argv)
{
    if (argc > 1 && g_str_equal(argv[1], "capture")) {
        pthread_t early;
        if (g_getenv("TRIES_EARLY") != NULL && pthread_create(&early, NULL, stand, NULL) == 0) {
            pthread_detach(early);
        }
        return capture_main(argc - 2, argv + 2);
    }
    g_test_init(&argc, &argv, NULL);
    load_watch();
    g_test_add_func("/capture/sandbox/access", test_access);
    g_test_add_func("/capture/sandbox/file", test_file);
    if (!SANITIZED && prctl(SET_MDWE, 0, 0, 0, 0) == 0) { // from Linux 6.3 on
        g_test_add_func("/capture/sandbox/without-code", test_without_code);
    }
    g_test_add_func("/capture/sandbox/early-thread", test_early_thread);
    g_test_add_func("/capture/sandbox/network", test_network);
    g_test_add_func("/capture/sandbox/local", test_local);
    g_test_add_func("/capture/sandbox/replaced", test_replaced);
    return g_test_run();
}
