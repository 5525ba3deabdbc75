// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The few ways in which this module touches the disk. What is said to be durable has been synced,
// the folder that names it included. Any thread; all of it may block.

#include "media/part.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of a recording that was deleted. */
#define ARCHIVE_TRACE_NAME "deleted.json"

#define ARCHIVE_THUMB_FOLDER "thumbs"

/* The longest id that names a folder. */
#define ARCHIVE_ID_MAX 64

/* DIRECTORY/ID, or NULL with BASE_ERROR_INVALID where the id is no name. Full ownership. */
char *archive_folder(const char *directory, const char *id, GError **error);

/* Of a plain file; 0: it is none. */
uint64_t archive_file_size(const char *path);

/* All of `data` at `offset`: 0 or -errno. */
int archive_write_at(int fd, const void *data, size_t size, uint64_t offset);

/* Makes the folder's entries durable: 0 or -errno. */
int archive_sync_folder(const char *path);

/* Makes the folder `path` (its parent exists) and its entry durable; an existing one is fine: 0 or
 * -errno. */
int archive_make_folder(const char *path);

/* Puts `text` under FOLDER/NAME: whole and durable, or not at all. */
bool archive_replace_file(const char *folder, const char *name, const GString *text,
                          GError **error);

/* Renames a finished temporary file over its final name, durably. */
bool archive_publish_file(const char *folder, const char *from, const char *name, GError **error);

/* FOLDER/thumbs/PTS_MS.jpg, whole or not at all; not made durable. */
bool archive_write_thumb(const char *folder, const MediaPart *part);

/* Sets BASE_ERROR_FULL or BASE_ERROR_FAILED, "cannot WHAT NAME: reason". Returns false. */
bool archive_set_errno(GError **error, int code, const char *what, const char *name);
