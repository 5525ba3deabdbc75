// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/db.h"
#include "store/rows.h"

#define SESSION                                                                                    \
    "id, series, title_ar, title_en, speakers, agenda, source, access, state, starts_us, "         \
    "duration_minutes, epoch_us, boot, boot_us, live_us, ended_us, hold, deleted_us, deleted_by, " \
    "deleted_why, demo, created_us"

void store_session_free(StoreSession *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->id);
    g_free(row->series);
    g_free(row->title_ar);
    g_free(row->title_en);
    g_free(row->speakers);
    g_free(row->agenda);
    g_free(row->source);
    g_free(row->access);
    g_free(row->state);
    g_free(row->boot);
    g_free(row->deleted_by);
    g_free(row->deleted_why);
    g_free(row->made);
    g_free(row);
}

StoreSession *store_session_copy(const StoreSession *row)
{
    StoreSession *copy = g_memdup2(row, sizeof *row);
    copy->id = g_strdup(row->id);
    copy->series = g_strdup(row->series);
    copy->title_ar = g_strdup(row->title_ar);
    copy->title_en = g_strdup(row->title_en);
    copy->speakers = g_strdup(row->speakers);
    copy->agenda = g_strdup(row->agenda);
    copy->source = g_strdup(row->source);
    copy->access = g_strdup(row->access);
    copy->state = g_strdup(row->state);
    copy->boot = g_strdup(row->boot);
    copy->deleted_by = g_strdup(row->deleted_by);
    copy->deleted_why = g_strdup(row->deleted_why);
    copy->made = g_strdup(row->made);
    return copy;
}

static void free_session(void *row)
{
    store_session_free(row);
}

static void *read_session(StoreQuery *query)
{
    StoreSession *row = g_new0(StoreSession, 1);
    row->id = store_take_text(query);
    row->series = store_take_text(query);
    row->title_ar = store_take_text(query);
    row->title_en = store_take_text(query);
    row->speakers = store_take_text(query);
    row->agenda = store_take_text(query);
    row->source = store_take_text(query);
    row->access = store_take_text(query);
    row->state = store_take_text(query);
    row->starts_us = store_take_int(query);
    row->duration_minutes = (int)store_take_int(query);
    row->epoch_us = store_take_int(query);
    row->boot = store_take_text(query);
    row->boot_us = store_take_int(query);
    row->live_us = store_take_int(query);
    row->ended_us = store_take_int(query);
    row->hold = store_take_int(query) != 0;
    row->deleted_us = store_take_int(query);
    row->deleted_by = store_take_text(query);
    row->deleted_why = store_take_text(query);
    row->demo = store_take_int(query) != 0;
    row->created_us = store_take_int(query);
    row->made = store_take_text(query);
    return row;
}

/* What insert and update write, in the order of both statements. */
static void put_fields(StoreQuery *query, const StoreSession *row)
{
    store_put_text(query, row->series);
    store_put_text(query, row->title_ar);
    store_put_text(query, row->title_en);
    store_put_text(query, row->speakers);
    store_put_text(query, row->agenda != NULL ? row->agenda : "[]");
    store_put_text(query, row->source);
    store_put_text(query, row->access);
    store_put_text(query, row->state);
    store_put_int(query, row->starts_us);
    store_put_int(query, row->duration_minutes);
    store_put_int(query, row->epoch_us);
    store_put_text(query, row->boot);
    store_put_int(query, row->boot_us);
    store_put_int(query, row->live_us);
    store_put_int(query, row->ended_us);
    store_put_int(query, row->hold);
    store_put_int(query, row->deleted_us);
    store_put_text(query, row->deleted_by);
    store_put_text(query, row->deleted_why);
    store_put_int(query, row->demo);
}

bool store_session_insert(StoreDb *db, const StoreSession *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO sessions (" SESSION ") "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                        "?, ?)");
    store_put_text(&query, row->id);
    put_fields(&query, row);
    store_put_int(&query, row->created_us);
    return store_query_run(&query, NULL, error);
}

bool store_session_update(StoreDb *db, const StoreSession *row, GError **error)
{
    StoreQuery query = store_query(
        db, "UPDATE sessions SET series = ?, title_ar = ?, title_en = ?, speakers = ?, agenda = ?, "
            "source = ?, access = ?, state = ?, starts_us = ?, duration_minutes = ?, "
            "epoch_us = ?, boot = ?, boot_us = ?, live_us = ?, ended_us = ?, hold = ?, "
            "deleted_us = ?, deleted_by = ?, deleted_why = ?, demo = ? WHERE id = ?");
    put_fields(&query, row);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "session", error);
}

bool store_session_note_made(StoreDb *db, const char *id, const char *made, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE sessions SET made = ? WHERE id = ?");
    store_put_text(&query, made);
    store_put_text(&query, id);
    return store_query_run_on(&query, "session", error);
}

bool store_session_delete(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM sessions WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "session", error);
}

StoreSession *store_session_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " SESSION ", made FROM sessions WHERE id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_session, "session", error);
}

GPtrArray *store_sessions_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " SESSION ", made FROM sessions "
                                       "ORDER BY starts_us DESC, rowid DESC");
    return store_query_list(&query, read_session, free_session, error);
}
