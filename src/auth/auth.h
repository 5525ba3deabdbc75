// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who somebody is, and the one pure function that says who may do what. Deny by default.

#include "base/error.h"
#include "base/refs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTH_HASH_BYTES 32
#define AUTH_NAME_BYTES 200    // longer names are cut between characters
#define AUTH_SIGN_INS_PER_PERSON 20 // one more: the person's oldest ends
#define AUTH_SIGN_IN_IDLE_US (INT64_C(7) * 24 * 3600 * 1000000)  // without a request
#define AUTH_SIGN_IN_LIFE_US (INT64_C(30) * 24 * 3600 * 1000000) // however often it is used

typedef enum {
    AUTH_NOBODY, // not signed in
    AUTH_ATTENDEE,
    AUTH_SPEAKER,
    AUTH_MODERATOR,
    AUTH_STAFF,
} AuthRole;

const char *auth_role_name(AuthRole role);              // "attendee"; static
bool auth_role_parse(const char *name, AuthRole *out);  // false: unknown

/* A signed-in person. Immutable; references on any thread. */
typedef struct {
    BaseRefs refs;
    char *person;  // id
    char *name;    // to be shown
    char *entity;  // nullable
    AuthRole role;
    char *session; // the invitation's session; NULL: all of them (staff)
} AuthIdentity;

AuthIdentity *auth_identity_new(const char *person, const char *name, const char *entity,
                                AuthRole role, const char *session);
AuthIdentity *auth_identity_ref(AuthIdentity *identity);
void auth_identity_unref(AuthIdentity *identity);

typedef enum {
    AUTH_READ_PUBLIC,      // pages, health, OpenAPI
    AUTH_SIGN_IN,
    AUTH_SIGN_OUT,         // and reading who one is
    AUTH_SEE_SESSION,
    AUTH_LIST_SESSIONS,
    AUTH_EDIT_SESSION,     // create, change, delete
    AUTH_RUN_SESSION,      // start, pause, end, publish
    AUTH_INVITE,
    AUTH_WATCH,            // live media that the gate lets through
    AUTH_WATCH_CLOSED,     // live media in the lobby and while paused
    AUTH_SEE_RECORDING,
    AUTH_SEE_UNPUBLISHED,  // a recording between its end and its publication
    AUTH_EDIT_RECORDING,   // its ends and hold; make it again, delete it
    AUTH_MARK_CHAPTER,     // add, change and remove chapters
    AUTH_ASK,              // and withdraw one's own, and vote
    AUTH_SEE_QUESTIONS,    // the public ones
    AUTH_MODERATE,         // all questions, their askers and states
    AUTH_ON_AIR,           // the presenter's part: on air, answered
    AUTH_MESSAGE_PRESENTER,
    AUTH_SEE_HEALTH,       // programme, disk, viewers
    AUTH_ACTIONS,
} AuthAction;

/* What the action is done to. All fields may be unset. */
typedef struct {
    const char *session; // id
    bool open;           // the session admits every signed-in person of this server ("open")
    bool published;      // for recordings
} AuthObject;

/* The one access function. `who` NULL is nobody. Pure; any thread. */
bool auth_may(const AuthIdentity *who, AuthAction action, const AuthObject *object);

/* Secrets (tokens, invitation codes) are shown once and kept only hashed. */
char *auth_secret_new(void); // 128 bits, BASE_ID_SECRET_LENGTH characters; full ownership
void auth_secret_hash(const char *secret, uint8_t out[AUTH_HASH_BYTES]);

/* Signed-in tokens by hash, for every thread: a short lock, no I/O. The store keeps the same rows. */
typedef struct AuthTokens AuthTokens;
AuthTokens *auth_tokens_new(void);
void auth_tokens_free(AuthTokens *tokens);
/* Adds or replaces. Takes a reference to `identity`. First removes the person's tokens that expired
 * before this one was created and, of AUTH_SIGN_INS_PER_PERSON, the oldest. */
void auth_tokens_put(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                     AuthIdentity *identity, int64_t created_wall_us, int64_t expires_wall_us);
/* When a sign-in ends that was last used at `used_wall_us`. */
int64_t auth_sign_in_expiry(int64_t created_wall_us, int64_t used_wall_us);
typedef struct {
    uint8_t hash[AUTH_HASH_BYTES];
    int64_t expires_wall_us;
} AuthTokenUse;
/* The tokens whose use put off their end since the last call, an entry an hour for each: to be
 * stored. Full ownership; NULL: none. */
GArray *auth_tokens_take_used(AuthTokens *tokens);
void auth_tokens_remove(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES]);
/* Every token of a person whose invitation was revoked or role changed. */
void auth_tokens_remove_person(AuthTokens *tokens, const char *person);
/* The identity of a secret (full ownership), or NULL when unknown or expired. Counts as a use. */
AuthIdentity *auth_tokens_find(AuthTokens *tokens, const char *secret, int64_t now_wall_us);
AuthIdentity *auth_tokens_find_hash(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                                    int64_t now_wall_us);

/* Signed media paths, for players that send neither cookie nor header: the token in the path stands
 * for a sign-in, for one session and for a time. It is a secret: it belongs in no log. */
#define AUTH_PATH_PREFIX "t-"     // no run number or file name begins so
#define AUTH_PATH_TOKEN_BYTES 99 // with the NUL
typedef struct AuthPathKey AuthPathKey; // immutable; any thread
/* The key in FOLDER/paths.key, mode 0600, made at first use; refused where wider than 0640. Blocks.
 * NULL with an error. Full ownership. */
AuthPathKey *auth_path_key_new(const char *folder, GError **error);
void auth_path_key_free(AuthPathKey *key);
/* `sign_in` is the hash of the secret that the asker came with. Full ownership. */
char *auth_path_sign(const AuthPathKey *key, const char *session,
                     const uint8_t sign_in[AUTH_HASH_BYTES], int64_t expires_wall_us);
/* Who the token stands for (full ownership; auth_may() then says what that one may), or NULL: not
 * ours, of another session, expired, or its sign-in is no more. */
AuthIdentity *auth_path_check(const AuthPathKey *key, AuthTokens *tokens, const char *session,
                              const char *token, int64_t now_wall_us, int64_t *out_expires_wall_us);

/* The server's Ed25519 key: FOLDER/signing.key, made at first use, in PEM (PKCS #8); its public half
 * beside it as signing.pub. BASE_ERROR_DENIED where others can read the key. Blocks: start-up and
 * worker threads; then any thread. Full ownership. */
#define AUTH_PUBLIC_BYTES 32
#define AUTH_SIGNATURE_BYTES 64
typedef struct AuthSigner AuthSigner;
AuthSigner *auth_signer_new(const char *folder, GError **error);
void auth_signer_free(AuthSigner *signer);
void auth_signer_sign(const AuthSigner *signer, const uint8_t *bytes, size_t size,
                      uint8_t out[AUTH_SIGNATURE_BYTES]);
const uint8_t *auth_signer_public(const AuthSigner *signer); // borrowed
bool auth_verify(const uint8_t public_key[AUTH_PUBLIC_BYTES], const uint8_t *bytes, size_t size,
                 const uint8_t signature[AUTH_SIGNATURE_BYTES]);
/* A public key in PEM. Blocks. */
bool auth_public_read(const char *path, uint8_t out[AUTH_PUBLIC_BYTES], GError **error);
/* 16 hexadecimal digits that people can compare: of its SHA-256. Full ownership. */
char *auth_key_id(const uint8_t public_key[AUTH_PUBLIC_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthSigner, auth_signer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthIdentity, auth_identity_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthTokens, auth_tokens_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthPathKey, auth_path_key_free)
