// SPDX-License-Identifier: GPL-3.0-or-later
// Trims and removes both copies of a recording.
#include "recording/edit.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "publish/publish.h"
#include "recording/build.h"

#include <inttypes.h>

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

/* Closes a mirror that a crash left open; the trim removes what that makes. */
static bool trim_mirror(const ArchivePlace *place, int64_t in_us, int64_t out_us, GError **error)
{
    return recording_second_answers(place->mirror, error) &&
           publish_make(place->mirror, place->id, PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL,
                        error) &&
           publish_trim(place->mirror, place->id, in_us, out_us, error);
}

/* Also in the mirror: a recording restored from there stays trimmed. */
bool recording_trim(const ArchivePlace *place, int64_t in_us, int64_t out_us, GError **error)
{
    ArchiveState state;
    if (!archive_read_state(place->directory, place->id, &state, error) ||
        !check_inside(in_us, out_us, &state, error) ||
        !publish_trim(place->directory, place->id, in_us, out_us, error)) {
        return false;
    }
    g_autoptr(GError) failed = NULL;
    if (place->mirror != NULL && !trim_mirror(place, in_us, out_us, &failed) &&
        !g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        base_log(G_LOG_LEVEL_WARNING, place->id,
                 "recording %s: cannot trim its copy in the second directory: %s", place->id,
                 failed->message);
    }
    return true;
}

static bool remove_from(const char *directory, const char *id, const char *why, int64_t at_us,
                        GError **error)
{
    GError *failed = NULL;
    if (archive_delete(directory, id, why, at_us, &failed)) {
        return true;
    }
    if (g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_error_free(failed);
        return true;
    }
    g_propagate_error(error, failed);
    return false;
}

bool recording_remove(const ArchivePlace *place, const char *why, int64_t at_us, GError **error)
{
    return remove_from(place->directory, place->id, why, at_us, error) &&
           (place->mirror == NULL || (recording_second_answers(place->mirror, error) &&
                                      remove_from(place->mirror, place->id, why, at_us, error)));
}
