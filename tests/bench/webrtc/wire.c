// SPDX-License-Identifier: GPL-3.0-or-later
// SDP, STUN and RTCP of a viewer of the load program.
#include "load.h"

#include <arpa/inet.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define STUN_COOKIE 0x2112a442
#define TWCC_URI "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

/* SDP */

static void put_transport(GString *sdp, const char *ufrag, const char *pwd, const char *fingerprint,
                          const char *role)
{
    g_string_append_printf(sdp,
                           "c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
                           "a=fingerprint:%s\r\na=setup:%s\r\n",
                           ufrag, pwd, fingerprint, role);
}

char *wire_offer(const char *ufrag, const char *pwd, const char *fingerprint,
                 const OfferOptions *options)
{
    GString *sdp = g_string_new(NULL);
    const char *extension = options->twcc ? "a=extmap:3 " TWCC_URI "\r\n" : "";
    g_string_printf(sdp, "v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", g_random_int());
    g_string_append(sdp, "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n");
    put_transport(sdp, ufrag, pwd, fingerprint, "actpass");
    g_string_append_printf(sdp, "a=recvonly\r\n%sa=rtpmap:111 opus/48000/2\r\n", extension);
    g_string_append(sdp, "a=fmtp:111 minptime=10;useinbandfec=1\r\n");
    if (options->twcc) {
        g_string_append(sdp, "a=rtcp-fb:111 transport-cc\r\n");
    }
    g_string_append_printf(sdp, "m=video 9 UDP/TLS/RTP/SAVPF 102%s\r\na=mid:1\r\n",
                           options->rtx ? " 103" : "");
    put_transport(sdp, ufrag, pwd, fingerprint, "actpass");
    g_string_append_printf(sdp, "a=recvonly\r\n%sa=rtpmap:102 H264/90000\r\n", extension);
    g_string_append(sdp, "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;"
                         "profile-level-id=42e01f\r\na=rtcp-fb:102 nack pli\r\n"
                         "a=rtcp-fb:102 ccm fir\r\n");
    const struct {
        bool on;
        const char *text;
    } more[] = {{options->nack, "a=rtcp-fb:102 nack\r\n"},
                {options->twcc, "a=rtcp-fb:102 transport-cc\r\n"},
                {options->remb, "a=rtcp-fb:102 goog-remb\r\n"},
                {options->rtx, "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(more); i++) {
        g_string_append(sdp, more[i].on ? more[i].text : "");
    }
    return g_string_free(sdp, FALSE);
}

static void put_answer_media(GString *sdp, const Remote *remote, bool audio, const char *ufrag,
                             const char *pwd, const char *fingerprint)
{
    int format = audio ? remote->audio : remote->video;
    g_string_append_printf(sdp, "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\na=mid:%s\r\n",
                           audio ? "audio" : "video", format, remote->mid[audio ? 0 : 1]);
    put_transport(sdp, ufrag, pwd, fingerprint, "active");
    g_string_append_printf(sdp, "a=recvonly\r\na=rtpmap:%d %s\r\n", format,
                           audio ? "opus/48000/2" : "H264/90000");
    if (!audio) {
        g_string_append_printf(sdp,
                               "a=fmtp:%d %s\r\na=rtcp-fb:%d nack\r\na=rtcp-fb:%d nack pli\r\n",
                               format, remote->video_format, format, format);
    }
}

char *wire_answer(const Remote *remote, const char *ufrag, const char *pwd, const char *fingerprint)
{
    GString *sdp = g_string_new("v=0\r\no=- 3 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
    bool first = remote->audio_first;
    g_string_append_printf(sdp, "a=group:BUNDLE %s %s\r\n", remote->mid[first ? 0 : 1],
                           remote->mid[first ? 1 : 0]);
    put_answer_media(sdp, remote, first, ufrag, pwd, fingerprint);
    put_answer_media(sdp, remote, !first, ufrag, pwd, fingerprint);
    return g_string_free(sdp, FALSE);
}

static const char *after(const char *line, const char *prefix)
{
    return g_str_has_prefix(line, prefix) ? line + strlen(prefix) : NULL;
}

static void read_candidate(const char *text, Remote *out)
{
    char transport[16], address[64];
    unsigned port;
    if (out->address.sin_port == 0 &&
        sscanf(text, "%*s 1 %15s %*u %63s %u", transport, address, &port) == 3 &&
        g_ascii_strcasecmp(transport, "udp") == 0 &&
        inet_pton(AF_INET, address, &out->address.sin_addr) == 1) {
        out->address.sin_family = AF_INET;
        out->address.sin_port = htons((uint16_t)port);
    }
}

static void read_codec(const char *text, Remote *out)
{
    int format = atoi(text);
    const char *name = strchr(text, ' ') != NULL ? strchr(text, ' ') + 1 : "";
    if (g_ascii_strncasecmp(name, "opus/", 5) == 0) {
        out->audio = format;
    } else if (g_ascii_strncasecmp(name, "H264/", 5) == 0) {
        out->video = format;
    } else if (g_ascii_strncasecmp(name, "rtx/", 4) == 0) {
        out->rtx = format;
    }
}

static void read_line(const char *line, bool audio, Remote *out)
{
    const char *value;
    if ((value = after(line, "a=ice-ufrag:")) != NULL) {
        g_strlcpy(out->ufrag, value, sizeof out->ufrag);
    } else if ((value = after(line, "a=ice-pwd:")) != NULL) {
        g_strlcpy(out->pwd, value, sizeof out->pwd);
    } else if ((value = after(line, "a=fingerprint:")) != NULL) {
        g_strlcpy(out->fingerprint, value, sizeof out->fingerprint);
    } else if ((value = after(line, "a=setup:")) != NULL) {
        out->active = g_str_equal(value, "active");
    } else if ((value = after(line, "a=candidate:")) != NULL) {
        read_candidate(value, out);
    } else if ((value = after(line, "a=rtpmap:")) != NULL) {
        read_codec(value, out);
    } else if ((value = after(line, "a=mid:")) != NULL) {
        g_strlcpy(out->mid[audio ? 0 : 1], value, sizeof out->mid[0]);
    } else if ((value = after(line, "a=fmtp:")) != NULL && atoi(value) == out->video) {
        const char *words = strchr(value, ' ');
        g_strlcpy(out->video_format, words != NULL ? words + 1 : "", sizeof out->video_format);
    } else if ((value = after(line, "a=extmap:")) != NULL && strstr(value, TWCC_URI) != NULL) {
        out->twcc = (unsigned)atoi(value);
    }
}

bool wire_read_sdp(const char *sdp, Remote *out)
{
    *out = (Remote){.audio = -1, .video = -1, .rtx = -1};
    g_auto(GStrv) lines = g_strsplit(sdp, "\n", -1);
    bool audio = false, any = false;
    for (char **line = lines; *line != NULL; line++) {
        g_strchomp(*line);
        if (g_str_has_prefix(*line, "m=")) {
            audio = g_str_has_prefix(*line, "m=audio");
            out->audio_first = out->audio_first || (audio && !any);
            any = true;
        }
        read_line(*line, audio, out);
    }
    return out->ufrag[0] != '\0' && out->pwd[0] != '\0' && out->fingerprint[0] != '\0' &&
           out->address.sin_port != 0 && out->video >= 0;
}

/* STUN (RFC 8489) */

static uint32_t crc32_of(const uint8_t *data, size_t size)
{
    static uint32_t table[256];
    for (unsigned i = 0; table[255] == 0 && i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) {
            value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
        }
        table[i] = value;
    }
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    }
    return ~crc;
}

static size_t put_attribute(uint8_t *message, size_t at, uint16_t type, const void *value,
                            size_t size)
{
    size_t padded = (size + 3) / 4 * 4;
    base_put_u16(message + at, type);
    base_put_u16(message + at + 2, (uint16_t)size);
    memset(message + at + 4, 0, padded);
    if (size > 0) {
        memcpy(message + at + 4, value, size);
    }
    return at + 4 + padded;
}

/* MESSAGE-INTEGRITY and FINGERPRINT, each over a length that counts itself. */
static size_t seal(uint8_t *message, size_t at, const char *password)
{
    uint8_t mac[20], crc[4];
    base_put_u16(message + 2, (uint16_t)(at + 24 - 20));
    HMAC(EVP_sha1(), password, (int)strlen(password), message, at, mac, NULL);
    at = put_attribute(message, at, 0x0008, mac, sizeof mac);
    base_put_u16(message + 2, (uint16_t)(at + 8 - 20));
    base_put_u32(crc, crc32_of(message, at) ^ 0x5354554e);
    return put_attribute(message, at, 0x8028, crc, sizeof crc);
}

static void start_message(uint8_t *message, uint16_t type, const uint8_t transaction[12])
{
    base_put_u16(message, type);
    base_put_u32(message + 4, STUN_COOKIE);
    memcpy(message + 8, transaction, 12);
}

size_t wire_check(const char *username, const char *password, const uint8_t transaction[12],
                  uint8_t out[STUN_BYTES])
{
    const uint8_t priority[4] = {0x6e, 0x7f, 0x1e, 0xff}, tie_breaker[8] = {1, 2, 3, 4};
    start_message(out, 0x0001, transaction);
    size_t at = put_attribute(out, 20, 0x0006, username, strlen(username));
    at = put_attribute(out, at, 0x0024, priority, sizeof priority);
    at = put_attribute(out, at, 0x802a, tie_breaker, sizeof tie_breaker); // ICE-CONTROLLING
    at = put_attribute(out, at, 0x0025, NULL, 0);                         // USE-CANDIDATE
    return seal(out, at, password);
}

size_t wire_check_answer(const uint8_t *request, const char *password,
                         const struct sockaddr_in *from, uint8_t out[STUN_BYTES])
{
    uint8_t mapped[8] = {0, 1};
    base_put_u16(mapped + 2, (uint16_t)(ntohs(from->sin_port) ^ STUN_COOKIE >> 16));
    base_put_u32(mapped + 4, ntohl(from->sin_addr.s_addr) ^ STUN_COOKIE);
    start_message(out, 0x0101, request + 8);
    return seal(out, put_attribute(out, 20, 0x0020, mapped, sizeof mapped), password);
}

/* RTCP (RFC 3550, 4585) */

static size_t put_head(uint8_t *out, uint8_t count, uint8_t type, size_t size, uint32_t from)
{
    out[0] = (uint8_t)(0x80 | count);
    out[1] = type;
    base_put_u16(out + 2, (uint16_t)(size / 4 - 1));
    base_put_u32(out + 4, from);
    return size;
}

static size_t put_cname(uint32_t from, const char *cname, uint8_t *out)
{
    size_t length = strlen(cname), size = (8 + 2 + length + 4) / 4 * 4; // at least one zero
    memset(out, 0, size);
    out[8] = 1;
    out[9] = (uint8_t)length;
    memcpy(out + 10, cname, length);
    return put_head(out, 1, 202, size, from);
}

size_t wire_rr(uint32_t from, const ReportBlock *blocks, unsigned n, const char *cname,
               uint8_t *out)
{
    uint8_t *at = out + 8;
    for (unsigned i = 0; i < n; i++, at += 24) {
        base_put_u32(at, blocks[i].ssrc);
        base_put_u32(at + 4, (uint32_t)blocks[i].fraction << 24 | blocks[i].lost);
        base_put_u32(at + 8, blocks[i].highest);
        base_put_u32(at + 12, blocks[i].jitter);
        base_put_u32(at + 16, blocks[i].last_sr);
        base_put_u32(at + 20, blocks[i].delay);
    }
    size_t size = put_head(out, (uint8_t)n, 201, 8 + 24 * n, from);
    return size + put_cname(from, cname, out + size);
}

size_t wire_nack(uint32_t from, uint32_t media, const uint16_t *sequences, unsigned n, uint8_t *out)
{
    size_t size = 12;
    base_put_u32(out + 8, media);
    for (unsigned i = 0; i < n;) {
        uint16_t first = sequences[i++], mask = 0;
        for (; i < n && (uint16_t)(sequences[i] - first - 1) < 16; i++) {
            mask |= (uint16_t)(1u << (uint16_t)(sequences[i] - first - 1));
        }
        base_put_u16(out + size, first);
        base_put_u16(out + size + 2, mask);
        size += 4;
    }
    return put_head(out, 1, 205, size, from);
}

size_t wire_remb(uint32_t from, uint32_t bits_per_s, const uint32_t *ssrcs, unsigned n,
                 uint8_t *out)
{
    unsigned exponent = 0;
    for (; bits_per_s >> exponent >= 1u << 18; exponent++) {
    }
    base_put_u32(out + 8, 0);
    memcpy(out + 12, "REMB", 4);
    base_put_u32(out + 16, n << 24 | exponent << 18 | bits_per_s >> exponent);
    for (unsigned i = 0; i < n; i++) {
        base_put_u32(out + 20 + 4 * i, ssrcs[i]);
    }
    return put_head(out, 15, 206, 20 + 4 * n, from);
}

size_t wire_bye(uint32_t from, uint8_t *out)
{
    return put_head(out, 1, 203, 8, from);
}

/* Two-bit symbols, seven in a chunk: 0 lost, 1 a delta of one byte, 2 of two. */
size_t wire_twcc(uint32_t from, uint32_t media, uint8_t number, const Arrival *arrivals, unsigned n,
                 uint8_t *out)
{
    uint16_t base = arrivals[0].sequence;
    unsigned count = (uint16_t)(arrivals[n - 1].sequence - base) + 1u;
    int64_t reference = arrivals[0].at_us / 64000, before_us = reference * 64000;
    size_t chunks = (count + 6) / 7, at = 20 + 2 * chunks;
    memset(out, 0, at);
    base_put_u32(out + 8, media);
    base_put_u16(out + 12, base);
    base_put_u16(out + 14, (uint16_t)count);
    base_put_u32(out + 16, ((uint32_t)reference & 0xffffff) << 8 | number);
    for (size_t i = 0; i < chunks; i++) {
        out[20 + 2 * i] = 0xc0;
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned place = (uint16_t)(arrivals[i].sequence - base);
        int64_t delta = (arrivals[i].at_us - before_us) / 250;
        bool small = delta >= 0 && delta < 256;
        uint8_t *chunk = out + 20 + 2 * (place / 7);
        uint16_t symbol = (uint16_t)((small ? 1 : 2) << (12 - 2 * (place % 7)));
        base_put_u16(chunk, base_get_u16(chunk) | symbol);
        base_put_uint(out + at, (uint64_t)delta, small ? 1 : 2);
        at += small ? 1 : 2;
        before_us += delta * 250;
    }
    size_t size = (at + 3) / 4 * 4;
    memset(out + at, 0, size - at);
    return put_head(out, 15, 205, size, from);
}
