// SPDX-License-Identifier: GPL-3.0-or-later
// Checks that slides can be rendered.
#include "slides/slides.h"

#include "check/check.h"

#include <gio/gio.h>

void check_slides(Check *check)
{
    g_autofree char *binary = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *gaps = NULL;
    g_autofree char *fault = slides_try(binary, &gaps);
    if (fault != NULL) {
        check_problem(check, "%s", fault);
    } else if (gaps != NULL) {
        check_note("slides are rendered, but not in a whole sandbox. %s", gaps);
    } else {
        check_ok("slides are rendered in a sandbox");
    }
}
