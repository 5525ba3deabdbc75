// SPDX-License-Identifier: GPL-3.0-or-later
// majlis check: what would stop the server, and the remedy.
#include "check/check.h"

#include "options.h"

#include <stdio.h>

int check_main(const Options *options)
{
    int status;
    g_autoptr(Conf) conf = options_conf(options, &status);
    if (conf == NULL) {
        return status;
    }
    Check check = {0};
    if (check_as_user(&check, conf, options->values[OPTION_USER])) {
        check_machine(&check, conf);
        check_programme(&check, conf);
        check_slides(&check);
        check_network(&check, conf);
        check_certificate(&check, conf);
        check_storage(&check, conf);
        check_mail(&check, conf);
    }
    if (check.problems > 0) {
        printf("%u problem(s)\n", check.problems);
        return EXIT_FAILED;
    }
    printf("ready\n");
    return EXIT_OK;
}
