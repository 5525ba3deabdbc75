// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// DTLS-SRTP (RFC 5764) on OpenSSL, sans-I/O.

#include "protocol/srtp.h"

#define PROTOCOL_DTLS_MTU 1172
#define PROTOCOL_DTLS_CLOSE_NOTIFY_BYTES 128
#define PROTOCOL_MAX_DIGEST_BYTES 64

/* RFC 8122 5 */
typedef struct {
    enum { PROTOCOL_SHA256, PROTOCOL_SHA384, PROTOCOL_SHA512 } hash;
    uint8_t digest[PROTOCOL_MAX_DIGEST_BYTES];
    size_t size;
} ProtocolFingerprint;

typedef struct ProtocolDtlsIdentity ProtocolDtlsIdentity;

/* Self-signed P-256 certificate, for all peers of a server. */
ProtocolDtlsIdentity *protocol_dtls_identity_new(GError **error);
void protocol_dtls_identity_free(ProtocolDtlsIdentity *identity);
/* "sha-256 AB:CD:…", borrowed. */
const char *protocol_dtls_identity_text(const ProtocolDtlsIdentity *identity);
void protocol_dtls_identity_fingerprint(const ProtocolDtlsIdentity *identity,
                                        ProtocolFingerprint *out);

typedef struct ProtocolDtls ProtocolDtls;
typedef void (*ProtocolDtlsSend)(void *data, const uint8_t *bytes, size_t size);

/* `client`: sends the ClientHello. */
ProtocolDtls *protocol_dtls_new(ProtocolDtlsIdentity *identity, bool client, ProtocolDtlsSend send,
                                void *data);
void protocol_dtls_free(ProtocolDtls *dtls);

/* 1: done; 0: continues; -EPROTO: failed. */
int protocol_dtls_start(ProtocolDtls *dtls); // client only
int protocol_dtls_recv(ProtocolDtls *dtls, const uint8_t *bytes, size_t size);
/* Retransmits; call every 50 to 100 ms. */
int protocol_dtls_timeout(ProtocolDtls *dtls);

/* Checks the peer's certificate after the handshake. */
bool protocol_dtls_verify(const ProtocolDtls *dtls, const ProtocolFingerprint *fingerprint);
/* 0, or -EPROTO without an SRTP profile. */
int protocol_dtls_export(const ProtocolDtls *dtls, ProtocolSrtpMaster *out_send,
                         ProtocolSrtpMaster *out_receive);

/* Writes the last record, close_notify, to send after freeing the 75 KB object. Its size, or 0. */
size_t protocol_dtls_close_notify(ProtocolDtls *dtls,
                                  uint8_t out[PROTOCOL_DTLS_CLOSE_NOTIFY_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProtocolDtlsIdentity, protocol_dtls_identity_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProtocolDtls, protocol_dtls_free)
