// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of all sessions, for metrics.
#include "base/clock.h"
#include "live/private.h"

#include <string.h>

G_STATIC_ASSERT(LIVE_SOURCE_STATES == MEDIA_SOURCE_ENDED + 1);

MediaSourceState live_source_state(const LiveProgrammeHealth *health)
{
    return health->child             ? health->source
           : health->trouble != NULL ? MEDIA_SOURCE_FAILED
                                     : MEDIA_SOURCE_WAITING;
}

static void add_totals(LiveTotals *totals, const LiveProgrammeHealth *health)
{
    totals->frames += health->made.frames;
    totals->frames_left_out += health->made.left_out;
    totals->encoded_bytes += health->made.bytes;
    totals->child_restarts += health->child_restarts;
    totals->source_failures += health->source_failures;
    totals->parts += health->parts;
    totals->recorded_bytes += health->recording.bytes;
    totals->lost_parts += health->recording.lost_parts;
    totals->lost_units +=
        health->hls.dropped_units + health->hls.broken_units + health->hls.skipped_units;
    for (unsigned i = 0; i <= BASE_HISTOGRAM_BOUNDS; i++) {
        totals->latency.counts[i] += health->made.latency.counts[i];
    }
    totals->latency.sum_us += health->made.latency.sum_us;
}

void live_keep_totals(LiveSession *session, LiveProgramme *programme)
{
    LiveProgrammeHealth health;
    live_programme_health(programme, &health);
    add_totals(&session->live->totals, &health);
}

static void add_renditions(LiveStats *out, LiveProgramme *programme)
{
    LiveRendition found[LIVE_MAX_RENDITIONS];
    unsigned count = live_programme_renditions(programme, found);
    for (unsigned i = 0; i < count; i++) {
        unsigned at = 0;
        while (at < out->n_renditions && strcmp(out->renditions[at].name, found[i].name) != 0) {
            at++;
        }
        if (at == out->n_renditions) {
            out->renditions[out->n_renditions++] = found[i];
        } else {
            out->renditions[at].viewers[0] += found[i].viewers[0];
            out->renditions[at].viewers[1] += found[i].viewers[1];
        }
    }
}

static void add_programme(LiveStats *out, const LiveSession *session, int64_t now_us)
{
    LiveProgrammeHealth health;
    live_programme_health(session->programme, &health);
    add_totals(&out->totals, &health);
    add_renditions(out, session->programme);
    out->sources[live_source_state(&health)]++;
    out->second_failing += health.recording.second_failing;
    out->failing +=
        health.recording.failing || (session->trouble != NULL && !health.recording.second_failing);
    out->lag_us = MAX(out->lag_us, now_us - health.recorded_us);
    if (health.child_pid != 0) {
        out->children[out->n_children++] = health.child_pid;
    }
}

void live_stats(const Live *live, LiveStats *out)
{
    GHashTableIter iter;
    LiveSession *session;
    unsigned on = 0;
    int64_t now_us = base_clock_us();
    *out = (LiveStats){.lag_us = -1, .totals = live->totals};
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        out->sessions[session->row->state]++;
        if (session->programme != NULL && on++ < LIVE_MAX_SESSIONS_ON) {
            add_programme(out, session, now_us);
        } else if (live_start_failed(session)) {
            out->failing++;
        }
    }
}
