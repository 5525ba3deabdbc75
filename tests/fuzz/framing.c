// SPDX-License-Identifier: GPL-3.0-or-later
// Packets framed on TCP (RFC 4571). The first byte of the input is the size of the pieces in which
// the rest arrives; whatever it is, the same frames come out, a stranger's first frame is a check,
// and a frame that is too long ends the connection.
#include "fuzz.h"

#include "protocol/stun.h"
#include "rtc/tcp.h"

#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    const uint8_t *at, *end; // of the stream: what has to come out next
} Expected;

/* The next frame by the rule of the RFC, or NULL. Frames of no length are passed over. */
static const uint8_t *next_frame(Expected *expected, size_t *out_size)
{
    while (expected->end - expected->at > 2) {
        size_t length = (size_t)expected->at[0] << 8 | expected->at[1];
        const uint8_t *frame = expected->at + 2;
        if (length > RTC_DATAGRAM_BYTES || length > (size_t)(expected->end - frame)) {
            return NULL;
        }
        expected->at = frame + length;
        if (length > 0) {
            *out_size = length;
            return frame;
        }
    }
    return NULL;
}

static int on_frame(void *data, RtcDatagram *frame, int64_t now_us)
{
    (void)now_us;
    size_t size = 0;
    const uint8_t *right = next_frame(data, &size);
    g_assert_nonnull(right);
    g_assert_cmpmem(frame->bytes, frame->size, right, size);
    return 1;
}

static void on_closed(void *data, const ProtocolAddress *from)
{
    (void)data, (void)from;
}

/* A TCP connection over loopback: `*out_ours` is the peer's end. */
static int connected(int *out_ours)
{
    static int listener = -1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0) {
        sigset_t alarm; // libFuzzer's, which would interrupt connect()
        sigemptyset(&alarm);
        sigaddset(&alarm, SIGALRM);
        pthread_sigmask(SIG_BLOCK, &alarm, NULL);
        listener = socket(AF_INET, SOCK_STREAM, 0);
        g_assert_cmpint(bind(listener, (void *)&address, size), ==, 0);
        g_assert_cmpint(listen(listener, 8), ==, 0);
    }
    g_assert_cmpint(getsockname(listener, (void *)&address, &size), ==, 0);
    *out_ours = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(connect(*out_ours, (void *)&address, size), ==, 0);
    int theirs = accept(listener, NULL, NULL);
    struct linger reset = {.l_onoff = 1}; // leaves no port in TIME_WAIT, of which there are 28,000
    setsockopt(*out_ours, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(theirs, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return theirs;
}

static void feed(RtcTcp *tcp, int ours, const RtcTcpEvents *events, const uint8_t *data,
                 size_t size, size_t piece)
{
    struct pollfd ready = {.fd = rtc_tcp_fd(tcp), .events = POLLIN};
    for (size_t at = 0; at < size && rtc_tcp_count(tcp) > 0; at += piece) {
        size_t more = MIN(piece, size - at);
        g_assert_cmpint(send(ours, data + at, more, MSG_NOSIGNAL), ==, more);
        for (int wait_ms = 1000; rtc_tcp_count(tcp) > 0 && poll(&ready, 1, wait_ms) > 0;
             wait_ms = 0) {
            rtc_tcp_receive(tcp, events, 0);
        }
    }
}

int target(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 8192) {
        return 0;
    }
    const uint8_t *stream = data + 1;
    size_t left = size - 1;
    Expected expected = {stream, stream + left};
    RtcTcpEvents events = {.frame = on_frame, .closed = on_closed, .data = &expected};
    int ours;
    RtcTcp *tcp = rtc_tcp_new(-1, NULL);
    rtc_tcp_adopt(tcp, connected(&ours), 0);
    g_assert_cmpuint(rtc_tcp_count(tcp), ==, 1);
    feed(tcp, ours, &events, stream, left, data[0] == 0 ? 4096 : data[0]);
    bool stranger = left > 2 && !protocol_is_framed_stun(stream, left);
    if (rtc_tcp_count(tcp) > 0) { // all that is whole has come
        size_t rest;
        g_assert_false(stranger);
        g_assert_null(next_frame(&expected, &rest));
    } else {
        size_t length = (size_t)expected.at[0] << 8 | expected.at[1];
        g_assert_true(stranger || length > RTC_DATAGRAM_BYTES || length == 0);
    }
    rtc_tcp_free(tcp);
    close(ours);
    return 0;
}
