// SPDX-License-Identifier: GPL-3.0-or-later
// A roster's file. Whatever the bytes: each row has one outcome, and the answer is valid JSON.
#include "fuzz.h"

#include "base/json.h"
#include "people/roster.h"

int target(const uint8_t *data, size_t size)
{
    g_autoptr(PeopleTable) table = people_table_read(data, size, NULL);
    if (table == NULL) {
        return 0;
    }
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    const PeopleKnown known = {.people = none, .entities = none};
    PeopleColumns columns;
    g_assert_true(people_columns_take(table, "name,email,entity,code", "false", &columns, NULL));
    g_autoptr(PeoplePlan) plan = people_plan_new(table, &columns, &known);
    unsigned sum = 0;
    for (int i = 0; i < PEOPLE_OUTCOMES; i++) {
        sum += plan->counts[i];
    }
    g_assert_cmpuint(sum, ==, table->rows->len);
    g_autoptr(json_t) json = people_plan_json(table, &columns, plan, false);
    g_autofree char *text = base_json_text(json);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    return 0;
}
