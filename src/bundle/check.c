// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a folder against its untrusted manifest: names never leave the folder.
#include "bundle/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 8

typedef struct {
    const char *folder;
    const BundleEvents *events;
    BundleChecked *out;
} Check;

/* One list. */
typedef struct {
    const char *prefix;  // "" or "NAME/"
    GHashTable *named;   // by this list
    GHashTable *folders; // with lists of their own
} Level;

static void wrong(Check *check, const char *name, const char *text)
{
    check->out->wrong++;
    check->events->wrong(check->events->data, name, text);
}

/* Signature */

/* False: none named. */
static bool named_key(const json_t *manifest, uint8_t out[AUTH_PUBLIC_BYTES])
{
    const char *text = json_string_value(json_object_get(manifest, "public_key"));
    gsize size = 0;
    g_autofree guchar *key = text != NULL ? g_base64_decode(text, &size) : NULL;
    if (key == NULL || size != AUTH_PUBLIC_BYTES) {
        return false;
    }
    memcpy(out, key, size);
    return true;
}

static bool read_file(const Check *check, const char *name, char **out, gsize *out_size)
{
    g_autofree char *path = g_build_filename(check->folder, name, NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) &&
           g_file_get_contents(path, out, out_size, NULL);
}

/* `wanted` NULL: any key in the manifest. */
static void check_signature(Check *check, const json_t *manifest, const uint8_t *wanted)
{
    uint8_t key[AUTH_PUBLIC_BYTES];
    g_autofree char *text = NULL, *signature = NULL;
    gsize size = 0, signature_size = 0;
    bool named = named_key(manifest, key);
    if (!read_file(check, BUNDLE_SIGNATURE, &signature, &signature_size)) {
        wrong(check, BUNDLE_SIGNATURE, "missing: the folder is not signed");
        return;
    }
    if (wanted != NULL && (!named || memcmp(key, wanted, sizeof key) != 0)) {
        g_autofree char *signer = named ? auth_key_id(key) : g_strdup("nobody known");
        g_autofree char *other = auth_key_id(wanted);
        g_autofree char *line =
            g_strdup_printf("signed by %s, and the key given is %s", signer, other);
        wrong(check, BUNDLE_MANIFEST, line);
        return;
    }
    if (!named || signature_size != AUTH_SIGNATURE_BYTES ||
        !read_file(check, BUNDLE_MANIFEST, &text, &size) ||
        !auth_verify(key, (const uint8_t *)text, size, (const uint8_t *)signature)) {
        wrong(check, BUNDLE_MANIFEST, "not what was signed: it or manifest.sig was changed");
        return;
    }
    check->out->signer = auth_key_id(key);
}

/* Files */

static void check_content(Check *check, const char *name, int fd, const BundleDigest *wanted)
{
    struct stat status;
    BundleDigest found;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        wrong(check, name, "not a regular file");
        return;
    }
    if (status.st_size != wanted->bytes) {
        g_autofree char *line =
            g_strdup_printf("changed: %lld bytes where %lld were signed", (long long)status.st_size,
                            (long long)wanted->bytes);
        wrong(check, name, line);
        return;
    }
    found.bytes = base_digest(fd, found.sha256);
    if (found.bytes < 0) {
        g_autofree char *line =
            g_strdup_printf("cannot be read: %s", g_strerror((int)-found.bytes));
        wrong(check, name, line);
    } else if (strcmp(found.sha256, wanted->sha256) != 0) {
        wrong(check, name, "changed: its hash is not the one that was signed");
    } else {
        check->out->files++;
        check->out->bytes += (uint64_t)wanted->bytes;
    }
}

static void check_file(Check *check, const Level *level, const json_t *file, bool needed)
{
    const char *own;
    BundleDigest wanted;
    if (!bundle_entry_read(file, &own, &wanted)) {
        wrong(check, BUNDLE_MANIFEST, "names a file that cannot belong to the folder");
        return;
    }
    char *name = g_strconcat(level->prefix, own, NULL);
    g_hash_table_add(level->named, name);
    g_autofree char *path = g_build_filename(check->folder, name, NULL);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        bool gone = errno == ENOENT || errno == ENOTDIR;
        if (gone && !needed) {
            return; // optional in copies
        }
        wrong(check, name,
              gone             ? "missing"
              : errno == ELOOP ? "not a regular file"
                               : g_strerror(errno));
        return;
    }
    check_content(check, name, fd, &wanted);
    close(fd);
}

static void check_list(Check *check, const Level *level, const json_t *list, bool needed)
{
    size_t i;
    json_t *file;
    json_array_foreach (list, i, file) {
        check_file(check, level, file, needed);
    }
}

/* `at`: "" or with final slash. */
static void check_strays(Check *check, const Level *level, const char *at, unsigned depth)
{
    g_autofree char *folder = g_build_filename(check->folder, at, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
        g_autofree char *name = g_strconcat(at, entry, NULL);
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        struct stat status;
        bool own = strcmp(name, BUNDLE_MANIFEST) == 0 || strcmp(name, BUNDLE_SIGNATURE) == 0;
        if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && depth < MAX_DEPTH) {
            g_autofree char *below = g_strconcat(name, "/", NULL);
            if (!g_hash_table_contains(level->folders, name)) {
                check_strays(check, level, below, depth + 1);
            }
        } else if (!own && !g_hash_table_contains(level->named, name)) {
            check->events->stray(check->events->data, name);
        }
    }
}

static void check_level(Check *check, const char *prefix, const json_t *list);

static void check_folder(Check *check, const char *name)
{
    g_autofree char *list_name = g_strconcat(name, ".json", NULL);
    g_autofree char *prefix = g_strconcat(name, "/", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) list = bundle_list_read(check->folder, list_name, &error);
    if (list == NULL) {
        wrong(check, list_name, error->message);
    } else {
        json_object_del(list, "folders"); // one level
        check_level(check, prefix, list);
    }
}

static void check_level(Check *check, const char *prefix, const json_t *list)
{
    Level level = {.prefix = prefix,
                   .named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                   .folders = g_hash_table_new(g_str_hash, g_str_equal)};
    check_list(check, &level, json_object_get(list, "files"), true);
    check_list(check, &level, json_object_get(list, "unpublished"), false);
    size_t i;
    json_t *folder;
    json_array_foreach (json_object_get(list, "folders"), i, folder) {
        const char *name = json_string_value(folder);
        if (name == NULL || strchr(name, '.') != NULL) {
            wrong(check, BUNDLE_MANIFEST, "names a folder that cannot belong to it");
        } else {
            g_hash_table_add(level.folders, (void *)name);
            check_folder(check, name);
        }
    }
    check_strays(check, &level, prefix, 1);
    g_hash_table_unref(level.named);
    g_hash_table_unref(level.folders);
}

bool bundle_check(const char *folder, const uint8_t *key, const BundleEvents *events,
                  BundleChecked *out)
{
    *out = (BundleChecked){0};
    Check check = {.folder = folder, .events = events, .out = out};
    g_autofree char *path = g_build_filename(folder, BUNDLE_MANIFEST, NULL);
    out->has_manifest = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) manifest = bundle_list_read(folder, BUNDLE_MANIFEST, &error);
    if (!out->has_manifest) {
        wrong(&check, BUNDLE_MANIFEST, "missing: there is nothing to check the folder against");
    } else if (manifest == NULL) {
        wrong(&check, BUNDLE_MANIFEST, error->message);
    } else {
        check_signature(&check, manifest, key);
        check_level(&check, "", manifest);
    }
    return out->wrong == 0 && out->signer != NULL;
}
