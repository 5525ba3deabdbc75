// SPDX-License-Identifier: GPL-3.0-or-later
// Series and speakers in the API.
#include "base/clock.h"
#include "http/resources.h"

#include <string.h>

typedef struct Write Write;

/* Both are read and written alike. */
typedef struct {
    const char *path;
    /* Nullable. */
    json_t *(*json)(const Http *http, const AuthIdentity *who, const char *id);
    GPtrArray *(*ids)(const Series *series);               // borrowed ids
    int (*revision)(const Series *series, const char *id); // -1: none such
    /* Of `write->id`, or a new one. False: refused, `write` stays. */
    bool (*save)(Series *series, Write *write, const json_t *body, GError **error);
    void (*remove)(Series *series, const char *id, SeriesDone done, void *data);
} Resource;

struct Write {
    HttpRequest *request;
    const Resource *resource;
    char *id; // NULL: not made yet
};

static void on_written(void *data, const GError *error);

static GPtrArray *series_ids(const Series *series)
{
    GPtrArray *list = series_list(series);
    for (guint i = 0; i < list->len; i++) {
        list->pdata[i] = ((const StoreSeries *)list->pdata[i])->id;
    }
    return list;
}

static GPtrArray *speaker_ids(const Series *series)
{
    GPtrArray *list = series_speakers(series);
    for (guint i = 0; i < list->len; i++) {
        list->pdata[i] = ((const StoreSpeaker *)list->pdata[i])->id;
    }
    return list;
}

/* `json` is nullable. */
static json_t *with_picture(const Http *http, json_t *json, const char *kind, const char *id)
{
    if (json != NULL) {
        json_object_set_new(json, "picture", http_picture_json(http, kind, id));
    }
    return json;
}

static json_t *series_json(const Http *http, const AuthIdentity *who, const char *id)
{
    const StoreSeries *row = series_find(http->services.series, id);
    json_t *json =
        row != NULL ? session_series_json(row, auth_may(who, AUTH_EDIT_SESSION, NULL)) : NULL;
    return with_picture(http, json, "series", id);
}

static json_t *speaker_json(const Http *http, const AuthIdentity *who, const char *id)
{
    (void)who;
    const StoreSpeaker *row = series_speaker(http->services.series, id);
    return with_picture(http, row != NULL ? session_speaker_json(row) : NULL, "speakers", id);
}

static int series_revision(const Series *series, const char *id)
{
    const StoreSeries *row = series_find(series, id);
    return row != NULL ? row->revision : -1;
}

static int speaker_revision(const Series *series, const char *id)
{
    const StoreSpeaker *row = series_speaker(series, id);
    return row != NULL ? row->revision : -1;
}

static bool save_series(Series *series, Write *write, const json_t *body, GError **error)
{
    g_autoptr(StoreSeries) row = write->id != NULL
                                     ? store_series_copy(series_find(series, write->id))
                                     : session_series_new(body, base_wall_us(), error);
    if (row == NULL || (write->id != NULL && !session_series_check(row, body, error))) {
        return false;
    }
    write->id = write->id != NULL ? write->id : g_strdup(row->id);
    series_save(series, g_steal_pointer(&row), on_written, write);
    return true;
}

static bool save_speaker(Series *series, Write *write, const json_t *body, GError **error)
{
    g_autoptr(StoreSpeaker) row = write->id != NULL
                                      ? store_speaker_copy(series_speaker(series, write->id))
                                      : session_speaker_new(body, base_wall_us(), error);
    if (row == NULL || (write->id != NULL && !session_speaker_check(row, body, error))) {
        return false;
    }
    write->id = write->id != NULL ? write->id : g_strdup(row->id);
    series_save_speaker(series, g_steal_pointer(&row), on_written, write);
    return true;
}

static const Resource all_series = {"series",        series_json, series_ids,
                                    series_revision, save_series, series_delete};
static const Resource all_speakers = {"speakers",       speaker_json, speaker_ids,
                                      speaker_revision, save_speaker, series_delete_speaker};

static void reply_list(const Http *http, HttpRequest *request, const Resource *resource)
{
    g_autoptr(GPtrArray) ids = resource->ids(http->services.series);
    g_autoptr(json_t) seen = http_seen(http, request->who);
    json_t *items = json_array();
    for (guint i = 0; i < ids->len; i++) {
        if (seen == NULL || json_object_get(seen, ids->pdata[i]) != NULL) {
            json_array_append_new(items, resource->json(http, request->who, ids->pdata[i]));
        }
    }
    http_reply_json(request, 200, json_pack("{s:o, s:n}", "items", items, "next"));
}

static void reply_nothing(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_NOT_FOUND,
                       "There is nothing under this address. Check the link, or ask the "
                       "organisers.");
}

/* With the sessions that the asker may see. */
static void reply_one(HttpRequest *request, const Resource *resource, const char *id,
                      unsigned status)
{
    const Http *http = request->http;
    json_t *json = resource->json(http, request->who, id);
    if (json == NULL) { // deleted meanwhile
        reply_nothing(request);
        return;
    }
    const char *version = json_string_value(json_object_get(json, "version"));
    if (version != NULL) {
        http_set_version(request, version);
    }
    json_object_set_new(json, "sessions", http_sessions_of(http, request->who, id));
    http_reply_json(request, status, json);
}

static void reply_seen(const Http *http, HttpRequest *request, const Resource *resource)
{
    g_autoptr(json_t) seen = http_seen(http, request->who);
    if (seen != NULL && json_object_get(seen, request->params[0]) == NULL) {
        reply_nothing(request);
    } else {
        reply_one(request, resource, request->params[0], 200);
    }
}

void http_on_series(Http *http, HttpRequest *request)
{
    reply_list(http, request, &all_series);
}

void http_on_speakers(Http *http, HttpRequest *request)
{
    reply_list(http, request, &all_speakers);
}

void http_on_series_get(Http *http, HttpRequest *request)
{
    reply_seen(http, request, &all_series);
}

void http_on_speaker_get(Http *http, HttpRequest *request)
{
    reply_seen(http, request, &all_speakers);
}

/* --- Changes ---------------------------------------------------------------------------------- */

static void write_free(Write *write)
{
    g_free(write->id);
    g_free(write);
}

static void on_written(void *data, const GError *error)
{
    Write *write = data;
    HttpRequest *request = write->request;
    const char *method = request->route->method;
    if (error == NULL) {
        http_feeds_changed(request->http); // they show names
    }
    if (error != NULL) {
        http_reply_error(request, error);
    } else if (strcmp(method, "DELETE") == 0) {
        files_forget(request->http->services.files, write->id);
        http_reply(request, 204, NULL, NULL);
    } else if (strcmp(method, "POST") == 0) {
        g_autofree char *location =
            g_strdup_printf("/api/v1/%s/%s", write->resource->path, write->id);
        http_header(request, "Location", location);
        reply_one(request, write->resource, write->id, 201);
    } else {
        reply_one(request, write->resource, write->id, 200);
    }
    write_free(write);
}

static Write *write_new(HttpRequest *request, const Resource *resource)
{
    Write *write = g_new(Write, 1);
    *write = (Write){.request = request, .resource = resource, .id = g_strdup(request->params[0])};
    return write;
}

/* False: replied. A new one always is. */
static bool is_current(HttpRequest *request, const Resource *resource)
{
    const char *id = request->params[0];
    int revision = id != NULL ? resource->revision(request->http->services.series, id) : 0;
    g_autofree char *version = g_strdup_printf("%d", revision);
    if (revision < 0) {
        reply_nothing(request);
        return false;
    }
    return id == NULL || http_is_current(request, version);
}

static void save(HttpRequest *request, const Resource *resource)
{
    g_autoptr(json_t) body = NULL;
    g_autoptr(GError) error = NULL;
    if (!is_current(request, resource) || (body = http_request_json(request)) == NULL) {
        return;
    }
    Write *write = write_new(request, resource);
    if (!resource->save(request->http->services.series, write, body, &error)) {
        http_reply_error(request, error);
        write_free(write);
    }
}

void http_on_series_save(Http *http, HttpRequest *request)
{
    (void)http;
    save(request, &all_series);
}

void http_on_speaker_save(Http *http, HttpRequest *request)
{
    (void)http;
    save(request, &all_speakers);
}

static void delete_one(HttpRequest *request, const Resource *resource)
{
    resource->remove(request->http->services.series, request->params[0], on_written,
                     write_new(request, resource));
}

void http_on_series_delete(Http *http, HttpRequest *request)
{
    if (!is_current(request, &all_series)) {
        return;
    }
    g_autoptr(json_t) sessions = http_sessions_of(http, request->who, request->params[0]);
    size_t count = json_array_size(sessions);
    if (count > 0) {
        g_autoptr(GError) error = NULL;
        base_refuse(&error, BASE_CODE_SERIES_IN_USE, NULL,
                    json_pack("{s:I}", "count", (json_int_t)count),
                    "%zu sessions belong to the series. Move them to another one first.", count);
        http_reply_error(request, error);
    } else {
        delete_one(request, &all_series);
    }
}

/* Sessions keep the name. */
void http_on_speaker_delete(Http *http, HttpRequest *request)
{
    (void)http;
    if (is_current(request, &all_speakers)) {
        delete_one(request, &all_speakers);
    }
}
