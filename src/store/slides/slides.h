// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Slides of sessions, and when their pages were turned. As store/rows.h.

#include "store/store.h"

#include <stdint.h>

typedef struct {
    char *session;
    char *digest; // of the PDF; nullable: none chosen
    int page;     // from 1
    char *shown;  // "off", "full", "corner"
    char *text;   // of the page
} StoreSlides;

void store_slides_free(StoreSlides *row);
StoreSlides *store_slides_copy(const StoreSlides *row);
/* To viewers, while the session is live. */
bool store_slides_are_shown(const StoreSlides *row);
bool store_slides_put(StoreDb *db, const StoreSlides *row, GError **error);
/* `*out`: NULL: none. */
bool store_slides_get(StoreDb *db, const char *session, StoreSlides **out, GError **error);

typedef struct {
    char *id;
    char *session;
    int64_t media_us; // timeline
    char *digest;     // nullable with page 0
    int page;         // 0: from here on none is shown
    char *text;
} StoreSlideTurn;

void store_slide_turn_free(StoreSlideTurn *row);
bool store_slide_turn_insert(StoreDb *db, const StoreSlideTurn *row, GError **error);
/* By their time. */
GPtrArray *store_slide_turns(StoreDb *db, const char *session, GError **error);
/* NOT_FOUND. */
StoreSlideTurn *store_slide_turn_get(StoreDb *db, const char *id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSlides, store_slides_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSlideTurn, store_slide_turn_free)
