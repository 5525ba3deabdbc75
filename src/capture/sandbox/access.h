// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a launch file needs beyond decoding: sockets, devices, files. Pure but for reading the file.

#include "capture/launch.h"
#include "capture/spec.h"

typedef struct {
    unsigned flags;   // CaptureAccessFlags
    GPtrArray *paths; // of char *: files and folders to read
} CaptureAccess;

CaptureAccess *capture_access_new(void);
void capture_access_free(CaptureAccess *access);

/* Adds what the launch file `path` needs: by its elements, its absolute paths and its line
 * "# access: network devices local". A file that cannot be read adds nothing. */
void capture_access_add_launch(CaptureAccess *access, const char *path);

/* Adds the launch file and the location of a source. */
void capture_access_add_spec(CaptureAccess *access, const CaptureSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureAccess, capture_access_free)
