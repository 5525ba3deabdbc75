// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The sandbox of children, final, for all threads: no new privileges, only root's right to read;
// Landlock: writes devices only, reads libraries, fonts, the access's paths; seccomp: no programs,
// no sockets but the access's. Skips and reports what the kernel lacks.

#include <glib.h>
#include <stdbool.h>

/* Beyond computing; the sandbox denies all else. */
typedef enum {
    SANDBOX_NETWORK = 1, // IPv4 and IPv6
    SANDBOX_DEVICES = 2, // /dev: cameras, sound cards, graphics cards
    SANDBOX_LOCAL = 4,   // Unix sockets: PulseAudio, X11, PipeWire
} SandboxFlags;

typedef struct {
    unsigned flags;   // SandboxFlags
    GPtrArray *paths; // of char *: readable
} SandboxAccess;

SandboxAccess *sandbox_access_new(void);
void sandbox_access_free(SandboxAccess *access);

/* Once, before other threads start (else a gap). `folders` (NULL-terminated): readable too. NULL:
 * complete; else the gaps, for staff. */
char *sandbox_enter(const SandboxAccess *access, const char *const *folders);

/* False: `needed` is more, or a file was replaced: start a new process. Any thread. */
bool sandbox_covers(const SandboxAccess *needed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxAccess, sandbox_access_free)
