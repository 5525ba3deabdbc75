// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A remote peer: ICE-lite, DTLS, incoming SRTP and SRTCP. Sans-I/O. In thread.

#include "protocol/address.h"
#include "protocol/sdp.h"

#include "base/clock.h"

#define RTC_ICE_TIMEOUT_US (15 * BASE_US_PER_S)       // until the first valid check
#define RTC_HANDSHAKE_TIMEOUT_US (10 * BASE_US_PER_S) // from the first valid check
#define RTC_RTCP_MAX_PER_S 100                        // compounds
#define RTC_RTP_MAX_PER_S 8000                        // packets of a publisher
#define RTC_MAX_FORGED_PER_S 2000                     // failed decryptions
#define RTC_HANDSHAKE_MAX_BYTES (64 * 1024)           // DTLS input
/* Consent lasts 30 s (RFC 7675 5.1), less one for the interval of update(). */
#define RTC_CONSENT_US (29 * BASE_US_PER_S)
#define RTC_DTLS_LINGER_US (5 * BASE_US_PER_S) // repeats a lost last flight
#define RTC_PEER_MAX_PATHS 8
/* Aggressive nomination (RFC 5245 8.1.1.2) ends with TCP: prefer nominated UDP. */
#define RTC_UDP_STAYS_US (2 * BASE_US_PER_S)

typedef struct RtcPeer RtcPeer;

typedef enum {
    RTC_PEER_WAITING, // no valid check yet
    RTC_PEER_HANDSHAKE,
    RTC_PEER_CONNECTED,
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
    void (*send)(void *data, const ProtocolAddress *to, const uint8_t *bytes, size_t size);
    void (*connected)(void *data, const ProtocolSrtpMaster *keys, const ProtocolAddress *to);
    /* The selected address changed after `connected`. */
    void (*moved)(void *data, const ProtocolAddress *to);
    /* Authenticated and well-formed. */
    void (*rtcp)(void *data, const uint8_t *bytes, size_t size, int64_t now_us);
    /* The same; NULL: it is to send none. */
    void (*rtp)(void *data, const uint8_t *bytes, size_t size);
    void *data;
} RtcPeerEvents;

/* `identity` outlives it; the rest is copied. */
RtcPeer *rtc_peer_new(ProtocolDtlsIdentity *identity, const ProtocolIceCredentials *local,
                      const ProtocolIceCredentials *remote, const ProtocolFingerprint *fingerprint,
                      bool dtls_client, const RtcPeerEvents *events, int64_t now_us);
void rtc_peer_free(RtcPeer *peer);

/* 0: handled; 1: this check validated `from`; -EBADMSG: dropped. May modify `bytes`. */
int rtc_peer_recv(RtcPeer *peer, uint8_t *bytes, size_t size, const ProtocolAddress *from,
                  int64_t now_us);

/* A TCP connection closed: uses another path or waits. */
void rtc_peer_lost(RtcPeer *peer, const ProtocolAddress *from);

/* Call every 50 to 100 ms. */
void rtc_peer_update(RtcPeer *peer, int64_t now_us);

/* ICE restart (RFC 8445 section 9): media moves after a check with new credentials. */
void rtc_peer_restart(RtcPeer *peer, const ProtocolIceCredentials *local,
                      const ProtocolIceCredentials *remote);

/* Sends close_notify. */
void rtc_peer_close(RtcPeer *peer);

RtcPeerState rtc_peer_state(const RtcPeer *peer);
RtcPeerReason rtc_peer_reason(const RtcPeer *peer);
bool rtc_peer_has_dtls(const RtcPeer *peer); // 75 KB
const ProtocolIceCredentials *rtc_peer_remote(const RtcPeer *peer);
bool rtc_peer_knows(const RtcPeer *peer, const ProtocolAddress *from);

/* By the first byte (RFC 7983). */
typedef enum {
    RTC_KIND_STUN,
    RTC_KIND_DTLS,
    RTC_KIND_RTP, // RTP or RTCP
    RTC_KIND_OTHER,
} RtcKind;
RtcKind rtc_kind(uint8_t first);
/* By the second byte (RFC 5761 section 4). */
bool rtc_is_rtcp(uint8_t second);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcPeer, rtc_peer_free)
