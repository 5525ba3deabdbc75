// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A child that renders one PDF, within limits. On the maker's thread-default context.

#include "slides/message.h"

#include <glib.h>

typedef struct SlidesChild SlidesChild;

typedef struct {
    unsigned cpu_s, memory_mb;
    unsigned letters_s; // of cpu_s: then texts are poppler's own
    unsigned silent_ms; // between two messages
    unsigned total_ms;
} SlidesLimits;

extern const SlidesLimits slides_limits;

typedef struct {
    BaseCode (*message)(void *data, const SlidesMessage *message); // not NONE: ends the child
    void (*ended)(void *data, BaseCode problem); // NONE: whole. Last; may free the child
    void *data;
} SlidesChildEvents;

/* Takes `pdf`, a descriptor. */
SlidesChild *slides_child_new(const char *binary, int pdf, const SlidesLimits *limits,
                              const SlidesChildEvents *events, GError **error);
/* By a fault of its own; once it has ended. */
bool slides_child_crashed(const SlidesChild *child);
/* Kills it, without `ended`. */
void slides_child_free(SlidesChild *child);
