// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Monotonic, wall and boot clocks. Any thread.

#include <stdbool.h>
#include <stdint.h>

#define BASE_US_PER_S INT64_C(1000000)
#define BASE_US_PER_MS INT64_C(1000)

/* CLOCK_MONOTONIC. */
int64_t base_clock_us(void);

/* Sleeps 10 ms before another try of what the system lacks for a moment; keeps errno. False: a
 * second is over. `tries` begins at 0. */
bool base_try_again(unsigned *tries);

/* Since 1970-01-01 UTC; may jump. */
int64_t base_wall_us(void);

/* The wall clock of this process's first call, continued by CLOCK_BOOTTIME: never jumps, so wrong
 * by later jumps. */
int64_t base_steady_us(void);

typedef struct {
    int64_t wall_us;
    int64_t boot_us;  // CLOCK_BOOTTIME, includes sleep
    const char *boot; // id: boot_us compares only within one; static; "": unknown
} BaseNow;

BaseNow base_now(void);

/* RFC 3339, UTC: "2026-11-23T09:00:00.250Z". */
char *base_time_format(int64_t wall_us);

/* RFC 3339 with offset. 0 or -EINVAL. */
int base_time_parse(const char *text, int64_t *out_wall_us);
