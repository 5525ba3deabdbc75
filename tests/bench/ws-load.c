// SPDX-License-Identifier: GPL-3.0-or-later
// Websockets of one session (api/ws.schema.json), a thousand of them in one thread, each as a page
// has one: it joins, hears, votes, asks and says each 15 s that it is there; one more is of staff
// and approves what is asked. Measures how long it takes from there until all others hear of it,
// how late the clock of each second is, and how long votes take. Prints one JSON object.
//
//   ws-load --url http://ADDRESS:PORT --session ID [--sockets 1000] [--begin CLOCK] …
//
// Bearer tokens come on standard input, one a line: first of staff, the others go round.
#include "figures.h"
#include "measure.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zlib.h>

#define MAX_SOCKETS 4000
#define MAX_MESSAGE (4 * 1024 * 1024)
#define CLOCK_US 1000000     // between two clock events
#define PRESENCE_US 15000000 // between two of a page's
#define LOOK_US 2000         // asleep, so that few calls take many
#define RECENT 16            // approvals that are still on their way

enum { FRAME_MORE, FRAME_TEXT, FRAME_CLOSE = 8, FRAME_PING, FRAME_PONG };

static char *opt_url, *opt_session;
static int opt_sockets = 1000, opt_ramp = 200;
static double opt_votes = 100, opt_asks = 1, opt_begin, opt_seconds = 10;

static const GOptionEntry options[] = {
    {"url", 0, 0, G_OPTION_ARG_STRING, &opt_url, "The server", "URL"},
    {"session", 0, 0, G_OPTION_ARG_STRING, &opt_session, "Which", "ID"},
    {"sockets", 0, 0, G_OPTION_ARG_INT, &opt_sockets, "How many, beside staff's", "N"},
    {"ramp", 0, 0, G_OPTION_ARG_INT, &opt_ramp, "Opened a second", "N"},
    {"votes", 0, 0, G_OPTION_ARG_DOUBLE, &opt_votes, "A second, all together", "N"},
    {"asks", 0, 0, G_OPTION_ARG_DOUBLE, &opt_asks, "A second, all together", "N"},
    {"begin", 0, 0, G_OPTION_ARG_DOUBLE, &opt_begin, "Measure from then on", "CLOCK"},
    {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &opt_seconds, "Measured", "S"},
    G_OPTION_ENTRY_NULL,
};

typedef struct {
    unsigned index; // 0: staff
    int fd;         // -1: closed
    const char *token;
    bool connected, upgraded, deflates, joined;
    GByteArray *in, *message; // bytes; payload of frames that are not the last
    bool compressed;          // the message
    z_stream inflate;
    Gap clock;
    int64_t opened_us, arrived_us, presence_us, voted_us; // voted: 0, or a vote is on its way
    unsigned heard;                                       // the last approval
} Client;

typedef struct {
    char id[64];
    int64_t sent_us;
} Approval;

static struct sockaddr_in address;
static char *host;
static int epoll_fd;
static Client *clients;
static GPtrArray *tokens;
static unsigned started, joined;
static bool measuring;
static Approval approvals[RECENT];
static unsigned approved, approved_before, told; // asked for; before measuring; heard by somebody
static unsigned last_voter, last_asker;
static uint64_t messages, bytes, votes, asks, heard;
static GArray *joins, *broadcasts, *vote_times, *clock_gaps;
static GHashTable *errors;

static int64_t now_us(void)
{
    return g_get_monotonic_time();
}

static void close_client(Client *client, const char *why)
{
    errors_add(errors, why, 1);
    close(client->fd);
    client->fd = -1;
    joined -= client->joined;
    client->joined = false;
}

/* Frames to the server: RFC 6455 5.2, masked, whole. */
static void send_frame(Client *client, unsigned kind, const char *data, size_t size)
{
    uint8_t frame[512];
    g_assert(size < sizeof frame - 8);
    size_t at = 0;
    frame[at++] = (uint8_t)(0x80 | kind);
    if (size < 126) {
        frame[at++] = (uint8_t)(0x80 | size);
    } else {
        frame[at++] = 0x80 | 126;
        frame[at++] = (uint8_t)(size >> 8);
        frame[at++] = (uint8_t)size;
    }
    uint32_t mask = g_random_int();
    memcpy(frame + at, &mask, 4);
    const uint8_t *key = frame + at;
    at += 4;
    for (size_t i = 0; i < size; i++) {
        frame[at++] = (uint8_t)data[i] ^ key[i % 4];
    }
    if (send(client->fd, frame, at, MSG_NOSIGNAL) != (ssize_t)at) {
        close_client(client, "send");
    }
}

static void say(Client *client, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(Client *client, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    send_frame(client, FRAME_TEXT, text, strlen(text));
}

/* What is heard */

static bool has(const char *text, const char *member)
{
    return strstr(text, member) != NULL;
}

/* The id of the question in an event. */
static bool take_id(const char *text, char *out, size_t size)
{
    const char *data = strstr(text, "\"data\":{");
    const char *id = data != NULL ? strstr(data, "\"id\":\"") : NULL;
    size_t length = id != NULL ? strcspn(id + 6, "\"") : size;
    if (length >= size) {
        return false;
    }
    memcpy(out, id + 6, length);
    out[length] = '\0';
    return true;
}

static void approve(Client *staff, const char *text)
{
    Approval *next = &approvals[approved % RECENT];
    if (has(text, "\"state\":\"pending\"") && take_id(text, next->id, sizeof next->id)) {
        next->sent_us = now_us();
        approved++;
        say(staff, "{\"op\":\"moderate\",\"ref\":\"m\",\"question\":\"%s\",\"to\":\"approved\"}",
            next->id);
    }
}

static void hear_question(Client *client, const char *text)
{
    char id[sizeof approvals[0].id];
    if (!has(text, "\"state\":\"approved\"") || !take_id(text, id, sizeof id)) {
        return;
    }
    unsigned oldest = MAX(client->heard, approved > RECENT ? approved - RECENT : 0);
    for (unsigned number = approved; number > oldest; number--) {
        const Approval *one = &approvals[(number - 1) % RECENT];
        if (g_str_equal(one->id, id)) {
            client->heard = number;
            told = MAX(told, number);
            if (number > approved_before && measuring) {
                heard++;
                figures_add_us(broadcasts, client->arrived_us - one->sent_us);
            }
            return;
        }
    }
}

static void hear_ok(Client *client, const char *text)
{
    if (has(text, "\"ref\":\"v\"") && client->voted_us > 0) {
        if (measuring) {
            figures_add_us(vote_times, client->arrived_us - client->voted_us);
        }
        client->voted_us = 0;
    }
}

static void hear_error(Client *client, const char *text)
{
    const char *type = strstr(text, "\"type\":\"");
    g_autofree char *what =
        type == NULL ? g_strdup("error")
                     : g_strdup_printf("error %.*s", (int)strcspn(type + 8, "\""), type + 8);
    errors_add(errors, what, 1);
    client->voted_us = 0;
}

static void hear(Client *client, const char *text, size_t size)
{
    messages += measuring;
    bytes += measuring ? size : 0;
    if (has(text, "\"type\":\"clock\"")) {
        gap_take(&client->clock, client->arrived_us, client->arrived_us + CLOCK_US);
    } else if (has(text, "\"type\":\"question.")) {
        if (client->index > 0) {
            hear_question(client, text);
        } else {
            approve(client, text);
        }
    } else if (has(text, "\"op\":\"snapshot\"") && !client->joined) {
        client->joined = true;
        joined++;
        figures_add_us(joins, client->arrived_us - client->opened_us);
    } else if (has(text, "\"op\":\"ok\"")) {
        hear_ok(client, text);
    } else if (has(text, "\"op\":\"error\"")) {
        hear_error(client, text);
    }
}

/* RFC 7692 7.2.2 */
static void hear_compressed(Client *client)
{
    static char text[MAX_MESSAGE];
    static const uint8_t tail[] = {0, 0, 0xff, 0xff};
    g_byte_array_append(client->message, tail, sizeof tail);
    client->inflate.next_in = client->message->data;
    client->inflate.avail_in = client->message->len;
    client->inflate.next_out = (Bytef *)text;
    client->inflate.avail_out = sizeof text - 1;
    int result = inflate(&client->inflate, Z_SYNC_FLUSH);
    if (result != Z_OK || client->inflate.avail_in > 0) {
        close_client(client, "not to be inflated");
        return;
    }
    size_t size = sizeof text - 1 - client->inflate.avail_out;
    text[size] = '\0';
    hear(client, text, size);
}

static void hear_message(Client *client)
{
    if (client->compressed) {
        hear_compressed(client);
    } else {
        g_byte_array_append(client->message, (const guint8 *)"", 1);
        hear(client, (const char *)client->message->data, client->message->len - 1);
    }
    g_byte_array_set_size(client->message, 0);
}

static void take_frame(Client *client, uint8_t first, const uint8_t *payload, size_t size)
{
    unsigned kind = first & 0x0f;
    if (kind == FRAME_PING) {
        send_frame(client, FRAME_PONG, (const char *)payload, size);
    } else if (kind == FRAME_CLOSE) {
        unsigned code = size >= 2 ? (unsigned)payload[0] << 8 | payload[1] : 0;
        g_autofree char *why = g_strdup_printf("closed with %u", code);
        close_client(client, why);
    } else if (kind == FRAME_TEXT || kind == FRAME_MORE) {
        client->compressed = kind == FRAME_TEXT ? (first & 0x40) != 0 : client->compressed;
        g_byte_array_append(client->message, payload, (guint)size);
        if ((first & 0x80) != 0) {
            hear_message(client);
        }
    }
}

/* The size of the frame at `data` with its header, 0: not all there. */
static size_t frame_size(const uint8_t *data, size_t size, size_t *out_header)
{
    if (size < 2) {
        return 0;
    }
    size_t length = data[1] & 127, wide = length == 127 ? 8 : length == 126 ? 2 : 0;
    if (size < 2 + wide) {
        return 0;
    }
    for (size_t i = 0; i < wide; i++) {
        length = (i == 0 ? 0 : length << 8) | data[2 + i];
    }
    *out_header = 2 + wide;
    return size - *out_header >= length ? *out_header + length : 0;
}

static void take_frames(Client *client)
{
    size_t at = 0, header = 0, size;
    while (client->fd >= 0 &&
           (size = frame_size(client->in->data + at, client->in->len - at, &header)) > 0) {
        const uint8_t *frame = client->in->data + at;
        take_frame(client, frame[0], frame + header, size - header);
        at += size;
    }
    g_byte_array_remove_range(client->in, 0, (guint)at);
}

/* Opening */

static void upgrade(Client *client)
{
    client->connected = true;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
    uint32_t random[4] = {g_random_int(), g_random_int(), g_random_int(), g_random_int()};
    g_autofree char *key = g_base64_encode((const guchar *)random, sizeof random);
    g_autofree char *text = g_strdup_printf(
        "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
        "Sec-WebSocket-Protocol: majlis.v1\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        "Authorization: Bearer %s\r\n\r\n",
        host, key, client->token);
    if (send(client->fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text)) {
        close_client(client, "send");
    }
}

static void take_answer(Client *client)
{
    const char *head = (const char *)client->in->data;
    const char *end = memmem(head, client->in->len, "\r\n\r\n", 4);
    if (end == NULL) {
        return;
    }
    g_autofree char *text = g_strndup(head, (gsize)(end - head));
    g_byte_array_remove_range(client->in, 0, (guint)(end - head) + 4);
    if (!g_str_has_prefix(text, "HTTP/1.1 101 ")) {
        g_autofree char *why = g_strdup_printf("refused with %.3s", text + strlen("HTTP/1.1 "));
        close_client(client, why);
        return;
    }
    client->upgraded = true;
    client->deflates = strcasestr(text, "permessage-deflate") != NULL;
    if (client->deflates && inflateInit2(&client->inflate, -MAX_WBITS) != Z_OK) {
        g_error("no memory for zlib");
    }
    client->presence_us = now_us() + g_random_int_range(0, PRESENCE_US);
    say(client, "{\"op\":\"join\",\"session\":\"%s\"}", opt_session);
}

static void open_client(Client *client)
{
    unsigned others = tokens->len - 1;
    *client = (Client){.index = started++,
                       .in = g_byte_array_new(),
                       .message = g_byte_array_new(),
                       .opened_us = now_us()};
    client->token = tokens->pdata[client->index == 0 ? 0 : 1 + (client->index - 1) % others];
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert(client->fd >= 0);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    measure_note_arrivals(client->fd);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event);
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0 &&
        errno != EINPROGRESS) {
        close_client(client, "connect");
    }
}

static void on_event(Client *client, uint32_t events)
{
    static uint8_t buffer[256 * 1024];
    if (client->fd < 0) {
        return;
    }
    if (!client->connected) {
        if ((events & EPOLLERR) != 0) {
            close_client(client, "connect");
        } else {
            upgrade(client);
        }
        return;
    }
    ssize_t got = measure_receive(client->fd, buffer, sizeof buffer, &client->arrived_us);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) {
            close_client(client, got == 0 ? "closed by the server" : g_strerror(errno));
        }
        return;
    }
    g_byte_array_append(client->in, buffer, (guint)got);
    if (!client->upgraded) {
        take_answer(client);
    }
    if (client->upgraded) {
        take_frames(client);
    }
}

/* What people do */

/* The next one, in turn, that is in; NULL: none. */
static Client *next_person(unsigned *last)
{
    for (int i = 0; i < opt_sockets; i++) {
        *last = *last % (unsigned)opt_sockets + 1;
        if (*last < started && clients[*last].joined) {
            return &clients[*last];
        }
    }
    return NULL;
}

static void vote(void)
{
    Client *client = next_person(&last_voter);
    if (client == NULL || told == 0 || client->voted_us > 0) {
        return;
    }
    static unsigned round;
    const char *question = approvals[(told - 1 - round++ % MIN(told, RECENT / 2)) % RECENT].id;
    client->voted_us = now_us();
    votes += measuring;
    say(client, "{\"op\":\"vote\",\"ref\":\"v\",\"question\":\"%s\",\"on\":%s}", question,
        round % 4 != 0 ? "true" : "false");
}

static void ask(void)
{
    Client *client = next_person(&last_asker);
    if (client != NULL && clients[0].joined) {
        asks += measuring;
        say(client, "{\"op\":\"ask\",\"ref\":\"a\",\"text\":\"كيف نقيس أثر الحملات؟ %u\"}",
            g_random_int());
    }
}

static void say_present(int64_t at_us)
{
    for (unsigned i = 0; i < started; i++) {
        Client *client = &clients[i];
        if (client->joined && at_us >= client->presence_us) {
            client->presence_us = at_us + PRESENCE_US;
            say(client, "{\"op\":\"presence\",\"via\":\"none\"}");
        }
    }
}

/* Calls `act` as often as `rate` a second asks for; after a pause not more at once. */
static void keep_pace(int64_t *due_us, double rate, void (*act)(void), int64_t at_us)
{
    int64_t each_us = rate > 0 ? (int64_t)(1e6 / rate) : 0;
    *due_us = MAX(*due_us, at_us - 100000);
    for (; each_us > 0 && *due_us <= at_us; *due_us += each_us) {
        act();
    }
}

static void act(int64_t at_us)
{
    static int64_t vote_us, ask_us;
    keep_pace(&vote_us, opt_votes, vote, at_us);
    keep_pace(&ask_us, opt_asks, ask, at_us);
    say_present(at_us);
}

/* Result */

static void begin_measuring(void)
{
    measuring = true;
    approved_before = approved;
    for (unsigned i = 0; i < started; i++) {
        gap_begin(&clients[i].clock);
    }
}

static void print_result(double seconds)
{
    uint64_t over = 0;
    for (unsigned i = 1; i < started; i++) {
        gap_end(&clients[i].clock, now_us());
        over += clients[i].clock.over;
        figures_add_us(clock_gaps, clients[i].clock.longest_us);
    }
    printf("{\"sockets\":%d,\"seconds\":%.2f", opt_sockets, seconds);
    figures_print_count("joined", joined - clients[0].joined);
    figures_print_count("messages", messages);
    figures_print_count("bytes", bytes);
    figures_print_count("asks", asks);
    figures_print_count("votes", votes);
    figures_print_count("broadcasts", approved - approved_before);
    figures_print_count("heard", heard);
    figures_print_count("gaps_over_500_ms", over);
    figures_print("join_ms", joins);
    figures_print("broadcast_ms", broadcasts);
    figures_print("vote_ms", vote_times);
    figures_print("gap_ms", clock_gaps);
    errors_print(errors);
    printf("}\n");
}

static void run(void)
{
    struct epoll_event events[1024];
    int64_t begin_us = now_us(), all = opt_sockets + 1;
    int64_t from_us =
        opt_begin > 0 ? (int64_t)(opt_begin * 1e6) : begin_us + all * 1000000 / opt_ramp + 2000000;
    int64_t end_us = from_us + (int64_t)(opt_seconds * 1e6);
    for (int64_t at_us = begin_us; at_us < end_us; at_us = now_us()) {
        while (started < all && (at_us - begin_us) * opt_ramp >= started * INT64_C(1000000)) {
            open_client(&clients[started]);
        }
        if (!measuring && at_us >= from_us) {
            begin_measuring();
        }
        g_usleep(LOOK_US);
        int count = epoll_wait(epoll_fd, events, G_N_ELEMENTS(events), 0);
        for (int i = 0; i < count; i++) {
            on_event(events[i].data.ptr, events[i].events);
        }
        act(at_us);
    }
    print_result((double)(now_us() - from_us) / 1e6);
}

static bool parse_url(void)
{
    g_autoptr(GUri) uri = measure_server(opt_url, &address);
    if (uri == NULL) {
        return false;
    }
    host = g_strdup_printf("%s:%d", g_uri_get_host(uri), g_uri_get_port(uri));
    return true;
}

static void read_tokens(void)
{
    char line[512];
    tokens = g_ptr_array_new();
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (*g_strchomp(line) != '\0') {
            g_ptr_array_add(tokens, g_strdup(line));
        }
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || argc > 1 || !parse_url() ||
        opt_session == NULL || opt_sockets < 1 || opt_sockets > MAX_SOCKETS || opt_ramp < 1) {
        fprintf(stderr, "usage: ws-load --url http://ADDRESS:PORT --session ID [--sockets N] …\n");
        return 2;
    }
    read_tokens();
    if (tokens->len < 2) {
        fprintf(stderr, "ws-load: tokens of staff and of one attendee at least are needed\n");
        return 2;
    }
    measure_need_descriptors();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    errors = errors_new();
    GArray **lists[] = {&joins, &broadcasts, &vote_times, &clock_gaps};
    for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++) {
        *lists[i] = figures_new();
    }
    clients = g_new0(Client, opt_sockets + 1);
    run();
    return 0;
}
