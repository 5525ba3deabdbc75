// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Halves of the sandbox, for the calling thread or, if possible, all.

#include "sandbox/sandbox.h"

/* 0: none. */
int sandbox_files_abi(void);

/* `folders` (NULL-terminated): readable beside every child's. 0 or -errno. */
int sandbox_files_restrict(const SandboxAccess *access, const char *const *folders);

/* `flags`: SandboxFlags. 0 or -errno. */
int sandbox_calls_restrict(unsigned flags);
