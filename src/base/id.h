// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Random bytes and names. Any thread.

#include <stdbool.h>
#include <stddef.h>

/* From the kernel's generator; ends the process if there is none. */
void base_random(void *out, size_t size);

/* `length` characters of lower-case base 32 without look-alikes (5 bits each: 26 for 128 bits).
 * Full ownership. */
char *base_id_new(size_t length);

#define BASE_ID_LENGTH 12        // objects: unique, not secret
#define BASE_ID_SECRET_LENGTH 26 // at least 128 bits

/* True for 1 to `max` characters of a-z, 0-9, '-' and '_'. */
bool base_id_valid(const char *text, size_t max);
