// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared within backup.

#include "backup/backup.h"
#include "bundle/bundle.h"

#define BACKUP_DATABASE "majlis.db"
#define BACKUP_KEYS "keys"
#define BACKUP_CONFIGURATION "configuration"
#define BACKUP_FILES "files"
#define BACKUP_RECORDINGS "recordings"
#define BACKUP_AHEAD_US INT64_C(86400000000) // a wrong time zone is less

typedef struct {
    const BackupConfig *config;
    Bundle *bundle;
    const char *second; // nullable: a second directory that responds
    char *previous;     // nullable: the newest backup's folder
    char *whole;        // nullable: of the newest whole one
    BackupReport *report;
} Backup;

void backup_warn(const Backup *backup, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Writes last-backup.json. */
void backup_note_last(const Backup *backup);
/* Pictures and materials that it has not yet. */
bool backup_take_files(Backup *backup, GError **error);
bool backup_take_recordings(Backup *backup, GError **error);

/* Adds ids. Known ones without folder count as damaged. Fails if all are missing: the disk is not
 * mounted. */
bool backup_find_recordings(Backup *backup, GHashTable *ids, GError **error);

/* Adds segments that `folder` lacks by its journal. False: no journal. */
bool backup_find_lost(const char *folder, GHashTable *lost);
/* By the journal of an earlier backup. */
void backup_find_gone(const char *before, const char *folder, GHashTable *lost);

/* [archive] minimum_free on a disk that the server writes to, else 0. */
uint64_t backup_reserve(const Backup *backup);
/* For `bytes` beside that. */
bool backup_has_room(const Backup *backup, uint64_t bytes);
/* Returns false. */
bool backup_set_no_room(GError **error);

/* The folder of backups. Nullable. */
char *backup_newest(const char *to);
char *backup_newest_whole(const char *to);
/* Of those dated ahead of the clock. */
void backup_warn_ahead(const char *to, void (*warn)(void *data, const char *text), void *data);
void backup_remove_leftovers(const char *to);
/* None while this one is damaged. */
void backup_remove_old(const Backup *backup);
/* Locks it; closing unlocks. -1 with an error. */
int backup_open_target(const char *to, GError **error);
char *backup_new_folder(const char *to, int64_t now_us);
