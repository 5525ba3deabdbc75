// SPDX-License-Identifier: GPL-3.0-or-later
// The websocket server, with limits per person.
#include "qa/hub.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/loop.h"
#include "base/rate.h"
#include "base/refs.h"
#include "qa/loop.h"
#include "qa/qa.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_BUFFER_BYTES (64 * 1024) // of the kernel: slow readers must show here
#define CLOSE_WAIT_S 5                // for the close frame
#define DESCRIPTORS_BY_TABLE 262144   // above: libwebsockets makes no table

typedef struct {
    uint64_t id;
    struct lws *wsi; // NULL: not a websocket yet
    AuthIdentity *who;
    uint8_t sign_in[AUTH_HASH_BYTES];
    GQueue waiting;       // GBytes
    GByteArray *partial;  // incoming message
    size_t counted_bytes; // of `waiting`, without snapshots
    GBytes *snapshots[2]; // borrowed from `waiting`, in this order, not counted
    int close_code;       // 0: open
} Socket;

struct QaHub {
    BaseRefs refs; // owner and posts
    GMainContext *socket_context;
    atomic_uint open;
    atomic_uint_fast64_t queued_bytes, slow_closes, received;

    /* Main thread. */
    QaHubEvents events;
    bool detached;
    GArray *outbox; // Delivery; NULL: empty

    /* Socket thread. */
    struct lws_context *context;
    struct lws_vhost *vhost;
    QaLoop *loop; // of `context`
    bool stopped;
    uint64_t last_id;
    GHashTable *sockets; // id -> Socket, borrowed
    BaseRates *rates;    // messages by person
    BaseRates *strikes;  // over that rate, by person
    GByteArray *scratch; // LWS_PRE and a message
    Socket *adopting;    // nullable: not open yet

    /* Any thread. */
    pthread_mutex_t mutex;
    unsigned count;      // sockets
    GHashTable *persons; // person -> count
};

static QaHub *hub_ref(QaHub *hub)
{
    base_refs_inc(&hub->refs);
    return hub;
}

static void hub_unref(QaHub *hub)
{
    if (!base_refs_dec(&hub->refs)) {
        return;
    }
    g_assert(hub->context == NULL);
    g_hash_table_unref(hub->sockets);
    g_hash_table_unref(hub->persons);
    base_rates_free(hub->rates);
    base_rates_free(hub->strikes);
    g_byte_array_unref(hub->scratch);
    pthread_mutex_destroy(&hub->mutex);
    g_main_context_unref(hub->socket_context);
    g_free(hub);
}

/* To main */

typedef enum { OPENED, RECEIVED, CLOSED } Kind;

typedef struct {
    QaHub *hub;
    Kind kind;
    uint64_t socket;
    AuthIdentity *who;                // OPENED
    uint8_t sign_in[AUTH_HASH_BYTES]; // OPENED
    GBytes *text;                     // RECEIVED
    bool limited;
} Report;

static void on_report(void *data)
{
    Report *report = data;
    const QaHubEvents *events = &report->hub->events;
    if (report->hub->detached) {
        // the owner is gone
    } else if (report->kind == OPENED) {
        events->opened(events->data, report->socket, report->who, report->sign_in);
    } else if (report->kind == RECEIVED) {
        events->received(events->data, report->socket, report->text, report->limited);
    } else {
        events->closed(events->data, report->socket);
    }
    g_clear_pointer(&report->who, auth_identity_unref);
    g_clear_pointer(&report->text, g_bytes_unref);
    hub_unref(report->hub);
    g_free(report);
}

static void post_report(QaHub *hub, Report what)
{
    Report *report = g_new(Report, 1);
    *report = what;
    report->hub = hub_ref(hub);
    base_post(NULL, on_report, report);
}

/* One socket */

static guint count_of(const QaHub *hub, const char *person)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(hub->persons, person));
}

static void count_socket(QaHub *hub, const char *person, int change)
{
    pthread_mutex_lock(&hub->mutex);
    guint count = count_of(hub, person) + (guint)change;
    hub->count += (unsigned)change;
    if (count == 0) {
        g_hash_table_remove(hub->persons, person);
    } else {
        g_hash_table_replace(hub->persons, g_strdup(person), GUINT_TO_POINTER(count));
    }
    pthread_mutex_unlock(&hub->mutex);
}

/* Counts until socket_free(). */
static Socket *socket_new(QaHub *hub, AuthIdentity *who, const uint8_t sign_in[AUTH_HASH_BYTES])
{
    Socket *socket = g_new0(Socket, 1);
    socket->id = ++hub->last_id;
    socket->who = auth_identity_ref(who);
    memcpy(socket->sign_in, sign_in, AUTH_HASH_BYTES);
    socket->partial = g_byte_array_new();
    g_queue_init(&socket->waiting);
    g_hash_table_insert(hub->sockets, &socket->id, socket);
    count_socket(hub, who->person, 1);
    return socket;
}

static void socket_open(QaHub *hub, Socket *socket, struct lws *wsi)
{
    socket->wsi = wsi;
    atomic_fetch_add(&hub->open, 1);
    Report report = {.kind = OPENED, .socket = socket->id, .who = auth_identity_ref(socket->who)};
    memcpy(report.sign_in, socket->sign_in, AUTH_HASH_BYTES);
    post_report(hub, report);
}

static void drop_waiting(QaHub *hub, Socket *socket)
{
    g_queue_clear_full(&socket->waiting, (GDestroyNotify)g_bytes_unref);
    atomic_fetch_sub(&hub->queued_bytes, socket->counted_bytes);
    socket->counted_bytes = 0;
    memset(socket->snapshots, 0, sizeof socket->snapshots);
}

static void socket_free(QaHub *hub, Socket *socket)
{
    if (socket->wsi != NULL) {
        atomic_fetch_sub(&hub->open, 1);
        post_report(hub, (Report){.kind = CLOSED, .socket = socket->id});
    }
    g_hash_table_remove(hub->sockets, &socket->id);
    count_socket(hub, socket->who->person, -1);
    drop_waiting(hub, socket);
    g_byte_array_unref(socket->partial);
    auth_identity_unref(socket->who);
    g_free(socket);
    base_descriptors_give(1);
}

static const char *close_reason(int code)
{
    switch ((QaClose)code) {
    case QA_CLOSE_AWAY:
        return "the server is stopping";
    case QA_CLOSE_WRONG:
        return "protocol error";
    case QA_CLOSE_KIND:
        return "text messages only";
    case QA_CLOSE_TEXT:
        return "not UTF-8";
    case QA_CLOSE_POLICY:
        return "too many messages";
    case QA_CLOSE_SIZE:
        return "message too large";
    case QA_CLOSE_SLOW:
        return "reads too slowly";
    case QA_CLOSE_REVOKED:
        return "sign in again";
    case QA_CLOSE_DENIED:
        return "not invited to this session";
    }
    return "";
}

static void give_close_reason(Socket *socket)
{
    const char *reason = close_reason(socket->close_code);
    lws_close_reason(socket->wsi, (enum lws_close_status)socket->close_code,
                     (unsigned char *)reason, strlen(reason));
}

/* Sends the close frame when the socket is writable, or cuts it. After -1 from the callback for data
 * libwebsockets may send none. */
static void start_close(QaHub *hub, Socket *socket, QaClose code)
{
    if (socket->close_code != 0) {
        return;
    }
    atomic_fetch_add(&hub->slow_closes, code == QA_CLOSE_SLOW);
    socket->close_code = code;
    drop_waiting(hub, socket);
    lws_set_timeout(socket->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_WAIT_S);
    lws_rx_flow_control(socket->wsi, 0); // reads and inflates no more
    lws_callback_on_writable(socket->wsi);
}

/* The result of the callback for the peer's close. */
static int close_now(QaHub *hub, Socket *socket, QaClose code)
{
    if (socket->close_code == 0) {
        socket->close_code = code;
    }
    drop_waiting(hub, socket);
    give_close_reason(socket);
    return -1;
}

/* More sockets allow no more messages. */
static bool is_over(BaseRates *rates, const AuthIdentity *who, unsigned burst)
{
    unsigned factor = who->role >= AUTH_MODERATOR ? QA_MODERATOR_FACTOR : 1;
    BaseRate rate = {.every_us = BASE_US_PER_S / (QA_MAX_MESSAGES_PER_S * factor),
                     .burst = burst * factor};
    return base_rates_wait(rates, who->person, rate, base_clock_us()) > 0;
}

static void on_message(QaHub *hub, Socket *socket)
{
    atomic_fetch_add(&hub->received, 1);
    if (!g_utf8_validate_len((const char *)socket->partial->data, socket->partial->len, NULL)) {
        start_close(hub, socket, QA_CLOSE_TEXT);
        return;
    }
    bool limited = is_over(hub->rates, socket->who, QA_HUB_BURST);
    // main refuses them, which costs time too
    if (limited && is_over(hub->strikes, socket->who, QA_HUB_MAX_STRIKES)) {
        start_close(hub, socket, QA_CLOSE_POLICY);
        return;
    }
    GBytes *text = g_bytes_new(socket->partial->data, socket->partial->len);
    g_byte_array_set_size(socket->partial, 0);
    post_report(hub,
                (Report){.kind = RECEIVED, .socket = socket->id, .text = text, .limited = limited});
}

static void on_bytes(QaHub *hub, Socket *socket, const void *data, size_t size)
{
    if (socket->close_code != 0) {
        return;
    }
    bool binary = lws_frame_is_binary(socket->wsi);
    if (binary || socket->partial->len + size > QA_MAX_MESSAGE_BYTES) {
        start_close(hub, socket, binary ? QA_CLOSE_KIND : QA_CLOSE_SIZE);
        return;
    }
    g_byte_array_append(socket->partial, data, (guint)size);
    if (lws_is_final_fragment(socket->wsi) && lws_remaining_packet_payload(socket->wsi) == 0) {
        on_message(hub, socket);
    }
}

static int on_writable(QaHub *hub, Socket *socket)
{
    if (socket->close_code != 0) {
        give_close_reason(socket);
        return -1;
    }
    g_autoptr(GBytes) bytes = g_queue_pop_head(&socket->waiting);
    if (bytes == NULL) {
        return 0;
    }
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    if (bytes == socket->snapshots[0]) {
        socket->snapshots[0] = g_steal_pointer(&socket->snapshots[1]);
    } else {
        socket->counted_bytes -= size;
        atomic_fetch_sub(&hub->queued_bytes, size);
    }
    /* The frame's header goes into LWS_PRE. */
    g_byte_array_set_size(hub->scratch, (guint)(LWS_PRE + size));
    memcpy(hub->scratch->data + LWS_PRE, data, size);
    if (lws_write(socket->wsi, hub->scratch->data + LWS_PRE, size, LWS_WRITE_TEXT) < 0) {
        return -1;
    }
    if (!g_queue_is_empty(&socket->waiting)) {
        lws_callback_on_writable(socket->wsi);
    }
    return 0;
}

/* RFC 6455 5.5.1, 7.4.2. libwebsockets echoes the code, invalid ones below 3000 as 1002. */
static int on_peer_close(QaHub *hub, Socket *socket, const uint8_t *payload, size_t size)
{
    unsigned code = size >= 2 ? (unsigned)payload[0] << 8 | payload[1] : 1000;
    if (size == 1 || code == QA_CLOSE_WRONG || code >= 5000) {
        return close_now(hub, socket, QA_CLOSE_WRONG);
    }
    bool fine = size <= 2 || g_utf8_validate_len((const char *)payload + 2, size - 2, NULL);
    return fine ? 0 : close_now(hub, socket, QA_CLOSE_TEXT);
}

/* libwebsockets */

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t size)
{
    (void)wsi, (void)user, (void)in, (void)size;
    /* No subprotocol, or an unknown one. */
    return reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION || reason == LWS_CALLBACK_HTTP;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                     size_t size)
{
    Socket **place = user;
    QaHub *hub = lws_context_user(lws_get_context(wsi));
    if (hub->loop != NULL) {
        qa_loop_again(hub->loop);
    }
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return hub->adopting == NULL; // unknown person
    case LWS_CALLBACK_ESTABLISHED:
        if (hub->adopting == NULL) {
            return -1;
        }
        /* 30 KB a client, not 90: messages are short. */
        lws_set_extension_option(wsi, "permessage-deflate", "mem_level", "4");
        lws_set_extension_option(wsi, "permessage-deflate", "rx_buf_size", "14"); // 16 KB
        *place = g_steal_pointer(&hub->adopting);
        socket_open(hub, *place, wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        on_bytes(hub, *place, in, size);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return on_peer_close(hub, *place, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(hub, *place);
    case LWS_CALLBACK_CLOSED:
        if (*place != NULL) {
            socket_free(hub, *place);
            *place = NULL;
        }
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http},
    {.name = "majlis.v1",
     .callback = on_socket,
     .per_session_data_size = sizeof(Socket *),
     /* Larger than a message: shows oversize at once. */
     .rx_buffer_size = 2 * QA_MAX_MESSAGE_BYTES + LWS_PRE},
    {.name = NULL},
};

static const lws_retry_bo_t liveness = {
    .secs_since_valid_ping = QA_HUB_PING_S,
    .secs_since_valid_hangup = QA_HUB_DEAD_S,
};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
    {NULL, NULL, NULL},
};

/* libwebsockets sizes a table by this limit, which is 2^30 in containers. */
static unsigned int descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS_BY_TABLE) {
        return QA_MAX_SOCKETS + 64;
    }
    return 0;
}

static void destroy_context(QaHub *hub)
{
    g_clear_pointer(&hub->loop, qa_loop_free);
    g_clear_pointer(&hub->context, lws_context_destroy);
    hub->vhost = NULL;
}

/* False: stopped, or tried again by the next socket. */
static bool start(QaHub *hub)
{
    if (hub->stopped || hub->loop != NULL) {
        return !hub->stopped;
    }
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .gid = -1,
        .uid = -1,
        .user = hub,
        .fd_limit_per_thread = descriptor_limit(),
        .pt_serv_buf_size = LWS_PRE + 2 * QA_MAX_MESSAGE_BYTES, // what a relay sends at once
        .protocols = protocols,
        .extensions = extensions,
        .retry_and_idle_policy = &liveness,
        .vhost_name = "majlis",
    };
    hub->context = lws_create_context(&info);
    if (hub->context != NULL) {
        hub->vhost = lws_create_vhost(hub->context, &info);
    }
    if (hub->vhost != NULL) {
        hub->loop = qa_loop_new(hub->socket_context, hub->context);
    }
    if (hub->loop == NULL) {
        destroy_context(hub);
    }
    return hub->loop != NULL;
}

static void refuse(int fd, const char *status)
{
    g_autofree char *answer = g_strdup_printf(
        "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n", status);
    (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

void qa_hub_stats(const QaHub *hub, QaStats *out)
{
    out->sockets = atomic_load(&hub->open);
    out->queued_bytes = atomic_load(&hub->queued_bytes);
    out->slow_closes = atomic_load(&hub->slow_closes);
    out->received = atomic_load(&hub->received);
}

bool qa_hub_has_room(QaHub *hub, const AuthIdentity *who)
{
    pthread_mutex_lock(&hub->mutex);
    bool room =
        hub->count < QA_MAX_SOCKETS && count_of(hub, who->person) < QA_MAX_SOCKETS_PER_PERSON;
    pthread_mutex_unlock(&hub->mutex);
    return room;
}

/* NULL: takes a descriptor. Else the status of the refusal. */
static const char *refusal(QaHub *hub, const AuthIdentity *who)
{
    if (who == NULL) {
        return "401 Unauthorized";
    }
    if (!start(hub)) {
        return "503 Service Unavailable";
    }
    if (!qa_hub_has_room(hub, who)) {
        return "429 Too Many Requests";
    }
    return base_descriptors_take(1) ? NULL : "503 Service Unavailable";
}

void qa_hub_adopt(QaHub *hub, int fd, const char *head, size_t head_size, AuthIdentity *who,
                  const uint8_t sign_in[AUTH_HASH_BYTES])
{
    const char *status = refusal(hub, who);
    if (status != NULL) {
        refuse(fd, status);
        return;
    }
    int size = SEND_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    /* Upgrades inside this call, or closes. */
    hub->adopting = socket_new(hub, who, sign_in);
    struct lws *wsi = lws_adopt_socket_vhost_readbuf(hub->vhost, fd, head, head_size);
    if (hub->adopting != NULL) {
        if (wsi != NULL) {
            lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
        }
        socket_free(hub, g_steal_pointer(&hub->adopting));
    } else {
        qa_loop_add(hub->loop, fd);
    }
}

/* A close frame (RFC 6455 5.5.1): libwebsockets sends none when its context is destroyed. */
static void say_away(const Socket *socket)
{
    static const uint8_t frame[] = {0x88, 2, QA_CLOSE_AWAY >> 8, QA_CLOSE_AWAY & 0xff};
    if (socket->close_code == 0 && !lws_partial_buffered(socket->wsi)) {
        (void)!send(lws_get_socket_fd(socket->wsi), frame, sizeof frame,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

void qa_hub_stop(QaHub *hub)
{
    hub->stopped = true;
    if (hub->context == NULL) {
        return;
    }
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, hub->sockets);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        say_away(value);
    }
    destroy_context(hub);
}

/* From main */

typedef struct {
    uint64_t socket;
    GBytes *text; // a reference
    bool snapshot;
} Delivery;

typedef struct {
    QaHub *hub;
    GArray *deliveries;
    uint64_t close; // 0: none
    QaClose code;
} Order;

/* The first one is what later events are about; of others the last says it all. */
static void note_snapshot(Socket *socket, GBytes *text)
{
    GBytes *last = socket->snapshots[1];
    if (last != NULL) {
        g_queue_remove(&socket->waiting, last);
        g_bytes_unref(last);
    }
    socket->snapshots[socket->snapshots[0] != NULL ? 1 : 0] = text;
}

static void queue_delivery(QaHub *hub, Socket *socket, const Delivery *delivery)
{
    size_t size = g_bytes_get_size(delivery->text);
    if (delivery->snapshot) {
        note_snapshot(socket, delivery->text);
    } else if (socket->counted_bytes + size > QA_HUB_MAX_QUEUED_BYTES) {
        start_close(hub, socket, QA_CLOSE_SLOW);
        return;
    } else {
        socket->counted_bytes += size;
        atomic_fetch_add(&hub->queued_bytes, size);
    }
    if (g_queue_is_empty(&socket->waiting)) {
        lws_callback_on_writable(socket->wsi);
    }
    g_queue_push_tail(&socket->waiting, g_bytes_ref(delivery->text));
}

static void on_order(void *data)
{
    Order *order = data;
    QaHub *hub = order->hub;
    for (guint i = 0; order->deliveries != NULL && i < order->deliveries->len; i++) {
        const Delivery *delivery = &g_array_index(order->deliveries, Delivery, i);
        Socket *socket = g_hash_table_lookup(hub->sockets, &delivery->socket);
        if (socket != NULL && socket->close_code == 0) {
            queue_delivery(hub, socket, delivery);
        }
    }
    Socket *closing = g_hash_table_lookup(hub->sockets, &order->close);
    if (closing != NULL) {
        start_close(hub, closing, order->code);
    }
    if (hub->loop != NULL) {
        qa_loop_again(hub->loop);
    }
    g_clear_pointer(&order->deliveries, g_array_unref);
    hub_unref(hub);
    g_free(order);
}

static void post_order(QaHub *hub, Order what)
{
    Order *order = g_new(Order, 1);
    *order = what;
    order->hub = hub_ref(hub);
    base_post(hub->socket_context, on_order, order);
}

static void delivery_clear(void *data)
{
    g_bytes_unref(((Delivery *)data)->text);
}

static void flush(QaHub *hub)
{
    if (hub->outbox != NULL) {
        post_order(hub, (Order){.deliveries = g_steal_pointer(&hub->outbox)});
    }
}

static void on_flush(void *data)
{
    flush(data);
    hub_unref(data);
}

void qa_hub_send(QaHub *hub, uint64_t socket, GBytes *text, bool snapshot)
{
    if (hub->outbox == NULL) {
        hub->outbox = g_array_new(FALSE, FALSE, sizeof(Delivery));
        g_array_set_clear_func(hub->outbox, delivery_clear);
        base_post(NULL, on_flush, hub_ref(hub));
    }
    Delivery delivery = {.socket = socket, .text = g_bytes_ref(text), .snapshot = snapshot};
    g_array_append_val(hub->outbox, delivery);
}

void qa_hub_close(QaHub *hub, uint64_t socket, QaClose code)
{
    flush(hub);
    post_order(hub, (Order){.close = socket, .code = code});
}

QaHub *qa_hub_new(GMainContext *socket_context, const QaHubEvents *events)
{
    /* It logs each adoption as an error. */
    lws_set_log_level(0, NULL);
    QaHub *hub = g_new0(QaHub, 1);
    base_refs_init(&hub->refs);
    hub->socket_context = g_main_context_ref(socket_context);
    hub->events = *events;
    hub->sockets = g_hash_table_new(g_int64_hash, g_int64_equal);
    hub->persons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hub->rates = base_rates_new();
    hub->strikes = base_rates_new();
    hub->scratch = g_byte_array_new();
    pthread_mutex_init(&hub->mutex, NULL);
    return hub;
}

void qa_hub_free(QaHub *hub)
{
    if (hub != NULL) {
        hub->detached = true;
        g_clear_pointer(&hub->outbox, g_array_unref);
        hub_unref(hub);
    }
}
