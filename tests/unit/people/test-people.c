// SPDX-License-Identifier: GPL-3.0-or-later
// People, entities and rosters.
#include "tests.h"

#include <string.h>

PeopleTable *read_text(const char *text)
{
    g_autoptr(GError) error = NULL;
    PeopleTable *table = people_table_read((const uint8_t *)text, strlen(text), &error);
    g_assert_no_error(error);
    return table;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_check_tests();
    add_invite_tests();
    add_table_tests();
    add_plan_tests();
    return g_test_run();
}
