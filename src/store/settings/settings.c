// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for what admins set in place of majlis.conf.
#include "store/settings/settings.h"

#include "store/columns.h"

#define COLUMNS(X, AND)                                                                            \
    X(text, section) AND X(text, name)                                                             \
    AND X(text, value)                                                                             \
    AND X(text, person)                                                                            \
    AND X(number, revision)                                                                        \
    AND X(number, changed_us)

void store_setting_free(StoreSetting *row)
{
    if (row != NULL) {
        COLUMNS(STORE_FREE, )
        g_free(row->by);
        g_free(row);
    }
}

static void free_setting(void *row)
{
    store_setting_free(row);
}

static void *read_setting(StoreQuery *query)
{
    StoreSetting *row = g_new0(StoreSetting, 1);
    COLUMNS(STORE_READ, )
    row->by = store_take_text(query);
    return row;
}

GPtrArray *store_settings_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT " COLUMNS(STORE_NAME, ", ") ", (SELECT nullif(people.name, '') FROM people "
                                                "WHERE id = settings.person) FROM settings");
    return store_query_list(&query, read_setting, free_setting, error);
}

bool store_setting_put(StoreDb *db, const StoreSetting *row, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO settings (section, name, value, person, revision, changed_us) "
            "VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET value = excluded.value, "
            "person = excluded.person, revision = revision + 1, changed_us = excluded.changed_us");
    store_put_text(&query, row->section);
    store_put_text(&query, row->name);
    store_put_text(&query, row->value);
    store_put_text(&query, row->person);
    store_put_int(&query, row->changed_us);
    return store_query_run(&query, NULL, error);
}

int64_t store_settings_version(const GPtrArray *rows)
{
    int64_t version = 0;
    for (guint i = 0; i < rows->len; i++) {
        version += ((const StoreSetting *)rows->pdata[i])->revision;
    }
    return version;
}
