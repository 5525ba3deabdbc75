// SPDX-License-Identifier: GPL-3.0-or-later
// Parses client messages and writes server messages.
#include "qa/message.h"

#include "base/clock.h"
#include "base/text.h"
#include "qa/qa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const op_names[QA_OPS] = {
    "join", "ask", "vote", "withdraw", "moderate", "presence", "message", "acknowledge", "undo",
};
static const char *const via_names[QA_VIAS] = {"none", "whep", "hls"};
static const char *const road_names[QA_ROADS] = {"none", "udp", "tcp", "relay"};

/* Reading */

static bool invalid(GError **error, const char *what)
{
    g_set_error_literal(error, BASE_ERROR, BASE_ERROR_INVALID, what);
    return false;
}

static bool read_name(const char *name, const char *const names[], unsigned count, unsigned *out)
{
    for (unsigned i = 0; name != NULL && i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* `max`: in characters. */
static bool read_text(const json_t *json, const char *key, size_t max, bool required,
                      const char **out, GError **error)
{
    const json_t *value = json_object_get(json, key);
    if (value == NULL || json_is_null(value)) {
        if (required) {
            base_refuse(error, BASE_CODE_REQUIRED, key, NULL, "The field \"%s\" is missing.", key);
        }
        return !required;
    }
    if (!json_is_string(value) || (max <= QA_MAX_ID_CHARACTERS && json_string_length(value) == 0)) {
        return base_refuse(error, BASE_CODE_BAD_VALUE, key, json_pack("{s:s}", "allowed", "a text"),
                           "The field \"%s\" must be a text.", key);
    }
    if ((size_t)g_utf8_strlen(json_string_value(value), -1) > max) {
        base_refuse(error, BASE_CODE_TOO_LONG, key, json_pack("{s:I}", "max", (json_int_t)max),
                    "The field \"%s\" must be a text of at most %zu characters.", key, max);
        return false;
    }
    *out = json_string_value(value);
    return true;
}

static bool read_bool(const json_t *json, const char *key, bool required, bool *out, GError **error)
{
    const json_t *value = json_object_get(json, key);
    if (value == NULL && !required) {
        return true;
    }
    if (!json_is_boolean(value)) {
        base_refuse(error, BASE_CODE_BAD_VALUE, key, json_pack("{s:s}", "allowed", "true or false"),
                    "The field \"%s\" must be true or false.", key);
        return false;
    }
    *out = json_is_true(value);
    return true;
}

static bool read_clean(const json_t *json, bool required, char **out, GError **error)
{
    const char *text = NULL;
    if (!read_text(json, "text", G_MAXSIZE, required, &text, error)) {
        return false;
    }
    if (text != NULL) {
        *out = base_text_take(text, "text", QA_MAX_QUESTION_CHARACTERS, true, error);
    }
    return text == NULL || *out != NULL;
}

static bool read_question(const json_t *json, QaMessage *out, GError **error)
{
    return read_text(json, "question", QA_MAX_ID_CHARACTERS, true, &out->question, error);
}

static bool read_moderate(const json_t *json, QaMessage *out, GError **error)
{
    const char *to = NULL;
    bool starred = false;
    if (!read_question(json, out, error) ||
        !read_text(json, "to", QA_MAX_ID_CHARACTERS, false, &to, error) ||
        !read_text(json, "merge_into", QA_MAX_ID_CHARACTERS, false, &out->merge_into, error) ||
        !read_bool(json, "starred", false, &starred, error) ||
        !read_clean(json, false, &out->text, error)) {
        return false;
    }
    if (to == NULL && out->merge_into != NULL) {
        to = "merged";
    }
    out->starred = json_object_get(json, "starred") != NULL ? starred : -1;
    out->has_to = to != NULL;
    if (to != NULL && !qa_state_parse(to, &out->to)) {
        return invalid(error,
                       "The field \"to\" must be one of pending, approved, on_air, answered, "
                       "rejected, merged.");
    }
    if (out->merge_into != NULL && out->to != QA_MERGED) {
        return invalid(error, "The field \"merge_into\" goes only with \"to\": \"merged\".");
    }
    if (!out->has_to && out->text == NULL && out->starred < 0) {
        return invalid(error, "Nothing to change: give \"to\", \"text\", \"starred\" or "
                              "\"merge_into\".");
    }
    return true;
}

#define MAX_DELAY_MS 600000

static bool read_delay(const json_t *json, QaMessage *out, GError **error)
{
    const json_t *delay = json_object_get(json, "delay_ms");
    double ms = json_is_number(delay) ? json_number_value(delay) : -1;
    out->delay_us = ms < 0 ? -1 : (int64_t)(MIN(ms, MAX_DELAY_MS) * BASE_US_PER_MS);
    if (delay != NULL && !json_is_null(delay) && (ms < 0 || ms > MAX_DELAY_MS)) {
        return invalid(error, "The field \"delay_ms\" must be a number from 0 to 600000.");
    }
    return true;
}

static bool read_presence(const json_t *json, QaMessage *out, GError **error)
{
    const char *name = NULL;
    unsigned via = QA_VIA_NONE;
    if (!read_text(json, "via", QA_MAX_ID_CHARACTERS, true, &name, error)) {
        return false;
    }
    if (!read_name(name, via_names, QA_VIAS, &via)) {
        return invalid(error, "The field \"via\" must be whep, hls or none.");
    }
    const char *road_name = NULL;
    unsigned road = QA_ROAD_UNKNOWN;
    if (!read_text(json, "road", QA_MAX_ID_CHARACTERS, false, &road_name, error)) {
        return false;
    }
    if (road_name != NULL && !read_name(road_name, road_names, QA_ROADS, &road)) {
        return invalid(error, "The field \"road\" must be udp, tcp, relay or none.");
    }
    const json_t *playhead = json_object_get(json, "playhead_ms");
    if (playhead != NULL && !json_is_number(playhead) && !json_is_null(playhead)) {
        return invalid(error, "The field \"playhead_ms\" must be a number.");
    }
    out->via = via;
    out->road = road;
    return read_delay(json, out, error);
}

static bool read_fields(const json_t *json, QaMessage *out, GError **error)
{
    const char *to = NULL;
    switch (out->op) {
    case QA_OP_JOIN:
        return read_text(json, "session", QA_MAX_ID_CHARACTERS, true, &out->session, error) &&
               read_text(json, "since", QA_MAX_MESSAGE_BYTES, false, &out->since, error);
    case QA_OP_ASK:
        return read_clean(json, true, &out->text, error) &&
               read_bool(json, "anonymous", false, &out->anonymous, error);
    case QA_OP_VOTE:
        return read_question(json, out, error) && read_bool(json, "on", true, &out->on, error);
    case QA_OP_WITHDRAW:
        return read_question(json, out, error);
    case QA_OP_MODERATE:
        return read_moderate(json, out, error);
    case QA_OP_PRESENCE:
        return read_presence(json, out, error);
    case QA_OP_MESSAGE:
        if (!read_clean(json, true, &out->text, error) ||
            !read_text(json, "to", QA_MAX_ID_CHARACTERS, true, &to, error)) {
            return false;
        }
        return strcmp(to, "presenter") == 0 ||
               invalid(error, "The field \"to\" must be \"presenter\".");
    case QA_OP_UNDO:
        return read_question(json, out, error) &&
               read_text(json, "act", QA_MAX_ID_CHARACTERS, true, &out->act, error);
    case QA_OP_ACKNOWLEDGE:
        return read_text(json, "message", QA_MAX_ID_CHARACTERS, true, &out->message, error);
    case QA_OPS:
        break;
    }
    g_assert_not_reached();
}

bool qa_message_parse(const json_t *json, QaMessage *out, GError **error)
{
    g_auto(QaMessage) message = {.starred = -1};
    const char *name = json_string_value(json_object_get(json, "op"));
    unsigned op = 0;
    if (!read_name(name, op_names, QA_OPS, &op)) {
        return invalid(error,
                       "The field \"op\" must be one of join, ask, vote, withdraw, moderate, "
                       "presence, message, acknowledge, undo.");
    }
    message.op = op;
    if (!read_text(json, "ref", QA_MAX_REF_CHARACTERS, false, &message.ref, error) ||
        !read_fields(json, &message, error)) {
        return false;
    }
    *out = message;
    message.text = NULL;
    return true;
}

void qa_message_clear(QaMessage *message)
{
    g_clear_pointer(&message->text, g_free);
}

const char *qa_message_ref(const json_t *json)
{
    const json_t *ref = json_object_get(json, "ref");
    bool fits =
        json_is_string(ref) && g_utf8_strlen(json_string_value(ref), -1) <= QA_MAX_REF_CHARACTERS;
    return fits ? json_string_value(ref) : NULL;
}

char *qa_cursor_format(const char *run, uint64_t sequence)
{
    return g_strdup_printf("%s:%" G_GUINT64_FORMAT, run, sequence);
}

bool qa_cursor_parse(const char *cursor, const char *run, uint64_t *out_sequence)
{
    size_t length = strlen(run);
    if (strncmp(cursor, run, length) != 0 || cursor[length] != ':') {
        return false;
    }
    guint64 sequence = 0;
    if (!g_ascii_string_to_unsigned(cursor + length + 1, 10, 0, G_MAXINT64, &sequence, NULL)) {
        return false;
    }
    *out_sequence = sequence;
    return true;
}

static json_t *write_media_ms(int64_t media_us)
{
    return media_us < 0 ? json_null() : json_integer(media_us / BASE_US_PER_MS);
}

json_t *qa_write_text(const char *text)
{
    json_t *json = text != NULL ? json_string(text) : json_null();
    if (json == NULL) {
        g_autofree char *valid = g_utf8_make_valid(text, -1);
        json = json_string(valid);
    }
    return json;
}

static json_t *write_by(const StoreQuestion *row)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:b}", "person", qa_write_text(row->person), "name",
                     qa_write_text(row->name), "entity", qa_write_text(row->entity), "anonymous",
                     row->anonymous, "named", row->named);
}

/* For all but moderators. */
static json_t *write_name(const StoreQuestion *row)
{
    return json_pack("{s:o, s:o}", "name", qa_write_text(row->name), "entity",
                     qa_write_text(row->entity));
}

static json_t *write_question(const QaQuestion *question, unsigned write)
{
    const StoreQuestion *row = question->row;
    g_autofree char *at = base_time_format(row->at_us);
    json_t *json =
        json_pack("{s:o, s:o, s:s, s:i, s:s, s:o, s:b, s:o}", "id", qa_write_text(row->id), "text",
                  qa_write_text(row->text), "state", qa_state_name(question->state), "votes",
                  (int)g_hash_table_size(question->voters), "at", at, "media_ms",
                  write_media_ms(row->media_us), "starred", row->starred, "merged_into",
                  qa_write_text(row->merged_into));
    if (write & QA_WRITE_BY) {
        json_object_set_new(json, "by", write_by(row));
        json_object_set_new(json, "act", qa_write_text(row->act));
    } else if (question->shows_name) {
        json_object_set_new(json, "by", write_name(row));
    }
    if ((write & QA_WRITE_BY) && row->original != NULL) {
        json_object_set_new(json, "original", qa_write_text(row->original));
    }
    if (write & (QA_WRITE_MINE | QA_WRITE_ALL)) {
        json_object_set_new(json, "mine", json_boolean(write & QA_WRITE_MINE));
    }
    if (write & (QA_WRITE_VOTED | QA_WRITE_ALL)) {
        json_object_set_new(json, "voted", json_boolean(write & QA_WRITE_VOTED));
    }
    return json;
}

unsigned qa_write_flags(const QaQuestion *question, const QaViewer *viewer)
{
    bool mine = strcmp(question->row->person, viewer->person) == 0;
    bool voted = qa_question_voted(question, viewer->person);
    return (viewer->moderates ? QA_WRITE_BY : 0u) | (mine ? QA_WRITE_MINE : 0u) |
           (voted ? QA_WRITE_VOTED : 0u);
}

json_t *qa_write_question_for(const QaQuestion *question, const QaViewer *viewer)
{
    return write_question(question, QA_WRITE_ALL | qa_write_flags(question, viewer));
}

/* Cached until the question or its votes change. */
static const char *written(const QaQuestion *question, const QaViewer *viewer)
{
    char **text = &question->written[qa_write_flags(question, viewer)];
    if (*text == NULL) {
        json_t *json = qa_write_question_for(question, viewer);
        *text = base_json_text(json);
        json_decref(json);
    }
    return *text;
}

void qa_write_questions(const QaQuestions *questions, const QaViewer *viewer, GString *out)
{
    const char *before = "[";
    const GPtrArray *all = qa_questions_all(questions);
    for (guint i = 0; i < all->len; i++) {
        const QaQuestion *question = all->pdata[i];
        if (qa_question_seen(question, question->state, viewer)) {
            g_string_append(out, before);
            g_string_append(out, written(question, viewer));
            before = ",";
        }
    }
    g_string_append(out, before[0] == '[' ? "[]" : "]");
}

json_t *qa_write_presenter_message(const StorePresenterMessage *message)
{
    g_autofree char *at = base_time_format(message->at_us);
    g_autofree char *acknowledged =
        message->acknowledged_us > 0 ? base_time_format(message->acknowledged_us) : NULL;
    return json_pack("{s:o, s:o, s:s, s:o, s:s?}", "id", qa_write_text(message->id), "text",
                     qa_write_text(message->text), "at", at, "from", qa_write_text(message->sender),
                     "acknowledged_at", acknowledged);
}

json_t *qa_write_event(const char *cursor, const char *type, json_t *data)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:o}", "op", "event", "cursor", cursor, "type", type,
                             "data", data);
    g_assert(json != NULL);
    return json;
}

json_t *qa_write_entry(const char *cursor, const QaEntry *entry, QaTell tell, unsigned write)
{
    static const char *const types[] = {
        [QA_TELL_ADDED] = "question.added",
        [QA_TELL_CHANGED] = "question.changed",
        [QA_TELL_REMOVED] = "question.removed",
    };
    /* No state and no text for those who may no longer see it. */
    json_t *data = tell == QA_TELL_REMOVED
                       ? json_pack("{s:o}", "id", qa_write_text(entry->question->row->id))
                       : write_question(entry->question, write);
    if (tell == QA_TELL_CHANGED) { // a merge may change votes
        json_object_set_new(data, "voted", json_boolean(write & QA_WRITE_VOTED));
    }
    return qa_write_event(cursor, types[tell], data);
}

static bool votes_seen(const QaQuestion *question, const QaViewer *viewer)
{
    if (viewer->person == NULL && !viewer->moderates) {
        return qa_question_public(question);
    }
    return qa_question_seen(question, question->state, viewer);
}

json_t *qa_write_votes(const GPtrArray *questions, const QaViewer *viewer, bool voted)
{
    json_t *list = json_array();
    for (guint i = 0; i < questions->len; i++) {
        const QaQuestion *question = questions->pdata[i];
        if (!votes_seen(question, viewer)) {
            continue;
        }
        json_t *item = json_pack("{s:o, s:i}", "question", qa_write_text(question->row->id),
                                 "votes", (int)g_hash_table_size(question->voters));
        if (voted) {
            json_object_set_new(item, "voted",
                                json_boolean(qa_question_voted(question, viewer->person)));
        }
        json_array_append_new(list, item);
    }
    if (json_array_size(list) == 0) {
        g_clear_pointer(&list, json_decref);
    }
    return list;
}

json_t *qa_write_ok(const char *ref, const char *cursor, const char *act, json_t *question)
{
    json_t *json = json_pack("{s:s}", "op", "ok");
    if (ref != NULL) {
        json_object_set_new(json, "ref", json_string(ref));
    }
    json_object_set_new(json, "cursor", json_string(cursor));
    if (act != NULL) {
        json_object_set_new(json, "act", json_string(act));
    }
    if (question != NULL) {
        json_object_set_new(json, "question", question);
    }
    return json;
}

static const char *error_type(const GError *error)
{
    if (error->domain != BASE_ERROR) {
        return "unavailable";
    }
    switch ((BaseError)error->code) {
    case BASE_ERROR_INVALID:
    case BASE_ERROR_UPGRADE:
        return "invalid";
    case BASE_ERROR_NOT_FOUND:
    case BASE_ERROR_GONE:
        return "not_found";
    case BASE_ERROR_DENIED:
        return "denied";
    case BASE_ERROR_SIGNED_OUT:
        return "signed_out";
    case BASE_ERROR_CONFLICT:
        return "conflict";
    case BASE_ERROR_LIMIT:
        return "limit";
    case BASE_ERROR_FULL:
        return "full";
    case BASE_ERROR_FAILED:
    case BASE_ERROR_UNAVAILABLE:
    case BASE_ERROR_NO_PLACE:
        break;
    }
    return "unavailable";
}

json_t *qa_write_error(const char *ref, const GError *error)
{
    json_t *json = json_pack("{s:s, s:s, s:s}", "op", "error", "type", error_type(error), "detail",
                             error->message);
    base_error_describe(error, json);
    if (ref != NULL) {
        json_object_set_new(json, "ref", json_string(ref));
    }
    return json;
}

GBytes *qa_write_bytes(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    g_assert(text != NULL);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}
