// SPDX-License-Identifier: GPL-3.0-or-later
// Registering for a session without a link.
#include "people/registration.h"

#include "auth/auth.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "people/people.h"

#include <string.h>

static const char *const wants[] = {"off", "optional", "required", NULL};

static bool take_word(const json_t *body, const char *field, const char *const *allowed, char **out,
                      GError **error)
{
    const char *word = json_string_value(json_object_get(body, field));
    if (word != NULL && g_strv_contains(allowed, word)) {
        *out = g_strdup(word);
        return true;
    }
    g_autofree char *list = g_strjoinv(", ", (char **)allowed);
    return base_refuse(error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", list),
                       "\"%s\" is one of %s.", field, list);
}

StoreRegistrationPage *people_registration_page_new(const char *session, const json_t *body,
                                                    GError **error)
{
    static const char *const modes[] = {"approval", "open", NULL};
    g_autoptr(StoreRegistrationPage) row = g_new0(StoreRegistrationPage, 1);
    row->session = g_strdup(session);
    return take_word(body, "mode", modes, &row->mode, error) &&
                   take_word(body, "email", wants, &row->email, error) &&
                   take_word(body, "entity", wants, &row->entity, error) &&
                   take_word(body, "job_title", wants, &row->job_title, error)
               ? g_steal_pointer(&row)
               : NULL;
}

json_t *people_registration_page_json(const StoreRegistrationPage *row)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "mode", row->mode, "email", row->email, "entity",
                     row->entity, "job_title", row->job_title);
}

/* `want`: of the page. Nullable `*out`. */
static bool take_text(const json_t *body, const char *field, const char *want, char **out,
                      GError **error)
{
    const json_t *json = json_object_get(body, field);
    if (json != NULL && !json_is_null(json) && !json_is_string(json)) {
        return base_refuse(error, BASE_CODE_BAD_VALUE, field,
                           json_pack("{s:s}", "allowed", "a text"), "\"%s\" must be a text.",
                           field);
    }
    if (strcmp(want, "off") == 0) {
        return true;
    }
    const char *given = json_is_string(json) ? json_string_value(json) : "";
    bool required = strcmp(want, "required") == 0;
    g_autofree char *text = base_text_take(given, field, AUTH_NAME_CHARACTERS, required, error);
    if (text == NULL) {
        return false;
    }
    *out = text[0] != '\0' ? g_steal_pointer(&text) : NULL;
    return true;
}

StoreRegistration *people_registration_new(const StoreRegistrationPage *page, const json_t *body,
                                           int64_t now_us, GError **error)
{
    g_autoptr(StoreRegistration) row = g_new0(StoreRegistration, 1);
    row->id = base_id_new(BASE_ID_LENGTH);
    row->session = g_strdup(page->session);
    row->state = g_strdup("waiting");
    row->created_us = now_us;
    g_autofree char *given = NULL;
    if (!take_text(body, "name", "required", &row->name, error) ||
        !take_text(body, "email", page->email, &given, error) ||
        !take_text(body, "entity", page->entity, &row->entity, error) ||
        !take_text(body, "job_title", page->job_title, &row->job_title, error)) {
        return NULL;
    }
    row->email = given != NULL ? people_email_take(given, "email", error) : NULL;
    return given == NULL || row->email != NULL ? g_steal_pointer(&row) : NULL;
}

json_t *people_registration_json(const StoreRegistration *row)
{
    g_autofree char *created = base_time_format(row->created_us);
    g_autofree char *decided = row->decided_us != 0 ? base_time_format(row->decided_us) : NULL;
    return json_pack("{s:s, s:s, s:s?, s:s?, s:b, s:s?, s:s?, s:s, s:s, s:s?}", "id", row->id,
                     "name", row->name, "email", row->email, "entity", row->entity, "entity_known",
                     row->entity_id != NULL, "job_title", row->job_title, "person", row->person,
                     "state", row->state, "created_at", created, "decided_at", decided);
}

/* By the mail domain, whatever was typed. */
static bool find_entity(StoreDb *db, StoreRegistration *row, GError **error)
{
    if (row->email == NULL) {
        return true;
    }
    g_autofree char *domain = g_ascii_strdown(strrchr(row->email, '@') + 1, -1);
    g_autoptr(StoreEntity) entity = NULL;
    if (!store_entity_of_domain(db, domain, &entity, error)) {
        return false;
    }
    if (entity != NULL) {
        g_free(row->entity);
        row->entity = g_strdup(store_entity_name(entity));
        row->entity_id = g_strdup(entity->id);
    }
    return true;
}

bool people_register(StoreDb *db, StoreRegistration *row, bool *out_new, GError **error)
{
    StoreRegistrationCounts counts;
    if (!store_registrations_count(db, row->session, &counts, error)) {
        return false;
    }
    if (counts.waiting >= PEOPLE_REGISTRATIONS_WAITING) {
        return base_refuse(error, BASE_CODE_REGISTRATIONS_FULL, NULL, NULL,
                           "Too many registrations wait for the organisers. Try again later.");
    }
    return find_entity(db, row, error) && store_registration_insert(db, row, out_new, error);
}

/* Nullable `*out`: nobody has the address. */
static bool find_person(StoreDb *db, const char *email, StorePerson **out, GError **error)
{
    g_autoptr(GError) none = NULL;
    *out = email != NULL ? store_person_by_email(db, email, &none) : NULL;
    if (none != NULL && !g_error_matches(none, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&none));
        return false;
    }
    return true;
}

static bool add_person(StoreDb *db, const StoreRegistration *row, int64_t now_us, char **out,
                       GError **error)
{
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    StorePerson person = {.id = id,
                          .name = row->name,
                          .email = row->email,
                          .entity = row->entity,
                          .entity_id = row->entity_id,
                          .role = (char *)"",
                          .created_us = now_us};
    bool added = store_person_insert(db, &person, error);
    *out = added ? g_steal_pointer(&id) : NULL;
    return added;
}

/* `*out_invitation`: the valid one; else NULL. */
static bool find_invited(StoreDb *db, const char *session, const char *person, StoreCandidate **out,
                         char **out_invitation, GError **error)
{
    g_autofree char *of = g_strdup_printf("[\"%s\"]", person);
    g_autoptr(GPtrArray) rows = store_candidates(db, session, STORE_INVITE_PEOPLE, of, error);
    g_autoptr(GPtrArray) valid = rows != NULL ? store_invitations_of(db, person, error) : NULL;
    if (valid == NULL) {
        return false;
    }
    for (guint i = 0; i < valid->len && *out_invitation == NULL; i++) {
        const StoreInvitation *row = valid->pdata[i];
        *out_invitation = g_strcmp0(row->session, session) == 0 ? g_strdup(row->id) : NULL;
    }
    *out = g_ptr_array_steal_index(rows, 0); // the person exists
    return true;
}

/* A known person is let in, also if invited already. */
static bool lets_in(const StoreCandidate *one, bool by_staff)
{
    PeopleInviteOutcome outcome = people_invite_outcome(one, by_staff);
    return !one->disabled && (outcome == PEOPLE_INVITE_NEW || outcome == PEOPLE_INVITE_ALREADY);
}

static bool write_approved(StoreDb *db, StoreRegistration *row, char *person, int64_t now_us,
                           GError **error)
{
    g_free(row->state);
    g_free(row->person);
    row->state = g_strdup("approved");
    row->person = person;
    row->decided_us = now_us;
    return store_registration_update(db, row, error);
}

bool people_registration_approve(StoreDb *db, StoreRegistration *row, bool by_staff, int64_t now_us,
                                 char **out_invitation, GError **error)
{
    g_autoptr(StorePerson) known = NULL;
    g_autofree char *person = NULL, *invitation = NULL;
    *out_invitation = NULL;
    if (!find_person(db, row->email, &known, error)) {
        return false;
    }
    if (known != NULL) {
        g_autoptr(StoreCandidate) one = NULL;
        person = g_strdup(known->id);
        if (!find_invited(db, row->session, person, &one, &invitation, error)) {
            return false;
        }
        if (!lets_in(one, by_staff)) {
            return true;
        }
    } else if (!add_person(db, row, now_us, &person, error)) {
        return false;
    }
    if (invitation == NULL &&
        !people_invite_one(db, row->session, person, now_us, &invitation, error)) {
        return false;
    }
    if (!write_approved(db, row, g_steal_pointer(&person), now_us, error)) {
        return false;
    }
    *out_invitation = g_steal_pointer(&invitation);
    return true;
}
