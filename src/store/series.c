// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for series and speakers.
#include "store/columns.h"
#include "store/db.h"
#include "store/rows.h"

#define SERIES(X, AND)                                                                             \
    X(text, name_ar) AND X(text, name_en)                                                          \
    AND X(text, description_ar)                                                                    \
    AND X(text, description_en)                                                                    \
    AND X(number, duration_minutes)                                                                \
    AND X(text, access)                                                                            \
    AND X(number, show_names)                                                                      \
    AND X(list, agenda)                                                                            \
    AND X(number, retention_days)                                                                  \
    AND X(text, colour)                                                                            \
    AND X(list, languages)                                                                         \
    AND X(text, reminders)                                                                         \
    AND X(number, created_us)                                                                      \
    AND X(number, revision)                                                                        \
    AND X(text, id)
#define SPEAKER(X, AND)                                                                            \
    X(text, name_ar) AND X(text, name_en)                                                          \
    AND X(text, title_ar)                                                                          \
    AND X(text, title_en)                                                                          \
    AND X(text, organisation_ar)                                                                   \
    AND X(text, organisation_en)                                                                   \
    AND X(text, biography_ar)                                                                      \
    AND X(text, biography_en)                                                                      \
    AND X(number, created_us)                                                                      \
    AND X(number, revision)                                                                        \
    AND X(text, id)

void store_series_free(StoreSeries *row)
{
    if (row == NULL) {
        return;
    }
    SERIES(STORE_FREE, )
    g_free(row);
}

StoreSeries *store_series_copy(const StoreSeries *row)
{
    StoreSeries *copy = g_memdup2(row, sizeof *row);
    SERIES(STORE_COPY, )
    return copy;
}

static void free_series(void *row)
{
    store_series_free(row);
}

static void *read_series(StoreQuery *query)
{
    StoreSeries *row = g_new0(StoreSeries, 1);
    SERIES(STORE_READ, )
    return row;
}

static void put_series(StoreQuery *query, const StoreSeries *row)
{
    SERIES(STORE_PUT, )
}

bool store_series_insert(StoreDb *db, const StoreSeries *row, GError **error)
{
    StoreQuery query = store_query(
        db,
        "INSERT INTO series (" SERIES(STORE_NAME, ", ") ") VALUES (" SERIES(STORE_MARK, ", ") ")");
    put_series(&query, row);
    return store_query_run(&query, NULL, error);
}

bool store_series_update(StoreDb *db, const StoreSeries *row, GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE series SET " SERIES(STORE_SET, ", ") " WHERE id = ?");
    put_series(&query, row);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "series", error);
}

bool store_series_delete(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM series WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "series", error);
}

StoreSeries *store_series_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " SERIES(STORE_NAME, ", ") " FROM series WHERE id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_series, "series", error);
}

GPtrArray *store_series_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT " SERIES(STORE_NAME, ", ") " FROM series ORDER BY created_us, rowid");
    return store_query_list(&query, read_series, free_series, error);
}

void store_speaker_free(StoreSpeaker *row)
{
    if (row == NULL) {
        return;
    }
    SPEAKER(STORE_FREE, )
    g_free(row);
}

StoreSpeaker *store_speaker_copy(const StoreSpeaker *row)
{
    StoreSpeaker *copy = g_memdup2(row, sizeof *row);
    SPEAKER(STORE_COPY, )
    return copy;
}

static void free_speaker(void *row)
{
    store_speaker_free(row);
}

static void *read_speaker(StoreQuery *query)
{
    StoreSpeaker *row = g_new0(StoreSpeaker, 1);
    SPEAKER(STORE_READ, )
    return row;
}

static void put_speaker(StoreQuery *query, const StoreSpeaker *row)
{
    SPEAKER(STORE_PUT, )
}

bool store_speaker_insert(StoreDb *db, const StoreSpeaker *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO speakers (" SPEAKER(STORE_NAME, ", ") ") VALUES (" SPEAKER(
                            STORE_MARK, ", ") ")");
    put_speaker(&query, row);
    return store_query_run(&query, NULL, error);
}

bool store_speaker_update(StoreDb *db, const StoreSpeaker *row, GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE speakers SET " SPEAKER(STORE_SET, ", ") " WHERE id = ?");
    put_speaker(&query, row);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "speaker", error);
}

bool store_speaker_delete(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM speakers WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "speaker", error);
}

GPtrArray *store_speakers_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT " SPEAKER(STORE_NAME, ", ") " FROM speakers ORDER BY created_us, rowid");
    return store_query_list(&query, read_speaker, free_speaker, error);
}

bool store_speaker_find(StoreDb *db, const char *id, StoreSpeaker **out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " SPEAKER(STORE_NAME, ", ") " FROM speakers WHERE id = ?");
    store_put_text(&query, id);
    bool done;
    *out = store_query_first(&query, read_speaker, &done, error);
    return done;
}
