// SPDX-License-Identifier: GPL-3.0-or-later
// What each line of a roster would change among known people.
#include "auth/auth.h"
#include "base/fold.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"
#include "people/people.h"
#include "people/private.h"

#include <string.h>

/* Keys, folded or in small letters: known people and earlier lines of the file. */
typedef struct {
    const PeopleKnown *known;
    GHashTable *entities; // names and codes -> StoreEntity
    GHashTable *domains;  // -> StoreEntity
    GHashTable *emails;   // -> StorePerson
    GHashTable *names;    // of one entity -> StorePerson
    GHashTable *seen;     // addresses and names of the file, people -> line
    unsigned at[PEOPLE_COLUMNS];
    bool has[PEOPLE_COLUMNS];
} Planner;

static void line_free(void *data)
{
    PeopleLine *line = data;
    g_free(line->name);
    g_free(line->email);
    g_free(line->entity);
    g_clear_error(&line->refused);
    store_person_free(line->row);
    g_free(line);
}

/* `entity`: id, or "". */
static char *name_key(const char *name, const char *entity)
{
    g_autofree char *folded = base_fold(name);
    return g_strconcat(folded, "\n", entity, NULL);
}

static void add_first(GHashTable *table, char *key, const void *value)
{
    if (key[0] != '\0' && !g_hash_table_contains(table, key)) {
        g_hash_table_insert(table, key, (void *)value);
    } else {
        g_free(key);
    }
}

static void add_domains(Planner *planner, const StoreEntity *entity)
{
    g_autoptr(json_t) domains = json_loads(entity->domains, 0, NULL);
    size_t i;
    json_t *domain;
    json_array_foreach (domains, i, domain) {
        const char *text = json_string_value(domain);
        add_first(planner->domains, g_strdup(text != NULL ? text : ""), entity);
    }
}

static GHashTable *table_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void add_entities(Planner *planner)
{
    for (guint i = 0; i < planner->known->entities->len; i++) {
        const StoreEntity *entity = planner->known->entities->pdata[i];
        add_first(planner->entities, base_fold(entity->code), entity);
        add_domains(planner, entity);
    }
    for (guint i = 0; i < planner->known->entities->len; i++) { // codes first
        const StoreEntity *entity = planner->known->entities->pdata[i];
        add_first(planner->entities, base_fold(entity->name_ar), entity);
        add_first(planner->entities, base_fold(entity->name_en), entity);
    }
}

/* A free text that is the name of an entity means it. */
static char *person_key(const Planner *planner, const StorePerson *person)
{
    g_autofree char *folded = base_fold(person->entity != NULL ? person->entity : "");
    const StoreEntity *entity = g_hash_table_lookup(planner->entities, folded);
    const char *id = person->entity_id != NULL ? person->entity_id
                     : entity != NULL          ? entity->id
                                               : folded;
    return name_key(person->name, id);
}

static void add_people(Planner *planner)
{
    for (guint i = 0; i < planner->known->people->len; i++) {
        const StorePerson *person = planner->known->people->pdata[i];
        add_first(planner->names, person_key(planner, person), person);
        if (person->email != NULL) {
            add_first(planner->emails, g_ascii_strdown(person->email, -1), person);
        }
    }
}

static void planner_begin(Planner *planner, const PeopleColumns *columns, const PeopleKnown *known)
{
    *planner = (Planner){.known = known,
                         .entities = table_new(),
                         .domains = table_new(),
                         .emails = table_new(),
                         .names = table_new(),
                         .seen = table_new()};
    for (unsigned i = 0; i < columns->count; i++) {
        planner->at[columns->of[i]] = i;
        planner->has[columns->of[i]] = columns->of[i] != PEOPLE_NO_COLUMN;
    }
    add_entities(planner);
    add_people(planner);
}

static void planner_end(Planner *planner)
{
    g_hash_table_destroy(planner->entities);
    g_hash_table_destroy(planner->domains);
    g_hash_table_destroy(planner->emails);
    g_hash_table_destroy(planner->names);
    g_hash_table_destroy(planner->seen);
}

/* --- The cells of a line ---------------------------------------------------------------------- */

const char *people_without_apostrophe(const char *field)
{
    return field[0] == '\'' && base_text_is_formula(field + 1) ? field + 1 : field;
}

static const char *cell(const Planner *planner, const PeopleRow *row, PeopleColumn column)
{
    bool there = planner->has[column] && planner->at[column] < row->count;
    return there ? people_without_apostrophe(row->fields[planner->at[column]]) : "";
}

static bool has_controls(const char *text)
{
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (g_unichar_iscntrl(c) && c != '\t' && c != '\n' && c != '\r') {
            return true;
        }
    }
    return false;
}

static bool check_cells(const Planner *planner, const PeopleRow *row, GError **error)
{
    if (row->unclosed) {
        return base_refuse(error, BASE_CODE_ROSTER_UNCLOSED, NULL, NULL,
                           "A quote opens a field and none closes it.");
    }
    for (PeopleColumn column = PEOPLE_NAME; column < PEOPLE_COLUMNS; column++) {
        if (has_controls(cell(planner, row, column))) {
            return base_refuse(error, BASE_CODE_ROSTER_CONTROLS, people_column_name(column), NULL,
                               "There are control characters in it.");
        }
    }
    return true;
}

static bool find_entity(const Planner *planner, const PeopleRow *row, const StoreEntity **out,
                        GError **error)
{
    *out = NULL;
    g_autofree char *code = base_fold(cell(planner, row, PEOPLE_CODE));
    g_autofree char *name = base_fold(cell(planner, row, PEOPLE_ENTITY));
    const char *wanted = code[0] != '\0' ? code : name;
    if (wanted[0] == '\0') {
        return true;
    }
    *out = g_hash_table_lookup(planner->entities, wanted);
    return *out != NULL ||
           base_refuse(error, BASE_CODE_UNKNOWN_ENTITY, wanted == code ? "code" : "entity", NULL,
                       "There is no such entity: add it, or correct the line.");
}

/* By the domain of the address or one above it. */
static const StoreEntity *entity_of_email(const Planner *planner, const char *email)
{
    g_autofree char *small = g_ascii_strdown(email != NULL ? email : "", -1);
    const char *at = strchr(small, '@');
    const StoreEntity *entity = NULL;
    while (at != NULL && entity == NULL) {
        entity = g_hash_table_lookup(planner->domains, at + 1);
        at = strchr(at + 1, '.');
    }
    return entity;
}

typedef struct {
    char *name, *email;          // email: nullable
    const StoreEntity *entity;   // nullable
    const StoreEntity *inferred; // by the address; nullable
} Given;

static void given_clear(Given *given)
{
    g_free(given->name);
    g_free(given->email);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

static bool take_given(const Planner *planner, const PeopleRow *row, Given *out, GError **error)
{
    const char *email = cell(planner, row, PEOPLE_EMAIL);
    if (!check_cells(planner, row, error)) {
        return false;
    }
    out->name =
        base_text_take(cell(planner, row, PEOPLE_NAME), "name", AUTH_NAME_CHARACTERS, true, error);
    if (out->name == NULL) {
        return false;
    }
    bool none = email[strspn(email, " \t\r\n")] == '\0';
    out->email = none ? NULL : people_email_take(email, "email", error);
    out->inferred = entity_of_email(planner, out->email);
    return (none || out->email != NULL) && find_entity(planner, row, &out->entity, error);
}

/* --- Who it is -------------------------------------------------------------------------------- */

static char *given_key(const Given *given)
{
    const StoreEntity *entity = given->entity != NULL ? given->entity : given->inferred;
    return name_key(given->name, entity != NULL ? entity->id : "");
}

/* The same address; or the same name in the entity, and one of both without an address. */
static void find_person(const Planner *planner, const Given *given, PeopleLine *line)
{
    if (given->email != NULL) {
        g_autofree char *email = g_ascii_strdown(given->email, -1);
        line->of = g_hash_table_lookup(planner->emails, email);
    }
    if (line->of != NULL) {
        return;
    }
    g_autofree char *key = given_key(given);
    line->of = g_hash_table_lookup(planner->names, key);
    if (line->of != NULL && given->email != NULL && line->of->email != NULL) {
        bool taken = planner->known->taken != NULL &&
                     g_hash_table_contains(planner->known->taken, GUINT_TO_POINTER(line->line));
        line->outcome = taken ? PEOPLE_NEW : PEOPLE_DUPLICATE;
        line->of = taken ? NULL : line->of;
    }
}

static unsigned seen_at(const Planner *planner, const char *kind, const char *key)
{
    g_autofree char *whole = g_strconcat(kind, key, NULL);
    return GPOINTER_TO_UINT(g_hash_table_lookup(planner->seen, whole));
}

static void note_seen(Planner *planner, const char *kind, const char *key, unsigned line)
{
    if (seen_at(planner, kind, key) == 0) {
        g_hash_table_insert(planner->seen, g_strconcat(kind, key, NULL), GUINT_TO_POINTER(line));
    }
}

/* A line without an address is anybody of its name. */
static bool is_once(Planner *planner, const Given *given, PeopleLine *line)
{
    const char *id = line->of != NULL && line->outcome == PEOPLE_NEW ? line->of->id : "";
    g_autofree char *name = given_key(given);
    g_autofree char *email = g_ascii_strdown(given->email != NULL ? given->email : "", -1);
    unsigned at = id[0] != '\0' ? seen_at(planner, "id ", id) : 0;
    at = at == 0 && given->email != NULL ? seen_at(planner, "email ", email) : at;
    at = at == 0 ? seen_at(planner, given->email != NULL ? "bare " : "name ", name) : at;
    if (at != 0) {
        line->of_line = at;
        return base_refuse(&line->refused, BASE_CODE_ROSTER_TWICE, NULL,
                           json_pack("{s:i}", "line", (int)at),
                           "The same person is in line %u already.", at);
    }
    note_seen(planner, "id ", id, line->line);
    note_seen(planner, "name ", name, line->line);
    note_seen(planner, given->email != NULL ? "email " : "bare ",
              given->email != NULL ? email : name, line->line);
    return true;
}

static void set_text(char **place, const char *text, PeopleLine *line, PeopleColumn column)
{
    if (g_strcmp0(*place, text) != 0) {
        g_free(*place);
        *place = g_strdup(text);
        line->changes |= 1U << column;
    }
}

static StorePerson *person_copy(const StorePerson *of)
{
    StorePerson *row = g_new0(StorePerson, 1);
    if (of != NULL) {
        *row = *of;
        row->id = g_strdup(of->id);
        row->name = g_strdup(of->name);
        row->email = g_strdup(of->email);
        row->entity = g_strdup(of->entity);
        row->entity_id = g_strdup(of->entity_id);
    }
    row->role = g_strdup(of != NULL ? of->role : "");
    return row;
}

/* An empty cell leaves what is known. */
static void fill_in(const Given *given, PeopleLine *line)
{
    const StorePerson *of = line->outcome == PEOPLE_DUPLICATE ? NULL : line->of;
    StorePerson *row = line->row = person_copy(of);
    set_text(&row->name, given->name, line, PEOPLE_NAME);
    if (row->email == NULL) {
        set_text(&row->email, given->email, line, PEOPLE_EMAIL);
    }
    bool without = row->entity_id == NULL && row->entity == NULL;
    const StoreEntity *entity = given->entity == NULL && without ? given->inferred : given->entity;
    if (entity != NULL) {
        set_text(&row->entity_id, entity->id, line, PEOPLE_ENTITY);
        g_free(row->entity);
        row->entity = g_strdup(store_entity_name(entity));
    }
}

static char *shown(const char *field)
{
    g_autofree char *clean = base_text_clean(field);
    return g_utf8_substring(clean, 0, MIN(g_utf8_strlen(clean, -1), AUTH_NAME_CHARACTERS));
}

static PeopleLine *plan_line(Planner *planner, const PeopleRow *row)
{
    PeopleLine *line = g_new0(PeopleLine, 1);
    g_auto(Given) given = {0};
    line->line = row->line;
    line->outcome = PEOPLE_NEW;
    line->name = shown(cell(planner, row, PEOPLE_NAME));
    line->email = shown(cell(planner, row, PEOPLE_EMAIL));
    const char *code = cell(planner, row, PEOPLE_CODE);
    line->entity = shown(code[0] != '\0' ? code : cell(planner, row, PEOPLE_ENTITY));
    if (!take_given(planner, row, &given, &line->refused)) {
        line->outcome = PEOPLE_REFUSED;
        return line;
    }
    find_person(planner, &given, line);
    if (!is_once(planner, &given, line)) {
        line->outcome = PEOPLE_REFUSED;
        return line;
    }
    fill_in(&given, line);
    if (line->of != NULL && line->outcome == PEOPLE_NEW) {
        line->outcome = line->changes != 0 ? PEOPLE_CHANGED : PEOPLE_UNCHANGED;
    } else {
        line->changes = 0;
    }
    return line;
}

PeoplePlan *people_plan_new(const PeopleTable *table, const PeopleColumns *columns,
                            const PeopleKnown *known)
{
    PeoplePlan *plan = g_new0(PeoplePlan, 1);
    plan->lines = g_ptr_array_new_with_free_func(line_free);
    Planner planner;
    planner_begin(&planner, columns, known);
    for (guint i = columns->heading; planner.has[PEOPLE_NAME] && i < table->rows->len; i++) {
        PeopleLine *line = plan_line(&planner, table->rows->pdata[i]);
        plan->counts[line->outcome]++;
        g_ptr_array_add(plan->lines, line);
    }
    planner_end(&planner);
    return plan;
}

void people_plan_free(PeoplePlan *plan)
{
    if (plan == NULL) {
        return;
    }
    g_ptr_array_unref(plan->lines);
    g_free(plan);
}

bool people_plan_apply(const PeoplePlan *plan, StoreDb *db, int64_t now_us, GError **error)
{
    for (guint i = 0; i < plan->lines->len; i++) {
        PeopleLine *line = plan->lines->pdata[i];
        if (line->outcome == PEOPLE_NEW) {
            g_free(line->row->id);
            line->row->id = base_id_new(BASE_ID_LENGTH);
            line->row->created_us = now_us;
        }
        bool good = line->outcome == PEOPLE_NEW       ? store_person_insert(db, line->row, error)
                    : line->outcome == PEOPLE_CHANGED ? store_person_update(db, line->row, error)
                                                      : true;
        if (!good) {
            return false;
        }
    }
    return true;
}
