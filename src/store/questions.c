// SPDX-License-Identifier: GPL-3.0-or-later
// Questions and their votes.
#include "store/db.h"
#include "store/rows.h"

void store_question_free(StoreQuestion *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->id);
    g_free(row->session);
    g_free(row->person);
    g_free(row->name);
    g_free(row->entity);
    g_free(row->text);
    g_free(row->original);
    g_free(row->state);
    g_free(row->merged_into);
    g_free(row);
}

static void free_question(void *row)
{
    store_question_free(row);
}

static void *read_question(StoreQuery *query)
{
    StoreQuestion *row = g_new0(StoreQuestion, 1);
    row->id = store_take_text(query);
    row->session = store_take_text(query);
    row->person = store_take_text(query);
    row->name = store_take_text(query);
    row->entity = store_take_text(query);
    row->text = store_take_text(query);
    row->original = store_take_text(query);
    row->anonymous = store_take_int(query) != 0;
    row->starred = store_take_int(query) != 0;
    row->state = store_take_text(query);
    row->merged_into = store_take_text(query);
    row->at_us = store_take_int(query);
    row->media_us = store_take_int(query);
    row->on_air_us = store_take_int(query);
    row->answered_us = store_take_int(query);
    row->votes = (int)store_take_int(query);
    return row;
}

bool store_question_insert(StoreDb *db, const StoreQuestion *row, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO questions (id, session, person, text, original, anonymous, starred, "
            "state, merged_into, at_us, media_us, on_air_us, answered_us) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    store_put_text(&query, row->id);
    store_put_text(&query, row->session);
    store_put_text(&query, row->person);
    store_put_text(&query, row->text);
    store_put_text(&query, row->original);
    store_put_int(&query, row->anonymous);
    store_put_int(&query, row->starred);
    store_put_text(&query, row->state);
    store_put_text(&query, row->merged_into);
    store_put_int(&query, row->at_us);
    store_put_int(&query, row->media_us);
    store_put_int(&query, row->on_air_us);
    store_put_int(&query, row->answered_us);
    return store_query_run(&query, NULL, error);
}

bool store_question_update(StoreDb *db, const StoreQuestion *row, GError **error)
{
    StoreQuery query = store_query(
        db, "UPDATE questions SET text = ?, original = ?, anonymous = ?, starred = ?, state = ?, "
            "merged_into = ?, on_air_us = ?, answered_us = ? WHERE id = ?");
    store_put_text(&query, row->text);
    store_put_text(&query, row->original);
    store_put_int(&query, row->anonymous);
    store_put_int(&query, row->starred);
    store_put_text(&query, row->state);
    store_put_text(&query, row->merged_into);
    store_put_int(&query, row->on_air_us);
    store_put_int(&query, row->answered_us);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "question", error);
}

#define QUESTION                                                                                   \
    "q.id, q.session, q.person, p.name, p.entity, q.text, q.original, q.anonymous, "               \
    "q.starred, q.state, q.merged_into, q.at_us, q.media_us, q.on_air_us, q.answered_us, "         \
    "(SELECT count(*) FROM votes v WHERE v.question = q.id) "                                      \
    "FROM questions q JOIN people p ON p.id = q.person "

GPtrArray *store_questions_list(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " QUESTION "WHERE q.session = ? ORDER BY q.at_us, q.rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_question, free_question, error);
}

GPtrArray *store_questions_answered(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " QUESTION "WHERE q.session = ? AND q.state = 'answered' "
                        "AND q.on_air_us >= 0 ORDER BY q.on_air_us, q.rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_question, free_question, error);
}

static StoreQuery vote_query(StoreDb *db, bool on)
{
    if (on) {
        // not "OR IGNORE": that would also swallow other constraints
        return store_query(db, "INSERT INTO votes (question, person) VALUES (?, ?) "
                               "ON CONFLICT (question, person) DO NOTHING");
    }
    return store_query(db, "DELETE FROM votes WHERE question = ? AND person = ?");
}

bool store_vote_set(StoreDb *db, const char *question, const char *person, bool on, GError **error)
{
    StoreQuery query = vote_query(db, on);
    store_put_text(&query, question);
    store_put_text(&query, person);
    return store_query_run(&query, NULL, error);
}

bool store_votes_each(StoreDb *db, const char *session,
                      void (*each)(void *data, const char *question, const char *person),
                      void *data, GError **error)
{
    StoreQuery query = store_query(db, "SELECT v.question, v.person FROM questions q "
                                       "JOIN votes v ON v.question = q.id WHERE q.session = ?");
    store_put_text(&query, session);
    int stepped;
    while ((stepped = store_query_step(&query, error)) > 0) {
        g_autofree char *question = store_take_text(&query);
        g_autofree char *person = store_take_text(&query);
        each(data, question, person);
    }
    return stepped == 0;
}
