// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Uploaded pictures and materials. Rows are in memory as in the store; a content is a file
// FOLDER/SHA256, synced before its row's commit, removed after its last row. Main thread; the
// module's own thread checks, writes and removes contents.

#include "files/type.h"
#include "store/files/files.h"

#include <glib.h>

#define FILES_FOLDER "files" // in the data folder
#define FILES_PICTURE_BYTES (4 * 1024 * 1024)
#define FILES_MATERIAL_BYTES (32 * 1024 * 1024)
#define FILES_MAX_MATERIALS 20 // of a session
#define FILES_MAX_NAME 200     // characters
#define FILES_MAX_LINK 1000    // bytes

typedef struct Files Files;

/* Makes `folder`. Waits for the store. */
Files *files_new(Store *store, const char *folder, GError **error);
/* After the store has finished its jobs; drops uploads under way. */
void files_free(Files *files);

/* Nullable. Borrowed until the next change. */
const StoreFile *files_picture(const Files *files, const char *owner);
const StoreFile *files_material(const Files *files, const char *session, const char *id);
/* Without the picture, in their order. The rows are borrowed. */
GPtrArray *files_materials(const Files *files, const char *session);
/* Of its content. */
char *files_path(const Files *files, const StoreFile *row);

/* `row`: NULL after an error, borrowed. `error`: NULL: committed. */
typedef void (*FilesDone)(void *data, const StoreFile *row, const GError *error);

/* Takes `row`, sets its content's fields. INVALID: `body` is none of the types in `set`, or lacks
 * its end. LIMIT: FILES_MAX_MATERIALS. FULL. */
void files_put(Files *files, StoreFile *row, GByteArray *body, unsigned set, FilesDone done,
               void *data);
/* Takes `row`, a link. */
void files_put_link(Files *files, StoreFile *row, FilesDone done, void *data);
typedef struct {
    const char *name; // nullable: keeps its name
    bool moves;
    const char
        *before; // where it moves: a material of its session; NULL or gone: it becomes the last
} FilesEdit;

/* `id`: of a material. Copies `edit`. */
void files_edit(Files *files, const char *id, const FilesEdit *edit, FilesDone done, void *data);
/* The id of a row. */
void files_delete(Files *files, const char *id, FilesDone done, void *data);
/* `owner` was deleted, with its rows in the store. */
void files_forget(Files *files, const char *owner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Files, files_free)
