// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Backups of a server's data, and their way back. Blocks for long; command line only.
//
//   DIR/majlis-20261129T171600Z/        one backup: a bundle (bundle/bundle.h)
//     majlis.db                         the database at that time
//     keys/, configuration/             majlis.conf, and the files that it names
//     recordings/ID/, recordings/ID.json  a recording, and the list of its files
//   DIR/majlis-….partial                an interrupted one; the next run removes it
//   DATA/last-backup.json               {"at", "folder", "bytes", "new_bytes", "recordings", "damaged"}

#include "base/error.h"
#include "conf/conf.h"

#define BACKUP_LAST_NAME "last-backup.json"
#define BACKUP_RESTORING_NAME ".restoring" // in a data folder that is not restored completely

typedef struct {
    char *folder;  // full ownership
    char *made_at; // RFC 3339; full ownership
    unsigned recordings;
    uint64_t bytes;
    uint64_t new_bytes; // written or linked anew
    unsigned damaged;   // files that no copy has as they were signed
} BackupReport;

void backup_report_clear(BackupReport *report);

typedef struct {
    const Conf *conf;
    const char *to;
    unsigned keep; // 0: all
    /* What is damaged or left out; the backup goes on. */
    void (*warn)(void *data, const char *text);
    void *data;
} BackupConfig;

/* Beside a running server. BASE_ERROR_FULL: no room; CONFLICT: another backup runs in `to`. */
bool backup_make(const BackupConfig *config, BackupReport *out, GError **error);

typedef struct {
    const char *from;      // a backup, or the folder of backups
    const char *data_dir;  // missing or empty
    const char *directory; // of recordings: missing or empty
    const char *store_url; // of a missing file
    /* What is wrong with the backup. */
    void (*warn)(void *data, const char *text);
    void *data;
} BackupRestoreConfig;

/* Checks everything first. CONFLICT: something is there already; INVALID: the backup is damaged. */
bool backup_restore(const BackupRestoreConfig *config, BackupReport *out, GError **error);

/* The time of the last good backup; 0: none known. */
int64_t backup_last_us(const char *data_dir);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BackupReport, backup_report_clear)
