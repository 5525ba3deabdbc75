// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Trims and removes the copies of a recording. Blocks.

#include "archive/archive.h"

/* The first copy. INT64_MIN, INT64_MAX: the marks. BASE_ERROR_INVALID names the field. */
bool recording_trim(const ArchivePlace *place, int64_t in_us, int64_t out_us, GError **error);

/* The mirror, as the first: a recording restored from there stays trimmed. NOT_FOUND,
 * UNAVAILABLE: it may come back with its disk. */
bool recording_trim_mirror(const ArchivePlace *place, int64_t in_us, int64_t out_us,
                           GError **error);

/* Does the second directory respond? Blocks for seconds. */
bool recording_second_answers(const char *directory, GError **error);

/* Deletes all media; none is success. `*out_all` false: a copy was not found and may come back with
 * its disk: try again. */
bool recording_remove(const ArchivePlace *place, const char *why, int64_t at_us, bool *out_all,
                      GError **error);
