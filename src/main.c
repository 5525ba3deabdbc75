// SPDX-License-Identifier: GPL-3.0-or-later
// majlis: finds the command and runs it.
#include "base/json.h"
#include "base/log.h"
#include "capture/capture.h"
#include "options.h"
#include "slides/slides.h"

#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static int serve(const Conf *conf)
{
    return serve_main(conf, false);
}

static int demo(const Conf *conf)
{
    return serve_main(conf, true);
}

/* One of both. */
typedef struct {
    int (*with_conf)(const Conf *conf);
    int (*run)(const Options *options);
} Main;

static const Main mains[COMMAND_COUNT] = {
    [COMMAND_SERVE] = {.with_conf = serve},  [COMMAND_DEMO] = {.with_conf = demo},
    [COMMAND_CHECK] = {.run = check_main},   [COMMAND_RECOVER] = {.with_conf = recover_main},
    [COMMAND_USER] = {.run = user_main},     [COMMAND_REPLY] = {.with_conf = reply_main},
    [COMMAND_BACKUP] = {.run = backup_main}, [COMMAND_RESTORE] = {.run = restore_main},
    [COMMAND_EXPORT] = {.run = export_main}, [COMMAND_VERIFY] = {.run = verify_main},
};

static int run(const Command *command, int argc, char **argv)
{
    const Main *own = &mains[command - commands];
    if (own->with_conf == serve || own->with_conf == demo) {
        base_log_begin();
    }
    g_autoptr(Options) options = options_parse(command, argc, argv);
    if (options == NULL) {
        return EXIT_USAGE;
    }
    if (own->run != NULL) {
        return own->run(options);
    }
    int status;
    g_autoptr(Conf) conf = options_conf(options, &status);
    return conf != NULL ? own->with_conf(conf) : status;
}

static void print_help(FILE *file)
{
    g_autofree char *help = options_help();
    fputs(help, file);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    base_json_begin();
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "capture") == 0) {
        return capture_main(argc - 2, argv + 2);
    }
    if (strcmp(name, "slides") == 0) {
        return slides_main(argc - 2, argv + 2);
    }
    if (g_strv_contains((const char *const *)argv, "--help")) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (strcmp(name, "--version") == 0) {
        printf("majlis %s\n", MAJLIS_VERSION);
        return EXIT_OK;
    }
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return run(&commands[i], argc - 1, argv + 1);
        }
    }
    if (name[0] != '\0') {
        fprintf(stderr, "majlis: there is no command \"%s\"\n\n", name);
    }
    print_help(stderr);
    return EXIT_USAGE;
}
