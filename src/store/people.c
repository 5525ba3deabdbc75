// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for people, invitations and sign-ins.
#include "store/columns.h"
#include "store/db.h"
#include "store/people/people.h"

#define PERSON(X, AND)                                                                             \
    X(text, id) AND X(text, name)                                                                  \
    AND X(text, email)                                                                             \
    AND X(text, entity)                                                                            \
    AND X(text, entity_id)                                                                         \
    AND X(text, role)                                                                              \
    AND X(number, disabled)                                                                        \
    AND X(number, revision)                                                                        \
    AND X(number, created_us)
#define INVITATION(X, AND)                                                                         \
    X(text, id) AND X(text, person)                                                                \
    AND X(text, role)                                                                              \
    AND X(text, session)                                                                           \
    AND X(hash, code_hash)                                                                         \
    AND X(number, revoked)                                                                         \
    AND X(number, created_us)                                                                      \
    AND X(number, opened_us)
#define TOKEN(X, AND)                                                                              \
    X(hash, hash) AND X(text, person)                                                              \
    AND X(text, role)                                                                              \
    AND X(text, session)                                                                           \
    AND X(number, created_us)                                                                      \
    AND X(number, expires_us)

void store_person_free(StorePerson *row)
{
    if (row == NULL) {
        return;
    }
    PERSON(STORE_FREE, )
    g_free(row);
}

void store_invitation_free(StoreInvitation *row)
{
    if (row == NULL) {
        return;
    }
    INVITATION(STORE_FREE, )
    g_free(row);
}

void store_token_free(StoreToken *row)
{
    if (row == NULL) {
        return;
    }
    TOKEN(STORE_FREE, )
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
    PERSON(STORE_READ, )
    return row;
}

static void put_person(StoreQuery *query, const StorePerson *row)
{
    PERSON(STORE_PUT, )
}

static void *read_invitation(StoreQuery *query)
{
    StoreInvitation *row = g_new0(StoreInvitation, 1);
    INVITATION(STORE_READ, )
    return row;
}

static void put_invitation(StoreQuery *query, const StoreInvitation *row)
{
    INVITATION(STORE_PUT, )
}

static void *read_token(StoreQuery *query)
{
    StoreToken *row = g_new0(StoreToken, 1);
    TOKEN(STORE_READ, )
    return row;
}

static void put_token(StoreQuery *query, const StoreToken *row)
{
    TOKEN(STORE_PUT, )
}

/* Of the entity that the row belongs to; untouched without one. */
static bool read_entity(StoreDb *db, const char *id, StorePersonTexts *out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT CASE name_ar WHEN '' THEN name_en ELSE name_ar END, name_en, code "
                        "FROM entities WHERE id = ?");
    store_put_text(&query, id);
    int found = store_query_step(&query, error);
    if (found > 0) {
        out->entity = store_take_text(&query);
        out->entity_en = store_take_text(&query);
        out->code = store_take_text(&query);
        store_query_end(&query);
    }
    return found >= 0;
}

/* Whole in one statement, which no trigger completes: a roster has thousands. */
bool store_person_insert(StoreDb *db, const StorePerson *row, GError **error)
{
    StorePersonTexts texts = {.name = row->name, .email = row->email};
    if (row->entity_id != NULL && !read_entity(db, row->entity_id, &texts, error)) {
        return false;
    }
    g_autofree char *entity = (char *)texts.entity;
    g_autofree char *entity_en = (char *)texts.entity_en;
    g_autofree char *code = (char *)texts.code;
    StorePerson placed = *row;
    placed.entity = entity != NULL ? entity : row->entity;
    texts.entity = placed.entity;
    g_autofree char *words = store_person_words(&texts);
    StoreQuery query =
        store_query(db, "INSERT INTO people (" PERSON(STORE_NAME, ", ") ", folded) VALUES (" PERSON(
                            STORE_MARK, ", ") ", "
                                              "?)");
    put_person(&query, &placed);
    store_put_text(&query, words);
    return store_query_run(&query, NULL, error);
}

bool store_person_update(StoreDb *db, const StorePerson *row, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE people SET name = ?, email = ?, entity = ?, "
                                       "entity_id = ?, role = ?, disabled = ?, "
                                       "revision = revision + 1 WHERE id = ?");
    store_put_text(&query, row->name);
    store_put_text(&query, row->email);
    store_put_text(&query, row->entity);
    store_put_text(&query, row->entity_id);
    store_put_text(&query, row->role);
    store_put_int(&query, row->disabled);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "person", error);
}

StorePerson *store_person_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " PERSON(STORE_NAME, ", ") " FROM people WHERE id = ? "
                                                           "AND erased_us = 0");
    store_put_text(&query, id);
    return store_query_one(&query, read_person, "person", error);
}

const char *store_role_of(const StorePerson *person, const char *session, const char *role)
{
    return session != NULL ? role : person->role;
}

StorePerson *store_person_by_email(StoreDb *db, const char *email, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " PERSON(STORE_NAME, ", ") " FROM people WHERE email = ?");
    store_put_text(&query, email);
    return store_query_one(&query, read_person, "person", error);
}

/* A word that is not there is "": it is in every text. */
GPtrArray *store_people_find(StoreDb *db, const StorePeopleFind *find, GError **error)
{
    StoreQuery query = store_query(
        db,
        "SELECT " PERSON(STORE_NAME, ", ") " FROM people WHERE erased_us = 0 AND (?1 IS NULL OR "
                                           "(folded, id) > (SELECT folded, id FROM people "
                                           "WHERE id = ?1)) "
                                           "AND (?2 IS NULL OR entity_id IS ?2) "
                                           "AND instr(folded, ?3) AND instr(folded, ?4) "
                                           "AND instr(folded, ?5) AND instr(folded, ?6) "
                                           "ORDER BY folded, id LIMIT ?7");
    store_put_text(&query, find->after);
    store_put_text(&query, find->entity);
    for (int i = 0; i < STORE_PEOPLE_WORDS; i++) {
        store_put_text(&query, find->words[i] != NULL ? find->words[i] : "");
    }
    store_put_int(&query, find->limit);
    return store_query_list(&query, read_person, free_person, error);
}

GPtrArray *store_people_of(StoreDb *db, const char *entity, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " PERSON(STORE_NAME, ", ") " FROM people WHERE entity_id = ?");
    store_put_text(&query, entity);
    return store_query_list(&query, read_person, free_person, error);
}

GPtrArray *store_people_list(StoreDb *db, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " PERSON(STORE_NAME, ", ") " FROM people WHERE erased_us = 0 "
                                                           "ORDER BY created_us, rowid");
    return store_query_list(&query, read_person, free_person, error);
}

bool store_feeds_issued(StoreDb *db, const char *person, int64_t *out_us, GError **error)
{
    StoreQuery query = store_query(db, "SELECT feeds_us FROM people WHERE id = ? AND NOT disabled");
    store_put_text(&query, person);
    int stepped = store_query_step(&query, error);
    if (stepped == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "no such person");
    } else if (stepped > 0) {
        *out_us = store_take_int(&query);
        store_query_end(&query);
    }
    return stepped > 0;
}

bool store_feeds_issue(StoreDb *db, const char *person, int64_t now_us, int64_t *out_us,
                       GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE people SET feeds_us = max(?, feeds_us + 1) WHERE id = ?");
    store_put_int(&query, now_us);
    store_put_text(&query, person);
    return store_query_run_on(&query, "person", error) &&
           store_feeds_issued(db, person, out_us, error);
}

bool store_invitation_insert(StoreDb *db, const StoreInvitation *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO invitations (" INVITATION(
                            STORE_NAME, ", ") ") VALUES (" INVITATION(STORE_MARK, ", ") ")");
    put_invitation(&query, row);
    return store_query_run(&query, NULL, error);
}

StoreInvitation *store_invitation_by_hash(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                                          GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT " INVITATION(
                STORE_NAME,
                ", ") " FROM invitations WHERE code_hash = ?1 "
                      "OR id = (SELECT invitation FROM invitation_links WHERE code_hash = ?1)");
    store_put_hash(&query, hash);
    return store_query_one(&query, read_invitation, "invitation", error);
}

StoreInvitation *store_invitation_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " INVITATION(STORE_NAME, ", ") " FROM invitations WHERE id = ?");
    store_put_text(&query, id);
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
    StoreQuery query = store_query(
        db, "SELECT " INVITATION(STORE_NAME,
                                 ", ") " FROM invitations "
                                       "WHERE session IS ? ORDER BY created_us DESC, rowid DESC");
    store_put_text(&query, session);
    return store_query_list(&query, read_invitation, free_invitation, error);
}

GPtrArray *store_invitations_of(StoreDb *db, const char *person, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " INVITATION(STORE_NAME, ", ") " FROM invitations "
                                                               "WHERE person = ? AND NOT revoked "
                                                               "ORDER BY created_us, rowid");
    store_put_text(&query, person);
    return store_query_list(&query, read_invitation, free_invitation, error);
}

static bool delete_expired(StoreDb *db, const char *person, int64_t now_us, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM tokens WHERE person = ? AND expires_us <= ?");
    store_put_text(&query, person);
    store_put_int(&query, now_us);
    return store_query_run(&query, NULL, error);
}

/* Keeps the newest `keep`. */
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
    StoreQuery query = store_query(
        db,
        "INSERT INTO tokens (" TOKEN(STORE_NAME, ", ") ") VALUES (" TOKEN(STORE_MARK, ", ") ")");
    put_token(&query, row);
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
    StoreQuery query =
        store_query(db, "SELECT " TOKEN(STORE_NAME, ", ") " FROM tokens WHERE expires_us > ? "
                                                          "ORDER BY created_us, hash");
    store_put_int(&query, now_us);
    return store_query_list(&query, read_token, free_token, error);
}
