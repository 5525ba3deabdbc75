// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A fuzz target is one pure function. libFuzzer drives it (meson option `fuzz`), or replay.c does
// with the corpus, as an ordinary test.

#include <stddef.h>
#include <stdint.h>

/* One input. Aborts where a property does not hold. 0. */
int target(const uint8_t *data, size_t size);
