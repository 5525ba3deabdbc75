// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// sd_notify(3), with the watchdog. Never blocks: keeps unsent states until the next call. No-op
// without systemd. Main thread.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct BaseNotify BaseNotify;

/* Unsets NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID for children: call before threads start.
 * Never NULL. */
BaseNotify *base_notify_new(void);
void base_notify_free(BaseNotify *notify);
bool base_notify_supervised(const BaseNotify *notify);

/* The next step takes at most `most_us`. */
void base_notify_extend(BaseNotify *notify, int64_t most_us);
/* At the start and after a reload. The first call starts the watchdog on main. */
void base_notify_ready(BaseNotify *notify);
/* Until base_notify_ready(). */
void base_notify_reloading(BaseNotify *notify);
void base_notify_stopping(BaseNotify *notify);
/* One line, sent if changed. */
void base_notify_status(BaseNotify *notify, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseNotify, base_notify_free)
