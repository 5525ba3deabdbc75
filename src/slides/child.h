// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A child that renders one PDF: starts it, checks its messages, ends it when it takes too long. On
// the context of the thread that makes it.

#include "slides/message.h"

#include <glib.h>

typedef struct SlidesChild SlidesChild;

typedef struct {
    unsigned cpu_s, memory_mb; // of the child
    unsigned silent_ms;        // between two messages
    unsigned total_ms;
} SlidesLimits;

extern const SlidesLimits slides_limits;

typedef struct {
    BaseCode (*message)(void *data, const SlidesMessage *message); // not NONE: ends the child
    void (*ended)(void *data, BaseCode problem); // NONE: whole. Last; may free the child
    void *data;
} SlidesChildEvents;

/* Takes `pdf`, a descriptor. FAILED: not started. */
SlidesChild *slides_child_new(const char *binary, int pdf, const SlidesLimits *limits,
                              const SlidesChildEvents *events, GError **error);
/* Kills it, without `ended`. */
void slides_child_free(SlidesChild *child);
