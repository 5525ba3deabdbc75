// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of sessions that are on, and of recordings.
#include "base/clock.h"
#include "live/private.h"

RtcStream *live_rtc(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    return session != NULL && session->programme != NULL ? live_programme_rtc(session->programme)
                                                         : NULL;
}

int64_t live_media_now_us(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    return session != NULL && session->programme != NULL ? live_programme_now_us(session->programme)
                                                         : -1;
}

static json_t *recording_health(const LiveSession *session, const ArchiveWriterStats *stats)
{
    bool failing = stats->failing || (session->trouble != NULL && !stats->second_failing);
    int64_t age_us = stats->stored_clock_us != 0 ? base_clock_us() - stats->stored_clock_us : -1;
    return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:s?}", "state",
                     failing ? "failing" : "recording", "second_failing", stats->second_failing,
                     "stored_ms_ago", (json_int_t)(age_us < 0 ? -1 : age_us / BASE_US_PER_MS),
                     "free_bytes", (json_int_t)stats->free_bytes, "bytes", (json_int_t)stats->bytes,
                     "lost_parts", (json_int_t)stats->lost_parts, "text", session->trouble);
}

/* Minutes until nothing is written any more; null while the rate is not known. */
static json_t *minutes_left(const ArchiveWriterStats *stats, uint64_t reserve)
{
    if (stats->byte_rate == 0) {
        return json_null();
    }
    uint64_t room = stats->free_bytes > reserve ? stats->free_bytes - reserve : 0;
    return json_integer((json_int_t)(room / stats->byte_rate / 60));
}

static json_t *disk_health(const Live *live, const ArchiveWriterStats *stats)
{
    uint64_t minimum = (uint64_t)live->config.archive_minimum_free;
    return json_pack("{s:I, s:I, s:b, s:o}", "free_bytes", (json_int_t)stats->free_bytes,
                     "minimum_bytes", (json_int_t)minimum, "low", stats->free_bytes < minimum,
                     "minutes_left", minutes_left(stats, minimum / LIVE_RESERVE_PART));
}

static json_t *programme_health(const LiveSession *session)
{
    static const char *const names[] = {[MEDIA_SOURCE_WAITING] = "waiting",
                                        [MEDIA_SOURCE_PLAYING] = "playing",
                                        [MEDIA_SOURCE_FAILED] = "failed",
                                        [MEDIA_SOURCE_ENDED] = "ended"};
    LiveProgrammeHealth health;
    live_programme_health(session->programme, &health);
    return json_pack("{s:s, s:{s:s, s:s?, s:[f,f], s:i, s:i}, s:o, s:{s:i}, s:o}", "session",
                     session->id, "programme", "state",
                     health.child ? names[health.source] : "waiting", "text", health.source_text,
                     "levels", (double)health.levels_db[0], (double)health.levels_db[1], "restarts",
                     (int)health.child_restarts, "pid", health.child_pid, "recording",
                     recording_health(session, &health.recording), "viewers", "whep",
                     (int)health.viewers, "disk", disk_health(session->live, &health.recording));
}

json_t *live_health(const Live *live)
{
    GHashTableIter iter;
    LiveSession *session;
    json_t *items = json_array();
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        if (session->programme != NULL) {
            json_array_append_new(items, programme_health(session));
        } else if (session->failed_us != 0 && session_is_running(live_state_of(session))) {
            json_array_append_new(items,
                                  json_pack("{s:s, s:{s:s, s:s?}, s:{s:s, s:s?}, s:{}}", "session",
                                            session->id, "programme", "state", "failed", "text",
                                            session->trouble, "recording", "state", "failing",
                                            "text", session->trouble, "viewers"));
        }
    }
    return items;
}

json_t *live_recording(const Live *live, const char *id)
{
    static const char *const names[] = {[LIVE_MP4_NONE] = "none",
                                        [LIVE_MP4_WAITING] = "waiting",
                                        [LIVE_MP4_WORKING] = "working",
                                        [LIVE_MP4_READY] = "ready",
                                        [LIVE_MP4_FAILED] = "failed"};
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        return json_null();
    }
    const LiveRecording *recording = &session->recording;
    return json_pack("{s:b, s:s, s:f, s:I, s:s?}", "playlist", recording->playlist, "mp4",
                     names[recording->mp4], "progress", recording->progress, "duration_ms",
                     (json_int_t)recording->duration_ms, "text", recording->trouble);
}

int64_t live_recording_ms(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    return session != NULL ? session->recording.duration_ms : -1;
}
