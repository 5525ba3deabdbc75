// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared within backup.

#include "backup/backup.h"
#include "bundle/bundle.h"

#define BACKUP_DATABASE "majlis.db"
#define BACKUP_KEYS "keys"
#define BACKUP_CONFIGURATION "configuration"
#define BACKUP_RECORDINGS "recordings"

typedef struct {
    const BackupConfig *config;
    Bundle *bundle;
    const char *second; // nullable: a second directory that responds
    char *previous;     // nullable: the newest backup's folder
    BackupReport *report;
} Backup;

void backup_warn(const Backup *backup, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Writes last-backup.json. */
void backup_note_last(const Backup *backup);
bool backup_take_recordings(Backup *backup, GError **error);

/* The newest complete one in `to`, nullable. Full ownership. */
char *backup_newest(const char *to);
