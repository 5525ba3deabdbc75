// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SHA-256 of files, in hexadecimal. Blocks; any thread.

#include <stddef.h>
#include <stdint.h>

#define BASE_DIGEST_CHARACTERS 65 // with NUL

/* Reads `fd` to its end. Bytes or -errno. */
int64_t base_digest(int fd, char out[BASE_DIGEST_CHARACTERS]);

/* The same. `each` gets every block; its -errno ends the reading. */
int64_t base_digest_each(int fd, char out[BASE_DIGEST_CHARACTERS],
                         int (*each)(void *data, const uint8_t *block, size_t size), void *data);
