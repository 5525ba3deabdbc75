// SPDX-License-Identifier: GPL-3.0-or-later
// Makes one person of two.
#include "store/people/people.h"

#include "store/db.h"

static bool run(StoreQuery query, const char *from, const char *into, GError **error)
{
    store_put_text(&query, into);
    store_put_text(&query, from);
    return store_query_run(&query, NULL, error);
}

/* A vote of both on one question stays once; an address or entity that `into` lacks is taken. Who
 * stopped mails as one of both gets none. */
bool store_person_merge(StoreDb *db, const char *from, const char *into, GError **error)
{
    StoreQuery questions = store_query(db, "UPDATE questions SET person = ? WHERE person = ?");
    StoreQuery acts = store_query(db, "UPDATE question_acts SET person = ? WHERE person = ?");
    StoreQuery invitations = store_query(db, "UPDATE invitations SET person = ? WHERE person = ?");
    StoreQuery votes = store_query(db, "UPDATE OR IGNORE votes SET person = ? WHERE person = ?");
    StoreQuery mails = store_query(db, "UPDATE mails SET person = ? WHERE person = ?");
    StoreQuery settings = store_query(db, "UPDATE settings SET person = ? WHERE person = ?");
    StoreQuery registrations =
        store_query(db, "UPDATE registrations SET person = ? WHERE person = ?");
    StoreQuery plans =
        store_query(db, "UPDATE OR IGNORE attendance_plans SET person = ? WHERE person = ?");
    StoreQuery choices = store_query(
        db,
        "INSERT INTO mail_choices SELECT ?, reminders, at_us FROM mail_choices WHERE person = ? "
        "ON CONFLICT (person) DO UPDATE SET reminders = min(reminders, excluded.reminders)");
    if (!run(questions, from, into, error) || !run(acts, from, into, error) ||
        !run(invitations, from, into, error) || !run(votes, from, into, error) ||
        !run(mails, from, into, error) || !run(settings, from, into, error) ||
        !run(registrations, from, into, error) || !run(plans, from, into, error) ||
        !run(choices, from, into, error)) {
        return false;
    }
    g_autoptr(StorePerson) lost = store_person_get(db, from, error);
    g_autoptr(StorePerson) kept = lost != NULL ? store_person_get(db, into, error) : NULL;
    StoreQuery gone = store_query(db, "DELETE FROM people WHERE id = ?");
    store_put_text(&gone, from);
    if (kept == NULL || !store_query_run(&gone, NULL, error)) {
        return false;
    }
    if (kept->role[0] == '\0') { // an invitation of staff has come along
        g_free(kept->role);
        kept->role = g_steal_pointer(&lost->role);
    }
    if (kept->email == NULL) {
        kept->email = g_steal_pointer(&lost->email);
    }
    if (kept->entity == NULL) {
        kept->entity = g_steal_pointer(&lost->entity);
        kept->entity_id = g_steal_pointer(&lost->entity_id);
    }
    return store_person_update(db, kept, error);
}
