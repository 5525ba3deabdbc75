// SPDX-License-Identifier: GPL-3.0-or-later
// The in thread, and streams.
#include "rtc/server.h"

#include "base/clock.h"
#include "base/error.h"

#include <glib-unix.h>
#include <string.h>

#define TICK_US (100 * BASE_US_PER_MS)
#define TICK_EARLY_US (80 * BASE_US_PER_MS) // if awake anyway
#define RECEIVE_FIRST 4                     // mostly there are few
#define RECEIVE_BATCH 32
#define RECEIVE_ROUNDS 8             // then posts and timers run
#define NAP_US (33 * BASE_US_PER_MS) // between looks at the socket: the time of a picture
#define ALERT_US (2 * BASE_US_PER_S) // no nap after a NACK or key-frame request
#define KEY_INTERVAL_US (500 * BASE_US_PER_MS)

/* Returns true if nothing is left. */
static bool receive(RtcServer *server, int64_t now_us)
{
    int most = RECEIVE_FIRST;
    for (int round = 0; round < RECEIVE_ROUNDS; round++, most = RECEIVE_BATCH) {
        int n = rtc_udp_receive(rtc_transport_udp(server->transport), server->datagrams,
                                (unsigned)most);
        for (int i = 0; i < n; i++) {
            rtc_resource_datagram(server, &server->datagrams[i], now_us);
        }
        if (n < most) {
            return true;
        }
    }
    return false;
}

/* The UDP socket and the tick as a source that naps: waking for each report costs more than
 * handling it. Handshakes and viewers with losses do not wait. */
typedef struct {
    GSource source;
    GPollFD poll;
    RtcServer *server;
    int64_t nap_us; // until then
    int64_t tick_us;
} Intake;

static gboolean intake_prepare(GSource *source, gint *out_timeout_ms)
{
    Intake *intake = (Intake *)source;
    int64_t now_us = g_source_get_time(source);
    bool naps = now_us < intake->nap_us;
    int64_t left_us = (naps ? intake->nap_us : intake->tick_us) - now_us;
    intake->poll.events = naps ? 0 : G_IO_IN;
    *out_timeout_ms = (gint)(MAX(left_us, 0) + 999) / 1000;
    return left_us <= 0;
}

static gboolean intake_check(GSource *source)
{
    Intake *intake = (Intake *)source;
    return (intake->poll.revents & G_IO_IN) != 0 || g_source_get_time(source) >= intake->tick_us;
}

static void tick(RtcServer *server, int64_t now_us)
{
    rtc_resources_update(server, now_us);
    rtc_spread_update(server, now_us);
    rtc_tcp_update(rtc_transport_tcp(server->transport), now_us);
}

static gboolean intake_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    (void)data;
    Intake *intake = (Intake *)source;
    RtcServer *server = intake->server;
    int64_t now_us = base_clock_us();
    bool drained = receive(server, now_us);
    bool settled = server->resources->len ==
                   atomic_load_explicit(&server->counters.connected, memory_order_relaxed);
    if (drained && settled && now_us - server->urgent_us >= ALERT_US) {
        intake->nap_us = now_us + NAP_US;
    }
    if (now_us >= intake->tick_us - (TICK_US - TICK_EARLY_US)) {
        intake->tick_us = now_us + TICK_US;
        tick(server, now_us);
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs intake_funcs = {
    .prepare = intake_prepare, .check = intake_check, .dispatch = intake_dispatch};

static GSource *intake_new(RtcServer *server)
{
    GSource *source = g_source_new(&intake_funcs, sizeof(Intake));
    Intake *intake = (Intake *)source;
    intake->server = server;
    intake->poll =
        (GPollFD){.fd = rtc_udp_fd(rtc_transport_udp(server->transport)), .events = G_IO_IN};
    g_source_add_poll(source, &intake->poll);
    return source;
}

static int on_tcp_frame(void *data, RtcDatagram *frame, int64_t now_us)
{
    return rtc_resource_datagram(data, frame, now_us);
}

static void on_tcp_closed(void *data, const ProtocolAddress *from)
{
    rtc_resource_lost(data, from);
}

static gboolean on_tcp(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    RtcServer *server = data;
    RtcTcpEvents events = {.frame = on_tcp_frame, .closed = on_tcp_closed, .data = server};
    rtc_tcp_receive(rtc_transport_tcp(server->transport), &events, base_clock_us());
    return G_SOURCE_CONTINUE;
}

static gboolean same_address(gconstpointer a, gconstpointer b)
{
    return protocol_address_equal(a, b);
}

static void on_start(void *data)
{
    RtcServer *server = data;
    GMainContext *context = base_loop_context(server->in);
    server->intake = intake_new(server);
    g_source_attach(server->intake, context);
    server->tcp = g_unix_fd_source_new(rtc_tcp_fd(rtc_transport_tcp(server->transport)), G_IO_IN);
    g_source_set_callback(server->tcp, G_SOURCE_FUNC(on_tcp), server, NULL);
    g_source_attach(server->tcp, context);
}

static void on_stop(void *data)
{
    RtcServer *server = data;
    g_assert(server->resources->len == 0);
    g_source_destroy(server->intake);
    g_source_unref(server->intake);
    g_source_destroy(server->tcp);
    g_source_unref(server->tcp);
}

static void start(RtcServer *server, const RtcConfig *config)
{
    const char *const *fixed = config->public_addresses;
    server->own_addresses = fixed == NULL || fixed[0] == NULL;
    server->public_tcp = g_strdup(config->public_tcp);
    atomic_init(&server->max_viewers, config->max_viewers);
    server->may_stay = config->may_stay;
    server->data = config->data;
    server->resources = g_ptr_array_new();
    server->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    server->by_ufrag = g_hash_table_new(g_str_hash, g_str_equal);
    server->by_address = g_hash_table_new_full(protocol_address_hash, same_address, g_free, NULL);
    server->datagrams = g_new(RtcDatagram, RECEIVE_BATCH);
    unsigned wanted = config->out_threads != 0 ? config->out_threads : g_get_num_processors();
    server->n_outs = CLAMP(wanted, 1, RTC_MAX_OUT_THREADS);
    server->spread.active = 1;
    server->looked_us = base_clock_us();
    for (unsigned i = 0; i < server->n_outs; i++) {
        server->outs[i] = rtc_out_new(i, server->transport, &server->counters);
    }
    server->in = base_loop_new("rtc-in");
    base_loop_call(server->in, on_start, server);
}

RtcServer *rtc_server_new(const RtcConfig *config, GError **error)
{
    RtcServer *server = g_new0(RtcServer, 1);
    server->transport = rtc_transport_new(config->listen, error);
    char **candidates = server->transport != NULL
                            ? rtc_transport_candidates(server->transport, config->public_addresses,
                                                       config->public_tcp, error)
                            : NULL;
    if (candidates != NULL) {
        rtc_server_set_candidates(server, candidates);
    }
    if (candidates != NULL && protocol_srtp_init(error)) {
        server->identity = protocol_dtls_identity_new(error);
    }
    if (server->identity == NULL) {
        rtc_server_free(server);
        return NULL;
    }
    start(server, config);
    return server;
}

void rtc_server_free(RtcServer *server)
{
    if (server == NULL) {
        return;
    }
    if (server->in != NULL) {
        base_loop_call(server->in, on_stop, server);
        base_loop_free(server->in);
        for (unsigned i = 0; i < server->n_outs; i++) {
            rtc_out_free(server->outs[i]);
        }
        g_ptr_array_unref(server->resources);
        g_hash_table_unref(server->by_id);
        g_hash_table_unref(server->by_ufrag);
        g_hash_table_unref(server->by_address);
        g_free(server->datagrams);
    }
    protocol_dtls_identity_free(server->identity);
    rtc_transport_free(server->transport);
    g_strfreev(server->candidates);
    g_free(server->address);
    g_free(server->public_tcp);
    g_free(server);
}

typedef struct {
    RtcServer *server;
    int fd;
} Adoption;

static void on_adopt(void *data)
{
    Adoption *adoption = data;
    rtc_tcp_adopt(rtc_transport_tcp(adoption->server->transport), adoption->fd, base_clock_us());
    g_free(adoption);
}

void rtc_server_adopt_tcp(RtcServer *server, int fd)
{
    Adoption *adoption = g_new(Adoption, 1);
    *adoption = (Adoption){.server = server, .fd = fd};
    base_post(base_loop_context(server->in), on_adopt, adoption);
}

/* Any out thread: one request per interval serves all. */
static void on_want_key(void *data, uint8_t track, int64_t now_us)
{
    RtcStream *stream = data;
    int_fast64_t last = atomic_load_explicit(&stream->asked_us[track], memory_order_relaxed);
    if (last != 0 && now_us - last < KEY_INTERVAL_US) {
        return;
    }
    if (atomic_compare_exchange_strong(&stream->asked_us[track], &last, now_us) &&
        stream->events.want_key != NULL) {
        stream->events.want_key(stream->events.data, 1u << track);
    }
}

RtcStream *rtc_stream_new(RtcServer *server, MediaBus *bus, const RtcStreamEvents *events)
{
    RtcStream *stream = g_new0(RtcStream, 1);
    stream->server = server;
    stream->bus = bus;
    stream->events = *events;
    RtcOutStreamConfig config = {
        .bus = bus, .want_key = on_want_key, .data = stream, .wall_us = &stream->wall_us};
    for (unsigned i = 0; i < server->n_outs; i++) {
        stream->out_streams[i] = rtc_out_add_stream(server->outs[i], &config);
    }
    return stream;
}

static void on_forget_stream(void *data)
{
    RtcStream *stream = data;
    GPtrArray *all = stream->server->resources;
    for (guint i = all->len; i > 0; i--) {
        RtcResource *resource = all->pdata[i - 1];
        if (resource->stream == stream) {
            rtc_resource_remove(resource);
        }
    }
}

void rtc_stream_free(RtcStream *stream)
{
    if (stream == NULL) {
        return;
    }
    // posts to remove viewers come first
    base_loop_call(stream->server->in, on_forget_stream, stream);
    for (unsigned i = 0; i < stream->server->n_outs; i++) {
        rtc_out_remove_stream(stream->out_streams[i]);
    }
    g_free(stream);
}

void rtc_server_set_max_viewers(RtcServer *server, unsigned max_viewers)
{
    atomic_store(&server->max_viewers, max_viewers);
}

void rtc_server_stats(const RtcServer *server, RtcStats *out)
{
    const RtcCounters *counters = &server->counters;
    *out = (RtcStats){
        .viewers = atomic_load_explicit(&counters->viewers, memory_order_relaxed),
        .connected = atomic_load_explicit(&counters->connected, memory_order_relaxed),
        .tcp = rtc_tcp_count(rtc_transport_tcp(server->transport)),
        .packets = atomic_load_explicit(&counters->packets, memory_order_relaxed),
        .bytes = atomic_load_explicit(&counters->bytes, memory_order_relaxed),
        .send_drops = atomic_load_explicit(&counters->drops, memory_order_relaxed),
        .resent = atomic_load_explicit(&counters->resent, memory_order_relaxed),
        .switched = atomic_load_explicit(&counters->switched, memory_order_relaxed),
        .paused = atomic_load_explicit(&counters->paused, memory_order_relaxed),
        .bad_packets = atomic_load_explicit(&counters->bad, memory_order_relaxed),
    };
    base_histogram_read(&counters->join, &out->join);
}

void rtc_stream_stats(const RtcStream *stream, RtcStreamStats *out)
{
    *out = (RtcStreamStats){0};
    for (unsigned i = 0; i < stream->server->n_outs; i++) {
        rtc_out_stream_stats(stream->out_streams[i], out);
    }
}

unsigned rtc_stream_viewers(const RtcStream *stream)
{
    return atomic_load_explicit(&stream->connected, memory_order_relaxed);
}
