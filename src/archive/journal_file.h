// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The journal, open and locked for appending. One thread at a time. Embedded.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int fd;        // -1: closed
    uint64_t size; // valid and durable
    bool torn;     // a failed write remains behind it
} ArchiveJournalFile;

/* Opens or creates. BASE_ERROR_CONFLICT if locked. */
bool archive_journal_file_open(ArchiveJournalFile *file, const char *folder, GError **error);
void archive_journal_file_close(ArchiveJournalFile *file);

/* 0 or -errno. */
int archive_journal_file_cut(ArchiveJournalFile *file, uint64_t valid_size);

/* Durably; failure keeps earlier lines valid. 0 or -errno. */
int archive_journal_file_append(ArchiveJournalFile *file, const GString *lines);
