// SPDX-License-Identifier: GPL-3.0-or-later
// WHEP (draft-ietf-wish-whep). A resource is rtc's secret id with a tag that proves it ours: no
// table. The address permits PATCH and DELETE, on the http thread, so that guesses cost main
// nothing; POST runs on main.
#include "http/core/ice.h"
#include "http/rtc/whep.h"

#include "base/clock.h"
#include "base/id.h"

#include <string.h>

#define TAG_BYTES 16
/* May be short: coturn checks it only for new allocations. */
#define ICE_LIFE_S (10 * 60)
#define ICE_RANDOM_LENGTH 12

char *http_rtc_resource(Http *http, const char *session, const char *id)
{
    uint8_t hash[AUTH_HASH_BYTES];
    g_autofree char *text = g_strdup_printf("%s %s %s", http->secret, session, id);
    auth_secret_hash(text, hash);
    GString *resource = g_string_new(id);
    g_string_append_c(resource, '.');
    for (int i = 0; i < TAG_BYTES; i++) {
        g_string_append_printf(resource, "%02x", hash[i]);
    }
    return g_string_free(resource, FALSE);
}

/* NULL: replied. */
static char *own_resource(Http *http, HttpRequest *request)
{
    bool publisher = request->route->object == HTTP_OF_PUBLISHER;
    const char *resource = request->params[publisher ? 2 : 1];
    g_autofree char *id = g_strndup(resource, strcspn(resource, "."));
    g_autofree char *expected = http_rtc_resource(http, request->params[0], id);
    if (strcmp(expected, resource) != 0) {
        http_reply_problem(
            request, BASE_CODE_NOT_FOUND,
            publisher ? "There is no such publisher. It may have ended; start again with a POST."
                      : "There is no such viewer. It may have ended; start again with a POST.");
        return NULL;
    }
    if (http_viewer_changes_too_often(http, id)) {
        http_reply_problem(request, BASE_CODE_LIMIT,
                           "That was too often. Wait a few seconds and try again.");
        return NULL;
    }
    return g_steal_pointer(&id);
}

static void set_etag(HttpRequest *request, const char *etag)
{
    g_autofree char *quoted = g_strdup_printf("\"%s\"", etag);
    http_header(request, "ETag", quoted);
}

void http_set_ice_servers(HttpRequest *request)
{
    Http *http = request->http;
    g_autofree char *random = base_id_new(ICE_RANDOM_LENGTH);
    pthread_mutex_lock(&http->mutex);
    g_autofree char *links =
        http_ice_links((const char *const *)http->ice_servers, http->ice_secret,
                       base_wall_us() / BASE_US_PER_S + ICE_LIFE_S, random);
    pthread_mutex_unlock(&http->mutex);
    if (links != NULL) {
        http_header(request, "Link", links);
    }
}

void http_rtc_created(HttpRequest *request, const char *place, RtcAnswer *answer)
{
    g_autofree char *resource = http_rtc_resource(request->http, request->params[0], answer->id);
    g_autofree char *location =
        g_strdup_printf("/sessions/%s/%s/%s", request->params[0], place, resource);
    http_header(request, "Location", location);
    http_header(request, "Accept-Patch", "application/trickle-ice-sdpfrag");
    set_etag(request, answer->etag);
    http_set_ice_servers(request);
    http_reply(request, 201, "application/sdp", g_bytes_new(answer->sdp, strlen(answer->sdp)));
    rtc_answer_free(answer);
}

static void on_answer(void *data, RtcAnswer *answer, const GError *error)
{
    HttpRequest *request = data;
    if (answer == NULL) {
        http_reply_error(request, error);
    } else {
        http_rtc_created(request, "whep", answer);
    }
}

bool http_has_type(HttpRequest *request, const char *type)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *have = soup_message_headers_get_content_type(headers, NULL);
    if (have != NULL && g_ascii_strcasecmp(have, type) == 0) {
        return true;
    }
    g_autofree char *text = g_strdup_printf("Content-Type must be %s.", type);
    http_reply_status(request, 415, text);
    return false;
}

#define SESSION_BYTES 24

/* The content of an RtcRight. */
typedef struct {
    uint8_t sign_in[AUTH_HASH_BYTES];
    int64_t until_us; // of a signed path (base_steady_us()); 0: none
    char session[SESSION_BYTES];
    int64_t action; // AuthAction
} Right;

G_STATIC_ASSERT(sizeof(Right) == sizeof(RtcRight));

RtcRight http_rtc_right(const HttpRequest *request, AuthAction action)
{
    Right right = {.until_us = request->until_us, .action = action};
    RtcRight packed;
    if (request->token != NULL) {
        auth_secret_hash(request->token, right.sign_in);
    } else {
        memcpy(right.sign_in, request->sign_in, sizeof right.sign_in);
    }
    g_strlcpy(right.session, request->params[0], sizeof right.session);
    memcpy(packed.bytes, &right, sizeof right);
    return packed;
}

bool http_may_stay(void *data, const RtcRight *packed)
{
    Http *http = data;
    Right right;
    memcpy(&right, packed->bytes, sizeof right);
    if (right.until_us != 0 && base_steady_us() >= right.until_us) {
        return false;
    }
    g_autoptr(AuthIdentity) who =
        auth_tokens_find_hash(http->services.tokens, right.sign_in, base_wall_us());
    AuthObject object;
    bool stays = who != NULL && http_media_object(http, right.session, &object) &&
                 auth_may(who, (AuthAction)right.action, &object);
    if (stays && right.action == AUTH_WATCH) {
        http_admission_keep(http->admission, HTTP_WATCHES, right.session, who->person,
                            base_clock_us());
    }
    return stays;
}

void http_on_whep_post(Http *http, HttpRequest *request)
{
    RtcStream *stream = live_rtc(http->services.live, request->params[0]);
    if (!http_has_type(request, "application/sdp")) {
        return;
    }
    if (stream == NULL) {
        http_reply_problem(request, BASE_CODE_NOT_BEGUN,
                           "The session is not on. Its page starts the picture by itself.");
        return;
    }
    if (!http_has_place(request, HTTP_WATCHES)) {
        return;
    }
    g_autoptr(GHashTable) query = request->query != NULL
                                      ? soup_form_decode(request->query)
                                      : g_hash_table_new(g_str_hash, g_str_equal);
    RtcViewerConfig config = {
        .owner = request->who->person,
        .right = http_rtc_right(request, AUTH_WATCH),
        .privileged = http_may(request, AUTH_WATCH_CLOSED),
        .language = g_hash_table_lookup(query, "audio"),
        .rendition = g_hash_table_lookup(query, "max"),
    };
    rtc_viewer_add(stream, (const char *)request->body->data, request->body->len, &config, NULL,
                   on_answer, request);
}

static void on_patched(void *data, RtcAnswer *answer, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL && error->code == BASE_ERROR_CONFLICT) {
        http_reply(request, 412, NULL, NULL); // If-Match (RFC 9110 13.1.1)
    } else if (error != NULL) {
        http_reply_error(request, error);
    } else if (answer == NULL) {
        http_reply(request, 204, NULL, NULL);
    } else {
        set_etag(request, answer->etag);
        http_reply(request, 200, "application/trickle-ice-sdpfrag",
                   g_bytes_new(answer->sdp, strlen(answer->sdp)));
        rtc_answer_free(answer);
    }
}

/* Unquoted; NULL: "*" or absent. */
static char *if_match(HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *value = soup_message_headers_get_one(headers, "If-Match");
    if (value == NULL || strcmp(value, "*") == 0) {
        return NULL;
    }
    size_t length = strlen(value);
    bool quoted = length >= 2 && value[0] == '"' && value[length - 1] == '"';
    return quoted ? g_strndup(value + 1, length - 2) : g_strdup(value);
}

void http_on_whep_patch(Http *http, HttpRequest *request)
{
    g_autofree char *id = own_resource(http, request);
    if (id == NULL || !http_has_type(request, "application/trickle-ice-sdpfrag")) {
        return;
    }
    g_autofree char *etag = if_match(request);
    rtc_viewer_patch(http->services.rtc, id, etag, (const char *)request->body->data,
                     request->body->len, base_loop_context(request->thread->loop), on_patched,
                     request);
}

void http_on_whep_delete(Http *http, HttpRequest *request)
{
    g_autofree char *id = own_resource(http, request);
    if (id != NULL) {
        rtc_viewer_remove(http->services.rtc, id);
        http_reply(request, 200, NULL, NULL);
    }
}
