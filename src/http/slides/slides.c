// SPDX-License-Identifier: GPL-3.0-or-later
// Slides of a session: which file, which page, and how they are shown.
#include "http/resources.h"

#include <string.h>

static const char *const shown_names[] = {"off", "full", "corner", NULL};

/* Whose content is the file. Nullable, borrowed. */
static const StoreFile *material_of(const Http *http, const char *session, const char *digest)
{
    g_autoptr(GPtrArray) rows = files_materials(http->services.files, session);
    for (guint i = 0; digest != NULL && i < rows->len; i++) {
        const StoreFile *row = rows->pdata[i];
        if (g_strcmp0(row->digest, digest) == 0) {
            return row;
        }
    }
    return NULL;
}

static void prepare(const Http *http, const char *digest, const StoreFile *row)
{
    g_autofree char *path = row != NULL ? files_path(http->services.files, row) : g_strdup("");
    slides_prepare(http->services.slides, digest, path);
}

const SlidesDeck *http_slides_deck(const Http *http, const char *session, const char *digest)
{
    if (digest == NULL) {
        return NULL;
    }
    if (slides_deck(http->services.slides, digest) == NULL) {
        prepare(http, digest, material_of(http, session, digest));
    }
    return slides_deck(http->services.slides, digest);
}

static const SlidesDeck *deck_of(const Http *http, const StoreSlides *slides)
{
    return http_slides_deck(http, slides->session, slides->digest);
}

static const char *state_of(const SlidesDeck *deck)
{
    return deck == NULL            ? "none"
           : deck->working         ? "working"
           : deck->problem != NULL ? "failed"
                                   : "ready";
}

static json_t *slides_json(const Http *http, const StoreSlides *slides)
{
    const SlidesDeck *deck = deck_of(http, slides);
    const StoreFile *row = material_of(http, slides->session, slides->digest);
    g_autofree char *version = slides->digest != NULL ? g_strndup(slides->digest, 12) : NULL;
    return json_pack(
        "{s:s?, s:s, s:s?, s:s?, s:i, s:i, s:s}", "material", row != NULL ? row->id : NULL, "state",
        state_of(deck), "problem", deck != NULL ? deck->problem : NULL, "version", version, "pages",
        deck != NULL ? (int)deck->pages : 0, "page", slides->page, "shown", slides->shown);
}

/* Viewers may see the page that the programme shows. */
static bool is_public(const StoreSession *row, const StoreSlides *slides)
{
    return row->state == SESSION_LIVE && store_slides_are_shown(slides);
}

json_t *http_slides_json(Http *http, const StoreSession *row, const AuthIdentity *who)
{
    const StoreSlides *slides = live_slides(http->services.live, row->id);
    AuthObject object;
    bool presents =
        http_media_object(http, row->id, &object) && auth_may(who, AUTH_ON_AIR, &object);
    bool sees = is_public(row, slides) || (presents && session_is_ahead(row->state));
    return sees ? slides_json(http, slides) : json_null();
}

static void on_shown(void *data, const GError *error)
{
    HttpRequest *request = data;
    const HttpServices *services = &request->http->services;
    const StoreSlides *slides = live_slides(services->live, request->params[0]);
    if (error != NULL || slides == NULL) {
        http_reply_error(request, error);
    } else {
        http_reply_json(request, 200, slides_json(request->http, slides));
    }
}

/* Null: none. */
static bool take_material(const HttpRequest *request, const json_t *json, StoreSlides *want,
                          GError **error)
{
    const Http *http = request->http;
    const char *id = json_string_value(json);
    const StoreFile *row =
        id != NULL ? files_material(http->services.files, want->session, id) : NULL;
    if (!http_may(request, AUTH_EDIT_SESSION)) {
        return base_refuse(error, BASE_CODE_SLIDES_BY_STAFF, NULL, NULL,
                           "Staff choose the file of the slides.");
    }
    if (!json_is_null(json) && row == NULL) {
        return base_refuse_value(error, "material",
                                 "the id of a material of this session, or null");
    }
    if (row != NULL && g_strcmp0(row->type, "application/pdf") != 0) {
        return base_refuse(error, BASE_CODE_SLIDES_NOT_PDF, "material", NULL,
                           "The slides must be a PDF file.");
    }
    const char *digest = row != NULL ? row->digest : NULL;
    if (row != NULL) {
        prepare(http, digest, row); // one that failed is tried again
    }
    if (g_strcmp0(want->digest, digest) != 0) {
        g_free(want->digest);
        want->digest = g_strdup(digest);
        want->page = 1;
        g_free(want->shown);
        want->shown = g_strdup("off");
    }
    return true;
}

static bool take_shown(const json_t *json, StoreSlides *want, GError **error)
{
    const char *name = json_string_value(json);
    if (name == NULL || !g_strv_contains(shown_names, name)) {
        return base_refuse_value(error, "shown", "off, full or corner");
    }
    g_free(want->shown);
    want->shown = g_strdup(name);
    return true;
}

static bool take_page(const json_t *json, const SlidesDeck *deck, StoreSlides *want, GError **error)
{
    json_int_t page = json_is_integer(json) ? json_integer_value(json) : 0;
    if (page < 1 || page > deck->pages) {
        g_autofree char *allowed = g_strdup_printf("1 to %u", deck->pages);
        return base_refuse_value(error, "page", allowed);
    }
    want->page = (int)page;
    return true;
}

/* Only rendered pages. */
static bool take_look(const Http *http, const json_t *body, StoreSlides *want, GError **error)
{
    const json_t *page = json_object_get(body, "page"), *shown = json_object_get(body, "shown");
    const SlidesDeck *deck = deck_of(http, want);
    bool ready = deck != NULL && deck->pages > 0;
    bool asks = page != NULL || (shown != NULL && g_strcmp0(json_string_value(shown), "off") != 0);
    if (asks && !ready) {
        return base_refuse(error, BASE_CODE_SLIDES_NOT_READY, NULL, NULL,
                           "There are no slides to show: none are chosen, or they are being "
                           "prepared.");
    }
    if ((page != NULL && !take_page(page, deck, want, error)) ||
        (shown != NULL && !take_shown(shown, want, error))) {
        return false;
    }
    g_free(want->text);
    want->text = g_strdup(ready ? deck->texts[want->page - 1] : "");
    return true;
}

void http_on_slides_patch(Http *http, HttpRequest *request)
{
    static const char *const known[] = {"material", "page", "shown", NULL};
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    const StoreSlides *before = live_slides(http->services.live, request->params[0]);
    g_autoptr(json_t) body = before != NULL ? http_request_json(request) : NULL;
    if (before == NULL) {
        http_reply_problem(request, BASE_CODE_NO_SESSION, "There is no such session.");
        return;
    }
    if (body == NULL) {
        return;
    }
    if (!session_is_ahead(row->state)) {
        http_reply_problem(request, BASE_CODE_SESSION_OVER, "The session is over.");
        return;
    }
    g_autoptr(StoreSlides) want = store_slides_copy(before);
    g_autoptr(GError) error = NULL;
    const json_t *material = json_object_get(body, "material");
    if (session_only_known(body, known, "", &error) &&
        (material == NULL || take_material(request, material, want, &error)) &&
        take_look(http, body, want, &error)) {
        live_show_slides(http->services.live, g_steal_pointer(&want), on_shown, request);
    } else {
        http_reply_error(request, error);
    }
}

/* The page of "7.png", or of "7.jpg", a small one; 0: neither. */
static unsigned read_name(const char *name, bool *out_small)
{
    char *end = NULL;
    guint64 page = g_ascii_isdigit(name[0]) ? g_ascii_strtoull(name, &end, 10) : 0;
    *out_small = end != NULL && strcmp(end, ".jpg") == 0;
    bool good = *out_small || (end != NULL && strcmp(end, ".png") == 0);
    return good && page <= SLIDES_MAX_PAGES ? (unsigned)page : 0;
}

void http_on_slide(Http *http, HttpRequest *request)
{
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    const StoreSlides *slides = live_slides(http->services.live, request->params[0]);
    bool small;
    unsigned page = read_name(request->params[1], &small);
    const SlidesDeck *deck = slides != NULL ? deck_of(http, slides) : NULL;
    bool there = deck != NULL && session_is_ahead(row->state) && page >= 1 && page <= deck->pages;
    bool may = there && (http_may(request, AUTH_ON_AIR) ||
                         (is_public(row, slides) && (int)page == slides->page));
    if (!may) {
        http_reply_no_file(request);
        return;
    }
    const Slides *all = http->services.slides;
    http_send_content(request,
                      small ? slides_thumb_path(all, slides->digest, page)
                            : slides_page_path(all, slides->digest, page),
                      small ? "image/jpeg" : "image/png");
}

void http_slides_changed(Http *http, const char *digest)
{
    g_autoptr(GPtrArray) rows = live_sessions(http->services.live);
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        const StoreSlides *slides = live_slides(http->services.live, row->id);
        if (g_strcmp0(slides->digest, digest) == 0) {
            qa_session_changed(http->services.qa, row->id);
        }
    }
}
