// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a bundle beside its name, and renames it once it is on the disk.
#include "bundle/bundle.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Bundle {
    char *folder;  // its name once finished
    char *partial; // until then
    mode_t file_mode, folder_mode;
    json_t *files, *folders;
    uint64_t bytes;
    bool finished;
};

Bundle *bundle_new(const char *folder, bool secret, GError **error)
{
    g_autoptr(Bundle) bundle = g_new0(Bundle, 1);
    bundle->folder = g_canonicalize_filename(folder, NULL);
    bundle->partial = g_strconcat(bundle->folder, BUNDLE_PARTIAL, NULL);
    bundle->file_mode = secret ? 0600 : 0644;
    bundle->folder_mode = secret ? 0700 : 0755;
    bundle->files = json_array();
    bundle->folders = json_array();
    bundle->finished = true; // until there is something to remove
    struct stat status;
    if (lstat(bundle->folder, &status) == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "%s exists already, and nothing is overwritten: name a new folder", folder);
        return NULL;
    }
    if (!bundle_make_parents(bundle->folder, bundle->folder_mode, error)) {
        return NULL;
    }
    if (mkdir(bundle->partial, bundle->folder_mode) != 0) {
        if (errno == EEXIST) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                        "%s exists: another run is writing it, or one was interrupted. Remove it, "
                        "or name another folder",
                        bundle->partial);
            return NULL;
        }
        bundle_set_errno(error, errno, "make the folder", bundle->partial);
        return NULL;
    }
    bundle->finished = false;
    return g_steal_pointer(&bundle);
}

void bundle_free(Bundle *bundle)
{
    if (bundle == NULL) {
        return;
    }
    if (!bundle->finished) {
        bundle_remove(bundle->partial);
    }
    json_decref(bundle->files);
    json_decref(bundle->folders);
    g_free(bundle->folder);
    g_free(bundle->partial);
    g_free(bundle);
}

const char *bundle_folder(const Bundle *bundle)
{
    return bundle->partial;
}

uint64_t bundle_bytes(const Bundle *bundle)
{
    return bundle->bytes;
}

static void add(Bundle *bundle, const char *name, const BundleDigest *digest)
{
    json_array_append_new(bundle->files, bundle_entry_new(name, digest));
    bundle->bytes += (uint64_t)digest->bytes;
}

bool bundle_copy(Bundle *bundle, const char *from, const char *name, const BundleDigest *wanted,
                 GError **error)
{
    g_autofree char *path = g_build_filename(bundle->partial, name, NULL);
    BundleDigest digest;
    if (!bundle_make_parents(path, bundle->folder_mode, error)) {
        return false;
    }
    int result = bundle_copy_file(from, path, bundle->file_mode, &digest);
    if (result != 0) {
        return bundle_set_copy_fault(error, result, from, path);
    }
    if (wanted != NULL && strcmp(wanted->sha256, digest.sha256) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s is not what was signed: it is damaged, or was changed meanwhile. majlis "
                    "verify tells; a backup or the second copy may have it whole",
                    from);
        return false;
    }
    add(bundle, name, &digest);
    return true;
}

bool bundle_note(Bundle *bundle, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(bundle->partial, name, NULL);
    BundleDigest digest;
    int result = bundle_digest_file(path, &digest);
    if (result != 0) {
        return bundle_set_errno(error, -result, "read", path);
    }
    add(bundle, name, &digest);
    return true;
}

void bundle_note_folder(Bundle *bundle, const char *name)
{
    json_array_append_new(bundle->folders, json_string(name));
}

static bool write_file(const Bundle *bundle, const char *name, const void *bytes, size_t size,
                       GError **error)
{
    g_autofree char *path = g_build_filename(bundle->partial, name, NULL);
    if (!bundle_make_parents(path, bundle->folder_mode, error)) {
        return false;
    }
    g_autoptr(GError) failed = NULL;
    if (g_file_set_contents_full(path, bytes, (gssize)size, G_FILE_SET_CONTENTS_NONE,
                                 (int)bundle->file_mode, &failed)) {
        return true;
    }
    bool full = g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
    g_set_error(error, BASE_ERROR, full ? BASE_ERROR_FULL : BASE_ERROR_FAILED, "%s%s",
                failed->message, full ? "; free some space and try again" : "");
    return false;
}

bool bundle_write(Bundle *bundle, const char *name, const char *text, size_t size, GError **error)
{
    BundleDigest digest = {.bytes = (int64_t)size};
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size);
    g_strlcpy(digest.sha256, sum, sizeof digest.sha256);
    if (!write_file(bundle, name, text, size, error)) {
        return false;
    }
    add(bundle, name, &digest);
    return true;
}

static bool write_manifest(Bundle *bundle, json_t *json, const AuthSigner *signer, GError **error)
{
    g_autofree char *key = g_base64_encode(auth_signer_public(signer), AUTH_PUBLIC_BYTES);
    json_object_set_new(json, "format", json_integer(BUNDLE_FORMAT));
    json_object_set_new(json, "public_key", json_string(key));
    json_object_set(json, "files", bundle->files);
    json_object_set(json, "folders", bundle->folders);
    char *dumped = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
    g_assert(dumped != NULL);
    g_autofree char *text = g_strconcat(dumped, "\n", NULL);
    free(dumped);
    uint8_t signature[AUTH_SIGNATURE_BYTES];
    auth_signer_sign(signer, (const uint8_t *)text, strlen(text), signature);
    return write_file(bundle, BUNDLE_SIGNATURE, signature, sizeof signature, error) &&
           write_file(bundle, BUNDLE_MANIFEST, text, strlen(text), error);
}

/* 0 or -errno. */
static int sync_at(const char *folder, int (*sync_fd)(int fd))
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int result = sync_fd(fd) == 0 ? 0 : -errno;
    close(fd);
    return result;
}

bool bundle_finish(Bundle *bundle, json_t *json, const AuthSigner *signer, GError **error)
{
    bool written = write_manifest(bundle, json, signer, error);
    json_decref(json);
    if (!written) {
        return false;
    }
    // one sync for thousands of files
    int result = sync_at(bundle->partial, syncfs);
    if (result != 0) {
        return bundle_set_errno(error, -result, "sync", bundle->partial);
    }
    if (rename(bundle->partial, bundle->folder) != 0) {
        return bundle_set_errno(error, errno, "rename", bundle->partial);
    }
    bundle->finished = true;
    g_autofree char *parent = g_path_get_dirname(bundle->folder);
    result = sync_at(parent, fsync);
    return result == 0 || bundle_set_errno(error, -result, "sync", parent);
}
