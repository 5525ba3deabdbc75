// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SRTP and SRTCP. Outgoing: an EVP context per viewer; unlike Debian's libsrtp2, constant cost with
// more viewers. Incoming: libsrtp2. One thread at a time; no allocation per packet.

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_SRTP_KEY_BYTES 16
#define PROTOCOL_SRTP_MAX_SALT_BYTES 14
#define PROTOCOL_SRTP_MAX_TRAILER_BYTES 16  // GCM tag
#define PROTOCOL_SRTCP_MAX_TRAILER_BYTES 20 // tag, E bit and index
#define PROTOCOL_RTP_HEADER_BYTES 12
#define PROTOCOL_RTP_MAX_HEADER_BYTES 20 // with one extension word
#define PROTOCOL_SRTP_MAX_STREAMS 4      // SSRCs per key
#define PROTOCOL_SRTP_KEPT_TAGS 512      // resend window; power of two

typedef enum {
    PROTOCOL_SRTP_GCM, // AEAD_AES_128_GCM (RFC 7714)
    PROTOCOL_SRTP_CM,  // AES_128_CM_HMAC_SHA1_80 (RFC 3711)
} ProtocolSrtpProfile;

/* Of one direction (RFC 5764 4.2). */
typedef struct {
    ProtocolSrtpProfile profile;
    uint8_t key[PROTOCOL_SRTP_KEY_BYTES];
    uint8_t salt[PROTOCOL_SRTP_MAX_SALT_BYTES]; // GCM: 12 bytes
} ProtocolSrtpMaster;

size_t protocol_srtp_salt_bytes(ProtocolSrtpProfile profile);

/* RFC 3711 4.3.1, without key derivation rate. */
void protocol_srtp_derive(const ProtocolSrtpMaster *master, uint8_t label, uint8_t *out,
                          size_t size);

typedef struct {
    uint8_t cipher[PROTOCOL_SRTP_KEY_BYTES];
    uint8_t salt[PROTOCOL_SRTP_MAX_SALT_BYTES];
    uint8_t auth[20]; // CM only
} ProtocolSrtpSession;

typedef struct ProtocolSrtpOut ProtocolSrtpOut;

ProtocolSrtpOut *protocol_srtp_out_new(const ProtocolSrtpMaster *master);
/* For the RFCs' test vectors. */
ProtocolSrtpOut *protocol_srtp_out_new_session(ProtocolSrtpProfile profile,
                                               const ProtocolSrtpSession *rtp,
                                               const ProtocolSrtpSession *rtcp,
                                               uint32_t rtcp_index);
void protocol_srtp_out_free(ProtocolSrtpOut *srtp);

/* Prefetch the keys: the first call, then some packets later the second. */
void protocol_srtp_prefetch(const ProtocolSrtpOut *srtp);
void protocol_srtp_prefetch_keys(const ProtocolSrtpOut *srtp);

/* Encrypts `prefix` (nullable) and `payload` after the header at `out` (no CSRC); appends the tag,
 * at most PROTOCOL_SRTP_MAX_TRAILER_BYTES. `index`: roll-over counter and sequence number. Returns
 * the size. */
size_t protocol_srtp_protect(ProtocolSrtpOut *srtp, uint64_t index, size_t header_size,
                             const uint8_t *prefix, size_t prefix_size, const uint8_t *payload,
                             size_t size, uint8_t *out);

/* In place, plus at most PROTOCOL_SRTCP_MAX_TRAILER_BYTES. Returns the size. */
size_t protocol_srtp_protect_rtcp(ProtocolSrtpOut *srtp, uint8_t *packet, size_t size);

typedef struct ProtocolSrtpIn ProtocolSrtpIn;

/* Once, before peers come: libsrtp2 opens files. Any thread. */
bool protocol_srtp_init(GError **error);

/* Calls protocol_srtp_init(); the program ends where it fails. NULL: the system is short of memory or
 * random bytes. */
ProtocolSrtpIn *protocol_srtp_in_new(const ProtocolSrtpMaster *master);
void protocol_srtp_in_free(ProtocolSrtpIn *srtp);

/* Decrypts in place if authentic, new, and of at most PROTOCOL_SRTP_MAX_SENDERS senders. Returns
 * the size or -EBADMSG. */
#define PROTOCOL_SRTP_MAX_SENDERS 8
int protocol_srtp_unprotect_rtcp(ProtocolSrtpIn *srtp, uint8_t *packet, size_t size);
/* The same for RTP; the result is well-formed: header, extension and padding fit (RFC 3550 A.1). */
int protocol_srtp_unprotect(ProtocolSrtpIn *srtp, uint8_t *packet, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProtocolSrtpOut, protocol_srtp_out_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProtocolSrtpIn, protocol_srtp_in_free)
