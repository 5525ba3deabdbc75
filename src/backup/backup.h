// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Backups of a server's data. Blocks for long; command line only.
//
//   DIR/majlis-20261129T171600Z/        a bundle (bundle/bundle.h)
//     majlis.db
//     keys/, configuration/             majlis.conf, and the files that it names
//     files/SHA256                      pictures and materials
//     recordings/ID/, recordings/ID.json
//   DIR/majlis-….partial                interrupted
//   DATA/last-backup.json               {"at", "whole_at" (or null), "folder", "bytes", "new_bytes",
//                                      "recordings", "damaged"}

#include "base/error.h"
#include "conf/conf.h"

#define BACKUP_LAST_NAME "last-backup.json"
#define BACKUP_RESTORING_NAME ".restoring" // in a data folder while it is restored

typedef struct {
    char *folder;  // full ownership
    char *made_at; // RFC 3339; full ownership
    unsigned recordings;
    uint64_t bytes;
    uint64_t new_bytes; // not in an earlier backup
    unsigned damaged;   // files damaged or missing in every copy, and missing recordings
} BackupReport;

void backup_report_clear(BackupReport *report);

typedef struct {
    const Conf *conf;
    const char *to;
    unsigned keep;                              // 0: all, as while anything is damaged
    void (*warn)(void *data, const char *text); // the backup goes on
    void *data;
} BackupConfig;

/* Beside a running server. BASE_ERROR_FULL; CONFLICT: another one runs. */
bool backup_make(const BackupConfig *config, BackupReport *out, GError **error);

typedef struct {
    const char *from;                           // a backup, or the folder of backups
    const char *data_dir;                       // missing or empty
    const char *directory;                      // of recordings: missing or empty
    const char *store_url;                      // of a missing file
    bool damaged;                               // also of a damaged backup
    void (*warn)(void *data, const char *text); // damage
    bool (*in_use)(void *data);                 // the data folder, by a server
    void *data;
} BackupRestoreConfig;

/* Checks all first. CONFLICT: place not empty, or in use; INVALID: damaged. A failure leaves
 * nothing. With `damaged`, readable damaged files of recordings, configuration and uploads are restored and
 * counted. */
bool backup_restore(const BackupRestoreConfig *config, BackupReport *out, GError **error);

typedef struct {
    int64_t at_us;
    int64_t whole_us; // of the last whole one; 0: unknown
    unsigned damaged; // of its report
} BackupLast;

/* False: unknown, or ahead of the clock. */
bool backup_last(const char *data_dir, BackupLast *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BackupReport, backup_report_clear)
