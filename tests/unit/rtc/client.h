// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The remote peer: ICE by hand, DTLS by OpenSSL, SRTP by libsrtp2. Shares only base/bytes.h with
// src/rtc.

#include "rtc/rtc.h"

#include <openssl/ssl.h>
#include <srtp2/srtp.h>

typedef struct {
    uint32_t ssrc, time;
    uint16_t sequence;
    uint8_t format;
    bool marker;
    size_t size;
    uint8_t payload[1400];
} ClientPacket;

typedef struct {
    char ufrag[32], pwd[64]; // ours
    EVP_PKEY *key;
    X509 *certificate;
    char *fingerprint;
    // from the answer
    char their_ufrag[64], their_pwd[64], *their_fingerprint;
    uint16_t port;
    uint32_t audio_ssrc, video_ssrc;
    // running
    int fd;
    bool tcp;
    uint8_t stream[64 * 1024]; // TCP: an incomplete frame
    size_t stream_size;
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
    srtp_t receive, send;
    uint8_t receive_key[30];
    bool checked; // received a STUN success
    bool keyed;   // DTLS done
    bool closed;  // received close_notify
    unsigned stun_errors, bad, reports, byes;
    uint64_t ntp[2]; // last report: audio, video
    uint32_t rtp_time[2];
    unsigned long profile;
    GArray *packets; // ClientPacket
} Client;

Client *client_new(void);
void client_free(Client *client);

/* recvonly Opus and H.264, bundled. */
char *client_offer(const Client *client);
/* Uses TCP (RFC 4571). Call before client_answer(). */
void client_use_tcp(Client *client);
void client_take_answer(Client *client, const char *sdp);

/* Writes a binding request. Returns its size. */
size_t client_check_bytes(const char *username, const char *password, bool nominate, uint8_t *out);
void client_check(Client *client);

/* `profiles`: OpenSSL's names. */
void client_start_dtls(Client *client, const char *profiles);

/* Receives for `ms`, or until `n_packets` RTP packets came (0: no limit). */
void client_run(Client *client, unsigned ms, unsigned n_packets);

/* Encrypts and sends an RTCP compound. */
void client_send_rtcp(Client *client, const uint8_t *bytes, size_t size);
/* RR and a feedback packet with a 4-byte word after the optional media SSRC. */
void client_send_feedback(Client *client, uint8_t type, uint8_t format, uint32_t media,
                          const uint32_t *word);
void client_send_raw(Client *client, const void *bytes, size_t size);

/* A new receiving context accepts packets again. */
void client_forget_replays(Client *client);

unsigned client_count(const Client *client, uint32_t ssrc);
