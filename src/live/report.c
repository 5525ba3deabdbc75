// SPDX-License-Identifier: GPL-3.0-or-later
// Health and recordings as JSON.
#include "base/clock.h"
#include "live/private.h"
#include "media/trouble.h"

#include <math.h>

RtcStream *live_rtc(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    return session != NULL && session->programme != NULL ? live_programme_rtc(session->programme)
                                                         : NULL;
}

void live_publish(const Live *live, const char *id, const char *offer, size_t size,
                  const LivePublish *publish, RtcAnswerFunc func, void *data)
{
    LiveSession *session = live_find(live, id);
    if (session != NULL && session->programme != NULL) {
        live_programme_publish(session->programme, offer, size, publish, func, data);
        return;
    }
    g_autoptr(GError) error = NULL;
    base_refuse(&error, BASE_CODE_SESSION_NOT_ON, NULL, NULL,
                "The session is not on. Open its lobby, then publish.");
    func(data, NULL, error);
}

static const char *alarm_name(MediaSoundAlarm alarm)
{
    static const char *const names[] = {[MEDIA_SOUND_SILENT] = "silent",
                                        [MEDIA_SOUND_CLIPPING] = "clipping",
                                        [MEDIA_SOUND_LEFT_ONLY] = "left_only",
                                        [MEDIA_SOUND_RIGHT_ONLY] = "right_only"};
    return names[alarm];
}

const char *live_sound_alarm(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    MediaSound sound = {.alarm = MEDIA_SOUND_GOOD};
    if (session != NULL && session->programme != NULL) {
        live_programme_sound(session->programme, &sound);
    }
    return alarm_name(sound.alarm);
}

int64_t live_media_now_us(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    return session != NULL && session->programme != NULL ? live_programme_now_us(session->programme)
                                                         : -1;
}

static json_t *recording_health(const LiveSession *session, const ArchiveWriterStats *stats,
                                const HlsStats *hls)
{
    bool failing = stats->failing || (session->trouble != NULL && !stats->second_failing);
    const char *second = session->place->mirror == NULL ? NULL
                         : stats->second_failing        ? "failing"
                                                        : "ok";
    json_int_t lost_units = 0;
    lost_units += hls->dropped_units;
    lost_units += hls->broken_units;
    lost_units += hls->skipped_units;
    int64_t age_us = stats->stored_clock_us != 0 ? base_clock_us() - stats->stored_clock_us : -1;
    return json_pack("{s:s, s:b, s:s?, s:I, s:I, s:I, s:I, s:I, s:s?}", "state",
                     failing ? "failing" : "recording", "second_failing", stats->second_failing,
                     "second", second, "stored_ms_ago",
                     (json_int_t)(age_us < 0 ? -1 : age_us / BASE_US_PER_MS), "free_bytes",
                     (json_int_t)stats->free_bytes, "bytes", (json_int_t)stats->bytes, "lost_parts",
                     (json_int_t)stats->lost_parts, "lost_units", lost_units, "text",
                     session->trouble);
}

/* Until no part is written; null: unknown. */
static json_t *minutes_left(const ArchiveWriterStats *stats, uint64_t reserve)
{
    if (stats->byte_rate == 0) {
        return json_null();
    }
    uint64_t room = stats->free_bytes > reserve ? stats->free_bytes - reserve : 0;
    return json_integer((json_int_t)(room / stats->byte_rate / 60));
}

static json_t *disk_health(const ArchivePlace *place, const ArchiveWriterStats *stats)
{
    return json_pack("{s:I, s:I, s:b, s:o}", "free_bytes", (json_int_t)stats->free_bytes,
                     "minimum_bytes", (json_int_t)place->minimum_free, "low",
                     stats->free_bytes < place->minimum_free, "minutes_left",
                     minutes_left(stats, place->reserve_bytes));
}

static json_t *inputs_health(const LiveInputState inputs[MEDIA_INPUTS])
{
    json_t *list = json_array();
    for (unsigned i = 0; i < MEDIA_INPUTS; i++) {
        json_array_append_new(
            list, json_pack("{s:s, s:b, s:b, s:I, s:I, s:I}", "input", media_input_name(i), "taken",
                            inputs[i].taken, "connected", inputs[i].connected, "packets",
                            (json_int_t)inputs[i].packets, "bytes", (json_int_t)inputs[i].bytes,
                            "dropped", (json_int_t)inputs[i].dropped));
    }
    return list;
}

/* Tenths; null: silence. */
static json_t *loudness_json(float lufs)
{
    return lufs > MEDIA_SOUND_NONE ? json_real(round(lufs * 10.0) / 10) : json_null();
}

static json_t *sound_health(const MediaSound *sound)
{
    return json_pack("{s:o, s:o, s:f, s:s?}", "loudness", loudness_json(sound->loudness),
                     "short_term", loudness_json(sound->short_term), "gain_db",
                     round(sound->gain_db * 10.0) / 10, "alarm", alarm_name(sound->alarm));
}

static json_t *programme_health(const LiveSession *session)
{
    static const char *const names[] = {[MEDIA_SOURCE_WAITING] = "waiting",
                                        [MEDIA_SOURCE_PLAYING] = "playing",
                                        [MEDIA_SOURCE_FAILED] = "failed",
                                        [MEDIA_SOURCE_ENDED] = "ended"};
    LiveProgrammeHealth health;
    live_programme_health(session->programme, &health);
    const char *state = names[live_source_state(&health)];
    const char *text = health.source_text != NULL ? health.source_text : health.trouble;
    const char *code = NULL;
    if (health.source_text != NULL) {
        code = base_code_text(media_trouble_code(health.source_text));
    } else if (health.trouble != NULL && !health.child) {
        code = base_code_text(BASE_CODE_CAPTURE_FAILED);
    }
    json_t *programme =
        json_pack("{s:s, s:s?, s:s?, s:s?, s:[f,f], s:o, s:i, s:i, s:I, s:I, s:f, s:o}", "state",
                  state, "code", code, "text", text, "sandbox", health.sandbox, "levels",
                  (double)health.sound.peak_db[0], (double)health.sound.peak_db[1], "sound",
                  sound_health(&health.sound), "restarts", (int)health.child_restarts, "pid",
                  health.child_pid, "frames", (json_int_t)health.made.frames, "bytes",
                  (json_int_t)health.made.bytes, "fps", (double)health.made.fps, "inputs",
                  inputs_health(health.inputs));
    return json_pack("{s:s, s:I, s:o, s:o, s:{s:i}, s:o}", "session", session->id, "clock_ms",
                     (json_int_t)(base_clock_us() / BASE_US_PER_MS), "programme", programme,
                     "recording", recording_health(session, &health.recording, &health.hls),
                     "viewers", "whep", (int)health.viewers, "disk",
                     disk_health(session->place, &health.recording));
}

void live_summary(const Live *live, LiveSummary *out)
{
    *out = (LiveSummary){0};
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        SessionState state = session->row->state;
        out->lobby += state == SESSION_LOBBY;
        out->live += state == SESSION_LIVE;
        out->paused += state == SESSION_PAUSED;
        if (session_is_running(state) && session->trouble != NULL) {
            out->trouble = session->trouble;
        }
    }
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
        } else if (live_start_failed(session)) {
            json_array_append_new(items,
                                  json_pack("{s:s, s:{s:s, s:s?}, s:{s:s, s:s?}, s:{}}", "session",
                                            session->id, "programme", "state", "failed", "text",
                                            session->trouble, "recording", "state", "failing",
                                            "text", session->trouble, "viewers"));
        }
    }
    return items;
}

/* Texts may name the server's paths: for `staff` only. */
static json_t *steps_json(const RecordingStatus *recording, bool staff)
{
    json_t *steps = json_array();
    for (int i = 0; i < PUBLISH_STEPS; i++) {
        const RecordingStep *step = &recording->steps[i];
        json_array_append_new(
            steps,
            json_pack("{s:s, s:s, s:f, s:s?, s:s?}", "step", publish_step_name((PublishStep)i),
                      "state", recording_step_state_name(step->state), "progress", step->progress,
                      "code", step->code != BASE_CODE_NONE ? base_code_text(step->code) : NULL,
                      "text", staff ? step->text : NULL));
    }
    return steps;
}

static json_t *gaps_json(const ArchiveTimemap *timemap)
{
    unsigned count = 0;
    const ArchiveGap *gaps = timemap != NULL ? archive_timemap_gaps(timemap, &count) : NULL;
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) {
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:s}", "at_ms",
                            (json_int_t)(gaps[i].place_us / BASE_US_PER_MS), "lost_ms",
                            (json_int_t)(gaps[i].lost_us / BASE_US_PER_MS), "why", gaps[i].why));
    }
    return list;
}

json_t *live_recording_public(const Live *live, const char *id)
{
    const LiveSession *session = live_find(live, id);
    unsigned count = 0;
    const ArchiveStretch *stretches = session != NULL && session->timemap != NULL
                                          ? archive_timemap_stretches(session->timemap, &count)
                                          : NULL;
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("{s:I, s:I}", "start_ms",
                                              (json_int_t)(stretches[i].start_us / BASE_US_PER_MS),
                                              "end_ms",
                                              (json_int_t)(stretches[i].end_us / BASE_US_PER_MS)));
    }
    return list;
}

int64_t live_recording_duration_ms(const Live *live, const char *id, bool *out_chapters)
{
    const LiveSession *session = live_find(live, id);
    *out_chapters = false;
    for (guint i = 0; session != NULL && i < session->chapters->len; i++) {
        const RecordingChapter *chapter = session->chapters->pdata[i];
        *out_chapters = *out_chapters || chapter->at_us >= 0;
    }
    return session != NULL ? session->recording.duration_ms : -1;
}

static json_t *text_json(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static void add_keeping(const LiveSession *session, json_t *json, bool staff)
{
    const StoreSession *row = session->row;
    SessionRecording ends;
    live_recording_ends(session->live, session->id, &ends);
    session_recording_json(&ends, json);
    int64_t keep_us = session_keep_until(row, session->live->config.keep_days);
    json_object_set_new(json, "keep_until", base_json_time(keep_us));
    json_object_set_new(json, "deleted_at", base_json_time(row->deleted_us));
    json_object_set_new(json, "deleted_why", text_json(row->deleted_why));
    if (staff) {
        json_object_set_new(json, "deleted_by", text_json(row->deleted_by));
        json_object_set_new(json, "hold_changed_at", base_json_time(row->hold_us));
        json_object_set_new(json, "hold_by", text_json(row->hold_by));
        json_object_set_new(json, "hold_why", text_json(row->hold_why));
    }
}

void live_recording_look(const Live *live, const char *id, LiveRecordingLook *out)
{
    const LiveSession *session = live_find(live, id);
    *out = (LiveRecordingLook){0};
    if (session != NULL && session->row->deleted_us == 0) {
        out->bytes = session->recording.bytes;
        out->working = session->activity >= LIVE_BUILDING;
        out->failed = recording_status_failed(&session->recording) != NULL;
    }
}

json_t *live_recording(const Live *live, const char *id, bool staff)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        return json_null();
    }
    const RecordingStatus *recording = &session->recording;
    const RecordingStep *mp4 = &recording->steps[PUBLISH_STEP_MP4];
    const RecordingStep *failed = recording_status_failed(recording);
    bool working = session->activity >= LIVE_BUILDING; // trimming, deleting
    bool any = (recording->any || working) && session->row->deleted_us == 0;
    json_t *json =
        json_pack("{s:b, s:s, s:f, s:I, s:s?, s:o, s:o, s:I}", "playlist",
                  recording->steps[PUBLISH_STEP_PLAYLISTS].state == RECORDING_STEP_READY, "mp4",
                  any ? recording_step_state_name(mp4->state) : "none", "progress", mp4->progress,
                  "duration_ms", (json_int_t)recording->duration_ms, "text",
                  failed != NULL && staff ? failed->text : NULL, "steps",
                  any ? steps_json(recording, staff) : json_array(), "gaps",
                  gaps_json(session->timemap), "bytes", (json_int_t)recording->bytes);
    add_keeping(session, json, staff);
    return json;
}
