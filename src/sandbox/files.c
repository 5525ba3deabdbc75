// SPDX-License-Identifier: GPL-3.0-or-later
// Landlock: what a child may read, and that it writes nothing.
#include "sandbox/private.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Missing in Debian 12's headers. */
#define ACCESS_TRUNCATE (1ULL << 14)      // ABI 3
#define NET_TCP 3ULL                      // bind, connect: ABI 4
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0) // ABI 6
#define SCOPE_SIGNAL (1ULL << 1)          // ABI 6
#define ACCESS_ABI_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

#define READ_FILE (LANDLOCK_ACCESS_FS_READ_FILE)
#define READ (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define USE (READ | LANDLOCK_ACCESS_FS_WRITE_FILE)

typedef struct {
    uint64_t files, net, scoped;
} Ruleset; // landlock_ruleset_attr of ABI 6

static const char *const always[] = {"/usr",
                                     "/lib",
                                     "/lib64",
                                     "/proc",
                                     "/dev/null",
                                     "/dev/zero",
                                     "/dev/urandom",
                                     "/dev/random",
                                     "/etc/fonts",
                                     "/etc/localtime",
                                     "/etc/ld.so.cache",
                                     "/etc/ld.so.conf",
                                     "/etc/passwd",
                                     "/etc/group",
                                     "/etc/ld.so.conf.d",
                                     "/etc/nsswitch.conf",
                                     "/var/cache/fontconfig",
                                     "/sys/devices/system",
                                     NULL};

static const char *const network[] = {"/etc/ssl",
                                      "/etc/ca-certificates",
                                      "/etc/gnutls",
                                      "/etc/host.conf",
                                      "/etc/services",
                                      "/etc/protocols",
                                      "/run/systemd/resolve",
                                      "/run/resolvconf",
                                      NULL};

static const char *const devices[] = {
    "/sys",        "/run/udev",   "/etc/alsa",  "/etc/asound.conf",
    "/etc/OpenCL", "/etc/vulkan", "/etc/drirc", NULL};

static const char *const local[] = {"/etc/pulse",      "/etc/pipewire",
                                    "/etc/machine-id", "/var/lib/dbus/machine-id",
                                    "/run/pulse",      NULL};

/* For use. Not all of /dev: root's server would open disks. */
static const char *const device_files[] = {
    "/dev/snd",        "/dev/dri",      "/dev/v4l",    "/dev/dvb",    "/dev/bus/usb",
    "/dev/blackmagic", "/dev/dma_heap", "/dev/video*", "/dev/media*", "/dev/v4l-subdev*",
    "/dev/nvidia*",    "/dev/fw*",      NULL};

/* Below the home folder. */
static const char *const home[] = {".fonts",
                                   ".local/share/fonts",
                                   ".local/share/gstreamer-1.0",
                                   ".config/fontconfig",
                                   ".cache/fontconfig",
                                   NULL};
static const char *const home_local[] = {".config/pulse", ".pulse-cookie", ".Xauthority",
                                         ".asoundrc", NULL};

/* Folders, separated by ':'. */
static const char *const variables[] = {"GST_PLUGIN_PATH",        "GST_PLUGIN_PATH_1_0",
                                        "GST_PLUGIN_SYSTEM_PATH", "GST_PLUGIN_SYSTEM_PATH_1_0",
                                        "LD_LIBRARY_PATH",        NULL};
static const char *const variables_local[] = {"XDG_RUNTIME_DIR", "XAUTHORITY", NULL};

int sandbox_files_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

/* Skips missing paths. */
static void allow(int ruleset, const char *path, uint64_t access)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat file;
    if (fd < 0 || fstat(fd, &file) < 0) {
        return;
    }
    struct landlock_path_beneath_attr rule = {
        .parent_fd = fd,
        .allowed_access = S_ISDIR(file.st_mode) ? access : access & ~LANDLOCK_ACCESS_FS_READ_DIR,
    };
    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
}

static void allow_all(int ruleset, const char *const *paths)
{
    for (; *paths != NULL; paths++) {
        allow(ruleset, *paths, READ);
    }
}

/* Names may end in '*'. */
static void allow_devices(int ruleset)
{
    for (const char *const *name = device_files; *name != NULL; name++) {
        glob_t found;
        if (glob(*name, 0, NULL, &found) == 0) {
            for (size_t i = 0; i < found.gl_pathc; i++) {
                allow(ruleset, found.gl_pathv[i], USE);
            }
            globfree(&found);
        }
    }
}

static void allow_home(int ruleset, const char *const *names)
{
    for (; *names != NULL; names++) {
        g_autofree char *path = g_build_filename(g_get_home_dir(), *names, NULL);
        allow(ruleset, path, READ);
    }
}

static void allow_variables(int ruleset, const char *const *names)
{
    for (; *names != NULL; names++) {
        const char *value = g_getenv(*names);
        g_auto(GStrv) paths = g_strsplit(value != NULL ? value : "", ":", -1);
        allow_all(ruleset, (const char *const *)paths);
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* The value of "NAME="; nullable. */
static char *sanitizer_option(const char *variable, const char *name)
{
    const char *options = g_getenv(variable);
    const char *at = options != NULL ? strstr(options, name) : NULL;
    return at != NULL ? g_strndup(at + strlen(name), strcspn(at + strlen(name), ": ")) : NULL;
}

/* Sanitizers read suppressions and write a report. */
static void allow_sanitizers(int ruleset)
{
    static const char *const variables_of[] = {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
                                               "TSAN_OPTIONS"};
    for (size_t i = 0; i < G_N_ELEMENTS(variables_of); i++) {
        g_autofree char *read = sanitizer_option(variables_of[i], "suppressions=");
        g_autofree char *write = sanitizer_option(variables_of[i], "log_path=");
        if (read != NULL) {
            allow(ruleset, read, READ);
        }
        if (write != NULL) {
            g_autofree char *folder = g_path_get_dirname(write);
            allow(ruleset, folder, USE | LANDLOCK_ACCESS_FS_MAKE_REG);
        }
    }
}
#else
static void allow_sanitizers(int ruleset)
{
    (void)ruleset;
}
#endif

static void allow_access(int ruleset, const SandboxAccess *access)
{
    for (guint i = 0; i < access->paths->len; i++) {
        allow(ruleset, access->paths->pdata[i], READ);
    }
    if ((access->flags & SANDBOX_NETWORK) != 0) {
        allow_all(ruleset, network);
    }
    if ((access->flags & SANDBOX_DEVICES) != 0) {
        allow_all(ruleset, devices);
        allow_devices(ruleset);
    }
    if ((access->flags & SANDBOX_LOCAL) != 0) {
        allow_all(ruleset, local);
        allow_home(ruleset, home_local);
        allow_variables(ruleset, variables_local);
    }
}

/* All that this kernel can. */
static Ruleset refuse(int abi, unsigned flags)
{
    Ruleset all = {.files = ACCESS_ABI_1};
    all.files |= abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
    all.files |= abi >= 3 ? ACCESS_TRUNCATE : 0;
    all.net = abi >= 4 && (flags & SANDBOX_NETWORK) == 0 ? NET_TCP : 0;
    all.scoped = abi >= 6 ? SCOPE_SIGNAL : 0;
    all.scoped |= abi >= 6 && (flags & SANDBOX_LOCAL) == 0 ? SCOPE_ABSTRACT_SOCKET : 0;
    return all;
}

int sandbox_files_restrict(const SandboxAccess *access, const char *const *folders)
{
    int abi = sandbox_files_abi();
    Ruleset all = refuse(abi, access->flags);
    size_t size = abi >= 6 ? sizeof all : abi >= 4 ? 2 * sizeof all.files : sizeof all.files;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
    if (ruleset < 0) {
        return -errno;
    }
    allow_all(ruleset, always);
    allow_home(ruleset, home);
    allow_variables(ruleset, variables);
    allow_all(ruleset, folders);
    allow(ruleset, "/proc/self/exe", READ); // sanitizers read symbols
    allow_access(ruleset, access);
    allow_sanitizers(ruleset);
    int result = syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
    close(ruleset);
    return result;
}
