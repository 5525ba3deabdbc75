// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for presenter messages.
#include "store/db.h"
#include "store/rows.h"

void store_presenter_message_free(StorePresenterMessage *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->session);
    g_free(row->id);
    g_free(row->text);
    g_free(row->sender);
    g_free(row);
}

bool store_presenter_message_get(StoreDb *db, const char *session, StorePresenterMessage **out,
                                 GError **error)
{
    StoreQuery query = store_query(db, "SELECT session, id, text, sender, at_us, acknowledged_us "
                                       "FROM presenter_messages WHERE session = ?");
    store_put_text(&query, session);
    int step = store_query_step(&query, error);
    *out = NULL;
    if (step > 0) {
        StorePresenterMessage *row = g_new0(StorePresenterMessage, 1);
        row->session = store_take_text(&query);
        row->id = store_take_text(&query);
        row->text = store_take_text(&query);
        row->sender = store_take_text(&query);
        row->at_us = store_take_int(&query);
        row->acknowledged_us = store_take_int(&query);
        store_query_end(&query);
        *out = row;
    }
    return step >= 0;
}

bool store_presenter_message_put(StoreDb *db, const StorePresenterMessage *row, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT OR REPLACE INTO presenter_messages (session, id, text, sender, at_us, "
            "acknowledged_us) VALUES (?, ?, ?, ?, ?, ?)");
    store_put_text(&query, row->session);
    store_put_text(&query, row->id);
    store_put_text(&query, row->text);
    store_put_text(&query, row->sender);
    store_put_int(&query, row->at_us);
    store_put_int(&query, row->acknowledged_us);
    return store_query_run(&query, NULL, error);
}
