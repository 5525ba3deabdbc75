// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Finds sessions, items of agendas, chapters, questions, slides, series, speakers by words (base/fold.h). In
// jobs of store_submit_read().

#include "store/store.h"

#include <glib.h>

#define STORE_SEARCH_CHARACTERS 200 // of a query
#define STORE_SEARCH_WORDS 8        // the rest is ignored

/* What a person sees of a session. */
typedef enum {
    STORE_SEES_NOTHING,
    STORE_SEES_SESSION,
    STORE_SEES_PUBLIC, // questions too: public and own ones
    STORE_SEES_ALL,    // all questions
} StoreSees;

typedef struct {
    const char *query;
    const char *sees;   // JSON: {id: StoreSees} of sessions, series, speakers; NULL: all
    const char *person; // own questions
    const char *kind;   // nullable
    bool askers;        // their names are searched too
    unsigned offset, limit;
} StoreSearch;

typedef struct {
    unsigned from, to; // characters, [from, to)
} StoreRange;

typedef struct {
    char *kind, *id;
    char *session;  // of a series or speaker: `id`
    int part;       // of an agenda
    char *text;     // where the words are
    GArray *ranges; // StoreRange of `text`
    char *state;    // from here on of a question, else NULL
    char *name, *entity;
    bool anonymous;
    int64_t media_us; // of a slide; -1: another kind
} StoreHit;

void store_hit_free(StoreHit *hit);
/* StoreHit, the best first. Empty: no words, or none found. */
GPtrArray *store_search(StoreDb *db, const StoreSearch *search, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreHit, store_hit_free)
