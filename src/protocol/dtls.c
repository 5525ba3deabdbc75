// SPDX-License-Identifier: GPL-3.0-or-later
// DTLS 1.2 handshakes for SRTP keys, on OpenSSL.
#include "protocol/dtls.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/id.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#define PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
#define CIPHERS                                                                                    \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"
#define EXPORTER "EXTRACTOR-dtls_srtp" // RFC 5764 4.2
#define CERTIFICATE_DAYS 3650          // made once a start
#define IP_UDP_BYTES 48
#define RECORD_HEAD_BYTES 13
#define MIN_ENCRYPTED_BYTES 24 // nonce and tag of AES-GCM

struct ProtocolDtlsIdentity {
    SSL_CTX *context;
    BIO_METHOD *bio;
    ProtocolFingerprint fingerprint;
    char *text;
};

struct ProtocolDtls {
    SSL *ssl;
    ProtocolDtlsSend send;
    void *data;
    const uint8_t *in; // nullable
    size_t in_size;
    uint8_t *kept; // receives close_notify
    size_t kept_size;
};

/* Memory BIOs would join datagrams. */
static int bio_read(BIO *bio, char *out, int size)
{
    ProtocolDtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (dtls->in == NULL) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t got = MIN(dtls->in_size, (size_t)size);
    memcpy(out, dtls->in, got);
    dtls->in = NULL;
    return (int)got;
}

static int bio_write(BIO *bio, const char *bytes, int size)
{
    ProtocolDtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (dtls->kept == NULL) {
        dtls->send(dtls->data, (const uint8_t *)bytes, (size_t)size);
    } else if (dtls->kept_size + (size_t)size <= PROTOCOL_DTLS_CLOSE_NOTIFY_BYTES) {
        memcpy(dtls->kept + dtls->kept_size, bytes, (size_t)size);
        dtls->kept_size += (size_t)size;
    }
    return size;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return PROTOCOL_DTLS_MTU;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
        return IP_UDP_BYTES;
    default:
        return 0;
    }
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static BIO_METHOD *bio_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rtc-datagram");
    if (method == NULL) {
        return NULL;
    }
    BIO_meth_set_create(method, bio_create);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return method;
}

/* Self-signed; the fingerprint is verified later. */
static int accept_any(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

static X509 *certificate_new(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    if (certificate == NULL) {
        return NULL;
    }
    uint64_t serial;
    base_random(&serial, sizeof serial);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_DAYS * 24 * 3600);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"majlis", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    if (X509_sign(certificate, key, EVP_sha256()) == 0) {
        g_clear_pointer(&certificate, X509_free);
    }
    return certificate;
}

static const EVP_MD *digest_of(const ProtocolFingerprint *fingerprint)
{
    switch (fingerprint->hash) {
    case PROTOCOL_SHA256:
        return EVP_sha256();
    case PROTOCOL_SHA384:
        return EVP_sha384();
    case PROTOCOL_SHA512:
        return EVP_sha512();
    }
    g_assert_not_reached();
}

static void take_fingerprint(ProtocolDtlsIdentity *identity, const X509 *certificate)
{
    unsigned size = 0;
    identity->fingerprint.hash = PROTOCOL_SHA256;
    X509_digest(certificate, EVP_sha256(), identity->fingerprint.digest, &size);
    identity->fingerprint.size = size;
    GString *text = g_string_new("sha-256 ");
    for (unsigned i = 0; i < size; i++) {
        g_string_append_printf(text, i == 0 ? "%02X" : ":%02X", identity->fingerprint.digest[i]);
    }
    identity->text = g_string_free(text, FALSE);
}

static SSL_CTX *context_new(X509 *certificate, EVP_PKEY *key)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_method());
    if (context == NULL) {
        return NULL;
    }
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    bool ok = SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
              SSL_CTX_set_cipher_list(context, CIPHERS) == 1 &&
              SSL_CTX_use_certificate(context, certificate) == 1 &&
              SSL_CTX_use_PrivateKey(context, key) == 1 &&
              SSL_CTX_set_tlsext_use_srtp(context, PROFILES) == 0; // 0 is success
    if (!ok) {
        g_clear_pointer(&context, SSL_CTX_free);
    }
    return context;
}

ProtocolDtlsIdentity *protocol_dtls_identity_new(GError **error)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key != NULL ? certificate_new(key) : NULL;
    SSL_CTX *context = certificate != NULL ? context_new(certificate, key) : NULL;
    BIO_METHOD *bio = context != NULL ? bio_method_new() : NULL;
    ProtocolDtlsIdentity *identity = NULL;
    if (bio == NULL) {
        SSL_CTX_free(context);
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "OpenSSL cannot make the certificate for DTLS: %s",
                    ERR_reason_error_string(ERR_peek_last_error()));
    } else {
        identity = g_new0(ProtocolDtlsIdentity, 1);
        identity->context = context;
        identity->bio = bio;
        take_fingerprint(identity, certificate);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return identity;
}

void protocol_dtls_identity_free(ProtocolDtlsIdentity *identity)
{
    if (identity == NULL) {
        return;
    }
    SSL_CTX_free(identity->context);
    BIO_meth_free(identity->bio);
    g_free(identity->text);
    g_free(identity);
}

const char *protocol_dtls_identity_text(const ProtocolDtlsIdentity *identity)
{
    return identity->text;
}

void protocol_dtls_identity_fingerprint(const ProtocolDtlsIdentity *identity,
                                        ProtocolFingerprint *out)
{
    *out = identity->fingerprint;
}

ProtocolDtls *protocol_dtls_new(ProtocolDtlsIdentity *identity, bool client, ProtocolDtlsSend send,
                                void *data)
{
    ProtocolDtls *dtls = g_new0(ProtocolDtls, 1);
    dtls->send = send;
    dtls->data = data;
    dtls->ssl = SSL_new(identity->context);
    BIO *bio = BIO_new(identity->bio);
    g_assert(dtls->ssl != NULL && bio != NULL);
    BIO_set_data(bio, dtls);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_mtu(dtls->ssl, PROTOCOL_DTLS_MTU);
    if (client) {
        SSL_set_connect_state(dtls->ssl);
    } else {
        SSL_set_accept_state(dtls->ssl);
    }
    return dtls;
}

void protocol_dtls_free(ProtocolDtls *dtls)
{
    if (dtls != NULL) {
        SSL_free(dtls->ssl);
        g_free(dtls);
    }
}

static int go_on(ProtocolDtls *dtls)
{
    ERR_clear_error();
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1) {
        return 1;
    }
    int reason = SSL_get_error(dtls->ssl, result);
    ERR_clear_error();
    return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? 0 : -EPROTO;
}

int protocol_dtls_start(ProtocolDtls *dtls)
{
    return go_on(dtls);
}

/* Drops invalid records (RFC 6347 4.1.2.7): some, which anybody can forge, make OpenSSL 3.0 end the
 * connection. Only whole records of known type and version pass; short ChaCha20 alerts are lost. */
static bool well_formed(const uint8_t *bytes, size_t size)
{
    while (size >= RECORD_HEAD_BYTES) {
        uint16_t version = base_get_u16(bytes + 1), epoch = base_get_u16(bytes + 3);
        size_t whole = RECORD_HEAD_BYTES + (size_t)base_get_u16(bytes + 11);
        if (bytes[0] < SSL3_RT_CHANGE_CIPHER_SPEC || bytes[0] > SSL3_RT_APPLICATION_DATA ||
            (version != DTLS1_VERSION && version != DTLS1_2_VERSION) || whole > size ||
            (epoch > 0 && whole < RECORD_HEAD_BYTES + MIN_ENCRYPTED_BYTES)) {
            return false;
        }
        bytes += whole;
        size -= whole;
    }
    return size == 0;
}

int protocol_dtls_recv(ProtocolDtls *dtls, const uint8_t *bytes, size_t size)
{
    if (size == 0 || !well_formed(bytes, size)) { // 0 bytes would mean the end
        return SSL_is_init_finished(dtls->ssl) ? 1 : 0;
    }
    dtls->in = bytes;
    dtls->in_size = size;
    int result = SSL_is_init_finished(dtls->ssl) ? 1 : go_on(dtls);
    if (result == 1 && dtls->in != NULL) {
        // reading repeats our last flight
        uint8_t none[256];
        SSL_read(dtls->ssl, none, sizeof none);
        ERR_clear_error();
    }
    dtls->in = NULL;
    return result;
}

int protocol_dtls_timeout(ProtocolDtls *dtls)
{
    if (SSL_is_init_finished(dtls->ssl)) {
        return 1;
    }
    struct timeval left;
    if (DTLSv1_get_timeout(dtls->ssl, &left) != 1 || left.tv_sec > 0 || left.tv_usec > 0) {
        return 0;
    }
    int result = (int)DTLSv1_handle_timeout(dtls->ssl);
    ERR_clear_error();
    return result < 0 ? -EPROTO : 0;
}

bool protocol_dtls_verify(const ProtocolDtls *dtls, const ProtocolFingerprint *fingerprint)
{
    X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    return certificate != NULL && fingerprint->size > 0 &&
           X509_digest(certificate, digest_of(fingerprint), digest, &size) == 1 &&
           size == fingerprint->size && memcmp(digest, fingerprint->digest, size) == 0;
}

int protocol_dtls_export(const ProtocolDtls *dtls, ProtocolSrtpMaster *out_send,
                         ProtocolSrtpMaster *out_receive)
{
    const SRTP_PROTECTION_PROFILE *agreed = SSL_get_selected_srtp_profile(dtls->ssl);
    if (agreed == NULL) {
        return -EPROTO;
    }
    ProtocolSrtpProfile profile =
        agreed->id == SRTP_AEAD_AES_128_GCM ? PROTOCOL_SRTP_GCM : PROTOCOL_SRTP_CM;
    size_t salt = protocol_srtp_salt_bytes(profile);
    // client key, server key, client salt, server salt
    uint8_t material[2 * (PROTOCOL_SRTP_KEY_BYTES + PROTOCOL_SRTP_MAX_SALT_BYTES)];
    if (SSL_export_keying_material(dtls->ssl, material, 2 * (PROTOCOL_SRTP_KEY_BYTES + salt),
                                   EXPORTER, strlen(EXPORTER), NULL, 0, 0) != 1) {
        ERR_clear_error();
        return -EPROTO;
    }
    bool server = SSL_is_server(dtls->ssl);
    ProtocolSrtpMaster *client_keys = server ? out_receive : out_send;
    ProtocolSrtpMaster *server_keys = server ? out_send : out_receive;
    *client_keys = *server_keys = (ProtocolSrtpMaster){.profile = profile};
    memcpy(client_keys->key, material, PROTOCOL_SRTP_KEY_BYTES);
    memcpy(server_keys->key, material + PROTOCOL_SRTP_KEY_BYTES, PROTOCOL_SRTP_KEY_BYTES);
    memcpy(client_keys->salt, material + 2 * PROTOCOL_SRTP_KEY_BYTES, salt);
    memcpy(server_keys->salt, material + 2 * PROTOCOL_SRTP_KEY_BYTES + salt, salt);
    OPENSSL_cleanse(material, sizeof material);
    return 0;
}

size_t protocol_dtls_close_notify(ProtocolDtls *dtls, uint8_t out[PROTOCOL_DTLS_CLOSE_NOTIFY_BYTES])
{
    if (!SSL_is_init_finished(dtls->ssl)) {
        return 0;
    }
    dtls->kept = out;
    dtls->kept_size = 0;
    SSL_shutdown(dtls->ssl);
    ERR_clear_error();
    return dtls->kept_size;
}
