// SPDX-License-Identifier: GPL-3.0-or-later
// Decrypts incoming SRTP and SRTCP with libsrtp2.
#include "protocol/srtp.h"

#include "base/bytes.h"
#include "base/error.h"

#include <errno.h>
#include <pthread.h>
#include <srtp2/srtp.h>

#define REPLAY_WINDOW 1024 // packets: a publisher repeats late ones

struct ProtocolSrtpIn {
    srtp_t session;
    size_t trailer_bytes;
    uint32_t senders[PROTOCOL_SRTP_MAX_SENDERS]; // authenticated SSRCs
    unsigned n_senders;
};

/* The first session loads NSS's libraries. */
static bool try_session(void)
{
    uint8_t key[PROTOCOL_SRTP_KEY_BYTES + PROTOCOL_SRTP_MAX_SALT_BYTES] = {0};
    srtp_policy_t policy = {
        .ssrc = {.type = ssrc_any_inbound}, .key = key, .window_size = REPLAY_WINDOW};
    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    srtp_t session;
    return srtp_create(&session, &policy) == srtp_err_status_ok &&
           srtp_dealloc(session) == srtp_err_status_ok;
}

bool protocol_srtp_init(GError **error)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static bool ready;
    pthread_mutex_lock(&mutex);
    ready = ready || (srtp_init() == srtp_err_status_ok && try_session());
    bool good = ready;
    pthread_mutex_unlock(&mutex);
    if (!good) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "libsrtp2 cannot be used (it opens files of NSS): look at the limit of open "
                    "files (LimitNOFILE) and at the memory, and start again");
    }
    return good;
}

ProtocolSrtpIn *protocol_srtp_in_new(const ProtocolSrtpMaster *master)
{
    bool ready = protocol_srtp_init(NULL);
    g_assert(ready);
    uint8_t key[PROTOCOL_SRTP_KEY_BYTES + PROTOCOL_SRTP_MAX_SALT_BYTES];
    memcpy(key, master->key, PROTOCOL_SRTP_KEY_BYTES);
    memcpy(key + PROTOCOL_SRTP_KEY_BYTES, master->salt, PROTOCOL_SRTP_MAX_SALT_BYTES);
    srtp_policy_t policy = {
        .ssrc = {.type = ssrc_any_inbound}, .key = key, .window_size = REPLAY_WINDOW};
    if (master->profile == PROTOCOL_SRTP_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    srtp_t session;
    if (srtp_create(&session, &policy) != srtp_err_status_ok) {
        return NULL;
    }
    ProtocolSrtpIn *srtp = g_new0(ProtocolSrtpIn, 1);
    srtp->session = session;
    srtp->trailer_bytes = master->profile == PROTOCOL_SRTP_GCM ? 16 + 4 : 10 + 4;
    return srtp;
}

void protocol_srtp_in_free(ProtocolSrtpIn *srtp)
{
    if (srtp != NULL) {
        srtp_dealloc(srtp->session);
        g_free(srtp);
    }
}

static bool known(const ProtocolSrtpIn *srtp, uint32_t sender)
{
    for (unsigned i = 0; i < srtp->n_senders; i++) {
        if (srtp->senders[i] == sender) {
            return true;
        }
    }
    return false;
}

/* libsrtp2 keeps state per sender. */
static int unprotect(ProtocolSrtpIn *srtp, uint32_t sender, uint8_t *packet, size_t size,
                     srtp_err_status_t (*decrypt)(srtp_t, void *, int *))
{
    bool is_known = known(srtp, sender);
    if (!is_known && srtp->n_senders == PROTOCOL_SRTP_MAX_SENDERS) {
        return -EBADMSG;
    }
    int plain = (int)size;
    if (decrypt(srtp->session, packet, &plain) != srtp_err_status_ok) {
        return -EBADMSG;
    }
    if (!is_known) {
        srtp->senders[srtp->n_senders++] = sender;
    }
    return plain;
}

int protocol_srtp_unprotect_rtcp(ProtocolSrtpIn *srtp, uint8_t *packet, size_t size)
{
    if (size < 8 + srtp->trailer_bytes || size > INT16_MAX) {
        return -EBADMSG;
    }
    return unprotect(srtp, base_get_u32(packet + 4), packet, size, srtp_unprotect_rtcp);
}

/* RFC 3550 A.1. */
static bool is_rtp(const uint8_t *packet, size_t size)
{
    size_t at = PROTOCOL_RTP_HEADER_BYTES + 4 * (size_t)(packet[0] & 0x0f);
    if ((packet[0] & 0x10) != 0) { // extension
        if (at + 4 > size) {
            return false;
        }
        at += 4 + 4 * (size_t)base_get_u16(packet + at + 2);
    }
    bool padded = (packet[0] & 0x20) != 0;
    if (at > size || (padded && at == size)) {
        return false;
    }
    uint8_t padding = padded ? packet[size - 1] : 0;
    return packet[0] >> 6 == 2 && (!padded || (padding > 0 && at + padding <= size));
}

int protocol_srtp_unprotect(ProtocolSrtpIn *srtp, uint8_t *packet, size_t size)
{
    if (size < PROTOCOL_RTP_HEADER_BYTES + srtp->trailer_bytes - 4 || size > INT16_MAX) {
        return -EBADMSG;
    }
    int plain = unprotect(srtp, base_get_u32(packet + 8), packet, size, srtp_unprotect);
    return plain >= PROTOCOL_RTP_HEADER_BYTES && is_rtp(packet, (size_t)plain) ? plain : -EBADMSG;
}
