// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Files of this program.

#include "people/people.h"
#include "people/roster.h"

void add_check_tests(void);
void add_invite_tests(void);
void add_plan_tests(void);
void add_table_tests(void);

/* Full ownership; fails the test where the text is no table. */
PeopleTable *read_text(const char *text);
