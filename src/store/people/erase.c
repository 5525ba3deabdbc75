// SPDX-License-Identifier: GPL-3.0-or-later
// Erases a person. The row stays without a name, for questions and votes.
#include "store/people/people.h"

#include "store/db.h"

static bool run(StoreQuery query, const char *id, GError **error)
{
    store_put_text(&query, id);
    return store_query_run(&query, NULL, error);
}

/* A message to a presenter says its sender by name. */
static bool forget_sender(StoreDb *db, const char *name, GError **error)
{
    return run(store_query(db, "UPDATE presenter_messages SET sender = NULL WHERE sender = ?"),
               name, error);
}

bool store_person_erase(StoreDb *db, const char *id, int64_t now_us, GError **error)
{
    g_autoptr(StorePerson) row = store_person_get(db, id, error);
    if (row == NULL || !forget_sender(db, row->name, error)) {
        return false;
    }
    if (!run(store_query(db, "DELETE FROM tokens WHERE person = ?"), id, error) ||
        !run(store_query(db, "DELETE FROM mails WHERE person = ?"), id, error) ||
        !run(store_query(db, "DELETE FROM mail_choices WHERE person = ?"), id, error) ||
        !run(store_query(db, "DELETE FROM invitations WHERE person = ?"), id, error) ||
        !run(store_query(db, "DELETE FROM registrations WHERE person = ?1 OR email = "
                             "(SELECT email FROM people WHERE id = ?1)"),
             id, error) ||
        !run(store_query(db, "DELETE FROM attendance_plans WHERE person = ?"), id, error) ||
        !run(store_query(db, "UPDATE questions SET named = 0 WHERE person = ?"), id, error)) {
        return false;
    }
    StoreQuery query =
        store_query(db, "UPDATE people SET name = '', email = NULL, entity_id = NULL, "
                        "entity = NULL, role = '', disabled = 1, feeds_us = 0, "
                        "erased_us = ? WHERE id = ?");
    store_put_int(&query, now_us);
    store_put_text(&query, id);
    return store_query_run_on(&query, "person", error);
}
