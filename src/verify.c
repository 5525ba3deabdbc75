// SPDX-License-Identifier: GPL-3.0-or-later
// majlis verify: checks that a server signed a recording's folder. Needs only manifest.json,
// manifest.sig and the files. The manifest is untrusted until its signature is verified, and its
// names never leave the folder.
#include "auth/auth.h"
#include "base/json.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1
#define MANIFEST_MAX_BYTES (64 << 20)
#define READ_BYTES (256 * 1024)
#define MAX_DEPTH 8

typedef struct {
    const char *folder;
    GHashTable *named; // in the manifest
    unsigned wrong, files;
    uint64_t bytes;
} Check;

static void wrong(Check *check, const char *name, const char *text)
{
    g_autofree char *safe = g_strescape(name, NULL);
    printf("%s: %s\n", g_utf8_validate(name, -1, NULL) ? name : safe, text);
    check->wrong++;
}

/* Signature */

static bool read_file(const Check *check, const char *name, char **out, gsize *out_size)
{
    g_autofree char *path = g_build_filename(check->folder, name, NULL);
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_size <= MANIFEST_MAX_BYTES && g_file_get_contents(path, out, out_size, NULL);
}

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

/* `wanted` NULL: any key in the manifest. Returns its id, nullable. */
static char *check_signature(Check *check, const char *text, gsize size, const json_t *manifest,
                             const uint8_t *wanted)
{
    uint8_t key[AUTH_PUBLIC_BYTES];
    g_autofree char *signature = NULL;
    gsize signature_size = 0;
    bool named = named_key(manifest, key);
    if (!read_file(check, "manifest.sig", &signature, &signature_size)) {
        wrong(check, "manifest.sig", "missing: the recording is not signed");
        return NULL;
    }
    if (wanted != NULL && (!named || memcmp(key, wanted, sizeof key) != 0)) {
        g_autofree char *signer = named ? auth_key_id(key) : g_strdup("nobody known");
        g_autofree char *other = auth_key_id(wanted);
        g_autofree char *line =
            g_strdup_printf("signed by %s, and the key given is %s", signer, other);
        wrong(check, "manifest.json", line);
        return NULL;
    }
    if (!named || signature_size != AUTH_SIGNATURE_BYTES ||
        !auth_verify(key, (const uint8_t *)text, size, (const uint8_t *)signature)) {
        wrong(check, "manifest.json", "not what was signed: it or manifest.sig was changed");
        return NULL;
    }
    return auth_key_id(key);
}

/* Files */

/* Stays below the folder. */
static bool plain_name(const char *name)
{
    g_auto(GStrv) steps = g_strsplit(name, "/", -1);
    for (unsigned i = 0; steps[i] != NULL; i++) {
        if (steps[i][0] == '\0' || strcmp(steps[i], ".") == 0 || strcmp(steps[i], "..") == 0) {
            return false;
        }
    }
    return steps[0] != NULL;
}

/* NULL: see errno. */
static char *hash_file(int fd)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guchar *buffer = g_malloc(READ_BYTES);
    for (;;) {
        ssize_t got = read(fd, buffer, READ_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? g_strdup(g_checksum_get_string(sum)) : NULL;
        }
        g_checksum_update(sum, buffer, got);
    }
}

static void check_content(Check *check, const char *name, int fd, int64_t bytes, const char *sha256)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        wrong(check, name, "not a regular file");
        return;
    }
    if (status.st_size != bytes) {
        g_autofree char *line = g_strdup_printf("changed: %lld bytes where %lld were signed",
                                                (long long)status.st_size, (long long)bytes);
        wrong(check, name, line);
        return;
    }
    g_autofree char *sum = hash_file(fd);
    if (sum == NULL) {
        g_autofree char *line = g_strdup_printf("cannot be read: %s", g_strerror(errno));
        wrong(check, name, line);
    } else if (strcmp(sum, sha256) != 0) {
        wrong(check, name, "changed: its hash is not the one that was signed");
    } else {
        check->files++;
        check->bytes += (uint64_t)bytes;
    }
}

static void check_file(Check *check, const json_t *file, bool needed)
{
    const char *name = json_string_value(json_object_get(file, "name"));
    const char *sha256 = json_string_value(json_object_get(file, "sha256"));
    const json_t *bytes = json_object_get(file, "bytes");
    if (name == NULL || sha256 == NULL || !json_is_integer(bytes) || !plain_name(name)) {
        wrong(check, "manifest.json", "names a file that cannot belong to a recording");
        return;
    }
    g_hash_table_add(check->named, g_strdup(name));
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
    check_content(check, name, fd, json_integer_value(bytes), sha256);
    close(fd);
}

static void check_list(Check *check, const json_t *list, bool needed)
{
    size_t i;
    json_t *file;
    json_array_foreach (list, i, file) {
        check_file(check, file, needed);
    }
}

/* Files that the manifest lacks. */
static void check_strays(Check *check, const char *at, unsigned depth)
{
    g_autofree char *folder = g_build_filename(check->folder, at, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
        g_autofree char *name = g_strconcat(at, entry, NULL);
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        struct stat status;
        bool own = strcmp(name, "manifest.json") == 0 || strcmp(name, "manifest.sig") == 0;
        if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && depth < MAX_DEPTH) {
            g_autofree char *below = g_strconcat(name, "/", NULL);
            check_strays(check, below, depth + 1);
        } else if (!own && !g_hash_table_contains(check->named, name)) {
            wrong(check, name, "not in the manifest");
        }
    }
}

/* Command */

static json_t *read_manifest(Check *check, char **out_text, gsize *out_size)
{
    g_autoptr(GError) error = NULL;
    if (!read_file(check, "manifest.json", out_text, out_size)) {
        wrong(check, "manifest.json", "missing: there is nothing to check the folder against");
        return NULL;
    }
    json_t *manifest = base_json_parse_object(*out_text, *out_size, &error);
    if (manifest == NULL) {
        wrong(check, "manifest.json", error->message);
    } else if (json_integer_value(json_object_get(manifest, "format")) != FORMAT) {
        wrong(check, "manifest.json", "has a format that this version of majlis does not know");
        g_clear_pointer(&manifest, json_decref);
    }
    return manifest;
}

/* On stderr; stdout is for programs. */
static void advise(const Check *check, bool any_manifest)
{
    g_autofree char *line = NULL;
    if (!g_file_test(check->folder, G_FILE_TEST_IS_DIR)) {
        line = g_strdup_printf("there is no folder %s", check->folder);
    } else if (!any_manifest) {
        line = g_strdup("is this a recording's folder, and is it finished? It is signed some "
                        "seconds after the session's end; a second_directory's copy is not signed");
    } else {
        line = g_strdup_printf("NOT verified, %u finding(s): this is not what the server signed. "
                               "Keep it as it is and take another copy; a recording being made "
                               "again is whole some seconds later",
                               check->wrong);
    }
    fflush(stdout); // in order, if both share a pipe
    options_complain(line);
}

static int verify(const char *folder, const uint8_t *key)
{
    Check check = {.folder = folder,
                   .named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    g_autofree char *text = NULL;
    gsize size = 0;
    g_autoptr(json_t) manifest = read_manifest(&check, &text, &size);
    g_autofree char *signer = NULL;
    if (manifest != NULL) {
        signer = check_signature(&check, text, size, manifest, key);
        check_list(&check, json_object_get(manifest, "files"), true);
        check_list(&check, json_object_get(manifest, "unpublished"), false);
        check_strays(&check, "", 1);
    }
    g_hash_table_unref(check.named);
    if (check.wrong > 0 || signer == NULL) {
        advise(&check, text != NULL);
        return EXIT_FAILED;
    }
    printf("verified: %u files, %" G_GUINT64_FORMAT " bytes, signed by %s\n", check.files,
           check.bytes, signer);
    if (key == NULL) {
        options_complain("the key is the one that the manifest names; whether it is your server's, "
                         "--key keys/signing.pub of its data folder tells");
    }
    return EXIT_OK;
}

int verify_main(int argc, char **argv)
{
    g_autofree char *key_path = NULL;
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &key_path, "Public key", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        options_complain(error->message);
        return EXIT_USAGE;
    }
    if (argc != 2) {
        options_complain("verify wants one folder: majlis verify DIR [--key FILE]");
        return EXIT_USAGE;
    }
    uint8_t key[AUTH_PUBLIC_BYTES];
    if (key_path != NULL && !auth_public_read(key_path, key, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    return verify(argv[1], key_path != NULL ? key : NULL);
}
