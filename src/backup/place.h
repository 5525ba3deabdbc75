// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The place of a restore. Command line only.

#include "backup/backup.h"

typedef struct {
    const char *data_dir, *directory, *database; // borrowed
    bool (*in_use)(void *data);                  // by a server
    void *data;

    // private
    int mark;           // descriptor, locked; -1: none
    GPtrArray *folders; // made
    GHashTable *made;   // files and folders of this run
} BackupPlace;

/* Makes the data folder with the mark. CONFLICT: not empty, or in use. Close in any case. */
bool backup_place_open(BackupPlace *place, GError **error);
/* `done` false: removes what this run made. */
void backup_place_close(BackupPlace *place, bool done);

bool backup_place_make_folder(BackupPlace *place, const char *path, GError **error);
/* Makes the first folder of `name`, below `base`; fails where others did. */
bool backup_place_claim(BackupPlace *place, const char *base, const char *name, GError **error);
void backup_place_note(BackupPlace *place, const char *path);
bool backup_place_unmark(BackupPlace *place, GError **error);
