// SPDX-License-Identifier: GPL-3.0-or-later
// DTLS and SRTP of a viewer of the load program.
#include "load.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MTU 1200

struct Secure {
    SSL *ssl;
    int fd;
    char fingerprint[128];
    const uint8_t *datagram; // the one on its way in
    size_t datagram_size;
};

static SSL_CTX *context;
static BIO_METHOD *method;
static char *fingerprint;

static char *fingerprint_of(const X509 *certificate)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest, &size);
    GString *text = g_string_new("sha-256 ");
    for (unsigned i = 0; i < size; i++) {
        g_string_append_printf(text, i > 0 ? ":%02X" : "%02X", digest[i]);
    }
    return g_string_free(text, FALSE);
}

/* One for all viewers: what a handshake costs the server is the same. */
static void make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    g_assert(X509_sign(certificate, key, EVP_sha256()) > 0);
    g_assert(SSL_CTX_use_certificate(context, certificate) == 1);
    g_assert(SSL_CTX_use_PrivateKey(context, key) == 1);
    fingerprint = fingerprint_of(certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* A BIO of datagrams: in from the one at hand, out by the socket. */

static int write_datagram(BIO *bio, const char *bytes, int size)
{
    Secure *secure = BIO_get_data(bio);
    (void)!send(secure->fd, bytes, (size_t)size, 0); // what is lost comes again by the timer
    return size;
}

static int read_datagram(BIO *bio, char *bytes, int size)
{
    Secure *secure = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (secure->datagram == NULL) {
        BIO_set_retry_read(bio);
        return -1;
    }
    int length = MIN(size, (int)secure->datagram_size);
    memcpy(bytes, secure->datagram, (size_t)length);
    secure->datagram = NULL;
    return length;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : command == BIO_CTRL_DGRAM_QUERY_MTU ? MTU : 0;
}

static int accept_all(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1; // the fingerprint decides
}

void secure_init(const char *profiles)
{
    g_assert(srtp_init() == srtp_err_status_ok);
    context = SSL_CTX_new(DTLS_method());
    make_certificate();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_all);
    if (SSL_CTX_set_tlsext_use_srtp(context, profiles) != 0) {
        g_error("OpenSSL knows no SRTP profiles \"%s\"", profiles);
    }
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    BIO_meth_set_write(method, write_datagram);
    BIO_meth_set_read(method, read_datagram);
    BIO_meth_set_ctrl(method, control);
}

const char *secure_fingerprint(void)
{
    return fingerprint;
}

Secure *secure_new(int fd, const char *their_fingerprint, bool server)
{
    Secure *secure = g_new0(Secure, 1);
    secure->fd = fd;
    g_strlcpy(secure->fingerprint, their_fingerprint, sizeof secure->fingerprint);
    secure->ssl = SSL_new(context);
    BIO *bio = BIO_new(method);
    BIO_set_data(bio, secure);
    BIO_set_init(bio, 1);
    SSL_set_bio(secure->ssl, bio, bio);
    SSL_set_options(secure->ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(secure->ssl, MTU);
    if (server) {
        SSL_set_accept_state(secure->ssl);
    } else {
        SSL_set_connect_state(secure->ssl);
    }
    return secure;
}

static bool is_whom_the_sdp_named(const Secure *secure)
{
    X509 *theirs = SSL_get0_peer_certificate(secure->ssl);
    g_autofree char *text = theirs != NULL ? fingerprint_of(theirs) : NULL;
    return text != NULL && g_ascii_strcasecmp(text, secure->fingerprint) == 0;
}

int secure_take(Secure *secure, const uint8_t *bytes, size_t size)
{
    ERR_clear_error();
    if (bytes == NULL) {
        DTLSv1_handle_timeout(secure->ssl);
    }
    secure->datagram = bytes;
    secure->datagram_size = size;
    int done = SSL_do_handshake(secure->ssl);
    secure->datagram = NULL;
    if (done == 1) {
        return is_whom_the_sdp_named(secure) ? 1 : -1;
    }
    return SSL_get_error(secure->ssl, done) == SSL_ERROR_WANT_READ ? 0 : -1;
}

static srtp_t new_session(unsigned long profile, srtp_ssrc_type_t direction, uint8_t *key)
{
    srtp_policy_t policy = {
        .ssrc.type = direction, .key = key, .window_size = 1024, .allow_repeat_tx = 1};
    if (profile == SRTP_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    srtp_t session = NULL;
    g_assert(srtp_create(&session, &policy) == srtp_err_status_ok);
    return session;
}

/* RFC 5764 4.2: client's key, server's key, client's salt, server's salt. */
void secure_keys(Secure *secure, srtp_t *out_receive, srtp_t *out_send)
{
    unsigned long profile = SSL_get_selected_srtp_profile(secure->ssl)->id;
    size_t salt = profile == SRTP_AEAD_AES_128_GCM ? 12 : 14;
    uint8_t material[2 * (16 + 14)], key[2][16 + 14] = {{0}};
    static const char label[] = "EXTRACTOR-dtls_srtp";
    g_assert(SSL_export_keying_material(secure->ssl, material, 2 * (16 + salt), label,
                                        sizeof label - 1, NULL, 0, 0) == 1);
    for (size_t i = 0; i < 2; i++) {
        memcpy(key[i], material + 16 * i, 16);
        memcpy(key[i] + 16, material + 32 + salt * i, salt);
    }
    bool server = SSL_is_server(secure->ssl) == 1;
    *out_send = new_session(profile, ssrc_any_outbound, key[server]);
    *out_receive = new_session(profile, ssrc_any_inbound, key[!server]);
}

void secure_free(Secure *secure)
{
    if (secure != NULL) {
        SSL_free(secure->ssl);
        g_free(secure);
    }
}
