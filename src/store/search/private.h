// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The texts of what is searched. Internal; the job's thread.

#include "store/db.h"
#include "store/search/search.h"

/* Columns of search_words, in their order. */
enum { SEARCH_TITLE, SEARCH_HEADING, SEARCH_TEXT, SEARCH_ASKER, SEARCH_COLUMNS };

typedef struct {
    GPtrArray *columns[SEARCH_COLUMNS]; // unfolded texts
    char *session;                      // or the series', speaker's own id; NULL: the row is gone
    char *person, *state;               // of a question
    char *name, *entity;
    bool anonymous;
    int parts;        // items of a session's agenda
    int64_t media_us; // of a slide; -1: another kind
} SearchTexts;

/* `part`: of an agenda. */
bool search_texts_read(StoreDb *db, const char *kind, const char *id, int part, SearchTexts *out,
                       GError **error);
void search_texts_clear(SearchTexts *texts);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchTexts, search_texts_clear)
