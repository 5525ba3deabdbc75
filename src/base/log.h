// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The server's log: GLib's messages, written by a thread of its own, so that nobody waits for a slow
// reader. To journald with fields if it reads standard error, else a line each there. Any thread.

#include <glib.h>
#include <stdint.h>

typedef enum {
    BASE_LOG_TEXT,
    BASE_LOG_JSON,
} BaseLogFormat;

/* Fields of the call's place, for g_log_structured(). */
#define BASE_LOG_HERE                                                                              \
    "CODE_FILE", __FILE__, "CODE_LINE", G_STRINGIFY(__LINE__), "CODE_FUNC", G_STRFUNC

/* A message about one session: g_warning() and its like, with a field. `session` is nullable. */
#define base_log(level, session, ...)                                                              \
    g_log_structured(G_LOG_DOMAIN, level, BASE_LOG_HERE, "MAJLIS_SESSION",                         \
                     (session) != NULL ? (session) : "", "MESSAGE", __VA_ARGS__)

/* Fields of a message, each left out where it is "". MAJLIS_VIEWER is a person's id. */
#define BASE_LOG_REQUEST "MAJLIS_REQUEST_ID"
#define BASE_LOG_SESSION "MAJLIS_SESSION"
#define BASE_LOG_VIEWER "MAJLIS_VIEWER"
/* Each is a line of its own, never summed. */
#define BASE_LOG_STATUS "MAJLIS_STATUS"

/* Once in a process. What repeats is shown three times in 60 s, then summed. */
void base_log_start(BaseLogFormat format);
/* Writes what waits; later messages are written by those who log. Before exit(). */
void base_log_stop(void);

/* Pure: one line without its end. Full ownership. */
char *base_log_line(BaseLogFormat format, int64_t wall_us, GLogLevelFlags level,
                    const GLogField *fields, gsize count);
