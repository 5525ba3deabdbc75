// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for entities.
#include "store/people/people.h"

#include "store/columns.h"

#define ENTITY(X, AND)                                                                             \
    X(text, id) AND X(text, code)                                                                  \
    AND X(text, name_ar)                                                                           \
    AND X(text, name_en)                                                                           \
    AND X(list, domains)                                                                           \
    AND X(number, revision)                                                                        \
    AND X(number, created_us)
#define READ_COLUMNS                                                                               \
    ENTITY(STORE_NAME, ", ")                                                                       \
    ", (SELECT count(*) FROM people WHERE entity_id = entities.id)"

void store_entity_free(StoreEntity *row)
{
    if (row == NULL) {
        return;
    }
    ENTITY(STORE_FREE, )
    g_free(row);
}

static void free_entity(void *row)
{
    store_entity_free(row);
}

const char *store_entity_name(const StoreEntity *row)
{
    return row->name_ar[0] != '\0' ? row->name_ar : row->name_en;
}

static void *read_entity(StoreQuery *query)
{
    StoreEntity *row = g_new0(StoreEntity, 1);
    ENTITY(STORE_READ, )
    row->people = (int)store_take_int(query);
    return row;
}

bool store_entity_insert(StoreDb *db, const StoreEntity *row, GError **error)
{
    StoreQuery other =
        store_query(db, "INSERT INTO entities (" ENTITY(STORE_NAME, ", ") ") VALUES (" ENTITY(
                            STORE_MARK, ", ") ")");
    StoreQuery *query = &other;
    ENTITY(STORE_PUT, )
    return store_query_run(query, NULL, error);
}

bool store_entity_update(StoreDb *db, const StoreEntity *row, GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE entities SET code = ?, name_ar = ?, name_en = ?, domains = ?, "
                        "revision = revision + 1 WHERE id = ?");
    store_put_text(&query, row->code);
    store_put_text(&query, row->name_ar);
    store_put_text(&query, row->name_en);
    store_put_text(&query, row->domains);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "entity", error);
}

bool store_entity_delete(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM entities WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "entity", error);
}

StoreEntity *store_entity_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " READ_COLUMNS " FROM entities WHERE id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_entity, "entity", error);
}

bool store_people_state(StoreDb *db, StorePeopleState *out, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT count(*), total(revision), max(rowid), max(created_us) FROM people UNION ALL "
            "SELECT count(*), total(revision), max(rowid), max(created_us) FROM entities");
    size_t i = 0;
    int stepped;
    while ((stepped = store_query_step(&query, error)) > 0) {
        for (size_t end = i + G_N_ELEMENTS(out->figures) / 2; i < end; i++) {
            out->figures[i] = store_take_int(&query);
        }
    }
    return stepped == 0;
}

bool store_entities_known(StoreDb *db, const char *ids, unsigned *out, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT count(*) FROM entities WHERE id IN (SELECT value FROM json_each(?))");
    store_put_text(&query, ids);
    int64_t count;
    bool done = store_query_number(&query, &count, error);
    *out = done ? (unsigned)count : 0;
    return done;
}

bool store_entity_of_domain(StoreDb *db, const char *domain, StoreEntity **out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " READ_COLUMNS
                        " FROM entities WHERE ? IN (SELECT value FROM json_each(domains)) "
                        "ORDER BY code LIMIT 1");
    store_put_text(&query, domain);
    bool done;
    *out = store_query_first(&query, read_entity, &done, error);
    return done;
}

GPtrArray *store_entities_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " READ_COLUMNS " FROM entities ORDER BY code");
    return store_query_list(&query, read_entity, free_entity, error);
}
