// SPDX-License-Identifier: GPL-3.0-or-later
// People, their invitations and their sign-ins.
#include "store/db.h"
#include "store/rows.h"

#define PERSON "id, name, email, entity, role, disabled, created_us"
#define INVITATION "id, person, role, session, code_hash, revoked, created_us"
#define TOKEN "hash, person, role, session, created_us, expires_us"

void store_person_free(StorePerson *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->id);
    g_free(row->name);
    g_free(row->email);
    g_free(row->entity);
    g_free(row->role);
    g_free(row);
}

void store_invitation_free(StoreInvitation *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->id);
    g_free(row->person);
    g_free(row->role);
    g_free(row->session);
    g_free(row);
}

void store_token_free(StoreToken *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->person);
    g_free(row->role);
    g_free(row->session);
    g_free(row);
}

static void free_person(void *row)
{
    store_person_free(row);
}

static void free_invitation(void *row)
{
    store_invitation_free(row);
}

static void free_token(void *row)
{
    store_token_free(row);
}

static void *read_person(StoreQuery *query)
{
    StorePerson *row = g_new0(StorePerson, 1);
    row->id = store_take_text(query);
    row->name = store_take_text(query);
    row->email = store_take_text(query);
    row->entity = store_take_text(query);
    row->role = store_take_text(query);
    row->disabled = store_take_int(query) != 0;
    row->created_us = store_take_int(query);
    return row;
}

static void *read_invitation(StoreQuery *query)
{
    StoreInvitation *row = g_new0(StoreInvitation, 1);
    row->id = store_take_text(query);
    row->person = store_take_text(query);
    row->role = store_take_text(query);
    row->session = store_take_text(query);
    store_take_hash(query, row->code_hash);
    row->revoked = store_take_int(query) != 0;
    row->created_us = store_take_int(query);
    return row;
}

static void *read_token(StoreQuery *query)
{
    StoreToken *row = g_new0(StoreToken, 1);
    store_take_hash(query, row->hash);
    row->person = store_take_text(query);
    row->role = store_take_text(query);
    row->session = store_take_text(query);
    row->created_us = store_take_int(query);
    row->expires_us = store_take_int(query);
    return row;
}

bool store_person_insert(StoreDb *db, const StorePerson *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO people (" PERSON ") VALUES (?, ?, ?, ?, ?, ?, ?)");
    store_put_text(&query, row->id);
    store_put_text(&query, row->name);
    store_put_text(&query, row->email);
    store_put_text(&query, row->entity);
    store_put_text(&query, row->role);
    store_put_int(&query, row->disabled);
    store_put_int(&query, row->created_us);
    return store_query_run(&query, NULL, error);
}

bool store_person_update(StoreDb *db, const StorePerson *row, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE people SET name = ?, email = ?, entity = ?, "
                                       "role = ?, disabled = ? WHERE id = ?");
    store_put_text(&query, row->name);
    store_put_text(&query, row->email);
    store_put_text(&query, row->entity);
    store_put_text(&query, row->role);
    store_put_int(&query, row->disabled);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "person", error);
}

StorePerson *store_person_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " PERSON " FROM people WHERE id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_person, "person", error);
}

StorePerson *store_person_by_email(StoreDb *db, const char *email, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " PERSON " FROM people WHERE email = ?");
    store_put_text(&query, email);
    return store_query_one(&query, read_person, "person", error);
}

GPtrArray *store_people_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " PERSON " FROM people ORDER BY created_us, rowid");
    return store_query_list(&query, read_person, free_person, error);
}

bool store_invitation_insert(StoreDb *db, const StoreInvitation *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO invitations (" INVITATION ") VALUES (?, ?, ?, ?, ?, ?, ?)");
    store_put_text(&query, row->id);
    store_put_text(&query, row->person);
    store_put_text(&query, row->role);
    store_put_text(&query, row->session);
    store_put_hash(&query, row->code_hash);
    store_put_int(&query, row->revoked);
    store_put_int(&query, row->created_us);
    return store_query_run(&query, NULL, error);
}

StoreInvitation *store_invitation_by_hash(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                                          GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " INVITATION " FROM invitations WHERE code_hash = ?");
    store_put_hash(&query, hash);
    return store_query_one(&query, read_invitation, "invitation", error);
}

bool store_invitation_revoke(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE invitations SET revoked = 1 WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "invitation", error);
}

GPtrArray *store_invitations_list(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " INVITATION " FROM invitations "
                                       "WHERE session IS ? ORDER BY created_us, rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_invitation, free_invitation, error);
}

static bool delete_expired(StoreDb *db, const char *person, int64_t now_us, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM tokens WHERE person = ? AND expires_us <= ?");
    store_put_text(&query, person);
    store_put_int(&query, now_us);
    return store_query_run(&query, NULL, error);
}

/* All but the newest `keep`. */
static bool delete_older(StoreDb *db, const char *person, unsigned keep, GError **error)
{
    StoreQuery query = store_query(
        db, "DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE person = ? "
            "ORDER BY created_us DESC, hash LIMIT -1 OFFSET ?)");
    store_put_text(&query, person);
    store_put_int(&query, keep);
    return store_query_run(&query, NULL, error);
}

bool store_token_insert(StoreDb *db, const StoreToken *row, unsigned most, GError **error)
{
    if (!delete_expired(db, row->person, row->created_us, error) ||
        !delete_older(db, row->person, most - 1, error)) {
        return false;
    }
    StoreQuery query = store_query(db, "INSERT INTO tokens (" TOKEN ") VALUES (?, ?, ?, ?, ?, ?)");
    store_put_hash(&query, row->hash);
    store_put_text(&query, row->person);
    store_put_text(&query, row->role);
    store_put_text(&query, row->session);
    store_put_int(&query, row->created_us);
    store_put_int(&query, row->expires_us);
    return store_query_run(&query, NULL, error);
}

bool store_token_delete(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM tokens WHERE hash = ?");
    store_put_hash(&query, hash);
    return store_query_run(&query, NULL, error);
}

bool store_token_delete_person(StoreDb *db, const char *person, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM tokens WHERE person = ?");
    store_put_text(&query, person);
    return store_query_run(&query, NULL, error);
}

bool store_token_extend(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], int64_t expires_us,
                        GError **error)
{
    StoreQuery query = store_query(db, "UPDATE tokens SET expires_us = ? WHERE hash = ?");
    store_put_int(&query, expires_us);
    store_put_hash(&query, hash);
    return store_query_run(&query, NULL, error);
}

static void *read_id(StoreQuery *query)
{
    return store_take_text(query);
}

bool store_tokens_trim(StoreDb *db, int64_t now_us, unsigned most, GError **error)
{
    StoreQuery expired = store_query(db, "DELETE FROM tokens WHERE expires_us <= ?");
    store_put_int(&expired, now_us);
    if (!store_query_run(&expired, NULL, error)) {
        return false;
    }
    StoreQuery query =
        store_query(db, "SELECT person FROM tokens GROUP BY person HAVING count(*) > ?");
    store_put_int(&query, most);
    g_autoptr(GPtrArray) people = store_query_list(&query, read_id, g_free, error);
    for (guint i = 0; people != NULL && i < people->len; i++) {
        if (!delete_older(db, people->pdata[i], most, error)) {
            return false;
        }
    }
    return people != NULL;
}

GPtrArray *store_tokens_list(StoreDb *db, int64_t now_us, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " TOKEN " FROM tokens WHERE expires_us > ? "
                                       "ORDER BY created_us, hash");
    store_put_int(&query, now_us);
    return store_query_list(&query, read_token, free_token, error);
}
