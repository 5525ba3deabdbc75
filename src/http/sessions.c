// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions and their states.
#include "base/clock.h"
#include "base/id.h"
#include "http/resources.h"

#include <string.h>

AuthObject http_session_object(const StoreSession *row)
{
    return (AuthObject){.session = row->id,
                        .open = strcmp(row->access, "open") == 0,
                        .published = row->state == SESSION_PUBLISHED};
}

static json_t *to_json(Http *http, const StoreSession *row, const AuthIdentity *who)
{
    json_t *json = session_json(row);
    http_name_series(http, row, json);
    json_object_set_new(json, "picture", http_picture_json(http, "sessions", row->id));
    json_object_set_new(json, "materials", http_materials_json(http, row->id));
    g_autofree char *now = base_time_format(base_wall_us());
    json_object_set_new(json, "server_time", json_string(now));
    json_object_set_new(json, "slides", http_slides_json(http, row, who));
    AuthObject object = http_session_object(row);
    if (auth_may(who, AUTH_RUN_SESSION, &object)) {
        json_object_set_new(json, "caption", live_caption(http->services.live, row->id));
    }
    bool staff = auth_may(who, AUTH_EDIT_RECORDING, &object);
    json_object_set_new(json, "recording", live_recording(http->services.live, row->id, staff));
    return json;
}

json_t *http_session_json(Http *http, const char *session, const AuthIdentity *who)
{
    const StoreSession *row = live_session(http->services.live, session);
    return row != NULL ? to_json(http, row, who) : NULL;
}

/* With its version, for If-Match. */
static void reply_session(HttpRequest *request, unsigned status, const char *id)
{
    json_t *json = http_session_json(request->http, id, request->who);
    const char *version = json_string_value(json_object_get(json, "version"));
    if (version != NULL) {
        http_set_version(request, version);
    }
    http_reply_json(request, status, json);
}

void http_on_session(Http *http, HttpRequest *request)
{
    (void)http;
    reply_session(request, 200, request->params[0]);
}

void http_on_session_calendar(Http *http, HttpRequest *request)
{
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    if (row == NULL) {
        http_reply_problem(request, BASE_CODE_NO_SESSION, "There is no such session.");
        return;
    }
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *asked = query != NULL ? g_hash_table_lookup(query, "lang") : NULL;
    const char *lang = g_strcmp0(asked, "en") == 0 ? "en" : "ar";
    g_autofree char *page = g_strdup_printf("%s/%s/s/%s", http->public_url, lang, row->id);
    char *text = session_calendar(row, lang, page, base_wall_us());
    http_header(request, "Content-Disposition", "attachment; filename=\"session.ics\"");
    http_reply(request, 200, "text/calendar; charset=utf-8", g_bytes_new_take(text, strlen(text)));
}

typedef struct {
    HttpRequest *request;
    char *id;
} Write;

static void on_written(void *data, const GError *error)
{
    Write *write = data;
    HttpRequest *request = write->request;
    bool created = strcmp(request->route->method, "POST") == 0 && request->params[0] == NULL;
    if (error != NULL) {
        http_reply_error(request, error);
    } else if (strcmp(request->route->method, "DELETE") == 0) {
        auth_tokens_remove_session(request->http->services.tokens, write->id);
        files_forget(request->http->services.files, write->id);
        qa_sign_ins_ended(request->http->services.qa);
        http_reply(request, 204, NULL, NULL);
    } else {
        mail_wake(request->http->services.mail); // its time may be another
        if (created) {
            g_autofree char *location = g_strdup_printf("/api/v1/sessions/%s", write->id);
            http_header(request, "Location", location);
        }
        reply_session(request, created ? 201 : 200, write->id);
    }
    g_free(write->id);
    g_free(write);
}

static Write *write_new(HttpRequest *request, const char *id)
{
    Write *write = g_new(Write, 1);
    *write = (Write){.request = request, .id = g_strdup(id)};
    return write;
}

/* Takes `row` (nullable: replies with `error`). */
static void save(HttpRequest *request, StoreSession *row, GError *error)
{
    if (row != NULL && !http_number_is_free(request->http, row, &error)) {
        g_clear_pointer(&row, store_session_free);
    }
    if (row == NULL) {
        http_reply_error(request, error);
        g_clear_error(&error);
    } else {
        Write *write = write_new(request, row->id);
        live_save(request->http->services.live, row, on_written, write);
    }
}

void http_on_session_post(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    GError *error = NULL;
    if (body != NULL) {
        bool good = http_complete_session(http, body, true, &error);
        StoreSession *row = good ? session_new(body, base_wall_us(), &error) : NULL;
        save(request, row, error);
    }
}

void http_on_session_patch(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    GError *error = NULL;
    if (body == NULL) {
        return;
    }
    const StoreSession *now = live_session(http->services.live, request->params[0]);
    g_autofree char *version = session_version(now);
    if (!http_is_current(request, version)) {
        return;
    }
    StoreSession *row = store_session_copy(now);
    if (!http_complete_session(http, body, false, &error) || !session_check(row, body, &error)) {
        g_clear_pointer(&row, store_session_free);
    }
    save(request, row, error);
}

void http_on_session_delete(Http *http, HttpRequest *request)
{
    const char *id = request->params[0];
    g_autofree char *version = session_version(live_session(http->services.live, id));
    if (http_is_current(request, version)) {
        live_delete(http->services.live, id, on_written, write_new(request, id));
    }
}

void http_on_session_state(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    const char *to = json_string_value(json_object_get(body, "to"));
    SessionState state;
    if (to == NULL || !store_state_parse(to, &state)) {
        g_autoptr(GError) error = NULL;
        const char *allowed = "lobby, live, paused, ended, published, cancelled";
        base_refuse(&error, BASE_CODE_BAD_VALUE, "to", json_pack("{s:s}", "allowed", allowed),
                    "\"to\" is one of %s.", allowed);
        http_reply_error(request, error);
        return;
    }
    live_set_state(http->services.live, request->params[0], state, on_written,
                   write_new(request, request->params[0]));
}

/* The session that is on, or ?session=ID, first. */
static json_t *load_json(Http *http)
{
    static const char *const names[] = {
        [HTTP_FULL_VIEWERS] = "viewers", [HTTP_FULL_LOAD] = "load", [HTTP_FULL_MEMORY] = "memory"};
    HttpAdmissionStats stats;
    http_admission_stats(http->admission, &stats);
    json_int_t memory = (json_int_t)MIN(stats.memory_bytes, (uint64_t)INT64_MAX);
    return json_pack("{s:s?, s:i, s:i, s:I, s:I}", "full", names[stats.room], "viewers",
                     (int)stats.viewers, "busiest_percent", (int)stats.busiest_percent,
                     "memory_bytes", memory, "refused", (json_int_t)stats.refused);
}

void http_on_health(Http *http, HttpRequest *request)
{
    json_t *sessions = live_health(http->services.live);
    RtcStats stats;
    rtc_server_stats(http->services.rtc, &stats);
    g_autoptr(GHashTable) query = request->query != NULL
                                      ? soup_form_decode(request->query)
                                      : g_hash_table_new(g_str_hash, g_str_equal);
    const char *wanted = g_hash_table_lookup(query, "session");
    json_t *health = json_pack("{s:{s:s}, s:{s:s}, s:{}}", "programme", "state", "off", "recording",
                               "state", "off", "viewers");
    size_t i;
    json_t *item;
    json_array_foreach (sessions, i, item) {
        const char *id = json_string_value(json_object_get(item, "session"));
        json_t *viewers = json_object_get(item, "viewers");
        json_object_set_new(viewers, "present", json_integer(qa_present(http->services.qa, id)));
        json_object_set_new(viewers, "hls", json_integer(http_players(http)));
        if (wanted == NULL ? i == 0 : strcmp(wanted, id) == 0) {
            json_object_update(health, item);
        }
    }
    json_object_set_new(health, "rtc",
                        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "packets",
                                  (json_int_t)stats.packets, "bytes", (json_int_t)stats.bytes,
                                  "send_drops", (json_int_t)stats.send_drops, "resent",
                                  (json_int_t)stats.resent, "switched", (json_int_t)stats.switched,
                                  "paused", (json_int_t)stats.paused, "bad_packets",
                                  (json_int_t)stats.bad_packets));
    json_object_set_new(health, "load", load_json(http));
    json_object_set_new(health, "sessions", sessions);
    http_reply_json(request, 200, health);
}
