// SPDX-License-Identifier: GPL-3.0-or-later
// The Ed25519 key (RFC 8032) for recordings, as PEM (RFC 8410 4, 7), so that OpenSSL can verify.
#include "auth/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_NAME "signing.key"
#define PUBLIC_NAME "signing.pub"
#define KEY_BEGIN "-----BEGIN PRIVATE KEY-----\n"
#define KEY_END "\n-----END PRIVATE KEY-----\n"
#define PUBLIC_BEGIN "-----BEGIN PUBLIC KEY-----\n"
#define PUBLIC_END "\n-----END PUBLIC KEY-----\n"
#define FILE_MAX_BYTES 4096
#define KEY_ID_DIGITS 16

// PKCS #8: version 0, algorithm 1.3.101.112, nested octet string.
static const uint8_t key_head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
// SubjectPublicKeyInfo: same algorithm, bit string.
static const uint8_t public_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                      0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct AuthSigner {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t public_key[AUTH_PUBLIC_BYTES];
};

static bool set_errno(GError **error, int code, const char *what, const char *path)
{
    g_set_error(error, BASE_ERROR, code == ENOSPC ? BASE_ERROR_FULL : BASE_ERROR_FAILED,
                "cannot %s %s: %s", what, path, g_strerror(code));
    return false;
}

/* May hold a secret. */
static char *armour(const char *begin, const uint8_t *head, size_t head_size,
                    const uint8_t bytes[32], const char *end)
{
    uint8_t der[64];
    memcpy(der, head, head_size);
    memcpy(der + head_size, bytes, 32);
    char *text = g_base64_encode(der, head_size + 32);
    char *pem = g_strconcat(begin, text, end, NULL);
    sodium_memzero(der, sizeof der);
    sodium_memzero(text, strlen(text));
    g_free(text);
    return pem;
}

/* False: another key type. */
static bool take_armoured(const char *pem, const char *begin, const uint8_t *head, size_t head_size,
                          uint8_t out[32])
{
    const char *start = strstr(pem, begin);
    const char *stop = start != NULL ? strstr(start + strlen(begin), "-----END") : NULL;
    if (stop == NULL) {
        return false;
    }
    start += strlen(begin);
    g_autofree char *text = g_strndup(start, (gsize)(stop - start));
    gsize size = 0;
    guchar *der = g_base64_decode_inplace(text, &size);
    bool fits = size == head_size + 32 && memcmp(der, head, head_size) == 0;
    if (fits) {
        memcpy(out, der + head_size, 32);
    }
    sodium_memzero(text, (size_t)(stop - start));
    return fits;
}

/* With its mode. -1: see errno. */
static int read_text(const char *path, char out[FILE_MAX_BYTES], mode_t *out_mode)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    struct stat status;
    ssize_t got = fstat(fd, &status) == 0 ? read(fd, out, FILE_MAX_BYTES - 1) : -1;
    int code = errno;
    close(fd);
    errno = code;
    if (got < 0) {
        return -1;
    }
    out[got] = '\0';
    *out_mode = status.st_mode & 07777;
    return 0;
}

/* Durable, atomic; EEXIST keeps the old. 0 or -1. */
static int write_new(const char *folder, const char *name, const char *text, mode_t mode)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *temporary = g_strdup_printf("%s.%d", path, (int)getpid());
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0) {
        return -1;
    }
    size_t size = strlen(text);
    bool written = fchmod(fd, mode) == 0 && write(fd, text, size) == (ssize_t)size &&
                   fsync(fd) == 0 && link(temporary, path) == 0;
    int code = errno;
    close(fd);
    unlink(temporary);
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd >= 0) {
        fsync(folder_fd);
        close(folder_fd);
    }
    errno = code;
    return written ? 0 : -1;
}

static bool make_key(const char *folder, GError **error)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    randombytes_buf(seed, sizeof seed);
    char *pem = armour(KEY_BEGIN, key_head, sizeof key_head, seed, KEY_END);
    int result = write_new(folder, KEY_NAME, pem, 0600);
    int code = errno;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(pem, strlen(pem));
    g_free(pem);
    return result == 0 || code == EEXIST || set_errno(error, code, "make a key in", folder);
}

static bool read_key(AuthSigner *signer, const char *path, GError **error)
{
    char text[FILE_MAX_BYTES];
    mode_t mode;
    uint8_t seed[crypto_sign_SEEDBYTES];
    if (read_text(path, text, &mode) != 0) {
        return set_errno(error, errno, "read the key", path);
    }
    bool valid = take_armoured(text, KEY_BEGIN, key_head, sizeof key_head, seed);
    sodium_memzero(text, sizeof text);
    if (valid && (mode & ~(mode_t)0640) == 0) {
        crypto_sign_seed_keypair(signer->public_key, signer->secret, seed);
        sodium_memzero(seed, sizeof seed);
        return true;
    }
    sodium_memzero(seed, sizeof seed);
    if (valid) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                    "%s can be read by others (mode %04o): chmod 600 it", path, (unsigned)mode);
    } else {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s is not an Ed25519 private key in PEM; restore the right one, or move it "
                    "away to create a new one",
                    path);
    }
    return false;
}

/* Repairs signing.pub. */
static bool write_public(const AuthSigner *signer, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, PUBLIC_NAME, NULL);
    uint8_t there[AUTH_PUBLIC_BYTES];
    if (auth_public_read(path, there, NULL) &&
        memcmp(there, signer->public_key, sizeof there) == 0) {
        return true;
    }
    g_autofree char *pem =
        armour(PUBLIC_BEGIN, public_head, sizeof public_head, signer->public_key, PUBLIC_END);
    unlink(path);
    return write_new(folder, PUBLIC_NAME, pem, 0644) == 0 || set_errno(error, errno, "write", path);
}

AuthSigner *auth_signer_open(const char *folder, GError **error)
{
    int result = sodium_init();
    g_assert(result >= 0);
    g_autofree char *path = g_build_filename(folder, KEY_NAME, NULL);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "the key %s is missing, so nothing can be signed. Put it back from a backup, "
                    "before the server starts and makes another one; for a new server, start it "
                    "once",
                    path);
        return NULL;
    }
    g_autoptr(AuthSigner) signer = g_new0(AuthSigner, 1);
    return read_key(signer, path, error) ? g_steal_pointer(&signer) : NULL;
}

AuthSigner *auth_signer_new(const char *folder, GError **error)
{
    int result = sodium_init();
    g_assert(result >= 0);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        set_errno(error, errno, "make the folder", folder);
        return NULL;
    }
    g_autofree char *path = g_build_filename(folder, KEY_NAME, NULL);
    if (access(path, F_OK) != 0 && !make_key(folder, error)) {
        return NULL;
    }
    g_autoptr(AuthSigner) signer = auth_signer_open(folder, error);
    return signer != NULL && write_public(signer, folder, error) ? g_steal_pointer(&signer) : NULL;
}

void auth_signer_free(AuthSigner *signer)
{
    if (signer != NULL) {
        sodium_memzero(signer, sizeof *signer);
        g_free(signer);
    }
}

void auth_signer_sign(const AuthSigner *signer, const uint8_t *bytes, size_t size,
                      uint8_t out[AUTH_SIGNATURE_BYTES])
{
    crypto_sign_detached(out, NULL, bytes, size, signer->secret);
}

const uint8_t *auth_signer_public(const AuthSigner *signer)
{
    return signer->public_key;
}

bool auth_verify(const uint8_t public_key[AUTH_PUBLIC_BYTES], const uint8_t *bytes, size_t size,
                 const uint8_t signature[AUTH_SIGNATURE_BYTES])
{
    int result = sodium_init();
    g_assert(result >= 0);
    return crypto_sign_verify_detached(signature, bytes, size, public_key) == 0;
}

bool auth_public_read(const char *path, uint8_t out[AUTH_PUBLIC_BYTES], GError **error)
{
    char text[FILE_MAX_BYTES];
    mode_t mode;
    if (read_text(path, text, &mode) != 0) {
        return set_errno(error, errno, "read the key", path);
    }
    if (!take_armoured(text, PUBLIC_BEGIN, public_head, sizeof public_head, out)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "%s is not an Ed25519 public key in PEM",
                    path);
        return false;
    }
    return true;
}

char *auth_key_id(const uint8_t public_key[AUTH_PUBLIC_BYTES])
{
    char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, public_key, AUTH_PUBLIC_BYTES);
    sum[KEY_ID_DIGITS] = '\0';
    return sum;
}
