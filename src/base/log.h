// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The server's log: GLib's messages, written by its own thread. To journald with fields if it reads
// standard error. Any thread.

#include <glib.h>
#include <stdint.h>

typedef enum {
    BASE_LOG_TEXT,
    BASE_LOG_JSON,
} BaseLogFormat;

/* For g_log_structured(). */
#define BASE_LOG_HERE                                                                              \
    "CODE_FILE", __FILE__, "CODE_LINE", G_STRINGIFY(__LINE__), "CODE_FUNC", G_STRFUNC

/* g_warning() and its like, with a session (nullable). */
#define base_log(level, session, ...)                                                              \
    g_log_structured(G_LOG_DOMAIN, level, BASE_LOG_HERE, "MAJLIS_SESSION",                         \
                     (session) != NULL ? (session) : "", "MESSAGE", __VA_ARGS__)

/* Fields; "": left out. MAJLIS_VIEWER is a person's id. */
#define BASE_LOG_REQUEST "MAJLIS_REQUEST_ID"
#define BASE_LOG_SESSION "MAJLIS_SESSION"
#define BASE_LOG_VIEWER "MAJLIS_VIEWER"
/* Lines with it are never summed. */
#define BASE_LOG_STATUS "MAJLIS_STATUS"

/* Once, first. Until base_log_start() each thread writes its own messages. */
void base_log_begin(void);
/* Once. Repeats are shown three times in 60 s, then summed. */
void base_log_start(BaseLogFormat format);
/* Before exit(). Later messages are written by their own threads. */
void base_log_stop(void);

/* Pure; no line end. */
char *base_log_line(BaseLogFormat format, int64_t wall_us, GLogLevelFlags level,
                    const GLogField *fields, gsize count);
