// SPDX-License-Identifier: GPL-3.0-or-later
// Runs all tests of protocol.
#include "tests.h"

#include <glib.h>

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_protocol_tests();
    add_srtp_tests();
    add_sdp_tests();
    return g_test_run();
}
