// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// DTLS 1.2 for SRTP keys (RFC 5764) on OpenSSL. Datagrams go in and come out by calls: no socket.
// The thread that owns the peer.

#include "rtc/srtp.h"

#define RTC_DTLS_MTU 1172
#define RTC_DTLS_FAREWELL_BYTES 128
#define RTC_MAX_DIGEST_BYTES 64

/* A certificate's digest (RFC 8122 section 5). */
typedef struct {
    enum { RTC_SHA256, RTC_SHA384, RTC_SHA512 } hash;
    uint8_t digest[RTC_MAX_DIGEST_BYTES];
    size_t size;
} RtcFingerprint;

typedef struct RtcDtlsIdentity RtcDtlsIdentity;

/* A new P-256 key with a self-signed certificate. Shared by all peers of a server. Full ownership.
 */
RtcDtlsIdentity *rtc_dtls_identity_new(GError **error);
void rtc_dtls_identity_free(RtcDtlsIdentity *identity);
/* As in SDP, "sha-256 AB:CD:…". Owned by the identity. */
const char *rtc_dtls_identity_text(const RtcDtlsIdentity *identity);
void rtc_dtls_identity_fingerprint(const RtcDtlsIdentity *identity, RtcFingerprint *out);

typedef struct RtcDtls RtcDtls;
typedef void (*RtcDtlsSend)(void *data, const uint8_t *bytes, size_t size);

/* `client`: this side sends the ClientHello (a=setup:active). Full ownership. */
RtcDtls *rtc_dtls_new(RtcDtlsIdentity *identity, bool client, RtcDtlsSend send, void *data);
void rtc_dtls_free(RtcDtls *dtls);

/* 1: the handshake is done (or was), 0: goes on, -EPROTO: failed. */
int rtc_dtls_start(RtcDtls *dtls); // client: the first flight
int rtc_dtls_recv(RtcDtls *dtls, const uint8_t *bytes, size_t size);
/* Sends again what is due, by OpenSSL's own clock; to be called every 50 to 100 ms. */
int rtc_dtls_timeout(RtcDtls *dtls);

/* After the handshake: the peer's certificate is the one of its SDP. */
bool rtc_dtls_verify(const RtcDtls *dtls, const RtcFingerprint *fingerprint);
/* The keys of what we send and of what we receive. 0, or -EPROTO where no profile was agreed. */
int rtc_dtls_export(const RtcDtls *dtls, RtcSrtpMaster *out_send, RtcSrtpMaster *out_receive);

/* The close_notify record, written but not sent: it can be kept when the object (75 KB) is freed.
 * Its size; 0 where there is none. Nothing else may be sent after it. */
size_t rtc_dtls_farewell(RtcDtls *dtls, uint8_t out[RTC_DTLS_FAREWELL_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcDtlsIdentity, rtc_dtls_identity_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcDtls, rtc_dtls_free)
