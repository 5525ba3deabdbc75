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

/* False with the reason, for staff, where a player would have no picture. */
bool archive_check_pictures(const ArchiveJob *job, GError **error);

/* Each makes its files under other names until they are whole and durable. */
bool archive_make_playlists(const ArchiveJob *job, GError **error);
bool archive_make_chapters(const ArchiveJob *job, GError **error);
bool archive_make_pictures(const ArchiveJob *job, GError **error);
bool archive_make_mp4(const ArchiveJob *job, GError **error);
bool archive_make_audio(const ArchiveJob *job, GError **error);
bool archive_make_manifest(const ArchiveJob *job, GError **error);

/* The step that makes this file at the recording's top; ARCHIVE_STEPS: none, or a track's playlist. */
ArchiveStep archive_step_of(const char *name);

/* What the step makes is there: the sign is a plain file. */
bool archive_step_there(const char *folder, ArchiveStep step);
