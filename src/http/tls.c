// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/tls.h"

#include "base/refs.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// of TLS 1.2: with forward secrecy and authenticated encryption only; those of 1.3 all are so
#define CIPHERS_12 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct HttpTls {
    BaseRefs refs;
    SSL_CTX *context;
    X509 *certificate; // borrowed from `context`
};

struct HttpTlsPeer {
    SSL *ssl;
    bool broken; // after a fatal error OpenSSL may not be asked to say goodbye
};

/* Reading the files */

/* A key that others may read is none. Full ownership of the bytes. */
static char *read_file(const char *what, const char *path, bool secret, size_t *out_size,
                       GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    g_autofree char *text = g_malloc0(HTTP_TLS_MAX_FILE_BYTES + 1);
    ssize_t size = -1;
    const char *why = NULL;
    if (fd < 0 || fstat(fd, &status) != 0) {
        why = g_strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
        why = "it is not a file";
    } else if (secret && (status.st_mode & 0137) != 0) { // wider than 0640
        why = "others than its owner and group may use it: chmod 0640, or 0600";
    } else if ((size = read(fd, text, HTTP_TLS_MAX_FILE_BYTES + 1)) < 0) {
        why = g_strerror(errno);
    } else if (size > HTTP_TLS_MAX_FILE_BYTES) {
        why = "it is too large";
    }
    if (fd >= 0) {
        close(fd);
    }
    if (why != NULL) {
        OPENSSL_cleanse(text, HTTP_TLS_MAX_FILE_BYTES);
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "[server] %s %s cannot be used: %s",
                    what, path, why);
        return NULL;
    }
    *out_size = (size_t)size;
    return g_steal_pointer(&text);
}

static int no_password(char *buffer, int size, int writing, void *data)
{
    (void)buffer, (void)size, (void)writing, (void)data;
    return -1;
}

static bool use_certificates(HttpTls *tls, BIO *bio)
{
    X509 *leaf = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL);
    bool good = leaf != NULL && SSL_CTX_use_certificate(tls->context, leaf) == 1;
    X509_free(leaf);
    for (X509 *next; good && (next = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL;) {
        good = SSL_CTX_add0_chain_cert(tls->context, next) == 1;
        if (!good) {
            X509_free(next);
        }
    }
    return good;
}

static bool load_certificate(HttpTls *tls, const char *path, GError **error)
{
    size_t size;
    g_autofree char *text = read_file("tls_certificate", path, false, &size, error);
    if (text == NULL) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(base_text_skip_bom(text), -1);
    bool good = use_certificates(tls, bio);
    BIO_free(bio);
    ERR_clear_error(); // the end of the file is one
    tls->certificate = SSL_CTX_get0_certificate(tls->context);
    if (!good) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "[server] tls_certificate %s cannot be used: it holds no certificate in PEM "
                    "form (-----BEGIN CERTIFICATE-----), or one that is broken",
                    path);
    }
    return good;
}

/* The certificates of the file, the leaf first; NULL past the last. Borrowed. */
static X509 *chain_at(const HttpTls *tls, int i)
{
    STACK_OF(X509) *others = NULL;
    SSL_CTX_get0_chain_certs(tls->context, &others);
    return i == 0                     ? tls->certificate
           : i <= sk_X509_num(others) ? sk_X509_value(others, i - 1)
                                      : NULL;
}

/* "CN=x, O=y". Full ownership. */
static char *name_text(const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ);
    long size = BIO_get_mem_data(bio, &text);
    char *copy = g_strndup(text, size > 0 ? (gsize)size : 0);
    BIO_free(bio);
    return copy;
}

/* Often the authority's certificate stands first in the file: then the key is right. */
static void set_mismatch(const HttpTls *tls, EVP_PKEY *key, const char *path, GError **error)
{
    for (int i = 1; chain_at(tls, i) != NULL; i++) {
        if (X509_check_private_key(chain_at(tls, i), key) == 1) {
            g_autofree char *first = name_text(X509_get_subject_name(tls->certificate));
            g_autofree char *own = name_text(X509_get_subject_name(chain_at(tls, i)));
            g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                        "[server] tls_certificate is in the wrong order: \"%s\", which the key "
                        "belongs to, is number %d in the file, after \"%s\". Put the server's own "
                        "certificate first, then the one that issued it, and so on",
                        own, i + 1, first);
            return;
        }
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                "[server] tls_key %s cannot be used: it is not the key of [server] tls_certificate",
                path);
}

static bool load_key(HttpTls *tls, const char *path, GError **error)
{
    size_t size;
    g_autofree char *text = read_file("tls_key", path, true, &size, error);
    if (text == NULL) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(base_text_skip_bom(text), -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    OPENSSL_cleanse(text, size);
    bool pair = key != NULL && X509_check_private_key(tls->certificate, key) == 1 &&
                SSL_CTX_use_PrivateKey(tls->context, key) == 1;
    if (key == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "[server] tls_key %s cannot be used: it holds no key in PEM form, or one with "
                    "a password (\"openssl pkey -in FILE\" takes that away)",
                    path);
    } else if (!pair) {
        set_mismatch(tls, key, path, error);
    }
    ERR_clear_error();
    EVP_PKEY_free(key);
    return pair;
}

/* Of what a client offers (RFC 7301), HTTP/1.1; offers without it go on without a choice. */
static int on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                        const unsigned char *offered, unsigned offered_size, void *data)
{
    (void)ssl, (void)data;
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *new_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    g_assert(context != NULL);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, CIPHERS_12);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    // a write that would block is tried again from another place in memory; idle connections keep
    // no buffers (34 KB each)
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); // tickets are enough
    SSL_CTX_set_alpn_select_cb(context, on_protocols, NULL);
    return context;
}

HttpTls *http_tls_new(const char *certificate, const char *key, GError **error)
{
    HttpTls *tls = g_new0(HttpTls, 1);
    base_refs_init(&tls->refs);
    tls->context = new_context();
    if (!load_certificate(tls, certificate, error) || !load_key(tls, key, error)) {
        http_tls_unref(tls);
        return NULL;
    }
    return tls;
}

HttpTls *http_tls_ref(HttpTls *tls)
{
    base_refs_inc(&tls->refs);
    return tls;
}

void http_tls_unref(HttpTls *tls)
{
    if (tls != NULL && base_refs_dec(&tls->refs)) {
        SSL_CTX_free(tls->context);
        g_free(tls);
    }
}

/* What it says */

int64_t http_tls_ends_us(const HttpTls *tls)
{
    struct tm end;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(tls->certificate), &end) != 1) {
        return 0;
    }
    return (int64_t)timegm(&end) * BASE_US_PER_S;
}

bool http_tls_begun(const HttpTls *tls, int64_t now_us)
{
    time_t now = (time_t)(now_us / BASE_US_PER_S);
    return ASN1_TIME_cmp_time_t(X509_get0_notBefore(tls->certificate), now) <= 0;
}

bool http_tls_names(const HttpTls *tls, const char *host)
{
    bool named = X509_check_ip_asc(tls->certificate, host, 0) == 1 ||
                 X509_check_host(tls->certificate, host, strlen(host), 0, NULL) == 1;
    ERR_clear_error();
    return named;
}

static bool issued_by(X509 *certificate, X509 *issuer)
{
    return issuer != NULL && X509_check_issued(issuer, certificate) == X509_V_OK;
}

/* Whether this machine's own list of authorities has the issuer of `certificate`. */
static bool issuer_trusted(X509 *certificate)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *look = X509_STORE_CTX_new();
    X509 *issuer = NULL;
    bool found = X509_STORE_set_default_paths(store) == 1 &&
                 X509_STORE_CTX_init(look, store, NULL, NULL) == 1 &&
                 X509_STORE_CTX_get1_issuer(&issuer, look, certificate) == 1;
    X509_free(issuer);
    X509_STORE_CTX_free(look);
    X509_STORE_free(store);
    return found;
}

static char *missing_text(X509 *certificate)
{
    g_autofree char *name = name_text(X509_get_subject_name(certificate));
    g_autofree char *issuer = name_text(X509_get_issuer_name(certificate));
    return g_strdup_printf(
        "a certificate is missing: \"%s\" was issued by \"%s\", which is neither in the file nor "
        "among the authorities that this machine trusts, so clients refuse the connection. Append "
        "the certificate of \"%s\" to [server] tls_certificate (the authority's \"full chain\" has "
        "it). If it is a root of your own, install it here (/usr/local/share/ca-certificates, then "
        "update-ca-certificates) and on the viewers' machines.",
        name, issuer, issuer);
}

static char *order_text(X509 *certificate, X509 *next, X509 *issuer)
{
    g_autofree char *name = name_text(X509_get_subject_name(certificate));
    g_autofree char *follows = name_text(X509_get_subject_name(next));
    g_autofree char *right = name_text(X509_get_subject_name(issuer));
    return g_strdup_printf("the certificates are in the wrong order: after \"%s\" comes \"%s\", "
                           "which did not issue it; \"%s\" did. Some clients refuse this: put "
                           "each certificate before the one that issued it.",
                           name, follows, right);
}

static char *ended_text(X509 *certificate)
{
    g_autofree char *name = name_text(X509_get_subject_name(certificate));
    return g_strdup_printf("\"%s\", on which the server's certificate rests, is no longer valid: "
                           "clients refuse it. Get the chain anew from the authority.",
                           name);
}

char *http_tls_chain_fault(const HttpTls *tls, int64_t now_us, char **out_root)
{
    time_t now = (time_t)(now_us / BASE_US_PER_S);
    *out_root = NULL;
    for (int i = 0;; i++) {
        X509 *certificate = chain_at(tls, i), *next = chain_at(tls, i + 1);
        if (i > 0 && ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), now) <= 0) {
            return ended_text(certificate);
        }
        if (issued_by(certificate, certificate)) {
            *out_root =
                issuer_trusted(certificate) ? NULL : name_text(X509_get_subject_name(certificate));
            return NULL;
        }
        if (issued_by(certificate, next)) {
            continue;
        }
        for (int j = i + 2; next != NULL && chain_at(tls, j) != NULL; j++) {
            if (issued_by(certificate, chain_at(tls, j))) {
                return order_text(certificate, next, chain_at(tls, j));
            }
        }
        return issuer_trusted(certificate) ? NULL : missing_text(certificate);
    }
}

/* A connection */

HttpTlsPeer *http_tls_peer_new(HttpTls *tls, int fd)
{
    HttpTlsPeer *peer = g_new0(HttpTlsPeer, 1);
    peer->ssl = SSL_new(tls->context); // holds the context, also when another takes its place
    g_assert(peer->ssl != NULL);
    SSL_set_fd(peer->ssl, fd);
    SSL_set_accept_state(peer->ssl);
    return peer;
}

void http_tls_peer_free(HttpTlsPeer *peer)
{
    if (peer != NULL) {
        SSL_free(peer->ssl);
        g_free(peer);
    }
}

static ssize_t result_of(HttpTlsPeer *peer, int result, GIOCondition *out_wait)
{
    int reason = SSL_get_error(peer->ssl, result);
    ERR_clear_error(); // the queue is the thread's: it would be the next connection's error
    switch (reason) {
    case SSL_ERROR_WANT_READ:
        *out_wait = G_IO_IN;
        return -EAGAIN;
    case SSL_ERROR_WANT_WRITE:
        *out_wait = G_IO_OUT;
        return -EAGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        peer->broken = true;
        return -ECONNRESET;
    }
}

ssize_t http_tls_read(HttpTlsPeer *peer, void *to, size_t size, GIOCondition *out_wait)
{
    int got = SSL_read(peer->ssl, to, (int)MIN(size, G_MAXINT));
    return got > 0 ? got : result_of(peer, got, out_wait);
}

ssize_t http_tls_write(HttpTlsPeer *peer, const void *from, size_t size, GIOCondition *out_wait)
{
    int put = SSL_write(peer->ssl, from, (int)MIN(size, G_MAXINT));
    return put > 0 ? put : result_of(peer, put, out_wait);
}

bool http_tls_pending(const HttpTlsPeer *peer)
{
    // not SSL_has_pending(): that tells of part of a record, too, which nobody can read yet.
    // Without read-ahead OpenSSL takes no byte of the next record, so there is nothing else.
    return SSL_pending(peer->ssl) > 0;
}

void http_tls_end(HttpTlsPeer *peer)
{
    if (!peer->broken && SSL_is_init_finished(peer->ssl)) {
        SSL_shutdown(peer->ssl);
        ERR_clear_error();
    }
}
