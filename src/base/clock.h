// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The clocks. Media and time-outs use the monotonic one only; the wall clock is for people, and the
// clock of the boot tells how much time went by between two runs of the program.
// Any thread.

#include <stdint.h>

#define BASE_US_PER_S INT64_C(1000000)
#define BASE_US_PER_MS INT64_C(1000)

/* Microseconds of CLOCK_MONOTONIC: the same zero for every process of this boot. */
int64_t base_clock_us(void);

/* Microseconds since 1970-01-01 UTC. May jump. */
int64_t base_wall_us(void);

/* One moment by the two clocks that outlive the program. */
typedef struct {
    int64_t wall_us;
    int64_t boot_us;  // CLOCK_BOOTTIME: goes on while the machine sleeps, and nobody sets it
    const char *boot; // the kernel's name of this boot, static: only within one boot can boot_us be
                      // compared. "": the system does not tell it
} BaseNow;

BaseNow base_now(void);

/* RFC 3339 in UTC with milliseconds ("2026-11-23T09:00:00.250Z"). Full ownership. */
char *base_time_format(int64_t wall_us);

/* Reads an RFC 3339 time with offset; sub-millisecond digits are dropped. 0, or -EINVAL. */
int base_time_parse(const char *text, int64_t *out_wall_us);
