// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The processor's time: live media comes before other programs, builds after everything. Each call
// is for the calling thread and the threads and children that it starts later.

#include <stdbool.h>

/* Nice values. A child is ahead of its server: an encoder that is late costs every viewer. */
#define BASE_NICE_SERVER -5
#define BASE_NICE_CAPTURE -10

/* Needs CAP_SYS_NICE or RLIMIT_NICE. False: the system does not allow it and nothing changed. */
bool base_priority_raise(int nice);

/* SCHED_BATCH and nice 5: never at the cost of live media. For good, where a thread has no right
 * to raise itself again. */
void base_priority_background(void);
