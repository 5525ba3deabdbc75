// SPDX-License-Identifier: GPL-3.0-or-later
// majlis: the command line.
#include "capture/capture.h"
#include "options.h"

#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "majlis - a server for live expert sessions\n"
    "\n"
    "  majlis serve [--config FILE] [--data DIR] [--listen ADDRESS:PORT]\n"
    "  majlis demo  [the same] [--source NAME|FILE|URL|@FILE]\n"
    "                a programme that is live at once, and three links: attendee, presenter, "
    "staff;\n"
    "                NAME from pipelines/sources, FILE?loop=0 ends the session with the file (a\n"
    "                single picture stands until staff end it);\n"
    "                @FILE has the source as its first line, @- is standard input: an address with "
    "a\n"
    "                password belongs there, since everybody can read a command line\n"
    "  majlis check [the same]\n"
    "                what would keep the server from running, and how to mend it\n"
    "  majlis recover [--config FILE] [--data DIR]\n"
    "                without a server: ends sessions that a crash interrupted and whose time is\n"
    "                over, finishes their recordings; a line for each\n"
    "  majlis user add --name NAME [--email E] [--entity E] [--role staff] [--config FILE] [--data "
    "DIR]\n"
    "  majlis user list | disable PERSON [--config FILE] [--data DIR]\n"
    "  majlis verify DIR [--key FILE]\n"
    "                whether a recording's folder, or a copy of it, is what a server signed; FILE "
    "is "
    "that\n"
    "                server's keys/signing.pub. Without majlis: openssl pkeyutl -verify -pubin "
    "-rawin\n"
    "                -inkey signing.pub -in manifest.json -sigfile manifest.sig\n"
    "  majlis --version | --help\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage. The data folder is ./majlis-data unless told.\n";

static int with_conf(int argc, char **argv, int (*run)(const Conf *conf))
{
    int status;
    g_autoptr(Conf) conf = options_read(argc, argv, &status);
    return conf != NULL ? run(conf) : status;
}

static int serve(const Conf *conf)
{
    return serve_main(conf, false);
}

static int demo(const Conf *conf)
{
    return serve_main(conf, true);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    const char *command = argc > 1 ? argv[1] : "";
    if (g_strv_contains((const char *const *)argv, "--help") && strcmp(command, "capture") != 0) {
        fputs(help, stdout);
        return EXIT_OK;
    }
    if (strcmp(command, "capture") == 0) {
        return capture_main(argc - 2, argv + 2);
    }
    if (strcmp(command, "serve") == 0) {
        return with_conf(argc - 1, argv + 1, serve);
    }
    if (strcmp(command, "demo") == 0) {
        return with_conf(argc - 1, argv + 1, demo);
    }
    if (strcmp(command, "check") == 0) {
        return with_conf(argc - 1, argv + 1, check_main);
    }
    if (strcmp(command, "recover") == 0) {
        return with_conf(argc - 1, argv + 1, recover_main);
    }
    if (strcmp(command, "user") == 0) {
        return user_main(argc - 1, argv + 1);
    }
    if (strcmp(command, "verify") == 0) {
        return verify_main(argc - 1, argv + 1);
    }
    if (strcmp(command, "--version") == 0) {
        printf("majlis %s\n", MAJLIS_VERSION);
        return EXIT_OK;
    }
    if (command[0] != '\0') {
        fprintf(stderr, "majlis: there is no command \"%s\"\n\n", command);
    }
    fputs(help, stderr);
    return EXIT_USAGE;
}
