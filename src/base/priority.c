// SPDX-License-Identifier: GPL-3.0-or-later
// Nice values and scheduling policy.
#include "base/priority.h"

#include <sched.h>
#include <sys/resource.h>

#define NICE_BACKGROUND 5

bool base_priority_raise(int nice)
{
    return getpriority(PRIO_PROCESS, 0) <= nice || setpriority(PRIO_PROCESS, 0, nice) == 0;
}

void base_priority_yield(int steps)
{
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + steps);
}

void base_priority_background(void)
{
    const struct sched_param none = {0};
    sched_setscheduler(0, SCHED_BATCH, &none);
    if (getpriority(PRIO_PROCESS, 0) < NICE_BACKGROUND) {
        setpriority(PRIO_PROCESS, 0, NICE_BACKGROUND);
    }
}
