// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Keeps one `majlis capture` running: starts it, starts it again with back-off when it dies, kills
// it when it hangs. Main thread.

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct LiveChild LiveChild;

typedef struct {
    const char *binary;    // of majlis
    const char *pipelines; // folder
    const char *encoder;
    int64_t clock_us, start_us; // base_clock_us() and timeline of the programme's start
    unsigned keyframe_ms;
} LiveChildConfig;

typedef struct {
    /* A child was started; `fd` (full ownership) is the server's end of its wire. */
    void (*started)(void *data, int fd);
    /* When the child last got on, base_clock_us(); 0: not attached. `*out_opening`: its run has not
     * begun. */
    int64_t (*heard_us)(void *data, bool *out_opening);
    void *data;
} LiveChildEvents;

/* Starts the first child at once. Full ownership. */
LiveChild *live_child_new(const LiveChildConfig *config, const LiveChildEvents *events);
/* Ends the child (it sees its socket close; killed if it lingers). NULL is allowed. */
void live_child_free(LiveChild *child);

/* The wire was lost. Makes sure that the child is gone, so that the next one starts, unless the
 * next one runs already (`current` is false). `text` (nullable) says why, for staff. */
void live_child_lost(LiveChild *child, bool current, const char *text);

/* Why the child was started again (borrowed), until it has run well for some time; else NULL. */
const char *live_child_trouble(const LiveChild *child);

int live_child_pid(const LiveChild *child); // 0: none now
unsigned live_child_restarts(const LiveChild *child);
