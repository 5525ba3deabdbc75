// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Folders with a signed manifest: backups, exports, recordings. Blocks; any thread.
//
//   manifest.json  {"format": 1, "public_key": BASE64, "files": [{"name", "bytes", "sha256"}, …],
//                   "folders": [NAME, …], …}
//   manifest.sig   Ed25519 over manifest.json (RFC 8032), 64 bytes
//
// "files" lists all but these two and those below "folders"; NAME.json, one of "files", lists those
// below NAME: no list outgrows a recording. A recording's manifest has optional files, "unpublished".

#include "auth/auth.h"
#include "base/digest.h"
#include "base/json.h"

#include <sys/types.h>

#define BUNDLE_FORMAT 1
#define BUNDLE_MANIFEST "manifest.json"
#define BUNDLE_SIGNATURE "manifest.sig"
#define BUNDLE_PARTIAL ".partial" // after the name of an unfinished one

typedef struct {
    int64_t bytes;
    char sha256[BASE_DIGEST_CHARACTERS];
} BundleDigest;

/* --- Files ------------------------------------------------------------------------------------ */

/* Copies to a new file; its folder exists. 0; -errno: `from` cannot be read; errno: `to` cannot be
 * written. */
int bundle_copy_file(const char *from, const char *to, mode_t mode, BundleDigest *out);
/* Names the one at fault. Returns false. */
bool bundle_set_copy_fault(GError **error, int result, const char *from, const char *to);
/* 0 or -errno. */
int bundle_digest_file(const char *path, BundleDigest *out);
bool bundle_make_parents(const char *path, mode_t mode, GError **error);
/* With all below; follows no link. */
void bundle_remove(const char *folder);
/* BASE_ERROR_FULL or _FAILED: "cannot WHAT PATH: reason". Returns false. */
bool bundle_set_errno(GError **error, int code, const char *what, const char *path);

/* {"name", "bytes", "sha256"}. */
json_t *bundle_entry_new(const char *name, const BundleDigest *digest);
/* Borrowed. False: malformed, or `name` leaves the folder. */
bool bundle_entry_read(const json_t *entry, const char **out_name, BundleDigest *out);

/* NULL: none, or another format. */
json_t *bundle_list_read(const char *folder, const char *name, GError **error);

/* --- Writing ---------------------------------------------------------------------------------- */

typedef struct Bundle Bundle;

/* Makes FOLDER.partial. `secret`: for the owner alone. CONFLICT: one of them exists. */
Bundle *bundle_new(const char *folder, bool secret, GError **error);
/* Removes an unfinished one. */
void bundle_free(Bundle *bundle);

/* FOLDER.partial. */
const char *bundle_folder(const Bundle *bundle);
/* `wanted`: nullable. INVALID: it differs. */
bool bundle_copy(Bundle *bundle, const char *from, const char *name, const BundleDigest *wanted,
                 GError **error);
bool bundle_write(Bundle *bundle, const char *name, const char *text, size_t size, GError **error);
/* The caller made it. */
bool bundle_note(Bundle *bundle, const char *name, GError **error);
/* The caller wrote its files and NAME.json. */
void bundle_note_folder(Bundle *bundle, const char *name);
uint64_t bundle_bytes(const Bundle *bundle); // of "files"

/* Signs, syncs, renames durably. Takes `json`: more members. */
bool bundle_finish(Bundle *bundle, json_t *json, const AuthSigner *signer, GError **error);

/* --- Checking --------------------------------------------------------------------------------- */

typedef struct {
    void (*wrong)(void *data, const char *name, const char *text);
    void (*stray)(void *data, const char *name); // in no list
    void *data;
} BundleEvents;

typedef struct {
    unsigned files;
    uint64_t bytes;
    unsigned wrong;
    bool has_manifest;
    char *signer; // key id, nullable; full ownership
} BundleChecked;

/* Reads every file. True: as signed. `key` NULL: by any key. */
bool bundle_check(const char *folder, const uint8_t *key, const BundleEvents *events,
                  BundleChecked *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bundle, bundle_free)
