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
    /* Since when the child was last heard, base_clock_us(); 0: not attached. */
    int64_t (*heard_us)(void *data);
    void *data;
} LiveChildEvents;

/* Starts the first child at once. Full ownership. */
LiveChild *live_child_new(const LiveChildConfig *config, const LiveChildEvents *events);
/* Ends the child (it sees its socket close; killed if it lingers). NULL is allowed. */
void live_child_free(LiveChild *child);

/* The wire was lost: make sure that the child is gone, so that the next one starts. */
void live_child_lost(LiveChild *child);

int live_child_pid(const LiveChild *child); // 0: none now
unsigned live_child_restarts(const LiveChild *child);
