// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One remote end: ICE-lite, DTLS, incoming SRTCP. No socket, no clock, no random numbers of its
// own: datagrams and the time come in by calls, datagrams go out by callbacks. The in thread.

#include "rtc/address.h"
#include "rtc/sdp.h"

#include "base/clock.h"

#define RTC_ICE_TIMEOUT_US (15 * BASE_US_PER_S)       // without a valid check: reaped
#define RTC_HANDSHAKE_TIMEOUT_US (10 * BASE_US_PER_S) // from the first valid check
#define RTC_RTCP_MAX_PER_S 100                        // compounds taken from one peer
#define RTC_RTCP_MAX_FORGED_PER_S 2000                // that fail authentication: looked at
#define RTC_HANDSHAKE_MAX_BYTES (64 * 1024)           // of DTLS input before it is done
/* RFC 7675 5.1: consent to be sent to at an address expires after 30 s; a second less, since
 * update() comes every so often. Then the address checked last takes over, if one has consent. */
#define RTC_CONSENT_US (29 * BASE_US_PER_S)
#define RTC_DTLS_LINGER_US (5 * BASE_US_PER_S) // kept for a lost last flight, then freed
#define RTC_PEER_MAX_PATHS 8                   // validated addresses
/* A peer that nominates all it checks (RFC 5245 8.1.1.2) names TCP last, since it takes longest,
 * and means UDP: that stays while it is nominated, too. */
#define RTC_UDP_STAYS_US (2 * BASE_US_PER_S)

typedef struct RtcPeer RtcPeer;

typedef enum {
    RTC_PEER_WAITING,   // for a first valid check
    RTC_PEER_HANDSHAKE, // validated, DTLS goes on
    RTC_PEER_CONNECTED, // keys are there
    RTC_PEER_CLOSED,
} RtcPeerState;

typedef enum {
    RTC_PEER_NOT_CLOSED,
    RTC_PEER_NO_ICE,
    RTC_PEER_HANDSHAKE_FAILED,
    RTC_PEER_NO_CONSENT,
    RTC_PEER_LEFT, // RTCP BYE
} RtcPeerReason;

typedef struct {
    void (*send)(void *data, const RtcAddress *to, const uint8_t *bytes, size_t size);
    /* Once: what is sent with `keys` goes to `to`. */
    void (*connected)(void *data, const RtcSrtpMaster *keys, const RtcAddress *to);
    /* The pair changed after `connected`. */
    void (*moved)(void *data, const RtcAddress *to);
    /* An authenticated, well-formed RTCP compound. */
    void (*rtcp)(void *data, const uint8_t *bytes, size_t size);
    void *data;
} RtcPeerEvents;

/* Copies what it is given but `identity`. Full ownership. */
RtcPeer *rtc_peer_new(RtcDtlsIdentity *identity, const RtcIceCredentials *local,
                      const RtcIceCredentials *remote, const RtcFingerprint *fingerprint,
                      bool dtls_client, const RtcPeerEvents *events, int64_t now_us);
/* Sends nothing. */
void rtc_peer_free(RtcPeer *peer);

/* 0: taken; 1: `from` is validated by this very message (a binding request); -EBADMSG: dropped, and
 * nothing has changed. `bytes` may be changed. */
int rtc_peer_recv(RtcPeer *peer, uint8_t *bytes, size_t size, const RtcAddress *from,
                  int64_t now_us);

/* A validated TCP connection is gone: on with another path where there is one; else the peer may
 * validate a new one until its consent expires. */
void rtc_peer_lost(RtcPeer *peer, const RtcAddress *from);

/* Time-outs and repeats; every 50 to 100 ms. */
void rtc_peer_update(RtcPeer *peer, int64_t now_us);

/* ICE restart (RFC 8445 section 9): media goes on over the old pair until a check with the new
 * credentials is valid; until then the old ones count too. */
void rtc_peer_restart(RtcPeer *peer, const RtcIceCredentials *local,
                      const RtcIceCredentials *remote);

/* Says close_notify where there is somebody to hear it; then the peer is closed. */
void rtc_peer_close(RtcPeer *peer);

RtcPeerState rtc_peer_state(const RtcPeer *peer);
RtcPeerReason rtc_peer_reason(const RtcPeer *peer);
bool rtc_peer_has_dtls(const RtcPeer *peer); // and its 75 KB
const RtcIceCredentials *rtc_peer_remote(const RtcPeer *peer);
/* True for a source address that a check has validated. */
bool rtc_peer_knows(const RtcPeer *peer, const RtcAddress *from);

/* RFC 7983: what a datagram's first byte says. */
typedef enum {
    RTC_KIND_STUN,
    RTC_KIND_DTLS,
    RTC_KIND_RTP, // RTP or RTCP, see rtc_is_rtcp()
    RTC_KIND_OTHER,
} RtcKind;
RtcKind rtc_kind(uint8_t first);
/* RFC 5761 section 4, by the second byte. */
bool rtc_is_rtcp(uint8_t second);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcPeer, rtc_peer_free)
