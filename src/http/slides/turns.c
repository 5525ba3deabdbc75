// SPDX-License-Identifier: GPL-3.0-or-later
// The slides of a recording: which page was shown from when on.
#include "http/resources.h"

#include <string.h>

typedef struct {
    HttpRequest *request;
    GPtrArray *rows; // StoreSlideTurn
} List;

static bool list_job(StoreDb *db, void *data, GError **error)
{
    List *list = data;
    g_clear_pointer(&list->rows, g_ptr_array_unref);
    list->rows = store_slide_turns(db, list->request->params[0], error);
    return list->rows != NULL;
}

static json_t *turn_json(const StoreSlideTurn *row, int64_t at_us)
{
    g_autofree char *picture =
        row->page > 0 ? g_strdup_printf("/api/v1/recordings/%s/slides/%s", row->session, row->id)
                      : NULL;
    return json_pack("{s:s, s:o, s:i, s:o, s:s?}", "id", row->id, "at_ms",
                     at_us >= 0 ? json_integer(at_us / BASE_US_PER_MS) : json_null(), "page",
                     row->page, "text", base_json_string(row->text), "picture", picture);
}

/* Nothing changes for those who watch: after a restart, or shown anew. */
static bool repeats(const StoreSlideTurn *before, const StoreSlideTurn *row)
{
    return before != NULL && before->page == row->page &&
           g_strcmp0(before->digest, row->digest) == 0;
}

static json_t *items_json(HttpRequest *request, const GPtrArray *rows)
{
    const Live *live = request->http->services.live;
    bool all = http_may(request, AUTH_EDIT_RECORDING);
    json_t *items = json_array();
    const StoreSlideTurn *before = NULL; // told last
    for (guint i = 0; i < rows->len; i++) {
        const StoreSlideTurn *row = rows->pdata[i];
        int64_t at_us = live_recorded_at_us(live, row->session, row->media_us);
        if (!repeats(before, row) && (all || at_us >= 0)) {
            http_slides_deck(request->http, row->session, row->digest); // after a restore
            json_array_append_new(items, turn_json(row, at_us));
            before = row;
        }
    }
    return items;
}

static void on_listed(void *data, const GError *failed)
{
    List *list = data;
    if (http_still_allowed(list->request, failed)) {
        http_reply_json(list->request, 200,
                        json_pack("{s:o}", "items", items_json(list->request, list->rows)));
    }
    g_clear_pointer(&list->rows, g_ptr_array_unref);
    g_free(list);
}

void http_on_turns(Http *http, HttpRequest *request)
{
    List *list = g_new0(List, 1);
    list->request = request;
    store_submit_read(http->services.store, list_job, on_listed, list);
}

typedef struct {
    HttpRequest *request;
    StoreSlideTurn *row;
} Find;

static bool find_job(StoreDb *db, void *data, GError **error)
{
    Find *find = data;
    g_clear_pointer(&find->row, store_slide_turn_free);
    find->row = store_slide_turn_get(db, find->request->params[1], error);
    return find->row != NULL;
}

/* In the recording, unless staff ask. */
static bool may_see(const HttpRequest *request, const StoreSlideTurn *row)
{
    const Live *live = request->http->services.live;
    return row != NULL && row->page > 0 && strcmp(row->session, request->params[0]) == 0 &&
           (http_may(request, AUTH_EDIT_RECORDING) ||
            live_recorded_at_us(live, row->session, row->media_us) >= 0);
}

static void on_found(void *data, const GError *failed)
{
    g_autofree Find *find = data;
    HttpRequest *request = find->request;
    bool none = g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    if (http_still_allowed(request, none ? NULL : failed)) {
        if (may_see(request, find->row)) {
            http_send_content(request,
                              slides_thumb_path(request->http->services.slides, find->row->digest,
                                                (unsigned)find->row->page),
                              "image/jpeg");
        } else {
            http_reply_no_file(request);
        }
    }
    store_slide_turn_free(find->row);
}

void http_on_turn_picture(Http *http, HttpRequest *request)
{
    Find *find = g_new0(Find, 1);
    find->request = request;
    store_submit_read(http->services.store, find_job, on_found, find);
}
