// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by the steps, which run locked, on a closed recording with public media.

#include "archive/timemap.h"
#include "publish/publish.h"

/* Borrowed during the step. */
typedef struct {
    const char *folder, *id;
    const ArchiveCatalogue *catalogue;
    const ArchiveTimemap *timemap;
    const PublishInputs *what;
    void (*progress)(void *data, double done); // nullable
    void *data;
} PublishJob;

/* False, with a reason for staff: no picture to show. */
bool publish_check_pictures(const PublishJob *job, GError **error);

/* False, BASE_ERROR_FULL: the media files could not be made again after their removal. */
bool publish_check_again(const PublishJob *job, GError **error);

/* Temporary files, renamed when durable. */
bool publish_make_playlists(const PublishJob *job, GError **error);
bool publish_make_chapters(const PublishJob *job, GError **error);
bool publish_make_pictures(const PublishJob *job, GError **error);
bool publish_make_mp4(const PublishJob *job, GError **error);
bool publish_make_audio(const PublishJob *job, GError **error);
bool publish_make_manifest(const PublishJob *job, GError **error);

#define PUBLISH_STEP_FILES 2

/* NULL: none. The first, written last and removed first, marks the step done. */
const char *publish_step_file(PublishStep step, unsigned i);

/* By top-level file; PUBLISH_STEPS: none. */
PublishStep publish_step_of(const char *name);

bool publish_step_there(const char *folder, PublishStep step);
