// SPDX-License-Identifier: GPL-3.0-or-later
// Names a roster's columns: by headings in either language, or by hand.
#include "base/fold.h"
#include "people/private.h"

#include <string.h>

static const char *const names[PEOPLE_COLUMNS] = {"", "name", "email", "entity", "code"};

/* As people_csv() writes them, and as offices do; compared folded. */
static const struct {
    PeopleColumn column;
    const char *heading;
} headings[] = {
    {PEOPLE_NAME, "name الاسم"},
    {PEOPLE_NAME, "name"},
    {PEOPLE_NAME, "full name"},
    {PEOPLE_NAME, "employee"},
    {PEOPLE_NAME, "employee name"},
    {PEOPLE_NAME, "participant"},
    {PEOPLE_NAME, "الاسم"},
    {PEOPLE_NAME, "الاسم الكامل"},
    {PEOPLE_NAME, "الاسم الثلاثي"},
    {PEOPLE_NAME, "اسم الموظف"},
    {PEOPLE_NAME, "اسم المشارك"},
    {PEOPLE_NAME, "الموظف"},
    {PEOPLE_NAME, "المشارك"},
    {PEOPLE_EMAIL, "email البريد الإلكتروني"},
    {PEOPLE_EMAIL, "email"},
    {PEOPLE_EMAIL, "e-mail"},
    {PEOPLE_EMAIL, "mail"},
    {PEOPLE_EMAIL, "email address"},
    {PEOPLE_EMAIL, "e-mail address"},
    {PEOPLE_EMAIL, "البريد"},
    {PEOPLE_EMAIL, "البريد الإلكتروني"},
    {PEOPLE_EMAIL, "عنوان البريد الإلكتروني"},
    {PEOPLE_EMAIL, "الإيميل"},
    {PEOPLE_EMAIL, "إيميل"},
    {PEOPLE_ENTITY, "entity الجهة"},
    {PEOPLE_ENTITY, "entity"},
    {PEOPLE_ENTITY, "entity name"},
    {PEOPLE_ENTITY, "organisation"},
    {PEOPLE_ENTITY, "organization"},
    {PEOPLE_ENTITY, "ministry"},
    {PEOPLE_ENTITY, "authority"},
    {PEOPLE_ENTITY, "الجهة"},
    {PEOPLE_ENTITY, "اسم الجهة"},
    {PEOPLE_ENTITY, "جهة العمل"},
    {PEOPLE_ENTITY, "المؤسسة"},
    {PEOPLE_ENTITY, "الوزارة"},
    {PEOPLE_ENTITY, "الهيئة"},
    {PEOPLE_CODE, "code رمز الجهة"},
    {PEOPLE_CODE, "code"},
    {PEOPLE_CODE, "entity code"},
    {PEOPLE_CODE, "رمز الجهة"},
    {PEOPLE_CODE, "الرمز"},
    {PEOPLE_CODE, "رمز"},
};

const char *people_column_name(PeopleColumn column)
{
    return names[column];
}

PeopleColumn people_column_of(const char *heading)
{
    g_autofree char *folded = base_fold(heading);
    for (size_t i = 0; i < G_N_ELEMENTS(headings) && folded[0] != '\0'; i++) {
        g_autofree char *known = base_fold(headings[i].heading);
        if (strcmp(folded, known) == 0) {
            return headings[i].column;
        }
    }
    return PEOPLE_NO_COLUMN;
}

static bool has(const PeopleColumns *columns, PeopleColumn column)
{
    for (unsigned i = 0; i < columns->count; i++) {
        if (columns->of[i] == column) {
            return true;
        }
    }
    return false;
}

void people_columns_find(const PeopleTable *table, PeopleColumns *out)
{
    const PeopleRow *first = table->rows->pdata[0];
    *out = (PeopleColumns){0};
    for (unsigned i = 0; i < first->count; i++) {
        PeopleColumn column = people_column_of(first->fields[i]);
        out->heading = out->heading || column != PEOPLE_NO_COLUMN;
        out->of[i] = has(out, column) ? PEOPLE_NO_COLUMN : column;
        out->count++;
    }
}

static bool take_columns(const char *text, PeopleColumns *out, GError **error)
{
    g_auto(GStrv) list = g_strsplit(text, ",", PEOPLE_ROSTER_COLUMNS + 1);
    PeopleColumns taken = {.heading = out->heading};
    for (; list[taken.count] != NULL && taken.count < PEOPLE_ROSTER_COLUMNS; taken.count++) {
        PeopleColumn column = PEOPLE_NO_COLUMN;
        while (column < PEOPLE_COLUMNS && strcmp(list[taken.count], names[column]) != 0) {
            column++;
        }
        bool twice = column != PEOPLE_NO_COLUMN && has(&taken, column);
        if (column == PEOPLE_COLUMNS || twice) {
            return base_refuse_value(error, "columns",
                                     "name, email, entity, code, each once, or empty");
        }
        taken.of[taken.count] = column;
    }
    taken.count = MAX(taken.count, out->count);
    *out = taken;
    return true;
}

bool people_columns_take(const PeopleTable *table, const char *columns, const char *heading,
                         PeopleColumns *out, GError **error)
{
    PeopleColumns found;
    people_columns_find(table, &found);
    if (columns != NULL && !take_columns(columns, &found, error)) {
        return false;
    }
    if (heading != NULL && strcmp(heading, "true") != 0 && strcmp(heading, "false") != 0) {
        return base_refuse_value(error, "heading", "true or false");
    }
    found.heading = heading != NULL ? strcmp(heading, "true") == 0 : found.heading;
    *out = found;
    return true;
}
