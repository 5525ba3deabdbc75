// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Halves of the sandbox, for the calling thread or, if possible, all.

#include "capture/sandbox/access.h"

/* 0: none. */
int capture_files_abi(void);

/* `folders` (NULL-terminated): readable beside every child's. 0 or -errno. */
int capture_files_restrict(const CaptureAccess *access, const char *const *folders);

/* `flags`: CaptureAccessFlags. 0 or -errno. */
int capture_calls_restrict(unsigned flags);
