// SPDX-License-Identifier: GPL-3.0-or-later
// ICE-TCP connections and their RFC 4571 frames.
#include "rtc/tcp.h"

#include "rtc/peer.h"

#include "protocol/stun.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/error.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

/* RFC 4571 section 2:
 *
 *  |   LENGTH (16 bits)    |   a packet of LENGTH bytes …
 */
#define LENGTH_BYTES 2
#define FRAME_BYTES (LENGTH_BYTES + RTC_DATAGRAM_BYTES)

#define EVENTS 64
#define READ_BYTES (8 * 1024)
#define ACCEPTS 32
#define REST_BYTES 4096 // partial frame, STUN, DTLS, RTCP
#define NUMBER_SLOT_BITS 12
#define USER_TIMEOUT_MS 30000 // like consent

G_STATIC_ASSERT(RTC_TCP_MAX == 1 << NUMBER_SLOT_BITS);
G_STATIC_ASSERT(REST_BYTES >= FRAME_BYTES);

typedef struct {
    pthread_mutex_t lock;
    // in thread, under the lock
    uint32_t number; // 0: unused
    int fd;
    // under the lock
    uint8_t *rest;
    size_t rest_size;
    // in thread
    ProtocolAddress from;
    int64_t since_us;
    bool proven;
    uint8_t *part; // of a frame
    size_t part_size;
} Connection;

struct RtcTcp {
    int poll, listener;
    atomic_uint count;
    // in thread
    bool deaf;                      // out of descriptors: pauses accepting
    Connection *slots[RTC_TCP_MAX]; // never freed: other threads may read them
    unsigned n_slots, next_slot;
    uint32_t generation;
    RtcDatagram frame;
    uint8_t bytes[FRAME_BYTES + READ_BYTES];
};

/* Number 0 is the listener. */
static bool watch(RtcTcp *tcp, int fd, uint32_t number)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = number};
    return epoll_ctl(tcp->poll, EPOLL_CTL_ADD, fd, &event) == 0;
}

RtcTcp *rtc_tcp_new(int listener, GError **error)
{
    RtcTcp *tcp = g_new0(RtcTcp, 1);
    tcp->listener = listener;
    tcp->poll = epoll_create1(EPOLL_CLOEXEC);
    if (tcp->poll < 0 || (listener >= 0 && !watch(tcp, listener, 0))) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "rtc cannot watch its TCP port: %s",
                    g_strerror(errno));
        rtc_tcp_free(tcp);
        return NULL;
    }
    return tcp;
}

static Connection *find(RtcTcp *tcp, uint32_t number)
{
    return tcp->slots[number % RTC_TCP_MAX];
}

static void end(RtcTcp *tcp, Connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    close(connection->fd);
    connection->fd = -1;
    connection->number = 0;
    g_clear_pointer(&connection->rest, g_free);
    connection->rest_size = 0;
    pthread_mutex_unlock(&connection->lock);
    g_clear_pointer(&connection->part, g_free);
    connection->part_size = 0;
    atomic_fetch_sub(&tcp->count, 1);
    base_descriptors_give(1);
}

void rtc_tcp_free(RtcTcp *tcp)
{
    if (tcp == NULL) {
        return;
    }
    for (unsigned i = 0; i < tcp->n_slots; i++) {
        if (tcp->slots[i]->number != 0) {
            end(tcp, tcp->slots[i]);
        }
        pthread_mutex_destroy(&tcp->slots[i]->lock);
        g_free(tcp->slots[i]);
    }
    if (tcp->listener >= 0) {
        close(tcp->listener);
    }
    if (tcp->poll >= 0) {
        close(tcp->poll);
    }
    g_free(tcp);
}

int rtc_tcp_fd(const RtcTcp *tcp)
{
    return tcp->poll;
}

unsigned rtc_tcp_count(const RtcTcp *tcp)
{
    return atomic_load(&tcp->count);
}

void rtc_tcp_close(RtcTcp *tcp, uint32_t number)
{
    Connection *connection = find(tcp, number);
    if (number != 0 && connection != NULL && connection->number == number) {
        end(tcp, connection);
    }
}

static void set_options(int fd)
{
    rtc_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    rtc_set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    rtc_set_option(fd, SOL_SOCKET, SO_SNDBUF, RTC_TCP_SEND_BYTES);
}

/* One subscriber: an IPv4 address or IPv6 /64. */
static bool same_place(const ProtocolAddress *a, const ProtocolAddress *b)
{
    size_t bytes =
        protocol_address_is_v4(a->ip) || protocol_address_is_v4(b->ip) ? PROTOCOL_IP_BYTES : 8;
    return memcmp(a->ip, b->ip, bytes) == 0;
}

static bool has_room(const RtcTcp *tcp, const ProtocolAddress *from)
{
    unsigned all = 0, unproven = 0;
    for (unsigned i = 0; i < tcp->n_slots; i++) {
        const Connection *other = tcp->slots[i];
        if (other->number != 0 && same_place(&other->from, from)) {
            all++;
            unproven += !other->proven;
        }
    }
    return rtc_tcp_count(tcp) < RTC_TCP_MAX && all < RTC_TCP_MAX_PER_ADDRESS &&
           unproven < RTC_TCP_MAX_UNPROVEN;
}

/* Requires has_room(). */
static unsigned free_slot(RtcTcp *tcp)
{
    if (tcp->n_slots < RTC_TCP_MAX && rtc_tcp_count(tcp) == tcp->n_slots) {
        Connection *made = g_new0(Connection, 1);
        pthread_mutex_init(&made->lock, NULL);
        tcp->slots[tcp->n_slots] = made;
        return tcp->n_slots++;
    }
    do {
        tcp->next_slot = (tcp->next_slot + 1) % tcp->n_slots;
    } while (tcp->slots[tcp->next_slot]->number != 0);
    return tcp->next_slot;
}

static void take_address(int fd, ProtocolAddress *out)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    uint16_t own_port;
    *out = (ProtocolAddress){0};
    if (getpeername(fd, (void *)&address, &size) == 0) {
        protocol_ip_from_sockaddr((void *)&address, out->ip, &out->port);
    }
    size = sizeof address;
    if (getsockname(fd, (void *)&address, &size) == 0) {
        protocol_ip_from_sockaddr((void *)&address, out->local, &own_port);
    }
}

void rtc_tcp_adopt(RtcTcp *tcp, int fd, int64_t now_us)
{
    ProtocolAddress from;
    take_address(fd, &from);
    if (from.port == 0 || !has_room(tcp, &from) || !g_unix_set_fd_nonblocking(fd, TRUE, NULL) ||
        !base_descriptors_take(1)) {
        close(fd);
        return;
    }
    set_options(fd);
    unsigned slot = free_slot(tcp);
    Connection *connection = tcp->slots[slot];
    from.tcp = ++tcp->generation << NUMBER_SLOT_BITS | slot;
    if (from.tcp >> NUMBER_SLOT_BITS == 0) { // skip generation 0
        from.tcp = ++tcp->generation << NUMBER_SLOT_BITS | slot;
    }
    connection->from = from;
    connection->since_us = now_us;
    connection->proven = false;
    pthread_mutex_lock(&connection->lock);
    connection->fd = fd;
    connection->number = from.tcp;
    pthread_mutex_unlock(&connection->lock);
    atomic_fetch_add(&tcp->count, 1);
    if (!watch(tcp, fd, from.tcp)) {
        end(tcp, connection);
    }
}

static void listen_to(RtcTcp *tcp, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN : 0};
    tcp->deaf = !on;
    epoll_ctl(tcp->poll, EPOLL_CTL_MOD, tcp->listener, &event);
}

static void accept_some(RtcTcp *tcp, int64_t now_us)
{
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(tcp->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            listen_to(tcp, false); // or readable forever
        }
        if (fd < 0) {
            return;
        }
        rtc_tcp_adopt(tcp, fd, now_us);
    }
}

static void lose(RtcTcp *tcp, Connection *connection, const RtcTcpEvents *events)
{
    ProtocolAddress from = connection->from;
    bool proven = connection->proven;
    end(tcp, connection);
    if (proven) {
        events->closed(events->data, &from);
    }
}

/* False: closed. */
static bool take_frame(RtcTcp *tcp, Connection *connection, const uint8_t *bytes, size_t size,
                       const RtcTcpEvents *events, int64_t now_us)
{
    uint32_t number = connection->number;
    tcp->frame.from = connection->from;
    tcp->frame.size = size;
    memcpy(tcp->frame.bytes, bytes, size);
    int result = events->frame(events->data, &tcp->frame, now_us);
    if (connection->number != number) {
        return false;
    }
    if (result == 1) {
        connection->proven = true;
    } else if (result < 0 && !connection->proven) {
        end(tcp, connection); // silently
        return false;
    }
    return true;
}

/* Returns bytes used; -1: closed. */
static ssize_t take_frames(RtcTcp *tcp, Connection *connection, size_t size,
                           const RtcTcpEvents *events, int64_t now_us)
{
    size_t at = 0;
    while (size - at > LENGTH_BYTES) {
        const uint8_t *bytes = tcp->bytes + at;
        size_t length = (size_t)bytes[0] << 8 | bytes[1];
        if (length > RTC_DATAGRAM_BYTES ||
            (!connection->proven && !protocol_is_framed_stun(bytes, size - at))) {
            lose(tcp, connection, events);
            return -1;
        }
        if (size - at < LENGTH_BYTES + length) {
            break;
        }
        at += LENGTH_BYTES + length;
        if (length > 0 &&
            !take_frame(tcp, connection, bytes + LENGTH_BYTES, length, events, now_us)) {
            return -1;
        }
    }
    return (ssize_t)at;
}

static void keep_part(Connection *connection, const uint8_t *bytes, size_t size)
{
    g_clear_pointer(&connection->part, g_free);
    connection->part_size = size;
    if (size > 0) {
        connection->part = g_memdup2(bytes, size);
    }
}

static void read_some(RtcTcp *tcp, Connection *connection, const RtcTcpEvents *events,
                      int64_t now_us)
{
    size_t before = connection->part_size;
    if (before > 0) {
        memcpy(tcp->bytes, connection->part, before);
    }
    ssize_t got = recv(connection->fd, tcp->bytes + before, READ_BYTES, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        lose(tcp, connection, events);
        return;
    }
    size_t size = before + (size_t)got;
    ssize_t used = take_frames(tcp, connection, size, events, now_us);
    if (used >= 0) {
        keep_part(connection, tcp->bytes + used, size - (size_t)used);
    }
}

void rtc_tcp_receive(RtcTcp *tcp, const RtcTcpEvents *events, int64_t now_us)
{
    struct epoll_event ready[EVENTS];
    int n = epoll_wait(tcp->poll, ready, EVENTS, 0);
    for (int i = 0; i < n; i++) {
        uint32_t number = ready[i].data.u32;
        if (number == 0) {
            accept_some(tcp, now_us);
            continue;
        }
        Connection *connection = find(tcp, number);
        if (connection->number == number) { // by an earlier event
            read_some(tcp, connection, events, now_us);
        }
    }
}

static int send_vectors(int fd, struct iovec *vectors, size_t n, size_t *out_sent)
{
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = n};
    ssize_t sent;
    do {
        sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    *out_sent = sent > 0 ? (size_t)sent : 0;
    return sent >= 0 ? 0 : errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}

static int send_rest(Connection *connection)
{
    if (connection->rest_size == 0) {
        return 0;
    }
    struct iovec vector = {connection->rest, connection->rest_size};
    size_t sent;
    int result = send_vectors(connection->fd, &vector, 1, &sent);
    connection->rest_size -= sent;
    memmove(connection->rest, connection->rest + sent, connection->rest_size);
    if (connection->rest_size > 0) {
        return result < 0 ? result : -EAGAIN;
    }
    g_clear_pointer(&connection->rest, g_free);
    return 0;
}

/* Allocates only for slow peers. */
static void keep(Connection *connection, const uint8_t *bytes, size_t size)
{
    if (connection->rest == NULL) {
        connection->rest = g_malloc(REST_BYTES);
    }
    memcpy(connection->rest + connection->rest_size, bytes, size);
    connection->rest_size += size;
}

static void keep_frame(Connection *connection, const uint8_t header[LENGTH_BYTES],
                       const uint8_t *bytes, size_t size, size_t sent)
{
    if (sent < LENGTH_BYTES) {
        keep(connection, header + sent, LENGTH_BYTES - sent);
        sent = LENGTH_BYTES;
    }
    keep(connection, bytes + sent - LENGTH_BYTES, size + LENGTH_BYTES - sent);
}

typedef struct {
    uint8_t headers[RTC_SEND_BATCH][LENGTH_BYTES];
    struct iovec vectors[2 * RTC_SEND_BATCH];
} Frames;

static int send_frames(Connection *connection, const RtcOutgoing *out, unsigned n)
{
    Frames frames;
    for (unsigned i = 0; i < n; i++) {
        base_put_u16(frames.headers[i], (uint16_t)out[i].size);
        frames.vectors[2 * i] = (struct iovec){frames.headers[i], LENGTH_BYTES};
        frames.vectors[2 * i + 1] = (struct iovec){(void *)out[i].bytes, out[i].size};
    }
    size_t sent;
    int result = send_vectors(connection->fd, frames.vectors, 2 * n, &sent);
    unsigned taken = 0;
    while (taken < n && sent >= LENGTH_BYTES + out[taken].size) {
        sent -= LENGTH_BYTES + out[taken++].size;
    }
    if (sent > 0) { // partly sent
        keep_frame(connection, frames.headers[taken], out[taken].bytes, out[taken].size, sent);
        taken++;
    }
    return taken > 0 ? (int)taken : result < 0 ? result : -EAGAIN;
}

/* NULL: closed. */
static Connection *lock(RtcTcp *tcp, uint32_t number)
{
    Connection *connection = find(tcp, number);
    pthread_mutex_lock(&connection->lock);
    if (connection->number == number) {
        return connection;
    }
    pthread_mutex_unlock(&connection->lock);
    return NULL;
}

int rtc_tcp_send(RtcTcp *tcp, uint32_t number, const RtcOutgoing *out, unsigned n)
{
    Connection *connection = lock(tcp, number);
    if (connection == NULL) {
        return -ENOTCONN;
    }
    int result = send_rest(connection);
    if (result == 0) {
        result = send_frames(connection, out, MIN(n, RTC_SEND_BATCH));
    }
    pthread_mutex_unlock(&connection->lock);
    return result;
}

int rtc_tcp_send_first(RtcTcp *tcp, uint32_t number, const uint8_t *bytes, size_t size)
{
    RtcOutgoing one = {.bytes = bytes, .size = size};
    uint8_t header[LENGTH_BYTES];
    Connection *connection = lock(tcp, number);
    if (connection == NULL) {
        return -ENOTCONN;
    }
    int result = send_rest(connection);
    if (result == 0) {
        result = send_frames(connection, &one, 1);
    }
    if (result == -EAGAIN && connection->rest_size + LENGTH_BYTES + size <= REST_BYTES) {
        base_put_u16(header, (uint16_t)size);
        keep_frame(connection, header, bytes, size, 0);
        result = 0;
    }
    pthread_mutex_unlock(&connection->lock);
    return MIN(result, 0);
}

void rtc_tcp_update(RtcTcp *tcp, int64_t now_us)
{
    if (tcp->deaf) {
        listen_to(tcp, true);
    }
    for (unsigned i = 0; i < tcp->n_slots; i++) {
        Connection *connection = tcp->slots[i];
        if (connection->number == 0) {
            continue;
        }
        if (!connection->proven && now_us - connection->since_us >= RTC_TCP_PROVE_US) {
            end(tcp, connection);
            continue;
        }
        pthread_mutex_lock(&connection->lock);
        send_rest(connection); // errors show on read
        pthread_mutex_unlock(&connection->lock);
    }
}
