// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The sandbox of the capture child, for good and for every thread of the process:
// - no new privileges, no capability but reading as root;
// - Landlock: no file is written but devices; read are libraries, fonts, pipelines, the source;
// - seccomp: a list of calls; no program starts, no socket opens but those of CaptureAccess.
// What a kernel lacks is left out and told.

#include "capture/sandbox/access.h"

#include <stdbool.h>

/* Call before the process has another thread, after GStreamer has read its registry. `pipelines`:
 * folder. NULL if all holds, else what does not and what that means, for staff. Full ownership. */
char *capture_sandbox_enter(const CaptureAccess *access, const char *pipelines);

/* True if `spec` can be opened in the sandbox as it was entered, or without one. False: it needs
 * more, or a file was replaced since; a new process can. Any thread. */
bool capture_sandbox_covers(const CaptureSpec *spec);
