// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for chapters.
#include "store/columns.h"
#include "store/db.h"
#include "store/rows.h"

#define COLUMNS(X, AND)                                                                            \
    X(text, id) AND X(text, session)                                                               \
    AND X(text, title_ar)                                                                          \
    AND X(text, title_en)                                                                          \
    AND X(number, media_us)                                                                        \
    AND X(number, created_us)

void store_chapter_free(StoreChapter *row)
{
    if (row == NULL) {
        return;
    }
    COLUMNS(STORE_FREE, )
    g_free(row);
}

StoreChapter *store_chapter_copy(const StoreChapter *row)
{
    StoreChapter *copy = g_memdup2(row, sizeof *row);
    COLUMNS(STORE_COPY, )
    return copy;
}

static void free_chapter(void *row)
{
    store_chapter_free(row);
}

static void *read_chapter(StoreQuery *query)
{
    StoreChapter *row = g_new0(StoreChapter, 1);
    COLUMNS(STORE_READ, )
    return row;
}

static void put_chapter(StoreQuery *query, const StoreChapter *row)
{
    COLUMNS(STORE_PUT, )
}

bool store_chapter_insert(StoreDb *db, const StoreChapter *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO chapters (" COLUMNS(
                            STORE_NAME, ", ") ") "
                                              "VALUES (" COLUMNS(STORE_MARK, ", ") ")");
    put_chapter(&query, row);
    return store_query_run(&query, NULL, error);
}

bool store_chapter_update(StoreDb *db, const StoreChapter *row, GError **error)
{
    StoreQuery query = store_query(
        db, "UPDATE chapters SET title_ar = ?, title_en = ?, media_us = ? WHERE id = ?");
    store_put_text(&query, row->title_ar);
    store_put_text(&query, row->title_en);
    store_put_int(&query, row->media_us);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "chapter", error);
}

bool store_chapter_delete(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM chapters WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "chapter", error);
}

GPtrArray *store_chapters_list(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT " COLUMNS(STORE_NAME,
                              ", ") " "
                                    "FROM chapters WHERE session = ? ORDER BY media_us, rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_chapter, free_chapter, error);
}
