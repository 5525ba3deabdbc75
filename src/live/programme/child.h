// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Keeps one `majlis capture` running: restarts it with back-off when it dies or hangs, beside one
// that cannot be killed. Main thread.

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct LiveChild LiveChild;

typedef struct {
    const char *session;   // nullable: for the log
    const char *binary;    // of majlis
    const char *pipelines; // folder
    const char *encoder;
    const char *slides;         // folder that it may read; nullable
    const char *titles[2];      // Arabic, English; nullable
    int64_t clock_us, start_us; // of the programme's start: clock and timeline
    unsigned keyframe_ms;
    unsigned loudness; // -LUFS; 0: off
} LiveChildConfig;

typedef struct {
    /* For a new child: its end of the inputs' way (full ownership), or -1. */
    int (*inputs)(void *data);
    /* `fd` (full ownership): the server's end of the wire. */
    void (*started)(void *data, int fd);
    /* Clock of the last progress; 0: no child. `*out_opening`: its run has not begun. */
    int64_t (*heard_us)(void *data, bool *out_opening);
    void *data;
} LiveChildEvents;

/* Starts a child. */
LiveChild *live_child_new(const LiveChildConfig *config, const LiveChildEvents *events);
/* Ends the child, by force if needed. */
void live_child_free(LiveChild *child);

/* Wire lost: ends the child if `current`. `text` (nullable): why, for staff. */
void live_child_lost(LiveChild *child, bool current, const char *text);

/* Why the child was restarted; NULL once it runs well. */
const char *live_child_trouble(const LiveChild *child);

int live_child_pid(const LiveChild *child); // 0: none
unsigned live_child_restarts(const LiveChild *child);
