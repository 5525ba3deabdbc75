// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Changes both copies of a recording. Blocks.

#include "archive/archive.h"

/* INT64_MIN, INT64_MAX: the marks. BASE_ERROR_INVALID names the field. A failing mirror only
 * warns. */
bool recording_trim(const ArchivePlace *place, int64_t in_us, int64_t out_us, GError **error);

/* Deletes all media; none is success. */
bool recording_remove(const ArchivePlace *place, const char *why, int64_t at_us, GError **error);
