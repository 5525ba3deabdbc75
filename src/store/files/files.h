// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pictures and materials of sessions, series and speakers. As store/rows.h.

#include "store/store.h"

typedef struct {
    char *id;
    char *session, *series, *speaker; // one of them: its owner
    bool picture;                     // an owner has one at most; else a material of a session
    char *name;                       // of a material, as staff named it
    char *link;                       // nullable: the material is an address
    char *digest;                     // nullable: SHA-256 of the content, its name on the disk
    char *type;                       // media type of the content, nullable
    int64_t bytes;
    int64_t created_us;
} StoreFile;

void store_file_free(StoreFile *row);
StoreFile *store_file_copy(const StoreFile *row);
/* Of its owner. Borrowed. */
const char *store_file_owner(const StoreFile *row);

/* A material becomes the last. Replaces the picture that the owner had. CONFLICT: no such owner. */
bool store_file_put(StoreDb *db, const StoreFile *row, GError **error);
/* Of a material. NOT_FOUND. */
bool store_file_rename(StoreDb *db, const char *id, const char *name, GError **error);
/* Of a material, before another of its session; last if that is NULL or gone. NOT_FOUND. */
bool store_file_move(StoreDb *db, const char *id, const char *before, GError **error);
bool store_file_delete(StoreDb *db, const char *id, GError **error);
/* In the order of each session's materials, else oldest first. */
GPtrArray *store_files_list(StoreDb *db, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreFile, store_file_free)
