// SPDX-License-Identifier: GPL-3.0-or-later
// A WebRTC peer for the tests: ICE by hand, DTLS by OpenSSL, SRTP by libsrtp2.
#include "client.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "protocol/srtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPORTER_SSRC 0x0badcafe

static void make_certificate(Client *client)
{
    client->key = EVP_EC_gen("P-256");
    client->certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(client->certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(client->certificate), -1000);
    X509_gmtime_adj(X509_getm_notAfter(client->certificate), 100000);
    X509_set_pubkey(client->certificate, client->key);
    X509_sign(client->certificate, client->key, EVP_sha256());
    uint8_t digest[64];
    unsigned size;
    X509_digest(client->certificate, EVP_sha256(), digest, &size);
    GString *text = g_string_new("sha-256 ");
    for (unsigned i = 0; i < size; i++) {
        g_string_append_printf(text, i == 0 ? "%02X" : ":%02X", digest[i]);
    }
    client->fingerprint = g_string_free(text, FALSE);
}

Client *client_new(void)
{
    static unsigned number;
    if (number == 0) { // libsrtp2 must be initialised once, while unused
        ProtocolSrtpMaster none = {0};
        protocol_srtp_in_free(protocol_srtp_in_new(&none));
    }
    Client *client = g_new0(Client, 1);
    g_snprintf(client->ufrag, sizeof client->ufrag, "cl%04u", ++number);
    g_snprintf(client->pwd, sizeof client->pwd, "passwordpasswordpassw%04u", number);
    make_certificate(client);
    client->packets = g_array_new(FALSE, TRUE, sizeof(ClientPacket));
    client->fd = socket(AF_INET, SOCK_DGRAM, 0);
    int size = 4 << 20;
    setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int result = bind(client->fd, (void *)&any, sizeof any);
    g_assert_cmpint(result, ==, 0);
    return client;
}

void client_free(Client *client)
{
    close(client->fd);
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    if (client->keyed) {
        srtp_dealloc(client->receive);
        srtp_dealloc(client->send);
    }
    X509_free(client->certificate);
    EVP_PKEY_free(client->key);
    g_free(client->fingerprint);
    g_free(client->their_fingerprint);
    g_array_unref(client->packets);
    g_free(client);
}

char *client_offer(const Client *client)
{
    return g_strdup_printf(
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\n"
        "a=rtcp-mux\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:actpass\r\n"
        "a=rtpmap:111 opus/48000/2\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 102\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\n"
        "a=rtcp-mux\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:actpass\r\n"
        "a=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\n"
        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n",
        client->ufrag, client->pwd, client->fingerprint, client->ufrag, client->pwd,
        client->fingerprint);
}

static char *value_after(const char *sdp, const char *name)
{
    const char *at = strstr(sdp, name);
    g_assert_nonnull(at);
    at += strlen(name);
    return g_strndup(at, strcspn(at, "\r\n"));
}

static uint32_t ssrc_of(const char *sdp, const char *kind)
{
    const char *media = strstr(sdp, kind);
    if (media == NULL || g_str_has_prefix(media + strlen(kind), " 0 ")) {
        return 0;
    }
    g_autofree char *value = value_after(media, "a=ssrc:");
    return (uint32_t)g_ascii_strtoull(value, NULL, 10);
}

void client_use_tcp(Client *client)
{
    close(client->fd);
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    client->tcp = true;
}

void client_take_answer(Client *client, const char *sdp)
{
    g_autofree char *ufrag = value_after(sdp, "a=ice-ufrag:");
    g_autofree char *pwd = value_after(sdp, "a=ice-pwd:");
    g_autofree char *candidate = value_after(sdp, "a=candidate:");
    g_strlcpy(client->their_ufrag, ufrag, sizeof client->their_ufrag);
    g_strlcpy(client->their_pwd, pwd, sizeof client->their_pwd);
    if (strstr(sdp, "a=fingerprint:") != NULL) { // absent in ICE restart fragments
        g_free(client->their_fingerprint);
        client->their_fingerprint = value_after(sdp, "a=fingerprint:");
        client->audio_ssrc = ssrc_of(sdp, "m=audio");
        client->video_ssrc = ssrc_of(sdp, "m=video");
    }
    g_auto(GStrv) words = g_strsplit(candidate, " ", -1);
    g_assert_cmpstr(words[4], ==, "127.0.0.1");
    client->port = (uint16_t)g_ascii_strtoull(words[5], NULL, 10);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(client->port)};
    int result = connect(client->fd, (void *)&to, sizeof to);
    g_assert_cmpint(result, ==, 0);
}

static uint32_t crc_of(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
        }
    }
    return ~crc ^ 0x5354554e;
}

static size_t put(uint8_t *out, size_t at, uint16_t type, const void *value, size_t size)
{
    base_put_u16(out + at, type);
    base_put_u16(out + at + 2, (uint16_t)size);
    memset(out + at + 4, 0, (size + 3) & ~(size_t)3);
    if (size > 0) {
        memcpy(out + at + 4, value, size);
    }
    return at + 4 + ((size + 3) & ~(size_t)3);
}

size_t client_check_bytes(const char *username, const char *password, bool nominate, uint8_t *out)
{
    static uint32_t transaction;
    uint8_t priority[4] = {0x6e, 0, 1, 0xff}, tie[8] = {1}, crc[4], mac[20];
    memset(out, 0, 20);
    base_put_u16(out, 1);
    base_put_u32(out + 4, 0x2112a442);
    base_put_u32(out + 8, ++transaction);
    size_t at = put(out, 20, 0x0006, username, strlen(username));
    at = put(out, at, 0x0024, priority, 4);
    at = put(out, at, 0x802a, tie, 8);
    if (nominate) {
        at = put(out, at, 0x0025, NULL, 0);
    }
    base_put_u16(out + 2, (uint16_t)(at + 24 - 20));
    unsigned size = 20;
    HMAC(EVP_sha1(), password, (int)strlen(password), out, at, mac, &size);
    at = put(out, at, 0x0008, mac, 20);
    base_put_u16(out + 2, (uint16_t)(at + 8 - 20));
    base_put_u32(crc, crc_of(out, at));
    return put(out, at, 0x8028, crc, 4);
}

void client_send_raw(Client *client, const void *bytes, size_t size)
{
    uint8_t frame[2 + 2048];
    if (client->tcp) {
        base_put_u16(frame, (uint16_t)size);
        memcpy(frame + 2, bytes, size);
        bytes = frame;
        size += 2;
    }
    ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
    g_assert_cmpint(sent, ==, size);
}

void client_check(Client *client)
{
    uint8_t bytes[512];
    g_autofree char *username = g_strdup_printf("%s:%s", client->their_ufrag, client->ufrag);
    client_send_raw(client, bytes, client_check_bytes(username, client->their_pwd, true, bytes));
}

static int accept_any(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

/* Memory BIOs join records: send each as a datagram. */
static void flush_dtls(Client *client)
{
    uint8_t bytes[16384];
    int size = BIO_read(client->out, bytes, sizeof bytes);
    for (int at = 0; at + 13 <= size;) {
        int record = 13 + base_get_u16(bytes + at + 11);
        client_send_raw(client, bytes + at, (size_t)record);
        at += record;
    }
}

static srtp_t new_context(const Client *client, srtp_ssrc_type_t type, uint8_t *key)
{
    srtp_policy_t policy = {.ssrc.type = type, .key = key, .window_size = 1024};
    if (client->profile == SRTP_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    srtp_t context;
    g_assert_cmpint(srtp_create(&context, &policy), ==, srtp_err_status_ok);
    return context;
}

void client_forget_replays(Client *client)
{
    srtp_dealloc(client->receive);
    client->receive = new_context(client, ssrc_any_inbound, client->receive_key);
}

static void take_keys(Client *client)
{
    X509 *theirs = SSL_get0_peer_certificate(client->ssl);
    uint8_t digest[64];
    unsigned size;
    X509_digest(theirs, EVP_sha256(), digest, &size);
    for (unsigned i = 0; i < size; i++) {
        g_autofree char *byte = g_strdup_printf("%02X", digest[i]);
        g_assert_cmpmem(client->their_fingerprint + 8 + 3 * i, 2, byte, 2);
    }
    client->profile = SSL_get_selected_srtp_profile(client->ssl)->id;
    bool gcm = client->profile == SRTP_AEAD_AES_128_GCM;
    size_t salt = gcm ? 12 : 14;
    uint8_t material[60], keys[2][30] = {{0}};
    SSL_export_keying_material(client->ssl, material, 32 + 2 * salt, "EXTRACTOR-dtls_srtp", 19,
                               NULL, 0, 0);
    bool server = SSL_is_server(client->ssl);
    for (unsigned i = 0; i < 2; i++) { // 0: the DTLS client's, 1: the server's
        memcpy(keys[i], material + 16 * i, 16);
        memcpy(keys[i] + 16, material + 32 + salt * i, salt);
    }
    memcpy(client->receive_key, keys[server ? 0 : 1], sizeof client->receive_key);
    client->receive = new_context(client, ssrc_any_inbound, client->receive_key);
    client->send = new_context(client, ssrc_any_outbound, keys[server ? 1 : 0]);
    client->keyed = true;
}

static void go_on(Client *client)
{
    ERR_clear_error();
    if (!client->keyed) {
        if (SSL_do_handshake(client->ssl) == 1) {
            take_keys(client);
        }
    } else {
        uint8_t none[64];
        int got = SSL_read(client->ssl, none, sizeof none);
        client->closed = got <= 0 && SSL_get_error(client->ssl, got) == SSL_ERROR_ZERO_RETURN;
    }
    flush_dtls(client);
}

void client_start_dtls(Client *client, const char *profiles)
{
    client->context = SSL_CTX_new(DTLS_method());
    SSL_CTX_use_certificate(client->context, client->certificate);
    SSL_CTX_use_PrivateKey(client->context, client->key);
    SSL_CTX_set_verify(client->context, SSL_VERIFY_PEER, accept_any);
    SSL_CTX_set_tlsext_use_srtp(client->context, profiles);
    client->ssl = SSL_new(client->context);
    client->in = BIO_new(BIO_s_mem());
    client->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(client->in, -1);
    SSL_set_bio(client->ssl, client->in, client->out);
    SSL_set_options(client->ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(client->ssl, 1200);
    SSL_set_connect_state(client->ssl);
    go_on(client);
}

static void take_rtp(Client *client, uint8_t *bytes, int size)
{
    if (srtp_unprotect(client->receive, bytes, &size) != srtp_err_status_ok) {
        client->bad++;
        return;
    }
    ClientPacket packet = {.marker = bytes[1] >> 7,
                           .format = bytes[1] & 0x7f,
                           .sequence = base_get_u16(bytes + 2),
                           .time = base_get_u32(bytes + 4),
                           .ssrc = base_get_u32(bytes + 8),
                           .size = (size_t)size - 12};
    g_assert_cmphex(bytes[0] & 0xdf, ==, 0x80);
    packet.size -= (bytes[0] & 0x20) != 0 ? bytes[size - 1] : 0;
    memcpy(packet.payload, bytes + 12, packet.size);
    g_array_append_val(client->packets, packet);
}

static void take_rtcp(Client *client, uint8_t *bytes, int size)
{
    if (srtp_unprotect_rtcp(client->receive, bytes, &size) != srtp_err_status_ok) {
        client->bad++;
        return;
    }
    g_assert_cmpint(bytes[1], ==, 200);
    for (int at = 0; at + 4 <= size; at += 4 + 4 * base_get_u16(bytes + at + 2)) {
        client->byes += bytes[at + 1] == 203;
        if (bytes[at + 1] == 200) {
            unsigned which = base_get_u32(bytes + at + 4) == client->video_ssrc;
            client->ntp[which] =
                (uint64_t)base_get_u32(bytes + at + 8) << 32 | base_get_u32(bytes + at + 12);
            client->rtp_time[which] = base_get_u32(bytes + at + 16);
            client->reports++;
        }
    }
}

static void take(Client *client, uint8_t *bytes, int size)
{
    if (bytes[0] < 4) {
        client->checked = client->checked || base_get_u16(bytes) == 0x0101;
        client->stun_errors += base_get_u16(bytes) == 0x0111;
    } else if (bytes[0] < 64 && client->ssl != NULL) {
        BIO_write(client->in, bytes, size);
        go_on(client);
    } else if (client->keyed && bytes[1] >= 192 && bytes[1] <= 223) {
        take_rtcp(client, bytes, size);
    } else if (client->keyed) {
        take_rtp(client, bytes, size);
    }
}

/* A datagram or frame; 0: none. */
static ssize_t receive(Client *client, uint8_t *bytes, size_t room)
{
    if (!client->tcp) {
        return recv(client->fd, bytes, room, MSG_DONTWAIT);
    }
    size_t size = client->stream_size >= 2 ? base_get_u16(client->stream) + 2u : SIZE_MAX;
    if (size <= client->stream_size) {
        g_assert_cmpuint(size - 2, <=, room);
        memcpy(bytes, client->stream + 2, size - 2);
        client->stream_size -= size;
        memmove(client->stream, client->stream + size, client->stream_size);
        return (ssize_t)size - 2;
    }
    ssize_t got = recv(client->fd, client->stream + client->stream_size,
                       sizeof client->stream - client->stream_size, MSG_DONTWAIT);
    if (got <= 0) {
        return -1;
    }
    client->stream_size += (size_t)got;
    return 0;
}

static bool has_frame(const Client *client)
{
    return client->stream_size >= 2 && base_get_u16(client->stream) + 2u <= client->stream_size;
}

void client_run(Client *client, unsigned ms, unsigned n_packets)
{
    int64_t end = base_clock_us() + ms * 1000;
    while (n_packets == 0 || client->packets->len < n_packets) {
        int64_t left = end - base_clock_us();
        struct pollfd one = {.fd = client->fd, .events = POLLIN};
        if (left <= 0 || (!has_frame(client) && poll(&one, 1, (int)(left / 1000 + 1)) <= 0)) {
            return;
        }
        uint8_t bytes[2048];
        ssize_t got = receive(client, bytes, sizeof bytes);
        if (got < 0) {
            return; // closed, or nothing
        }
        if (got > 0) {
            bool keyed = client->keyed, checked = client->checked;
            take(client, bytes, (int)got);
            if (keyed != client->keyed || checked != client->checked) {
                return; // a set-up step is done
            }
        }
    }
}

void client_send_rtcp(Client *client, const uint8_t *bytes, size_t size)
{
    uint8_t packet[1500];
    int length = (int)size;
    memcpy(packet, bytes, size);
    g_assert_cmpint(srtp_protect_rtcp(client->send, packet, &length), ==, srtp_err_status_ok);
    client_send_raw(client, packet, (size_t)length);
}

void client_send_feedback(Client *client, uint8_t type, uint8_t format, uint32_t media,
                          const uint32_t *word)
{
    uint8_t bytes[64] = {0x80, 201, 0, 1, [8] = 0x80 | format, type, 0, word != NULL ? 3 : 2};
    base_put_u32(bytes + 4, REPORTER_SSRC);
    base_put_u32(bytes + 12, REPORTER_SSRC);
    base_put_u32(bytes + 16, media);
    if (word != NULL) {
        base_put_u32(bytes + 20, *word);
    }
    client_send_rtcp(client, bytes, word != NULL ? 24 : 20);
}

unsigned client_count(const Client *client, uint32_t ssrc)
{
    unsigned n = 0;
    for (guint i = 0; i < client->packets->len; i++) {
        n += g_array_index(client->packets, ClientPacket, i).ssrc == ssrc;
    }
    return n;
}
