// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SRTP and SRTCP. Outgoing: one keyed EVP context per viewer, because its cost does not grow with
// the number of viewers as Debian's libsrtp2 does. Incoming (little): libsrtp2. An object belongs
// to one thread at a time; making and using them allocates nothing per packet.

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTC_SRTP_KEY_BYTES 16
#define RTC_SRTP_MAX_SALT_BYTES 14
#define RTC_SRTP_MAX_TRAILER_BYTES 16  // RTP: the GCM tag
#define RTC_SRTCP_MAX_TRAILER_BYTES 20 // RTCP: tag, E bit and index
#define RTC_RTP_HEADER_BYTES 12
#define RTC_RTP_MAX_HEADER_BYTES 20 // with an extension of one word
#define RTC_SRTP_MAX_STREAMS 4      // SSRCs under one key
#define RTC_SRTP_SEALS 512          // how far back a packet may be sent again; a power of two

typedef enum {
    RTC_SRTP_GCM, // AEAD_AES_128_GCM (RFC 7714)
    RTC_SRTP_CM,  // AES_128_CM_HMAC_SHA1_80 (RFC 3711)
} RtcSrtpProfile;

/* One direction's master key (RFC 5764 4.2). */
typedef struct {
    RtcSrtpProfile profile;
    uint8_t key[RTC_SRTP_KEY_BYTES];
    uint8_t salt[RTC_SRTP_MAX_SALT_BYTES]; // 12 bytes in GCM
} RtcSrtpMaster;

size_t rtc_srtp_salt_bytes(RtcSrtpProfile profile);

/* RFC 3711 4.3.1 with a key derivation rate of 0: `size` bytes of the session key that `label`
 * names. */
void rtc_srtp_derive(const RtcSrtpMaster *master, uint8_t label, uint8_t *out, size_t size);

typedef struct {
    uint8_t cipher[RTC_SRTP_KEY_BYTES];
    uint8_t salt[RTC_SRTP_MAX_SALT_BYTES];
    uint8_t auth[20]; // CM only
} RtcSrtpSession;

typedef struct RtcSrtpOut RtcSrtpOut;

/* Full ownership. */
RtcSrtpOut *rtc_srtp_out_new(const RtcSrtpMaster *master);
/* With session keys that are already derived (the RFC's vectors are such). */
RtcSrtpOut *rtc_srtp_out_new_session(RtcSrtpProfile profile, const RtcSrtpSession *rtp,
                                     const RtcSrtpSession *rtcp, uint32_t rtcp_index);
void rtc_srtp_out_free(RtcSrtpOut *srtp);

/* Between two pictures a viewer's keys go out of the caches: fetches them ahead of their use, first
 * the one, some packets later the other. */
void rtc_srtp_expect(const RtcSrtpOut *srtp);
void rtc_srtp_expect_soon(const RtcSrtpOut *srtp);

/* Encrypts `prefix` (which may be NULL where its size is 0) and `payload` behind the header of
 * `header_size` bytes, no CSRC, that stands at `out`, and appends the tag; an extension is part of
 * the header: authenticated, in the clear. `index` is roll-over counter and sequence number (48
 * bits). `out` has room for all of it and RTC_SRTP_MAX_TRAILER_BYTES. The packet's size. */
size_t rtc_srtp_protect(RtcSrtpOut *srtp, uint64_t index, size_t header_size, const uint8_t *prefix,
                        size_t prefix_size, const uint8_t *payload, size_t size, uint8_t *out);

/* In place; room for RTC_SRTCP_MAX_TRAILER_BYTES behind it. The packet's size. */
size_t rtc_srtp_protect_rtcp(RtcSrtpOut *srtp, uint8_t *packet, size_t size);

typedef struct RtcSrtpIn RtcSrtpIn;

/* Full ownership. */
RtcSrtpIn *rtc_srtp_in_new(const RtcSrtpMaster *master);
void rtc_srtp_in_free(RtcSrtpIn *srtp);

/* Authenticates and decrypts one SRTCP packet in place, against its replay window, from at most
 * RTC_SRTP_MAX_SENDERS sender SSRCs. The plain size, or -EBADMSG. */
#define RTC_SRTP_MAX_SENDERS 8
int rtc_srtp_unprotect_rtcp(RtcSrtpIn *srtp, uint8_t *packet, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcSrtpOut, rtc_srtp_out_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcSrtpIn, rtc_srtp_in_free)
