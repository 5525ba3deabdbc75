// SPDX-License-Identifier: GPL-3.0-or-later
// STUN, read alone and by a peer. An input is a message, but hardly any change of one survives its
// checksums: so it is taken three times, as it is, with a right FINGERPRINT behind it, and with a
// right MESSAGE-INTEGRITY and FINGERPRINT.
#include "fuzz.h"

#include "base/bytes.h"
#include "rtc/peer.h"
#include "protocol/stun.h"

#include <glib.h>
#include <openssl/hmac.h>
#include <zlib.h>

#define MAX_MESSAGE 1200

static const ProtocolIceCredentials local = {"locallocal", "localpasswordlocalpassword"};
static const ProtocolIceCredentials remote = {"remote", "remotepasswordremotepassword"};
static const ProtocolAddress v4 = {.ip = {[10] = 0xff, 0xff, 192, 0, 2, 1}, .port = 32853};
static const ProtocolAddress v6 = {.ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, .port = 32853};

typedef struct {
    unsigned sent;
    size_t size;
} Sent;

static void on_send(void *data, const ProtocolAddress *to, const uint8_t *bytes, size_t size)
{
    Sent *sent = data;
    g_assert_true(protocol_address_equal(to, &v4)); // to the source and nowhere else
    g_assert_cmpint(rtc_kind(bytes[0]), ==, RTC_KIND_STUN);
    sent->sent++;
    sent->size = size;
}

static void check_reply(const ProtocolStun *request, const uint8_t *reply, size_t size,
                        uint16_t type)
{
    ProtocolStun again;
    g_assert_cmpuint(size, <=, PROTOCOL_STUN_MAX_REPLY_BYTES);
    g_assert_cmpint(protocol_stun_parse(reply, size, &again), ==, 0);
    g_assert_cmphex(again.type, ==, type);
    g_assert_cmpmem(again.transaction, 12, request->transaction, 12);
    g_assert_true(protocol_stun_verify(&again, local.pwd));
    g_assert_false(protocol_stun_verify(&again, remote.pwd));
}

static void check_message(const uint8_t *data, size_t size)
{
    ProtocolStun message;
    if (protocol_stun_parse(data, size, &message) < 0) {
        return;
    }
    g_assert_cmphex(message.type & 0xc000, ==, 0);
    g_assert_cmpuint(size % 4, ==, 0);
    if (message.username != NULL) {
        const uint8_t *name = (const uint8_t *)message.username;
        g_assert_true(name >= data + 20 && name + message.username_size <= data + size);
    }
    if (message.integrity_at != 0) {
        g_assert_cmpuint(message.integrity_at + 24 + 8, <=, size);
        g_assert_cmphex(base_get_u16(data + message.integrity_at), ==, 0x0008);
    } else {
        g_assert_false(protocol_stun_verify(&message, local.pwd));
    }
    uint8_t *reply = g_malloc(PROTOCOL_STUN_MAX_REPLY_BYTES);
    const ProtocolAddress *from[] = {&v4, &v6};
    for (int i = 0; i < 2; i++) {
        size_t written = protocol_stun_success(&message, from[i], local.pwd, reply);
        check_reply(&message, reply, written, PROTOCOL_STUN_SUCCESS);
    }
    check_reply(&message, reply, protocol_stun_error(&message, 420, local.pwd, reply),
                PROTOCOL_STUN_ERROR);
    check_reply(&message, reply, protocol_stun_error(&message, 487, local.pwd, reply),
                PROTOCOL_STUN_ERROR);
    g_free(reply);
}

/* A refused message changes nothing and is not answered; an answer is at most 1.5 times as large. */
static void check_peer(const uint8_t *data, size_t size)
{
    static ProtocolDtlsIdentity *identity;
    identity = identity != NULL ? identity : protocol_dtls_identity_new(NULL);
    ProtocolFingerprint fingerprint;
    protocol_dtls_identity_fingerprint(identity, &fingerprint);
    Sent sent = {0};
    RtcPeerEvents events = {.send = on_send, .data = &sent};
    g_autoptr(RtcPeer) peer =
        rtc_peer_new(identity, &local, &remote, &fingerprint, false, &events, 1000000);
    uint8_t *copy = g_memdup2(data, size);
    int result =
        rtc_kind(data[0]) == RTC_KIND_STUN ? rtc_peer_recv(peer, copy, size, &v4, 1000000) : -1;
    g_free(copy);
    if (result < 0) {
        g_assert_cmpuint(sent.sent, ==, 0);
    }
    if (result == 1) {
        g_assert_cmpint(rtc_peer_state(peer), ==, RTC_PEER_HANDSHAKE);
    } else {
        g_assert_cmpint(rtc_peer_state(peer), ==, RTC_PEER_WAITING);
    }
    g_assert_true(rtc_peer_knows(peer, &v4) == (result == 1));
    g_assert_cmpuint(sent.sent, <=, 1);
    g_assert_cmpuint(2 * sent.size, <=, 3 * size);
}

static size_t add_integrity(uint8_t *message, size_t size)
{
    unsigned length = 20;
    base_put_u16(message + 2, (uint16_t)(size + 24 - 20));
    base_put_u16(message + size, 0x0008);
    base_put_u16(message + size + 2, 20);
    HMAC(EVP_sha1(), local.pwd, (int)strlen(local.pwd), message, size, message + size + 4, &length);
    return size + 24;
}

static size_t add_fingerprint(uint8_t *message, size_t size)
{
    base_put_u16(message + 2, (uint16_t)(size + 8 - 20));
    base_put_u32(message + size, 0x80280004);
    base_put_u32(message + size + 4, (uint32_t)crc32(0, message, (uInt)size) ^ 0x5354554e);
    return size + 8;
}

/* Header and attributes of the input in a message whose checksums are right. */
static void check_repaired(const uint8_t *data, size_t size, bool integrity)
{
    uint8_t message[MAX_MESSAGE + 24 + 8];
    if (size < 20 || size > MAX_MESSAGE) {
        return;
    }
    memcpy(message, data, size);
    base_put_u32(message + 4, 0x2112a442);
    size_t whole = integrity ? add_integrity(message, size) : size;
    whole = add_fingerprint(message, whole);
    uint8_t *exact = g_memdup2(message, whole);
    check_message(exact, whole);
    check_peer(exact, whole);
    g_free(exact);
}

int target(const uint8_t *data, size_t size)
{
    if (size > 0) {
        check_message(data, size);
        check_peer(data, size);
    }
    check_repaired(data, size, false);
    check_repaired(data, size, true);
    return 0;
}
