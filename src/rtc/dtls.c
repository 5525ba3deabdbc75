// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/dtls.h"

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
#define CERTIFICATE_DAYS 30
#define IP_UDP_BYTES 48
#define RECORD_HEAD_BYTES 13
#define MIN_SEALED_BYTES 24 // explicit nonce and tag of AES-GCM

struct RtcDtlsIdentity {
    SSL_CTX *context;
    BIO_METHOD *bio;
    RtcFingerprint fingerprint;
    char *text;
};

struct RtcDtls {
    SSL *ssl;
    RtcDtlsSend send;
    void *data;
    const uint8_t *in; // the datagram being read, NULL: none
    size_t in_size;
    uint8_t *kept; // the farewell goes here instead of out
    size_t kept_size;
};

/* A datagram at a time: memory BIOs would run them together. */
static int bio_read(BIO *bio, char *out, int size)
{
    RtcDtls *dtls = BIO_get_data(bio);
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
    RtcDtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (dtls->kept == NULL) {
        dtls->send(dtls->data, (const uint8_t *)bytes, (size_t)size);
    } else if (dtls->kept_size + (size_t)size <= RTC_DTLS_FAREWELL_BYTES) {
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
        return RTC_DTLS_MTU;
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
    BIO_meth_set_create(method, bio_create);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return method;
}

/* Certificates in WebRTC are self-signed: what counts is the fingerprint, compared afterwards. */
static int accept_any(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

static X509 *certificate_new(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
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

static const EVP_MD *digest_of(const RtcFingerprint *fingerprint)
{
    switch (fingerprint->hash) {
    case RTC_SHA256:
        return EVP_sha256();
    case RTC_SHA384:
        return EVP_sha384();
    case RTC_SHA512:
        return EVP_sha512();
    }
    g_assert_not_reached();
}

static void take_fingerprint(RtcDtlsIdentity *identity, const X509 *certificate)
{
    unsigned size = 0;
    identity->fingerprint.hash = RTC_SHA256;
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
              SSL_CTX_set_tlsext_use_srtp(context, PROFILES) == 0; // 0 is success, here alone
    if (!ok) {
        g_clear_pointer(&context, SSL_CTX_free);
    }
    return context;
}

RtcDtlsIdentity *rtc_dtls_identity_new(GError **error)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key != NULL ? certificate_new(key) : NULL;
    SSL_CTX *context = certificate != NULL ? context_new(certificate, key) : NULL;
    RtcDtlsIdentity *identity = NULL;
    if (context == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "OpenSSL cannot make the certificate for DTLS: %s",
                    ERR_reason_error_string(ERR_peek_last_error()));
    } else {
        identity = g_new0(RtcDtlsIdentity, 1);
        identity->context = context;
        identity->bio = bio_method_new();
        take_fingerprint(identity, certificate);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return identity;
}

void rtc_dtls_identity_free(RtcDtlsIdentity *identity)
{
    if (identity == NULL) {
        return;
    }
    SSL_CTX_free(identity->context);
    BIO_meth_free(identity->bio);
    g_free(identity->text);
    g_free(identity);
}

const char *rtc_dtls_identity_text(const RtcDtlsIdentity *identity)
{
    return identity->text;
}

void rtc_dtls_identity_fingerprint(const RtcDtlsIdentity *identity, RtcFingerprint *out)
{
    *out = identity->fingerprint;
}

RtcDtls *rtc_dtls_new(RtcDtlsIdentity *identity, bool client, RtcDtlsSend send, void *data)
{
    RtcDtls *dtls = g_new0(RtcDtls, 1);
    dtls->send = send;
    dtls->data = data;
    dtls->ssl = SSL_new(identity->context);
    BIO *bio = BIO_new(identity->bio);
    g_assert(dtls->ssl != NULL && bio != NULL);
    BIO_set_data(bio, dtls);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_mtu(dtls->ssl, RTC_DTLS_MTU);
    if (client) {
        SSL_set_connect_state(dtls->ssl);
    } else {
        SSL_set_accept_state(dtls->ssl);
    }
    return dtls;
}

void rtc_dtls_free(RtcDtls *dtls)
{
    if (dtls != NULL) {
        SSL_free(dtls->ssl);
        g_free(dtls);
    }
}

static int go_on(RtcDtls *dtls)
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

int rtc_dtls_start(RtcDtls *dtls)
{
    return go_on(dtls);
}

/* RFC 6347 4.1.2.7: what is not a record is discarded, and so is one that fails to authenticate. At
 * some of them OpenSSL 3.0 ends the connection instead (an encrypted one too short for its tag, a
 * version that is none), and anybody who forges the address could send them. So: whole records of
 * known types and versions to the datagram's end. What is too short under ChaCha20 alone, an alert,
 * is not missed. */
static bool well_formed(const uint8_t *bytes, size_t size)
{
    while (size >= RECORD_HEAD_BYTES) {
        uint16_t version = base_get_u16(bytes + 1), epoch = base_get_u16(bytes + 3);
        size_t whole = RECORD_HEAD_BYTES + (size_t)base_get_u16(bytes + 11);
        if (bytes[0] < SSL3_RT_CHANGE_CIPHER_SPEC || bytes[0] > SSL3_RT_APPLICATION_DATA ||
            (version != DTLS1_VERSION && version != DTLS1_2_VERSION) || whole > size ||
            (epoch > 0 && whole < RECORD_HEAD_BYTES + MIN_SEALED_BYTES)) {
            return false;
        }
        bytes += whole;
        size -= whole;
    }
    return size == 0;
}

int rtc_dtls_recv(RtcDtls *dtls, const uint8_t *bytes, size_t size)
{
    if (size == 0 || !well_formed(bytes, size)) { // no bytes would be the end to OpenSSL
        return SSL_is_init_finished(dtls->ssl) ? 1 : 0;
    }
    dtls->in = bytes;
    dtls->in_size = size;
    int result = SSL_is_init_finished(dtls->ssl) ? 1 : go_on(dtls);
    if (result == 1 && dtls->in != NULL) {
        // the peer's last flight again: reading makes OpenSSL repeat ours. There is no data
        // channel.
        uint8_t none[256];
        SSL_read(dtls->ssl, none, sizeof none);
        ERR_clear_error();
    }
    dtls->in = NULL;
    return result;
}

int rtc_dtls_timeout(RtcDtls *dtls)
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

bool rtc_dtls_verify(const RtcDtls *dtls, const RtcFingerprint *fingerprint)
{
    X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    return certificate != NULL && fingerprint->size > 0 &&
           X509_digest(certificate, digest_of(fingerprint), digest, &size) == 1 &&
           size == fingerprint->size && memcmp(digest, fingerprint->digest, size) == 0;
}

int rtc_dtls_export(const RtcDtls *dtls, RtcSrtpMaster *out_send, RtcSrtpMaster *out_receive)
{
    const SRTP_PROTECTION_PROFILE *agreed = SSL_get_selected_srtp_profile(dtls->ssl);
    if (agreed == NULL) {
        return -EPROTO;
    }
    RtcSrtpProfile profile = agreed->id == SRTP_AEAD_AES_128_GCM ? RTC_SRTP_GCM : RTC_SRTP_CM;
    size_t salt = rtc_srtp_salt_bytes(profile);
    // client's key, server's key, client's salt, server's salt
    uint8_t material[2 * (RTC_SRTP_KEY_BYTES + RTC_SRTP_MAX_SALT_BYTES)];
    if (SSL_export_keying_material(dtls->ssl, material, 2 * (RTC_SRTP_KEY_BYTES + salt), EXPORTER,
                                   strlen(EXPORTER), NULL, 0, 0) != 1) {
        ERR_clear_error();
        return -EPROTO;
    }
    bool server = SSL_is_server(dtls->ssl);
    RtcSrtpMaster *client_keys = server ? out_receive : out_send;
    RtcSrtpMaster *server_keys = server ? out_send : out_receive;
    *client_keys = *server_keys = (RtcSrtpMaster){.profile = profile};
    memcpy(client_keys->key, material, RTC_SRTP_KEY_BYTES);
    memcpy(server_keys->key, material + RTC_SRTP_KEY_BYTES, RTC_SRTP_KEY_BYTES);
    memcpy(client_keys->salt, material + 2 * RTC_SRTP_KEY_BYTES, salt);
    memcpy(server_keys->salt, material + 2 * RTC_SRTP_KEY_BYTES + salt, salt);
    OPENSSL_cleanse(material, sizeof material);
    return 0;
}

size_t rtc_dtls_farewell(RtcDtls *dtls, uint8_t out[RTC_DTLS_FAREWELL_BYTES])
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
