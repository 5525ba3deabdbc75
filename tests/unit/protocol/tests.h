// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Each file of the folder adds its tests.

void add_protocol_tests(void);
void add_sdp_tests(void);
void add_srtp_tests(void);
