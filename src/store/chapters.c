// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/db.h"
#include "store/rows.h"

void store_chapter_free(StoreChapter *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->id);
    g_free(row->session);
    g_free(row->title_ar);
    g_free(row->title_en);
    g_free(row);
}

StoreChapter *store_chapter_copy(const StoreChapter *row)
{
    StoreChapter *copy = g_memdup2(row, sizeof *row);
    copy->id = g_strdup(row->id);
    copy->session = g_strdup(row->session);
    copy->title_ar = g_strdup(row->title_ar);
    copy->title_en = g_strdup(row->title_en);
    return copy;
}

static void free_chapter(void *row)
{
    store_chapter_free(row);
}

static void *read_chapter(StoreQuery *query)
{
    StoreChapter *row = g_new0(StoreChapter, 1);
    row->id = store_take_text(query);
    row->session = store_take_text(query);
    row->title_ar = store_take_text(query);
    row->title_en = store_take_text(query);
    row->media_us = store_take_int(query);
    row->created_us = store_take_int(query);
    return row;
}

bool store_chapter_insert(StoreDb *db, const StoreChapter *row, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO chapters (id, session, title_ar, title_en, media_us, created_us) "
            "VALUES (?, ?, ?, ?, ?, ?)");
    store_put_text(&query, row->id);
    store_put_text(&query, row->session);
    store_put_text(&query, row->title_ar);
    store_put_text(&query, row->title_en);
    store_put_int(&query, row->media_us);
    store_put_int(&query, row->created_us);
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
    StoreQuery query =
        store_query(db, "SELECT id, session, title_ar, title_en, media_us, created_us "
                        "FROM chapters WHERE session = ? ORDER BY media_us, rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_chapter, free_chapter, error);
}
