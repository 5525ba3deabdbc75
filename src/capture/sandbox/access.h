// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sockets, devices and files that a launch file needs. Pure but for reading the file.

#include "capture/launch.h"
#include "capture/spec.h"

typedef struct {
    unsigned flags;   // CaptureAccessFlags
    GPtrArray *paths; // of char *: readable
} CaptureAccess;

CaptureAccess *capture_access_new(void);
void capture_access_free(CaptureAccess *access);

/* By the file's elements, absolute paths and line "# access: network devices local". An unreadable
 * file adds nothing. */
void capture_access_add_launch(CaptureAccess *access, const char *path);

/* Adds the launch file and source location. */
void capture_access_add_spec(CaptureAccess *access, const CaptureSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureAccess, capture_access_free)
