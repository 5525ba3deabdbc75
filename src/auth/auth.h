// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Identities, sign-ins, keys, and the access table, which denies by default.

#include "base/error.h"
#include "base/refs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTH_HASH_BYTES 32
#define AUTH_NAME_CHARACTERS 200
#define AUTH_NAME_BYTES 800                                      // cut between characters
#define AUTH_SIGN_INS_PER_PERSON 20                              // then the oldest ends
#define AUTH_SIGN_IN_IDLE_US (INT64_C(7) * 24 * 3600 * 1000000)  // unused
#define AUTH_SIGN_IN_LIFE_US (INT64_C(30) * 24 * 3600 * 1000000) // at most

typedef enum {
    AUTH_NOBODY,
    AUTH_ATTENDEE,
    AUTH_SPEAKER,
    AUTH_MODERATOR,
    AUTH_STAFF, // prepare and run every session
    AUTH_ADMIN, // staff who also change staff
    // of no person, never stored
    AUTH_SCRAPER, // reads metrics
    AUTH_ENCODER, // publishes with a session's key
} AuthRole;

const char *auth_role_name(AuthRole role);
bool auth_role_parse(const char *name, AuthRole *out);
/* Of every session, by one invitation: moderator, staff, admin. */
bool auth_role_is_of_server(AuthRole role);

/* A signed-in person. Immutable; any thread. */
typedef struct {
    BaseRefs refs;
    char *person;
    char *name;
    char *entity; // nullable
    AuthRole role;
    char *session; // NULL: of the server, every session
} AuthIdentity;

AuthIdentity *auth_identity_new(const char *person, const char *name, const char *entity,
                                AuthRole role, const char *session);
AuthIdentity *auth_identity_ref(AuthIdentity *identity);
void auth_identity_unref(AuthIdentity *identity);

typedef enum {
    AUTH_READ_PUBLIC,
    AUTH_SIGN_IN,
    AUTH_SIGN_OUT, // or read one's identity
    AUTH_REGISTER, // where the session has a page for it
    AUTH_SEE_SESSION,
    AUTH_LIST_SESSIONS,
    AUTH_EDIT_SESSION, // or create, delete
    AUTH_RUN_SESSION,  // pause, end, publish
    AUTH_INVITE,
    AUTH_WATCH,        // through the open gate
    AUTH_WATCH_CLOSED, // in lobby and pauses
    AUTH_PUBLISH,      // a picture or sound for the programme
    AUTH_SEE_RECORDING,
    AUTH_SEE_UNPUBLISHED, // recordings
    AUTH_EDIT_RECORDING,  // trim, hold, rebuild, delete
    AUTH_FEED_SESSION,    // in a calendar
    AUTH_FEED_RECORDING,  // in a podcast, with its files
    AUTH_MARK_CHAPTER,
    AUTH_PLAN,          // say whether one comes
    AUTH_ASK,           // vote, withdraw
    AUTH_SEE_QUESTIONS, // public ones
    AUTH_MODERATE,      // all questions and askers
    AUTH_ON_AIR,
    AUTH_MESSAGE_PRESENTER,
    AUTH_SEE_HEALTH,
    AUTH_EDIT_PEOPLE,  // or list them, and entities
    AUTH_ADMINISTER,   // roles and links of staff, erasing people
    AUTH_READ_METRICS, // for the bearer of [metrics] token_file alone
    AUTH_ACTIONS,
} AuthAction;

/* The action's object. */
typedef struct {
    const char *session;
    bool open; // to all
    bool published;
} AuthObject;

/* NULL `who`: not signed in. Pure. */
bool auth_may(const AuthIdentity *who, AuthAction action, const AuthObject *object);
/* Whatever the object. */
bool auth_needs_sign_in(AuthAction action);

char *auth_secret_new(void); // 128 bits
void auth_secret_hash(const char *secret, uint8_t out[AUTH_HASH_BYTES]);
/* Reads a file of mode 0640 or narrower, at least `least` bytes; path "": NULL. `key` names it in
 * errors: "[rtc] ice_secret". `out`: full ownership. Blocks. */
bool auth_secret_read(const char *path, const char *key, size_t least, char **out, GError **error);

/* Sign-ins by token hash, mirrored in the store. Any thread. */
typedef struct AuthTokens AuthTokens;
AuthTokens *auth_tokens_new(void);
void auth_tokens_free(AuthTokens *tokens);
/* Adds or replaces; references `identity`. Drops expired ones, then the oldest. */
void auth_tokens_put(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                     AuthIdentity *identity, int64_t created_wall_us, int64_t expires_wall_us);
int64_t auth_sign_in_expiry(int64_t created_wall_us, int64_t used_wall_us);
typedef struct {
    uint8_t hash[AUTH_HASH_BYTES];
    int64_t expires_wall_us;
} AuthTokenUse;
/* Uses to store, hourly per token. Nullable. */
GArray *auth_tokens_take_used(AuthTokens *tokens);
/* Returns unstored uses. */
void auth_tokens_give_used(AuthTokens *tokens, const GArray *used);
void auth_tokens_remove(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES]);
/* True: there were some. */
bool auth_tokens_remove_person(AuthTokens *tokens, const char *person);
/* Of its invitations: the store drops them with the session. */
void auth_tokens_remove_session(AuthTokens *tokens, const char *session);
/* Of the person's sign-ins, from now on. `role`: of the server, for those of no session; AUTH_NOBODY:
 * they end. True: a right changed. */
bool auth_tokens_change_person(AuthTokens *tokens, const char *person, const char *name,
                               const char *entity, AuthRole role);
/* Removes sign-ins that the last call found expired too: a leap of the wall clock ends none. Hashes
 * (AUTH_HASH_BYTES each) to delete from the store: full ownership, nullable. */
GArray *auth_tokens_sweep(AuthTokens *tokens, int64_t now_wall_us);
/* Full ownership; NULL: unknown or expired. Counts as use. */
AuthIdentity *auth_tokens_find(AuthTokens *tokens, const char *secret, int64_t now_wall_us);
AuthIdentity *auth_tokens_find_hash(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                                    int64_t now_wall_us);

/* For signed paths: takes no sign-in's place, is not extended, ends with the sign-ins. */
void auth_tokens_lend(AuthTokens *tokens, const uint8_t hash[AUTH_HASH_BYTES],
                      AuthIdentity *identity, int64_t now_wall_us, int64_t expires_wall_us);
void auth_tokens_take_back(AuthTokens *tokens, const char *person);

/* Signed media paths for players without cookies: a sign-in for one session and time. Never log. */
#define AUTH_PATH_PREFIX "t-"    // never a run number or file name
#define AUTH_PATH_TOKEN_BYTES 99 // with NUL
typedef struct AuthPathKey AuthPathKey;
/* Loads or creates FOLDER/paths.key (0600). Blocks. */
AuthPathKey *auth_path_key_new(const char *folder, GError **error);
void auth_path_key_free(AuthPathKey *key);
/* Paths expire by base_steady_us(): a player goes on when the wall clock is set. `sign_in`: hash of the secret. `as_attendee`: with an attendee's rights, whoever signed in. */
char *auth_path_sign(const AuthPathKey *key, const char *session,
                     const uint8_t sign_in[AUTH_HASH_BYTES], bool as_attendee, int64_t expires_us);
/* For auth_may(). `now_us`: of the path; sign-ins end by the wall clock. Full ownership; NULL:
 * invalid, expired, signed out. */
AuthIdentity *auth_path_check(const AuthPathKey *key, AuthTokens *tokens, const char *session,
                              const char *text, int64_t now_us, int64_t now_wall_us,
                              int64_t *out_expires_us, uint8_t out_sign_in[AUTH_HASH_BYTES]);

/* Keys of encoders, each of one input, until another time of issue. Never log. */
#define AUTH_INPUT_PREFIX "k-" // never of a sign-in
char *auth_input_sign(const AuthPathKey *key, const char *session, const char *input,
                      int64_t issued_us);
bool auth_input_check(const AuthPathKey *key, const char *text, const char *session,
                      const char *input, int64_t issued_us);

/* Tokens of feeds, after AUTH_PATH_PREFIX, valid until the person's time of issue changes. Never log. */
char *auth_feed_sign(const AuthPathKey *key, const char *person, int64_t issued_us);
/* Unchecked; NULL: malformed. */
char *auth_feed_person(const char *text);
bool auth_feed_check(const AuthPathKey *key, const char *text, const char *person,
                     int64_t issued_us);
/* Tokens of a person's choice which mails to get, valid for good. Never log. NULL:
 * invalid. */
char *auth_choice_sign(const AuthPathKey *key, const char *person);
char *auth_choice_check(const AuthPathKey *key, const char *text);
/* For auth_tokens_lend(). */
void auth_feed_hash(const AuthPathKey *key, const char *person, const char *session,
                    uint8_t out[AUTH_HASH_BYTES]);

/* Loads or creates the Ed25519 key signing.key (PEM) and signing.pub. BASE_ERROR_DENIED: readable
 * by others. Blocks. */
#define AUTH_PUBLIC_BYTES 32
#define AUTH_SIGNATURE_BYTES 64
typedef struct AuthSigner AuthSigner;
AuthSigner *auth_signer_new(const char *folder, GError **error);
/* Only loads; writes nothing. BASE_ERROR_NOT_FOUND: there is none. */
AuthSigner *auth_signer_open(const char *folder, GError **error);
void auth_signer_free(AuthSigner *signer);
void auth_signer_sign(const AuthSigner *signer, const uint8_t *bytes, size_t size,
                      uint8_t out[AUTH_SIGNATURE_BYTES]);
const uint8_t *auth_signer_public(const AuthSigner *signer);
bool auth_verify(const uint8_t public_key[AUTH_PUBLIC_BYTES], const uint8_t *bytes, size_t size,
                 const uint8_t signature[AUTH_SIGNATURE_BYTES]);
/* PEM. Blocks. */
bool auth_public_read(const char *path, uint8_t out[AUTH_PUBLIC_BYTES], GError **error);
/* 16 hexadecimal digits of SHA-256. */
char *auth_key_id(const uint8_t public_key[AUTH_PUBLIC_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthSigner, auth_signer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthIdentity, auth_identity_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthTokens, auth_tokens_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthPathKey, auth_path_key_free)
