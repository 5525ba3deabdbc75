// SPDX-License-Identifier: GPL-3.0-or-later
// Trimming, hold, retention and deletion of recordings.
#include "base/clock.h"
#include "session/private.h"

#include <string.h>

#define DAY_US (INT64_C(24) * 3600 * BASE_US_PER_S)

/* null: the mark. */
static bool take_end(int64_t *out_us, int64_t mark_us, const json_t *json, const char *field,
                     GError **error)
{
    json_int_t media_ms = json_integer_value(json);
    bool null = json_is_null(json);
    bool good = json_is_integer(json) && media_ms >= 0 && media_ms < INT64_MAX / BASE_US_PER_MS;
    if (!null && !good) {
        return base_refuse_value(error, field,
                                 "a whole number of milliseconds of the session's timeline, or "
                                 "null for the mark");
    }
    *out_us = null ? mark_us : media_ms * BASE_US_PER_MS;
    return true;
}

static bool is_not_deleted(const StoreSession *row, GError **error)
{
    g_autofree char *gone = session_deleted_text(row);
    if (gone != NULL) {
        base_refuse(error, BASE_CODE_DELETED, NULL, NULL, "%s", gone);
    }
    return gone == NULL;
}

bool session_recording_is_there(const StoreSession *row, GError **error)
{
    SessionState state = row->state;
    bool over = state == SESSION_ENDED || state == SESSION_PUBLISHED ||
                (state == SESSION_CANCELLED && row->ended_us != 0); // from its lobby
    if (!is_not_deleted(row, error)) {
        return false;
    }
    if (!over) {
        base_refuse(error, BASE_CODE_NOT_ENDED, NULL, NULL,
                    "The session is %s: its recording can be changed when it has ended.",
                    store_state_name(row->state));
    }
    return over;
}

bool session_recording_check(const StoreSession *row, const json_t *body,
                             SessionRecording *recording, char **out_why, GError **error)
{
    static const char *const known[] = {"in_ms", "out_ms", "hold", "reason", NULL};
    const json_t *in = json_object_get(body, "in_ms"), *out = json_object_get(body, "out_ms");
    const json_t *hold = json_object_get(body, "hold");
    SessionRecording next = *recording;
    if (!json_is_object(body)) {
        return base_refuse_value(error, "recording", "a JSON object");
    }
    if (!session_only_known(body, known, "", error) ||
        (in != NULL && !take_end(&next.in_us, INT64_MIN, in, "in_ms", error)) ||
        (out != NULL && !take_end(&next.out_us, INT64_MAX, out, "out_ms", error))) {
        return false;
    }
    if (hold != NULL && !json_is_boolean(hold)) {
        return base_refuse_value(error, "hold", "true or false");
    }
    next.hold = hold != NULL ? json_is_true(hold) : next.hold;
    g_autofree char *why =
        session_take_text(json_object_get(body, "reason"), "reason", SESSION_MAX_REASON, error);
    if (why == NULL) {
        return false;
    }
    if (next.in_us >= next.out_us) {
        return base_refuse(error, BASE_CODE_END_BEFORE_START, "out_ms", NULL,
                           "in_ms must lie before out_ms");
    }
    if (!(in != NULL || out != NULL ? session_recording_is_there : is_not_deleted)(row, error)) {
        return false;
    }
    *recording = next;
    *out_why = why[0] != '\0' ? g_steal_pointer(&why) : NULL;
    return true;
}

void session_note_hold(StoreSession *row, bool hold, const char *by, const char *why,
                       int64_t now_us)
{
    row->hold = hold;
    row->hold_us = now_us;
    g_free(row->hold_by);
    row->hold_by = g_strdup(by);
    g_free(row->hold_why);
    row->hold_why = g_strdup(why == NULL && !hold ? SESSION_NO_REASON : why);
}

static json_t *end_json(int64_t media_us)
{
    bool mark = media_us == INT64_MIN || media_us == INT64_MAX;
    return mark ? json_null() : json_integer(media_us / BASE_US_PER_MS);
}

void session_recording_json(const SessionRecording *recording, json_t *out)
{
    json_object_set_new(out, "in_ms", end_json(recording->in_us));
    json_object_set_new(out, "out_ms", end_json(recording->out_us));
    json_object_set_new(out, "hold", json_boolean(recording->hold));
}

/* 0: not yet. An end before its creation, or a day before its start: the clock was behind. */
static int64_t kept_from(const StoreSession *row)
{
    if (!session_recording_is_there(row, NULL)) {
        return 0;
    }
    return MAX(row->ended_us, MAX(row->created_us, row->starts_us - DAY_US));
}

int64_t session_keep_until(const StoreSession *row, int keep_days)
{
    int64_t from_us = kept_from(row);
    keep_days = row->retention_days > 0 ? row->retention_days : keep_days;
    return from_us > 0 && keep_days > 0 && !row->hold ? from_us + keep_days * DAY_US : 0;
}

bool session_is_expired(const StoreSession *row, int keep_days, int64_t now_us)
{
    int64_t until_us = session_keep_until(row, keep_days);
    return until_us > 0 && now_us >= until_us;
}

bool session_clock_is_good(StoreClock *clock, int64_t now_us)
{
    if (clock->seen_us == 0 || now_us - clock->seen_us > SESSION_CLOCK_LEAP_US) {
        clock->doubted_until_us = now_us + SESSION_CLOCK_DOUBT_US;
    } else if (clock->doubted_until_us > now_us + SESSION_CLOCK_DOUBT_US) {
        clock->doubted_until_us = 0; // corrected: the doubt ends
    }
    clock->seen_us = now_us;
    return now_us >= clock->doubted_until_us;
}

char *session_reason(const json_t *body, GError **error)
{
    static const char *const known[] = {"reason", NULL};
    if (!session_only_known(body, known, "", error)) {
        return NULL;
    }
    g_autofree char *reason =
        session_take_text(json_object_get(body, "reason"), "reason", SESSION_MAX_REASON, error);
    if (reason != NULL && reason[0] == '\0') {
        session_required(error, "reason", "is missing: it is shown instead of the recording");
        return NULL;
    }
    return g_steal_pointer(&reason);
}

void session_note_deleted(StoreSession *row, const char *by, const char *why, int64_t now_us)
{
    row->deleted_us = now_us;
    g_free(row->deleted_by);
    row->deleted_by = g_strdup(by);
    g_free(row->deleted_why);
    row->deleted_why = g_strdup(why);
}

char *session_deleted_text(const StoreSession *row)
{
    if (row->deleted_us == 0) {
        return NULL;
    }
    g_autofree char *when = base_time_format(row->deleted_us);
    return g_strdup_printf("The recording was deleted at %s: %s", when,
                           row->deleted_why != NULL ? row->deleted_why : "no reason is known");
}
