// SPDX-License-Identifier: GPL-3.0-or-later
// Asks this machine for media at the addresses that viewers get.
#include "check/check.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/id.h"
#include "protocol/stun.h"
#include "rtc/transport.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_US BASE_US_PER_S
#define RESEND_US (250 * BASE_US_PER_MS) // RFC 8489 6.2.1, not doubled
#define POLL_MS 20
#define REQUEST_BYTES 20
#define MAGIC 0x2112a442u
#define COOKIE_AT 4
#define TRANSACTION_AT 8
#define RECEIVE_BATCH 16

typedef struct {
    CheckReach *reach;
    int udp, tcp; // -1: decided
    uint8_t request[REQUEST_BYTES];
    RtcSockaddr address;
    socklen_t address_size;
} Question;

static void reach_free(void *data)
{
    CheckReach *reach = data;
    g_free(reach->address);
    g_free(reach);
}

static void decide(int *fd, int *out, int code)
{
    close(*fd);
    *fd = -1;
    *out = code;
}

/* Only own addresses can be bound. */
static bool is_own(const Question *question)
{
    RtcSockaddr any_port = question->address;
    any_port.v4.sin_port = 0; // where IPv6 has it too
    int fd = socket(question->address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool own = fd >= 0 && bind(fd, &any_port.any, question->address_size) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return own;
}

static void fill_request(uint8_t out[REQUEST_BYTES])
{
    memset(out, 0, REQUEST_BYTES);
    base_put_u16(out, PROTOCOL_STUN_REQUEST);
    base_put_u32(out + COOKIE_AT, MAGIC);
    base_random(out + TRANSACTION_AT, REQUEST_BYTES - TRANSACTION_AT);
}

/* A server that runs answers no such STUN: `udp` false. */
static void begin(Question *question, const uint8_t ip[PROTOCOL_IP_BYTES], bool udp)
{
    int family = protocol_address_is_v4(ip) ? AF_INET : AF_INET6;
    CheckReach *reach = question->reach;
    question->address_size =
        rtc_sockaddr_fill(family, ip, (uint16_t)reach->port, &question->address);
    question->udp = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    question->tcp = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    reach->own = is_own(question);
    reach->udp = reach->tcp = ETIMEDOUT;
    fill_request(question->request);
    if (!udp) {
        decide(&question->udp, &reach->udp, 0);
    } else if (connect(question->udp, &question->address.any, question->address_size) != 0) {
        decide(&question->udp, &reach->udp, errno);
    }
    if (connect(question->tcp, &question->address.any, question->address_size) == 0) {
        decide(&question->tcp, &reach->tcp, 0);
    } else if (errno != EINPROGRESS) {
        decide(&question->tcp, &reach->tcp, errno);
    }
}

/* From "1 1 udp PRIORITY ADDRESS PORT typ host"; `port`: a running server's instead; 0: none. */
static void add_question(GArray *questions, GPtrArray *out, const char *candidate, uint16_t port)
{
    g_auto(GStrv) words = g_strsplit(candidate, " ", 7);
    uint8_t ip[PROTOCOL_IP_BYTES];
    if (strcmp(words[2], "udp") != 0 || !protocol_ip_parse(words[4], ip)) {
        return; // each address has both
    }
    Question question = {.reach = g_new0(CheckReach, 1)};
    question.reach->address = g_strdup(words[4]);
    question.reach->port = port != 0 ? port : (unsigned)g_ascii_strtoull(words[5], NULL, 10);
    g_ptr_array_add(out, question.reach);
    begin(&question, ip, port == 0);
    g_array_append_val(questions, question);
}

/* The server's side. */
static void answer(RtcTransport *transport, const GArray *questions)
{
    g_autofree RtcDatagram *got = g_new(RtcDatagram, RECEIVE_BATCH);
    int count = rtc_udp_receive(rtc_transport_udp(transport), got, RECEIVE_BATCH);
    for (int i = 0; i < count; i++) {
        for (guint q = 0; q < questions->len; q++) {
            const Question *question = &g_array_index(questions, Question, q);
            uint8_t reply[PROTOCOL_STUN_MAX_REPLY_BYTES];
            ProtocolStun request = {.transaction = question->request + TRANSACTION_AT};
            if (got[i].size == REQUEST_BYTES &&
                memcmp(got[i].bytes, question->request, REQUEST_BYTES) == 0) {
                size_t size = protocol_stun_success(&request, &got[i].from, "", reply);
                rtc_transport_send(transport, &got[i].from, reply, size);
            }
        }
    }
}

static void hear_udp(Question *question)
{
    uint8_t reply[PROTOCOL_STUN_MAX_REPLY_BYTES];
    ssize_t size = recv(question->udp, reply, sizeof reply, 0);
    if (size >= REQUEST_BYTES && base_get_u16(reply) == PROTOCOL_STUN_SUCCESS &&
        memcmp(reply + COOKIE_AT, question->request + COOKIE_AT, REQUEST_BYTES - COOKIE_AT) == 0) {
        decide(&question->udp, &question->reach->udp, 0);
    } else if (size < 0 && errno != EAGAIN && errno != EINTR) {
        question->reach->udp = errno; // perhaps answered later: asks again
    }
}

static void hear_tcp(Question *question)
{
    int code = 0;
    struct pollfd ready = {.fd = question->tcp, .events = POLLOUT};
    socklen_t size = sizeof code;
    if (poll(&ready, 1, 0) == 1 &&
        getsockopt(question->tcp, SOL_SOCKET, SO_ERROR, &code, &size) == 0) {
        decide(&question->tcp, &question->reach->tcp, code);
    }
}

static bool hear(GArray *questions)
{
    bool all = true;
    for (guint i = 0; i < questions->len; i++) {
        Question *question = &g_array_index(questions, Question, i);
        if (question->udp >= 0) {
            hear_udp(question);
        }
        if (question->tcp >= 0) {
            hear_tcp(question);
        }
        all = all && question->udp < 0 && question->tcp < 0;
    }
    return all;
}

static void ask(const GArray *questions)
{
    for (guint i = 0; i < questions->len; i++) {
        const Question *question = &g_array_index(questions, Question, i);
        if (question->udp >= 0 && send(question->udp, question->request, REQUEST_BYTES, 0) < 0) {
            question->reach->udp = errno;
        }
    }
}

static void converse(RtcTransport *transport, GArray *questions)
{
    int64_t begin_us = base_clock_us(), asked_us = begin_us - RESEND_US, now_us;
    while ((now_us = base_clock_us()) - begin_us < LIMIT_US) {
        if (now_us - asked_us >= RESEND_US) {
            ask(questions);
            asked_us = now_us;
        }
        struct pollfd ready = {.fd = rtc_udp_fd(rtc_transport_udp(transport)), .events = POLLIN};
        poll(&ready, 1, POLL_MS);
        answer(transport, questions);
        if (hear(questions)) {
            break;
        }
    }
    for (guint i = 0; i < questions->len; i++) {
        Question *question = &g_array_index(questions, Question, i);
        if (question->udp >= 0) {
            close(question->udp);
        }
        if (question->tcp >= 0) {
            close(question->tcp);
        }
    }
}

/* "ADDRESS:0": any port of the same addresses. */
static char *any_port(const char *listen)
{
    return g_strdup_printf("%.*s:0", (int)(strrchr(listen, ':') - listen), listen);
}

GPtrArray *check_reach(const Conf *conf, bool running, GError **error)
{
    g_autofree char *listen = running ? any_port(conf->rtc_listen) : g_strdup(conf->rtc_listen);
    const char *colon = strrchr(conf->rtc_listen, ':');
    uint16_t port = running ? (uint16_t)g_ascii_strtoull(colon + 1, NULL, 10) : 0;
    g_autoptr(RtcTransport) transport = rtc_transport_new(listen, error);
    if (transport == NULL) {
        return NULL;
    }
    g_auto(GStrv) candidates = rtc_transport_candidates(
        transport, (const char *const *)conf->rtc_public_addresses, NULL, error);
    if (candidates == NULL) {
        return NULL;
    }
    GPtrArray *out = g_ptr_array_new_with_free_func(reach_free);
    g_autoptr(GArray) questions = g_array_new(FALSE, FALSE, sizeof(Question));
    for (char **candidate = candidates; *candidate != NULL; candidate++) {
        add_question(questions, out, *candidate, port);
    }
    converse(transport, questions);
    return out;
}
