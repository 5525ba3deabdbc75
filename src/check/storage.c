// SPDX-License-Identifier: GPL-3.0-or-later
// Checks folders, disks and the database.
#include "check/check.h"

#include "archive/archive.h"
#include "backup/backup.h"
#include "base/clock.h"
#include "options.h"
#include "store/store.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DATABASE_LIMIT_US (5 * BASE_US_PER_S)
#define FREE_WANTED_BYTES (UINT64_C(5) << 30) // an hour takes 1.3 GB with its MP4
#define BACKUP_DAY_US (INT64_C(24) * 3600 * BASE_US_PER_S)
#define BACKUP_WANTED_DAYS 7
#define ANSWER_MS 3000

#define SYNCS 20
#define SYNCS_LIMIT_US BASE_US_PER_S // then fewer
#define LINE_BYTES 4096              // the journal's lines of a part
#define PART_BYTES_PER_S 250000      // 720p
#define PART_FILES 3                 // two renditions and sound, synced one by one
#define STALL_US BASE_US_PER_S

static void check_database(Check *check, const Conf *conf)
{
    g_autoptr(GError) error = NULL;
    bool whole;
    if (!store_check(conf->store_url, DATABASE_LIMIT_US, &whole, &error)) {
        check_problem(check, "%s", error->message);
    } else if (!whole) {
        check_note("the database is large: nothing was found wrong in the part that could be "
                   "looked at within 5 s");
    } else {
        check_ok("the database is not damaged");
    }
}

static void check_backup(const Conf *conf)
{
    const char *path = conf->store_url + strlen("sqlite:");
    BackupLast last = {0};
    bool known = backup_last(conf->data_dir, &last);
    int days = (int)((base_wall_us() - last.whole_us) / BACKUP_DAY_US);
    g_autofree char *at = base_time_format(last.whole_us);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        return; // nothing to lose
    }
    if (!known) {
        check_note(
            "there is no backup of this data folder: majlis backup --to DIR, best on another "
            "machine's disk and each day");
    } else if (last.damaged > 0) {
        check_note("the last backup lacks %u file(s) or recording(s) that are damaged or missing, "
                   "and older backups are kept until one is whole (the last whole one: %s). "
                   "`majlis backup` names them: a recording that is damaged in each copy is so in "
                   "each backup until it is restored from an older one or deleted on its page",
                   last.damaged, last.whole_us != 0 ? at : "none");
    } else if (days > BACKUP_WANTED_DAYS) {
        check_note("the last whole backup is %d days old: see why `majlis backup` fails or is not "
                   "run",
                   days);
    } else {
        check_ok("the last whole backup was made at %s", at);
    }
}

/* Makes no missing folder: the one above it tells the disk. */
static bool same_disk(const char *a, const char *b)
{
    g_autofree char *one = options_nearest_folder(a), *other = options_nearest_folder(b);
    struct stat first, second;
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev;
}

typedef struct {
    int64_t median_us, worst_us;
} SyncTimes;

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Appends `bytes` and syncs, again and again. False: see errno. */
static bool time_syncs(int fd, size_t bytes, SyncTimes *out)
{
    g_autofree uint8_t *data = g_malloc0(bytes);
    int64_t taken[SYNCS], begin = base_clock_us();
    unsigned count = 0;
    while (count < SYNCS && (count == 0 || base_clock_us() - begin < SYNCS_LIMIT_US)) {
        int64_t from = base_clock_us();
        ssize_t put = write(fd, data, bytes);
        if (put != (ssize_t)bytes || fdatasync(fd) != 0) {
            errno = put >= 0 && put < (ssize_t)bytes ? ENOSPC : errno;
            return false;
        }
        taken[count++] = base_clock_us() - from;
    }
    qsort(taken, count, sizeof *taken, by_size);
    *out = (SyncTimes){.median_us = taken[count / 2], .worst_us = taken[count - 1]};
    return true;
}

static bool time_disk(const char *folder, size_t part_bytes, SyncTimes *line, SyncTimes *part)
{
    g_autofree char *nearest = options_nearest_folder(folder);
    g_autofree char *path = g_build_filename(nearest, ".majlis-check-XXXXXX", NULL);
    int fd = g_mkstemp(path);
    if (fd < 0) {
        return false;
    }
    bool good = time_syncs(fd, LINE_BYTES, line) && time_syncs(fd, part_bytes, part);
    int code = errno;
    close(fd);
    g_unlink(path);
    errno = code;
    return good;
}

/* In a part's time, a recording syncs a file per track and the journal. */
static void check_speed(Check *check, const Conf *conf, const char *folder)
{
    int64_t part_us = conf->hls_part_ms * BASE_US_PER_MS;
    size_t part_bytes = (size_t)(part_us * PART_BYTES_PER_S / BASE_US_PER_S);
    SyncTimes line, part;
    if (!time_disk(folder, part_bytes, &line, &part)) {
        check_problem(check,
                      "writing to %s fails: %s. The disk may be full, failing (\"dmesg\" shows its "
                      "errors) or mounted read-only.",
                      folder, g_strerror(errno));
        return;
    }
    int64_t needs_us = PART_FILES * part.median_us + line.median_us;
    g_autofree char *said =
        g_strdup_printf("%s takes 4 KB in %.1f ms (worst %.1f) and a part of %zu KB in %.1f ms "
                        "(worst %.1f), so %.0f "
                        "ms of each %d ms of a recording",
                        folder, (double)line.median_us / 1e3, (double)line.worst_us / 1e3,
                        part_bytes / 1000, (double)part.median_us / 1e3,
                        (double)part.worst_us / 1e3, (double)needs_us / 1e3, conf->hls_part_ms);
    if (needs_us > part_us) {
        check_problem(check,
                      "the disk is too slow: %s. The recording would lag behind, and a loss of "
                      "power would take what waits. Record to a local SSD, or stop what else "
                      "writes to this disk.",
                      said);
    } else if (needs_us > part_us / 2 || MAX(line.worst_us, part.worst_us) > STALL_US) {
        check_note("the disk is slow: %s. Stop what else writes to it, or record to an SSD", said);
    } else {
        check_ok("%s", said);
    }
}

/* Before all else: a dead network disk blocks. */
static bool check_answers(Check *check, const char *folder)
{
    if (archive_probe(folder, ANSWER_MS)) {
        return true;
    }
    check_problem(check,
                  "the disk of %s gives no answer within 3 s: is it a network disk whose server is "
                  "away, or is it failing (\"dmesg\")? Mount it again.",
                  folder);
    return false;
}

/* True if the disk can be used further. */
static bool check_free(Check *check, const Conf *conf, const char *folder)
{
    uint64_t least = (uint64_t)conf->archive_minimum_free, left;
    struct statvfs disk;
    g_autofree char *nearest = options_nearest_folder(folder);
    if (statvfs(nearest, &disk) != 0) {
        check_problem(check, "%s cannot be looked at: %s.", folder, g_strerror(errno));
        return false;
    }
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left < least) {
        check_problem(check,
                      "only %" G_GUINT64_FORMAT " MB are free under %s, less than [archive] "
                      "minimum_free (%" G_GUINT64_FORMAT " MB): no session would open. Make room, "
                      "or set a smaller minimum_free.",
                      left >> 20, folder, least >> 20);
    } else if (left < FREE_WANTED_BYTES) {
        check_problem(check,
                      "only %" G_GUINT64_FORMAT " MB are free under %s: make room for at least 5 "
                      "GB, or record elsewhere ([archive] directory).",
                      left >> 20, folder);
    } else {
        check_ok("recordings can be written to %s", folder);
    }
    return left > least;
}

/* An outside folder should be another disk: unmounted, recordings fill the system's. */
static void check_directory(const Conf *conf)
{
    g_autofree char *below = g_strconcat(conf->data_dir, "/", NULL);
    if (!g_str_has_prefix(conf->archive_directory, below) &&
        same_disk(conf->archive_directory, conf->data_dir)) {
        check_note("[archive] directory %s is on the same disk as the data folder. Is the disk for "
                   "recordings mounted? Without it they fill this one.",
                   conf->archive_directory);
    }
}

static void check_first(Check *check, const Conf *conf)
{
    g_autoptr(GError) error = NULL;
    if (!check_answers(check, conf->archive_directory)) {
        return;
    }
    if (!options_need_folders(conf, false, &error)) {
        check_problem(check, "%s", error->message);
        return;
    }
    if (!g_file_test(conf->data_dir, G_FILE_TEST_EXISTS)) {
        check_note("there is no data folder %s yet: the server makes it. One that runs already has "
                   "another: name it with --data (the package's service: --data /var/lib/majlis)",
                   conf->data_dir);
    }
    if (check_free(check, conf, conf->archive_directory)) {
        check_speed(check, conf, conf->archive_directory);
    }
    check_directory(conf);
}

static void check_second(Check *check, const Conf *conf)
{
    const char *folder = conf->archive_second_directory;
    if (folder[0] == '\0') {
        check_note("there is no second copy: if the disk of %s fails, its recordings are lost. Set "
                   "[archive] second_directory to a folder on another disk",
                   conf->archive_directory);
        return;
    }
    if (!check_answers(check, folder)) {
        return;
    }
    g_autoptr(GError) error = NULL;
    if (!archive_mirror_mounted(conf->archive_directory, folder, &error)) {
        check_problem(check, "%s.", error->message);
        return;
    }
    g_autofree char *nearest = options_nearest_folder(folder);
    if (!g_file_test(nearest, G_FILE_TEST_IS_DIR) || access(nearest, W_OK | X_OK) != 0) {
        check_problem(check,
                      "[archive] second_directory %s cannot be written: mount its disk, create it "
                      "for this user, or leave the line out.",
                      folder);
    } else if (same_disk(folder, conf->archive_directory)) {
        check_note("the second copy in %s is on the same disk as the first: when that disk fails, "
                   "both are lost. Is the other disk mounted?",
                   folder);
    } else {
        check_ok("the second copy can be written to %s", folder);
        check_speed(check, conf, folder);
    }
}

void check_storage(Check *check, const Conf *conf)
{
    check_first(check, conf);
    check_database(check, conf);
    check_backup(conf);
    check_second(check, conf);
}
