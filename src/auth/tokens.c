// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets, and the table of sign-ins.
#include "auth/auth.h"
#include "base/clock.h"
#include "base/id.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define MAX_USED 100000                             // while the store fails
#define NOTE_USE_US (INT64_C(3600) * BASE_US_PER_S) // of the idle end

struct AuthTokens {
    pthread_mutex_t mutex;
    GHashTable *by_hash;   // Token by its first member, owned
    GHashTable *by_person; // id -> GPtrArray of Token
    GArray *used;
};

typedef struct {
    uint8_t hash[AUTH_HASH_BYTES];
    AuthIdentity *identity;
    int64_t created_us, expires_us;
    bool was_expired; // at the last sweep
    bool lent;        // no sign-in
} Token;

char *auth_secret_new(void)
{
    return base_id_new(BASE_ID_SECRET_LENGTH);
}

void auth_secret_hash(const char *secret, uint8_t out[AUTH_HASH_BYTES])
{
    // fast, as secrets are random; the context separates uses
    static const unsigned char context[crypto_generichash_blake2b_PERSONALBYTES] =
        "majlis secret 1";
    static const unsigned char salt[crypto_generichash_blake2b_SALTBYTES];
    int result = sodium_init();
    g_assert(result >= 0);
    result = crypto_generichash_blake2b_salt_personal(out, AUTH_HASH_BYTES,
                                                      (const unsigned char *)secret, strlen(secret),
                                                      NULL, 0, salt, context);
    g_assert(result == 0);
}

/* Any four bytes of a hash. */
static guint hash_key(gconstpointer key)
{
    guint value;
    memcpy(&value, key, sizeof value);
    return value;
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
    return sodium_memcmp(a, b, AUTH_HASH_BYTES) == 0;
}

static void token_free(void *data)
{
    Token *token = data;
    auth_identity_unref(token->identity);
    g_free(token);
}

static void person_free(void *list)
{
    g_ptr_array_unref(list);
}

AuthTokens *auth_tokens_new(void)
{
    AuthTokens *tokens = g_new0(AuthTokens, 1);
    pthread_mutex_init(&tokens->mutex, NULL);
    tokens->by_hash = g_hash_table_new_full(hash_key, equal_keys, NULL, token_free);
    tokens->by_person = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, person_free);
    tokens->used = g_array_new(FALSE, FALSE, sizeof(AuthTokenUse));
    return tokens;
}

void auth_tokens_free(AuthTokens *tokens)
{
    if (tokens == NULL) {
        return;
    }
    g_hash_table_destroy(tokens->by_person);
    g_hash_table_destroy(tokens->by_hash);
    g_array_unref(tokens->used);
    pthread_mutex_destroy(&tokens->mutex);
    g_free(tokens);
}

/* Locked. NULL is allowed. */
static void remove_token(AuthTokens *tokens, Token *token)
{
    if (token == NULL) {
        return;
    }
    GPtrArray *own = g_hash_table_lookup(tokens->by_person, token->identity->person);
    g_ptr_array_remove_fast(own, token);
    if (own->len == 0) {
        g_hash_table_remove(tokens->by_person, token->identity->person);
    }
    g_hash_table_remove(tokens->by_hash, token->hash);
}

/* Locked. Dropped first; NULL: there is room. */
static Token *find_oldest(const GPtrArray *own)
{
    Token *oldest = NULL;
    unsigned count = 0;
    for (guint i = 0; i < own->len; i++) {
        Token *token = own->pdata[i];
        if (!token->lent) {
            count++;
            oldest = oldest == NULL || token->created_us < oldest->created_us ? token : oldest;
        }
    }
    return count >= AUTH_SIGN_INS_PER_PERSON ? oldest : NULL;
}

/* Locked. Drops expired, then oldest. */
static void make_room(AuthTokens *tokens, const char *person, int64_t now_us, bool lent)
{
    GPtrArray *own = g_hash_table_lookup(tokens->by_person, person);
    g_autoptr(GPtrArray) look = own != NULL ? g_ptr_array_copy(own, NULL, NULL) : NULL;
    for (guint i = 0; look != NULL && i < look->len; i++) {
        Token *token = look->pdata[i];
        if (token->expires_us <= now_us) {
            remove_token(tokens, token);
        }
    }
    own = g_hash_table_lookup(tokens->by_person, person);
    if (own != NULL && !lent) {
        remove_token(tokens, find_oldest(own));
    }
}

/* Locked. */
static void add_token(AuthTokens *tokens, Token *token)
{
    const char *person = token->identity->person;
    GPtrArray *own = g_hash_table_lookup(tokens->by_person, person);
    if (own == NULL) {
        own = g_ptr_array_new();
        g_hash_table_insert(tokens->by_person, g_strdup(person), own);
    }
    g_ptr_array_add(own, token);
    g_hash_table_insert(tokens->by_hash, token->hash, token);
}

static void put(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES], AuthIdentity *identity,
                int64_t created_wall_us, int64_t expires_wall_us, bool lent)
{
    Token *token = g_new0(Token, 1);
    token->lent = lent;
    memcpy(token->hash, hash, AUTH_HASH_BYTES);
    token->identity = auth_identity_ref(identity);
    token->created_us = created_wall_us;
    token->expires_us = expires_wall_us;
    pthread_mutex_lock(&tokens->mutex);
    remove_token(tokens, g_hash_table_lookup(tokens->by_hash, hash));
    make_room(tokens, identity->person, created_wall_us, lent);
    add_token(tokens, token);
    pthread_mutex_unlock(&tokens->mutex);
}

void auth_tokens_put(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                     AuthIdentity *identity, int64_t created_wall_us, int64_t expires_wall_us)
{
    put(tokens, hash, identity, created_wall_us, expires_wall_us, false);
}

void auth_tokens_lend(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                      AuthIdentity *identity, int64_t now_wall_us, int64_t expires_wall_us)
{
    put(tokens, hash, identity, now_wall_us, expires_wall_us, true);
}

void auth_tokens_take_back(AuthTokens *tokens, const char *person)
{
    pthread_mutex_lock(&tokens->mutex);
    const GPtrArray *own = g_hash_table_lookup(tokens->by_person, person);
    g_autoptr(GPtrArray) look = own != NULL ? g_ptr_array_copy((GPtrArray *)own, NULL, NULL) : NULL;
    for (guint i = 0; look != NULL && i < look->len; i++) {
        Token *token = look->pdata[i];
        if (token->lent) {
            remove_token(tokens, token);
        }
    }
    pthread_mutex_unlock(&tokens->mutex);
}

void auth_tokens_remove(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES])
{
    pthread_mutex_lock(&tokens->mutex);
    remove_token(tokens, g_hash_table_lookup(tokens->by_hash, hash));
    pthread_mutex_unlock(&tokens->mutex);
}

bool auth_tokens_remove_person(AuthTokens *tokens, const char *person)
{
    pthread_mutex_lock(&tokens->mutex);
    const GPtrArray *own = g_hash_table_lookup(tokens->by_person, person);
    bool had = own != NULL;
    for (guint i = 0; own != NULL && i < own->len; i++) {
        g_hash_table_remove(tokens->by_hash, ((Token *)own->pdata[i])->hash);
    }
    g_hash_table_remove(tokens->by_person, person);
    pthread_mutex_unlock(&tokens->mutex);
    return had;
}

void auth_tokens_remove_session(AuthTokens *tokens, const char *session)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GHashTableIter iter;
    pthread_mutex_lock(&tokens->mutex);
    g_hash_table_iter_init(&iter, tokens->by_hash);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        if (g_strcmp0(((Token *)value)->identity->session, session) == 0) {
            g_ptr_array_add(found, value);
        }
    }
    for (guint i = 0; i < found->len; i++) {
        remove_token(tokens, found->pdata[i]);
    }
    pthread_mutex_unlock(&tokens->mutex);
}

bool auth_tokens_change_person(AuthTokens *tokens, const char *person, const char *name,
                               const char *entity, AuthRole role)
{
    bool changed = false;
    pthread_mutex_lock(&tokens->mutex);
    const GPtrArray *own = g_hash_table_lookup(tokens->by_person, person);
    g_autoptr(GPtrArray) look = own != NULL ? g_ptr_array_copy((GPtrArray *)own, NULL, NULL) : NULL;
    for (guint i = 0; look != NULL && i < look->len; i++) {
        Token *token = look->pdata[i];
        AuthIdentity *old = token->identity;
        AuthRole now = old->session == NULL ? role : old->role;
        bool differs = now != old->role;
        changed = changed || differs;
        if (now == AUTH_NOBODY || (token->lent && differs)) {
            remove_token(tokens, token);
        } else {
            token->identity = auth_identity_new(person, name, entity, now, old->session);
            auth_identity_unref(old);
        }
    }
    pthread_mutex_unlock(&tokens->mutex);
    return changed;
}

/* Locked. */
static GPtrArray *find_expired(AuthTokens *tokens, int64_t now_us)
{
    GPtrArray *found = g_ptr_array_new();
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, tokens->by_hash);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        Token *token = value;
        bool expired = token->expires_us <= now_us;
        if (expired && token->was_expired) {
            g_ptr_array_add(found, token);
        }
        token->was_expired = expired;
    }
    return found;
}

GArray *auth_tokens_sweep(AuthTokens *tokens, int64_t now_wall_us)
{
    pthread_mutex_lock(&tokens->mutex);
    g_autoptr(GPtrArray) found = find_expired(tokens, now_wall_us);
    GArray *hashes = found->len > 0 ? g_array_new(FALSE, FALSE, AUTH_HASH_BYTES) : NULL;
    for (guint i = 0; i < found->len; i++) {
        g_array_append_vals(hashes, ((Token *)found->pdata[i])->hash, 1);
        remove_token(tokens, found->pdata[i]);
    }
    pthread_mutex_unlock(&tokens->mutex);
    return hashes;
}

int64_t auth_sign_in_expiry(int64_t created_wall_us, int64_t used_wall_us)
{
    return MIN(used_wall_us + AUTH_SIGN_IN_IDLE_US, created_wall_us + AUTH_SIGN_IN_LIFE_US);
}

/* Locked. At most hourly. */
static void note_use(AuthTokens *tokens, Token *token, int64_t now_us)
{
    int64_t expires_us = auth_sign_in_expiry(token->created_us, now_us);
    if (token->lent || expires_us - token->expires_us < NOTE_USE_US) {
        return;
    }
    token->expires_us = expires_us;
    AuthTokenUse use = {.expires_wall_us = expires_us};
    memcpy(use.hash, token->hash, AUTH_HASH_BYTES);
    g_array_append_val(tokens->used, use);
}

GArray *auth_tokens_take_used(AuthTokens *tokens)
{
    GArray *used = NULL;
    pthread_mutex_lock(&tokens->mutex);
    if (tokens->used->len > 0) {
        used = tokens->used;
        tokens->used = g_array_new(FALSE, FALSE, sizeof(AuthTokenUse));
    }
    pthread_mutex_unlock(&tokens->mutex);
    return used;
}

/* Prepends: last entries count. */
void auth_tokens_give_used(AuthTokens *tokens, const GArray *used)
{
    pthread_mutex_lock(&tokens->mutex);
    if (tokens->used->len + used->len <= MAX_USED) {
        g_array_prepend_vals(tokens->used, used->data, used->len);
    }
    pthread_mutex_unlock(&tokens->mutex);
}

AuthIdentity *auth_tokens_find_hash(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                                    int64_t now_wall_us)
{
    AuthIdentity *identity = NULL;
    pthread_mutex_lock(&tokens->mutex);
    Token *token = g_hash_table_lookup(tokens->by_hash, hash);
    if (token != NULL && token->expires_us > now_wall_us) {
        identity = auth_identity_ref(token->identity);
        note_use(tokens, token, now_wall_us);
    }
    pthread_mutex_unlock(&tokens->mutex);
    return identity;
}

AuthIdentity *auth_tokens_find(AuthTokens *tokens, const char *secret, int64_t now_wall_us)
{
    // skips overlong cookies
    if (secret == NULL || !base_id_valid(secret, BASE_ID_SECRET_LENGTH)) {
        return NULL;
    }
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(secret, hash);
    return auth_tokens_find_hash(tokens, hash, now_wall_us);
}
