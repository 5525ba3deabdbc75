// SPDX-License-Identifier: GPL-3.0-or-later
// TLS without blocking; checks certificates, keys and chains.
#include "port/tls.h"

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

// like TLS 1.3: forward secrecy, AEAD
#define CIPHERS_12 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct PortTls {
    BaseRefs refs;
    SSL_CTX *context;
    X509 *certificate; // borrowed from `context`
};

struct PortTlsPeer {
    SSL *ssl;
    bool broken; // no close_notify then
};

/* Files */

/* Keys: private files only. */
static char *read_file(const char *what, const char *path, bool secret, size_t *out_size,
                       GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    g_autofree char *text = g_malloc0(PORT_TLS_MAX_FILE_BYTES + 1);
    ssize_t size = -1;
    const char *why = NULL;
    if (fd < 0 || fstat(fd, &status) != 0) {
        why = g_strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
        why = "it is not a file";
    } else if (secret && (status.st_mode & 0137) != 0) { // wider than 0640
        why = "others than its owner and group may use it: chmod 0640, or 0600";
    } else if ((size = read(fd, text, PORT_TLS_MAX_FILE_BYTES + 1)) < 0) {
        why = g_strerror(errno);
    } else if (size > PORT_TLS_MAX_FILE_BYTES) {
        why = "it is too large";
    }
    if (fd >= 0) {
        close(fd);
    }
    if (why != NULL) {
        OPENSSL_cleanse(text, PORT_TLS_MAX_FILE_BYTES);
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

static bool use_certificates(PortTls *tls, BIO *bio)
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

static bool load_certificate(PortTls *tls, const char *path, GError **error)
{
    size_t size;
    g_autofree char *text = read_file("tls_certificate", path, false, &size, error);
    if (text == NULL) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(base_text_skip_bom(text), -1);
    bool good = use_certificates(tls, bio);
    BIO_free(bio);
    ERR_clear_error(); // from the end of file
    tls->certificate = SSL_CTX_get0_certificate(tls->context);
    if (!good) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "[server] tls_certificate %s cannot be used: it holds no certificate in PEM "
                    "form (-----BEGIN CERTIFICATE-----), or one that is broken",
                    path);
    }
    return good;
}

/* Leaf first. Borrowed, nullable. */
static X509 *chain_at(const PortTls *tls, int i)
{
    STACK_OF(X509) *others = NULL;
    SSL_CTX_get0_chain_certs(tls->context, &others);
    return i == 0                     ? tls->certificate
           : i <= sk_X509_num(others) ? sk_X509_value(others, i - 1)
                                      : NULL;
}

/* "CN=x, O=y". */
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

/* A later match means wrong order. */
static void set_mismatch(const PortTls *tls, EVP_PKEY *key, const char *path, GError **error)
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

static bool load_key(PortTls *tls, const char *path, GError **error)
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

/* HTTP/1.1 if offered (RFC 7301). */
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
    // buffers move; idle ones free 34 KB
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); // tickets suffice
    SSL_CTX_set_alpn_select_cb(context, on_protocols, NULL);
    return context;
}

PortTls *port_tls_new(const char *certificate, const char *key, GError **error)
{
    PortTls *tls = g_new0(PortTls, 1);
    base_refs_init(&tls->refs);
    tls->context = new_context();
    if (!load_certificate(tls, certificate, error) || !load_key(tls, key, error)) {
        port_tls_unref(tls);
        return NULL;
    }
    return tls;
}

PortTls *port_tls_ref(PortTls *tls)
{
    base_refs_inc(&tls->refs);
    return tls;
}

void port_tls_unref(PortTls *tls)
{
    if (tls != NULL && base_refs_dec(&tls->refs)) {
        SSL_CTX_free(tls->context);
        g_free(tls);
    }
}

/* Contents */

int64_t port_tls_ends_us(const PortTls *tls)
{
    struct tm end;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(tls->certificate), &end) != 1) {
        return 0;
    }
    return (int64_t)timegm(&end) * BASE_US_PER_S;
}

bool port_tls_begun(const PortTls *tls, int64_t now_us)
{
    time_t now = (time_t)(now_us / BASE_US_PER_S);
    return ASN1_TIME_cmp_time_t(X509_get0_notBefore(tls->certificate), now) <= 0;
}

bool port_tls_names(const PortTls *tls, const char *host)
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

char *port_tls_chain_fault(const PortTls *tls, int64_t now_us, char **out_root)
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

/* Connections */

PortTlsPeer *port_tls_peer_new(PortTls *tls, int fd)
{
    PortTlsPeer *peer = g_new0(PortTlsPeer, 1);
    peer->ssl = SSL_new(tls->context); // holds the context
    g_assert(peer->ssl != NULL);
    SSL_set_fd(peer->ssl, fd);
    SSL_set_accept_state(peer->ssl);
    return peer;
}

void port_tls_peer_free(PortTlsPeer *peer)
{
    if (peer != NULL) {
        SSL_free(peer->ssl);
        g_free(peer);
    }
}

static ssize_t result_of(PortTlsPeer *peer, int result, GIOCondition *out_wait)
{
    int reason = SSL_get_error(peer->ssl, result);
    ERR_clear_error(); // the queue is per thread
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

ssize_t port_tls_read(PortTlsPeer *peer, void *to, size_t size, GIOCondition *out_wait)
{
    int got = SSL_read(peer->ssl, to, (int)MIN(size, G_MAXINT));
    return got > 0 ? got : result_of(peer, got, out_wait);
}

ssize_t port_tls_write(PortTlsPeer *peer, const void *from, size_t size, GIOCondition *out_wait)
{
    int put = SSL_write(peer->ssl, from, (int)MIN(size, G_MAXINT));
    return put > 0 ? put : result_of(peer, put, out_wait);
}

bool port_tls_pending(const PortTlsPeer *peer)
{
    // SSL_has_pending() counts incomplete records; without read-ahead, this is all
    return SSL_pending(peer->ssl) > 0;
}

void port_tls_end(PortTlsPeer *peer)
{
    if (!peer->broken && SSL_is_init_finished(peer->ssl)) {
        SSL_shutdown(peer->ssl);
        ERR_clear_error();
    }
}
