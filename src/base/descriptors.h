// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The file descriptors that peers may hold open, over all modules: the process's limit less a
// reserve for the server's own work, so that recordings, children and the database never lack one.
// Take from it before opening a descriptor for a peer. Any thread.

#include <stdbool.h>

/* The database, recordings, children, threads: 35 are in use while one session is on. Where the
 * limit is large an eighth of it, for several sessions. */
#define BASE_DESCRIPTORS_RESERVED 128

/* Raises the soft limit to the hard one and sets the budget, which is the result. Once, at start;
 * until then the budget has no bound. */
unsigned base_descriptors_start(void);
/* How many of `limit` are for peers. Pure. */
unsigned base_descriptors_budget(unsigned long limit);

/* False: fewer than `count` are left, and none is taken. */
bool base_descriptors_take(unsigned count);
void base_descriptors_give(unsigned count);
