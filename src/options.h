// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The command line of serve, demo, check, recover and user: options common to all of them.

#include "conf/conf.h"

/* Exit statuses. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

/* Reads --config, --data, --listen, --source from `argv` (the words after the command), says on
 * standard error what is wrong. NULL with the exit status in `*out_status`. Full ownership. */
Conf *options_read(int argc, char **argv, int *out_status);

/* The folder of this program's own data: "pipelines", "web/dist". Full ownership. */
char *options_share(const char *name);

/* True unless an option was given as "", as by a variable that a script did not set: `value` is
 * NULL or not empty. Else says so on standard error. */
bool options_not_empty(const char *option, const char *value);

/* Takes the data folder for this process: two servers on one would write one recording twice. The
 * lock goes with the process. BASE_ERROR_CONFLICT where another has it. */
bool options_lock(const Conf *conf, GError **error);

/* Makes the data folder and [archive] directory where they are missing. The error names the one
 * that cannot be made or written. */
bool options_make_folders(const Conf *conf, GError **error);

/* "majlis: TEXT" on standard error. */
void options_complain(const char *text);

int serve_main(const Conf *conf, bool demo);
int check_main(const Conf *conf);
int recover_main(const Conf *conf);
int user_main(int argc, char **argv);
int verify_main(int argc, char **argv);
