// SPDX-License-Identifier: GPL-3.0-or-later
// Enters the sandbox; remembers what it covers.
#include "sandbox/sandbox.h"

#include "sandbox/private.h"

#include <gio/gio.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
#define OWN_THREADS 2 // with ThreadSanitizer's
#else
#define OWN_THREADS 1
#endif

typedef struct {
    char *path;
    dev_t device; // 0 like `inode`: not there
    ino_t inode;
} Granted;

/* Written before other threads start. */
static struct {
    bool files; // Landlock holds
    unsigned flags;
    GArray *granted; // of Granted; NULL: not entered
} entered;

SandboxAccess *sandbox_access_new(void)
{
    SandboxAccess *access = g_new0(SandboxAccess, 1);
    access->paths = g_ptr_array_new_with_free_func(g_free);
    return access;
}

void sandbox_access_free(SandboxAccess *access)
{
    if (access != NULL) {
        g_ptr_array_unref(access->paths);
        g_free(access);
    }
}

static Granted look(const char *path)
{
    struct stat file;
    bool there = stat(path, &file) == 0;
    return (Granted){.path = g_strdup(path),
                     .device = there ? file.st_dev : 0,
                     .inode = there ? file.st_ino : 0};
}

/* A root server's children may read users' files, but change nothing. Others have none
 * (serve.c). */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &head, data) < 0) {
        return;
    }
    uint32_t kept = data[0].permitted & CAP_TO_MASK(CAP_DAC_READ_SEARCH);
    if (data[0].permitted == kept && data[1].permitted == 0) {
        return;
    }
    data[0] = (struct __user_cap_data_struct){.effective = kept, .permitted = kept};
    data[1] = (struct __user_cap_data_struct){0};
    syscall(SYS_capset, &head, data);
}

static const char no_files[] =
    "This kernel has no Landlock (Linux 5.13 and newer have it, unless lsm= at boot leaves it "
    "out): "
    "the process that decodes media cannot write files or start programs, but can read what this "
    "user can.";
static const char no_calls[] =
    "This kernel takes no seccomp filter: a fault in a decoder could be used to reach the network.";

static const char more_threads[] =
    "The process that decodes media had more than one thread before its sandbox (does a library "
    "start one when it is loaded, by LD_PRELOAD or a plugin?): those threads can read what this "
    "user can.";

/* NULL: complete. */
static char *say(bool files, bool calls, bool alone)
{
    g_autoptr(GString) text = g_string_new(files ? "" : no_files);
    const char *const more[] = {calls ? NULL : no_calls, alone ? NULL : more_threads};
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++) {
        if (more[i] != NULL) {
            g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", more[i]);
        }
    }
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

/* seccomp holds all threads; Landlock and capabilities are the calling one's and its children's. */
static bool is_alone(void)
{
    g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);
    unsigned count = 0;
    while (threads != NULL && g_dir_read_name(threads) != NULL) {
        count++;
    }
    return count > 0 && count <= OWN_THREADS;
}

char *sandbox_enter(const SandboxAccess *access, const char *const *folders)
{
    g_assert(entered.granted == NULL);
    GArray *granted = g_array_new(FALSE, FALSE, sizeof(Granted));
    for (guint i = 0; i < access->paths->len; i++) {
        Granted one = look(access->paths->pdata[i]);
        g_array_append_val(granted, one);
    }
    bool alone = is_alone();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    drop_capabilities();
    entered.files = sandbox_files_restrict(access, folders) == 0;
    entered.flags = access->flags;
    entered.granted = granted;
    return say(entered.files, sandbox_calls_restrict(access->flags) == 0, alone);
}

static bool same(const Granted *granted, const char *path)
{
    struct stat file;
    return stat(path, &file) < 0 || // the source fails by itself
           (file.st_dev == granted->device && file.st_ino == granted->inode);
}

static bool path_covered(const char *path)
{
    for (guint i = 0; i < entered.granted->len; i++) {
        const Granted *granted = &g_array_index(entered.granted, Granted, i);
        if (g_str_equal(granted->path, path)) {
            return same(granted, path);
        }
    }
    return access(path, F_OK) < 0;
}

bool sandbox_covers(const SandboxAccess *needed)
{
    if (entered.granted == NULL) {
        return true;
    }
    bool covered = (needed->flags & ~entered.flags) == 0;
    for (guint i = 0; covered && entered.files && i < needed->paths->len; i++) {
        covered = path_covered(needed->paths->pdata[i]);
    }
    return covered;
}
