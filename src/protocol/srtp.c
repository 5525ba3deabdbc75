// SPDX-License-Identifier: GPL-3.0-or-later
// Encrypts SRTP and SRTCP (RFC 3711, RFC 7714) without allocation. SHA_CTX can be copied by
// assignment; EVP_MD_CTX_copy_ex() allocates.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "protocol/srtp.h"

#include "base/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#define GCM_TAG_BYTES 16
#define GCM_IV_BYTES 12
#define CM_TAG_BYTES 10
#define SHA1_BLOCK_BYTES 64
#define RTCP_CLEAR_BYTES 8 // header and SSRC
#define RTCP_E_BIT 0x80000000u

enum { // RFC 3711 4.3.2
    LABEL_RTP_CIPHER = 0,
    LABEL_RTP_AUTH = 1,
    LABEL_RTP_SALT = 2,
    LABEL_RTCP_CIPHER = 3,
    LABEL_RTCP_AUTH = 4,
    LABEL_RTCP_SALT = 5,
};

typedef struct {
    EVP_CIPHER_CTX *cipher;
    uint8_t salt[PROTOCOL_SRTP_MAX_SALT_BYTES];
    SHA_CTX inner, outer; // after the key block (RFC 2104), saving two blocks per packet
} Keys;

#define TAG_MASK (PROTOCOL_SRTP_KEPT_TAGS - 1)
G_STATIC_ASSERT((PROTOCOL_SRTP_KEPT_TAGS & TAG_MASK) == 0);

/* Tag prefixes of recent packets detect different packets of one index. */
typedef struct {
    uint32_t ssrc;
    uint64_t next;  // unused from here on
    uint32_t *tags; // by low bits of the index; 0: unused
} Stream;

struct ProtocolSrtpOut {
    ProtocolSrtpProfile profile;
    uint32_t rtcp_index; // next
    unsigned n_streams;
    Stream streams[PROTOCOL_SRTP_MAX_STREAMS];
    Keys rtp, rtcp;
};

size_t protocol_srtp_salt_bytes(ProtocolSrtpProfile profile)
{
    return profile == PROTOCOL_SRTP_GCM ? 12 : 14;
}

void protocol_srtp_derive(const ProtocolSrtpMaster *master, uint8_t label, uint8_t *out,
                          size_t size)
{
    // label XOR salt, times 2^16; pads 12-byte salts (RFC 7714 11)
    uint8_t iv[16] = {0};
    memcpy(iv, master->salt, protocol_srtp_salt_bytes(master->profile));
    iv[7] ^= label;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    g_assert(context != NULL); // no memory
    int ok = EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, master->key, iv);
    int written = 0;
    memset(out, 0, size);
    ok = ok && EVP_EncryptUpdate(context, out, &written, out, (int)size);
    EVP_CIPHER_CTX_free(context);
    g_assert(ok && (size_t)written == size);
}

static void hmac_pad(SHA_CTX *context, const uint8_t key[20], uint8_t pad)
{
    uint8_t block[SHA1_BLOCK_BYTES];
    memset(block, pad, sizeof block);
    for (unsigned i = 0; i < 20; i++) {
        block[i] ^= key[i];
    }
    SHA1_Init(context);
    SHA1_Update(context, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
}

static void keys_init(Keys *keys, ProtocolSrtpProfile profile, const ProtocolSrtpSession *session)
{
    keys->cipher = EVP_CIPHER_CTX_new();
    g_assert(keys->cipher != NULL); // no memory
    const EVP_CIPHER *cipher = profile == PROTOCOL_SRTP_GCM ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
    int ok = EVP_EncryptInit_ex(keys->cipher, cipher, NULL, session->cipher, NULL);
    g_assert(ok);
    memcpy(keys->salt, session->salt, sizeof keys->salt);
    hmac_pad(&keys->inner, session->auth, 0x36);
    hmac_pad(&keys->outer, session->auth, 0x5c);
}

ProtocolSrtpOut *protocol_srtp_out_new_session(ProtocolSrtpProfile profile,
                                               const ProtocolSrtpSession *rtp,
                                               const ProtocolSrtpSession *rtcp, uint32_t rtcp_index)
{
    ProtocolSrtpOut *srtp = g_new0(ProtocolSrtpOut, 1);
    srtp->profile = profile;
    srtp->rtcp_index = rtcp_index;
    keys_init(&srtp->rtp, profile, rtp);
    keys_init(&srtp->rtcp, profile, rtcp);
    return srtp;
}

static void derive_session(const ProtocolSrtpMaster *master, uint8_t first,
                           ProtocolSrtpSession *out)
{
    *out = (ProtocolSrtpSession){0};
    protocol_srtp_derive(master, first + LABEL_RTP_CIPHER, out->cipher, sizeof out->cipher);
    protocol_srtp_derive(master, first + LABEL_RTP_AUTH, out->auth, sizeof out->auth);
    protocol_srtp_derive(master, first + LABEL_RTP_SALT, out->salt,
                         protocol_srtp_salt_bytes(master->profile));
}

ProtocolSrtpOut *protocol_srtp_out_new(const ProtocolSrtpMaster *master)
{
    ProtocolSrtpSession rtp, rtcp;
    derive_session(master, LABEL_RTP_CIPHER, &rtp);
    derive_session(master, LABEL_RTCP_CIPHER, &rtcp);
    ProtocolSrtpOut *srtp = protocol_srtp_out_new_session(master->profile, &rtp, &rtcp, 1);
    OPENSSL_cleanse(&rtp, sizeof rtp);
    OPENSSL_cleanse(&rtcp, sizeof rtcp);
    return srtp;
}

void protocol_srtp_prefetch(const ProtocolSrtpOut *srtp)
{
    __builtin_prefetch(srtp);
    __builtin_prefetch((const uint8_t *)srtp + 64);
    __builtin_prefetch((const uint8_t *)srtp + 128);
}

void protocol_srtp_prefetch_keys(const ProtocolSrtpOut *srtp)
{
    const uint8_t *context = (const void *)srtp->rtp.cipher;
    __builtin_prefetch(context);
    __builtin_prefetch(context + 64);
    __builtin_prefetch(context + 128);
}

void protocol_srtp_out_free(ProtocolSrtpOut *srtp)
{
    if (srtp == NULL) {
        return;
    }
    EVP_CIPHER_CTX_free(srtp->rtp.cipher);
    EVP_CIPHER_CTX_free(srtp->rtcp.cipher);
    for (unsigned i = 0; i < srtp->n_streams; i++) {
        g_free(srtp->streams[i].tags);
    }
    OPENSSL_cleanse(srtp, sizeof *srtp);
    g_free(srtp);
}

/* Only a bug can fail; plain packets must never leave. */
static void start(Keys *keys, const uint8_t *iv)
{
    int ok = EVP_EncryptInit_ex(keys->cipher, NULL, NULL, NULL, iv);
    g_assert(ok);
}

/* Without initialisation, worth 100 bytes of encryption. -1: the whole `iv`. */
static void start_gcm(Keys *keys, const uint8_t *iv)
{
    int ok = EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_GCM_SET_IV_FIXED, -1, (void *)iv);
    g_assert(ok);
}

/* `out` NULL: only authenticates. */
static void update(Keys *keys, const uint8_t *in, uint8_t *out, size_t size)
{
    int n;
    int ok = size == 0 || EVP_EncryptUpdate(keys->cipher, out, &n, in, (int)size);
    g_assert(ok);
}

static void gcm_tag(Keys *keys, uint8_t *out)
{
    int n;
    uint8_t none[16];
    int ok = EVP_EncryptFinal_ex(keys->cipher, none, &n);
    ok = ok && EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES, out);
    g_assert(ok);
}

static void hmac_tag(const Keys *keys, const uint8_t *data, size_t size, const uint8_t *more,
                     size_t more_size, uint8_t *out)
{
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA_CTX context = keys->inner;
    SHA1_Update(&context, data, size);
    SHA1_Update(&context, more, more_size);
    SHA1_Final(digest, &context);
    context = keys->outer;
    SHA1_Update(&context, digest, sizeof digest);
    SHA1_Final(digest, &context);
    memcpy(out, digest, CM_TAG_BYTES);
}

/* RFC 7714 8.1, 9.1: 00 00 | SSRC | ROC and SEQ, XOR salt. */
static void gcm_iv(const Keys *keys, const uint8_t *ssrc, uint64_t index, uint8_t *iv)
{
    iv[0] = iv[1] = 0;
    memcpy(iv + 2, ssrc, 4);
    base_put_uint(iv + 6, index, 6);
    for (unsigned i = 0; i < GCM_IV_BYTES; i++) {
        iv[i] ^= keys->salt[i];
    }
}

/* RFC 3711 4.1.1: salt x 2^16 XOR SSRC x 2^64 XOR index x 2^16. */
static void cm_iv(const Keys *keys, const uint8_t *ssrc, uint64_t index, uint8_t *iv)
{
    memset(iv, 0, 16);
    memcpy(iv + 4, ssrc, 4);
    base_put_uint(iv + 8, index, 6);
    for (unsigned i = 0; i < 14; i++) {
        iv[i] ^= keys->salt[i];
    }
}

static Stream *stream_of(ProtocolSrtpOut *srtp, uint32_t ssrc, uint64_t index)
{
    for (unsigned i = 0; i < srtp->n_streams; i++) {
        if (srtp->streams[i].ssrc == ssrc) {
            return &srtp->streams[i];
        }
    }
    g_assert(srtp->n_streams < PROTOCOL_SRTP_MAX_STREAMS);
    Stream *stream = &srtp->streams[srtp->n_streams++];
    *stream =
        (Stream){.ssrc = ssrc, .next = index, .tags = g_new0(uint32_t, PROTOCOL_SRTP_KEPT_TAGS)};
    return stream;
}

/* An index must not carry two different packets. */
static void check_reuse(Stream *stream, uint64_t index, const uint8_t *tag)
{
    uint32_t prefix = base_get_u32(tag) | 1;
    if (index >= stream->next + PROTOCOL_SRTP_KEPT_TAGS) {
        stream->next = index - TAG_MASK;
    }
    for (; stream->next <= index; stream->next++) {
        stream->tags[stream->next & TAG_MASK] = 0;
    }
    g_assert(stream->next - index <= PROTOCOL_SRTP_KEPT_TAGS);
    uint32_t *place = &stream->tags[index & TAG_MASK];
    g_assert(*place == 0 || *place == prefix);
    *place = prefix;
}

size_t protocol_srtp_protect(ProtocolSrtpOut *srtp, uint64_t index, size_t header_size,
                             const uint8_t *prefix, size_t prefix_size, const uint8_t *payload,
                             size_t size, uint8_t *out)
{
    Keys *keys = &srtp->rtp;
    bool gcm = srtp->profile == PROTOCOL_SRTP_GCM;
    uint8_t iv[16];
    (gcm ? gcm_iv : cm_iv)(keys, out + 8, index, iv);
    Stream *stream = stream_of(srtp, base_get_u32(out + 8), index);
    __builtin_prefetch(&stream->tags[index & TAG_MASK], 1); // for check_reuse()
    if (gcm) {
        start_gcm(keys, iv);
        update(keys, out, NULL, header_size);
    } else {
        start(keys, iv);
    }
    update(keys, prefix, out + header_size, prefix_size);
    size_t at = header_size + prefix_size;
    update(keys, payload, out + at, size);
    at += size;
    if (gcm) {
        gcm_tag(keys, out + at);
    } else {
        uint8_t roc[4];
        base_put_u32(roc, (uint32_t)(index >> 16));
        hmac_tag(keys, out, at, roc, sizeof roc, out + at);
    }
    check_reuse(stream, index, out + at);
    return at + (gcm ? GCM_TAG_BYTES : CM_TAG_BYTES);
}

size_t protocol_srtp_protect_rtcp(ProtocolSrtpOut *srtp, uint8_t *packet, size_t size)
{
    g_assert(size >= RTCP_CLEAR_BYTES);
    Keys *keys = &srtp->rtcp;
    uint8_t iv[16], word[4];
    uint8_t *body = packet + RTCP_CLEAR_BYTES;
    uint32_t index = srtp->rtcp_index++ & ~RTCP_E_BIT;
    base_put_u32(word, RTCP_E_BIT | index);
    if (srtp->profile == PROTOCOL_SRTP_GCM) { // tag before index (RFC 7714 section 9)
        gcm_iv(keys, packet + 4, index, iv);
        start_gcm(keys, iv);
        update(keys, packet, NULL, RTCP_CLEAR_BYTES);
        update(keys, word, NULL, sizeof word);
        update(keys, body, body, size - RTCP_CLEAR_BYTES);
        gcm_tag(keys, packet + size);
        memcpy(packet + size + GCM_TAG_BYTES, word, sizeof word);
        return size + GCM_TAG_BYTES + sizeof word;
    }
    cm_iv(keys, packet + 4, index, iv);
    start(keys, iv);
    update(keys, body, body, size - RTCP_CLEAR_BYTES);
    memcpy(packet + size, word, sizeof word);
    hmac_tag(keys, packet, size, word, sizeof word, packet + size + sizeof word);
    return size + sizeof word + CM_TAG_BYTES;
}
