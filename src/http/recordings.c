// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings, on main, and their files, on the http thread.
#include "http/resources.h"

#include "base/clock.h"

#include <string.h>

json_t *http_recording_json(Http *http, const char *id, const AuthIdentity *who)
{
    json_t *item = http_session_json(http, id, who);
    json_t *recording = json_object_get(item, "recording");
    json_object_set(item, "duration_ms", json_object_get(recording, "duration_ms"));
    json_object_set(item, "mp4", json_object_get(recording, "mp4"));
    return item;
}

static void reply_one(HttpRequest *request, const char *id)
{
    json_t *item = http_recording_json(request->http, id, request->who);
    json_object_set_new(item, "public", live_recording_public(request->http->services.live, id));
    http_reply_json(request, 200, item);
}

void http_on_recording_get(Http *http, HttpRequest *request)
{
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    bool over = row->state == SESSION_ENDED || row->state == SESSION_PUBLISHED;
    if (!over && row->ended_us == 0) { // cancelled in its lobby
        http_reply_problem(request, BASE_CODE_NOT_FOUND,
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
    Live *live = http->services.live;
    const char *id = request->params[0];
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;
    SessionRecording recording = {0};
    if (body == NULL) {
        return;
    }
    live_recording_ends(live, id, &recording);
    if (session_recording_check(live_session(live, id), body, &recording, &why, &error)) {
        live_change_recording(live, id, &recording, request->who->person, why, on_changed, request);
    } else {
        http_reply_error(request, error);
    }
}

void http_on_recording_retry(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body != NULL) {
        live_retry_recording(http->services.live, request->params[0], on_changed, request);
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
        live_delete_recording(http->services.live, request->params[0], request->who->person, reason,
                              on_deleted, request);
    }
}

/* Files */

static void find_recording(HttpFile *file)
{
    file->found = publish_find(file->directory, file->id, file->path, &file->file, &file->type);
}

/* Playlists and whole files: the rest is of no use without them. */
static bool is_first(const char *name)
{
    return g_str_has_suffix(name, ".m3u8") || g_str_has_suffix(name, ".mp4") ||
           g_str_has_suffix(name, ".m4a");
}

/* False: refused. */
static bool take_place(HttpRequest *request)
{
    if (is_first(http_media_name(request))) {
        return http_has_place(request, HTTP_READS);
    }
    http_admission_keep(request->http->admission, HTTP_READS, request->params[0],
                        http_counted(request), base_clock_us());
    return true;
}

void http_on_recording(Http *http, HttpRequest *request)
{
    LiveView view = {0};
    live_view(http->services.live, request->params[0], &view);
    g_clear_pointer(&view.hls, hls_snapshot_unref);
    g_autofree char *gone = live_gone(http->services.live, request->params[0]);
    if (gone != NULL) {
        http_reply_problem(request, BASE_CODE_GONE, gone);
        return;
    }
    if (!view.ended) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND,
                           "The session has not ended yet; its recording is here when it has.");
        return;
    }
    if (!take_place(request)) {
        return;
    }
    HttpFile *file = g_new0(HttpFile, 1);
    *file = (HttpFile){.find = find_recording,
                       .directory = g_strdup(live_directory(http->services.live)),
                       .id = g_strdup(request->params[0]),
                       .path = g_strdup(http_media_name(request)),
                       // a trim must reach every cache
                       .cache = g_strdup("private, no-cache")};
    http_send_file(request, file);
}
