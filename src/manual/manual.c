// SPDX-License-Identifier: GPL-3.0-or-later
// Writes majlis(1), majlis.conf(5) and the bash completion at build time: majlis-manual 1|5|bash.
#include "commands.h"
#include "conf/schema.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS 78

/* --- Text of man(7) --------------------------------------------------------------------------- */

/* "-" and "\\" are characters, not typography. */
static char *escape(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\\') {
            g_string_append(out, "\\e");
        } else if (*at == '-') {
            g_string_append(out, "\\-");
        } else if (g_str_has_prefix(at, "…")) {
            g_string_append(out, "...");
            at += strlen("…") - 1;
        } else {
            g_string_append_c(out, *at);
        }
    }
    return g_string_free(out, FALSE);
}

/* Lines of words; a line must not begin as a request does. */
static void print_words(const char *text)
{
    g_autofree char *escaped = escape(text);
    g_auto(GStrv) words = g_strsplit(escaped, " ", -1);
    size_t column = 0;
    for (char **word = words; *word != NULL; word++) {
        size_t length = strlen(*word);
        if (column > 0 && column + 1 + length > COLUMNS) {
            putchar('\n');
            column = 0;
        } else if (column > 0) {
            putchar(' ');
            column++;
        }
        if (column == 0 && (**word == '.' || **word == '\'')) {
            fputs("\\&", stdout);
        }
        fputs(*word, stdout);
        column += length;
    }
    putchar('\n');
}

/* Separated by blank lines. */
static void print_paragraphs(const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
    for (char **paragraph = paragraphs; *paragraph != NULL; paragraph++) {
        if (paragraph != paragraphs) {
            puts(".IP");
        }
        print_words(*paragraph);
    }
}

static void print_section(const char *name)
{
    printf(".SH %s\n", name);
}

/* ".TP", the term, then its text. */
static void print_term(const char *term, const char *rest)
{
    g_autofree char *bold = escape(term);
    g_autofree char *plain = escape(rest);
    printf(".TP\n\\fB%s\\fR%s%s\n", bold, rest[0] != '\0' ? " " : "", plain);
}

/* Reproducible: dpkg sets SOURCE_DATE_EPOCH. */
static void print_head(const char *name, int section, const char *summary)
{
    const char *epoch = g_getenv("SOURCE_DATE_EPOCH");
    gint64 at = epoch != NULL ? g_ascii_strtoll(epoch, NULL, 10) : (gint64)time(NULL);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);
    g_autofree char *day = g_date_time_format(time, "%Y-%m-%d");
    g_autofree char *title = g_ascii_strup(name, -1);
    printf(".\\\" Made from the tables in src/ by src/manual.\n"
           ".TH %s %d %s \"majlis %s\" majlis\n.SH NAME\n%s \\- %s\n",
           title, section, day, MAJLIS_VERSION, name, summary);
}

/* --- majlis(1) -------------------------------------------------------------------------------- */

static void print_synopsis(const Command *command)
{
    printf("%s\\fBmajlis %s\\fR", command == commands ? "" : ".br\n", command->name);
    if (command->words != NULL) {
        printf(" \\fI%s\\fR", command->words);
    }
    putchar('\n');
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        bool needed = (command->needed >> i & 1) != 0;
        if (needed || (command->allowed >> i & 1) != 0) {
            printf("%s\\fB\\-\\-%s\\fR \\fI%s\\fR%s\n", needed ? "" : "[", info->name,
                   info->argument, needed ? "" : "]");
        }
    }
}

static void print_command(const Command *command)
{
    print_term(command->name, command->words != NULL ? command->words : "");
    print_words(command->summary);
    if (command->text != NULL) {
        puts(".IP");
        print_paragraphs(command->text);
    }
}

static void print_entry(const char *term, const char *text)
{
    print_term(term, "");
    print_words(text);
}

static void print_files(void)
{
    print_section("FILES");
    print_entry("/etc/majlis/majlis.conf", "The packaged server's configuration, see "
                                           "majlis.conf(5).");
    print_entry("DIR/majlis.db", "The database: sessions, questions, people, sign-ins.");
    print_entry("DIR/keys/", "signing.key signs recordings, backups and exports: keep a copy. "
                             "paths.key signs media paths.");
    print_entry("DIR/recordings/", "A folder for each recording, unless [archive] directory names "
                                   "another place.");
    print_entry("DIR/last-backup.json", "When the last good backup was made, and where.");
}

static void print_environment(void)
{
    print_section("ENVIRONMENT");
    print_entry("MAJLIS_SHARE", "The folder with pipelines/ and web/dist/, instead of the built-in "
                                "one.");
    print_entry("MAJLIS_DEBUG", "If set, debug messages are logged too.");
}

static void print_manual(void)
{
    print_head("majlis", 1, "server for live expert sessions");
    print_section("SYNOPSIS");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        print_synopsis(&commands[i]);
    }
    puts(".br\n\\fBmajlis \\-\\-version\\fR | \\fB\\-\\-help\\fR");
    print_section("DESCRIPTION");
    print_words("majlis captures a programme, shows it live in browsers by WebRTC and Low-Latency "
                "HLS, takes questions, and records.");
    print_section("COMMANDS");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        print_command(&commands[i]);
    }
    print_section("OPTIONS");
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        g_autofree char *option = g_strconcat("--", info->name, NULL);
        print_term(option, info->argument);
        print_words(info->text);
    }
    print_files();
    print_environment();
    print_section("\"EXIT STATUS\"");
    print_words(
        "0 done, 1 failed, 2 wrong usage, 3 a backup that lacks what is damaged or missing.");
    print_section("\"SEE ALSO\"");
    print_words("majlis.conf(5)");
}

/* --- majlis.conf(5) --------------------------------------------------------------------------- */

static void print_key(const ConfKey *key)
{
    print_term(key->name, "");
    print_words(key->text);
    g_autofree char *range =
        key->allowed == NULL
            ? g_strdup_printf("Must be a whole number from %d to %d.", key->min, key->max)
            : g_strdup_printf("Must be %s.", key->allowed);
    print_words(range);
    g_autofree char *fallback = key->fallback[0] != '\0'
                                    ? g_strdup_printf("Default: %s.", key->fallback)
                                    : g_strdup("Default: none.");
    print_words(fallback);
    if (key->on_page) {
        print_words("May change while the server runs: SIGHUP, or an admin on the page Settings, "
                    "whose value counts in place of the file's.");
    } else if (key->reloads) {
        print_words("May change while the server runs: SIGHUP.");
    }
}

static void print_conf_manual(void)
{
    print_head("majlis.conf", 5, "configuration of majlis");
    print_section("DESCRIPTION");
    print_words("Lines are [SECTION], KEY = VALUE, or a comment after #. An unknown key or a bad "
                "value stops the start and names the line and what is allowed. Relative paths are "
                "below the data folder. Every key has a default. majlis check tests it all.");
    const char *section = "";
    for (size_t i = 0; i < conf_schema_size; i++) {
        const ConfKey *key = &conf_schema[i];
        if (strcmp(section, key->section) != 0) {
            section = key->section;
            printf(".SH [%s]\n", section);
        }
        print_key(key);
    }
    print_section("EXAMPLE");
    puts(".nf\n[server]\nlisten = 0.0.0.0:443\npublic_url = https://majlis.example.ae\n.fi");
    print_section("\"SEE ALSO\"");
    print_words("majlis(1)");
}

/* --- bash ------------------------------------------------------------------------------------- */

static void print_options_of(const Command *command)
{
    const char *before = "";
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (((command->needed | command->allowed) >> i & 1) != 0) {
            printf("%s--%s", before, command_options[i].name);
            before = " ";
        }
    }
}

/* Choices of "a|b [C]": its words in lower case. */
static void print_choices(const char *words)
{
    for (const char *at = words; *at != '\0' && !g_ascii_isupper(*at); at++) {
        putchar(strchr("|[]", *at) != NULL ? ' ' : *at);
    }
}

static void print_values(void)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        const char *argument = info->argument;
        if (strcmp(argument, "DIR") == 0) {
            printf("    --%s) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "
                   "\"$word\"); "
                   "return ;;\n",
                   info->name);
        } else if (strstr(argument, "FILE") != NULL) {
            printf("    --%s) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "
                   "\"$word\"); "
                   "return ;;\n",
                   info->name);
        } else if (g_ascii_islower(argument[0])) {
            printf("    --%s) mapfile -t COMPREPLY < <(compgen -W '", info->name);
            print_choices(argument);
            puts("' -- \"$word\"); return ;;");
        } else {
            printf("    --%s) return ;;\n", info->name);
        }
    }
}

static void print_completion(void)
{
    puts("# Completion of majlis for bash; made from the table of commands by src/manual.\n"
         "# shellcheck shell=bash\n"
         "_majlis() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words\n"
         "  COMPREPLY=()\n"
         "  case $before in");
    print_values();
    fputs("  esac\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "    words='",
          stdout);
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        printf("%s ", commands[i].name);
    }
    puts("--version --help'\n"
         "  else\n"
         "    case ${COMP_WORDS[1]} in");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        printf("    %s) words='", commands[i].name);
        print_options_of(&commands[i]);
        if (commands[i].words != NULL && g_ascii_islower(commands[i].words[0])) {
            putchar(' ');
            print_choices(commands[i].words);
        }
        puts("' ;;");
    }
    puts("    *) words= ;;\n"
         "    esac\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "}\n"
         "complete -o default -F _majlis majlis");
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "1") == 0) {
        print_manual();
    } else if (strcmp(what, "5") == 0) {
        print_conf_manual();
    } else if (strcmp(what, "bash") == 0) {
        print_completion();
    } else {
        fputs("usage: majlis-manual 1|5|bash\n", stderr);
        return 2;
    }
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
