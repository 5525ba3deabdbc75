// SPDX-License-Identifier: GPL-3.0-or-later
// Chapters in the API.
#include "base/clock.h"
#include "http/resources.h"

#include <string.h>

typedef struct {
    HttpRequest *request;
    char *id;
} Write;

static json_t *find_json(const Http *http, const char *session, const char *id)
{
    g_autoptr(json_t) items = live_chapters(http->services.live, session);
    size_t i;
    json_t *item;
    json_array_foreach (items, i, item) {
        if (g_strcmp0(json_string_value(json_object_get(item, "id")), id) == 0) {
            return json_incref(item);
        }
    }
    return json_object(); // removed meanwhile
}

static void on_written(void *data, const GError *error)
{
    Write *write = data;
    HttpRequest *request = write->request;
    if (error != NULL) {
        http_reply_error(request, error);
    } else if (strcmp(request->route->method, "DELETE") == 0) {
        http_reply(request, 204, NULL, NULL);
    } else {
        bool created = strcmp(request->route->method, "POST") == 0;
        http_reply_json(request, created ? 201 : 200,
                        find_json(request->http, request->params[0], write->id));
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

void http_on_chapters(Http *http, HttpRequest *request)
{
    json_t *items = live_chapters(http->services.live, request->params[0]);
    http_reply_json(request, 200, json_pack("{s:o, s:n}", "items", items, "next"));
}

void http_on_chapter_post(Http *http, HttpRequest *request)
{
    Live *live = http->services.live;
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    if (body == NULL) {
        return;
    }
    const StoreSession *row = live_session(live, request->params[0]);
    StoreChapter *chapter =
        session_chapter_new(row, body, live_media_now_us(live, row->id), base_wall_us(), &error);
    if (chapter == NULL) {
        http_reply_error(request, error);
    } else {
        live_save_chapter(live, chapter, on_written, write_new(request, chapter->id));
    }
}

/* The chapter that the request names; NULL: has replied. */
static const StoreChapter *find_own(const Http *http, HttpRequest *request)
{
    bool question = false;
    const StoreChapter *chapter =
        live_chapter(http->services.live, request->params[0], request->params[1], &question);
    if (chapter == NULL) {
        http_reply_problem(request, BASE_CODE_NO_CHAPTER,
                           "There is no such chapter in this session.");
    } else if (question) {
        http_reply_problem(request, BASE_CODE_CHAPTER_OF_QUESTION,
                           "The chapter comes of an answered question and follows it: change the "
                           "question.");
    }
    return question ? NULL : chapter;
}

void http_on_chapter_patch(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    const StoreChapter *old = body != NULL ? find_own(http, request) : NULL;
    if (old == NULL) {
        return;
    }
    StoreChapter *chapter = store_chapter_copy(old);
    if (session_chapter_check(chapter, body, &error)) {
        live_save_chapter(http->services.live, chapter, on_written, write_new(request, old->id));
    } else {
        store_chapter_free(chapter);
        http_reply_error(request, error);
    }
}

void http_on_chapter_delete(Http *http, HttpRequest *request)
{
    const StoreChapter *chapter = find_own(http, request);
    if (chapter != NULL) {
        live_delete_chapter(http->services.live, chapter, on_written,
                            write_new(request, chapter->id));
    }
}
