// SPDX-License-Identifier: GPL-3.0-or-later
// Notices that the mirror's disk is not mounted: the first directory remembers its mount point.
#include "archive/archive.h"

#include "archive/files.h"
#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMORY_NAME ".second-directory.json"

/* The folder, or the nearest above it that exists, without symbolic links. */
static char *nearest(const char *path)
{
    g_autofree char *at = g_strdup(path);
    char *real;
    while ((real = realpath(at, NULL)) == NULL && strcmp(at, "/") != 0 && strcmp(at, ".") != 0) {
        char *above = g_path_get_dirname(at);
        g_free(at);
        at = above;
    }
    return real != NULL ? real : g_strdup("/");
}

static char *mount_point(const char *path)
{
    char *at = nearest(path);
    struct stat own, parent;
    while (strcmp(at, "/") != 0) {
        g_autofree char *above = g_path_get_dirname(at);
        if (stat(at, &own) != 0 || stat(above, &parent) != 0 || own.st_dev != parent.st_dev) {
            break;
        }
        g_free(at);
        at = g_steal_pointer(&above);
    }
    return at;
}

/* Of `mirror` when it was written last. NULL: unknown. */
static char *remembered(const char *directory, const char *mirror)
{
    g_autofree char *path = g_build_filename(directory, MEMORY_NAME, NULL), *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, NULL)) {
        return NULL;
    }
    g_autoptr(json_t) json = base_json_parse_object(text, size, NULL);
    const char *of = json_string_value(json_object_get(json, "directory"));
    bool same = g_strcmp0(of, mirror) == 0;
    return same ? g_strdup(json_string_value(json_object_get(json, "mount_point"))) : NULL;
}

static bool is_above(const char *folder, const char *path)
{
    size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/' && path[length + 1] != '\0';
}

bool archive_mirror_mounted(const char *directory, const char *mirror, GError **error)
{
    g_autofree char *was = remembered(directory, mirror);
    g_autofree char *now = was != NULL ? mount_point(mirror) : NULL;
    if (was == NULL || !is_above(now, was)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                "the second directory %s was on a disk mounted at %s, and no disk is mounted there "
                "now. Mount it. If the second copy is to be on the disk of %s from now on, name "
                "another folder in [archive] second_directory",
                mirror, was, now);
    return false;
}

void archive_mirror_remember(const char *directory, const char *mirror)
{
    g_autofree char *was = remembered(directory, mirror), *now = mount_point(mirror);
    g_autoptr(json_t) json = json_pack("{s:s, s:s}", "directory", mirror, "mount_point", now);
    if (json == NULL || g_strcmp0(was, now) == 0) {
        return; // no UTF-8, or known
    }
    g_autofree char *text = base_json_text(json);
    g_autoptr(GString) line = g_string_new(text);
    archive_replace_file(directory, MEMORY_NAME, line, NULL); // best effort
}
