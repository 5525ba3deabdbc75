// SPDX-License-Identifier: GPL-3.0-or-later
// Attacks by strangers and bad viewers on one peer. The peer's other end is OpenSSL and libsrtp2 in
// memory, on a fake clock. See the table in tests/README.md.
#include "client.h"
#include "tests.h"

#include "base/bytes.h"
#include "rtc/peer.h"

#include <errno.h>
#include <openssl/err.h>

#define S BASE_US_PER_S
#define PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

typedef struct {
    RtcPeer *peer;
    ProtocolFingerprint fingerprint;
    Client *client; // the peer's certificate
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
    srtp_t srtp;
    unsigned sent, connected, rtcp, rtp;
    size_t sent_bytes;
} Foe;

static bool publishes; // of the next foe: its media is taken

static const ProtocolIceCredentials local = {"locallocal", "localpasswordlocalpassword"};
static const ProtocolIceCredentials remote = {"remote", "remotepasswordremotepassword"};
static const ProtocolAddress home = {.ip = {[10] = 0xff, 0xff, 10, 0, 0, 1}, .port = 1000};
static const ProtocolAddress stranger = {.ip = {[10] = 0xff, 0xff, 10, 0, 0, 2}, .port = 2000};
static int64_t now_us;

static void on_send(void *data, const ProtocolAddress *to, const uint8_t *bytes, size_t size)
{
    Foe *foe = data;
    g_assert_true(protocol_address_equal(to, &home)); // never to an unvalidated address
    foe->sent++;
    foe->sent_bytes += size;
    if (rtc_kind(bytes[0]) == RTC_KIND_DTLS && foe->in != NULL) {
        BIO_write(foe->in, bytes, (int)size);
    }
}

static void on_connected(void *data, const ProtocolSrtpMaster *keys, const ProtocolAddress *to)
{
    (void)keys;
    (void)to;
    ((Foe *)data)->connected++;
}

static void on_moved(void *data, const ProtocolAddress *to)
{
    (void)data;
    (void)to;
    g_assert_not_reached();
}

static void on_rtcp(void *data, const uint8_t *bytes, size_t size, int64_t at_us)
{
    (void)at_us;
    (void)bytes;
    (void)size;
    ((Foe *)data)->rtcp++;
}

static void on_rtp(void *data, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    ((Foe *)data)->rtp++;
}

static ProtocolDtlsIdentity *identity(void)
{
    static ProtocolDtlsIdentity *one;
    one = one != NULL ? one : protocol_dtls_identity_new(NULL);
    return one;
}

static int accept_any(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

/* `profiles` NULL: offers no SRTP. */
static Foe *foe_new(bool with_certificate, const char *ciphers, const char *profiles)
{
    Foe *foe = g_new0(Foe, 1);
    now_us += 100 * S;
    foe->client = client_new();
    unsigned size = 0;
    X509_digest(foe->client->certificate, EVP_sha256(), foe->fingerprint.digest, &size);
    foe->fingerprint.size = size;
    RtcPeerEvents events = {.send = on_send,
                            .connected = on_connected,
                            .moved = on_moved,
                            .rtcp = on_rtcp,
                            .rtp = publishes ? on_rtp : NULL,
                            .data = foe};
    foe->peer =
        rtc_peer_new(identity(), &local, &remote, &foe->fingerprint, false, &events, now_us);
    foe->context = SSL_CTX_new(DTLS_method());
    if (with_certificate) {
        SSL_CTX_use_certificate(foe->context, foe->client->certificate);
        SSL_CTX_use_PrivateKey(foe->context, foe->client->key);
    }
    SSL_CTX_set_verify(foe->context, SSL_VERIFY_PEER, accept_any);
    g_assert_cmpint(SSL_CTX_set_cipher_list(foe->context, ciphers), ==, 1);
    if (profiles != NULL) {
        SSL_CTX_set_tlsext_use_srtp(foe->context, profiles);
    }
    foe->ssl = SSL_new(foe->context);
    foe->in = BIO_new(BIO_s_mem());
    foe->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(foe->in, -1);
    SSL_set_bio(foe->ssl, foe->in, foe->out);
    SSL_set_options(foe->ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(foe->ssl, 1200);
    SSL_set_connect_state(foe->ssl);
    return foe;
}

static void foe_free(Foe *foe)
{
    rtc_peer_free(foe->peer);
    SSL_free(foe->ssl);
    SSL_CTX_free(foe->context);
    if (foe->srtp != NULL) {
        srtp_dealloc(foe->srtp);
    }
    client_free(foe->client);
    g_free(foe);
}

static int from(Foe *foe, const ProtocolAddress *address, const uint8_t *bytes, size_t size)
{
    g_autofree uint8_t *copy = g_memdup2(bytes, size);
    return rtc_peer_recv(foe->peer, copy, size, address, now_us);
}

static void check(Foe *foe)
{
    uint8_t bytes[512];
    size_t size = client_check_bytes("locallocal:remote", local.pwd, true, bytes);
    g_assert_cmpint(from(foe, &home, bytes, size), ==, 1);
}

/* Passes OpenSSL's output to the peer, one record per datagram. True: there was some. */
static bool flush_to(Foe *foe, const ProtocolAddress *address)
{
    uint8_t bytes[16384];
    int size = BIO_read(foe->out, bytes, sizeof bytes);
    for (int at = 0; at + 13 <= size;) {
        int record = 13 + base_get_u16(bytes + at + 11);
        from(foe, address, bytes + at, (size_t)record);
        at += record;
    }
    return size > 0;
}

static void shake(Foe *foe)
{
    do {
        ERR_clear_error();
        SSL_do_handshake(foe->ssl);
    } while (flush_to(foe, &home));
    ERR_clear_error();
}

static Foe *foe_connected(void)
{
    Foe *foe = foe_new(true, "DEFAULT", PROFILES);
    check(foe);
    shake(foe);
    g_assert_cmpuint(foe->connected, ==, 1);
    uint8_t material[56], key[28];
    SSL_export_keying_material(foe->ssl, material, sizeof material, "EXTRACTOR-dtls_srtp", 19, NULL,
                               0, 0);
    memcpy(key, material, 16);
    memcpy(key + 16, material + 32, 12);
    srtp_policy_t policy = {.ssrc.type = ssrc_any_outbound, .key = key, .window_size = 128};
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    g_assert_cmpint(srtp_create(&foe->srtp, &policy), ==, srtp_err_status_ok);
    return foe;
}

static size_t receiver_report(Foe *foe, uint32_t ssrc, uint8_t out[128])
{
    int size = 8;
    memcpy(out, (uint8_t[]){0x80, 201, 0, 1}, 4);
    base_put_u32(out + 4, ssrc);
    g_assert_cmpint(srtp_protect_rtcp(foe->srtp, out, &size), ==, srtp_err_status_ok);
    return (size_t)size;
}

/* Rows 12, 13: still connected, RTCP still works. */
static void check_alive(Foe *foe)
{
    uint8_t report[128];
    unsigned before = foe->rtcp;
    g_assert_cmpint(rtc_peer_state(foe->peer), ==, RTC_PEER_CONNECTED);
    size_t size = receiver_report(foe, 1, report);
    g_assert_cmpint(from(foe, &home, report, size), ==, 0);
    g_assert_cmpuint(foe->rtcp, ==, before + 1);
}

/* Any first two bytes: from a stranger they change nothing at any stage; from the peer's address
 * they get no answer and do not count as RTCP. */
static void test_first_two_bytes(void)
{
    Foe *fresh = foe_new(true, "DEFAULT", PROFILES), *foe = foe_connected();
    unsigned fresh_sent = fresh->sent, sent = foe->sent;
    for (unsigned two = 0; two < 65536; two++) {
        uint8_t bytes[64] = {(uint8_t)(two >> 8), (uint8_t)two, 0, 12};
        for (size_t size = 2; size <= sizeof bytes; size += sizeof bytes - 2) {
            g_assert_cmpint(from(fresh, &stranger, bytes, size), ==, -EBADMSG);
            g_assert_cmpint(from(foe, &stranger, bytes, size), ==, -EBADMSG);
            RtcKind kind = rtc_kind(bytes[0]);
            g_assert_cmpint(from(foe, &home, bytes, size), ==,
                            kind == RTC_KIND_DTLS ? 0 : -EBADMSG);
        }
    }
    g_assert_cmpuint(fresh->sent, ==, fresh_sent);
    g_assert_cmpint(rtc_peer_state(fresh->peer), ==, RTC_PEER_WAITING);
    g_assert_cmpuint(foe->sent, ==, sent);
    g_assert_cmpuint(foe->rtcp, ==, 0);
    now_us += 2 * S;
    check_alive(foe);
    foe_free(fresh);
    foe_free(foe);
}

/* A forged ClientHello races the peer's, from an unvalidated address and from the validated one. */
static void test_hello_race(void)
{
    Foe *foe = foe_new(true, "DEFAULT", PROFILES);
    SSL_do_handshake(foe->ssl);
    g_assert_true(flush_to(foe, &home)); // not validated yet
    g_assert_cmpuint(foe->sent, ==, 0);
    check(foe);
    g_assert_cmpuint(foe->sent, ==, 1);
    foe_free(foe);

    foe = foe_new(true, "DEFAULT", PROFILES);
    check(foe);
    SSL_do_handshake(foe->ssl);
    g_assert_true(flush_to(foe, &stranger));
    g_assert_cmpuint(foe->sent, ==, 1);
    g_assert_cmpint(rtc_peer_state(foe->peer), ==, RTC_PEER_HANDSHAKE);
    foe_free(foe);
}

/* Handshakes that end without keys. */
static void check_refused(bool with_certificate, const char *ciphers, const char *profiles)
{
    Foe *foe = foe_new(with_certificate, ciphers, profiles);
    check(foe);
    shake(foe);
    g_assert_cmpuint(foe->connected, ==, 0);
    g_assert_cmpint(rtc_peer_state(foe->peer), ==, RTC_PEER_CLOSED);
    g_assert_cmpint(rtc_peer_reason(foe->peer), ==, RTC_PEER_HANDSHAKE_FAILED);
    foe_free(foe);
}

static void test_handshakes_refused(void)
{
    check_refused(false, "DEFAULT", PROFILES);                // no certificate
    check_refused(true, "eNULL:aNULL:@SECLEVEL=0", PROFILES); // no encryption, no authentication
    check_refused(true, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", PROFILES); // not an AEAD
    check_refused(true, "DEFAULT", NULL);                                // no use_srtp
    check_refused(true, "DEFAULT", "SRTP_AES128_CM_SHA1_32");            // 4-byte tag
}

static void test_renegotiation(void)
{
    Foe *foe = foe_connected();
    size_t before = foe->sent_bytes;
    SSL_renegotiate(foe->ssl);
    shake(foe);
    g_assert_cmpuint(foe->connected, ==, 1);
    g_assert_cmpuint(foe->sent_bytes - before, <=, 64); // at most an alert, no new flight
    check_alive(foe);
    foe_free(foe);
}

/* Unauthenticated records in the peer's name, including one at which OpenSSL ends. */
static void send_forged_records(Foe *foe)
{
    static const uint8_t records[][40] = {
        {21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40},  // shorter than the tag
        {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 10, 0, 0},        // empty
        {22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 11, 0, 27, 1, 2}, // a false tag
        {22, 0xfe, 0xfd, 0, 2, 0, 0, 0, 0, 0, 12, 0, 27, 1, 2}, // future epoch
        {21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 13, 0, 24, 2},    // only a tag
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(records); i++) {
        size_t size = 13u + records[i][12];
        from(foe, &home, records[i], size);
    }
}

static void test_forged_records(void)
{
    Foe *foe = foe_new(true, "DEFAULT", PROFILES);
    check(foe);
    SSL_do_handshake(foe->ssl);
    flush_to(foe, &home);
    send_forged_records(foe); // during the handshake
    shake(foe);
    g_assert_cmpuint(foe->connected, ==, 1);
    send_forged_records(foe);
    unsigned before = foe->sent;
    rtc_peer_close(foe->peer);
    g_assert_cmpuint(foe->sent, ==, before + 1); // close_notify is still sent
    foe_free(foe);
}

static void test_srtcp_replayed(void)
{
    Foe *foe = foe_connected();
    uint8_t report[128], next[128];
    size_t size = receiver_report(foe, 1, report);
    g_assert_cmpint(from(foe, &stranger, report, size), ==, -EBADMSG);
    g_assert_cmpint(from(foe, &home, report, size), ==, 0);
    for (int i = 0; i < 300; i++) { // also after the window
        g_assert_cmpint(from(foe, &home, report, size), ==, -EBADMSG);
        now_us += S / 50;
        size_t next_size = receiver_report(foe, 1, next);
        g_assert_cmpint(from(foe, &home, next, next_size), ==, 0);
    }
    g_assert_cmpuint(foe->rtcp, ==, 301);
    foe_free(foe);
}

/* Refuses any flipped bit, a foreign key and plain packets, and RTP. A flood of these does not
 * silence the peer. */
static void test_srtcp_forged(void)
{
    Foe *foe = foe_connected(), *other = foe_connected();
    uint8_t report[128];
    size_t size = receiver_report(foe, 1, report);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        report[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_cmpint(from(foe, &home, report, size), ==, -EBADMSG);
        report[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    g_assert_cmpint(from(foe, &home, report, size), ==, 0);
    for (size_t cut = 0; cut < size; cut++) {
        g_assert_cmpint(from(foe, &home, report, cut), ==, -EBADMSG);
    }
    size = receiver_report(other, 1, report);
    for (int i = 0; i < 1000; i++) {
        g_assert_cmpint(from(foe, &home, report, size), ==, -EBADMSG);
    }
    int rtp_size = 40;
    uint8_t rtp[128] = {0x80, 102, 0, 1, [11] = 7};
    g_assert_cmpint(srtp_protect(foe->srtp, rtp, &rtp_size), ==, srtp_err_status_ok);
    g_assert_cmpint(from(foe, &home, rtp, (size_t)rtp_size), ==, -EBADMSG);
    g_assert_cmpuint(foe->rtcp, ==, 1);
    check_alive(foe); // same second
    foe_free(foe);
    foe_free(other);
}

/* Encrypts in place. */
static size_t protect(Foe *foe, uint8_t *packet, size_t size)
{
    int written = (int)size;
    g_assert_cmpint(srtp_protect(foe->srtp, packet, &written), ==, srtp_err_status_ok);
    return (size_t)written;
}

/* A publisher's packets: authentic, new, with lengths that fit; a flood is bounded. */
static void test_srtp_published(void)
{
    publishes = true;
    Foe *foe = foe_connected();
    publishes = false;
    uint8_t packet[256] = {0x80, 102, 0, 1, [11] = 7};
    size_t size = protect(foe, packet, 40);
    g_assert_cmpint(from(foe, &stranger, packet, size), ==, -EBADMSG);
    for (size_t bit = 0; bit < 8 * size; bit += 7) {
        packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_cmpint(from(foe, &home, packet, size), ==, -EBADMSG);
        packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        g_assert_cmpint(from(foe, &home, packet, cut), ==, -EBADMSG);
    }
    g_assert_cmpint(from(foe, &home, packet, size), ==, 0);
    g_assert_cmpint(from(foe, &home, packet, size), ==, -EBADMSG); // replayed
    static const struct {
        uint8_t first, last;
        int result;
    } lengths[] = {
        {0x80, 0, 0},         {0xa0, 8, 0},        {0xa0, 28, 0}, // padding alone
        {0xa0, 29, -EBADMSG}, {0xa0, 0, -EBADMSG}, {0xa0, 255, -EBADMSG},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
        uint8_t next[256] = {lengths[i].first, 102, 0, (uint8_t)(2 + i), [11] = 7};
        next[39] = lengths[i].last;
        size = protect(foe, next, 40);
        g_assert_cmpint(from(foe, &home, next, size), ==, lengths[i].result);
    }
    unsigned before = foe->rtp;
    now_us += S;
    for (unsigned i = 0; i < RTC_RTP_MAX_PER_S + 100; i++) {
        uint8_t next[256] = {0x80, 102, (uint8_t)((100 + i) >> 8), (uint8_t)(100 + i), [11] = 7};
        size = protect(foe, next, 40);
        from(foe, &home, next, size);
    }
    g_assert_cmpuint(foe->rtp - before, ==, RTC_RTP_MAX_PER_S);
    check_alive(foe);
    for (int i = 0; i < 40; i++) { // its media alone keeps it
        now_us += S;
        uint8_t next[256] = {0x80, 102, 0x40, (uint8_t)i, [11] = 7};
        size = protect(foe, next, 40);
        g_assert_cmpint(from(foe, &home, next, size), ==, 0);
        rtc_peer_update(foe->peer, now_us);
    }
    g_assert_cmpint(rtc_peer_state(foe->peer), ==, RTC_PEER_CONNECTED);
    now_us += 30 * S;
    rtc_peer_update(foe->peer, now_us);
    g_assert_cmpint(rtc_peer_reason(foe->peer), ==, RTC_PEER_NO_CONSENT);
    foe_free(foe);
}

/* Bounds the number of reporters, and reports per second. */
static void test_srtcp_flood(void)
{
    Foe *foe = foe_connected();
    uint8_t report[128];
    for (uint32_t ssrc = 1; ssrc <= 2 * PROTOCOL_SRTP_MAX_SENDERS; ssrc++) {
        size_t size = receiver_report(foe, ssrc, report);
        g_assert_cmpint(from(foe, &home, report, size), ==,
                        ssrc <= PROTOCOL_SRTP_MAX_SENDERS ? 0 : -EBADMSG);
    }
    for (int i = 0; i < 2 * RTC_RTCP_MAX_PER_S; i++) {
        size_t size = receiver_report(foe, 1, report);
        from(foe, &home, report, size);
    }
    g_assert_cmpuint(foe->rtcp, ==, RTC_RTCP_MAX_PER_S);
    now_us += S;
    check_alive(foe);
    foe_free(foe);
}

void add_attack_tests(void)
{
    g_test_add_func("/rtc/attacks/first-two-bytes", test_first_two_bytes);
    g_test_add_func("/rtc/attacks/hello-race", test_hello_race);
    g_test_add_func("/rtc/attacks/handshakes-refused", test_handshakes_refused);
    g_test_add_func("/rtc/attacks/renegotiation", test_renegotiation);
    g_test_add_func("/rtc/attacks/forged-records", test_forged_records);
    g_test_add_func("/rtc/attacks/srtcp-replayed", test_srtcp_replayed);
    g_test_add_func("/rtc/attacks/srtcp-forged", test_srtcp_forged);
    g_test_add_func("/rtc/attacks/srtp-published", test_srtp_published);
    g_test_add_func("/rtc/attacks/srtcp-flood", test_srtcp_flood);
}
