// SPDX-License-Identifier: GPL-3.0-or-later
// All that is kept about a person, written by SQLite as one JSON object.
#include "store/people/people.h"

#include "store/db.h"

#define TIME(column)                                                                               \
    "iif(" column " = 0, NULL, "                                                                   \
    "strftime('%Y-%m-%dT%H:%M:%SZ', " column " / 1000000, 'unixepoch'))"
#define BOOL(expression) "json(iif(" expression ", 'true', 'false'))"
#define LIST(object, from) "(SELECT json_group_array(json_object(" object ")) FROM " from ")"

#define PROFILE                                                                                    \
    "json_object('id', p.id, 'name', p.name, 'email', p.email, 'entity', p.entity, 'role', "       \
    "iif(p.role = '', 'officer', p.role), 'disabled', " BOOL(                                      \
        "p.disabled") ", 'created_at', " TIME("p.created_us") ")"
#define INVITATIONS                                                                                \
    LIST("'id', id, 'session', session, 'role', iif(session IS NULL, 'server', role), "            \
         "'revoked', " BOOL("revoked") ", 'created_at', " TIME(                                    \
             "created_us") ", 'opened_at', " TIME("opened_us"),                                    \
         "invitations WHERE person = p.id")
#define ANSWERS                                                                                    \
    LIST("'session', session, 'coming', coming, 'at', " TIME("at_us"),                             \
         "attendance_plans WHERE person = p.id")
#define QUESTIONS                                                                                  \
    LIST("'id', id, 'session', session, 'text', text, 'original', original, 'state', state, "      \
         "'anonymous', " BOOL("anonymous") ", 'at', " TIME("at_us"),                               \
         "questions WHERE person = p.id")
#define SIGN_INS                                                                                   \
    LIST("'session', session, 'created_at', " TIME("created_us") ", 'expires_at', " TIME(          \
             "expires_us"),                                                                        \
         "tokens WHERE person = p.id")
#define MAILS                                                                                      \
    LIST("'id', id, 'session', session, 'kind', kind, 'address', address, 'state', state, "        \
         "'created_at', " TIME("created_us") ", 'sent_at', " TIME("sent_us"),                      \
         "mails WHERE person = p.id")

/* Whether the person wants reminders: nobody has stopped them. */
#define REMINDERS                                                                                  \
    "json(iif(coalesce((SELECT reminders FROM mail_choices WHERE person = p.id), 1), 'true', "     \
    "'false'))"
#define REGISTRATIONS                                                                              \
    LIST("'id', id, 'session', session, 'name', name, 'email', email, 'entity', entity, "          \
         "'job_title', job_title, 'state', state, 'created_at', " TIME("created_us"),              \
         "registrations WHERE person = p.id OR email = p.email")
#define SETTINGS                                                                                   \
    LIST("'section', section, 'name', name, 'at', " TIME("changed_us"),                            \
         "settings WHERE person = p.id")

static void *read_text(StoreQuery *query)
{
    return store_take_text(query);
}

char *store_person_data(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT json_object('person', " PROFILE ", 'invitations', " INVITATIONS
            ", 'answers', " ANSWERS ", 'questions', " QUESTIONS
            ", 'votes', (SELECT count(*) FROM votes WHERE person = p.id)"
            ", 'moderated', (SELECT count(DISTINCT act) FROM question_acts WHERE person = p.id)"
            ", 'sign_ins', " SIGN_INS ", 'mails', " MAILS ", 'registrations', " REGISTRATIONS
            ", 'reminders', " REMINDERS ", 'settings', " SETTINGS
            ") FROM people p WHERE p.id = ? AND p.erased_us = 0");
    store_put_text(&query, id);
    return store_query_one(&query, read_text, "person", error);
}
