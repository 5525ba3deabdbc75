// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Tells a supervisor (systemd, Type=notify) how the server is: sd_notify(3) over NOTIFY_SOCKET, and
// the watchdog of WATCHDOG_USEC. Never blocks: keeps what the supervisor cannot take yet, until the
// next call. Without a supervisor it does nothing. Main thread.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct BaseNotify BaseNotify;

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that children do
 * not inherit them: call before threads start. Full ownership, never NULL. */
BaseNotify *base_notify_new(void);
void base_notify_free(BaseNotify *notify);
bool base_notify_supervised(const BaseNotify *notify);

/* EXTEND_TIMEOUT_USEC: the next step of the start or stop takes at most `most_us`. */
void base_notify_extend(BaseNotify *notify, int64_t most_us);
/* READY, at the start and after a reload. From the first on, the default main context feeds the
 * watchdog twice within its time. */
void base_notify_ready(BaseNotify *notify);
/* RELOADING with MONOTONIC_USEC; base_notify_ready() ends it. */
void base_notify_reloading(BaseNotify *notify);
void base_notify_stopping(BaseNotify *notify);
/* STATUS, one line for people, if it differs from the last. */
void base_notify_status(BaseNotify *notify, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseNotify, base_notify_free)
