// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens of signed media paths and of feeds.
//
//   "t-"  base64url without padding of
//   | as attendee | expiry, steady us     | hash of a sign-in's secret | HMAC-SHA-512-256 |
//   | 1 bit       | 63 bits (BE)          | 32 bytes                   | 32 bytes         |
//
// The HMAC (libsodium's crypto_auth) covers a context, session id and all before it. A token names
// a sign-in: it ends with it, and roles count as they are now. The hash is no secret.
//
// Of feeds and choices: base64url of | HMAC | person's id |; the HMAC covers its context, id and time of
// issue.
#include "auth/auth.h"
#include "base/bytes.h"
#include "base/id.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_NAME "paths.key"
#define EXPIRY_BYTES 8
#define AS_ATTENDEE (UINT64_C(1) << 63)
#define SIGNED_BYTES (EXPIRY_BYTES + AUTH_HASH_BYTES)
#define TOKEN_BYTES (SIGNED_BYTES + crypto_auth_hmacsha512256_BYTES)
#define TEXT_LENGTH (TOKEN_BYTES / 3 * 4)

G_STATIC_ASSERT(TOKEN_BYTES % 3 == 0); // one spelling per token
G_STATIC_ASSERT(TEXT_LENGTH + sizeof AUTH_PATH_PREFIX == AUTH_PATH_TOKEN_BYTES);

struct AuthPathKey {
    uint8_t bytes[crypto_auth_hmacsha512256_KEYBYTES];
};

static bool refuse(GError **error, const char *what, const char *path)
{
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "the key of media paths %s: %s", path, what);
    return false;
}

/* Appears only when complete: a truncated key would be refused forever. */
static bool make_key(const char *path, GError **error)
{
    uint8_t bytes[crypto_auth_hmacsha512256_KEYBYTES];
    g_autofree char *draft = g_strconcat(path, ".new", NULL);
    randombytes_buf(bytes, sizeof bytes);
    unlink(draft);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool made = fd >= 0 && write(fd, bytes, sizeof bytes) == sizeof bytes && fsync(fd) == 0 &&
                rename(draft, path) == 0;
    int code = errno;
    if (fd >= 0) {
        close(fd);
    }
    sodium_memzero(bytes, sizeof bytes);
    return made || refuse(error, g_strerror(code), path);
}

static bool read_key(int fd, const char *path, AuthPathKey *key, GError **error)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return refuse(error, "is not a regular file", path);
    }
    if ((status.st_mode & 0137) != 0) { // wider than 0640
        return refuse(error, "can be read or changed by others; run chmod 600", path);
    }
    if (status.st_size != sizeof key->bytes ||
        read(fd, key->bytes, sizeof key->bytes) != sizeof key->bytes) {
        return refuse(error, "has the wrong length; remove it to create a new key", path);
    }
    return true;
}

AuthPathKey *auth_path_key_new(const char *folder, GError **error)
{
    int ready = sodium_init();
    g_assert(ready >= 0);
    g_autofree char *path = g_build_filename(folder, KEY_NAME, NULL);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        refuse(error, g_strerror(errno), folder);
        return NULL;
    }
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        if (!make_key(path, error)) {
            return NULL;
        }
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0) {
        refuse(error, g_strerror(errno), path);
        return NULL;
    }
    AuthPathKey *key = g_new0(AuthPathKey, 1);
    bool read = read_key(fd, path, key, error);
    close(fd);
    if (!read) {
        g_clear_pointer(&key, auth_path_key_free);
    }
    return key;
}

void auth_path_key_free(AuthPathKey *key)
{
    if (key != NULL) {
        sodium_memzero(key, sizeof *key);
        g_free(key);
    }
}

/* `more`: nullable. */
static void authenticate(const AuthPathKey *key, const char *context, const char *text,
                         const char *more, const uint8_t *bytes, size_t size,
                         uint8_t out[crypto_auth_hmacsha512256_BYTES])
{
    crypto_auth_hmacsha512256_state state;
    crypto_auth_hmacsha512256_init(&state, key->bytes, sizeof key->bytes);
    const char *const texts[] = {context, text, more};
    for (size_t i = 0; i < G_N_ELEMENTS(texts) && texts[i] != NULL; i++) {
        crypto_auth_hmacsha512256_update(&state, (const unsigned char *)texts[i],
                                         strlen(texts[i]) + 1);
    }
    crypto_auth_hmacsha512256_update(&state, bytes, size);
    crypto_auth_hmacsha512256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

static void authenticate_path(const AuthPathKey *key, const char *session,
                              const uint8_t token[SIGNED_BYTES],
                              uint8_t out[crypto_auth_hmacsha512256_BYTES])
{
    authenticate(key, "majlis media path 1", session, NULL, token, SIGNED_BYTES, out);
}

char *auth_path_sign(const AuthPathKey *key, const char *session,
                     const uint8_t sign_in[AUTH_HASH_BYTES], bool as_attendee, int64_t expires_us)
{
    uint8_t token[TOKEN_BYTES];
    char text[TEXT_LENGTH + 1];
    base_put_u64(token, (uint64_t)expires_us | (as_attendee ? AS_ATTENDEE : 0));
    memcpy(token + EXPIRY_BYTES, sign_in, AUTH_HASH_BYTES);
    authenticate_path(key, session, token, token + SIGNED_BYTES);
    sodium_bin2base64(text, sizeof text, token, sizeof token,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return g_strconcat(AUTH_PATH_PREFIX, text, NULL);
}

static bool decode(const char *text, uint8_t out[TOKEN_BYTES])
{
    size_t prefix = strlen(AUTH_PATH_PREFIX), length = 0;
    return strnlen(text, AUTH_PATH_TOKEN_BYTES) == prefix + TEXT_LENGTH &&
           strncmp(text, AUTH_PATH_PREFIX, prefix) == 0 &&
           sodium_base642bin(out, TOKEN_BYTES, text + prefix, TEXT_LENGTH, NULL, &length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           length == TOKEN_BYTES;
}

/* Takes `who`. */
static AuthIdentity *to_attendee(AuthIdentity *who, const char *session)
{
    AuthIdentity *attendee = auth_identity_new(who->person, who->name, who->entity, AUTH_ATTENDEE,
                                               who->session != NULL ? who->session : session);
    auth_identity_unref(who);
    return attendee;
}

AuthIdentity *auth_path_check(const AuthPathKey *key, AuthTokens *tokens, const char *session,
                              const char *text, int64_t now_us, int64_t now_wall_us,
                              int64_t *out_expires_us, uint8_t out_sign_in[AUTH_HASH_BYTES])
{
    uint8_t token[TOKEN_BYTES], expected[crypto_auth_hmacsha512256_BYTES];
    if (!decode(text, token)) {
        return NULL;
    }
    authenticate_path(key, session, token, expected);
    uint64_t first = base_read_u64(&(BaseReader){.data = token, .left = EXPIRY_BYTES});
    int64_t expires_us = (int64_t)(first & ~AS_ATTENDEE);
    if (sodium_memcmp(expected, token + SIGNED_BYTES, sizeof expected) != 0 ||
        expires_us <= now_us) {
        return NULL;
    }
    AuthIdentity *who = auth_tokens_find_hash(tokens, token + EXPIRY_BYTES, now_wall_us);
    if (who != NULL) {
        *out_expires_us = expires_us;
        memcpy(out_sign_in, token + EXPIRY_BYTES, AUTH_HASH_BYTES);
    }
    bool reduced = who != NULL && (first & AS_ATTENDEE) != 0 && who->role != AUTH_ATTENDEE;
    return reduced ? to_attendee(who, session) : who;
}

/* Keys of encoders */

#define INPUT_TEXT_BYTES 44 // with NUL

char *auth_input_sign(const AuthPathKey *key, const char *session, const char *input,
                      int64_t issued_us)
{
    uint8_t issued[8], token[crypto_auth_hmacsha512256_BYTES];
    char text[INPUT_TEXT_BYTES];
    base_put_u64(issued, (uint64_t)issued_us);
    authenticate(key, "majlis input 1", session, input, issued, sizeof issued, token);
    sodium_bin2base64(text, sizeof text, token, sizeof token,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return g_strconcat(AUTH_INPUT_PREFIX, text, NULL);
}

bool auth_input_check(const AuthPathKey *key, const char *text, const char *session,
                      const char *input, int64_t issued_us)
{
    g_autofree char *expected = auth_input_sign(key, session, input, issued_us);
    size_t size = strlen(expected);
    return strlen(text) == size && sodium_memcmp(text, expected, size) == 0;
}

/* Feeds */

#define FEED_MAC_BYTES crypto_auth_hmacsha512256_BYTES
#define FEED_BYTES (FEED_MAC_BYTES + BASE_ID_LENGTH)
#define FEED_TEXT_LENGTH ((FEED_BYTES * 4 + 2) / 3)

#define FEED "majlis feed 1"
#define CHOICE "majlis mail choice 1"

static void authenticate_person(const AuthPathKey *key, const char *context, const char *person,
                                int64_t issued_us, uint8_t out[FEED_MAC_BYTES])
{
    uint8_t issued[8];
    base_put_u64(issued, (uint64_t)issued_us);
    authenticate(key, context, person, NULL, issued, sizeof issued, out);
}

static char *sign_person(const AuthPathKey *key, const char *context, const char *person,
                         int64_t issued_us)
{
    uint8_t token[FEED_BYTES];
    char text[FEED_TEXT_LENGTH + 1];
    size_t length = MIN(strlen(person), BASE_ID_LENGTH);
    authenticate_person(key, context, person, issued_us, token);
    memcpy(token + FEED_MAC_BYTES, person, length);
    sodium_bin2base64(text, sizeof text, token, FEED_MAC_BYTES + length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return g_strdup(text);
}

char *auth_feed_sign(const AuthPathKey *key, const char *person, int64_t issued_us)
{
    return sign_person(key, FEED, person, issued_us);
}

char *auth_choice_sign(const AuthPathKey *key, const char *person)
{
    return sign_person(key, CHOICE, person, 0);
}

/* The id's length, or 0. */
static size_t decode_feed(const char *text, uint8_t out[FEED_BYTES])
{
    size_t length = 0;
    bool fits = sodium_base642bin(out, FEED_BYTES, text, strnlen(text, FEED_TEXT_LENGTH + 1), NULL,
                                  &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    return fits && length > FEED_MAC_BYTES ? length - FEED_MAC_BYTES : 0;
}

char *auth_feed_person(const char *text)
{
    uint8_t token[FEED_BYTES];
    size_t length = decode_feed(text, token);
    g_autofree char *person = g_strndup((const char *)token + FEED_MAC_BYTES, length);
    return strlen(person) == length && base_id_valid(person, BASE_ID_LENGTH)
               ? g_steal_pointer(&person)
               : NULL;
}

static bool check_person(const AuthPathKey *key, const char *context, const char *text,
                         const char *person, int64_t issued_us)
{
    uint8_t token[FEED_BYTES], expected[FEED_MAC_BYTES];
    if (decode_feed(text, token) == 0) {
        return false;
    }
    authenticate_person(key, context, person, issued_us, expected);
    return sodium_memcmp(expected, token, sizeof expected) == 0;
}

bool auth_feed_check(const AuthPathKey *key, const char *text, const char *person,
                     int64_t issued_us)
{
    return check_person(key, FEED, text, person, issued_us);
}

char *auth_choice_check(const AuthPathKey *key, const char *text)
{
    g_autofree char *person = auth_feed_person(text);
    return person != NULL && check_person(key, CHOICE, text, person, 0) ? g_steal_pointer(&person)
                                                                        : NULL;
}

void auth_feed_hash(const AuthPathKey *key, const char *person, const char *session,
                    uint8_t out[AUTH_HASH_BYTES])
{
    G_STATIC_ASSERT(AUTH_HASH_BYTES == crypto_auth_hmacsha512256_BYTES);
    authenticate(key, "majlis feed files 1", person, session, NULL, 0, out);
}
