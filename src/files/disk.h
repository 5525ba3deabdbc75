// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Contents on the disk, by digest. Blocks; one thread at a time.

#include "base/digest.h"
#include "base/error.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Durable when it returns; there already: keeps that. FULL, FAILED. */
bool files_disk_put(const char *folder, const uint8_t *bytes, size_t size,
                    char out_digest[BASE_DIGEST_CHARACTERS], GError **error);
/* Removes contents that `kept` (a set of digests) lacks, and unfinished ones. */
void files_disk_sweep(const char *folder, GHashTable *kept);
