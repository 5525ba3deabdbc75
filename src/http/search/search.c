// SPDX-License-Identifier: GPL-3.0-or-later
// Search: asks auth_may() before and after the store looks.
#include "store/search/search.h"

#include "base/clock.h"
#include "base/id.h"
#include "http/resources.h"

#include <string.h>

#define PAGE 20
#define DEEPEST 1000 // hits
#define FIRST_YEAR 1970
#define LAST_YEAR 9999
#define UAE_US (4 * INT64_C(3600) * BASE_US_PER_S) // no summer time

static const char *const kinds[] = {"session", "agenda", "chapter", "question",
                                    "slide",   "series", "speaker", NULL};

typedef struct {
    HttpRequest *request;
    StoreSearch search; // borrows from the rest
    char *query, *kind, *person, *sees;
    char *series, *speaker; // of the session; NULL: any
    int year;               // 0: any
    GPtrArray *hits;        // StoreHit; one more than a page: there is a next one
} Search;

static void search_free(Search *search)
{
    g_free(search->query);
    g_free(search->kind);
    g_free(search->person);
    g_free(search->sees);
    g_free(search->series);
    g_free(search->speaker);
    g_clear_pointer(&search->hits, g_ptr_array_unref);
    g_free(search);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Search, search_free)

/* --- Parameters ------------------------------------------------------------------------------- */

static bool bad_value(GError **error, const char *field, const char *allowed)
{
    return base_refuse(error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", allowed),
                       "%s is %s", field, allowed);
}

static bool out_of_range(GError **error, const char *field, int min, int max)
{
    return base_refuse(error, BASE_CODE_OUT_OF_RANGE, field,
                       json_pack("{s:i, s:i}", "min", min, "max", max),
                       "%s is a whole number from %d to %d", field, min, max);
}

static bool take_number(GHashTable *query, const char *field, int min, int max, int *out,
                        GError **error)
{
    const char *text = g_hash_table_lookup(query, field);
    guint64 value;
    if (text == NULL) {
        return true;
    }
    if (!g_ascii_string_to_unsigned(text, 10, (guint64)min, (guint64)max, &value, NULL)) {
        return out_of_range(error, field, min, max);
    }
    *out = (int)value;
    return true;
}

static bool take_query(GHashTable *query, char **out, GError **error)
{
    const char *text = g_hash_table_lookup(query, "q");
    if (text == NULL || text[0] == '\0') {
        return base_refuse(error, BASE_CODE_REQUIRED, "q", NULL, "q is missing.");
    }
    if (!g_utf8_validate(text, -1, NULL)) {
        return bad_value(error, "q", "UTF-8");
    }
    if (g_utf8_strlen(text, -1) > STORE_SEARCH_CHARACTERS) {
        return base_refuse(error, BASE_CODE_TOO_LONG, "q",
                           json_pack("{s:i}", "max", STORE_SEARCH_CHARACTERS),
                           "q is longer than %d characters.", STORE_SEARCH_CHARACTERS);
    }
    *out = g_strdup(text);
    return true;
}

static bool take_kind(GHashTable *query, char **out, GError **error)
{
    const char *text = g_hash_table_lookup(query, "kind");
    if (text != NULL && !g_strv_contains(kinds, text)) {
        return bad_value(error, "kind",
                         "session, agenda, chapter, question, slide, series or speaker");
    }
    *out = g_strdup(text);
    return true;
}

static bool take_id(GHashTable *query, const char *field, char **out, GError **error)
{
    const char *text = g_hash_table_lookup(query, field);
    if (text != NULL && !base_id_valid(text, SESSION_MAX_ID)) {
        return bad_value(error, field, "an id");
    }
    *out = g_strdup(text);
    return true;
}

static bool take_parameters(Search *search, const char *text, GError **error)
{
    g_autoptr(GHashTable) query =
        text != NULL ? soup_form_decode(text) : g_hash_table_new(g_str_hash, g_str_equal);
    int offset = 0;
    if (!take_query(query, &search->query, error) || !take_kind(query, &search->kind, error) ||
        !take_id(query, "series", &search->series, error) ||
        !take_id(query, "speaker", &search->speaker, error) ||
        !take_number(query, "year", FIRST_YEAR, LAST_YEAR, &search->year, error) ||
        !take_number(query, "cursor", 0, DEEPEST, &offset, error)) {
        return false;
    }
    search->search.offset = (unsigned)offset;
    search->search.limit = PAGE + 1;
    return true;
}

/* --- Rights ----------------------------------------------------------------------------------- */

static StoreSees sees_of(const AuthIdentity *who, const StoreSession *row)
{
    AuthObject object = http_session_object(row);
    if (!auth_may(who, AUTH_SEE_SESSION, &object)) {
        return STORE_SEES_NOTHING;
    }
    if (!auth_may(who, AUTH_SEE_QUESTIONS, &object)) {
        return STORE_SEES_SESSION;
    }
    return auth_may(who, AUTH_MODERATE, &object) ? STORE_SEES_ALL : STORE_SEES_PUBLIC;
}

static bool is_of_year(const StoreSession *row, int year)
{
    if (year == 0) {
        return true;
    }
    g_autoptr(GDateTime) at =
        g_date_time_new_from_unix_utc((row->starts_us + UAE_US) / BASE_US_PER_S);
    return at != NULL && g_date_time_get_year(at) == year;
}

static bool is_wanted(const StoreSession *row, const Search *search)
{
    return is_of_year(row, search->year) &&
           (search->series == NULL || http_is_of(row, search->series)) &&
           (search->speaker == NULL || http_is_of(row, search->speaker));
}

/* NULL: all there is, without a look at each session. */
static char *sees_json(const Live *live, const AuthIdentity *who, const Search *search)
{
    bool any = search->year == 0 && search->series == NULL && search->speaker == NULL;
    if (any && auth_may(who, AUTH_MODERATE, NULL)) {
        return NULL;
    }
    g_autoptr(GPtrArray) rows = live_sessions(live);
    g_autoptr(json_t) sees = json_object();
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        StoreSees level = is_wanted(row, search) ? sees_of(who, row) : STORE_SEES_NOTHING;
        if (level != STORE_SEES_NOTHING) {
            json_object_set_new(sees, row->id, json_integer(level));
            http_add_of_session(row, sees);
        }
    }
    return base_json_text(sees);
}

/* --- Answer ----------------------------------------------------------------------------------- */

static json_t *ranges_json(const GArray *ranges)
{
    json_t *list = json_array();
    for (guint i = 0; i < ranges->len; i++) {
        const StoreRange *range = &g_array_index(ranges, StoreRange, i);
        json_array_append_new(list, json_pack("[i, i]", (int)range->from, (int)range->to));
    }
    return list;
}

static json_t *at_json(const Live *live, const AuthIdentity *who, const StoreSession *row,
                       const StoreHit *hit)
{
    int64_t at_us = row == NULL || !http_plays(who, row) ? -1
                    : hit->media_us >= 0 ? live_recorded_at_us(live, row->id, hit->media_us)
                                         : live_chapter_at_us(live, row->id, hit->id);
    return at_us >= 0 ? json_integer(at_us / BASE_US_PER_MS) : json_null();
}

static bool is_of_sessions(const StoreHit *hit)
{
    return strcmp(hit->kind, "series") == 0 || strcmp(hit->kind, "speaker") == 0;
}

/* Of a series or speaker. */
static json_t *name_json(const Series *series, const StoreHit *hit)
{
    const StoreSeries *one = series_find(series, hit->id);
    const StoreSpeaker *speaker = series_speaker(series, hit->id);
    return json_pack("{s:o, s:o}", "ar",
                     base_json_string(one != NULL       ? one->name_ar
                                      : speaker != NULL ? speaker->name_ar
                                                        : NULL),
                     "en",
                     base_json_string(one != NULL       ? one->name_en
                                      : speaker != NULL ? speaker->name_en
                                                        : NULL));
}

/* `row`: NULL for a series or speaker. */
static json_t *hit_json(const HttpServices *services, const AuthIdentity *who,
                        const StoreSession *row, const StoreHit *hit)
{
    const Live *live = services->live;
    json_t *json = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", hit->kind, "id",
                             base_json_string(hit->id), "session",
                             row != NULL ? http_session_brief(who, row) : json_null(), "text",
                             base_json_string(hit->text), "ranges", ranges_json(hit->ranges),
                             "at_ms", at_json(live, who, row, hit));
    if (is_of_sessions(hit)) {
        json_object_set_new(json, "name", name_json(services->series, hit));
    }
    if (hit->state != NULL) {
        json_object_set_new(json, "state", base_json_string(hit->state));
    }
    if (hit->state != NULL && sees_of(who, row) == STORE_SEES_ALL) {
        json_object_set_new(
            json, "by",
            json_pack("{s:o, s:o, s:b}", "name", base_json_string(hit->name), "entity",
                      hit->entity != NULL ? base_json_string(hit->entity) : json_null(),
                      "anonymous", (int)hit->anonymous));
    }
    return json;
}

/* Rights may have changed since the store looked; of slides, attendees see those in the recording.
 * `seen`: http_seen(). */
static bool may_still(const Live *live, const AuthIdentity *who, const StoreSession *row,
                      const StoreHit *hit, const json_t *seen)
{
    if (is_of_sessions(hit)) {
        return seen == NULL || json_object_get(seen, hit->id) != NULL;
    }
    bool outside = hit->media_us >= 0 && live_recorded_at_us(live, hit->session, hit->media_us) < 0;
    StoreSees least = outside              ? STORE_SEES_ALL
                      : hit->state != NULL ? STORE_SEES_PUBLIC
                                           : STORE_SEES_SESSION;
    return row != NULL && sees_of(who, row) >= least;
}

static void reply(const Search *search)
{
    HttpRequest *request = search->request;
    const Live *live = request->http->services.live;
    g_autoptr(json_t) seen = http_seen(request->http, request->who);
    json_t *items = json_array();
    for (guint i = 0; i < MIN(search->hits->len, PAGE); i++) {
        const StoreHit *hit = search->hits->pdata[i];
        const StoreSession *row = live_session(live, hit->session);
        if (may_still(live, request->who, row, hit, seen)) {
            json_array_append_new(items,
                                  hit_json(&request->http->services, request->who, row, hit));
        }
    }
    unsigned next = search->search.offset + PAGE;
    bool more = search->hits->len > PAGE && next <= DEEPEST;
    g_autofree char *cursor = more ? g_strdup_printf("%u", next) : NULL;
    http_reply_json(request, 200, json_pack("{s:o, s:s?}", "items", items, "next", cursor));
}

/* Reader thread. */
static bool search_job(StoreDb *db, void *data, GError **error)
{
    Search *search = data;
    search->hits = store_search(db, &search->search, error);
    return search->hits != NULL;
}

static void on_searched(void *data, const GError *failed)
{
    g_autoptr(Search) search = data;
    if (http_still_allowed(search->request, failed)) {
        reply(search);
    }
}

void http_on_search(Http *http, HttpRequest *request)
{
    g_autoptr(Search) search = g_new0(Search, 1);
    g_autoptr(GError) error = NULL;
    if (!take_parameters(search, request->query, &error)) {
        http_reply_error(request, error);
        return;
    }
    search->request = request;
    search->person = g_strdup(request->who->person);
    search->sees = sees_json(http->services.live, request->who, search);
    search->search.query = search->query;
    search->search.kind = search->kind;
    search->search.person = search->person;
    search->search.sees = search->sees;
    search->search.askers = auth_may(request->who, AUTH_MODERATE, NULL);
    store_submit_read(http->services.store, search_job, on_searched, g_steal_pointer(&search));
}
