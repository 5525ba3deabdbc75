// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of a load program as members of its JSON object.
#pragma once
#include <glib.h>
#include <stdint.h>

/* What stands still for longer is a gap. */
#define FIGURES_GAP_US 500000

/* A GArray of float, ms. Full ownership. */
GArray *figures_new(void);
void figures_add_us(GArray *values, int64_t us);
/* ,"NAME":{"n","p50","p95","p99","max"}; sorts. */
void figures_print(const char *name, GArray *values);
/* ,"NAME":N */
void figures_print_count(const char *name, uint64_t count);

/* Text -> count. Full ownership. */
GHashTable *errors_new(void);
void errors_add(GHashTable *errors, const char *what, unsigned count);
/* ,"errors":{TEXT:COUNT,…} */
void errors_print(GHashTable *errors);

/* How long nothing came for one viewer, beyond when it was due. */
typedef struct {
    int64_t due_us; // 0: nothing came yet
    int64_t longest_us;
    unsigned over; // longer than FIGURES_GAP_US
} Gap;

/* Something came; the next is due at `next_due_us`. */
void gap_take(Gap *gap, int64_t at_us, int64_t next_due_us);
/* Forgets what was, but not what is due. */
void gap_begin(Gap *gap);
/* With the gap that is open. */
void gap_end(Gap *gap, int64_t at_us);
