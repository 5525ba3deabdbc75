// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the steps that make the published files share; finish.c calls them with the recording locked
// and closed, and something public in it.

#include "archive/places.h"

/* Borrowed for the length of the step. */
typedef struct {
    const char *folder, *id;
    const ArchiveCatalogue *catalogue;
    const ArchivePlaces *places;
    const ArchiveFinish *what;
    void (*progress)(void *data, double done); // nullable
    void *data;
} ArchiveJob;

/* Each makes its files under other names until they are whole and durable. */
bool archive_make_playlists(const ArchiveJob *job, GError **error);
bool archive_make_mp4(const ArchiveJob *job, GError **error);
