// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for registration pages and registrations.
#include "store/people/registrations.h"

#include "store/columns.h"

#define PAGE(X, AND)                                                                               \
    X(text, session) AND X(text, mode)                                                             \
    AND X(text, email)                                                                             \
    AND X(text, entity)                                                                            \
    AND X(text, job_title)
#define REGISTRATION(X, AND)                                                                       \
    X(text, id) AND X(text, session)                                                               \
    AND X(text, name)                                                                              \
    AND X(text, email)                                                                             \
    AND X(text, entity)                                                                            \
    AND X(text, job_title)                                                                         \
    AND X(text, entity_id)                                                                         \
    AND X(text, person)                                                                            \
    AND X(text, state)                                                                             \
    AND X(number, created_us)                                                                      \
    AND X(number, decided_us)
#define SELECT "SELECT n, " REGISTRATION(STORE_NAME, ", ") " FROM registrations WHERE session = ?1 "

void store_registration_page_free(StoreRegistrationPage *row)
{
    if (row == NULL) {
        return;
    }
    PAGE(STORE_FREE, )
    g_free(row);
}

void store_registration_free(StoreRegistration *row)
{
    if (row == NULL) {
        return;
    }
    REGISTRATION(STORE_FREE, )
    g_free(row);
}

static void free_registration(void *row)
{
    store_registration_free(row);
}

static void *read_page(StoreQuery *query)
{
    StoreRegistrationPage *row = g_new0(StoreRegistrationPage, 1);
    PAGE(STORE_READ, )
    return row;
}

static void *read_registration(StoreQuery *query)
{
    StoreRegistration *row = g_new0(StoreRegistration, 1);
    row->n = store_take_int(query);
    REGISTRATION(STORE_READ, )
    return row;
}

bool store_registration_page_get(StoreDb *db, const char *session, StoreRegistrationPage **out,
                                 GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT " PAGE(STORE_NAME, ", ") " FROM registration_pages WHERE session = ?");
    store_put_text(&query, session);
    bool done;
    *out = store_query_first(&query, read_page, &done, error);
    return done;
}

bool store_registration_page_put(StoreDb *db, const StoreRegistrationPage *row, GError **error)
{
    StoreQuery queried =
        store_query(db, "INSERT OR REPLACE INTO registration_pages (" PAGE(
                            STORE_NAME, ", ") ") VALUES (" PAGE(STORE_MARK, ", ") ")");
    StoreQuery *query = &queried;
    PAGE(STORE_PUT, )
    return store_query_run(query, NULL, error);
}

bool store_registration_page_delete(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM registration_pages WHERE session = ?");
    store_put_text(&query, session);
    return store_query_run(&query, NULL, error);
}

bool store_registration_insert(StoreDb *db, const StoreRegistration *row, bool *out_new,
                               GError **error)
{
    StoreQuery queried = store_query(
        db, "INSERT INTO registrations (" REGISTRATION(STORE_NAME, ", ") ") VALUES (" REGISTRATION(
                STORE_MARK, ", ") ") ON CONFLICT (session, email) DO NOTHING");
    StoreQuery *query = &queried;
    int changed = 0;
    REGISTRATION(STORE_PUT, )
    if (!store_query_run(query, &changed, error)) {
        return false;
    }
    *out_new = changed > 0;
    return true;
}

bool store_registration_update(StoreDb *db, const StoreRegistration *row, GError **error)
{
    StoreQuery query = store_query(
        db, "UPDATE registrations SET state = ?, person = ?, decided_us = ? WHERE id = ?");
    store_put_text(&query, row->state);
    store_put_text(&query, row->person);
    store_put_int(&query, row->decided_us);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "registration", error);
}

GPtrArray *store_registrations_list(StoreDb *db, const char *session, int64_t after, int most,
                                    GError **error)
{
    StoreQuery query = store_query(
        db, SELECT "AND (?2 = 0 OR (state <> 'waiting', n) > (SELECT state <> 'waiting', n FROM "
                   "registrations WHERE n = ?2)) ORDER BY state <> 'waiting', n LIMIT ?3");
    store_put_text(&query, session);
    store_put_int(&query, after);
    store_put_int(&query, most);
    return store_query_list(&query, read_registration, free_registration, error);
}

GPtrArray *store_registrations_pick(StoreDb *db, const char *session, const char *ids,
                                    GError **error)
{
    StoreQuery query =
        store_query(db, SELECT "AND state = 'waiting' AND (?2 IS NULL OR id IN (SELECT value FROM "
                               "json_each(?2))) ORDER BY n");
    store_put_text(&query, session);
    store_put_text(&query, ids);
    return store_query_list(&query, read_registration, free_registration, error);
}

bool store_registrations_count(StoreDb *db, const char *session, StoreRegistrationCounts *out,
                               GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT coalesce(sum(state = 'waiting'), 0), coalesce(sum(state = 'approved'), 0), "
            "coalesce(sum(state = 'refused'), 0) FROM registrations WHERE session = ?");
    store_put_text(&query, session);
    if (store_query_step(&query, error) <= 0) {
        return false;
    }
    out->waiting = store_take_int(&query);
    out->approved = store_take_int(&query);
    out->refused = store_take_int(&query);
    store_query_end(&query);
    return true;
}
