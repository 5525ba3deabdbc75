// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for questions, votes and moderators' acts.
#include "store/columns.h"
#include "store/db.h"
#include "store/rows.h"

/* What a moderator's act changes and question_acts keeps for undo. */
#define MODERATED(X, AND)                                                                          \
    X(text, text)                                                                                  \
    AND X(text, original)                                                                          \
    AND X(number, starred)                                                                         \
    AND X(text, state)                                                                             \
    AND X(text, merged_into)                                                                       \
    AND X(number, on_air_us)                                                                       \
    AND X(number, answered_us)
/* Insert also writes `act`, `name` and `entity`. */
#define COLUMNS(X, AND)                                                                            \
    X(text, id) AND X(text, session)                                                               \
    AND X(text, person)                                                                            \
    AND MODERATED(X, AND)                                                                          \
    AND X(number, anonymous)                                                                       \
    AND X(number, named)                                                                           \
    AND X(number, at_us)                                                                           \
    AND X(number, media_us)
#define ALL(X, AND)                                                                                \
    COLUMNS(X, AND) AND X(text, act)                                                               \
    AND X(text, name)                                                                              \
    AND X(text, entity)

void store_question_free(StoreQuestion *row)
{
    if (row == NULL) {
        return;
    }
    ALL(STORE_FREE, )
    g_free(row);
}

StoreQuestion *store_question_copy(const StoreQuestion *row)
{
    StoreQuestion *copy = g_memdup2(row, sizeof *row);
    ALL(STORE_COPY, )
    return copy;
}

static void free_question(void *row)
{
    store_question_free(row);
}

static void *read_question(StoreQuery *query)
{
    StoreQuestion *row = g_new0(StoreQuestion, 1);
    ALL(STORE_READ, )
    return row;
}

static void read_moderated(StoreQuery *query, StoreQuestion *row)
{
    MODERATED(STORE_READ, )
}

static void put_moderated(StoreQuery *query, const StoreQuestion *row)
{
    MODERATED(STORE_PUT, )
}

static void put_question(StoreQuery *query, const StoreQuestion *row)
{
    COLUMNS(STORE_PUT, )
}

bool store_question_insert(StoreDb *db, const StoreQuestion *row, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO questions (" COLUMNS(
                            STORE_NAME, ", ") ") "
                                              "VALUES (" COLUMNS(STORE_MARK, ", ") ")");
    put_question(&query, row);
    return store_query_run(&query, NULL, error);
}

bool store_question_update(StoreDb *db, const StoreQuestion *row, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE questions SET anonymous = ?, " MODERATED(
                                           STORE_SET, ", ") ", act = ? WHERE id = ?");
    store_put_int(&query, row->anonymous);
    put_moderated(&query, row);
    store_put_text(&query, row->act);
    store_put_text(&query, row->id);
    return store_query_run_on(&query, "question", error);
}

#define OF_QUESTION(kind, name) "q." #name
#define QUESTION                                                                                   \
    COLUMNS(OF_QUESTION, ", ")                                                                     \
    ", q.act, p.name, p.entity "                                                                   \
    "FROM questions q JOIN people p ON p.id = q.person "

GPtrArray *store_questions_list(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " QUESTION "WHERE q.session = ? ORDER BY q.at_us, q.rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_question, free_question, error);
}

GPtrArray *store_questions_of(StoreDb *db, const char *person, const char *sessions, int64_t before,
                              unsigned limit, int64_t *out_next, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT q.rowid, " QUESTION "WHERE q.person = ?1 AND (?2 = 0 OR q.rowid < ?2) "
            "AND (?3 IS NULL OR q.session IN (SELECT value FROM json_each(?3))) "
            "ORDER BY q.rowid DESC LIMIT ?4");
    store_put_text(&query, person);
    store_put_int(&query, before);
    store_put_text(&query, sessions);
    store_put_int(&query, (int64_t)limit + 1);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_question);
    int64_t last = 0;
    int stepped;
    *out_next = 0;
    while ((stepped = store_query_step(&query, error)) > 0) {
        if (rows->len == limit) { // there are more
            *out_next = last;
            store_query_end(&query);
            return g_steal_pointer(&rows);
        }
        last = store_take_int(&query);
        g_ptr_array_add(rows, read_question(&query));
    }
    return stepped == 0 ? g_steal_pointer(&rows) : NULL;
}

bool store_question_on_air(StoreDb *db, const char *session, StoreQuestion **out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " QUESTION "WHERE q.session = ? AND q.state = 'on_air' LIMIT 1");
    store_put_text(&query, session);
    bool done;
    *out = store_query_first(&query, read_question, &done, error);
    return done;
}

StoreQuestion *store_question_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "SELECT " QUESTION "WHERE q.id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_question, "question", error);
}

bool store_question_session(StoreDb *db, const char *question, char **out, GError **error)
{
    StoreQuery query = store_query(db, "SELECT session FROM questions WHERE id = ?");
    store_put_text(&query, question);
    int stepped = store_query_step(&query, error);
    if (stepped >= 0) {
        *out = stepped > 0 ? store_take_text(&query) : NULL;
        store_query_end(&query);
    }
    return stepped >= 0;
}

GPtrArray *store_questions_answered(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT " QUESTION "WHERE q.session = ? AND q.state = 'answered' "
                        "AND q.on_air_us >= 0 ORDER BY q.on_air_us, q.rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_question, free_question, error);
}

static StoreQuery vote_query(StoreDb *db, StoreVote vote)
{
    switch (vote) {
    case STORE_VOTE_FOR:
        return store_query(db, "INSERT INTO votes (question, person, against) VALUES (?, ?, 0) "
                               "ON CONFLICT (question, person) DO UPDATE SET against = 0");
    case STORE_VOTE_AGAINST:
        return store_query(db, "INSERT INTO votes (question, person, against) VALUES (?, ?, 1) "
                               "ON CONFLICT (question, person) DO UPDATE SET against = 1");
    case STORE_VOTE_NONE:
        break;
    }
    return store_query(db, "DELETE FROM votes WHERE question = ? AND person = ?");
}

bool store_vote_set(StoreDb *db, const char *question, const char *person, StoreVote vote,
                    GError **error)
{
    StoreQuery query = vote_query(db, vote);
    store_put_text(&query, question);
    store_put_text(&query, person);
    return store_query_run(&query, NULL, error);
}

bool store_votes_each(StoreDb *db, const char *session, StoreVoteFunc each, void *data,
                      GError **error)
{
    StoreQuery query = store_query(db, "SELECT v.question, v.person, v.against FROM questions q "
                                       "JOIN votes v ON v.question = q.id WHERE q.session = ?");
    store_put_text(&query, session);
    int stepped;
    while ((stepped = store_query_step(&query, error)) > 0) {
        g_autofree char *question = store_take_text(&query);
        g_autofree char *person = store_take_text(&query);
        bool against = store_take_int(&query) != 0;
        each(data, question, person, against ? STORE_VOTE_AGAINST : STORE_VOTE_FOR);
    }
    return stepped == 0;
}

void store_act_free(StoreAct *row)
{
    if (row == NULL) {
        return;
    }
    g_free(row->act);
    g_free(row->person);
    store_question_free(row->before);
    g_free(row);
}

static void free_act(void *row)
{
    store_act_free(row);
}

static void *read_act(StoreQuery *query)
{
    StoreAct *row = g_new0(StoreAct, 1);
    StoreQuestion *before = row->before = g_new0(StoreQuestion, 1);
    row->act = store_take_text(query);
    row->person = store_take_text(query);
    before->id = store_take_text(query);
    read_moderated(query, before);
    before->act = store_take_text(query);
    return row;
}

bool store_act_insert(StoreDb *db, const StoreAct *row, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO question_acts (act, person, question, " MODERATED(
                STORE_NAME, ", ") ", former) VALUES (?, ?, ?, " MODERATED(STORE_MARK, ", ") ", ?)");
    store_put_text(&query, row->act);
    store_put_text(&query, row->person);
    store_put_text(&query, row->before->id);
    put_moderated(&query, row->before);
    store_put_text(&query, row->before->act);
    return store_query_run(&query, NULL, error);
}

bool store_act_delete(StoreDb *db, const char *act, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM question_acts WHERE act = ?");
    store_put_text(&query, act);
    return store_query_run(&query, NULL, error);
}

#define OF_ACT(kind, name) "a." #name

GPtrArray *store_acts_list(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT a.act, a.person, a.question, " MODERATED(
                            OF_ACT, ", ") ", a.former "
                                          "FROM question_acts a JOIN questions q ON q.id = "
                                          "a.question WHERE q.session = ? ORDER BY a.n");
    store_put_text(&query, session);
    return store_query_list(&query, read_act, free_act, error);
}
