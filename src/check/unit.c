// SPDX-License-Identifier: GPL-3.0-or-later
// Asks systemd about the installed units; looks as the server's user, with its limits.
#include "check/check.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROPERTIES                                                                                 \
    "--property=LoadState,User,SupplementaryGroups,LimitNOFILE,AmbientCapabilities,Environment,"   \
    "ProtectSystem,StateDirectory,ReadWritePaths"
#define CACHE "XDG_CACHE_HOME=" // without: HOME/.cache

typedef struct {
    char *user;     // NULL: no such unit, or no systemd
    char *cache;    // nullable
    char *groups;   // nullable; further ones, by spaces
    char *state;    // nullable; names below /var/lib, by spaces
    char *writable; // nullable; folders, by spaces
    bool strict;    // may write to these two alone
    rlim_t files;   // 0: unknown
    bool low_ports; // CAP_NET_BIND_SERVICE
} Unit;

static void unit_clear(Unit *unit)
{
    g_free(unit->user);
    g_free(unit->cache);
    g_free(unit->groups);
    g_free(unit->state);
    g_free(unit->writable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Unit, unit_clear)

/* "NAME=VALUE" of systemctl(1). */
static void take_property(Unit *unit, const char *name, const char *value)
{
    if (strcmp(name, "User") == 0) {
        unit->user = g_strdup(value[0] != '\0' ? value : "root");
    } else if (strcmp(name, "LimitNOFILE") == 0) {
        unit->files = (rlim_t)g_ascii_strtoull(value, NULL, 10); // 0: "infinity"
    } else if (strcmp(name, "AmbientCapabilities") == 0) {
        unit->low_ports = strstr(value, "cap_net_bind_service") != NULL;
    } else if (strcmp(name, "SupplementaryGroups") == 0) {
        unit->groups = g_strdup(value);
    } else if (strcmp(name, "StateDirectory") == 0) {
        unit->state = g_strdup(value);
    } else if (strcmp(name, "ReadWritePaths") == 0) {
        unit->writable = g_strdup(value);
    } else if (strcmp(name, "ProtectSystem") == 0) {
        unit->strict = strcmp(value, "strict") == 0;
    } else if (strcmp(name, "Environment") == 0 && strstr(value, CACHE) != NULL) {
        const char *path = strstr(value, CACHE) + strlen(CACHE);
        unit->cache = g_strndup(path, strcspn(path, " "));
    }
}

/* Lines of NAME=VALUE; NULL: no systemctl. */
static char *ask(const char *unit, const char *properties)
{
    const char *const words[] = {"systemctl", "show", properties, unit, NULL};
    char *text = NULL;
    g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                 NULL, &text, NULL, NULL, NULL);
    return text;
}

bool check_port_held(unsigned port, bool stream)
{
    g_autofree char *text = ask("majlis.socket", "--property=ActiveState,Listen");
    g_autofree char *line = g_strdup_printf(":%u (%s)\n", port, stream ? "Stream" : "Datagram");
    return text != NULL && strstr(text, "ActiveState=active\n") != NULL &&
           strstr(text, line) != NULL;
}

void check_socket(Check *check)
{
    g_autofree char *text = ask("majlis.socket", "--property=UnitFileState,ActiveState");
    if (text == NULL || strstr(text, "UnitFileState=enabled\n") == NULL) {
        return;
    }
    if (strstr(text, "ActiveState=failed\n") != NULL) {
        check_problem(check,
                      "majlis.socket is enabled but failed: it holds no port, and connections are "
                      "refused while the server restarts. \"systemctl status majlis.socket\" says "
                      "why: often another program has the port, or the server runs already and has "
                      "it itself. Then: systemctl stop majlis; systemctl restart majlis.socket; "
                      "systemctl start majlis.");
    } else if (strstr(text, "ActiveState=inactive\n") != NULL) {
        check_note("majlis.socket is enabled but not started: systemctl stop majlis; systemctl "
                   "start majlis.socket majlis");
    }
}

static void read_unit(Unit *unit)
{
    g_autofree char *text = ask("majlis.service", PROPERTIES);
    if (text == NULL || strstr(text, "LoadState=loaded\n") == NULL) {
        return;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *value = strchr(*line, '=');
        if (value != NULL) {
            *value = '\0';
            take_property(unit, *line, value + 1);
        }
    }
}

/* Of root's, keeps the right to low ports alone. */
static void keep_low_ports(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    uint32_t one = CAP_TO_MASK(CAP_NET_BIND_SERVICE);
    struct __user_cap_data_struct data[2] = {{.effective = one, .permitted = one}};
    syscall(SYS_capset, &head, data);
}

/* The user's groups and the unit's. False: see errno. */
static bool take_groups(const struct passwd *user, const Unit *unit)
{
    gid_t groups[NGROUPS_MAX];
    if (initgroups(user->pw_name, user->pw_gid) != 0) {
        return false;
    }
    int count = getgroups(NGROUPS_MAX, groups);
    g_auto(GStrv) names = g_strsplit(unit->groups != NULL ? unit->groups : "", " ", -1);
    for (char **name = names; *name != NULL && count >= 0 && count < NGROUPS_MAX; name++) {
        const struct group *group = getgrnam(*name);
        if (group != NULL) {
            groups[count++] = group->gr_gid;
        }
    }
    return count >= 0 && setgroups((size_t)count, groups) == 0;
}

/* False: see errno. */
static bool become(const struct passwd *user, const Unit *unit)
{
    struct rlimit files = {.rlim_cur = unit->files, .rlim_max = unit->files};
    if (unit->files > 0) {
        setrlimit(RLIMIT_NOFILE, &files);
    }
    prctl(PR_SET_KEEPCAPS, unit->low_ports ? 1 : 0, 0, 0, 0);
    if (!take_groups(user, unit) || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) {
        return false;
    }
    if (unit->low_ports) {
        keep_low_ports();
    }
    g_setenv("HOME", user->pw_dir, TRUE);
    g_unsetenv("XDG_RUNTIME_DIR");
    g_unsetenv("XDG_CACHE_HOME");
    if (unit->cache != NULL) {
        g_setenv("XDG_CACHE_HOME", unit->cache, TRUE);
    }
    return true;
}

static void check_readable(Check *check, const Conf *conf, const char *user)
{
    if (conf->file != NULL && access(conf->file, R_OK) != 0) {
        check_problem(check,
                      "the user %s cannot read %s (%s), so the server would not start: chown "
                      "root:%s and chmod 640 the file, and chmod 755 the folders above it.",
                      user, conf->file, g_strerror(errno), user);
    }
}

/* `folders`: by spaces, "-" or "+" in front as systemd has them. */
static bool is_below(const char *path, const char *root, const char *folders)
{
    g_auto(GStrv) names = g_strsplit(folders != NULL ? folders : "", " ", -1);
    bool below = false;
    for (char **name = names; *name != NULL && !below; name++) {
        const char *bare = *name + strspn(*name, "-+");
        g_autofree char *folder = g_canonicalize_filename(bare, root);
        size_t length = strlen(folder);
        below = bare[0] != '\0' && strncmp(path, folder, length) == 0 &&
                (path[length] == '/' || path[length] == '\0');
    }
    return below;
}

static void check_writable(Check *check, const Unit *unit, const char *folder)
{
    if (!unit->strict || folder[0] == '\0') {
        return;
    }
    g_autofree char *path = g_canonicalize_filename(folder, NULL);
    if (!is_below(path, "/var/lib", unit->state) && !is_below(path, "/", unit->writable)) {
        check_problem(check,
                      "majlis.service may not write to %s: run \"systemctl edit majlis\", add the "
                      "two lines [Service] and ReadWritePaths=%s, and restart it.",
                      path, path);
    }
}

bool check_as_user(Check *check, const Conf *conf, const char *name)
{
    g_auto(Unit) unit = {0};
    bool root = geteuid() == 0;
    if (root && g_strcmp0(name, "root") != 0) {
        read_unit(&unit);
    }
    if (name != NULL && g_strcmp0(name, unit.user) != 0) {
        unit_clear(&unit);
        unit = (Unit){0};
    }
    const char *wanted = name != NULL ? name : unit.user;
    if (wanted == NULL) {
        if (root) {
            check_note("looked at as root, who may read and write everywhere. If the server runs "
                       "as another user, name that one: --user NAME");
        }
        return true;
    }
    errno = 0;
    const struct passwd *user = getpwnam(wanted);
    if (user == NULL) {
        check_problem(check, "there is no user %s on this machine: see \"getent passwd\".", wanted);
        return false;
    }
    if (user->pw_uid != geteuid() && !root) {
        check_problem(check, "only root can look as another user (%s): run it by sudo.", wanted);
        return false;
    }
    if (user->pw_uid != geteuid() && !become(user, &unit)) {
        check_problem(check,
                      "cannot look as the user %s (%s): in a container, root may lack "
                      "CAP_SETUID and CAP_SETGID; run the check as that user.",
                      wanted, g_strerror(errno));
        return false;
    }
    check_ok(name != NULL ? "looked at as the user %s"
                          : "looked at as the user %s, whom majlis.service runs as (--user NAME: "
                            "as another)",
             wanted);
    check_readable(check, conf, wanted);
    check_writable(check, &unit, conf->data_dir);
    check_writable(check, &unit, conf->archive_directory);
    check_writable(check, &unit, conf->archive_second_directory);
    return true;
}
