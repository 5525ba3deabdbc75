// SPDX-License-Identifier: GPL-3.0-or-later
// What strangers send to a server that owes them nothing: connections that say a byte a second or
// nothing and read nothing, and datagrams that belong to no viewer. Prints "held" once all slow
// connections stand, and at the end (after --seconds, at SIGTERM, or with --once when the server
// has closed them all) one JSON object.
//
//   strangers --url http://ADDRESS:PORT [--slow 1000] [--udp PORT --junk 50000] [--seconds S] …
//
// A slow connection that the server closes is opened again, unless --once.
#include "figures.h"
#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_SLOW 20000
#define SLOW_EACH_US 1000000 // between two bytes
#define ADDRESSES 3          // 127.0.0.2 and on, where the server is on loopback
#define BATCH 32
#define BEHIND_US 100000 // what was missed for longer is not sent: it would come at once
#define KINDS 5

static char *opt_url;
static int opt_slow, opt_arrive = 500, opt_udp, opt_junk;
static double opt_begin, opt_seconds;
static gboolean opt_once;

static const GOptionEntry options[] = {
    {"url", 0, 0, G_OPTION_ARG_STRING, &opt_url, "The server", "URL"},
    {"slow", 0, 0, G_OPTION_ARG_INT, &opt_slow, "Slow connections", "N"},
    {"arrive", 0, 0, G_OPTION_ARG_INT, &opt_arrive, "Of these a second", "N"},
    {"once", 0, 0, G_OPTION_ARG_NONE, &opt_once, "Do not open them again", NULL},
    {"udp", 0, 0, G_OPTION_ARG_INT, &opt_udp, "The media port, on the same address", "PORT"},
    {"junk", 0, 0, G_OPTION_ARG_INT, &opt_junk, "Datagrams a second", "N"},
    {"begin", 0, 0, G_OPTION_ARG_DOUBLE, &opt_begin, "Begin then", "CLOCK"},
    {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &opt_seconds, "Until the end, 0: SIGTERM", "S"},
    G_OPTION_ENTRY_NULL,
};

typedef struct {
    int fd; // -1: closed
    bool connected;
    unsigned kind;
    int64_t next_us; // byte
} Slow;

typedef struct {
    const char *bytes;
    size_t size;
} Datagram;

static struct sockaddr_in address;
static char *begins[KINDS]; // of slow connections
static Datagram junk[KINDS];
static int epoll_fd, udp_fd = -1;
static Slow *slow;
static unsigned held, most_held;
static uint64_t opened, closed, failed, sent, refused, replies;
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

/* STUN with a false checksum, a DTLS handshake, RTP, RTCP, and none of them. */
static void make_junk(void)
{
    static char stun[28] = {0, 1, 0, 8, 0x21, 0x12, (char)0xa4, 0x42, 7, 7, 7, 7, 7, 7,
                            7, 7, 7, 7, 7,    7,    (char)0x80, 0x28, 0, 4, 1, 2, 3, 4};
    static char dtls[63] = {22, (char)254, (char)253}, rtp[302] = {(char)128, 102};
    static char rtcp[42] = {(char)128, (char)201}, none[91] = {(char)255};
    junk[0] = (Datagram){stun, sizeof stun};
    junk[1] = (Datagram){dtls, sizeof dtls};
    junk[2] = (Datagram){rtp, sizeof rtp};
    junk[3] = (Datagram){rtcp, sizeof rtcp};
    junk[4] = (Datagram){none, sizeof none};
    memset(dtls + 3, 1, sizeof dtls - 3);
    memset(rtp + 2, 9, sizeof rtp - 2);
    memset(rtcp + 2, 3, sizeof rtcp - 2);
    memset(none + 1, 5, sizeof none - 1);
}

/* A request line, a body, a head that never end; many requests at once; nothing. */
static void make_begins(const char *host)
{
    GString *many = g_string_new(NULL);
    for (unsigned i = 0; i < 20; i++) {
        g_string_append_printf(many, "GET /ar/ HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    }
    begins[0] = g_strdup("GET / HT");
    begins[1] = g_strdup_printf("POST /api/v1/sign-in HTTP/1.1\r\nHost: %s\r\n"
                                "Content-Length: 30000\r\n\r\n{",
                                host);
    begins[2] = g_strdup_printf("GET /ar/ HTTP/1.1\r\nHost: %s\r\nX: ", host);
    begins[3] = g_string_free(many, FALSE);
    begins[4] = g_strdup("");
}

/* Slow connections */

static void close_slow(Slow *one)
{
    held -= one->connected;
    one->connected = false;
    close(one->fd);
    one->fd = -1;
}

static void open_slow(Slow *one, unsigned index)
{
    *one = (Slow){.kind = index % KINDS,
                  .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    g_assert(one->fd >= 0);
    struct sockaddr_in from = {.sin_family = AF_INET};
    if (ntohl(address.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) {
        from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + index % ADDRESSES);
        (void)bind(one->fd, (struct sockaddr *)&from, sizeof from); // else from our own address
    }
    opened++;
    struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP, .data.ptr = one};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, one->fd, &event);
    if (connect(one->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        failed++;
        close_slow(one);
    }
}

static void begin_slow(Slow *one)
{
    struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = one};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, one->fd, &event);
    one->connected = true;
    one->next_us = g_get_monotonic_time() + SLOW_EACH_US;
    (void)!send(one->fd, begins[one->kind], strlen(begins[one->kind]), MSG_NOSIGNAL);
    if (++held > most_held) {
        most_held = held;
        if (held == (unsigned)opt_slow) {
            printf("held\n");
            fflush(stdout);
        }
    }
}

static void on_event(Slow *one, uint32_t events)
{
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        if (one->connected) {
            closed++;
        } else {
            failed++;
        }
        close_slow(one);
    } else if (!one->connected) {
        begin_slow(one);
    }
}

static void open_due(int64_t *due_us, int64_t at_us)
{
    *due_us = MAX(*due_us, at_us - BEHIND_US);
    for (int i = 0; i < opt_slow && *due_us <= at_us; i++) {
        if (slow[i].fd < 0 && !(opt_once && opened >= (uint64_t)opt_slow)) {
            open_slow(&slow[i], (unsigned)i);
            *due_us += 1000000 / opt_arrive;
        }
    }
}

static void feed(int64_t at_us)
{
    for (int i = 0; i < opt_slow; i++) {
        Slow *one = &slow[i];
        if (one->connected && at_us >= one->next_us && begins[one->kind][0] != '\0') {
            one->next_us = at_us + SLOW_EACH_US;
            (void)!send(one->fd, "a", 1, MSG_NOSIGNAL);
        }
    }
}

/* Junk */

static void open_udp(void)
{
    struct sockaddr_in to = address;
    to.sin_port = htons((uint16_t)opt_udp);
    udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert(udp_fd >= 0 && connect(udp_fd, (struct sockaddr *)&to, sizeof to) == 0);
}

static void send_junk(unsigned count)
{
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    for (unsigned i = 0; i < count; i++) {
        const Datagram *one = &junk[(sent + i) % KINDS];
        vectors[i] = (struct iovec){(void *)one->bytes, one->size};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[i], .msg_iovlen = 1}};
    }
    int put = sendmmsg(udp_fd, messages, count, 0);
    sent += (unsigned)MAX(put, 0);
    refused += count - (unsigned)MAX(put, 0); // by this machine
}

static void flood(int64_t *due_us, int64_t at_us)
{
    *due_us = MAX(*due_us, at_us - BEHIND_US);
    for (; *due_us < at_us && udp_fd >= 0; *due_us += INT64_C(1000000) * BATCH / opt_junk) {
        send_junk(BATCH);
    }
    char bytes[2048];
    while (udp_fd >= 0 && recv(udp_fd, bytes, sizeof bytes, 0) >= 0) {
        replies++;
    }
}

static void print_result(double seconds)
{
    printf("{\"seconds\":%.2f", seconds);
    figures_print_count("held", held);
    figures_print_count("most_held", most_held);
    figures_print_count("opened", opened);
    figures_print_count("closed", closed);
    figures_print_count("failed", failed);
    figures_print_count("junk", sent);
    figures_print_count("junk_not_sent", refused);
    figures_print_count("replies", replies);
    printf("}\n");
}

static bool all_closed(void)
{
    return opt_once && opt_slow > 0 && opened >= (uint64_t)opt_slow && held == 0 &&
           closed + failed >= (uint64_t)opt_slow;
}

static void run(void)
{
    struct epoll_event events[256];
    int64_t begin_us = MAX(g_get_monotonic_time(), (int64_t)(opt_begin * 1e6));
    while (g_get_monotonic_time() < begin_us && !stopped) {
        g_usleep(1000);
    }
    int64_t open_us = begin_us, junk_us = begin_us, feed_us = begin_us;
    int64_t end_us = opt_seconds > 0 ? begin_us + (int64_t)(opt_seconds * 1e6) : INT64_MAX;
    for (int64_t at_us = begin_us; at_us < end_us && !stopped && !all_closed();
         at_us = g_get_monotonic_time()) {
        open_due(&open_us, at_us);
        if (at_us >= feed_us) {
            feed_us = at_us + SLOW_EACH_US / 10;
            feed(at_us);
        }
        flood(&junk_us, at_us);
        int count = epoll_wait(epoll_fd, events, G_N_ELEMENTS(events), 1);
        for (int i = 0; i < count; i++) {
            on_event(events[i].data.ptr, events[i].events);
        }
    }
    print_result((double)(g_get_monotonic_time() - begin_us) / 1e6);
}

static bool parse_url(void)
{
    g_autoptr(GUri) uri = measure_server(opt_url, &address);
    if (uri == NULL) {
        return false;
    }
    g_autofree char *host = g_strdup_printf("%s:%d", g_uri_get_host(uri), g_uri_get_port(uri));
    make_begins(host);
    return true;
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || argc > 1 || !parse_url() ||
        opt_slow < 0 || opt_slow > MAX_SLOW || opt_arrive < 1 || opt_junk < 0 ||
        (opt_junk > 0 && opt_udp == 0)) {
        fprintf(stderr, "usage: strangers --url http://ADDRESS:PORT [--slow N] [--udp PORT "
                        "--junk N] …\n");
        return 2;
    }
    signal(SIGTERM, on_signal);
    measure_need_descriptors();
    make_junk();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (opt_junk > 0) {
        open_udp();
    }
    slow = g_new0(Slow, MAX(opt_slow, 1));
    for (int i = 0; i < opt_slow; i++) {
        slow[i].fd = -1;
    }
    run();
    return 0;
}
