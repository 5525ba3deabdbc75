// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the findings.
#include "check/report.h"

#include <stdio.h>

static void print(const char *word, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);
    printf("%-8s %s\n", word, text);
    fflush(stdout);
}

void check_ok(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("ok", format, args);
    va_end(args);
}

void check_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("note", format, args);
    va_end(args);
}

void check_problem(Check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("problem", format, args);
    va_end(args);
    check->problems++;
}
