// SPDX-License-Identifier: GPL-3.0-or-later
// Poster and seek thumbnails, from live pictures named by timeline. thumbnails.vtt has file names
// as cues, as players' plug-ins read; unlisted pictures are not served.
#include "publish/chapters.h"

#include "archive/files.h"
#include "base/clock.h"

#include <string.h>
#include <sys/stat.h>

#define THUMBS "thumbs"
#define THUMB_MAX_BYTES (1 << 20)

typedef struct {
    int64_t pts_ms;
    int64_t place_us; // published time
} Picture;

static int compare_picture(const void *a, const void *b)
{
    int64_t x = ((const Picture *)a)->pts_ms;
    int64_t y = ((const Picture *)b)->pts_ms;
    return x < y ? -1 : x > y;
}

static bool parse_name(const char *name, int64_t *out_ms)
{
    g_autofree char *number = g_strdup(name);
    gint64 value;
    if (!g_str_has_suffix(number, ".jpg")) {
        return false;
    }
    number[strlen(number) - strlen(".jpg")] = '\0';
    bool valid = (number[0] != '0' || number[1] == '\0') && number[0] != '+' &&
                 g_ascii_string_to_signed(number, 10, 0, INT64_MAX / 4000, &value, NULL);
    *out_ms = valid ? value : 0;
    return valid;
}

static char *picture_path(const PublishJob *job, const Picture *picture)
{
    return g_strdup_printf("%s/" THUMBS "/%" G_GINT64_FORMAT ".jpg", job->folder, picture->pts_ms);
}

/* A kill may leave files without EOI (ITU-T T.81 B.1.1.3). */
static bool is_whole(const char *path)
{
    struct stat status;
    g_autofree char *bytes = NULL;
    gsize size = 0;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > THUMB_MAX_BYTES ||
        !g_file_get_contents(path, &bytes, &size, NULL)) {
        return false;
    }
    return size > 4 && memcmp(bytes, "\xff\xd8", 2) == 0 &&
           memcmp(bytes + size - 2, "\xff\xd9", 2) == 0;
}

/* Ascending. */
static GArray *find_pictures(const PublishJob *job)
{
    GArray *pictures = g_array_new(FALSE, FALSE, sizeof(Picture));
    g_autofree char *folder = g_build_filename(job->folder, THUMBS, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        Picture picture;
        if (!parse_name(name, &picture.pts_ms)) {
            continue;
        }
        // Names omit microseconds: the whole millisecond must lie inside.
        int64_t earliest_us = picture.pts_ms * BASE_US_PER_MS;
        picture.place_us = archive_timemap_at_us(job->timemap, earliest_us);
        bool inside = picture.place_us >= 0 &&
                      archive_timemap_at_us(job->timemap, earliest_us + BASE_US_PER_MS - 1) >= 0;
        g_autofree char *path = picture_path(job, &picture);
        if (inside && is_whole(path)) {
            g_array_append_val(pictures, picture);
        }
    }
    g_array_sort(pictures, compare_picture);
    return pictures;
}

/* Each lasts to the next; the first also covers the beginning. */
static GString *thumbnails_text(const PublishJob *job, const GArray *pictures)
{
    GString *out = g_string_new("WEBVTT\n");
    for (guint i = 0; i < pictures->len; i++) {
        const Picture *picture = &g_array_index(pictures, Picture, i);
        bool last = i + 1 == pictures->len;
        g_string_append_c(out, '\n');
        publish_append_time(out, i == 0 ? 0 : picture->place_us);
        g_string_append(out, " --> ");
        publish_append_time(out, last ? job->timemap->total_us
                                      : g_array_index(pictures, Picture, i + 1).place_us);
        g_string_append_printf(out, "\n" THUMBS "/%" G_GINT64_FORMAT ".jpg\n", picture->pts_ms);
    }
    return out;
}

/* The largest file around one third: slates compress small. */
static bool write_poster(const PublishJob *job, const GArray *pictures, GError **error)
{
    int64_t third_us = job->timemap->total_us / 3;
    guint middle = 0;
    while (middle + 1 < pictures->len &&
           g_array_index(pictures, Picture, middle + 1).place_us <= third_us) {
        middle++;
    }
    g_autofree char *best = NULL;
    gsize best_size = 0;
    for (guint i = middle > 0 ? middle - 1 : 0; i <= middle + 1 && i < pictures->len; i++) {
        g_autofree char *path = picture_path(job, &g_array_index(pictures, Picture, i));
        g_autofree char *bytes = NULL;
        gsize size = 0;
        if (g_file_get_contents(path, &bytes, &size, NULL) && size > best_size) {
            g_free(best);
            best = g_steal_pointer(&bytes);
            best_size = size;
        }
    }
    if (best == NULL) {
        return true;
    }
    g_autoptr(GString) poster = g_string_new_len(best, (gssize)best_size);
    return archive_replace_file(job->folder, "poster.jpg", poster, error);
}

bool publish_make_pictures(const PublishJob *job, GError **error)
{
    g_autoptr(GArray) pictures = find_pictures(job);
    g_autoptr(GString) text = thumbnails_text(job, pictures);
    return write_poster(job, pictures, error) &&
           archive_replace_file(job->folder, "thumbnails.vtt", text, error);
}
