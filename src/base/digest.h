// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SHA-256 of files, in hexadecimal. Blocks; any thread.

#include <stddef.h>
#include <stdint.h>

#define BASE_DIGEST_CHARACTERS 65 // with NUL

/* Reads at most `limit` bytes of `from`, copies them to `to` (-1: nowhere). `progress` (nullable)
 * is told of each block. Bytes or -errno. */
int64_t base_digest_copy(int from, int to, uint64_t limit, char out[BASE_DIGEST_CHARACTERS],
                         void (*progress)(void *data, size_t bytes), void *data);

/* The same, only reading. */
int64_t base_digest(int fd, char out[BASE_DIGEST_CHARACTERS]);
