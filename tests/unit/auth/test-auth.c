// SPDX-License-Identifier: GPL-3.0-or-later
// The access table, identities, sign-ins and signed paths.
#include "cases.h"

#include "auth/auth.h"
#include "base/id.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>

#define ROLES (AUTH_ENCODER + 1)

/* What each role may do with each kind of object, written down once more and apart from the code:
 * a letter for every situation in which it is allowed.
 *   n no object   o own session   O own, open   f another's   F another's, open
 *   r own recording, published    R own, not    q another's, published    Q another's, open,
 * published p no session named, published and open */
#define SITUATIONS "noOfFrRqQp"
#define ALL SITUATIONS

typedef struct {
    AuthAction action;
    const char
        *allowed[ROLES]; // nobody, attendee, speaker, moderator, staff, admin, scraper, encoder
} Expected;

static const Expected expected[] = {
    {AUTH_READ_PUBLIC, {ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL}},
    {AUTH_SIGN_IN, {ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL}},
    {AUTH_SIGN_OUT, {"", ALL, ALL, ALL, ALL, ALL}},
    {AUTH_REGISTER, {ALL, ALL, ALL, ALL, ALL, ALL}},
    {AUTH_SEE_SESSION, {"", "oOFrRQ", "oOFrRQ", "oOFrRQ", ALL, ALL}},
    {AUTH_LIST_SESSIONS, {"", ALL, ALL, ALL, ALL, ALL}},
    {AUTH_EDIT_SESSION, {"", "", "", "", ALL, ALL}},
    {AUTH_RUN_SESSION, {"", "", "", "", ALL, ALL}},
    {AUTH_INVITE, {"", "", "", "", ALL, ALL}},
    {AUTH_WATCH, {"", "oOFrRQ", "oOFrRQ", "oOFrRQ", ALL, ALL}},
    {AUTH_WATCH_CLOSED, {"", "", "oOrR", "oOrR", ALL, ALL}},
    {AUTH_PUBLISH, {"", "", "oOrR", "oOrR", ALL, ALL, "", "oOrR"}},
    {AUTH_SEE_RECORDING, {"", "rQ", "rQ", "oOrRQ", ALL, ALL}},
    {AUTH_SEE_UNPUBLISHED, {"", "", "", "oOrR", ALL, ALL}},
    {AUTH_EDIT_RECORDING, {"", "", "", "", ALL, ALL}},
    {AUTH_FEED_SESSION, {"OFQ", "oOFrRQ", "oOFrRQ", "oOFrRQ", ALL, ALL}},
    {AUTH_FEED_RECORDING, {"Q", "rQ", "rQ", "oOrRQ", ALL, ALL}},
    {AUTH_MARK_CHAPTER, {"", "", "", "oOrR", ALL, ALL}},
    {AUTH_PLAN, {"", "oOFrRQ", "oOFrRQ", "oOFrRQ", ALL, ALL}},
    {AUTH_ASK, {"", "oOFrRQ", "oOFrRQ", "oOFrRQ", ALL, ALL}},
    {AUTH_SEE_QUESTIONS, {"", "oOFrRQ", "oOFrRQ", "oOFrRQ", ALL, ALL}},
    {AUTH_MODERATE, {"", "", "", "oOrR", ALL, ALL}},
    {AUTH_ON_AIR, {"", "", "oOrR", "oOrR", ALL, ALL}},
    {AUTH_MESSAGE_PRESENTER, {"", "", "", "oOrR", ALL, ALL}},
    {AUTH_SEE_HEALTH, {"", "", "", "", ALL, ALL}},
    {AUTH_EDIT_PEOPLE, {"", "", "", "", ALL, ALL}},
    {AUTH_ADMINISTER, {"", "", "", "", "", ALL}},
    {AUTH_READ_METRICS, {"", "", "", "", "", "", ALL}},
};

static const AuthObject *situation(char letter)
{
    static const AuthObject objects[] = {
        ['o'] = {.session = "a"},
        ['O'] = {.session = "a", .open = true},
        ['f'] = {.session = "b"},
        ['F'] = {.session = "b", .open = true},
        ['r'] = {.session = "a", .published = true},
        ['R'] = {.session = "a"},
        ['q'] = {.session = "b", .published = true},
        ['Q'] = {.session = "b", .published = true, .open = true},
        ['p'] = {.published = true, .open = true},
    };
    return letter == 'n' ? NULL : &objects[(size_t)letter];
}

static AuthIdentity *person(AuthRole role)
{
    bool of_server = role == AUTH_STAFF || role == AUTH_ADMIN;
    return auth_identity_new("p1", "Maryam", NULL, role, of_server ? NULL : "a");
}

static void test_table(void)
{
    g_assert_cmpuint(G_N_ELEMENTS(expected), ==, AUTH_ACTIONS); // add a row for each action
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpint(expected[i].action, ==, i);
        for (int role = AUTH_NOBODY; role < ROLES; role++) {
            g_autoptr(AuthIdentity) who = role == AUTH_NOBODY ? NULL : person(role);
            for (const char *letter = SITUATIONS; *letter != '\0'; letter++) {
                bool allowed = auth_may(who, expected[i].action, situation(*letter));
                const char *allowed_in = expected[i].allowed[role];
                bool wanted = allowed_in != NULL && strchr(allowed_in, *letter) != NULL;
                g_test_message("action %zu role %d situation %c", i, role, *letter);
                g_assert_cmpint(allowed, ==, wanted);
            }
        }
    }
}

/* Without a session: staff, admins and moderators of the server, of all of them. */
static void test_no_session(void)
{
    static const AuthObject unnamed, named = {.session = "a"};
    for (int role = AUTH_NOBODY; role < AUTH_MODERATOR; role++) {
        g_autoptr(AuthIdentity) who = auth_identity_new("p1", "x", NULL, role, NULL);
        for (int action = AUTH_SEE_SESSION; action < AUTH_ACTIONS; action++) {
            if (action != AUTH_LIST_SESSIONS) {
                g_assert_false(auth_may(who, action, &unnamed));
                g_assert_false(auth_may(who, action, &named));
            }
        }
    }
    // staff invited to one session are staff everywhere
    g_autoptr(AuthIdentity) staff = auth_identity_new("p1", "x", NULL, AUTH_STAFF, "b");
    g_assert_true(auth_may(staff, AUTH_RUN_SESSION, &named));
}

/* The rights of a session's moderator, in each. */
static void test_moderator_of_server(void)
{
    g_autoptr(AuthIdentity) everywhere = auth_identity_new("p1", "x", NULL, AUTH_MODERATOR, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        for (const char *letter = SITUATIONS; *letter != '\0'; letter++) {
            const AuthObject *object = situation(*letter);
            const char *session = object != NULL ? object->session : NULL;
            g_autoptr(AuthIdentity) of_it =
                auth_identity_new("p1", "x", NULL, AUTH_MODERATOR, session != NULL ? session : "a");
            g_test_message("action %zu situation %c", i, *letter);
            g_assert_cmpint(auth_may(everywhere, i, object), ==, auth_may(of_it, i, object));
        }
    }
    g_assert_false(auth_may(everywhere, AUTH_INVITE, NULL));
    g_assert_false(auth_may(everywhere, AUTH_SEE_HEALTH, NULL));
}

static void test_out_of_range(void)
{
    g_autoptr(AuthIdentity) staff = person(AUTH_STAFF);
    g_assert_false(auth_may(staff, AUTH_ACTIONS, NULL));
    g_assert_false(auth_may(staff, (AuthAction)-1, NULL));
    g_autoptr(AuthIdentity) strange = person((AuthRole)ROLES);
    g_assert_false(auth_may(strange, AUTH_READ_PUBLIC, NULL));
}

static void test_roles(void)
{
    for (int role = AUTH_ATTENDEE; role <= AUTH_ADMIN; role++) {
        AuthRole parsed = AUTH_NOBODY;
        g_assert_true(auth_role_parse(auth_role_name(role), &parsed));
        g_assert_cmpint(parsed, ==, role);
    }
    static const char *const unknown[] = {"nobody", "scraper", "encoder", "",
                                          "Staff",  "staff ",  NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        AuthRole parsed = AUTH_ATTENDEE;
        g_assert_false(auth_role_parse(unknown[i], &parsed));
        g_assert_cmpint(parsed, ==, AUTH_ATTENDEE);
    }
}

static void test_identity(void)
{
    g_autoptr(GString) name = g_string_new(NULL);
    while (name->len < 3 * AUTH_NAME_BYTES) {
        g_string_append(name, "xم"); // three bytes: byte 200 is inside a character
    }
    g_autoptr(AuthIdentity) who = auth_identity_new("p1", name->str, "Ministry", AUTH_SPEAKER, "a");
    g_assert_cmpuint(strlen(who->name), <=, AUTH_NAME_BYTES);
    g_assert_cmpuint(strlen(who->name), >=, AUTH_NAME_BYTES - 3);
    g_assert_true(g_utf8_validate(who->name, -1, NULL));
    g_assert_cmpstr(who->entity, ==, "Ministry");
    AuthIdentity *again = auth_identity_ref(who);
    auth_identity_unref(again);
    g_assert_cmpstr(who->session, ==, "a");
}

static void test_secret(void)
{
    g_autofree char *one = auth_secret_new();
    g_autofree char *two = auth_secret_new();
    g_assert_cmpuint(strlen(one), ==, BASE_ID_SECRET_LENGTH);
    g_assert_cmpstr(one, !=, two);
    uint8_t a[AUTH_HASH_BYTES], again[AUTH_HASH_BYTES], b[AUTH_HASH_BYTES];
    auth_secret_hash(one, a);
    auth_secret_hash(one, again);
    auth_secret_hash(two, b);
    g_assert_cmpmem(a, sizeof a, again, sizeof again);
    g_assert_cmpint(memcmp(a, b, sizeof a), !=, 0);
    // stored hashes must stay valid across releases
    auth_secret_hash("abcdefghijkmnpqrstuvwxyz23", a);
    g_autofree char *hex = g_malloc0(2 * sizeof a + 1);
    for (size_t i = 0; i < sizeof a; i++) {
        g_snprintf(hex + 2 * i, 3, "%02x", a[i]);
    }
    g_assert_cmpstr(hex, ==, "8b2f24732ef4e683488ead80ca89fc681d52b3b6e25eebc4e2e6d9c97d067e6a");
}

static char *put_new(AuthTokens *tokens, const char *name, AuthRole role, int64_t expires_us)
{
    char *secret = auth_secret_new();
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(secret, hash);
    g_autoptr(AuthIdentity) who = auth_identity_new(name, name, NULL, role, "a");
    auth_tokens_put(tokens, hash, who, expires_us - AUTH_SIGN_IN_LIFE_US, expires_us);
    return secret;
}

static bool is_found(AuthTokens *tokens, const char *secret, int64_t now_us)
{
    g_autoptr(AuthIdentity) who = auth_tokens_find(tokens, secret, now_us);
    return who != NULL;
}

static void test_tokens(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    g_autofree char *one = put_new(tokens, "p1", AUTH_ATTENDEE, 100);
    g_autofree char *two = put_new(tokens, "p1", AUTH_ATTENDEE, 200);
    g_autofree char *other = put_new(tokens, "p2", AUTH_STAFF, 200);
    g_autoptr(AuthIdentity) who = auth_tokens_find(tokens, other, 50);
    g_assert_nonnull(who);
    g_assert_cmpstr(who->person, ==, "p2");
    g_assert_cmpint(who->role, ==, AUTH_STAFF);
    g_assert_true(is_found(tokens, one, 99));
    g_assert_false(is_found(tokens, one, 100));

    static const char *const strange[] = {NULL, "", "x", "../../etc", "' OR 1=1"};
    for (size_t i = 0; i < G_N_ELEMENTS(strange); i++) {
        g_assert_false(is_found(tokens, strange[i], 0));
    }
    g_autofree char *longer = g_strconcat(other, "a", NULL);
    g_assert_false(is_found(tokens, longer, 0));
    g_autofree char *unknown = auth_secret_new();
    g_assert_false(is_found(tokens, unknown, 0));

    auth_tokens_remove_person(tokens, "p1");
    g_assert_false(is_found(tokens, one, 0));
    g_assert_false(is_found(tokens, two, 0));
    g_assert_true(is_found(tokens, other, 0));
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(other, hash);
    auth_tokens_remove(tokens, hash);
    auth_tokens_remove(tokens, hash);
    g_assert_false(is_found(tokens, other, 0));
    g_assert_cmpstr(who->person, ==, "p2"); // outlives its token
}

static void test_tokens_of_a_session(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    g_autofree char *one = put_new(tokens, "p1", AUTH_ATTENDEE, 100);
    g_autofree char *two = put_new(tokens, "p2", AUTH_MODERATOR, 100);
    g_autoptr(AuthIdentity) staff = auth_identity_new("p3", "p3", NULL, AUTH_STAFF, NULL);
    g_autofree char *third = auth_secret_new();
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(third, hash);
    auth_tokens_put(tokens, hash, staff, 0, 100);
    auth_tokens_remove_session(tokens, "b");
    g_assert_true(is_found(tokens, one, 0));
    auth_tokens_remove_session(tokens, "a");
    g_assert_false(is_found(tokens, one, 0));
    g_assert_false(is_found(tokens, two, 0));
    g_assert_true(is_found(tokens, third, 0));
}

static char *put_of_server(AuthTokens *tokens, AuthRole role)
{
    char *secret = auth_secret_new();
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(secret, hash);
    g_autoptr(AuthIdentity) who = auth_identity_new("p1", "Old", NULL, role, NULL);
    auth_tokens_put(tokens, hash, who, 0, 100);
    return secret;
}

static void check_role(AuthTokens *tokens, const char *secret, AuthRole role)
{
    g_autoptr(AuthIdentity) who = auth_tokens_find(tokens, secret, 1);
    g_assert_nonnull(who);
    g_assert_cmpint(who->role, ==, role);
    g_assert_cmpstr(who->name, ==, "New");
}

/* Another role of the server is that of sign-ins to it at once; those to a session keep theirs. */
static void test_tokens_follow(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    g_autofree char *server = put_of_server(tokens, AUTH_STAFF);
    g_autofree char *session = put_new(tokens, "p1", AUTH_SPEAKER, 100);
    g_autofree char *other = put_new(tokens, "p2", AUTH_SPEAKER, 100);
    g_assert_false(auth_tokens_change_person(tokens, "p1", "New", "Entity", AUTH_STAFF));
    check_role(tokens, server, AUTH_STAFF);
    check_role(tokens, session, AUTH_SPEAKER);
    g_assert_true(auth_tokens_change_person(tokens, "p1", "New", "Entity", AUTH_ADMIN));
    check_role(tokens, server, AUTH_ADMIN);
    g_assert_true(auth_tokens_change_person(tokens, "p1", "New", "Entity", AUTH_NOBODY));
    g_assert_false(is_found(tokens, server, 1));
    check_role(tokens, session, AUTH_SPEAKER);
    g_assert_false(auth_tokens_change_person(tokens, "p3", "New", NULL, AUTH_ADMIN));
    g_assert_true(auth_tokens_remove_person(tokens, "p1"));
    g_assert_false(auth_tokens_remove_person(tokens, "p1"));
    g_assert_true(is_found(tokens, other, 1));
}

static char *put_at(AuthTokens *tokens, const char *name, int64_t created_us, int64_t expires_us)
{
    char *secret = auth_secret_new();
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(secret, hash);
    g_autoptr(AuthIdentity) who = auth_identity_new(name, name, NULL, AUTH_ATTENDEE, "a");
    auth_tokens_put(tokens, hash, who, created_us, expires_us);
    return secret;
}

/* One sign-in too many ends the person's oldest, nobody else's. */
static void test_tokens_of_a_person(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    g_autofree char *other = put_at(tokens, "p2", 0, 1000);
    g_autofree char *expired = put_at(tokens, "p1", 1, 5);
    g_autofree char *second = put_at(tokens, "p1", 4, 1000);
    g_autofree char *first = put_at(tokens, "p1", 3, 1000);
    for (int i = 0; i < AUTH_SIGN_INS_PER_PERSON - 2; i++) {
        g_free(put_at(tokens, "p1", 10 + i, 1000));
    }
    g_assert_true(is_found(tokens, first, 0)); // the expired one made room
    g_assert_false(is_found(tokens, expired, 0));
    g_autofree char *newest = put_at(tokens, "p1", 50, 1000);
    g_assert_false(is_found(tokens, first, 0));
    g_assert_true(is_found(tokens, second, 0));
    g_assert_true(is_found(tokens, newest, 0));
    g_assert_true(is_found(tokens, other, 0));
}

/* Half a million sign-ins of one person cost the same each. */
static void test_tokens_without_end(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    g_autofree char *other = put_at(tokens, "p2", 0, 1000);
    g_autoptr(AuthIdentity) who = auth_identity_new("p1", "x", NULL, AUTH_ATTENDEE, "a");
    uint8_t hash[AUTH_HASH_BYTES] = {0};
    gint64 begin_us = g_get_monotonic_time();
    for (uint32_t i = 1; i <= 500000; i++) {
        memcpy(hash, &i, sizeof i);
        auth_tokens_put(tokens, hash, who, i, 1000000);
    }
    g_test_message("500,000 sign-ins of one person: %.2f s",
                   (double)(g_get_monotonic_time() - begin_us) / 1e6);
    g_assert_true(is_found(tokens, other, 0));
}

/* Ends after seven days without use, or after thirty. */
static void test_tokens_idle(void)
{
    const int64_t hour_us = INT64_C(3600) * 1000000, day_us = 24 * hour_us;
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    g_autofree char *idle = put_at(tokens, "p1", 0, auth_sign_in_expiry(0, 0));
    g_autofree char *used = put_at(tokens, "p2", 0, auth_sign_in_expiry(0, 0));
    g_assert_null(auth_tokens_take_used(tokens));
    g_assert_true(is_found(tokens, used, hour_us / 2)); // not stored
    g_assert_null(auth_tokens_take_used(tokens));
    for (int day = 1; day < 30; day += 6) {
        g_assert_true(is_found(tokens, used, day * day_us));
        g_autoptr(GArray) uses = auth_tokens_take_used(tokens);
        g_assert_cmpuint(uses->len, ==, 1);
        g_assert_cmpint(g_array_index(uses, AuthTokenUse, 0).expires_wall_us, ==,
                        MIN(day + 7, 30) * day_us);
        auth_tokens_give_used(tokens, uses); // as if the database failed
        g_autoptr(GArray) again = auth_tokens_take_used(tokens);
        g_assert_cmpmem(again->data, again->len * sizeof(AuthTokenUse), uses->data,
                        uses->len * sizeof(AuthTokenUse));
    }
    g_assert_false(is_found(tokens, used, 30 * day_us));
    g_assert_true(is_found(tokens, idle, 7 * day_us - 1));
    g_assert_true(is_found(tokens, idle, 14 * day_us - 2)); // counted as use
    g_autofree char *never = put_at(tokens, "p3", 0, auth_sign_in_expiry(0, 0));
    g_assert_false(is_found(tokens, never, 7 * day_us));
}

/* Whoever never comes back leaves nothing behind, and a leap of the clock ends no sign-in. */
static void test_tokens_sweep(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    for (int i = 0; i < 1000; i++) {
        g_autofree char *person = g_strdup_printf("p%d", i);
        g_free(put_at(tokens, person, 0, 100));
    }
    g_autofree char *kept = put_at(tokens, "stays", 0, 1000);
    g_assert_null(auth_tokens_sweep(tokens, 50));
    g_assert_null(auth_tokens_sweep(tokens, 2000)); // the clock leapt
    g_assert_null(auth_tokens_sweep(tokens, 99));   // and was put right
    g_assert_null(auth_tokens_sweep(tokens, 100));
    g_autoptr(GArray) hashes = auth_tokens_sweep(tokens, 101);
    g_assert_cmpuint(hashes->len, ==, 1000);
    g_assert_null(auth_tokens_sweep(tokens, 102));
    g_assert_true(is_found(tokens, kept, 101));
}

static void *find_many(void *data)
{
    g_autofree char *person = g_strdup_printf("p%lu", (unsigned long)pthread_self());
    for (int i = 0; i < 2000; i++) {
        g_autofree char *secret = put_new(data, person, AUTH_ATTENDEE, 100);
        g_assert_true(is_found(data, secret, 0));
    }
    return NULL;
}

static void test_threads(void)
{
    g_autoptr(AuthTokens) tokens = auth_tokens_new();
    pthread_t threads[4];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        pthread_create(&threads[i], NULL, find_many, tokens);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        pthread_join(threads[i], NULL);
    }
}

typedef struct {
    char *folder;
    AuthPathKey *key;
    AuthTokens *tokens;
    uint8_t sign_in[AUTH_HASH_BYTES];
} Paths;

static void paths_init(Paths *paths)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *top = g_dir_make_tmp("majlis-paths-XXXXXX", &error);
    g_assert_no_error(error);
    paths->folder = g_build_filename(top, "keys", NULL);
    paths->key = auth_path_key_new(paths->folder, &error);
    g_assert_no_error(error);
    paths->tokens = auth_tokens_new();
    g_autofree char *secret = auth_secret_new();
    auth_secret_hash(secret, paths->sign_in);
    g_autoptr(AuthIdentity) who = auth_identity_new("p1", "Name", NULL, AUTH_ATTENDEE, "a");
    auth_tokens_put(paths->tokens, paths->sign_in, who, 1000000 - AUTH_SIGN_IN_LIFE_US, 1000000);
}

static void paths_finish(Paths *paths)
{
    g_autofree char *file = g_build_filename(paths->folder, "paths.key", NULL);
    g_autofree char *top = g_path_get_dirname(paths->folder);
    g_unlink(file);
    g_rmdir(paths->folder);
    g_rmdir(top);
    g_free(paths->folder);
    auth_path_key_free(paths->key);
    auth_tokens_free(paths->tokens);
}

static bool opens(const Paths *paths, const char *session, const char *token, int64_t now_us)
{
    int64_t until_us = -1;
    uint8_t sign_in[AUTH_HASH_BYTES];
    g_autoptr(AuthIdentity) who = auth_path_check(paths->key, paths->tokens, session, token, now_us,
                                                  now_us, &until_us, sign_in);
    if (who != NULL) {
        g_assert_cmpstr(who->person, ==, "p1");
        g_assert_cmpint(who->role, ==, AUTH_ATTENDEE);
        g_assert_cmpint(until_us, ==, 500);
    }
    return who != NULL;
}

static void test_paths(void)
{
    Paths paths;
    paths_init(&paths);
    g_autofree char *token = auth_path_sign(paths.key, "a", paths.sign_in, false, 500);
    g_assert_cmpuint(strlen(token) + 1, ==, AUTH_PATH_TOKEN_BYTES);
    g_assert_true(g_str_has_prefix(token, AUTH_PATH_PREFIX));
    g_assert_null(strpbrk(token, "/.%+="));
    g_assert_true(opens(&paths, "a", token, 499));
    g_assert_false(opens(&paths, "a", token, 500)); // expired
    g_assert_false(opens(&paths, "b", token, 499)); // another session
    g_assert_false(opens(&paths, "", token, 499));
    for (size_t i = 0; token[i] != '\0'; i++) { // one character differs
        g_autofree char *other = g_strdup(token);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        g_assert_false(opens(&paths, "a", other, 499));
        other[i] = '\0'; // and cut there
        g_assert_false(opens(&paths, "a", other, 499));
    }
    g_autofree char *longer = g_strconcat(token, "A", NULL);
    g_autofree char *padded = g_strconcat(token, "=", NULL);
    g_assert_false(opens(&paths, "a", longer, 499));
    g_assert_false(opens(&paths, "a", padded, 499));
    g_assert_false(opens(&paths, "a", "", 499));
    // Another server's key.
    Paths other;
    paths_init(&other);
    g_autofree char *foreign = auth_path_sign(other.key, "a", paths.sign_in, false, 500);
    g_assert_false(opens(&paths, "a", foreign, 499));
    paths_finish(&other);
    // Revocation ends it at once.
    auth_tokens_remove_person(paths.tokens, "p1");
    g_assert_false(opens(&paths, "a", token, 499));
    paths_finish(&paths);
}

/* A feed's token names one person and one time of issue; it opens nothing else. */
static void test_feeds(void)
{
    Paths paths;
    paths_init(&paths);
    g_autofree char *token = auth_feed_sign(paths.key, "abcdefghijk2", 7);
    g_autofree char *person = auth_feed_person(token);
    g_assert_cmpstr(person, ==, "abcdefghijk2");
    g_assert_null(strpbrk(token, "/.%+="));
    g_assert_true(auth_feed_check(paths.key, token, "abcdefghijk2", 7));
    g_assert_false(auth_feed_check(paths.key, token, "abcdefghijk2", 8)); // replaced
    g_assert_false(auth_feed_check(paths.key, token, "abcdefghijk3", 7));
    for (size_t i = 0; token[i] != '\0'; i++) {
        g_autofree char *other = g_strdup(token);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        g_autofree char *whose = auth_feed_person(other);
        g_assert_false(whose != NULL && auth_feed_check(paths.key, other, whose, 7));
        other[i] = '\0';
        g_free(whose);
        whose = auth_feed_person(other);
        g_assert_false(whose != NULL && auth_feed_check(paths.key, other, whose, 7));
    }
    static const char *const strange[] = {"", "A", "t-", "\xff", "../../etc"};
    for (size_t i = 0; i < G_N_ELEMENTS(strange); i++) {
        g_assert_null(auth_feed_person(strange[i]));
    }
    g_autofree char *longer = g_strconcat(token, "A", NULL);
    g_assert_null(auth_feed_person(longer));
    g_autofree char *path = g_strconcat(AUTH_PATH_PREFIX, token, NULL);
    g_assert_false(opens(&paths, "a", path, 0));
    g_assert_false(is_found(paths.tokens, token, 0));
    paths_finish(&paths);
}

/* An encoder's key is of one input of one session and one time of issue. */
static void test_input_keys(void)
{
    Paths paths;
    paths_init(&paths);
    g_autofree char *key = auth_input_sign(paths.key, "a", "speaker", 7);
    g_assert_true(g_str_has_prefix(key, AUTH_INPUT_PREFIX));
    g_assert_null(strpbrk(key, "/.%+="));
    g_assert_true(auth_input_check(paths.key, key, "a", "speaker", 7));
    g_assert_false(auth_input_check(paths.key, key, "a", "speaker", 8)); // replaced
    g_assert_false(auth_input_check(paths.key, key, "a", "guest", 7));
    g_assert_false(auth_input_check(paths.key, key, "b", "speaker", 7));
    for (size_t i = 0; key[i] != '\0'; i++) {
        g_autofree char *other = g_strdup(key);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        g_assert_false(auth_input_check(paths.key, other, "a", "speaker", 7));
        other[i] = '\0';
        g_assert_false(auth_input_check(paths.key, other, "a", "speaker", 7));
    }
    g_assert_false(is_found(paths.tokens, key, 0));
    paths_finish(&paths);
}

/* A choice's token names its person for good, and is no feed's. */
static void test_choices(void)
{
    Paths paths;
    paths_init(&paths);
    g_autofree char *token = auth_choice_sign(paths.key, "abcdefghijk2");
    g_autofree char *person = auth_choice_check(paths.key, token);
    g_assert_cmpstr(person, ==, "abcdefghijk2");
    g_assert_false(auth_feed_check(paths.key, token, "abcdefghijk2", 0));
    g_autofree char *feed = auth_feed_sign(paths.key, "abcdefghijk2", 0);
    g_assert_null(auth_choice_check(paths.key, feed));
    for (size_t i = 0; token[i] != '\0'; i++) {
        g_autofree char *other = g_strdup(token);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        g_assert_null(auth_choice_check(paths.key, other));
    }
    paths_finish(&paths);
}

/* What is lent serves signed paths; it takes no sign-in's place and no use extends it. */
static void test_lent(void)
{
    Paths paths;
    paths_init(&paths);
    uint8_t hash[AUTH_HASH_BYTES];
    g_autoptr(AuthIdentity) who = auth_identity_new("p1", "Name", NULL, AUTH_ATTENDEE, "a");
    for (int i = 0; i < 2 * AUTH_SIGN_INS_PER_PERSON; i++) {
        g_autofree char *session = g_strdup_printf("s%d", i);
        auth_feed_hash(paths.key, "p1", session, hash);
        auth_tokens_lend(paths.tokens, hash, who, 0, 500);
    }
    g_autofree char *lent = auth_path_sign(paths.key, "a", hash, true, 500);
    g_autofree char *own = auth_path_sign(paths.key, "a", paths.sign_in, true, 500);
    g_assert_true(opens(&paths, "a", lent, 499));
    g_assert_true(opens(&paths, "a", own, 499));
    g_autoptr(AuthIdentity) late = auth_tokens_find_hash(paths.tokens, hash, 500);
    g_assert_null(late);
    auth_tokens_take_back(paths.tokens, "nobody");
    auth_tokens_take_back(paths.tokens, "p1");
    g_assert_false(opens(&paths, "a", lent, 499));
    g_assert_true(opens(&paths, "a", own, 499));
    auth_tokens_lend(paths.tokens, hash, who, 0, 500);
    auth_tokens_remove_person(paths.tokens, "p1");
    g_assert_false(opens(&paths, "a", lent, 499));
    paths_finish(&paths);
}

/* Staff's rights shrink to an attendee's of that session. */
static void test_path_as_attendee(void)
{
    Paths paths;
    paths_init(&paths);
    g_autoptr(AuthIdentity) staff = auth_identity_new("p1", "Name", NULL, AUTH_STAFF, NULL);
    auth_tokens_put(paths.tokens, paths.sign_in, staff, 1000000 - AUTH_SIGN_IN_LIFE_US, 1000000);
    g_autofree char *shown = auth_path_sign(paths.key, "a", paths.sign_in, true, 500);
    g_autofree char *own = auth_path_sign(paths.key, "a", paths.sign_in, false, 500);
    int64_t until_us = -1;
    uint8_t sign_in[AUTH_HASH_BYTES];
    g_assert_true(opens(&paths, "a", shown, 499));
    g_assert_false(opens(&paths, "a", shown, 500));
    g_autoptr(AuthIdentity) attendee =
        auth_path_check(paths.key, paths.tokens, "a", shown, 499, 499, &until_us, sign_in);
    g_assert_cmpstr(attendee->session, ==, "a");
    g_autoptr(AuthIdentity) self =
        auth_path_check(paths.key, paths.tokens, "a", own, 499, 499, &until_us, sign_in);
    g_assert_cmpint(self->role, ==, AUTH_STAFF);
    paths_finish(&paths);
}

/* The key persists; unsafe or broken key files are refused. */
static void test_path_key(void)
{
    Paths paths;
    paths_init(&paths);
    g_autofree char *file = g_build_filename(paths.folder, "paths.key", NULL);
    g_autofree char *token = auth_path_sign(paths.key, "a", paths.sign_in, false, 500);
    GStatBuf status;
    g_assert_cmpint(g_stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    auth_path_key_free(paths.key);
    g_autoptr(GError) error = NULL;
    paths.key = auth_path_key_new(paths.folder, &error);
    g_assert_no_error(error);
    g_assert_true(opens(&paths, "a", token, 499));
    g_chmod(file, 0640);
    g_autoptr(AuthPathKey) group = auth_path_key_new(paths.folder, &error);
    g_assert_no_error(error);
    g_chmod(file, 0644);
    g_assert_null(auth_path_key_new(paths.folder, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, "chmod 600"));
    g_clear_error(&error);
    g_chmod(file, 0600);
    g_assert_true(g_file_set_contents(file, "short", 5, NULL));
    g_chmod(file, 0600);
    g_assert_null(auth_path_key_new(paths.folder, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FAILED);
    paths_finish(&paths);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/auth/table", test_table);
    g_test_add_func("/auth/no-session", test_no_session);
    g_test_add_func("/auth/moderator-of-server", test_moderator_of_server);
    g_test_add_func("/auth/out-of-range", test_out_of_range);
    g_test_add_func("/auth/roles", test_roles);
    g_test_add_func("/auth/identity", test_identity);
    g_test_add_func("/auth/secret", test_secret);
    g_test_add_func("/auth/tokens", test_tokens);
    g_test_add_func("/auth/tokens-of-a-person", test_tokens_of_a_person);
    g_test_add_func("/auth/tokens-follow", test_tokens_follow);
    g_test_add_func("/auth/tokens-of-a-session", test_tokens_of_a_session);
    g_test_add_func("/auth/tokens-without-end", test_tokens_without_end);
    g_test_add_func("/auth/tokens-idle", test_tokens_idle);
    g_test_add_func("/auth/tokens-sweep", test_tokens_sweep);
    g_test_add_func("/auth/threads", test_threads);
    g_test_add_func("/auth/paths", test_paths);
    g_test_add_func("/auth/feeds", test_feeds);
    g_test_add_func("/auth/input-keys", test_input_keys);
    g_test_add_func("/auth/choices", test_choices);
    g_test_add_func("/auth/lent", test_lent);
    g_test_add_func("/auth/path-as-attendee", test_path_as_attendee);
    g_test_add_func("/auth/path-key", test_path_key);
    add_signer_cases();
    return g_test_run();
}
