// SPDX-License-Identifier: GPL-3.0-or-later
// Trims and removes both copies of a recording.
#include "recording/edit.h"

#include "base/clock.h"
#include "base/error.h"
#include "publish/publish.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define ANSWER_MS 3000

bool recording_second_answers(const char *directory, GError **error)
{
    if (archive_probe(directory, ANSWER_MS)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                "the disk of the second directory %s does not respond", directory);
    return false;
}

static bool check_inside(int64_t in_us, int64_t out_us, const ArchiveState *state, GError **error)
{
    bool in =
        in_us == INT64_MIN || (in_us > state->first_us - BASE_US_PER_MS && in_us < state->last_us);
    bool out = out_us == INT64_MAX ||
               (out_us > state->first_us && out_us < state->last_us + BASE_US_PER_MS);
    if (!in || !out) {
        const char *field = in ? "out_ms" : "in_ms";
        base_refuse(error, BASE_CODE_OUTSIDE_RECORDING, field, NULL,
                    "%s lies outside the recording, which is from %" PRId64 " to %" PRId64
                    " ms of the timeline",
                    field, state->first_us / BASE_US_PER_MS, state->last_us / BASE_US_PER_MS);
    }
    return in && out;
}

bool recording_trim(const ArchivePlace *place, int64_t in_us, int64_t out_us, GError **error)
{
    ArchiveState state;
    return archive_read_state(place->directory, place->id, &state, error) &&
           check_inside(in_us, out_us, &state, error) &&
           publish_trim(place->directory, place->id, in_us, out_us, error);
}

static bool is_on_system_disk(const char *directory)
{
    struct stat root, status;
    g_autofree char *at = g_strdup(directory);
    while (stat(at, &status) != 0 && strcmp(at, "/") != 0) {
        char *above = g_path_get_dirname(at);
        g_free(at);
        at = above;
    }
    return stat("/", &root) == 0 && status.st_dev == root.st_dev;
}

/* A mount point is empty without its disk. */
static bool is_mounted(const ArchivePlace *place, GError **error)
{
    const char *directory = place->mirror;
    if (!archive_mirror_mounted(place->directory, directory, error)) {
        return false;
    }
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    if ((dir != NULL && g_dir_read_name(dir) != NULL) || !is_on_system_disk(directory)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                "the second directory %s is %s: is its disk mounted?", directory,
                dir != NULL ? "empty" : "missing");
    return false;
}

/* Closes a mirror that a crash left open; the trim removes the outcome. */
bool recording_trim_mirror(const ArchivePlace *place, int64_t in_us, int64_t out_us, GError **error)
{
    ArchiveState state;
    if (place->mirror == NULL) {
        return true;
    }
    if (!recording_second_answers(place->mirror, error) || !is_mounted(place, error) ||
        !archive_read_state(place->mirror, place->id, &state, error)) {
        return false;
    }
    if (state.end_us == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "it holds no copy");
        return false;
    }
    bool same = state.in_us == in_us && state.out_us == out_us;
    return same || ((state.ended || publish_make(place->mirror, place->id, PUBLISH_STEP_PLAYLISTS,
                                                 NULL, NULL, NULL, error)) &&
                    publish_trim(place->mirror, place->id, in_us, out_us, error));
}

/* `*out_there`: there was a folder. */
static bool remove_from(const char *directory, const char *id, const char *why, int64_t at_us,
                        bool *out_there, GError **error)
{
    GError *failed = NULL;
    *out_there = archive_delete(directory, id, why, at_us, &failed);
    if (!*out_there && !g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, failed);
        return false;
    }
    g_clear_error(&failed);
    return true;
}

bool recording_remove(const ArchivePlace *place, const char *why, int64_t at_us, bool *out_all,
                      GError **error)
{
    bool mirrored = place->mirror == NULL;
    if (!remove_from(place->directory, place->id, why, at_us, out_all, error) ||
        (!mirrored &&
         (!recording_second_answers(place->mirror, error) || !is_mounted(place, error) ||
          !remove_from(place->mirror, place->id, why, at_us, &mirrored, error)))) {
        return false;
    }
    *out_all = *out_all && mirrored;
    return true;
}
