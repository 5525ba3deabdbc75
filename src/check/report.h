// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The lines of `majlis check` on standard output. Main thread.

#include <glib.h>

typedef struct {
    unsigned problems;
} Check;

void check_ok(const char *format, ...) G_GNUC_PRINTF(1, 2);
void check_note(const char *format, ...) G_GNUC_PRINTF(1, 2);
void check_problem(Check *check, const char *format, ...) G_GNUC_PRINTF(2, 3);
