// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scheduling, inherited by later threads and children.

#include <stdbool.h>

/* Encoders first: a late one delays all viewers. */
#define BASE_NICE_SERVER (-5)
#define BASE_NICE_CAPTURE (-10)
/* Serving threads give way to media and recording. */
#define BASE_NICE_SERVING_STEPS 3

/* False, unchanged: needs CAP_SYS_NICE or RLIMIT_NICE. */
bool base_priority_raise(int nice);

void base_priority_yield(int steps);

/* SCHED_BATCH, nice 5. */
void base_priority_background(void);
