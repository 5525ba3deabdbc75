// SPDX-License-Identifier: GPL-3.0-or-later
// The least that such a programme can cost: per viewer a keyed EVP context, one AES-128-GCM per
// packet, UDP_SEGMENT for what is equal in size, sendmmsg. Each step of the mix goes to all viewers
// and is then taken out of their sockets, which is not counted.
#include "load.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 12
#define TAG 16
#define MAX_RUN 44 // packets in one message: less than 64 KB
#define BATCH 64   // messages in one call
#define MAX_BATCH_BYTES (512 * 1024)

typedef struct {
    EVP_CIPHER_CTX *cipher;
    struct sockaddr_in address;
    int fd;
    uint32_t sequence;
    uint8_t salt[12];
} Sink;

typedef struct {
    int fd;
    Sink *sinks;
    unsigned n_sinks;
    uint8_t *payload, *out;
    size_t used;
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
    } controls[BATCH];
    unsigned n_messages;
    uint64_t send_ns, packets, bytes;
} Row;

static void open_sink(Sink *sink, bool gro)
{
    uint8_t key[16];
    RAND_bytes(key, sizeof key);
    RAND_bytes(sink->salt, sizeof sink->salt);
    sink->cipher = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(sink->cipher, EVP_aes_128_gcm(), NULL, key, NULL);
    sink->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert(sink->fd >= 0);
    sink->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof sink->address;
    g_assert(bind(sink->fd, (struct sockaddr *)&sink->address, size) == 0);
    getsockname(sink->fd, (struct sockaddr *)&sink->address, &size);
    setsockopt(sink->fd, SOL_SOCKET, SO_RCVBUF, &(int){512 * 1024}, sizeof(int));
    setsockopt(sink->fd, IPPROTO_UDP, UDP_GRO, &(int){gro}, sizeof(int));
}

static void close_sink(Sink *sink)
{
    EVP_CIPHER_CTX_free(sink->cipher);
    close(sink->fd);
}

static void encrypt(Row *row, Sink *sink, uint16_t size)
{
    uint8_t *packet = row->out + row->used, iv[12];
    int length;
    sink->sequence++;
    memset(packet, 0, HEADER);
    packet[0] = 0x80;
    base_put_u16(packet + 2, (uint16_t)sink->sequence);
    memcpy(iv, sink->salt, sizeof iv);
    for (unsigned i = 0; i < 4; i++) {
        iv[8 + i] ^= (uint8_t)(sink->sequence >> (24 - 8 * i));
    }
    EVP_EncryptInit_ex(sink->cipher, NULL, NULL, NULL, iv);
    EVP_EncryptUpdate(sink->cipher, NULL, &length, packet, HEADER);
    EVP_EncryptUpdate(sink->cipher, packet + HEADER, &length, row->payload, size - HEADER - TAG);
    EVP_EncryptFinal_ex(sink->cipher, packet + size - TAG, &length);
    EVP_CIPHER_CTX_ctrl(sink->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, packet + size - TAG);
    row->used += size;
    row->packets++;
    row->bytes += size;
}

static void flush(Row *row)
{
    uint64_t from = measure_thread_ns();
    for (unsigned done = 0; done < row->n_messages;) {
        int sent = sendmmsg(row->fd, row->messages + done, row->n_messages - done, 0);
        done += sent > 0 ? (unsigned)sent : 1; // a full buffer loses one
    }
    row->send_ns += measure_thread_ns() - from;
    row->n_messages = 0;
    row->used = 0;
}

static void add_message(Row *row, Sink *sink, size_t from, uint16_t segment, unsigned n)
{
    unsigned i = row->n_messages++;
    row->vectors[i] = (struct iovec){row->out + from, row->used - from};
    row->messages[i].msg_hdr = (struct msghdr){.msg_name = &sink->address,
                                               .msg_namelen = sizeof sink->address,
                                               .msg_iov = &row->vectors[i],
                                               .msg_iovlen = 1};
    if (n > 1) {
        struct cmsghdr *control = &row->controls[i].head;
        *control = (struct cmsghdr){
            .cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof segment)};
        memcpy(CMSG_DATA(control), &segment, sizeof segment);
        row->messages[i].msg_hdr.msg_control = control;
        row->messages[i].msg_hdr.msg_controllen = CMSG_SPACE(sizeof segment);
    }
}

/* As many from `at` on as may be one message: equal but for a smaller last. */
static unsigned run_length(const uint16_t *sizes, unsigned at, unsigned n)
{
    unsigned length = 1;
    while (at + length < n && length < MAX_RUN && sizes[at + length - 1] == sizes[at] &&
           sizes[at + length] <= sizes[at]) {
        length++;
    }
    return length;
}

static void send_step(Row *row, Sink *sink, const uint16_t *sizes, unsigned n)
{
    for (unsigned at = 0, length; at < n; at += length) {
        length = run_length(sizes, at, n);
        if (row->n_messages == BATCH || row->used + MAX_DATAGRAM > MAX_BATCH_BYTES) {
            flush(row);
        }
        size_t from = row->used;
        for (unsigned i = 0; i < length; i++) {
            encrypt(row, sink, sizes[at + i]);
        }
        add_message(row, sink, from, sizes[at], length);
    }
}

static void drain(Row *row)
{
    for (unsigned i = 0; i < row->n_sinks; i++) {
        while (recv(row->sinks[i].fd, NULL, 0, MSG_TRUNC | MSG_DONTWAIT) >= 0) {
        }
    }
}

Floor floor_run(const Mix *mix, unsigned viewers, bool gro, bool paced)
{
    g_autofree Row *row = g_new0(Row, 1);
    row->sinks = g_new0(Sink, viewers);
    row->n_sinks = viewers;
    row->payload = g_malloc0(MAX_DATAGRAM);
    row->out = g_malloc(MAX_BATCH_BYTES);
    row->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(row->fd, SOL_SOCKET, SO_SNDBUF, &(int){4 << 20}, sizeof(int));
    for (unsigned i = 0; i < viewers; i++) {
        open_sink(&row->sinks[i], gro);
    }
    uint64_t total_ns = 0;
    for (guint i = 0; i < mix->steps->len; i++) {
        const MixStep *step = &g_array_index(mix->steps, MixStep, i);
        const uint16_t *sizes = &g_array_index(mix->sizes, uint16_t, step->first);
        if (paced) {
            g_usleep((gulong)(1e6 * mix->seconds / mix->steps->len));
        }
        uint64_t from = measure_thread_ns();
        for (unsigned viewer = 0; viewer < viewers; viewer++) {
            send_step(row, &row->sinks[viewer], sizes, step->n);
        }
        flush(row);
        total_ns += measure_thread_ns() - from;
        drain(row);
    }
    double share = 1e6 * viewers * mix->seconds;
    Floor floor = {.encrypt_ms = (double)(total_ns - row->send_ns) / share,
                   .send_ms = (double)row->send_ns / share,
                   .packets = row->packets,
                   .bytes = row->bytes};
    for (unsigned i = 0; i < viewers; i++) {
        close_sink(&row->sinks[i]);
    }
    close(row->fd);
    g_free(row->sinks);
    g_free(row->payload);
    g_free(row->out);
    return floor;
}
