// SPDX-License-Identifier: GPL-3.0-or-later
// Takes recordings: links the files of signed ones, copies others and completes them from the mirror.
#include "backup/private.h"

#include "archive/archive.h"
#include "archive/files.h"
#include "archive/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define DEPTH_MAX 4
#define TRIES 3 // while its files are made again

typedef struct {
    Backup *backup;
    const char *id;
    char *first, *second; // the recording's folders; nullable second
    char *to;             // in the new backup
    char *before;         // in the previous one, nullable
    GHashTable *known;    // name -> BundleDigest, of the previous backup
    json_t *list;         // what was taken
    uint64_t bytes;
    uint64_t new_bytes;
    unsigned damaged;
    GPtrArray *unread; // names, of an unsigned one
    bool no_room;
} Taking;

/* Lists */

static void add_digests(GHashTable *digests, const json_t *files)
{
    size_t i;
    json_t *entry;
    json_array_foreach (files, i, entry) {
        const char *name;
        BundleDigest digest;
        if (bundle_entry_read(entry, &name, &digest)) {
            g_hash_table_replace(digests, g_strdup(name), g_memdup2(&digest, sizeof digest));
        }
    }
}

static GHashTable *read_digests(const char *folder, const char *list_name)
{
    GHashTable *digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(json_t) list = folder != NULL ? bundle_list_read(folder, list_name, NULL) : NULL;
    add_digests(digests, json_object_get(list, "files"));
    add_digests(digests, json_object_get(list, "unpublished"));
    return digests;
}

static void note(Taking *taking, const char *name, const BundleDigest *digest)
{
    json_array_append_new(taking->list, bundle_entry_new(name, digest));
    taking->bytes += (uint64_t)digest->bytes;
}

/* Single files */

static bool same(const BundleDigest *a, const BundleDigest *b)
{
    return a != NULL && b != NULL && a->bytes == b->bytes && strcmp(a->sha256, b->sha256) == 0;
}

/* Returns false. */
static bool set_target_fault(const Taking *taking, int result, const char *to, GError **error)
{
    return taking->no_room ? backup_set_no_room(error)
                           : bundle_set_errno(error, result, "write", to);
}

/* As bundle_copy_file(). */
static int copy_file(Taking *taking, const char *from, const char *to, BundleDigest *out)
{
    struct stat status;
    uint64_t bytes = lstat(from, &status) == 0 ? (uint64_t)status.st_size : 0;
    if (!backup_has_room(taking->backup, bytes)) {
        taking->no_room = true;
        return ENOSPC;
    }
    return bundle_copy_file(from, to, FILE_MODE, out);
}

/* The journal grows in place, also after the end. */
static bool may_link(const char *name)
{
    return strcmp(name, ARCHIVE_JOURNAL_NAME) != 0;
}

/* Links, or copies to another file system. As bundle_copy_file(). */
static int take_file(Taking *taking, const char *folder, const char *name, const char *to,
                     BundleDigest *out)
{
    g_autofree char *from = g_build_filename(folder, name, NULL);
    struct stat status;
    if (may_link(name) && lstat(from, &status) == 0 && S_ISREG(status.st_mode) &&
        link(from, to) == 0) {
        int result = bundle_digest_file(to, out);
        if (result != 0) {
            unlink(to);
        }
        return result;
    }
    return copy_file(taking, from, to, out);
}

/* Its digest was compared for the previous backup. */
static bool link_before(Taking *taking, const char *name, const BundleDigest *wanted,
                        const char *to)
{
    if (taking->before == NULL || !same(g_hash_table_lookup(taking->known, name), wanted)) {
        return false;
    }
    g_autofree char *from = g_build_filename(taking->before, name, NULL);
    struct stat status;
    return lstat(from, &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_size == wanted->bytes && link(from, to) == 0;
}

/* Finished recordings */

/* 0; -ENOENT: no whole copy; errno: the target's fault. */
static int take_whole(Taking *taking, const char *name, const BundleDigest *wanted, const char *to)
{
    const char *const folders[] = {taking->first, taking->second};
    for (size_t i = 0; i < G_N_ELEMENTS(folders) && folders[i] != NULL; i++) {
        BundleDigest found;
        int result = take_file(taking, folders[i], name, to, &found);
        if (result == 0 && same(&found, wanted)) {
            taking->new_bytes += (uint64_t)found.bytes;
            return 0;
        }
        if (result == 0) {
            unlink(to);
        } else if (result > 0) {
            return result;
        }
    }
    return -ENOENT;
}

/* With the digest that it has now. */
static int take_damaged(Taking *taking, const char *name, const char *to)
{
    BundleDigest found;
    int result = take_file(taking, taking->first, name, to, &found);
    taking->damaged++;
    if (result == 0) {
        note(taking, name, &found);
        taking->new_bytes += (uint64_t)found.bytes;
    }
    return result;
}

static bool take_signed_file(Taking *taking, const char *name, const BundleDigest *wanted,
                             GError **error)
{
    g_autofree char *to = g_build_filename(taking->to, name, NULL);
    if (!bundle_make_parents(to, FOLDER_MODE, error)) {
        return false;
    }
    int result = link_before(taking, name, wanted, to) ? 0 : take_whole(taking, name, wanted, to);
    if (result == 0) {
        note(taking, name, wanted);
    } else if (result <= 0) {
        result = take_damaged(taking, name, to);
    }
    return result <= 0 || set_target_fault(taking, result, to, error);
}

static bool take_manifest(Taking *taking, const char *name, GError **error)
{
    g_autofree char *to = g_build_filename(taking->to, name, NULL);
    BundleDigest digest;
    int result = take_file(taking, taking->first, name, to, &digest);
    if (result == 0) {
        note(taking, name, &digest);
    } else if (result != -ENOENT) {
        taking->damaged++;
    }
    return result <= 0 || set_target_fault(taking, result, to, error);
}

static bool take_signed(Taking *taking, GHashTable *digests, GError **error)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(digests), (GCompareFunc)strcmp);
    for (const GList *at = names; at != NULL; at = at->next) {
        if (!take_signed_file(taking, at->data, g_hash_table_lookup(digests, at->data), error)) {
            return false;
        }
    }
    return take_manifest(taking, BUNDLE_MANIFEST, error) &&
           take_manifest(taking, BUNDLE_SIGNATURE, error);
}

/* Other recordings */

static void note_unread(Taking *taking, const char *name, int code)
{
    if (code != ENOENT) { // else removed meanwhile
        g_ptr_array_add(taking->unread, g_strdup(name));
        backup_warn(taking->backup, "recording %s: %s cannot be read: %s", taking->id, name,
                    g_strerror(code));
    }
}

static bool copy_one(Taking *taking, const char *name, GError **error)
{
    g_autofree char *from = g_build_filename(taking->first, name, NULL);
    g_autofree char *to = g_build_filename(taking->to, name, NULL);
    BundleDigest digest;
    if (!bundle_make_parents(to, FOLDER_MODE, error)) {
        return false;
    }
    int result = copy_file(taking, from, to, &digest);
    if (result > 0) {
        return set_target_fault(taking, result, to, error);
    }
    if (result != 0) {
        note_unread(taking, name, -result);
    }
    return true;
}

typedef bool (*EachFile)(Taking *taking, const char *name, GError **error);

/* Not the journal and unfinished files. `at`: "" or with final slash. */
static bool each_file(Taking *taking, const char *root, const char *at, unsigned depth,
                      EachFile each, GError **error)
{
    g_autofree char *folder = g_build_filename(root, at, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    bool good = true;
    if (dir == NULL) {
        note_unread(taking, at, access(folder, R_OK | X_OK) != 0 ? errno : EIO);
    }
    while (good && dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
        g_autofree char *name = g_strconcat(at, entry, NULL);
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        struct stat status;
        if (!g_utf8_validate(entry, -1, NULL)) {
            continue;
        }
        if (lstat(path, &status) != 0) {
            note_unread(taking, name, errno);
            continue;
        }
        if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX) {
            g_autofree char *below = g_strconcat(name, "/", NULL);
            good = each_file(taking, root, below, depth + 1, each, error);
        } else if (S_ISREG(status.st_mode) && !g_str_has_suffix(entry, ".new") &&
                   strcmp(name, ARCHIVE_JOURNAL_NAME) != 0) {
            good = each(taking, name, error);
        }
    }
    return good;
}

static bool list_one(Taking *taking, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(taking->to, name, NULL);
    BundleDigest digest;
    int result = bundle_digest_file(path, &digest);
    if (result != 0) {
        return bundle_set_errno(error, -result, "read", path);
    }
    note(taking, name, &digest);
    taking->new_bytes += (uint64_t)digest.bytes;
    return true;
}

static bool list_journal(Taking *taking, GError **error)
{
    g_autofree char *path = g_build_filename(taking->to, ARCHIVE_JOURNAL_NAME, NULL);
    return access(path, F_OK) != 0 || list_one(taking, ARCHIVE_JOURNAL_NAME, error);
}

/* What the first copy lacks, as at a session's end. */
static bool complete(const Taking *taking, GError **error)
{
    g_autofree char *recordings = g_path_get_dirname(taking->to);
    g_autoptr(GError) failed = NULL;
    ArchivePlace place = {.directory = recordings,
                          .mirror = taking->backup->second,
                          .id = taking->id,
                          .reserve_bytes = backup_reserve(taking->backup)};
    if (taking->second == NULL || archive_repair(&place, &failed)) {
        return true;
    }
    if (g_error_matches(failed, BASE_ERROR, BASE_ERROR_FULL)) {
        if (place.reserve_bytes > 0) {
            return backup_set_no_room(error);
        }
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    backup_warn(taking->backup, "recording %s: its second copy was not read: %s", taking->id,
                failed->message);
    return true;
}

/* After what the mirror had. */
static void count_unread(Taking *taking)
{
    for (guint i = 0; i < taking->unread->len; i++) {
        const char *name = taking->unread->pdata[i];
        g_autofree char *path = g_build_filename(taking->to, name, NULL);
        taking->damaged += !g_str_has_suffix(name, ".m4s") && access(path, F_OK) != 0;
    }
}

/* The journal first: parts it notes are in files already. */
static bool take_unsigned(Taking *taking, GError **error)
{
    if (!copy_one(taking, ARCHIVE_JOURNAL_NAME, error) ||
        !each_file(taking, taking->first, "", 1, copy_one, error) || !complete(taking, error) ||
        !list_journal(taking, error) || !each_file(taking, taking->to, "", 1, list_one, error)) {
        return false;
    }
    count_unread(taking);
    return true;
}

/* Losses */

/* The same size, another digest. */
static void find_changed(GHashTable *before, GHashTable *now, GHashTable *lost)
{
    GHashTableIter all;
    gpointer name, value;
    g_hash_table_iter_init(&all, before);
    while (g_hash_table_iter_next(&all, &name, &value)) {
        const BundleDigest *was = value, *is = g_hash_table_lookup(now, name);
        bool media = g_str_has_suffix(name, ".m4s") || g_str_has_suffix(name, "/init.mp4");
        if (media && is != NULL && is->bytes == was->bytes && !same(is, was)) {
            g_hash_table_add(lost, g_strdup(name));
        }
    }
}

/* By the last whole backup, unless the manifest is the same. */
static void find_gone(const Taking *taking, GHashTable *lost)
{
    const char *whole = taking->backup->whole;
    g_autofree char *list_name = g_strconcat(BACKUP_RECORDINGS "/", taking->id, ".json", NULL);
    g_autoptr(GHashTable) before = read_digests(whole, list_name);
    g_autoptr(GHashTable) now = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    add_digests(now, taking->list);
    const BundleDigest *manifest = g_hash_table_lookup(before, BUNDLE_MANIFEST);
    if (whole == NULL || same(manifest, g_hash_table_lookup(now, BUNDLE_MANIFEST))) {
        return;
    }
    g_autofree char *folder = g_build_filename(whole, BACKUP_RECORDINGS, taking->id, NULL);
    backup_find_gone(folder, taking->to, lost);
    if (manifest != NULL) {
        find_changed(before, now, lost);
    }
}

static bool has_trace(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, ARCHIVE_TRACE_NAME, NULL);
    return access(path, F_OK) == 0;
}

static void count_lost(Taking *taking, bool is_signed)
{
    if (has_trace(taking->first) || (taking->second != NULL && has_trace(taking->second))) {
        return; // deleted
    }
    g_autoptr(GHashTable) lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!is_signed && !backup_find_lost(taking->to, lost)) {
        g_hash_table_add(lost, g_strdup(ARCHIVE_JOURNAL_NAME));
        backup_warn(taking->backup, "recording %s: no copy of it has a journal that can be read",
                    taking->id);
    }
    find_gone(taking, lost);
    taking->damaged += g_hash_table_size(lost);
}

/* One recording */

static void start_over(Taking *taking)
{
    bundle_remove(taking->to);
    json_decref(taking->list);
    taking->list = json_array();
    taking->bytes = taking->new_bytes = 0;
    taking->damaged = 0;
    g_ptr_array_set_size(taking->unread, 0);
}

static bool make_folder(Taking *taking, GError **error)
{
    return g_mkdir_with_parents(taking->to, FOLDER_MODE) == 0 ||
           bundle_set_errno(error, errno, "make the folder", taking->to);
}

static bool manifest_is(const Taking *taking, const BundleDigest *wanted)
{
    g_autofree char *path = g_build_filename(taking->first, BUNDLE_MANIFEST, NULL);
    BundleDigest now;
    return bundle_digest_file(path, &now) == 0 && same(&now, wanted);
}

/* `digests`: of its manifest. */
static bool take_files(Taking *taking, GHashTable *digests, GError **error)
{
    bool is_signed = g_hash_table_size(digests) > 0;
    start_over(taking);
    if (!make_folder(taking, error) ||
        !(is_signed ? take_signed(taking, digests, error) : take_unsigned(taking, error))) {
        return false;
    }
    count_lost(taking, is_signed);
    return true;
}

/* A trim or a deletion may replace its files meanwhile. */
static bool take_media(Taking *taking, GError **error)
{
    g_autofree char *path = g_build_filename(taking->first, BUNDLE_MANIFEST, NULL);
    for (unsigned i = 0; i < TRIES; i++) {
        BundleDigest manifest;
        bool there = bundle_digest_file(path, &manifest) == 0;
        g_autoptr(GHashTable) digests = read_digests(taking->first, BUNDLE_MANIFEST);
        bool is_signed = g_hash_table_size(digests) > 0;
        if (!take_files(taking, digests, error)) {
            return false;
        }
        if (there ? manifest_is(taking, &manifest) : !is_signed) {
            taking->damaged += there && !is_signed; // the manifest is spoiled
            return true;
        }
    }
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    return take_files(taking, none, error);
}

static bool write_list(Taking *taking, GError **error)
{
    Backup *backup = taking->backup;
    g_autofree char *folder = g_strconcat(BACKUP_RECORDINGS "/", taking->id, NULL);
    g_autofree char *name = g_strconcat(folder, ".json", NULL);
    g_autoptr(json_t) json =
        json_pack("{s:i, s:O}", "format", BUNDLE_FORMAT, "files", taking->list);
    g_autofree char *text = base_json_text(json);
    if (!bundle_write(backup->bundle, name, text, strlen(text), error)) {
        return false;
    }
    bundle_note_folder(backup->bundle, folder);
    backup->report->recordings++;
    backup->report->bytes += taking->bytes;
    backup->report->new_bytes += taking->new_bytes;
    backup->report->damaged += taking->damaged;
    if (taking->damaged > 0) {
        backup_warn(backup,
                    "recording %s: %u file(s) are damaged or missing in every copy of it: majlis "
                    "verify names them. An earlier backup may have them whole",
                    taking->id, taking->damaged);
    }
    return true;
}

static bool take(Backup *backup, const char *id, GError **error)
{
    const char *root = bundle_folder(backup->bundle);
    g_autofree char *list_name = g_strconcat(BACKUP_RECORDINGS "/", id, ".json", NULL);
    const char *previous = backup->previous;
    Taking taking = {
        .backup = backup,
        .id = id,
        .first = g_build_filename(backup->config->conf->archive_directory, id, NULL),
        .second = backup->second != NULL ? g_build_filename(backup->second, id, NULL) : NULL,
        .to = g_build_filename(root, BACKUP_RECORDINGS, id, NULL),
        .before = previous != NULL ? g_build_filename(previous, BACKUP_RECORDINGS, id, NULL) : NULL,
        .known = read_digests(previous, list_name),
        .list = json_array(),
        .unread = g_ptr_array_new_with_free_func(g_free),
    };
    bool taken = take_media(&taking, error) && write_list(&taking, error);
    g_free(taking.first);
    g_free(taking.second);
    g_free(taking.to);
    g_free(taking.before);
    g_hash_table_unref(taking.known);
    json_decref(taking.list);
    g_ptr_array_unref(taking.unread);
    return taken;
}

/* All */

bool backup_take_recordings(Backup *backup, GError **error)
{
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!backup_find_recordings(backup, ids, error)) {
        return false;
    }
    g_autoptr(GList) list = g_list_sort(g_hash_table_get_keys(ids), (GCompareFunc)strcmp);
    for (const GList *at = list; at != NULL; at = at->next) {
        if (!take(backup, at->data, error)) {
            return false;
        }
    }
    return true;
}
