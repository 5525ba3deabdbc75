// SPDX-License-Identifier: GPL-3.0-or-later
#include "auth/auth.h"
#include "base/id.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define SWEEP_EVERY 1000 // tokens put between two removals of the expired ones

struct AuthTokens {
    pthread_mutex_t mutex; // what follows
    GHashTable *by_hash;   // of Token, which begins with its key
    unsigned put_since_sweep;
    int64_t latest_now_us; // the latest time that a caller told
};

typedef struct {
    uint8_t hash[AUTH_HASH_BYTES];
    AuthIdentity *identity;
    int64_t expires_us;
} Token;

char *auth_secret_new(void)
{
    return base_id_new(BASE_ID_SECRET_LENGTH);
}

void auth_secret_hash(const char *secret, uint8_t out[AUTH_HASH_BYTES])
{
    // a fast hash will do: a secret is 128 random bits, not a password. The context keeps these
    // hashes apart from any other use of the function.
    static const unsigned char context[crypto_generichash_blake2b_PERSONALBYTES] =
        "majlis secret 1";
    static const unsigned char salt[crypto_generichash_blake2b_SALTBYTES];
    int result = sodium_init(); // more than once is no error
    g_assert(result >= 0);
    result = crypto_generichash_blake2b_salt_personal(out, AUTH_HASH_BYTES,
                                                      (const unsigned char *)secret, strlen(secret),
                                                      NULL, 0, salt, context);
    g_assert(result == 0);
}

/* The keys are hashes of 128 random bits: any four bytes of them spread well. */
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

AuthTokens *auth_tokens_new(void)
{
    AuthTokens *tokens = g_new0(AuthTokens, 1);
    pthread_mutex_init(&tokens->mutex, NULL);
    tokens->by_hash = g_hash_table_new_full(hash_key, equal_keys, NULL, token_free);
    return tokens;
}

void auth_tokens_free(AuthTokens *tokens)
{
    if (tokens == NULL) {
        return;
    }
    g_hash_table_destroy(tokens->by_hash);
    pthread_mutex_destroy(&tokens->mutex);
    g_free(tokens);
}

static gboolean is_expired(gpointer key, gpointer value, gpointer data)
{
    (void)key;
    return ((Token *)value)->expires_us <= *(int64_t *)data;
}

/* With the mutex. */
static void sweep(AuthTokens *tokens)
{
    tokens->put_since_sweep = 0;
    g_hash_table_foreach_remove(tokens->by_hash, is_expired, &tokens->latest_now_us);
}

/* With the mutex: the person's token that expires first, or everybody's where it has none. Somebody
 * who signs in without end so pushes out only himself. */
static const Token *find_spare(AuthTokens *tokens, const char *person)
{
    const Token *spare = NULL;
    bool spare_is_own = false;
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, tokens->by_hash);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        const Token *token = value;
        bool is_own = strcmp(token->identity->person, person) == 0;
        if (spare == NULL || is_own > spare_is_own ||
            (is_own == spare_is_own && token->expires_us < spare->expires_us)) {
            spare = token;
            spare_is_own = is_own;
        }
    }
    return spare;
}

/* With the mutex. */
static void make_room(AuthTokens *tokens, const char *person)
{
    if (++tokens->put_since_sweep >= SWEEP_EVERY) {
        sweep(tokens);
    }
    if (g_hash_table_size(tokens->by_hash) >= AUTH_TOKENS_MAX) {
        g_hash_table_remove(tokens->by_hash, find_spare(tokens, person)->hash);
    }
}

void auth_tokens_put(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                     AuthIdentity *identity, int64_t expires_wall_us)
{
    Token *token = g_new0(Token, 1);
    memcpy(token->hash, hash, AUTH_HASH_BYTES);
    token->identity = auth_identity_ref(identity);
    token->expires_us = expires_wall_us;
    pthread_mutex_lock(&tokens->mutex);
    make_room(tokens, identity->person);
    g_hash_table_replace(tokens->by_hash, token->hash, token);
    pthread_mutex_unlock(&tokens->mutex);
}

void auth_tokens_remove(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES])
{
    pthread_mutex_lock(&tokens->mutex);
    g_hash_table_remove(tokens->by_hash, hash);
    pthread_mutex_unlock(&tokens->mutex);
}

static gboolean is_of_person(gpointer key, gpointer value, gpointer data)
{
    (void)key;
    return strcmp(((Token *)value)->identity->person, data) == 0;
}

void auth_tokens_remove_person(AuthTokens *tokens, const char *person)
{
    pthread_mutex_lock(&tokens->mutex);
    g_hash_table_foreach_remove(tokens->by_hash, is_of_person, (gpointer)person);
    pthread_mutex_unlock(&tokens->mutex);
}

AuthIdentity *auth_tokens_find_hash(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                                    int64_t now_wall_us)
{
    AuthIdentity *identity = NULL;
    pthread_mutex_lock(&tokens->mutex);
    tokens->latest_now_us = MAX(tokens->latest_now_us, now_wall_us);
    const Token *token = g_hash_table_lookup(tokens->by_hash, hash);
    if (token != NULL && token->expires_us > now_wall_us) {
        identity = auth_identity_ref(token->identity);
    }
    pthread_mutex_unlock(&tokens->mutex);
    return identity;
}

AuthIdentity *auth_tokens_find(AuthTokens *tokens, const char *secret, int64_t now_wall_us)
{
    // what arrives in a cookie may be of any length and is not hashed in vain
    if (secret == NULL || !base_id_valid(secret, BASE_ID_SECRET_LENGTH)) {
        return NULL;
    }
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(secret, hash);
    return auth_tokens_find_hash(tokens, hash, now_wall_us);
}
