// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for sessions.
#include "base/clock.h"
#include "store/columns.h"
#include "store/db.h"
#include "store/mail/mails.h"
#include "store/rows.h"

/* Not `id`, `created_us`, `inputs_hash` and `caption`. */
#define COLUMNS(X, AND)                                                                            \
    X(text, series) AND X(number, number)                                                          \
    AND X(text, title_ar)                                                                          \
    AND X(text, title_en)                                                                          \
    AND X(text, speakers)                                                                          \
    AND X(list, agenda)                                                                            \
    AND X(list, tags)                                                                              \
    AND X(text, source)                                                                            \
    AND X(text, access)                                                                            \
    AND X(number, show_names)                                                                      \
    AND X(state, state)                                                                            \
    AND X(number, starts_us)                                                                       \
    AND X(number, duration_minutes)                                                                \
    AND X(number, epoch_us)                                                                        \
    AND X(text, boot)                                                                              \
    AND X(number, boot_us)                                                                         \
    AND X(number, live_us)                                                                         \
    AND X(number, ended_us)                                                                        \
    AND X(number, live_media_us)                                                                   \
    AND X(number, ended_media_us)                                                                  \
    AND X(number, published_us)                                                                    \
    AND X(number, hold)                                                                            \
    AND X(number, hold_us)                                                                         \
    AND X(text, hold_by)                                                                           \
    AND X(text, hold_why)                                                                          \
    AND X(number, retention_days)                                                                  \
    AND X(number, deleted_us)                                                                      \
    AND X(text, deleted_by)                                                                        \
    AND X(text, deleted_why)                                                                       \
    AND X(number, speaker_key_us)                                                                  \
    AND X(number, screen_key_us)                                                                   \
    AND X(number, guest_key_us)                                                                    \
    AND X(number, demo)                                                                            \
    AND X(number, revision)
#define ALL(X, AND)                                                                                \
    X(text, id) AND COLUMNS(X, AND)                                                                \
    AND X(number, created_us)                                                                      \
    AND X(text, inputs_hash)                                                                       \
    AND X(text, caption)
#define SELECT "SELECT " ALL(STORE_NAME, ", ") " "

void store_session_free(StoreSession *row)
{
    if (row == NULL) {
        return;
    }
    ALL(STORE_FREE, )
    g_free(row);
}

StoreSession *store_session_copy(const StoreSession *row)
{
    StoreSession *copy = g_memdup2(row, sizeof *row);
    ALL(STORE_COPY, )
    return copy;
}

static void free_session(void *row)
{
    store_session_free(row);
}

static void *read_session(StoreQuery *query)
{
    StoreSession *row = g_new0(StoreSession, 1);
    ALL(STORE_READ, )
    if (query->result != SQLITE_OK) {
        g_clear_pointer(&row, store_session_free);
    }
    return row;
}

static void put_columns(StoreQuery *query, const StoreSession *row)
{
    COLUMNS(STORE_PUT, )
}

bool store_session_insert(StoreDb *db, const StoreSession *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO sessions (" COLUMNS(
                            STORE_NAME, ", ") ", id, created_us) "
                                              "VALUES (" COLUMNS(STORE_MARK, ", ") ", ?, ?)");
    put_columns(&query, row);
    store_put_text(&query, row->id);
    store_put_int(&query, row->created_us);
    return store_query_run(&query, NULL, error);
}

bool store_session_update(StoreDb *db, const StoreSession *row, GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE sessions SET " COLUMNS(STORE_SET, ", ") " WHERE id = ?");
    put_columns(&query, row);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "session", error);
}

bool store_session_next_number(StoreDb *db, const char *series, int *out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT coalesce(max(number), 0) + 1 FROM sessions WHERE series = ?");
    store_put_text(&query, series);
    int64_t number;
    bool done = store_query_number(&query, &number, error);
    *out = done ? (int)number : 0;
    return done;
}

bool store_session_note_inputs(StoreDb *db, const char *id, const char *hash, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE sessions SET inputs_hash = ? WHERE id = ?");
    store_put_text(&query, hash);
    store_put_text(&query, id);
    return store_query_run_on(&query, "session", error);
}

bool store_session_note_caption(StoreDb *db, const char *id, const char *caption, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE sessions SET caption = ? WHERE id = ?");
    store_put_text(&query, caption);
    store_put_text(&query, id);
    return store_query_run_on(&query, "session", error);
}

StoreSession *store_session_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, SELECT "FROM sessions WHERE id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_session, "session", error);
}

/* Deleting a session deletes its mails. */
bool store_session_may_go(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT count(*) FROM mails m JOIN sessions s ON s.id = m.session WHERE s.id = ? AND "
            "(m.state IN ('queued', 'sending') OR "
            "(m.state IN ('sent', 'doubt') AND s.state <> 'cancelled'))");
    store_put_text(&query, id);
    int64_t count;
    bool owed;
    if (!store_query_number(&query, &count, error) ||
        !store_mails_owed(db, id, base_wall_us(), &owed, error)) {
        return false;
    }
    return (count == 0 && !owed) ||
           base_refuse(error, BASE_CODE_MAILED, NULL, NULL,
                       "people were invited to the session by mail: cancel it, and delete it once "
                       "the mails that say so are sent");
}

bool store_session_delete(StoreDb *db, const char *id, GError **error)
{
    if (!store_session_may_go(db, id, error)) {
        return false;
    }
    StoreQuery query = store_query(db, "DELETE FROM sessions WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "session", error);
}

GPtrArray *store_sessions_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, SELECT "FROM sessions "
                                              "ORDER BY starts_us DESC, rowid DESC");
    return store_query_list(&query, read_session, free_session, error);
}
