// SPDX-License-Identifier: GPL-3.0-or-later
// The file behind a request. Names are matched against the few forms that a recording has and put
// together anew from what was read, every step down is checked not to be a link, and a segment or
// an init segment must be named by its track's playlist: what lies outside the marks is not.
#include "archive/archive.h"

#include "archive/catalogue.h"
#include "archive/files.h"

#include <string.h>
#include <sys/stat.h>

#define PATH_MAX_BYTES 80

static const char playlist_type[] = "application/vnd.apple.mpegurl";
static const char mp4_type[] = "video/mp4";
static const char segment_type[] = "video/iso.segment";

/* True for a plain file below the folder, with no link on the way to it. */
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

/* A decimal number as this module writes it: no sign, no leading zero. */
static bool plain_number(const char *text, uint64_t max)
{
    guint64 value;
    return (text[0] != '0' || text[1] == '\0') &&
           g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL);
}

/* Takes a suffix off in place. */
static bool cut_suffix(char *text, const char *suffix)
{
    if (!g_str_has_suffix(text, suffix)) {
        return false;
    }
    text[strlen(text) - strlen(suffix)] = '\0';
    return true;
}

/* True where the track's playlist has `line` as a whole line. */
static bool playlist_names(const char *folder, const char *key, const char *line)
{
    g_autofree char *name = g_strconcat(key, ".m3u8", NULL);
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

/* "RUN/TRACK/init.mp4" and "RUN/TRACK/SEQUENCE.m4s". */
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
    return line != NULL && playlist_names(folder, steps[1], line) && plain_file(folder, path);
}

/* What a finished recording has at its top. */
static bool top_name(const char *path, const char **out_type)
{
    g_autofree char *name = g_strdup(path);
    if (strcmp(path, "recording.mp4") == 0) {
        *out_type = mp4_type;
        return true;
    }
    *out_type = playlist_type;
    return cut_suffix(name, ".m3u8") &&
           (strcmp(name, "main") == 0 || archive_track_key_valid(name));
}

/* Nothing is made of a session in which nothing was public. */
static ArchiveFound not_there(const char *directory, const char *id, const char *folder)
{
    if (!plain_file(folder, ARCHIVE_JOURNAL_NAME)) {
        return ARCHIVE_NOT_FOUND;
    }
    ArchiveState state;
    if (!archive_read_state(directory, id, &state, NULL)) {
        return ARCHIVE_NOT_FOUND;
    }
    bool closed = state.ended || state.end_us == 0;
    return closed && state.public_us == 0 ? ARCHIVE_NOT_FOUND : ARCHIVE_LATER;
}

ArchiveFound archive_find(const char *directory, const char *id, const char *path, char **out_file,
                          const char **out_type)
{
    g_autofree char *folder = archive_folder(directory, id, NULL);
    if (folder == NULL || strnlen(path, PATH_MAX_BYTES) == PATH_MAX_BYTES) {
        return ARCHIVE_NOT_FOUND;
    }
    const char *type = NULL;
    bool top = top_name(path, &type);
    bool finished = plain_file(folder, "main.m3u8");
    // While it is being made, only the playlist that says it is whole counts.
    bool found =
        top ? finished && plain_file(folder, path) : finished && find_media(folder, path, &type);
    if (found) {
        *out_file = g_build_filename(folder, path, NULL);
        *out_type = type;
        return ARCHIVE_FOUND;
    }
    bool made = finished && strcmp(path, "recording.mp4") != 0;
    return top && !made ? not_there(directory, id, folder) : ARCHIVE_NOT_FOUND;
}
