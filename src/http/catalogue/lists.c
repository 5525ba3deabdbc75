// SPDX-License-Identifier: GPL-3.0-or-later
// Lists of sessions and recordings.
#include "http/catalogue/catalogue.h"

static const char *const session_states[] = {"scheduled", "lobby",     "live",      "paused",
                                             "ended",     "published", "cancelled", NULL};
G_STATIC_ASSERT(G_N_ELEMENTS(session_states) == SESSION_STATES + 1);

static bool sees_session(const HttpRequest *request, const StoreSession *row, const HttpFind *find)
{
    (void)find;
    AuthObject object = http_session_object(row);
    return auth_may(request->who, AUTH_SEE_SESSION, &object);
}

void http_on_sessions(Http *http, HttpRequest *request)
{
    g_auto(HttpFind) find = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *next = NULL;
    if (!http_find_take(&find, request->query, session_states, &error)) {
        http_reply_error(request, error);
        return;
    }
    find.find.states = find.states;
    g_autoptr(GPtrArray) all = http_find_all(request, &find, sees_session);
    g_autoptr(GPtrArray) page = http_find_page(all, &find, &next);
    json_t *items = json_array();
    for (guint i = 0; i < page->len; i++) {
        const StoreSession *row = page->pdata[i];
        json_array_append_new(items, http_session_json(http, row->id, request->who));
    }
    http_reply_json(request, 200, json_pack("{s:o, s:s?}", "items", items, "next", next));
}

/* Of a recording, in the order of recording_states. */
enum { UNPUBLISHED, PUBLISHED, WORKING, FAILED, HELD, DELETED };

static const char *const recording_states[] = {"unpublished", "published", "working", "failed",
                                               "held",        "deleted",   NULL};

static unsigned states_of(const Live *live, const StoreSession *row)
{
    LiveRecordingLook look;
    live_recording_look(live, row->id, &look);
    if (row->deleted_us != 0) {
        return 1U << DELETED;
    }
    return 1U << (row->state == SESSION_PUBLISHED ? PUBLISHED : UNPUBLISHED) |
           (unsigned)look.working << WORKING | (unsigned)look.failed << FAILED |
           (unsigned)row->hold << HELD;
}

static bool sees_recording(const HttpRequest *request, const StoreSession *row,
                           const HttpFind *find)
{
    AuthObject object = http_session_object(row);
    bool over = object.published || row->state == SESSION_ENDED;
    // only staff see deleted ones
    AuthAction action = row->deleted_us != 0 ? AUTH_EDIT_RECORDING : AUTH_SEE_RECORDING;
    return over && auth_may(request->who, action, &object) &&
           (find->states == 0 ||
            (find->states & states_of(request->http->services.live, row)) != 0);
}

void http_on_recordings(Http *http, HttpRequest *request)
{
    g_auto(HttpFind) find = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *next = NULL;
    json_int_t bytes = 0;
    if (!http_find_take(&find, request->query, recording_states, &error)) {
        http_reply_error(request, error);
        return;
    }
    g_autoptr(GPtrArray) all = http_find_all(request, &find, sees_recording);
    g_autoptr(GPtrArray) page = http_find_page(all, &find, &next);
    for (guint i = 0; i < all->len; i++) {
        LiveRecordingLook look;
        live_recording_look(http->services.live, ((const StoreSession *)all->pdata[i])->id, &look);
        bytes += (json_int_t)look.bytes;
    }
    json_t *items = json_array();
    for (guint i = 0; i < page->len; i++) {
        const StoreSession *row = page->pdata[i];
        json_array_append_new(items, http_recording_json(http, row->id, request->who));
    }
    http_reply_json(request, 200,
                    json_pack("{s:o, s:s?, s:{s:I, s:I}}", "items", items, "next", next, "total",
                              "count", (json_int_t)all->len, "bytes", bytes));
}
