// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of sessions, series and speakers; materials of sessions.
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "http/fields/query.h"
#include "http/resources.h"

#include <string.h>

/* "sessions", "series" or "speakers", of a route. */
static const char *kind_of(const HttpRequest *request)
{
    static const char *const kinds[] = {"sessions", "series", "speakers"};
    const char *pattern = request->route->pattern + strlen("/api/v1/");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(pattern, kinds[i])) {
            return kinds[i];
        }
    }
    g_assert_not_reached();
}

static bool owner_exists(const Http *http, const char *kind, const char *id)
{
    return strcmp(kind, "series") == 0     ? series_find(http->services.series, id) != NULL
           : strcmp(kind, "speakers") == 0 ? series_speaker(http->services.series, id) != NULL
                                           : live_session(http->services.live, id) != NULL;
}

json_t *http_picture_json(const Http *http, const char *kind, const char *owner)
{
    const StoreFile *row = files_picture(http->services.files, owner);
    if (row == NULL) {
        return json_null();
    }
    g_autofree char *path =
        g_strdup_printf("/api/v1/%s/%s/picture?v=%.12s", kind, owner, row->digest);
    return json_string(path);
}

static json_t *material_json(const StoreFile *row)
{
    g_autofree char *path = row->link != NULL ? g_strdup(row->link)
                                              : g_strdup_printf("/api/v1/sessions/%s/materials/%s",
                                                                row->session, row->id);
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "id", row->id, "name", row->name, "url", path,
                     "type", row->type, "bytes",
                     row->link == NULL ? json_integer(row->bytes) : json_null());
}

json_t *http_materials_json(const Http *http, const char *session)
{
    g_autoptr(GPtrArray) rows = files_materials(http->services.files, session);
    json_t *list = json_array();
    for (guint i = 0; i < rows->len; i++) {
        json_array_append_new(list, material_json(rows->pdata[i]));
    }
    return list;
}

static void reply_no_owner(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_NOT_FOUND,
                       "There is nothing under this address. Check the link, or ask the "
                       "organisers.");
}

static StoreFile *row_new(HttpRequest *request, const char *kind, bool picture)
{
    StoreFile *row = g_new0(StoreFile, 1);
    char **owner = strcmp(kind, "series") == 0     ? &row->series
                   : strcmp(kind, "speakers") == 0 ? &row->speaker
                                                   : &row->session;
    row->id = base_id_new(BASE_ID_LENGTH);
    *owner = g_strdup(request->params[0]);
    row->picture = picture;
    row->name = g_strdup("");
    row->created_us = base_wall_us();
    return row;
}

/* Tells pages that show the session. */
static void tell(HttpRequest *request)
{
    if (strcmp(kind_of(request), "sessions") == 0) {
        qa_session_changed(request->http->services.qa, request->params[0]);
    }
}

static void on_deleted(void *data, const StoreFile *row, const GError *error)
{
    (void)row;
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        tell(request);
        http_reply(request, 204, NULL, NULL);
    }
}

void http_reply_no_file(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_NO_FILE,
                       "There is no such file. It may have been removed or replaced.");
}

static void delete_row(HttpRequest *request, const StoreFile *row)
{
    if (row == NULL) {
        http_reply_no_file(request);
    } else {
        files_delete(request->http->services.files, row->id, on_deleted, request);
    }
}

/* --- Pictures --------------------------------------------------------------------------------- */

static void on_picture(void *data, const StoreFile *row, const GError *error)
{
    (void)row;
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        tell(request);
        json_t *picture = http_picture_json(request->http, kind_of(request), request->params[0]);
        http_reply_json(request, 200, json_pack("{s:o}", "picture", picture));
    }
}

void http_on_picture_put(Http *http, HttpRequest *request)
{
    const char *kind = kind_of(request);
    if (!owner_exists(http, kind, request->params[0])) {
        reply_no_owner(request);
        return;
    }
    files_put(http->services.files, row_new(request, kind, true), request->body, FILES_PICTURES,
              on_picture, request);
}

void http_on_picture_delete(Http *http, HttpRequest *request)
{
    delete_row(request, files_picture(http->services.files, request->params[0]));
}

/* --- Materials -------------------------------------------------------------------------------- */

static void on_material(void *data, const StoreFile *row, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
        return;
    }
    tell(request);
    g_autofree char *location =
        g_strdup_printf("/api/v1/sessions/%s/materials/%s", row->session, row->id);
    http_header(request, "Location", location);
    http_reply_json(request, 201, material_json(row));
}

static bool take_name(StoreFile *row, const char *text, GError **error)
{
    char *name = base_text_take(text != NULL ? text : "", "name", FILES_MAX_NAME, true, error);
    if (name != NULL) {
        g_free(row->name);
        row->name = name;
    }
    return name != NULL;
}

void http_on_material_post(Http *http, HttpRequest *request)
{
    g_autoptr(GHashTable) query = http_query_new(request->query);
    g_autoptr(StoreFile) row = row_new(request, "sessions", false);
    g_autoptr(GError) error = NULL;
    if (!take_name(row, g_hash_table_lookup(query, "name"), &error)) {
        http_reply_error(request, error);
        return;
    }
    files_put(http->services.files, g_steal_pointer(&row), request->body, FILES_MATERIALS,
              on_material, request);
}

/* Of the web, and in one line. */
static bool take_link(StoreFile *row, const char *text, GError **error)
{
    g_autoptr(GUri) uri = text != NULL ? g_uri_parse(text, G_URI_FLAGS_NONE, NULL) : NULL;
    const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : NULL;
    const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;
    bool good = host != NULL && *host != '\0' && g_uri_get_userinfo(uri) == NULL &&
                strchr(text, ' ') == NULL && strlen(text) <= FILES_MAX_LINK &&
                (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
    g_autofree char *clean = good ? base_text_clean(text) : NULL;
    if (!good || strcmp(clean, text) != 0) {
        const char *allowed = "an address that begins with https:// or http://";
        return base_refuse(error, BASE_CODE_BAD_VALUE, "url",
                           json_pack("{s:s}", "allowed", allowed), "url must be %s", allowed);
    }
    row->link = g_strdup(text);
    return true;
}

void http_on_link_post(Http *http, HttpRequest *request)
{
    static const char *const known[] = {"name", "url", NULL};
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(StoreFile) row = row_new(request, "sessions", false);
    g_autoptr(GError) error = NULL;
    if (session_only_known(body, known, "", &error) &&
        take_name(row, json_string_value(json_object_get(body, "name")), &error) &&
        take_link(row, json_string_value(json_object_get(body, "url")), &error)) {
        files_put_link(http->services.files, g_steal_pointer(&row), on_material, request);
    } else {
        http_reply_error(request, error);
    }
}

static void on_edited(void *data, const StoreFile *row, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
    } else if (row == NULL) {
        http_reply_no_file(request);
    } else {
        tell(request);
        http_reply_json(request, 200, material_json(row));
    }
}

/* Into `edit`, which borrows from `body`. `clean`: a row for its name. */
static bool take_edit(const HttpRequest *request, const json_t *body, StoreFile *clean,
                      FilesEdit *edit, GError **error)
{
    static const char *const known[] = {"name", "before", NULL};
    const json_t *name = json_object_get(body, "name"), *before = json_object_get(body, "before");
    if (!session_only_known(body, known, "", error) ||
        (name != NULL && !take_name(clean, json_string_value(name), error))) {
        return false;
    }
    edit->name = name != NULL ? clean->name : NULL;
    edit->moves = before != NULL;
    edit->before = json_string_value(before);
    bool good = before == NULL || json_is_null(before) ||
                (edit->before != NULL && files_material(request->http->services.files,
                                                        request->params[0], edit->before) != NULL);
    return good ||
           base_refuse_value(error, "before", "the id of a material of this session, or null");
}

void http_on_material_patch(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(StoreFile) clean = row_new(request, "sessions", false);
    g_autoptr(GError) error = NULL;
    FilesEdit edit = {0};
    if (body == NULL) {
        return;
    }
    const StoreFile *row =
        files_material(http->services.files, request->params[0], request->params[1]);
    if (row == NULL) {
        http_reply_no_file(request);
    } else if (!take_edit(request, body, clean, &edit, &error)) {
        http_reply_error(request, error);
    } else {
        files_edit(http->services.files, row->id, &edit, on_edited, request);
    }
}

void http_on_material_delete(Http *http, HttpRequest *request)
{
    delete_row(request,
               files_material(http->services.files, request->params[0], request->params[1]));
}
