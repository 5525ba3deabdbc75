// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The two halves of the sandbox; each acts on the calling thread or, where it can, on all.

#include "capture/sandbox/access.h"

/* Landlock's ABI, 0: this kernel has none. */
int capture_files_abi(void);

/* Restricts files. `folders` (NULL-terminated) are read beside those of every child. 0 or -errno. */
int capture_files_restrict(const CaptureAccess *access, const char *const *folders);

/* Restricts system calls to those of `flags` (CaptureAccessFlags). 0 or -errno. */
int capture_calls_restrict(unsigned flags);
