// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for slides.
#include "store/slides/slides.h"

#include "store/columns.h"
#include "store/db.h"

#include <string.h>

#define SLIDES(X, AND)                                                                             \
    X(text, session) AND X(text, digest)                                                           \
    AND X(number, page)                                                                            \
    AND X(text, shown)                                                                             \
    AND X(text, text)
#define TURN(X, AND)                                                                               \
    X(text, id)                                                                                    \
    AND X(text, session)                                                                           \
    AND X(number, media_us)                                                                        \
    AND X(text, digest)                                                                            \
    AND X(number, page)                                                                            \
    AND X(text, text)

void store_slides_free(StoreSlides *row)
{
    if (row != NULL) {
        SLIDES(STORE_FREE, )
        g_free(row);
    }
}

StoreSlides *store_slides_copy(const StoreSlides *row)
{
    StoreSlides *copy = g_memdup2(row, sizeof *row);
    SLIDES(STORE_COPY, )
    return copy;
}

bool store_slides_are_shown(const StoreSlides *row)
{
    return row->digest != NULL && strcmp(row->shown, "off") != 0;
}

static void put_slides(StoreQuery *query, const StoreSlides *row)
{
    SLIDES(STORE_PUT, )
}

bool store_slides_put(StoreDb *db, const StoreSlides *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT OR REPLACE INTO slides (" SLIDES(
                            STORE_NAME, ", ") ") VALUES (" SLIDES(STORE_MARK, ", ") ")");
    put_slides(&query, row);
    return store_query_run(&query, NULL, error);
}

static void *read_slides(StoreQuery *query)
{
    StoreSlides *row = g_new0(StoreSlides, 1);
    SLIDES(STORE_READ, )
    return row;
}

bool store_slides_get(StoreDb *db, const char *session, StoreSlides **out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " SLIDES(STORE_NAME, ", ") " FROM slides WHERE session = ?");
    store_put_text(&query, session);
    bool done;
    *out = store_query_first(&query, read_slides, &done, error);
    return done;
}

void store_slide_turn_free(StoreSlideTurn *row)
{
    if (row != NULL) {
        TURN(STORE_FREE, )
        g_free(row);
    }
}

static void free_turn(void *row)
{
    store_slide_turn_free(row);
}

static void put_turn(StoreQuery *query, const StoreSlideTurn *row)
{
    TURN(STORE_PUT, )
}

bool store_slide_turn_insert(StoreDb *db, const StoreSlideTurn *row, GError **error)
{
    StoreQuery query = store_query(
        db,
        "INSERT INTO slide_turns (" TURN(STORE_NAME, ", ") ") VALUES (" TURN(STORE_MARK, ", ") ")");
    put_turn(&query, row);
    return store_query_run(&query, NULL, error);
}

static void *read_turn(StoreQuery *query)
{
    StoreSlideTurn *row = g_new0(StoreSlideTurn, 1);
    TURN(STORE_READ, )
    return row;
}

GPtrArray *store_slide_turns(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " TURN(STORE_NAME, ", ") " FROM slide_turns "
                                                                        "WHERE session = ? "
                                                                        "ORDER BY media_us, id");
    store_put_text(&query, session);
    return store_query_list(&query, read_turn, free_turn, error);
}

StoreSlideTurn *store_slide_turn_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " TURN(STORE_NAME, ", ") " FROM slide_turns WHERE id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_turn, "slide", error);
}
