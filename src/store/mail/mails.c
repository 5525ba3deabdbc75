// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for mails and their links.
#include "store/mail/mails.h"

#include "store/columns.h"
#include "store/db.h"

#include <string.h>

static const char *const state_names[STORE_MAIL_STATES] = {
    [STORE_MAIL_QUEUED] = "queued", [STORE_MAIL_SENDING] = "sending",
    [STORE_MAIL_SENT] = "sent",     [STORE_MAIL_FAILED] = "failed",
    [STORE_MAIL_DOUBT] = "doubt",   [STORE_MAIL_CANCELLED] = "cancelled"};

const char *store_mail_state_name(StoreMailState state)
{
    return state_names[state];
}

#define FIXED(X, AND)                                                                              \
    X(text, id) AND X(text, kind)                                                                  \
    AND X(text, person)                                                                            \
    AND X(text, session)                                                                           \
    AND X(text, invitation)                                                                        \
    AND X(text, question)                                                                          \
    AND X(text, once)                                                                              \
    AND X(text, message_id)                                                                        \
    AND X(number, created_us)
#define CHANGING(X, AND)                                                                           \
    X(text, address) AND X(number, attempts)                                                       \
    AND X(number, next_us)                                                                         \
    AND X(text, reason)                                                                            \
    AND X(text, error)                                                                             \
    AND X(number, told_us)                                                                         \
    AND X(number, told_minutes)                                                                    \
    AND X(number, sent_us)
#define COLUMN(kind, name) "m." #name
#define SELECT                                                                                     \
    "SELECT m.n, p.name, m.state, " FIXED(COLUMN, ", ") ", " CHANGING(                             \
        COLUMN, ", ") " FROM mails m JOIN people p ON p.id = m.person "

void store_mail_free(StoreMail *row)
{
    if (row == NULL) {
        return;
    }
    FIXED(STORE_FREE, )
    CHANGING(STORE_FREE, )
    g_free(row->name);
    g_free(row);
}

static void free_mail(void *row)
{
    store_mail_free(row);
}

static StoreMailState take_state(StoreQuery *query)
{
    g_autofree char *name = store_take_text(query);
    for (int i = 0; i < STORE_MAIL_STATES; i++) {
        if (g_strcmp0(name, state_names[i]) == 0) {
            return (StoreMailState)i;
        }
    }
    return STORE_MAIL_CANCELLED; // CHECK forbids it
}

static void *read_mail(StoreQuery *query)
{
    StoreMail *row = g_new0(StoreMail, 1);
    row->n = store_take_int(query);
    row->name = store_take_text(query);
    row->state = take_state(query);
    FIXED(STORE_READ, )
    CHANGING(STORE_READ, )
    return row;
}

bool store_mail_insert(StoreDb *db, const StoreMail *row, GError **error)
{
    StoreQuery queried = store_query(
        db,
        "INSERT INTO mails (state, " FIXED(STORE_NAME, ", ") ", " CHANGING(
            STORE_NAME, ", ") ") VALUES (?, " FIXED(STORE_MARK,
                                                    ", ") ", " CHANGING(STORE_MARK,
                                                                        ", ") ") ON CONFLICT "
                                                                              "(once) DO NOTHING");
    StoreQuery *query = &queried;
    store_put_text(query, state_names[row->state]);
    FIXED(STORE_PUT, )
    CHANGING(STORE_PUT, )
    return store_query_run(query, NULL, error);
}

bool store_mail_update(StoreDb *db, const StoreMail *row, GError **error)
{
    StoreQuery queried =
        store_query(db, "UPDATE mails SET state = ?, " CHANGING(STORE_SET, ", ") " WHERE id = ?");
    StoreQuery *query = &queried;
    store_put_text(query, state_names[row->state]);
    CHANGING(STORE_PUT, )
    store_put_text(query, row->id);
    return store_query_run_on(query, "mail", error);
}

StoreMail *store_mail_get(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, SELECT "WHERE m.id = ?");
    store_put_text(&query, id);
    return store_query_one(&query, read_mail, "mail", error);
}

bool store_mail_due(StoreDb *db, int64_t now_us, StoreMail **out, GError **error)
{
    StoreQuery query = store_query(db, SELECT "WHERE m.state = 'queued' AND m.next_us <= ? "
                                              "ORDER BY m.next_us, m.n LIMIT 1");
    store_put_int(&query, now_us);
    bool done;
    *out = store_query_first(&query, read_mail, &done, error);
    return done;
}

bool store_mail_queue(StoreDb *db, int64_t *out_count, int64_t *out_next_us, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT count(*), coalesce(min(next_us), 0) FROM mails WHERE state = 'queued'");
    if (store_query_step(&query, error) <= 0) {
        return false;
    }
    *out_count = store_take_int(&query);
    *out_next_us = store_take_int(&query);
    store_query_end(&query);
    return true;
}

bool store_mails_count(StoreDb *db, const char *session, int64_t out[STORE_MAIL_STATES],
                       GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT state, count(*) FROM mails WHERE session = ? GROUP BY state");
    store_put_text(&query, session);
    memset(out, 0, STORE_MAIL_STATES * sizeof *out);
    int step;
    while ((step = store_query_step(&query, error)) > 0) {
        StoreMailState state = take_state(&query);
        out[state] = store_take_int(&query);
    }
    return step == 0;
}

GPtrArray *store_mails_list(StoreDb *db, const char *session, int64_t before, int most,
                            GError **error)
{
    StoreQuery query = store_query(
        db, SELECT "WHERE m.session = ?1 AND (?2 = 0 OR m.n < ?2) ORDER BY m.n DESC LIMIT ?3");
    store_put_text(&query, session);
    store_put_int(&query, before);
    store_put_int(&query, most);
    return store_query_list(&query, read_mail, free_mail, error);
}

bool store_mails_doubt(StoreDb *db, int *out_count, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE mails SET state = 'doubt', reason = 'interrupted' "
                                       "WHERE state = 'sending'");
    return store_query_run(&query, out_count, error);
}

bool store_mail_newest(StoreDb *db, const char *invitation, StoreMail **out, GError **error)
{
    StoreQuery query =
        store_query(db, SELECT "WHERE m.n = (SELECT max(n) FROM mails WHERE invitation = ?)");
    store_put_text(&query, invitation);
    bool done;
    *out = store_query_first(&query, read_mail, &done, error);
    return done;
}

bool store_mail_link_insert(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                            const StoreMail *mail, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT INTO invitation_links (code_hash, invitation, mail) VALUES (?, ?, ?)");
    store_put_hash(&query, hash);
    store_put_text(&query, mail->invitation);
    store_put_text(&query, mail->id);
    return store_query_run(&query, NULL, error);
}

bool store_mail_link_delete(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM invitation_links WHERE code_hash = ?");
    store_put_hash(&query, hash);
    return store_query_run(&query, NULL, error);
}

/* To whom */

#define TO(X, AND)                                                                                 \
    X(text, invitation) AND X(text, person)                                                        \
    AND X(text, session)                                                                           \
    AND X(text, address)                                                                           \
    AND X(text, question)                                                                          \
    AND X(number, starts_us)                                                                       \
    AND X(number, revision)                                                                        \
    AND X(number, sent)

void store_mail_to_free(StoreMailTo *row)
{
    if (row == NULL) {
        return;
    }
    TO(STORE_FREE, )
    g_free(row);
}

static void free_to(void *row)
{
    store_mail_to_free(row);
}

static void *read_to(StoreQuery *query)
{
    StoreMailTo *row = g_new0(StoreMailTo, 1);
    TO(STORE_READ, )
    return row;
}

#define TELLING "'invitation', 'change'"
#define TO_COLUMNS(sent) TO_COLUMNS_OF("NULL", sent)
#define TO_COLUMNS_OF(question, sent)                                                              \
    "SELECT i.id, i.person, i.session, p.email, " question ", s.starts_us, s.revision, " sent      \
    " FROM invitations i JOIN people p ON p.id = i.person JOIN sessions s ON s.id = i.session "
#define MAY "i.revoked = 0 AND p.disabled = 0 AND p.email IS NOT NULL "
#define NOT_STOPPED                                                                                \
    "AND NOT EXISTS (SELECT 1 FROM mail_choices x WHERE x.person = i.person "                      \
    "AND NOT x.reminders) "
#define NOT_DECLINED                                                                               \
    "AND NOT EXISTS (SELECT 1 FROM attendance_plans a WHERE a.session = i.session "                \
    "AND a.person = i.person AND a.coming = 'no') "
#define NONE_ON_ITS_WAY                                                                            \
    "AND NOT EXISTS (SELECT 1 FROM mails w WHERE w.invitation = i.id AND w.kind IN (" TELLING      \
    ") AND w.state IN ('queued', 'sending')) "
/* The newest mail that told a time. */
#define TOLD                                                                                       \
    "JOIN mails m ON m.n = (SELECT max(t.n) FROM mails t WHERE t.invitation = i.id AND t.kind IN " \
    "(" TELLING ") AND t.state IN ('sent', 'doubt')) "

bool store_mail_told(StoreDb *db, const char *invitation, int64_t *out_us, int64_t *out_minutes,
                     GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT told_us, told_minutes FROM mails WHERE invitation = ? AND kind IN (" TELLING
            ") AND state IN ('sent', 'doubt') ORDER BY n DESC LIMIT 1");
    store_put_text(&query, invitation);
    int step = store_query_step(&query, error);
    *out_us = *out_minutes = 0;
    if (step > 0) {
        *out_us = store_take_int(&query);
        *out_minutes = store_take_int(&query);
        store_query_end(&query);
    }
    return step >= 0;
}

/* Takes the session. */
#define TO_INVITE                                                                                  \
    TO_COLUMNS("EXISTS (SELECT 1 FROM mails t WHERE t.n = (SELECT max(n) FROM mails u WHERE "      \
               "u.invitation = i.id AND u.kind = 'invitation') AND t.state IN ('sent', 'doubt')) " \
               "AS sent")                                                                          \
    "WHERE i.session = ? AND " MAY NONE_ON_ITS_WAY

GPtrArray *store_mails_to_invite(StoreDb *db, const char *session, GError **error)
{
    StoreQuery query = store_query(db, TO_INVITE "ORDER BY i.created_us, i.rowid");
    store_put_text(&query, session);
    return store_query_list(&query, read_to, free_to, error);
}

bool store_mails_count_to_invite(StoreDb *db, const char *session, int64_t *out_all,
                                 int64_t *out_unsent, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT count(*), coalesce(sum(NOT sent), 0) FROM (" TO_INVITE ")");
    store_put_text(&query, session);
    if (store_query_step(&query, error) <= 0) {
        return false;
    }
    *out_all = store_take_int(&query);
    *out_unsent = store_take_int(&query);
    store_query_end(&query);
    return true;
}

GPtrArray *store_mails_to_tell_change(StoreDb *db, int64_t now_us, int most, GError **error)
{
    StoreQuery query = store_query(
        db, TO_COLUMNS("1") TOLD
        "WHERE s.state = 'scheduled' AND s.starts_us > ? AND " MAY
        "AND (m.told_us <> s.starts_us OR m.told_minutes <> s.duration_minutes) " NONE_ON_ITS_WAY
        "AND NOT EXISTS (SELECT 1 FROM mails c WHERE c.once = "
        "'change/' || i.id || '/' || s.revision) LIMIT ?");
    store_put_int(&query, now_us);
    store_put_int(&query, most);
    return store_query_list(&query, read_to, free_to, error);
}

/* Takes the time now. */
#define UNTOLD_CANCELLED                                                                           \
    TOLD                                                                                           \
        "WHERE s.state = 'cancelled' AND s.starts_us + s.duration_minutes * 60000000 > ? AND " MAY \
        "AND NOT EXISTS (SELECT 1 FROM mails c WHERE c.invitation = i.id AND "                     \
        "c.kind = 'cancellation') "

GPtrArray *store_mails_to_tell_cancelled(StoreDb *db, int64_t now_us, int most, GError **error)
{
    StoreQuery query = store_query(db, TO_COLUMNS("1") UNTOLD_CANCELLED "LIMIT ?");
    store_put_int(&query, now_us);
    store_put_int(&query, most);
    return store_query_list(&query, read_to, free_to, error);
}

bool store_mails_owed(StoreDb *db, const char *session, int64_t now_us, bool *out, GError **error)
{
    StoreQuery query = store_query(db, TO_COLUMNS("1") UNTOLD_CANCELLED "AND s.id = ? LIMIT 1");
    store_put_int(&query, now_us);
    store_put_text(&query, session);
    g_autoptr(GPtrArray) rows = store_query_list(&query, read_to, free_to, error);
    *out = rows != NULL && rows->len > 0;
    return rows != NULL;
}

GArray *store_mails_reminders(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT DISTINCT value FROM series, json_each(series.reminders) ORDER BY value DESC");
    GArray *list = g_array_new(FALSE, FALSE, sizeof(int));
    int step;
    while ((step = store_query_step(&query, error)) > 0) {
        int minutes = (int)store_take_int(&query);
        g_array_append_val(list, minutes);
    }
    if (step < 0) {
        g_clear_pointer(&list, g_array_unref);
    }
    return list;
}

#define PLAN "(SELECT reminders FROM series WHERE id = s.series)"

GPtrArray *store_mails_to_remind(StoreDb *db, const char *kind, int minutes, bool usual,
                                 int64_t now_us, int most, GError **error)
{
    StoreQuery query = store_query(
        db, TO_COLUMNS("1") TOLD
        "WHERE s.state = 'scheduled' AND s.starts_us <= ?1 + ?2 AND s.starts_us > ?1 + ?2 / 2 "
        "AND m.sent_us < s.starts_us - ?2 AND m.told_us = s.starts_us "
        "AND " MAY NOT_STOPPED NOT_DECLINED "AND NOT EXISTS (SELECT 1 FROM mails r WHERE r.once = "
        "?3 || '/' || i.id || '/' || s.starts_us) "
        "AND CASE WHEN " PLAN " IS NULL THEN ?4 "
        "ELSE ?5 IN (SELECT value FROM json_each(" PLAN ")) END LIMIT ?6");
    store_put_int(&query, now_us);
    store_put_int(&query, minutes * INT64_C(60000000));
    store_put_text(&query, kind);
    store_put_int(&query, usual);
    store_put_int(&query, minutes);
    store_put_int(&query, most);
    return store_query_list(&query, read_to, free_to, error);
}

bool store_mail_opened(StoreDb *db, const char *session, const char *person, int64_t now_us,
                       bool *out, GError **error)
{
    StoreQuery query = store_query(db, "SELECT count(*) FROM tokens WHERE person = ? AND "
                                       "session = ? AND expires_us > ?");
    store_put_text(&query, person);
    store_put_text(&query, session);
    store_put_int(&query, now_us);
    int64_t count;
    bool done = store_query_number(&query, &count, error);
    *out = done && count > 0;
    return done;
}

GPtrArray *store_mails_to_tell_live(StoreDb *db, int64_t since_us, int64_t now_us, int most,
                                    GError **error)
{
    StoreQuery query = store_query(
        db, TO_COLUMNS("1") TOLD
        "WHERE s.state = 'live' AND s.live_us > ?1 AND m.sent_us < s.live_us "
        "AND i.role = 'attendee' AND " MAY NOT_STOPPED NOT_DECLINED
        "AND NOT EXISTS (SELECT 1 FROM tokens k WHERE k.person = i.person "
        "AND k.session = i.session AND k.expires_us > ?2) "
        "AND NOT EXISTS (SELECT 1 FROM mails r WHERE r.once = 'live/' || i.id || '/0') LIMIT ?3");
    store_put_int(&query, since_us);
    store_put_int(&query, now_us);
    store_put_int(&query, most);
    return store_query_list(&query, read_to, free_to, error);
}

#define PUBLISHED "s.state = 'published' AND s.deleted_us = 0 AND s.published_us > ?1 "
#define ANSWERED                                                                                   \
    "(q.state = 'answered' OR EXISTS (SELECT 1 FROM questions t WHERE t.id = q.merged_into "       \
    "AND t.state = 'answered')) "

GPtrArray *store_mails_to_tell_recordings(StoreDb *db, int64_t since_us, bool answers, int most,
                                          GError **error)
{
    StoreQuery query =
        store_query(db, TO_COLUMNS("1") TOLD
                    "WHERE " PUBLISHED "AND " MAY NOT_STOPPED
                    "AND NOT (?2 AND EXISTS (SELECT 1 FROM questions q "
                    "WHERE q.session = i.session AND q.person = i.person "
                    "AND " ANSWERED ")) AND NOT EXISTS (SELECT 1 FROM mails r WHERE r.once = "
                    "'recording/' || i.id || '/0') LIMIT ?3");
    store_put_int(&query, since_us);
    store_put_int(&query, answers);
    store_put_int(&query, most);
    return store_query_list(&query, read_to, free_to, error);
}

GPtrArray *store_mails_to_tell_answers(StoreDb *db, int64_t since_us, int most, GError **error)
{
    StoreQuery query = store_query(
        db, TO_COLUMNS_OF("q.id", "1") "JOIN questions q ON q.session = i.session "
                                       "AND q.person = i.person WHERE " PUBLISHED "AND " ANSWERED
                                       "AND " MAY NOT_STOPPED
                                       "AND NOT EXISTS (SELECT 1 FROM mails r WHERE r.once = "
                                       "'answer/' || q.id || '/0') LIMIT ?2");
    store_put_int(&query, since_us);
    store_put_int(&query, most);
    return store_query_list(&query, read_to, free_to, error);
}
