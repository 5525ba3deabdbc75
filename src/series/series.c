// SPDX-License-Identifier: GPL-3.0-or-later
// Series and speakers in memory: commits each change before it shows.
#include "series/series.h"

typedef struct {
    bool (*insert)(StoreDb *db, const void *row, GError **error);
    bool (*update)(StoreDb *db, const void *row, GError **error);
    bool (*remove)(StoreDb *db, const char *id, GError **error);
    void (*free_row)(void *row);
    unsigned max;
} Kind;

typedef struct {
    const Kind *kind;
    GHashTable *rows; // id -> row
    GPtrArray *ids;   // oldest first
    GHashTable *busy; // ids of changes under way
} Table;

struct Series {
    Store *store;
    Table series, speakers;
};

static bool insert_series(StoreDb *db, const void *row, GError **error)
{
    return store_series_insert(db, row, error);
}

static bool update_series(StoreDb *db, const void *row, GError **error)
{
    return store_series_update(db, row, error);
}

static void free_series(void *row)
{
    store_series_free(row);
}

static bool insert_speaker(StoreDb *db, const void *row, GError **error)
{
    return store_speaker_insert(db, row, error);
}

static bool update_speaker(StoreDb *db, const void *row, GError **error)
{
    return store_speaker_update(db, row, error);
}

static void free_speaker(void *row)
{
    store_speaker_free(row);
}

static const Kind series_kind = {insert_series, update_series, store_series_delete, free_series,
                                 SERIES_MAX};
static const Kind speaker_kind = {insert_speaker, update_speaker, store_speaker_delete,
                                  free_speaker, SERIES_MAX_SPEAKERS};

static void table_init(Table *table, const Kind *kind)
{
    table->kind = kind;
    table->rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, kind->free_row);
    table->ids = g_ptr_array_new_with_free_func(g_free);
    table->busy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void table_clear(Table *table)
{
    g_hash_table_unref(table->rows);
    g_ptr_array_unref(table->ids);
    g_hash_table_unref(table->busy);
}

/* Takes `row`. */
static void table_put(Table *table, const char *id, void *row)
{
    if (!g_hash_table_contains(table->rows, id)) {
        g_ptr_array_add(table->ids, g_strdup(id));
    }
    g_hash_table_replace(table->rows, g_strdup(id), row);
}

static void table_forget(Table *table, const char *id)
{
    guint at;
    if (g_ptr_array_find_with_equal_func(table->ids, id, g_str_equal, &at)) {
        g_ptr_array_remove_index(table->ids, at);
    }
    g_hash_table_remove(table->rows, id);
}

static GPtrArray *table_list(const Table *table)
{
    GPtrArray *list = g_ptr_array_new();
    for (guint i = 0; i < table->ids->len; i++) {
        g_ptr_array_add(list, g_hash_table_lookup(table->rows, table->ids->pdata[i]));
    }
    return list;
}

/* --- Changes ---------------------------------------------------------------------------------- */

typedef struct {
    Table *table;
    char *id;
    void *row; // NULL: delete
    bool insert;
    SeriesDone done;
    void *data;
} Change;

static bool change_job(StoreDb *db, void *data, GError **error)
{
    Change *change = data;
    const Kind *kind = change->table->kind;
    if (change->row == NULL) {
        return kind->remove(db, change->id, error);
    }
    return (change->insert ? kind->insert : kind->update)(db, change->row, error);
}

static void on_changed(void *data, const GError *error)
{
    Change *change = data;
    Table *table = change->table;
    g_hash_table_remove(table->busy, change->id);
    if (error == NULL && change->row == NULL) {
        table_forget(table, change->id);
    } else if (error == NULL) {
        table_put(table, change->id, g_steal_pointer(&change->row));
    }
    change->done(change->data, error);
    if (change->row != NULL) {
        table->kind->free_row(change->row);
    }
    g_free(change->id);
    g_free(change);
}

static bool may_change(const Table *table, const char *id, bool insert, GError **error)
{
    if (g_hash_table_contains(table->busy, id)) {
        return base_refuse(error, BASE_CODE_BUSY, NULL, NULL,
                           "It is just being changed. Try again in a moment.");
    }
    if (insert && table->ids->len >= table->kind->max) {
        return base_refuse(error, BASE_CODE_LIMIT, NULL, NULL,
                           "There are %u of them, and the server keeps no more.", table->kind->max);
    }
    return true;
}

/* Takes `row` (nullable: delete). */
static void submit(Series *series, Table *table, const char *id, void *row, SeriesDone done,
                   void *data)
{
    bool insert = row != NULL && !g_hash_table_contains(table->rows, id);
    g_autoptr(GError) error = NULL;
    if (!may_change(table, id, insert, &error)) {
        if (row != NULL) {
            table->kind->free_row(row);
        }
        done(data, error);
        return;
    }
    Change *change = g_new(Change, 1);
    *change = (Change){.table = table,
                       .id = g_strdup(id),
                       .row = row,
                       .insert = insert,
                       .done = done,
                       .data = data};
    g_hash_table_add(table->busy, g_strdup(id));
    store_submit(series->store, change_job, on_changed, change);
}

void series_save(Series *series, StoreSeries *row, SeriesDone done, void *data)
{
    submit(series, &series->series, row->id, row, done, data);
}

void series_save_speaker(Series *series, StoreSpeaker *row, SeriesDone done, void *data)
{
    submit(series, &series->speakers, row->id, row, done, data);
}

void series_delete(Series *series, const char *id, SeriesDone done, void *data)
{
    submit(series, &series->series, id, NULL, done, data);
}

void series_delete_speaker(Series *series, const char *id, SeriesDone done, void *data)
{
    submit(series, &series->speakers, id, NULL, done, data);
}

/* --- Reading ---------------------------------------------------------------------------------- */

const StoreSeries *series_find(const Series *series, const char *id)
{
    return id != NULL ? g_hash_table_lookup(series->series.rows, id) : NULL;
}

const StoreSpeaker *series_speaker(const Series *series, const char *id)
{
    return id != NULL ? g_hash_table_lookup(series->speakers.rows, id) : NULL;
}

GPtrArray *series_list(const Series *series)
{
    return table_list(&series->series);
}

GPtrArray *series_speakers(const Series *series)
{
    return table_list(&series->speakers);
}

static bool load_job(StoreDb *db, void *data, GError **error)
{
    Series *series = data;
    g_autoptr(GPtrArray) rows = store_series_list(db, error);
    g_autoptr(GPtrArray) speakers = rows != NULL ? store_speakers_list(db, error) : NULL;
    for (guint i = 0; speakers != NULL && i < rows->len; i++) {
        StoreSeries *row = store_series_copy(rows->pdata[i]);
        table_put(&series->series, row->id, row);
    }
    for (guint i = 0; speakers != NULL && i < speakers->len; i++) {
        StoreSpeaker *row = store_speaker_copy(speakers->pdata[i]);
        table_put(&series->speakers, row->id, row);
    }
    return speakers != NULL;
}

Series *series_new(Store *store, GError **error)
{
    Series *series = g_new0(Series, 1);
    series->store = store;
    table_init(&series->series, &series_kind);
    table_init(&series->speakers, &speaker_kind);
    if (!store_run(store, load_job, series, error)) {
        g_clear_pointer(&series, series_free);
    }
    return series;
}

void series_free(Series *series)
{
    if (series == NULL) {
        return;
    }
    table_clear(&series->series);
    table_clear(&series->speakers);
    g_free(series);
}
