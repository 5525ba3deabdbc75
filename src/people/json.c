// SPDX-License-Identifier: GPL-3.0-or-later
// Writes people, entities and the plan of an import as the API's JSON.
#include "people/people.h"

#include "base/clock.h"
#include "people/private.h"

#include <string.h>

json_t *people_text_json(const char *text)
{
    json_t *json = text != NULL ? json_string(text) : json_null();
    return json != NULL ? json : json_string(""); // NULL: bad UTF-8
}

static json_t *version_json(int revision)
{
    g_autofree char *version = g_strdup_printf("%d", revision);
    return json_string(version);
}

json_t *people_person_json(const StorePerson *row)
{
    g_autofree char *created = base_time_format(row->created_us);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:s, s:o}", "id",
                     people_text_json(row->id), "name", people_text_json(row->name), "email",
                     people_text_json(row->email), "entity", people_text_json(row->entity),
                     "entity_id", people_text_json(row->entity_id), "role",
                     row->role[0] != '\0' ? row->role : "officer", "disabled", (int)row->disabled,
                     "created_at", created, "version", version_json(row->revision));
}

json_t *people_entity_json(const StoreEntity *row)
{
    json_t *domains = json_loads(row->domains, 0, NULL);
    return json_pack("{s:o, s:o, s:{s:o, s:o}, s:o, s:i, s:o}", "id", people_text_json(row->id),
                     "code", people_text_json(row->code), "name", "ar",
                     people_text_json(row->name_ar), "en", people_text_json(row->name_en),
                     "domains", domains != NULL ? domains : json_array(), "people", row->people,
                     "version", version_json(row->revision));
}

/* --- A plan ----------------------------------------------------------------------------------- */

static const char *const outcomes[PEOPLE_OUTCOMES] = {"new", "changed", "unchanged", "duplicate",
                                                      "refused"};

static json_t *changes_json(unsigned changes)
{
    json_t *list = json_array();
    for (PeopleColumn column = PEOPLE_NAME; column < PEOPLE_COLUMNS; column++) {
        if (changes & (1U << column)) {
            json_array_append_new(list, json_string(people_column_name(column)));
        }
    }
    return list;
}

static json_t *of_json(const PeopleLine *line)
{
    if (line->of_line != 0) {
        return json_pack("{s:i}", "line", (int)line->of_line);
    }
    const StorePerson *of = line->of;
    return of == NULL
               ? json_null()
               : json_pack("{s:o, s:o, s:o, s:o}", "person", people_text_json(of->id), "name",
                           people_text_json(of->name), "email", people_text_json(of->email),
                           "entity", people_text_json(of->entity));
}

static json_t *line_json(const PeopleLine *line)
{
    const StorePerson *row = line->row;
    json_t *json = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "line", (int)line->line,
                             "outcome", outcomes[line->outcome], "name",
                             people_text_json(row != NULL ? row->name : line->name), "email",
                             people_text_json(row != NULL ? row->email : line->email), "entity",
                             people_text_json(row != NULL ? row->entity : line->entity), "changes",
                             changes_json(line->changes), "of", of_json(line));
    if (line->refused != NULL) {
        json_t *refused = json_object();
        base_error_describe(line->refused, refused);
        json_object_set_new(json, "refused", refused);
    }
    return json;
}

static const char *cell(const PeopleTable *table, guint row, unsigned column)
{
    const PeopleRow *cells = row < table->rows->len ? table->rows->pdata[row] : NULL;
    return cells != NULL && column < cells->count ? cells->fields[column] : "";
}

static json_t *columns_json(const PeopleTable *table, const PeopleColumns *columns)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < columns->count; i++) {
        PeopleColumn column = columns->of[i];
        const char *field = column != PEOPLE_NO_COLUMN ? people_column_name(column) : NULL;
        json_t *heading = columns->heading ? people_text_json(cell(table, 0, i)) : json_null();
        json_array_append_new(list, json_pack("{s:o, s:s?, s:o}", "heading", heading, "field",
                                              field, "sample",
                                              people_text_json(cell(table, columns->heading, i))));
    }
    return list;
}

static const char *separator_name(char separator)
{
    return separator == ',' ? "comma" : separator == ';' ? "semicolon" : "tab";
}

json_t *people_plan_json(const PeopleTable *table, const PeopleColumns *columns,
                         const PeoplePlan *plan, bool applied)
{
    json_t *counts = json_object(), *lines = json_array();
    for (int i = 0; i < PEOPLE_OUTCOMES; i++) {
        json_object_set_new(counts, outcomes[i], json_integer(plan->counts[i]));
    }
    for (guint i = 0; i < plan->lines->len; i++) {
        json_array_append_new(lines, line_json(plan->lines->pdata[i]));
    }
    return json_pack("{s:b, s:s, s:s, s:b, s:o, s:o, s:o}", "applied", (int)applied, "encoding",
                     table->encoding, "separator", separator_name(table->separator), "heading",
                     (int)columns->heading, "columns", columns_json(table, columns), "counts",
                     counts, "lines", lines);
}
