// SPDX-License-Identifier: GPL-3.0-or-later
// How long a viewer over WebRTC may stay: as long as the sign-in, or the signed path, that it came
// with lasts and would be let in to the session.
#include "http/resources.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static RtcRight right_until(const uint8_t hash[AUTH_HASH_BYTES], int64_t until_us)
{
    RtcRight right = {0};
    uint8_t *at = right.bytes;
    memcpy(at, hash, AUTH_HASH_BYTES);
    memcpy(at + AUTH_HASH_BYTES, &until_us, sizeof until_us);
    memcpy(at + AUTH_HASH_BYTES + sizeof until_us, "s1", 3);
    const int64_t action = AUTH_WATCH;
    memcpy(at + sizeof right.bytes - sizeof action, &action, sizeof action);
    return right;
}

/* Sessions from a store of their own, without a programme. */
typedef struct {
    char *folder;
    Store *store;
    Http http;
    bool done;
} Fixture;

static void ignore_session(void *data, const char *session)
{
    (void)data, (void)session;
}

static bool insert_job(StoreDb *db, void *data, GError **error)
{
    return store_session_insert(db, data, error);
}

static void set_up(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture->folder = g_dir_make_tmp("majlis-right-XXXXXX", NULL);
    g_autofree char *url = g_strdup_printf("sqlite:%s/majlis.db", fixture->folder);
    fixture->store = store_new(url, &error);
    g_assert_no_error(error);
    StoreSession row = {.id = (char *)"s1",
                        .title_ar = (char *)"",
                        .title_en = (char *)"Talk",
                        .speakers = (char *)"[]",
                        .access = (char *)"open",
                        .state = SESSION_SCHEDULED,
                        .starts_us = base_wall_us() + 3600 * BASE_US_PER_S,
                        .duration_minutes = 60};
    g_assert_true(store_run(fixture->store, insert_job, &row, &error));
    LiveConfig config = {.archive_directory = fixture->folder,
                         .binary = "/nowhere",
                         .pipelines = "/nowhere",
                         .encoder = "software",
                         .source = "test"};
    LiveEvents events = {.changed = ignore_session, .media = ignore_session};
    fixture->http.services.live = live_new(&config, fixture->store, NULL, &events, &error);
    g_assert_no_error(error);
    fixture->http.services.tokens = auth_tokens_new();
}

static void tear_down(Fixture *fixture)
{
    auth_tokens_free(fixture->http.services.tokens);
    g_assert_true(live_free(fixture->http.services.live));
    store_free(fixture->store);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", fixture->folder);
    g_assert_cmpint(system(command), ==, 0);
    g_free(fixture->folder);
}

static void on_saved(void *data, const GError *error)
{
    g_assert_no_error((GError *)error);
    *(bool *)data = true;
}

static void set_access(Fixture *fixture, const char *access)
{
    Live *live = fixture->http.services.live;
    StoreSession *row = store_session_copy(live_session(live, "s1"));
    g_free(row->access);
    row->access = g_strdup(access);
    fixture->done = false;
    live_save(live, row, on_saved, &fixture->done);
    while (!fixture->done) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static void test_right(void)
{
    Fixture fixture = {0};
    set_up(&fixture);
    AuthTokens *tokens = fixture.http.services.tokens;
    AuthIdentity *who = auth_identity_new("p1", "One", NULL, AUTH_ATTENDEE, "s1");
    int64_t now_us = base_wall_us(), soon_us = now_us + 3600 * BASE_US_PER_S;
    uint8_t hash[AUTH_HASH_BYTES] = {1}, other[AUTH_HASH_BYTES] = {2};
    auth_tokens_put(tokens, hash, who, now_us, soon_us);
    auth_tokens_put(tokens, other, who, now_us, soon_us);
    RtcRight sign_in = right_until(hash, 0), path = right_until(hash, soon_us),
             over = right_until(hash, now_us), laptop = right_until(other, 0);
    g_assert_true(http_may_stay(&fixture.http, &sign_in));
    g_assert_true(http_may_stay(&fixture.http, &path));
    g_assert_false(http_may_stay(&fixture.http, &over));
    auth_tokens_remove(tokens, hash);
    g_assert_false(http_may_stay(&fixture.http, &sign_in));
    g_assert_false(http_may_stay(&fixture.http, &path));
    g_assert_true(http_may_stay(&fixture.http, &laptop));
    auth_tokens_remove_person(tokens, "p1");
    g_assert_false(http_may_stay(&fixture.http, &laptop));
    auth_identity_unref(who);
    tear_down(&fixture);
}

/* A session that is open, and then only for the invited. */
static void test_session_closes(void)
{
    static const struct {
        AuthRole role;
        const char *session;
        bool stays;
    } cases[] = {
        {AUTH_ATTENDEE, "s1", true}, {AUTH_ATTENDEE, "s2", false}, {AUTH_SPEAKER, "s1", true},
        {AUTH_SPEAKER, "s2", false}, {AUTH_STAFF, NULL, true},
    };
    Fixture fixture = {0};
    RtcRight rights[G_N_ELEMENTS(cases)];
    set_up(&fixture);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *person = g_strdup_printf("p%u", i);
        AuthIdentity *who = auth_identity_new(person, "One", NULL, cases[i].role, cases[i].session);
        uint8_t hash[AUTH_HASH_BYTES] = {(uint8_t)(i + 1)};
        auth_tokens_put(fixture.http.services.tokens, hash, who, base_wall_us(), INT64_MAX);
        rights[i] = right_until(hash, 0);
        auth_identity_unref(who);
        g_assert_true(http_may_stay(&fixture.http, &rights[i]));
    }
    set_access(&fixture, "invited");
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_true(http_may_stay(&fixture.http, &rights[i]) == cases[i].stays);
    }
    tear_down(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/right", test_right);
    g_test_add_func("/http/right/session-closes", test_session_closes);
    return g_test_run();
}
