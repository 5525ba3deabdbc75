// SPDX-License-Identifier: GPL-3.0-or-later
// A remote peer, sans-I/O: ICE-lite, DTLS, incoming SRTP and SRTCP.
#include "rtc/peer.h"

#include "protocol/rtcp.h"
#include "protocol/stun.h"

#include "base/bytes.h"
#include "base/clock.h"

#include <errno.h>

#define MAX_SENDERS PROTOCOL_SRTP_MAX_SENDERS

struct RtcPeer {
    RtcPeerEvents events;
    RtcPeerState state;
    RtcPeerReason reason;
    int64_t made_us;

    ProtocolIceCredentials local, remote;
    ProtocolIceCredentials old_local, old_remote; // until the first check after a restart; else ""
    ProtocolAddress paths[RTC_PEER_MAX_PATHS];    // validated, oldest replaced first
    int64_t path_us[RTC_PEER_MAX_PATHS];
    unsigned n_paths, next_path;
    ProtocolAddress selected;
    int64_t checked_us; // any path
    int64_t nominated_us;

    ProtocolDtlsIdentity *identity;
    ProtocolFingerprint fingerprint;
    bool dtls_client;
    ProtocolDtls *dtls;
    size_t dtls_bytes;
    int64_t handshake_us, connected_us;
    uint8_t close_notify[PROTOCOL_DTLS_CLOSE_NOTIFY_BYTES];
    size_t close_notify_size;

    ProtocolSrtpIn *srtp;
    int64_t second_us;
    unsigned rtcp_count, rtp_count, forged; // of this second
    uint32_t senders[MAX_SENDERS];          // without BYE
    unsigned n_senders;
};

RtcKind rtc_kind(uint8_t first)
{
    if (first <= 3) {
        return RTC_KIND_STUN;
    }
    if (first >= 20 && first <= 63) {
        return RTC_KIND_DTLS;
    }
    return first >= 128 && first <= 191 ? RTC_KIND_RTP : RTC_KIND_OTHER;
}

bool rtc_is_rtcp(uint8_t second)
{
    return second >= 192 && second <= 223;
}

RtcPeer *rtc_peer_new(ProtocolDtlsIdentity *identity, const ProtocolIceCredentials *local,
                      const ProtocolIceCredentials *remote, const ProtocolFingerprint *fingerprint,
                      bool dtls_client, const RtcPeerEvents *events, int64_t now_us)
{
    RtcPeer *peer = g_new0(RtcPeer, 1);
    peer->events = *events;
    peer->identity = identity;
    peer->local = *local;
    peer->remote = *remote;
    peer->fingerprint = *fingerprint;
    peer->dtls_client = dtls_client;
    peer->made_us = now_us;
    return peer;
}

void rtc_peer_free(RtcPeer *peer)
{
    if (peer != NULL) {
        protocol_dtls_free(peer->dtls);
        protocol_srtp_in_free(peer->srtp);
        g_free(peer);
    }
}

RtcPeerState rtc_peer_state(const RtcPeer *peer)
{
    return peer->state;
}

bool rtc_peer_has_dtls(const RtcPeer *peer)
{
    return peer->dtls != NULL;
}

RtcPeerReason rtc_peer_reason(const RtcPeer *peer)
{
    return peer->reason;
}

const ProtocolIceCredentials *rtc_peer_remote(const RtcPeer *peer)
{
    return &peer->remote;
}

static void close_for(RtcPeer *peer, RtcPeerReason reason)
{
    peer->state = RTC_PEER_CLOSED;
    peer->reason = reason;
}

static void send_selected(RtcPeer *peer, const uint8_t *bytes, size_t size)
{
    peer->events.send(peer->events.data, &peer->selected, bytes, size);
}

/* `n_paths`: unknown. */
static unsigned find_path(const RtcPeer *peer, const ProtocolAddress *from)
{
    unsigned i = 0;
    while (i < peer->n_paths && !protocol_address_equal(&peer->paths[i], from)) {
        i++;
    }
    return i;
}

bool rtc_peer_knows(const RtcPeer *peer, const ProtocolAddress *from)
{
    return find_path(peer, from) < peer->n_paths;
}

/* Replaces the oldest, never the selected path. */
static unsigned place_path(RtcPeer *peer)
{
    if (peer->n_paths < RTC_PEER_MAX_PATHS) {
        return peer->n_paths++;
    }
    if (protocol_address_equal(&peer->paths[peer->next_path], &peer->selected)) {
        peer->next_path = (peer->next_path + 1) % RTC_PEER_MAX_PATHS;
    }
    unsigned at = peer->next_path;
    peer->next_path = (at + 1) % RTC_PEER_MAX_PATHS;
    return at;
}

static void note_path(RtcPeer *peer, const ProtocolAddress *from, int64_t now_us)
{
    unsigned at = find_path(peer, from);
    if (at == peer->n_paths) {
        at = place_path(peer);
    }
    peer->paths[at] = *from;
    peer->path_us[at] = now_us;
}

static void on_dtls_send(void *data, const uint8_t *bytes, size_t size)
{
    send_selected(data, bytes, size);
}

static void finish_handshake(RtcPeer *peer, int64_t now_us)
{
    ProtocolSrtpMaster ours, theirs;
    bool good = protocol_dtls_verify(peer->dtls, &peer->fingerprint) &&
                protocol_dtls_export(peer->dtls, &ours, &theirs) == 0;
    peer->srtp = good ? protocol_srtp_in_new(&theirs) : NULL;
    if (peer->srtp == NULL) {
        close_for(peer, RTC_PEER_HANDSHAKE_FAILED);
        return;
    }
    peer->connected_us = now_us;
    peer->state = RTC_PEER_CONNECTED;
    peer->events.connected(peer->events.data, &ours, &peer->selected);
}

static void after_dtls(RtcPeer *peer, int result, int64_t now_us)
{
    if (peer->state != RTC_PEER_HANDSHAKE) {
        return;
    }
    if (result < 0) {
        close_for(peer, RTC_PEER_HANDSHAKE_FAILED);
    } else if (result == 1) {
        finish_handshake(peer, now_us);
    }
}

static void begin_handshake(RtcPeer *peer, int64_t now_us)
{
    peer->state = RTC_PEER_HANDSHAKE;
    peer->handshake_us = now_us;
    peer->dtls = protocol_dtls_new(peer->identity, peer->dtls_client, on_dtls_send, peer);
    if (peer->dtls_client) {
        after_dtls(peer, protocol_dtls_start(peer->dtls), now_us);
    }
}

static bool username_is(const ProtocolStun *message, const ProtocolIceCredentials *local,
                        const ProtocolIceCredentials *remote)
{
    size_t first = strlen(local->ufrag), second = strlen(remote->ufrag);
    return first > 0 && message->username_size == first + 1 + second &&
           memcmp(message->username, local->ufrag, first) == 0 && message->username[first] == ':' &&
           memcmp(message->username + first + 1, remote->ufrag, second) == 0;
}

/* NULL: not our user name. */
static const char *password_for(const RtcPeer *peer, const ProtocolStun *message, bool *out_old)
{
    *out_old = username_is(message, &peer->old_local, &peer->old_remote);
    if (*out_old) {
        return peer->old_local.pwd;
    }
    return username_is(message, &peer->local, &peer->remote) ? peer->local.pwd : NULL;
}

static void select_path(RtcPeer *peer, const ProtocolAddress *from)
{
    bool same = protocol_address_equal(&peer->selected, from) &&
                memcmp(peer->selected.local, from->local, PROTOCOL_IP_BYTES) == 0;
    peer->selected = *from;
    if (!same && peer->state == RTC_PEER_CONNECTED) {
        peer->events.moved(peer->events.data, from);
    }
}

static bool decides(const RtcPeer *peer, const ProtocolStun *check, const ProtocolAddress *from,
                    int64_t now_us)
{
    // Chromium may start DTLS before nominating
    if (peer->state == RTC_PEER_WAITING || !rtc_peer_knows(peer, &peer->selected)) {
        return true;
    }
    bool udp_stays = peer->selected.tcp == 0 && from->tcp != 0 && peer->nominated_us != 0 &&
                     now_us - peer->nominated_us < RTC_UDP_STAYS_US;
    return check->use_candidate && !udp_stays;
}

static void reply(RtcPeer *peer, const ProtocolStun *request, const ProtocolAddress *from,
                  unsigned error, const char *password)
{
    uint8_t bytes[PROTOCOL_STUN_MAX_REPLY_BYTES];
    size_t size = error == 0 ? protocol_stun_success(request, from, password, bytes)
                             : protocol_stun_error(request, error, password, bytes);
    if (2 * size <= 3 * request->size) { // no amplification
        peer->events.send(peer->events.data, from, bytes, size);
    }
}

/* ICE-lite (RFC 8445 7.3). No change or answer before authentication. */
static int take_stun(RtcPeer *peer, const uint8_t *bytes, size_t size, const ProtocolAddress *from,
                     int64_t now_us)
{
    ProtocolStun message;
    bool old = false;
    if (protocol_stun_parse(bytes, size, &message) < 0 || message.type != PROTOCOL_STUN_REQUEST ||
        message.username == NULL) {
        return -EBADMSG;
    }
    const char *password = password_for(peer, &message, &old);
    if (password == NULL || !protocol_stun_verify(&message, password)) {
        return -EBADMSG;
    }
    if (message.unknown != 0 || message.controlled) {
        // 487: we are always controlled (RFC 8445 6.1.1)
        reply(peer, &message, from, message.unknown != 0 ? 420 : 487, password);
        return 0;
    }
    reply(peer, &message, from, 0, password);
    peer->checked_us = now_us;
    bool restarted = !old && peer->old_local.ufrag[0] != '\0';
    if (restarted) {
        peer->old_local = peer->old_remote = (ProtocolIceCredentials){0};
    }
    note_path(peer, from, now_us);
    if (restarted || decides(peer, &message, from, now_us)) {
        select_path(peer, from);
        peer->nominated_us = message.use_candidate ? now_us : 0;
    }
    if (peer->state == RTC_PEER_WAITING) {
        begin_handshake(peer, now_us);
    }
    return 1;
}

static int take_dtls(RtcPeer *peer, const uint8_t *bytes, size_t size, int64_t now_us)
{
    if (peer->dtls == NULL) {
        return peer->state == RTC_PEER_CONNECTED ? 0 : -EBADMSG;
    }
    if (peer->state == RTC_PEER_HANDSHAKE) {
        peer->dtls_bytes += size;
        if (peer->dtls_bytes > RTC_HANDSHAKE_MAX_BYTES) {
            close_for(peer, RTC_PEER_HANDSHAKE_FAILED);
            return -EBADMSG;
        }
    }
    after_dtls(peer, protocol_dtls_recv(peer->dtls, bytes, size), now_us);
    return 0;
}

static void note_sender(RtcPeer *peer, uint32_t ssrc)
{
    for (unsigned i = 0; i < peer->n_senders; i++) {
        if (peer->senders[i] == ssrc) {
            return;
        }
    }
    if (peer->n_senders < MAX_SENDERS) {
        peer->senders[peer->n_senders++] = ssrc;
    }
}

static void drop_leaving(RtcPeer *peer, const ProtocolRtcp *packet)
{
    for (unsigned i = 0; i < peer->n_senders;) {
        if (protocol_rtcp_leaves(packet, peer->senders[i])) {
            peer->senders[i] = peer->senders[--peer->n_senders];
        } else {
            i++;
        }
    }
}

/* One SSRC per receiver is possible: all must leave. */
static void follow_senders(RtcPeer *peer, const uint8_t *bytes, size_t size)
{
    ProtocolRtcp packet;
    bool bye = false;
    for (size_t at = 0; protocol_rtcp_next(bytes, size, &at, &packet);) {
        if (packet.type == PROTOCOL_RTCP_BYE) {
            bye = true;
            drop_leaving(peer, &packet);
        } else if (packet.type != PROTOCOL_RTCP_SDES && packet.body != NULL) {
            note_sender(peer, packet.sender);
        }
    }
    if (bye && peer->n_senders == 0) {
        close_for(peer, RTC_PEER_LEFT);
    }
}

/* Before decrypting: receivers send tens a second. Forged ones have a larger limit, or others could
 * silence a peer. */
static bool too_often(RtcPeer *peer, bool rtcp, int64_t now_us)
{
    if (now_us - peer->second_us >= BASE_US_PER_S) {
        peer->second_us = now_us;
        peer->rtcp_count = peer->rtp_count = peer->forged = 0;
    }
    return peer->forged >= RTC_MAX_FORGED_PER_S ||
           (rtcp ? peer->rtcp_count >= RTC_RTCP_MAX_PER_S : peer->rtp_count >= RTC_RTP_MAX_PER_S);
}

static int take_rtcp(RtcPeer *peer, uint8_t *bytes, size_t size, int64_t now_us)
{
    if (peer->state != RTC_PEER_CONNECTED || too_often(peer, true, now_us)) {
        return -EBADMSG;
    }
    int plain = protocol_srtp_unprotect_rtcp(peer->srtp, bytes, size);
    if (plain < 0) {
        peer->forged++;
        return -EBADMSG;
    }
    peer->rtcp_count++;
    if (protocol_rtcp_check(bytes, (size_t)plain) < 0) {
        return -EBADMSG;
    }
    peer->events.rtcp(peer->events.data, bytes, (size_t)plain, now_us);
    follow_senders(peer, bytes, (size_t)plain);
    return 0;
}

/* Its media shows that a publisher is there: some (GStreamer's) send no checks later on. */
static int take_rtp(RtcPeer *peer, uint8_t *bytes, size_t size, const ProtocolAddress *from,
                    int64_t now_us)
{
    if (peer->events.rtp == NULL || peer->state != RTC_PEER_CONNECTED ||
        too_often(peer, false, now_us)) {
        return -EBADMSG;
    }
    int plain = protocol_srtp_unprotect(peer->srtp, bytes, size);
    if (plain < 0) {
        peer->forged++;
        return -EBADMSG;
    }
    peer->rtp_count++;
    peer->path_us[find_path(peer, from)] = now_us;
    peer->events.rtp(peer->events.data, bytes, (size_t)plain);
    return 0;
}

int rtc_peer_recv(RtcPeer *peer, uint8_t *bytes, size_t size, const ProtocolAddress *from,
                  int64_t now_us)
{
    if (size < 2 || peer->state == RTC_PEER_CLOSED) {
        return -EBADMSG;
    }
    RtcKind kind = rtc_kind(bytes[0]);
    if (kind == RTC_KIND_STUN) {
        return take_stun(peer, bytes, size, from, now_us);
    }
    if (!rtc_peer_knows(peer, from)) { // anyone can send a ClientHello
        return -EBADMSG;
    }
    if (kind == RTC_KIND_DTLS) {
        return take_dtls(peer, bytes, size, now_us);
    }
    if (kind != RTC_KIND_RTP) {
        return -EBADMSG;
    }
    return rtc_is_rtcp(bytes[1]) ? take_rtcp(peer, bytes, size, now_us)
                                 : take_rtp(peer, bytes, size, from, now_us);
}

static void free_dtls(RtcPeer *peer)
{
    peer->close_notify_size = protocol_dtls_close_notify(peer->dtls, peer->close_notify);
    g_clear_pointer(&peer->dtls, protocol_dtls_free);
}

/* Requires consent at `now_us`. */
static bool select_newest(RtcPeer *peer, int64_t now_us)
{
    unsigned best = 0;
    for (unsigned i = 1; i < peer->n_paths; i++) {
        best = peer->path_us[i] > peer->path_us[best] ? i : best;
    }
    if (peer->n_paths == 0 || now_us - peer->path_us[best] >= RTC_CONSENT_US) {
        return false;
    }
    select_path(peer, &peer->paths[best]);
    peer->nominated_us = 0;
    return true;
}

void rtc_peer_lost(RtcPeer *peer, const ProtocolAddress *from)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < peer->n_paths; i++) {
        if (!protocol_address_equal(&peer->paths[i], from)) {
            peer->path_us[kept] = peer->path_us[i];
            peer->paths[kept++] = peer->paths[i];
        }
    }
    peer->n_paths = kept;
    peer->next_path = 0;
    if (protocol_address_equal(&peer->selected, from)) {
        select_newest(peer, peer->checked_us); // if none, the next check selects
    }
}

/* Per address pair (RFC 7675 section 5). */
static bool has_consent(RtcPeer *peer, int64_t now_us)
{
    unsigned at = find_path(peer, &peer->selected);
    int64_t since_us = at < peer->n_paths ? peer->path_us[at] : peer->checked_us;
    return now_us - since_us < RTC_CONSENT_US || select_newest(peer, now_us);
}

void rtc_peer_update(RtcPeer *peer, int64_t now_us)
{
    switch (peer->state) {
    case RTC_PEER_WAITING:
        if (now_us - peer->made_us >= RTC_ICE_TIMEOUT_US) {
            close_for(peer, RTC_PEER_NO_ICE);
        }
        break;
    case RTC_PEER_HANDSHAKE:
        if (now_us - peer->handshake_us >= RTC_HANDSHAKE_TIMEOUT_US) {
            close_for(peer, RTC_PEER_HANDSHAKE_FAILED);
        } else {
            after_dtls(peer, protocol_dtls_timeout(peer->dtls), now_us);
        }
        break;
    case RTC_PEER_CONNECTED:
        if (!has_consent(peer, now_us)) {
            close_for(peer, RTC_PEER_NO_CONSENT);
        } else if (peer->dtls != NULL && now_us - peer->connected_us >= RTC_DTLS_LINGER_US) {
            free_dtls(peer);
        }
        break;
    case RTC_PEER_CLOSED:
        break;
    }
}

void rtc_peer_restart(RtcPeer *peer, const ProtocolIceCredentials *local,
                      const ProtocolIceCredentials *remote)
{
    if (peer->state != RTC_PEER_WAITING) {
        peer->old_local = peer->local;
        peer->old_remote = peer->remote;
    }
    peer->local = *local;
    peer->remote = *remote;
}

void rtc_peer_close(RtcPeer *peer)
{
    if (peer->state == RTC_PEER_CONNECTED) {
        if (peer->dtls != NULL) {
            free_dtls(peer);
        }
        send_selected(peer, peer->close_notify, peer->close_notify_size);
    }
    peer->state = RTC_PEER_CLOSED;
}
