// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Segments that a failing disk left incomplete. Any thread.

#include "media/part.h"

typedef struct ArchiveLosses ArchiveLosses;

ArchiveLosses *archive_losses_new(void);
void archive_losses_free(ArchiveLosses *losses);

void archive_losses_add(ArchiveLosses *losses, const MediaPart *part);

bool archive_losses_has(ArchiveLosses *losses, uint32_t run, const char *key, uint64_t sequence);
