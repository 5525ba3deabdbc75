// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Each file of the folder adds its tests.

void add_address_tests(void);
void add_attack_tests(void);
void add_feedback_tests(void);
void add_peer_tests(void);
void add_rates_tests(void);
void add_send_tests(void);
void add_session_tests(void);
void add_tcp_tests(void);
void add_viewer_tests(void);
