// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <glib.h>

/* True in the long form of the tests. tests/run sets the variable, to an empty text in the short form. */
static inline gboolean tests_are_long(void)
{
    const char *value = g_getenv("MAJLIS_LONG");
    return value != NULL && value[0] != '\0';
}

/* Sanitizers look at the same code in every round, and take several times as long for each. */
#ifdef __SANITIZE_ADDRESS__
#define TESTS_SANITIZED 1
#else
#define TESTS_SANITIZED 0
#endif
