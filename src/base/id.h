// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Random bytes and identifiers. Any thread.

#include <stdbool.h>
#include <stddef.h>

/* Tries for a second; then the program ends. */
void base_random(void *out, size_t size);

/* Base 32, no look-alikes. */
char *base_id_new(size_t length);

#define BASE_ID_LENGTH 12        // unique
#define BASE_ID_SECRET_LENGTH 26 // secret: 128 bits

/* 1 to `max` of a-z, 0-9, '-', '_'. */
bool base_id_valid(const char *text, size_t max);
