// SPDX-License-Identifier: GPL-3.0-or-later
// Checks what staff write about people and entities.
#include "people/people.h"

#include "auth/auth.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>

static void swap_text(char **place, char *text)
{
    g_free(*place);
    *place = text;
}

/* NULL for null. False: no text. */
static bool take_string(const json_t *json, const char *field, const char **out, GError **error)
{
    if (!json_is_null(json) && !json_is_string(json)) {
        return base_refuse_value(error, field, "a text");
    }
    *out = json_string_value(json);
    return true;
}

/* An empty text is NULL. */
static bool take_text(const json_t *json, const char *field, bool required, char **place,
                      GError **error)
{
    const char *given = NULL;
    if (!take_string(json, field, &given, error)) {
        return false;
    }
    g_autofree char *text =
        base_text_take(given != NULL ? given : "", field, AUTH_NAME_CHARACTERS, required, error);
    if (text != NULL) {
        swap_text(place, text[0] != '\0' ? g_strdup(text) : NULL);
    }
    return text != NULL;
}

/* --- A person --------------------------------------------------------------------------------- */

static bool take_name(void *row, const json_t *json, GError **error)
{
    return take_text(json, "name", true, &((StorePerson *)row)->name, error);
}

static bool take_email(void *row, const json_t *json, GError **error)
{
    StorePerson *person = row;
    const char *given = NULL;
    if (!take_string(json, "email", &given, error)) {
        return false;
    }
    bool none = given == NULL || given[0] == '\0';
    char *email = none ? NULL : people_email_take(given, "email", error);
    if (none || email != NULL) {
        swap_text(&person->email, email);
    }
    return none || email != NULL;
}

static bool take_entity(void *row, const json_t *json, GError **error)
{
    return take_text(json, "entity", false, &((StorePerson *)row)->entity, error);
}

static bool take_entity_id(void *row, const json_t *json, GError **error)
{
    StorePerson *person = row;
    const char *given = NULL;
    if (!take_string(json, "entity_id", &given, error)) {
        return false;
    }
    if (given != NULL && !base_id_valid(given, BASE_ID_LENGTH)) {
        return base_refuse(error, BASE_CODE_UNKNOWN_ENTITY, "entity_id", NULL,
                           "There is no such entity.");
    }
    if (given == NULL && person->entity_id != NULL) {
        swap_text(&person->entity, NULL); // it was the entity's name
    }
    swap_text(&person->entity_id, g_strdup(given));
    return true;
}

static bool take_disabled(void *row, const json_t *json, GError **error)
{
    if (!json_is_boolean(json)) {
        return base_refuse_value(error, "disabled", "true or false");
    }
    ((StorePerson *)row)->disabled = json_is_true(json);
    return true;
}

static bool take_role(void *row, const json_t *json, GError **error)
{
    const char *given = json_string_value(json);
    AuthRole role = AUTH_NOBODY;
    bool officer = g_strcmp0(given, "officer") == 0;
    if (!officer && !(auth_role_parse(given, &role) && auth_role_is_of_server(role))) {
        return base_refuse_value(error, "role", "officer, moderator, staff, admin");
    }
    swap_text(&((StorePerson *)row)->role, g_strdup(officer ? "" : given));
    return true;
}

/* --- An entity -------------------------------------------------------------------------------- */

static bool is_code(const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_') {
            return false;
        }
    }
    return size >= 1 && size <= PEOPLE_MAX_CODE;
}

static bool take_code(void *row, const json_t *json, GError **error)
{
    const char *code = json_string_value(json);
    if (code == NULL || code[0] == '\0') {
        return base_refuse(error, BASE_CODE_REQUIRED, "code", NULL, "code is missing.");
    }
    if (!is_code(code)) {
        return base_refuse_value(error, "code", "A-Z, 0-9, - (20)");
    }
    swap_text(&((StoreEntity *)row)->code, g_strdup(code));
    return true;
}

static bool take_one_name(const json_t *json, const char *lang, const char *field, char **place,
                          GError **error)
{
    const json_t *text = json_object_get(json, lang);
    char *taken = g_strdup(*place);
    if (text != NULL && !take_text(text, field, false, &taken, error)) {
        g_free(taken);
        return false;
    }
    swap_text(place, taken != NULL ? taken : g_strdup(""));
    return true;
}

static bool take_names(void *row, const json_t *json, GError **error)
{
    StoreEntity *entity = row;
    if (!json_is_object(json)) {
        return base_refuse_value(error, "name", "{\"ar\": TEXT, \"en\": TEXT}");
    }
    if (!take_one_name(json, "ar", "name.ar", &entity->name_ar, error) ||
        !take_one_name(json, "en", "name.en", &entity->name_en, error)) {
        return false;
    }
    return entity->name_ar[0] != '\0' || entity->name_en[0] != '\0' ||
           base_refuse(error, BASE_CODE_REQUIRED, "name.ar", NULL, "The name is missing.");
}

static bool take_domains(void *row, const json_t *json, GError **error)
{
    g_autoptr(json_t) domains = json_array();
    if (!json_is_array(json) || json_array_size(json) > PEOPLE_MAX_DOMAINS) {
        return base_refuse_value(error, "domains", "example.gov.ae (20)");
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *given = json_string_value(json_array_get(json, i));
        g_autofree char *domain = g_ascii_strdown(given != NULL ? given : "", -1);
        if (!people_domain_valid(domain)) {
            return base_refuse_value(error, "domains", "example.gov.ae (20)");
        }
        json_array_append_new(domains, json_string(domain));
    }
    swap_text(&((StoreEntity *)row)->domains, base_json_text(domains));
    return true;
}

/* --- Both ------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    bool (*take)(void *row, const json_t *json, GError **error);
} Field;

static const Field person_fields[] = {
    {"name", take_name},
    {"email", take_email},
    {"entity_id", take_entity_id},
    {"entity", take_entity},
    {"disabled", take_disabled},
    {"role", take_role},
    {NULL, NULL},
};
static const Field entity_fields[] = {
    {"code", take_code}, {"name", take_names}, {"domains", take_domains}, {NULL, NULL}};

static bool refuse_unknown(const char *key, const Field *fields, GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    for (; fields->name != NULL; fields++) {
        g_string_append(allowed, allowed->len > 0 ? ", " : "");
        g_string_append(allowed, fields->name);
    }
    g_autofree char *field = g_utf8_substring(key, 0, MIN(g_utf8_strlen(key, -1), 40));
    return base_refuse(error, BASE_CODE_UNKNOWN_FIELD, field,
                       json_pack("{s:s}", "allowed", allowed->str), "%s cannot be set; allowed: %s",
                       field, allowed->str);
}

static bool only_known(const json_t *body, const Field *fields, GError **error)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)body, key, value) {
        const Field *known = fields;
        while (known->name != NULL && strcmp(known->name, key) != 0) {
            known++;
        }
        if (known->name == NULL) {
            return refuse_unknown(key, fields, error);
        }
    }
    return true;
}

static bool take_fields(void *row, const json_t *body, const Field *fields, GError **error)
{
    if (!only_known(body, fields, error)) {
        return false;
    }
    for (; fields->name != NULL; fields++) {
        const json_t *json = json_object_get(body, fields->name);
        if (json != NULL && !fields->take(row, json, error)) {
            return false;
        }
    }
    return true;
}

bool people_person_check(StorePerson *row, const json_t *body, GError **error)
{
    return take_fields(row, body, person_fields, error);
}

bool people_entity_check(StoreEntity *row, const json_t *body, GError **error)
{
    return take_fields(row, body, entity_fields, error);
}

StorePerson *people_person_new(const json_t *body, int64_t now_us, GError **error)
{
    g_autoptr(StorePerson) row = g_new0(StorePerson, 1);
    row->id = base_id_new(BASE_ID_LENGTH);
    row->role = g_strdup("");
    row->created_us = now_us;
    if (!people_person_check(row, body, error)) {
        return NULL;
    }
    if (row->name == NULL) {
        base_refuse(error, BASE_CODE_REQUIRED, "name", NULL, "name is missing.");
        return NULL;
    }
    return g_steal_pointer(&row);
}

StoreEntity *people_entity_new(const json_t *body, int64_t now_us, GError **error)
{
    g_autoptr(StoreEntity) row = g_new0(StoreEntity, 1);
    row->id = base_id_new(BASE_ID_LENGTH);
    row->name_ar = g_strdup("");
    row->name_en = g_strdup("");
    row->domains = g_strdup("[]");
    row->created_us = now_us;
    if (!people_entity_check(row, body, error)) {
        return NULL;
    }
    if (row->code == NULL || (row->name_ar[0] == '\0' && row->name_en[0] == '\0')) {
        const char *field = row->code == NULL ? "code" : "name.ar";
        base_refuse(error, BASE_CODE_REQUIRED, field, NULL, "%s is missing.", field);
        return NULL;
    }
    return g_steal_pointer(&row);
}
