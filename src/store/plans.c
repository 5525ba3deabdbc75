// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for who comes to a session.
#include "store/db.h"
#include "store/rows.h"

void store_plans_free(StorePlans *row)
{
    if (row != NULL) {
        g_free(row->entity);
        g_free(row);
    }
}

static void free_plans(void *row)
{
    store_plans_free(row);
}

static void *read_plans(StoreQuery *query)
{
    StorePlans *row = g_new0(StorePlans, 1);
    row->entity = store_take_text(query);
    row->yes = store_take_int(query);
    row->maybe = store_take_int(query);
    row->no = store_take_int(query);
    return row;
}

bool store_plan_put(StoreDb *db, const char *session, const char *person, const char *coming,
                    int64_t now_us, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO attendance_plans (session, person, coming, at_us) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (session, person) DO UPDATE SET coming = excluded.coming, "
            "at_us = excluded.at_us WHERE coming <> excluded.coming");
    store_put_text(&query, session);
    store_put_text(&query, person);
    store_put_text(&query, coming);
    store_put_int(&query, now_us);
    return store_query_run(&query, NULL, error);
}

bool store_plan_answer(StoreDb *db, const char *session, const char *person, const char *coming,
                       int64_t said_us, bool *out_taken, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO attendance_plans (session, person, coming, at_us) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (session, person) DO UPDATE SET coming = excluded.coming, "
            "at_us = excluded.at_us WHERE excluded.at_us > at_us");
    store_put_text(&query, session);
    store_put_text(&query, person);
    store_put_text(&query, coming);
    store_put_int(&query, said_us);
    int changed;
    if (!store_query_run(&query, &changed, error)) {
        return false;
    }
    *out_taken = changed > 0;
    return true;
}

bool store_plan_get(StoreDb *db, const char *session, const char *person, char **out,
                    GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT coming FROM attendance_plans WHERE session = ? AND person = ?");
    store_put_text(&query, session);
    store_put_text(&query, person);
    int stepped = store_query_step(&query, error);
    if (stepped >= 0) {
        *out = stepped > 0 ? store_take_text(&query) : NULL;
        store_query_end(&query);
    }
    return stepped >= 0;
}

GPtrArray *store_plans_count(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT p.entity, sum(a.coming = 'yes'), sum(a.coming = 'maybe'), "
            "sum(a.coming = 'no') FROM attendance_plans a JOIN people p ON p.id = a.person "
            "WHERE a.session = ? AND NOT p.disabled GROUP BY p.entity "
            "ORDER BY count(*) DESC, p.entity");
    store_put_text(&query, session);
    return store_query_list(&query, read_plans, free_plans, error);
}
