// SPDX-License-Identifier: GPL-3.0-or-later
// Runs all tests of rtc.
#include "tests.h"

#include <glib.h>

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_address_tests();
    add_send_tests();
    add_attack_tests();
    add_peer_tests();
    add_tcp_tests();
    add_feedback_tests();
    add_rates_tests();
    add_viewer_tests();
    add_session_tests();
    return g_test_run();
}
