// SPDX-License-Identifier: GPL-3.0-or-later
// Writes, reads and removes decks.
#include "slides/deck.h"

#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION 1
#define NEW ".new"
#define OLD ".old"
#define NAME "deck.json"
#define MAX_JSON_BYTES (SLIDES_MAX_PAGES * (SLIDES_MAX_TEXT * 2 + 16)) // half of it escapes

bool slides_is_digest(const char *text)
{
    return strspn(text, "0123456789abcdef") == SLIDES_DIGEST_CHARACTERS &&
           text[SLIDES_DIGEST_CHARACTERS] == '\0';
}

char *slides_disk_path(const char *folder, const char *digest, unsigned page, const char *kind)
{
    return g_strdup_printf("%s/%s/page-%u.%s", folder, digest, page, kind);
}

static char *hidden_path(const char *folder, const char *digest, const char *end)
{
    return g_strdup_printf("%s/.%s%s", folder, digest, end);
}

static void remove_folder(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        unlink(file);
    }
    rmdir(path);
}

static bool has_files(const char *folder, const char *digest, size_t pages)
{
    bool all = true;
    for (unsigned page = 1; all && page <= pages; page++) {
        g_autofree char *picture = slides_disk_path(folder, digest, page, "png");
        g_autofree char *thumb = slides_disk_path(folder, digest, page, "jpg");
        all = access(picture, R_OK) == 0 && access(thumb, R_OK) == 0;
    }
    return all;
}

static char **read_texts(const json_t *deck)
{
    const json_t *texts = json_object_get(deck, "texts");
    size_t count = json_array_size(texts);
    if (json_integer_value(json_object_get(deck, "version")) != VERSION || count == 0 ||
        count > SLIDES_MAX_PAGES ||
        json_integer_value(json_object_get(deck, "pages")) != (json_int_t)count) {
        return NULL;
    }
    g_auto(GStrv) list = g_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(texts, i));
        list[i] = g_strdup(text != NULL ? text : "");
    }
    return g_steal_pointer(&list);
}

static char *read_file(const char *path, size_t *out_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    g_autofree char *bytes = size > 0 && size <= MAX_JSON_BYTES ? g_malloc((size_t)size) : NULL;
    bool whole = bytes != NULL && pread(fd, bytes, (size_t)size, 0) == size;
    if (fd >= 0) {
        close(fd);
    }
    *out_size = (size_t)MAX(size, 0);
    return whole ? g_steal_pointer(&bytes) : NULL;
}

char **slides_disk_load(const char *folder, const char *digest)
{
    g_autofree char *path = g_build_filename(folder, digest, NAME, NULL);
    size_t size;
    g_autofree char *bytes = read_file(path, &size);
    g_autoptr(json_t) deck = bytes != NULL ? base_json_parse_object(bytes, size, NULL) : NULL;
    g_auto(GStrv) texts = deck != NULL ? read_texts(deck) : NULL;
    return texts != NULL && has_files(folder, digest, g_strv_length(texts))
               ? g_steal_pointer(&texts)
               : NULL;
}

int slides_disk_begin(const char *folder, const char *digest)
{
    g_autofree char *path = hidden_path(folder, digest, NEW);
    remove_folder(path);
    return g_mkdir(path, 0700) == 0 ? 0 : -errno;
}

static int write_file(const char *path, const uint8_t *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = fd >= 0 ? 0 : -errno;
    while (result == 0 && size > 0) {
        ssize_t wrote = TEMP_FAILURE_RETRY(write(fd, bytes, size));
        result = wrote > 0 ? 0 : wrote < 0 ? -errno : -EIO;
        bytes += MAX(wrote, 0);
        size -= (size_t)MAX(wrote, 0);
    }
    if (fd >= 0 && close(fd) != 0 && result == 0) {
        result = -errno;
    }
    return result;
}

int slides_disk_write(const char *folder, const char *digest, unsigned page, const char *kind,
                      const uint8_t *bytes, size_t size)
{
    g_autofree char *name = g_strdup_printf(".%s%s", digest, NEW);
    g_autofree char *path = slides_disk_path(folder, name, page, kind);
    return write_file(path, bytes, size);
}

static int write_json(const char *path, char **texts)
{
    g_autoptr(json_t) list = json_array();
    for (char **text = texts; *text != NULL; text++) {
        json_array_append_new(list, json_string(*text));
    }
    g_autoptr(json_t) deck = json_pack("{s:i, s:i, s:O}", "version", VERSION, "pages",
                                       (int)g_strv_length(texts), "texts", list);
    g_autofree char *json = base_json_text(deck);
    return write_file(path, (const uint8_t *)json, strlen(json));
}

static int sync_folder(const char *path, int (*sync)(int fd))
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 && sync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        close(fd);
    }
    return result;
}

/* One sync is cheaper than 600. */
int slides_disk_finish(const char *folder, const char *digest, char **texts)
{
    g_autofree char *from = hidden_path(folder, digest, NEW);
    g_autofree char *to = g_build_filename(folder, digest, NULL);
    g_autofree char *json = g_build_filename(from, NAME, NULL);
    int result = write_json(json, texts);
    result = result == 0 ? sync_folder(from, syncfs) : result;
    remove_folder(to); // damaged, or of another version
    if (result == 0 && rename(from, to) != 0) {
        result = -errno;
    }
    return result == 0 ? sync_folder(folder, fsync) : result;
}

void slides_disk_remove(const char *folder, const char *digest)
{
    g_autofree char *part = hidden_path(folder, digest, NEW);
    g_autofree char *old = hidden_path(folder, digest, OLD);
    g_autofree char *path = g_build_filename(folder, digest, NULL);
    remove_folder(part);
    if (rename(path, old) == 0) { // a deck is whole or not there
        remove_folder(old);
    }
}

void slides_disk_sweep(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (name[0] == '.' && (g_str_has_suffix(name, NEW) || g_str_has_suffix(name, OLD))) {
            g_autofree char *path = g_build_filename(folder, name, NULL);
            remove_folder(path);
        }
    }
}
