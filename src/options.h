// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The command line: parsing by the table of commands, and what commands share.

#include "commands.h"
#include "conf/conf.h"

/* Exit statuses. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_DAMAGED = 3, // a backup was made, not of all
};

typedef struct {
    const Command *command;
    char *values[OPTION_COUNT]; // NULL: not given
    char **words;               // the others, after the command; NULL at the end
    unsigned word_count;
} Options;

/* Parses `argv` (from the command on); says on standard error what is wrong. NULL: wrong usage.
 * Full ownership. */
Options *options_parse(const Command *command, int argc, char **argv);
void options_free(Options *options);

/* Reads the configuration and data folder of --config, --data, --listen, --source. NULL with the
 * exit status in `*out_status`, after saying why. Full ownership. */
Conf *options_conf(const Options *options, int *out_status);

/* All commands with their options, wrapped for a terminal. */
char *options_help(void);

/* The folder of this program's own data: "pipelines", "web/dist". */
char *options_share(const char *name);

/* Takes the data folder for this process: two servers on one would write one recording twice. The
 * lock goes with the process. BASE_ERROR_CONFLICT where another has it. */
bool options_lock(const Conf *conf, GError **error);

/* True if another process has taken it. */
bool options_locked(const Conf *conf);

/* Makes the data folder and [archive] directory where they are missing. The error names the one
 * that cannot be made or written. */
bool options_make_folders(const Conf *conf, GError **error);

/* "majlis: TEXT" on standard error. */
void options_complain(const char *text);

int serve_main(const Conf *conf, bool demo);
int check_main(const Conf *conf);
int recover_main(const Conf *conf);
int user_main(const Options *options);
int backup_main(const Options *options);
int restore_main(const Options *options);
int export_main(const Options *options);
int verify_main(const Options *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)
