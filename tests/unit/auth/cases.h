// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The cases of this program's other files.

void add_signer_cases(void);
