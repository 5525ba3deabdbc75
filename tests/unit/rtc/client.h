// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The other end for the tests: ICE by hand, DTLS by OpenSSL, SRTP both ways by libsrtp2. Shares no
// code with src/rtc but the bytes' helpers.

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
    uint8_t stream[64 * 1024]; // over TCP: what came and is no frame yet
    size_t stream_size;
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
    srtp_t receive, send;
    uint8_t receive_key[30];
    bool checked; // a STUN success came
    bool keyed;   // DTLS done
    bool closed;  // close_notify came
    unsigned stun_errors, bad, reports, byes;
    uint64_t ntp[2]; // of the last report: audio, video
    uint32_t rtp_time[2];
    unsigned long profile;
    GArray *packets; // ClientPacket
} Client;

Client *client_new(void);
void client_free(Client *client);

/* recvonly Opus and H.264 in one bundle. Full ownership. */
char *client_offer(const Client *client);
/* Over TCP (RFC 4571) to the same port number. Before the answer. */
void client_use_tcp(Client *client);
void client_take_answer(Client *client, const char *sdp);

/* A binding request for these credentials, to be sent to the server. Its size. */
size_t client_check_bytes(const char *username, const char *password, bool nominate, uint8_t *out);
void client_check(Client *client);

/* `profiles` in OpenSSL's names. */
void client_start_dtls(Client *client, const char *profiles);

/* Takes what comes for `ms`, or until `n_packets` RTP packets are there (0: no such end). */
void client_run(Client *client, unsigned ms, unsigned n_packets);

/* Encrypts and sends an RTCP compound. */
void client_send_rtcp(Client *client, const uint8_t *bytes, size_t size);
/* RR followed by a feedback packet of one 4-byte word behind the media SSRC, or without it. */
void client_send_feedback(Client *client, uint8_t type, uint8_t format, uint32_t media,
                          const uint32_t *word);
void client_send_raw(Client *client, const void *bytes, size_t size);

/* A fresh receiving context: what was received once is accepted again. */
void client_forget_replays(Client *client);

unsigned client_count(const Client *client, uint32_t ssrc);
