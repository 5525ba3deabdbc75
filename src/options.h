// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The command line: parsing, and what commands share.

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

/* `argv` from the command on. NULL: wrong, told on standard error. Full ownership. */
Options *options_parse(const Command *command, int argc, char **argv);
void options_free(Options *options);

/* Configuration and data folder by --config, --data, --listen, --source. NULL: told why, with
 * `*out_status`. Full ownership. */
Conf *options_conf(const Options *options, int *out_status);

/* All commands with their options, wrapped for a terminal. */
char *options_help(void);

/* The folder of this program's own data: "pipelines", "web/dist". */
char *options_share(const char *name);

/* Locks the data folder for the life of the process: two servers would write one recording twice.
 * BASE_ERROR_CONFLICT: taken. */
bool options_lock(const Conf *conf, GError **error);

/* False: a restore runs there, or was interrupted. */
bool options_restored(const Conf *conf, GError **error);

/* True if another process has taken it. */
bool options_locked(const Conf *conf);

/* Data folder and [archive] directory: writable? `make`: makes missing ones. The error names the
 * one at fault. */
bool options_need_folders(const Conf *conf, bool make, GError **error);

/* `folder`, or the nearest above it that exists. */
char *options_nearest_folder(const char *folder);

/* "majlis: TEXT" on standard error. */
void options_complain(const char *text);

int serve_main(const Conf *conf, bool demo);
int check_main(const Options *options);
int recover_main(const Conf *conf);
int user_main(const Options *options);
int reply_main(const Conf *conf);
int backup_main(const Options *options);
int restore_main(const Options *options);
int export_main(const Options *options);
int verify_main(const Options *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)
