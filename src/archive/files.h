// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Disk operations. "Durable" includes the parent folder. Any thread; all block.

#include "media/part.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Left by a deletion. */
#define ARCHIVE_TRACE_NAME "deleted.json"

#define ARCHIVE_THUMB_FOLDER "thumbs"

#define ARCHIVE_ID_MAX 64

/* DIRECTORY/ID, or BASE_ERROR_INVALID. */
char *archive_folder(const char *directory, const char *id, GError **error);

/* 0 unless a plain file. */
uint64_t archive_file_size(const char *path);

/* The same; -errno where the disk does not tell. */
int archive_read_size(const char *path, uint64_t *out_size);

/* 0 or -errno. */
int archive_write_at(int fd, const void *data, size_t size, uint64_t offset);

/* Entries only. 0 or -errno. */
int archive_sync_folder(const char *path);

/* Durably; may exist. 0 or -errno. */
int archive_make_folder(const char *path);

/* Atomically and durably. */
bool archive_replace_file(const char *folder, const char *name, const GString *text,
                          GError **error);

/* Renames durably. */
bool archive_publish_file(const char *folder, const char *from, const char *name, GError **error);

/* Before a change in place: gives the file its own inode, as a backup may be a hard link. 0 or
 * -errno. */
int archive_unshare_file(const char *path);

/* FOLDER/thumbs/PTS_MS.jpg, atomically, not durably. */
bool archive_write_thumb(const char *folder, const MediaPart *part);

/* BASE_ERROR_FULL or _FAILED: "cannot WHAT NAME: reason". Returns false. */
bool archive_set_errno(GError **error, int code, const char *what, const char *name);
