// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings in the API: what is there, its ends, hold, deletion. Their files: files.c. Main
// thread.
#include "http/private.h"

#include <string.h>

/* The session, with what lists of recordings show of it at the top. */
static json_t *to_json(Http *http, const char *id, const AuthIdentity *who)
{
    json_t *item = http_session_json(http, id, who);
    json_t *recording = json_object_get(item, "recording");
    json_object_set(item, "duration_ms", json_object_get(recording, "duration_ms"));
    json_object_set(item, "mp4", json_object_get(recording, "mp4"));
    return item;
}

void http_on_recordings(Http *http, HttpRequest *request)
{
    g_autoptr(GPtrArray) rows = live_sessions(http->rooms.live);
    json_t *items = json_array();
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        AuthObject object = http_session_object(row);
        bool over = object.published || strcmp(row->state, "ended") == 0;
        // of a deleted one only its trace is there, for those who look after recordings
        AuthAction action = row->deleted_us != 0 ? AUTH_EDIT_RECORDING : AUTH_SEE_RECORDING;
        if (over && auth_may(request->who, action, &object)) {
            json_array_append_new(items, to_json(http, row->id, request->who));
        }
    }
    http_reply_json(request, 200, json_pack("{s:o, s:n}", "items", items, "next"));
}

/* One by itself also says where it lies on the timeline. */
static void reply_one(HttpRequest *request, const char *id)
{
    json_t *item = to_json(request->http, id, request->who);
    json_object_set_new(item, "public", live_recording_public(request->http->rooms.live, id));
    http_reply_json(request, 200, item);
}

void http_on_recording_get(Http *http, HttpRequest *request)
{
    const StoreSession *row = live_session(http->rooms.live, request->params[0]);
    bool over = strcmp(row->state, "ended") == 0 || strcmp(row->state, "published") == 0;
    if (!over && row->ended_us == 0) { // one that was cancelled in its lobby has ended too
        http_reply_problem(request, BASE_ERROR_NOT_FOUND,
                           "The session has not ended yet; its recording is here when it has.");
    } else {
        reply_one(request, row->id);
    }
}

static void on_changed(void *data, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        reply_one(request, request->params[0]);
    }
}

static void on_deleted(void *data, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        http_reply(request, 204, NULL, NULL);
    }
}

void http_on_recording_patch(Http *http, HttpRequest *request)
{
    Live *live = http->rooms.live;
    const char *id = request->params[0];
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    SessionRecording recording = {0};
    if (body == NULL) {
        return;
    }
    live_recording_ends(live, id, &recording);
    if (session_recording_check(live_session(live, id), body, &recording, &error)) {
        live_change_recording(live, id, &recording, on_changed, request);
    } else {
        http_reply_error(request, error);
    }
}

void http_on_recording_retry(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body != NULL) {
        live_retry_recording(http->rooms.live, request->params[0], on_changed, request);
    }
}

void http_on_recording_delete(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    if (body == NULL) {
        return;
    }
    g_autofree char *reason = session_reason(body, &error);
    if (reason == NULL) {
        http_reply_error(request, error);
    } else {
        live_delete_recording(http->rooms.live, request->params[0], request->who->person, reason,
                              on_deleted, request);
    }
}
