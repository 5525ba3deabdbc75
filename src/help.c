// SPDX-License-Identifier: GPL-3.0-or-later
// Writes --help from the table of commands.
#include "options.h"

#include <glib.h>

#define COLUMNS 100
#define INDENT 16

/* Breaks the line before `word` passes COLUMNS. */
static void add_word(GString *out, const char *word, unsigned *column)
{
    unsigned length = (unsigned)g_utf8_strlen(word, -1);
    if (*column > INDENT && *column + 1 + length > COLUMNS) {
        g_string_append_printf(out, "\n%*s", INDENT, "");
        *column = INDENT;
    } else if (*column > INDENT) {
        g_string_append_c(out, ' ');
        ++*column;
    }
    g_string_append(out, word);
    *column += length;
}

static void add_text(GString *out, const char *text)
{
    unsigned column = INDENT;
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_string_append_printf(out, "\n%*s", INDENT, "");
    for (char **word = words; *word != NULL; word++) {
        add_word(out, *word, &column);
    }
    g_string_append_c(out, '\n');
}

static void add_command(GString *out, const Command *command)
{
    g_autofree char *name = g_strdup_printf("  majlis %-7s", command->name);
    unsigned column = INDENT + 1;
    g_string_append(out, name);
    if (command->words != NULL) {
        add_word(out, command->words, &column);
    }
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        bool needed = (command->needed >> i & 1) != 0;
        if (needed || (command->allowed >> i & 1) != 0) {
            g_autofree char *piece =
                g_strdup_printf(needed ? "--%s %s" : "[--%s %s]", info->name, info->argument);
            add_word(out, piece, &column);
        }
    }
    add_text(out, command->summary);
}

char *options_help(void)
{
    GString *out = g_string_new("majlis - a server for live expert sessions\n\n");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        add_command(out, &commands[i]);
    }
    g_string_append(out, "\nOptions:\n");
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        g_string_append_printf(out, "  --%s %s", info->name, info->argument);
        add_text(out, info->text);
    }
    g_string_append(out, "\n  majlis --version | --help\n\n"
                         "Exit status: 0 done, 1 failed, 2 wrong usage. See majlis(1) and "
                         "majlis.conf(5).\n");
    return g_string_free(out, FALSE);
}
