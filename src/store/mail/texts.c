// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for texts of mails and people's choices.
#include "store/mail/texts.h"

#include "store/columns.h"
#include "store/db.h"

#define COLUMNS(X, AND)                                                                            \
    X(text, kind) AND X(text, lang)                                                                \
    AND X(text, subject)                                                                           \
    AND X(text, body)                                                                              \
    AND X(number, changed_us)
#define SELECT "SELECT " COLUMNS(STORE_NAME, ", ") " FROM mail_texts "

void store_mail_text_free(StoreMailText *row)
{
    if (row != NULL) {
        COLUMNS(STORE_FREE, )
        g_free(row);
    }
}

static void free_text(void *row)
{
    store_mail_text_free(row);
}

static void *read_text(StoreQuery *query)
{
    StoreMailText *row = g_new0(StoreMailText, 1);
    COLUMNS(STORE_READ, )
    return row;
}

GPtrArray *store_mail_texts(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, SELECT);
    return store_query_list(&query, read_text, free_text, error);
}

bool store_mail_text_find(StoreDb *db, const char *kind, const char *lang, StoreMailText **out,
                          GError **error)
{
    StoreQuery query = store_query(db, SELECT "WHERE kind = ? AND lang = ?");
    store_put_text(&query, kind);
    store_put_text(&query, lang);
    bool done;
    *out = store_query_first(&query, read_text, &done, error);
    return done;
}

bool store_mail_text_put(StoreDb *db, const StoreMailText *row, GError **error)
{
    StoreQuery queried =
        store_query(db, "INSERT OR REPLACE INTO mail_texts (" COLUMNS(
                            STORE_NAME, ", ") ") VALUES (" COLUMNS(STORE_MARK, ", ") ")");
    StoreQuery *query = &queried;
    COLUMNS(STORE_PUT, )
    return store_query_run(query, NULL, error);
}

bool store_mail_text_delete(StoreDb *db, const char *kind, const char *lang, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM mail_texts WHERE kind = ? AND lang = ?");
    store_put_text(&query, kind);
    store_put_text(&query, lang);
    return store_query_run(&query, NULL, error);
}

bool store_mail_choice(StoreDb *db, const char *person, bool *out_reminders, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT count(*) FROM mail_choices WHERE person = ? AND NOT reminders");
    store_put_text(&query, person);
    int64_t stopped;
    bool done = store_query_number(&query, &stopped, error);
    if (done) {
        *out_reminders = stopped == 0;
    }
    return done;
}

bool store_mail_choose(StoreDb *db, const char *person, bool reminders, int64_t now_us,
                       GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT OR REPLACE INTO mail_choices (person, reminders, at_us) VALUES (?, ?, ?)");
    store_put_text(&query, person);
    store_put_int(&query, reminders);
    store_put_int(&query, now_us);
    return store_query_run(&query, NULL, error);
}
