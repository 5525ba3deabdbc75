// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The journal of a recording, open for appending, with its lock held: nobody else writes it. One
// thread at a time. Embedded.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int fd;        // -1: not open
    uint64_t size; // valid and durable
    bool torn;     // what a failed write left behind it could not be cut off
} ArchiveLog;

/* Opens or makes FOLDER/journal. BASE_ERROR_CONFLICT where another holds it. */
bool archive_log_open(ArchiveLog *log, const char *folder, GError **error);
void archive_log_close(ArchiveLog *log);

/* Cuts off what follows the last valid line. 0 or -errno. */
int archive_log_cut(ArchiveLog *log, uint64_t valid_size);

/* Appends whole lines and makes them durable; on failure what was valid before stays so. 0 or
 * -errno. */
int archive_log_append(ArchiveLog *log, const GString *lines);
