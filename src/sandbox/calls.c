// SPDX-License-Identifier: GPL-3.0-or-later
// seccomp: the system calls of a child. One filter allows a list, else ENOSYS, so that
// libraries fall back to older calls. The other, loaded last so that its error counts, answers
// EPERM to calls that decoders never need.
#include "sandbox/private.h"

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define SOCKET_TYPE 0xf // without SOCK_CLOEXEC and SOCK_NONBLOCK
#define FAMILIES 64     // more than Linux has
#define WHOLE_INT 0xffffffff
#define SIOCGIF_MASK 0xffffffc0 // 0x8900 to 0x893f: to list interfaces; changes need CAP_NET_ADMIN
#define SIOCGIF_BASE 0x8900

static const char *const always[] = {
    // memory
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mincore", "msync", "mlock", "mlock2",
    "munlock", "membarrier", "memfd_create",
    // threads and scheduling
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "exit",
    "exit_group", "gettid", "sched_yield", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
    "sched_rr_get_interval", "sched_getattr", "getpriority", "getcpu", "arch_prctl",
    // time
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "times", "alarm", "setitimer", "getitimer", "timer_create", "timer_settime", "timer_gettime",
    "timer_delete", "timer_getoverrun", "timerfd_create", "timerfd_settime", "timerfd_gettime",
    // signals
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait",
    "rt_sigsuspend", "sigaltstack", "signalfd4", "pause", "restart_syscall",
    // what is open
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev",
    "pwritev2", "lseek", "close", "close_range", "dup", "dup2", "dup3", "flock", "ftruncate",
    "fallocate", "fsync", "fdatasync", "fadvise64", "readahead", "pipe", "pipe2", "eventfd",
    "eventfd2", "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "fstat", "fstatfs", "getdents", "getdents64",
    "sendmsg", "recvfrom", "recvmsg", "shutdown", "getsockopt", "setsockopt", "getsockname",
    "getpeername",
    // names of files
    "stat", "lstat", "newfstatat", "statx", "statfs", "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getcwd", "umask",
    // the process itself
    "getpid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid",
    "getresuid", "getresgid", "getgroups", "getrlimit", "setrlimit", "getrusage", "sysinfo",
    "uname", "getrandom", "capget",
    "seccomp", // the second filter; a filter only takes away
    NULL};
static const char *const sockets[] = {"connect",  "bind",     "listen", "accept", "accept4",
                                      "sendmmsg", "recvmmsg", "sendto", NULL};
static const char *const devices[] = {"ioctl",         "kcmp",          "mbind",
                                      "get_mempolicy", "set_mempolicy", NULL};
/* X11's shared memory; PulseAudio checks its folder. */
static const char *const local[] = {"shmget", "shmat", "shmctl", "shmdt", "mkdir", "mkdirat", NULL};
/* LeakSanitizer stops threads by ptrace from its own process. */
static const char *const sanitizers[] = {"ptrace",      "clone", "wait4", "kill",
                                         "tgkill",      "tkill", "prctl", "process_vm_readv",
                                         "personality", NULL};

static const struct {
    unsigned flags; // any of these; 0: always
    bool wanted;
    const char *const *names;
} groups[] = {
    {0, true, always},
    {SANDBOX_NETWORK | SANDBOX_LOCAL, true, sockets},
    {SANDBOX_DEVICES, true, devices},
    {SANDBOX_LOCAL, true, local},
    {0, SANITIZED, sanitizers},
};

static const char *const refused[] = {"creat",
                                      "unlink",
                                      "unlinkat",
                                      "rename",
                                      "renameat",
                                      "renameat2",
                                      "link",
                                      "linkat",
                                      "symlink",
                                      "symlinkat",
                                      "mkdir",
                                      "mkdirat",
                                      "rmdir",
                                      "mknod",
                                      "mknodat",
                                      "truncate",
                                      "chmod",
                                      "fchmod",
                                      "fchmodat",
                                      "chown",
                                      "fchown",
                                      "lchown",
                                      "fchownat",
                                      "utime",
                                      "utimes",
                                      "utimensat",
                                      "setxattr",
                                      "lsetxattr",
                                      "fsetxattr",
                                      "removexattr",
                                      "lremovexattr",
                                      "fremovexattr",
                                      "connect",
                                      "bind",
                                      "listen",
                                      "accept",
                                      "accept4",
                                      "execve",
                                      "execveat",
                                      "fork",
                                      "vfork",
                                      "ptrace",
                                      "tkill",
                                      "process_vm_readv",
                                      "process_vm_writev",
                                      "mount",
                                      "umount2",
                                      "pivot_root",
                                      "chroot",
                                      "chdir",
                                      "fchdir",
                                      "unshare",
                                      "setns",
                                      "bpf",
                                      "perf_event_open",
                                      "userfaultfd",
                                      "keyctl",
                                      "add_key",
                                      "request_key",
                                      "kexec_load",
                                      "kexec_file_load",
                                      "init_module",
                                      "finit_module",
                                      "delete_module",
                                      "io_uring_setup",
                                      "io_uring_enter",
                                      "io_uring_register",
                                      "reboot",
                                      "swapon",
                                      "swapoff",
                                      "settimeofday",
                                      "clock_settime",
                                      "setuid",
                                      "setgid",
                                      "setresuid",
                                      "setresgid",
                                      "setreuid",
                                      "setregid",
                                      "setgroups",
                                      "capset",
                                      NULL};

typedef struct {
    scmp_filter_ctx filter;
    uint32_t action;
    int result; // the first fault
} Rules;

/* Skips calls that this machine or libseccomp does not know. */
static void add(Rules *rules, const char *name, unsigned count,
                const struct scmp_arg_cmp *arguments)
{
    int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR || rules->result < 0) {
        return;
    }
    int result = seccomp_rule_add_array(rules->filter, rules->action, call, count, arguments);
    rules->result = result == -EEXIST || result == -EDOM ? 0 : result;
}

static void add_if(Rules *rules, const char *name, struct scmp_arg_cmp argument)
{
    add(rules, name, 1, &argument);
}

static bool in_group(size_t i, unsigned flags)
{
    return groups[i].wanted && (groups[i].flags == 0 || (groups[i].flags & flags) != 0);
}

/* With any arguments. */
static bool allowed(const char *name, unsigned flags)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (in_group(i, flags) && g_strv_contains(groups[i].names, name)) {
            return true;
        }
    }
    return false;
}

static bool family_allowed(int family, unsigned flags)
{
    bool network = family == AF_INET || family == AF_INET6;
    return (network && (flags & SANDBOX_NETWORK) != 0) ||
           (family == AF_UNIX && (flags & SANDBOX_LOCAL) != 0) ||
           (family == AF_NETLINK && // interfaces, udev
            (flags & (SANDBOX_NETWORK | SANDBOX_DEVICES)) != 0);
}

static void allow_ioctl(Rules *rules)
{
    static const unsigned requests[] = {TCGETS, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TIOCGWINSZ};
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        add_if(rules, "ioctl", SCMP_A1(SCMP_CMP_EQ, requests[i]));
    }
    add_if(rules, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, SIOCGIF_MASK, SIOCGIF_BASE));
}

static void allow_prctl(Rules *rules)
{
    static const int options[] = {
        PR_SET_NAME,    PR_GET_NAME,     PR_SET_PDEATHSIG,  PR_GET_DUMPABLE,   PR_SET_DUMPABLE,
        PR_GET_SECCOMP, PR_CAPBSET_READ, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK, PR_SET_VMA};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        add_if(rules, "prctl", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)options[i]));
    }
}

/* Not F_SETOWN and F_SETSIG: signals to other processes. */
static void allow_fcntl(Rules *rules)
{
    static const int commands[] = {F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,      F_SETFD,
                                   F_GETFL,     F_SETFL,         F_GETLK,      F_SETLK,
                                   F_SETLKW,    F_OFD_GETLK,     F_OFD_SETLK,  F_OFD_SETLKW,
                                   F_ADD_SEALS, F_GET_SEALS,     F_GETPIPE_SZ, F_SETPIPE_SZ};
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        add_if(rules, "fcntl", SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i]));
    }
}

/* Of the calling thread alone, not the server's. */
static void allow_scheduling(Rules *rules)
{
    static const char *const names[] = {"sched_setaffinity", "sched_setparam",
                                        "sched_setscheduler"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        add_if(rules, names[i], SCMP_A0(SCMP_CMP_EQ, 0));
    }
    const struct scmp_arg_cmp own[] = {SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS), SCMP_A1(SCMP_CMP_EQ, 0)};
    add(rules, "setpriority", G_N_ELEMENTS(own), own);
}

/* Sanitizers write reports; Landlock bounds that. */
static scmp_datum_t writing(unsigned flags)
{
    if (SANITIZED) {
        return 0;
    }
    return (flags & SANDBOX_DEVICES) != 0 ? O_CREAT | O_TRUNC : O_ACCMODE | O_CREAT | O_TRUNC;
}

/* Only with these arguments. */
static void allow_some(Rules *rules, unsigned flags)
{
    scmp_datum_t self = (scmp_datum_t)getpid();
    add_if(rules, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, writing(flags), 0));
    add_if(rules, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, writing(flags), 0));
    add_if(rules, "prlimit64", SCMP_A0(SCMP_CMP_EQ, 0));
    add_if(rules, "socketpair", SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE, SOCK_STREAM));
    for (int family = 0; family < FAMILIES; family++) {
        if (family_allowed(family, flags)) {
            add_if(rules, "socket", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
        }
    }
    if (!allowed("sendto", flags)) { // an address could name a Unix socket
        add_if(rules, "sendto", SCMP_A4(SCMP_CMP_EQ, 0));
    }
    allow_fcntl(rules);
    allow_scheduling(rules);
    if (!allowed("ioctl", flags)) {
        allow_ioctl(rules);
    }
    if (!SANITIZED) {
        add_if(rules, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
        add_if(rules, "kill", SCMP_A0(SCMP_CMP_EQ, self)); // abort()
        add_if(rules, "tgkill", SCMP_A0(SCMP_CMP_EQ, self));
        allow_prctl(rules);
    }
}

static void refuse_writing(Rules *rules, unsigned flags)
{
    static const scmp_datum_t bits[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        if ((writing(flags) & bits[i]) != 0) {
            add_if(rules, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
            add_if(rules, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
        }
    }
}

static void refuse(Rules *rules, unsigned flags)
{
    scmp_datum_t self = (scmp_datum_t)getpid();
    for (const char *const *name = refused; *name != NULL; name++) {
        if (!allowed(*name, flags)) {
            add(rules, *name, 0, NULL);
        }
    }
    refuse_writing(rules, flags);
    for (int family = 0; family < FAMILIES; family++) {
        if (!family_allowed(family, flags)) {
            add_if(rules, "socket", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
        }
    }
    // The first two type on the server's terminal; the others signal it.
    static const unsigned requests[] = {TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP, FIOASYNC};
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        add_if(rules, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, WHOLE_INT, requests[i]));
    }
    if (!SANITIZED) {
        add_if(rules, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
        add_if(rules, "kill", SCMP_A0(SCMP_CMP_NE, self));
        add_if(rules, "tgkill", SCMP_A0(SCMP_CMP_NE, self));
    }
}

static void allow(Rules *rules, unsigned flags)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        for (const char *const *name = groups[i].names; in_group(i, flags) && *name; name++) {
            add(rules, *name, 0, NULL);
        }
    }
    allow_some(rules, flags);
}

static int load(uint32_t otherwise, uint32_t action, unsigned flags,
                void (*fill)(Rules *rules, unsigned flags))
{
    Rules rules = {.filter = seccomp_init(otherwise), .action = action};
    if (rules.filter == NULL) {
        return -ENOMEM;
    }
    seccomp_attr_set(rules.filter, SCMP_FLTATR_CTL_NNP, 0);      // is set
    seccomp_attr_set(rules.filter, SCMP_FLTATR_CTL_TSYNC, 1);    // threads of a sanitizer
    seccomp_attr_set(rules.filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); // a binary tree
    fill(&rules, flags);
    int result = rules.result < 0 ? rules.result : seccomp_load(rules.filter);
    seccomp_release(rules.filter);
    return result;
}

int sandbox_calls_restrict(unsigned flags)
{
    int result = load(SCMP_ACT_ERRNO(ENOSYS), SCMP_ACT_ALLOW, flags, allow);
    return result < 0 ? result : load(SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM), flags, refuse);
}
