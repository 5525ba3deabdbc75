// SPDX-License-Identifier: GPL-3.0-or-later
// One peer on a fake clock. A second peer, the DTLS client, is its remote end.
#include "client.h"
#include "tests.h"

#include "base/bytes.h"
#include "rtc/peer.h"

#include <errno.h>

#define S BASE_US_PER_S

typedef struct End End;
struct End {
    RtcPeer *peer;
    End *other;              // receives what is sent; nullable
    ProtocolAddress address; // this end's
    unsigned sent, moved, rtcp;
    size_t last_size;
    uint8_t last_first; // first byte of the last send
    ProtocolAddress last_to;
    bool connected;
    ProtocolSrtpMaster keys;
    GQueue queue; // GBytes, input
};

static ProtocolDtlsIdentity *identity;
static int64_t now_us;
static const ProtocolIceCredentials local = {"locallocal", "localpasswordlocalpassword"};
static const ProtocolIceCredentials remote = {"remote", "remotepasswordremotepassword"};
static const ProtocolAddress from_a = {.ip = {[10] = 0xff, 0xff, 10, 0, 0, 1}, .port = 1000};
static const ProtocolAddress from_b = {.ip = {[10] = 0xff, 0xff, 10, 0, 0, 2}, .port = 2000};

static void on_send(void *data, const ProtocolAddress *to, const uint8_t *bytes, size_t size)
{
    End *end = data;
    end->sent++;
    end->last_size = size;
    end->last_first = size > 0 ? bytes[0] : 0xff;
    end->last_to = *to;
    if (end->other != NULL && rtc_kind(bytes[0]) == RTC_KIND_DTLS) {
        g_queue_push_tail(&end->other->queue, g_bytes_new(bytes, size));
    }
}

static void on_connected(void *data, const ProtocolSrtpMaster *keys, const ProtocolAddress *to)
{
    End *end = data;
    (void)to;
    end->connected = true;
    end->keys = *keys;
}

static void on_moved(void *data, const ProtocolAddress *to)
{
    End *end = data;
    end->moved++;
    end->last_to = *to;
}

static void on_rtcp(void *data, const uint8_t *bytes, size_t size, int64_t at_us)
{
    (void)at_us;
    (void)bytes;
    (void)size;
    ((End *)data)->rtcp++;
}

static void end_init(End *end, bool dtls_client, const ProtocolFingerprint *fingerprint)
{
    RtcPeerEvents events = {.send = on_send,
                            .connected = on_connected,
                            .moved = on_moved,
                            .rtcp = on_rtcp,
                            .data = end};
    g_queue_init(&end->queue);
    end->peer = rtc_peer_new(identity, &local, &remote, fingerprint, dtls_client, &events, now_us);
}

static void end_finish(End *end)
{
    rtc_peer_free(end->peer);
    g_queue_clear_full(&end->queue, (GDestroyNotify)g_bytes_unref);
}

static int check(End *end, const ProtocolAddress *from, const char *username, const char *password,
                 bool nominate)
{
    uint8_t bytes[512];
    size_t size = client_check_bytes(username, password, nominate, bytes);
    int result = rtc_peer_recv(end->peer, bytes, size, from, now_us);
    if (result >= 0 && end->last_first < 4) { // not a ClientHello
        g_assert_cmpuint(2 * end->last_size, <=, 3 * size);
    }
    return result;
}

static int good_check(End *end, const ProtocolAddress *from, bool nominate)
{
    return check(end, from, "locallocal:remote", local.pwd, nominate);
}

static void pump(End *a, End *b)
{
    while (a->queue.length + b->queue.length > 0) {
        End *to = a->queue.length > 0 ? a : b;
        GBytes *bytes = g_queue_pop_head(&to->queue);
        gsize size;
        const uint8_t *data = g_bytes_get_data(bytes, &size);
        g_assert_cmpuint(size, <=, 1200);
        g_autofree uint8_t *copy = g_memdup2(data, size);
        rtc_peer_recv(to->peer, copy, size, &from_a, now_us);
        g_bytes_unref(bytes);
    }
}

/* A connected server and client peer. */
static void make_pair(End *server, End *client, const ProtocolFingerprint *server_expects,
                      const ProtocolFingerprint *client_expects)
{
    end_init(server, false, server_expects);
    end_init(client, true, client_expects);
    server->other = client;
    client->other = server;
    g_assert_cmpint(good_check(server, &from_a, true), ==, 1);
    g_assert_cmpint(good_check(client, &from_a, true), ==, 1);
    pump(server, client);
}

static ProtocolFingerprint own_fingerprint(void)
{
    ProtocolFingerprint fingerprint;
    if (identity == NULL) {
        identity = protocol_dtls_identity_new(NULL);
    }
    protocol_dtls_identity_fingerprint(identity, &fingerprint);
    now_us = 100 * S;
    return fingerprint;
}

static void test_bad_checks(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End end = {0};
    end_init(&end, false, &fingerprint);
    g_assert_cmpint(check(&end, &from_a, "someoneels:remote", local.pwd, true), ==, -EBADMSG);
    g_assert_cmpint(check(&end, &from_a, "locallocal:someone", local.pwd, true), ==, -EBADMSG);
    g_assert_cmpint(check(&end, &from_a, "locallocal", local.pwd, true), ==, -EBADMSG);
    g_assert_cmpint(check(&end, &from_a, "locallocal:remote", remote.pwd, true), ==, -EBADMSG);
    g_assert_cmpint(rtc_peer_state(end.peer), ==, RTC_PEER_WAITING);
    g_assert_cmpuint(end.sent, ==, 0);
    g_assert_false(rtc_peer_knows(end.peer, &from_a));

    uint8_t hello[64] = {22, 0xfe, 0xfd};
    g_assert_cmpint(rtc_peer_recv(end.peer, hello, sizeof hello, &from_a, now_us), ==, -EBADMSG);
    g_assert_cmpuint(end.sent, ==, 0);
    g_assert_cmpint(good_check(&end, &from_a, false), ==, 1); // accepted without nomination
    g_assert_cmpint(rtc_peer_state(end.peer), ==, RTC_PEER_HANDSHAKE);
    g_assert_cmpuint(end.sent, ==, 1);
    g_assert_cmpint(rtc_peer_recv(end.peer, hello, sizeof hello, &from_b, now_us), ==, -EBADMSG);
    end_finish(&end);
}

static void test_roles(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    g_assert_true(server.connected && client.connected);
    g_assert_cmpint(server.keys.profile, ==, PROTOCOL_SRTP_GCM);
    g_assert_false(memcmp(server.keys.key, client.keys.key, 16) == 0);
    // both understand each other's reports
    uint8_t report[64] = {0x80, 201, 0, 1, 1, 2, 3, 4};
    g_autoptr(ProtocolSrtpOut) out = protocol_srtp_out_new(&client.keys);
    size_t size = protocol_srtp_protect_rtcp(out, report, 8);
    g_assert_cmpint(rtc_peer_recv(server.peer, report, size, &from_a, now_us), ==, 0);
    g_assert_cmpuint(server.rtcp, ==, 1);
    end_finish(&server);
    end_finish(&client);
}

static void test_fingerprint_in_both_roles(void)
{
    ProtocolFingerprint right = own_fingerprint(), wrong = right;
    wrong.digest[31] ^= 1;
    for (int which = 0; which < 2; which++) {
        End server = {0}, client = {0};
        make_pair(&server, &client, which == 0 ? &wrong : &right, which == 1 ? &wrong : &right);
        End *deceived = which == 0 ? &server : &client;
        g_assert_false(deceived->connected);
        g_assert_cmpint(rtc_peer_state(deceived->peer), ==, RTC_PEER_CLOSED);
        g_assert_cmpint(rtc_peer_reason(deceived->peer), ==, RTC_PEER_HANDSHAKE_FAILED);
        end_finish(&server);
        end_finish(&client);
    }
}

static void test_no_ice(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End end = {0};
    end_init(&end, false, &fingerprint);
    now_us += 15 * S - 1;
    rtc_peer_update(end.peer, now_us);
    g_assert_cmpint(rtc_peer_state(end.peer), ==, RTC_PEER_WAITING);
    now_us += 1;
    rtc_peer_update(end.peer, now_us);
    g_assert_cmpint(rtc_peer_reason(end.peer), ==, RTC_PEER_NO_ICE);
    g_assert_cmpint(good_check(&end, &from_a, true), ==, -EBADMSG);
    end_finish(&end);
}

static void test_slow_handshake(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End end = {0};
    end_init(&end, false, &fingerprint);
    good_check(&end, &from_a, true);
    now_us += 9 * S;
    good_check(&end, &from_a, true); // checks do not extend it
    rtc_peer_update(end.peer, now_us);
    g_assert_cmpint(rtc_peer_state(end.peer), ==, RTC_PEER_HANDSHAKE);
    now_us += S;
    rtc_peer_update(end.peer, now_us);
    g_assert_cmpint(rtc_peer_reason(end.peer), ==, RTC_PEER_HANDSHAKE_FAILED);
    end_finish(&end);
}

static void test_handshake_flood(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End end = {0};
    end_init(&end, false, &fingerprint);
    good_check(&end, &from_a, true);
    // epoch 2: OpenSSL ignores them
    uint8_t junk[1024] = {22, 0xfe, 0xfd, 0, 2, [11] = 3, [12] = 0xf3};
    for (int i = 0; i < 64; i++) {
        rtc_peer_recv(end.peer, junk, sizeof junk, &from_a, now_us);
    }
    g_assert_cmpint(rtc_peer_state(end.peer), ==, RTC_PEER_HANDSHAKE); // 64 KB exactly
    rtc_peer_recv(end.peer, junk, sizeof junk, &from_a, now_us);
    g_assert_cmpint(rtc_peer_reason(end.peer), ==, RTC_PEER_HANDSHAKE_FAILED);
    end_finish(&end);
}

static void test_consent(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    int64_t last = now_us;
    for (; now_us < last + 60 * S; now_us += 5 * S) {
        good_check(&server, &from_a, false);
        rtc_peer_update(server.peer, now_us);
        g_assert_cmpint(rtc_peer_state(server.peer), ==, RTC_PEER_CONNECTED);
    }
    last = now_us - 5 * S;
    // unauthenticated packets do not count
    now_us = last + 28 * S;
    check(&server, &from_a, "locallocal:remote", remote.pwd, false);
    rtc_peer_update(server.peer, now_us);
    g_assert_cmpint(rtc_peer_state(server.peer), ==, RTC_PEER_CONNECTED);
    now_us = last + 30 * S - 100000;
    rtc_peer_update(server.peer, now_us);
    g_assert_cmpint(rtc_peer_reason(server.peer), ==, RTC_PEER_NO_CONSENT);
    end_finish(&server);
    end_finish(&client);
}

/* Checks from another address are no consent for the media's address: media moves there, or ends if
 * that path is as old. */
static void test_consent_of_path(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    good_check(&server, &from_a, true);
    g_assert_cmpint(good_check(&server, &from_b, true), ==, 1);
    g_assert_cmpuint(server.moved, ==, 1);
    int64_t last = now_us;
    for (; now_us < last + 29 * S; now_us += S) {
        good_check(&server, &from_a, false);
        rtc_peer_update(server.peer, now_us);
        g_assert_cmpuint(server.moved, ==, 1);
    }
    rtc_peer_update(server.peer, now_us);
    g_assert_cmpuint(server.moved, ==, 2);
    g_assert_true(protocol_address_equal(&server.last_to, &from_a));
    g_assert_cmpint(rtc_peer_state(server.peer), ==, RTC_PEER_CONNECTED);
    now_us += 28 * S;
    rtc_peer_update(server.peer, now_us);
    g_assert_cmpint(rtc_peer_reason(server.peer), ==, RTC_PEER_NO_CONSENT);
    g_assert_cmpuint(server.moved, ==, 2);
    end_finish(&server);
    end_finish(&client);
}

static void test_nomination(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    g_assert_cmpint(good_check(&server, &from_b, false), ==, 1); // valid, without nomination
    g_assert_cmpuint(server.moved, ==, 0);
    g_assert_cmpint(check(&server, &from_b, "locallocal:remote", remote.pwd, true), ==, -EBADMSG);
    g_assert_cmpuint(server.moved, ==, 0);
    g_assert_cmpint(good_check(&server, &from_b, true), ==, 1);
    g_assert_cmpuint(server.moved, ==, 1);
    g_assert_true(protocol_address_equal(&server.last_to, &from_b));
    end_finish(&server);
    end_finish(&client);
}

static void test_restart(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    ProtocolIceCredentials new_local = {"secondlocal", "secondpasswordsecondpassword"};
    ProtocolIceCredentials new_remote = {"fresh", "freshpasswordfreshpassword"};
    rtc_peer_restart(server.peer, &new_local, &new_remote);
    g_assert_cmpint(good_check(&server, &from_a, true), ==, 1); // old credentials still count
    g_assert_cmpint(check(&server, &from_b, "secondlocal:fresh", new_local.pwd, false), ==, 1);
    g_assert_cmpuint(server.moved, ==, 1); // first pair of the new session
    g_assert_cmpint(good_check(&server, &from_a, true), ==, -EBADMSG);
    g_assert_cmpint(rtc_peer_state(server.peer), ==, RTC_PEER_CONNECTED);
    end_finish(&server);
    end_finish(&client);
}

static const ProtocolAddress from_tcp = {
    .ip = {[10] = 0xff, 0xff, 10, 0, 0, 1}, .port = 3000, .tcp = 4097};

/* Aggressive nomination ends with TCP: UDP stays while it is nominated too. */
static void test_tcp_nomination(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    good_check(&server, &from_a, true);
    server.moved = 0;
    g_assert_cmpint(good_check(&server, &from_tcp, true), ==, 1);
    g_assert_cmpuint(server.moved, ==, 0);
    now_us += RTC_UDP_STAYS_US;
    good_check(&server, &from_a, false); // present, not nominated
    good_check(&server, &from_tcp, true);
    g_assert_cmpuint(server.moved, ==, 1);
    g_assert_cmpuint(server.last_to.tcp, ==, from_tcp.tcp);
    good_check(&server, &from_a, true); // back at once
    g_assert_cmpuint(server.moved, ==, 2);
    end_finish(&server);
    end_finish(&client);
}

/* A closed connection removes its path: another path, or the next valid one, takes over. */
static void test_tcp_lost(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End server = {0}, client = {0};
    make_pair(&server, &client, &fingerprint, &fingerprint);
    now_us += RTC_UDP_STAYS_US;
    good_check(&server, &from_tcp, true);
    g_assert_cmpuint(server.last_to.tcp, ==, from_tcp.tcp);
    server.moved = 0;
    rtc_peer_lost(server.peer, &from_tcp);
    g_assert_cmpuint(server.moved, ==, 1);
    g_assert_cmpuint(server.last_to.tcp, ==, 0);
    g_assert_false(rtc_peer_knows(server.peer, &from_tcp));
    good_check(&server, &from_tcp, true);
    now_us += RTC_UDP_STAYS_US;
    good_check(&server, &from_tcp, true);
    ProtocolAddress udp = client.address;
    rtc_peer_lost(server.peer, &udp);
    rtc_peer_lost(server.peer, &from_a);
    rtc_peer_lost(server.peer, &from_tcp); // no path left, still open
    g_assert_cmpint(rtc_peer_state(server.peer), ==, RTC_PEER_CONNECTED);
    ProtocolAddress again = from_tcp;
    again.tcp = 8193;
    good_check(&server, &again, false);
    g_assert_cmpuint(server.last_to.tcp, ==, again.tcp);
    end_finish(&server);
    end_finish(&client);
}

/* The DTLS object is freed seconds after the handshake; close_notify is still sent. */
static void test_close_notify(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    for (int wait_s = 0; wait_s <= 10; wait_s += 10) {
        End server = {0}, client = {0};
        make_pair(&server, &client, &fingerprint, &fingerprint);
        now_us += wait_s * S;
        rtc_peer_update(server.peer, now_us);
        server.sent = 0;
        rtc_peer_close(server.peer);
        g_assert_cmpuint(server.sent, ==, 1);
        g_assert_cmpuint(server.last_first, ==, 21); // an alert record
        g_assert_cmpint(rtc_peer_state(server.peer), ==, RTC_PEER_CLOSED);
        end_finish(&server);
        end_finish(&client);
    }
}

static void test_damaged_checks(void)
{
    ProtocolFingerprint fingerprint = own_fingerprint();
    End end = {0};
    end_init(&end, false, &fingerprint);
    uint8_t bytes[512];
    size_t size = client_check_bytes("locallocal:remote", local.pwd, true, bytes);
    g_assert_cmpint(rtc_peer_recv(end.peer, bytes, size - 1, &from_a, now_us), ==, -EBADMSG);
    bytes[1] = 0x11; // an indication with a bad CRC
    g_assert_cmpint(rtc_peer_recv(end.peer, bytes, size, &from_a, now_us), ==, -EBADMSG);
    g_assert_cmpuint(end.sent, ==, 0);
    end_finish(&end);
}

static void test_first_byte(void)
{
    for (unsigned first = 0; first < 256; first++) {
        RtcKind kind = first <= 3                     ? RTC_KIND_STUN
                       : first >= 20 && first <= 63   ? RTC_KIND_DTLS
                       : first >= 128 && first <= 191 ? RTC_KIND_RTP
                                                      : RTC_KIND_OTHER;
        g_assert_cmpint(rtc_kind((uint8_t)first), ==, kind);
        g_assert_cmpint(rtc_is_rtcp((uint8_t)first), ==, first >= 192 && first <= 223);
    }
}

void add_peer_tests(void)
{
    g_test_add_func("/rtc/first-byte", test_first_byte);
    g_test_add_func("/rtc/peer/bad-checks", test_bad_checks);
    g_test_add_func("/rtc/peer/roles", test_roles);
    g_test_add_func("/rtc/peer/fingerprint-in-both-roles", test_fingerprint_in_both_roles);
    g_test_add_func("/rtc/peer/no-ice", test_no_ice);
    g_test_add_func("/rtc/peer/slow-handshake", test_slow_handshake);
    g_test_add_func("/rtc/peer/handshake-flood", test_handshake_flood);
    g_test_add_func("/rtc/peer/consent", test_consent);
    g_test_add_func("/rtc/peer/consent-of-path", test_consent_of_path);
    g_test_add_func("/rtc/peer/nomination", test_nomination);
    g_test_add_func("/rtc/peer/restart", test_restart);
    g_test_add_func("/rtc/peer/tcp-nomination", test_tcp_nomination);
    g_test_add_func("/rtc/peer/tcp-lost", test_tcp_lost);
    g_test_add_func("/rtc/peer/close-notify", test_close_notify);
    g_test_add_func("/rtc/peer/damaged-checks", test_damaged_checks);
}
