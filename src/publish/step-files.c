// SPDX-License-Identifier: GPL-3.0-or-later
// The name and the files of each step.
#include "publish/steps.h"

#include "archive/files.h"

#include <string.h>
#include <sys/stat.h>

typedef struct {
    const char *name;
    const char *files[PUBLISH_STEP_FILES];
} StepFiles;

static const StepFiles steps[PUBLISH_STEPS] = {
    [PUBLISH_STEP_PLAYLISTS] = {"playlists", {"main.m3u8"}},
    [PUBLISH_STEP_CHAPTERS] = {"chapters", {"chapters/en.vtt", "chapters/ar.vtt"}},
    [PUBLISH_STEP_PICTURES] = {"pictures", {"thumbnails.vtt", "poster.jpg"}},
    [PUBLISH_STEP_MP4] = {"mp4", {"recording.mp4"}},
    [PUBLISH_STEP_AUDIO] = {"audio", {"audio.m4a"}},
    [PUBLISH_STEP_MANIFEST] = {"manifest", {"manifest.json", "manifest.sig"}},
};

const char *publish_step_file(PublishStep step, unsigned i)
{
    return i < PUBLISH_STEP_FILES ? steps[step].files[i] : NULL;
}

const char *publish_step_name(PublishStep step)
{
    return steps[step].name;
}

PublishStep publish_step_of(const char *name)
{
    for (unsigned step = 0; step < PUBLISH_STEPS; step++) {
        for (unsigned i = 0; publish_step_file((PublishStep)step, i) != NULL; i++) {
            if (strcmp(steps[step].files[i], name) == 0) {
                return (PublishStep)step;
            }
        }
    }
    return PUBLISH_STEPS;
}

bool publish_step_there(const char *folder, PublishStep step)
{
    g_autofree char *path = g_build_filename(folder, steps[step].files[0], NULL);
    struct stat status;
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool publish_step_done(const char *directory, const char *id, PublishStep step)
{
    g_autofree char *folder = archive_folder(directory, id, NULL);
    return folder != NULL && publish_step_there(folder, step);
}
