// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Budget of peers' descriptors: RLIMIT_NOFILE less a reserve. Take before opening. Any thread.

#include <stdbool.h>

/* 35 per running session. */
#define BASE_DESCRIPTORS_RESERVED 128

/* Raises the soft limit; returns the budget. Unlimited before. */
unsigned base_descriptors_start(void);
unsigned base_descriptors_budget(unsigned long limit);

/* False: takes none. */
bool base_descriptors_take(unsigned count);
void base_descriptors_give(unsigned count);
