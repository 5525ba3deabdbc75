// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The capture child's sandbox, final, for all threads: no new privileges, only root's right to
// read; Landlock: writes devices only, reads libraries, fonts, pipelines, the source; seccomp: no
// programs, no sockets but CaptureAccess's. Skips and reports what the kernel lacks.

#include "capture/sandbox/access.h"

#include <stdbool.h>

/* Call before other threads start (else that is a gap), after GStreamer's registry is read.
 * `pipelines`: folder. NULL: complete; else the gaps, for staff. */
char *capture_sandbox_enter(const CaptureAccess *access, const char *pipelines);

/* False: `spec` needs more access or a file was replaced: start a new process. Any thread. */
bool capture_sandbox_covers(const CaptureSpec *spec);
