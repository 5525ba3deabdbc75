// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the file for a request. Names must match known forms; no component may be a link; segments,
// init segments and thumbnails must stand in their playlist, which excludes unpublished ones.
#include "archive/files.h"
#include "publish/steps.h"

#include <string.h>
#include <sys/stat.h>

#define PATH_MAX_BYTES 80

static const char playlist_type[] = "application/vnd.apple.mpegurl";
static const char mp4_type[] = "video/mp4";
static const char segment_type[] = "video/iso.segment";
static const char picture_type[] = "image/jpeg";

static const struct {
    const char *name, *type;
} top_files[] = {
    {"main.m3u8", playlist_type},
    {"recording.mp4", mp4_type},
    {"audio.m4a", "audio/mp4"},
    {"poster.jpg", picture_type},
    {"thumbnails.vtt", "text/vtt; charset=utf-8"},
    {"chapters/ar.vtt", "text/vtt; charset=utf-8"},
    {"chapters/en.vtt", "text/vtt; charset=utf-8"},
    {"manifest.json", "application/json"},
    {"manifest.sig", "application/octet-stream"},
};

/* No link on its path. */
static bool plain_file(const char *folder, const char *path)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);
    g_autofree char *at = g_strdup(folder);
    struct stat status;
    if (lstat(at, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return false;
    }
    for (unsigned i = 0; steps[i] != NULL; i++) {
        g_autofree char *above = g_steal_pointer(&at);
        at = g_build_filename(above, steps[i], NULL);
        bool leaf = steps[i + 1] == NULL;
        if (lstat(at, &status) != 0 ||
            !(leaf ? S_ISREG(status.st_mode) : S_ISDIR(status.st_mode))) {
            return false;
        }
    }
    return true;
}

/* No sign, no leading zero. */
static bool plain_number(const char *text, uint64_t max)
{
    guint64 value;
    return (text[0] != '0' || text[1] == '\0') &&
           g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL);
}

/* In place. */
static bool cut_suffix(char *text, const char *suffix)
{
    if (!g_str_has_suffix(text, suffix)) {
        return false;
    }
    text[strlen(text) - strlen(suffix)] = '\0';
    return true;
}

static bool file_names(const char *folder, const char *name, const char *line)
{
    if (!plain_file(folder, name)) {
        return false;
    }
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, NULL)) {
        return false;
    }
    g_autofree char *wanted = g_strconcat("\n", line, "\n", NULL);
    return memmem(text, size, wanted, strlen(wanted)) != NULL;
}

static bool find_media(const char *folder, const char *path, const char **out_type)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", 4);
    if (g_strv_length(steps) != 3 || !plain_number(steps[0], UINT32_MAX) ||
        !archive_track_key_valid(steps[1])) {
        return false;
    }
    g_autofree char *line = NULL;
    if (strcmp(steps[2], "init.mp4") == 0) {
        line = g_strdup_printf("#EXT-X-MAP:URI=\"%s\"", path);
        *out_type = mp4_type;
    } else if (cut_suffix(steps[2], ".m4s") && plain_number(steps[2], INT64_MAX)) {
        line = g_strdup(path);
        *out_type = segment_type;
    }
    g_autofree char *playlist = g_strconcat(steps[1], ".m3u8", NULL);
    return line != NULL && file_names(folder, playlist, line) && plain_file(folder, path);
}

static bool find_thumb(const char *folder, const char *path, const char **out_type)
{
    g_autofree char *number = g_strdup(path + strlen("thumbs/"));
    *out_type = picture_type;
    return cut_suffix(number, ".jpg") && plain_number(number, INT64_MAX) &&
           file_names(folder, "thumbnails.vtt", path) && plain_file(folder, path);
}

/* Or NULL. */
static const char *top_type(const char *path)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(top_files); i++) {
        if (strcmp(path, top_files[i].name) == 0) {
            return top_files[i].type;
        }
    }
    g_autofree char *key = g_strdup(path);
    return cut_suffix(key, ".m3u8") && archive_track_key_valid(key) ? playlist_type : NULL;
}

/* Without public media nothing is made. */
static PublishFound not_there(const char *directory, const char *id, const char *folder)
{
    if (!plain_file(folder, ARCHIVE_JOURNAL_NAME)) {
        return PUBLISH_NOT_FOUND;
    }
    ArchiveState state;
    if (!archive_read_state(directory, id, &state, NULL)) {
        return PUBLISH_NOT_FOUND;
    }
    bool closed = state.ended || state.end_us == 0;
    return closed && state.public_us == 0 ? PUBLISH_NOT_FOUND : PUBLISH_LATER;
}

/* During a step only complete files. */
static PublishFound find_top(const char *directory, const char *id, const char *folder,
                             const char *path)
{
    PublishStep step = publish_step_of(path);
    bool made = publish_step_there(folder, PUBLISH_STEP_PLAYLISTS) &&
                (step == PUBLISH_STEPS || publish_step_there(folder, step));
    if (!made) {
        return not_there(directory, id, folder);
    }
    return plain_file(folder, path) ? PUBLISH_FOUND : PUBLISH_NOT_FOUND;
}

PublishFound publish_find(const char *directory, const char *id, const char *path, char **out_file,
                          const char **out_type)
{
    g_autofree char *folder = archive_folder(directory, id, NULL);
    if (folder == NULL || strnlen(path, PATH_MAX_BYTES) == PATH_MAX_BYTES) {
        return PUBLISH_NOT_FOUND;
    }
    const char *type = top_type(path);
    PublishFound found = PUBLISH_NOT_FOUND;
    if (type != NULL) {
        found = find_top(directory, id, folder, path);
    } else if (publish_step_there(folder, PUBLISH_STEP_PLAYLISTS)) {
        bool there = g_str_has_prefix(path, "thumbs/") ? find_thumb(folder, path, &type)
                                                       : find_media(folder, path, &type);
        found = there ? PUBLISH_FOUND : PUBLISH_NOT_FOUND;
    }
    if (found == PUBLISH_FOUND) {
        *out_file = g_build_filename(folder, path, NULL);
        *out_type = type;
    }
    return found;
}
