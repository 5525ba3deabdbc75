// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sockets, devices and files that a launch file needs. Pure but for reading files.

#include "capture/launch.h"
#include "capture/spec.h"
#include "sandbox/sandbox.h"

/* By the file's elements, absolute paths and line "# access: network devices local". An unreadable
 * file adds nothing. */
void capture_access_add_launch(SandboxAccess *access, const char *path);

/* Adds the launch file and source location. */
void capture_access_add_spec(SandboxAccess *access, const CaptureSpec *spec);

/* As sandbox_covers(). */
bool capture_access_covered(const CaptureSpec *spec);
