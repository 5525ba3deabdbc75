// SPDX-License-Identifier: GPL-3.0-or-later
// WHEP and WHIP resources: offer, ICE restart, removal.
#include "rtc/server.h"

#include "protocol/stun.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

#include <malloc.h>
#include <string.h>

#define UFRAG_LENGTH 8 // 40 bits; RFC 8445 5.3: at least 24
#define PWD_LENGTH 26  // 130 bits; RFC 8445 5.3: at least 128
#define ETAG_LENGTH 12
#define CNAME_LENGTH 16
#define RIGHTS_US BASE_US_PER_S

typedef struct {
    RtcServer *server;
    RtcStream *stream;
    char *text, *id, *etag, *owner;
    RtcRight right;
    size_t size;
    bool privileged, publishes;
    RtcPublisherEvents events;
    char language[MEDIA_NAME_BYTES], rendition[MEDIA_NAME_BYTES];
    GMainContext *context;
    RtcAnswerFunc func;
    void *data;
    RtcAnswer *answer;
    GError *error;
} Request;

static void request_free(Request *request)
{
    g_free(request->text);
    g_free(request->id);
    g_free(request->etag);
    g_free(request->owner);
    g_clear_pointer(&request->context, g_main_context_unref);
    g_clear_error(&request->error);
    g_free(request);
}

static void on_answer(void *data)
{
    Request *request = data;
    request->func(request->data, request->answer, request->error);
    request_free(request);
}

static void answer(Request *request)
{
    base_post(request->context, on_answer, request);
}

static void refuse(Request *request, BaseError code, const char *text)
{
    g_set_error_literal(&request->error, BASE_ERROR, code, text);
    answer(request);
}

static void forget_addresses(RtcResource *resource, bool all)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, resource->server->by_address);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        if (value == resource && (all || !rtc_peer_knows(resource->peer, key))) {
            rtc_tcp_close(rtc_transport_tcp(resource->server->transport),
                          ((ProtocolAddress *)key)->tcp);
            g_hash_table_iter_remove(&iter);
        }
    }
}

static void forget_ufrag(RtcResource *resource, unsigned which)
{
    if (resource->ufrags[which] != NULL) {
        g_hash_table_remove(resource->server->by_ufrag, resource->ufrags[which]);
        g_clear_pointer(&resource->ufrags[which], g_free);
    }
}

static void resource_free(RtcResource *resource)
{
    rtc_publisher_free(resource->publisher);
    rtc_peer_free(resource->peer);
    g_free(resource->id);
    g_free(resource->etag);
    g_free(resource->owner);
    g_free(resource->kind);
    g_free(resource->mid);
    g_free(resource);
}

void rtc_resource_remove(RtcResource *resource)
{
    RtcServer *server = resource->server;
    // no consent: no sending
    bool goodbye = rtc_peer_reason(resource->peer) == RTC_PEER_NOT_CLOSED;
    if (resource->viewer != NULL) {
        if (resource->move != NULL) { // close_notify must do
            rtc_move_forget(resource->move);
        } else {
            rtc_out_remove_viewer(rtc_resource_out(resource), resource->viewer, goodbye);
        }
        atomic_fetch_sub(&resource->stream->connected, 1);
        atomic_fetch_sub(&server->counters.connected, 1);
    }
    if (goodbye) {
        rtc_peer_close(resource->peer);
    }
    forget_addresses(resource, true);
    forget_ufrag(resource, 0);
    forget_ufrag(resource, 1);
    g_hash_table_remove(server->by_id, resource->id);
    g_ptr_array_remove_fast(server->resources, resource);
    if (resource->publisher == NULL) {
        atomic_fetch_sub(&server->counters.viewers, 1);
    }
    server->dealt[resource->out]--;
    resource_free(resource);
}

static void on_peer_send(void *data, const ProtocolAddress *to, const uint8_t *bytes, size_t size)
{
    RtcResource *resource = data;
    if (size > 0) {
        rtc_transport_send(resource->server->transport, to, bytes,
                           size); // retransmitted if lost
    }
}

static void on_peer_connected(void *data, const ProtocolSrtpMaster *keys, const ProtocolAddress *to)
{
    RtcResource *resource = data;
    if (resource->publisher != NULL) {
        rtc_publisher_connected(resource->publisher, keys, to);
        return;
    }
    resource->viewer = rtc_viewer_new(&resource->setup, keys, to);
    rtc_out_add_viewer(rtc_resource_out(resource), resource->viewer);
    atomic_fetch_add(&resource->stream->connected, 1);
    atomic_fetch_add(&resource->server->counters.connected, 1);
}

static void on_peer_moved(void *data, const ProtocolAddress *to)
{
    RtcResource *resource = data;
    if (resource->publisher != NULL) {
        rtc_publisher_moved(resource->publisher, to);
        return;
    }
    if (resource->move != NULL) {
        resource->new_path = *to;
        resource->has_new_path = true;
        return;
    }
    rtc_out_move_viewer(rtc_resource_out(resource), resource->viewer, to);
}

static void on_peer_rtcp(void *data, const uint8_t *bytes, size_t size, int64_t now_us)
{
    RtcResource *resource = data;
    if (resource->publisher != NULL) {
        rtc_publisher_take(resource->publisher, true, bytes, size);
    } else if (resource->move == NULL) { // feedback repeats
        bool urgent =
            rtc_out_feedback(rtc_resource_out(resource), resource->viewer, bytes, size, now_us);
        resource->server->urgent_us = urgent ? now_us : resource->server->urgent_us;
    }
}

static void on_peer_rtp(void *data, const uint8_t *bytes, size_t size)
{
    RtcResource *resource = data;
    rtc_publisher_take(resource->publisher, false, bytes, size);
}

/* STUN by ufrag, the rest by validated address. */
static RtcResource *find(RtcServer *server, const RtcDatagram *datagram)
{
    if (datagram->size < 2 || rtc_kind(datagram->bytes[0]) == RTC_KIND_OTHER) {
        return NULL;
    }
    if (rtc_kind(datagram->bytes[0]) != RTC_KIND_STUN) {
        return g_hash_table_lookup(server->by_address, &datagram->from);
    }
    ProtocolStun message;
    char ufrag[UFRAG_LENGTH + 1];
    if (protocol_stun_parse(datagram->bytes, datagram->size, &message) < 0 ||
        message.username_size <= UFRAG_LENGTH || message.username[UFRAG_LENGTH] != ':') {
        return NULL;
    }
    memcpy(ufrag, message.username, UFRAG_LENGTH);
    ufrag[UFRAG_LENGTH] = '\0';
    return g_hash_table_lookup(server->by_ufrag, ufrag);
}

int rtc_resource_datagram(RtcServer *server, RtcDatagram *datagram, int64_t now_us)
{
    RtcResource *resource = find(server, datagram);
    int result = -1;
    if (resource != NULL) {
        result =
            rtc_peer_recv(resource->peer, datagram->bytes, datagram->size, &datagram->from, now_us);
    }
    if (result < 0) {
        atomic_fetch_add_explicit(&server->counters.bad, 1, memory_order_relaxed);
    }
    if (result == 1 &&
        g_hash_table_lookup(server->by_address, &datagram->from) != (void *)resource) {
        forget_addresses(resource, false);
        g_hash_table_insert(server->by_address, g_memdup2(&datagram->from, sizeof datagram->from),
                            resource);
        if (resource->viewer == NULL && resource->publisher == NULL) {
            rtc_out_expect_viewer(rtc_resource_out(resource), resource->setup.rendition);
        }
    }
    if (resource != NULL && rtc_peer_state(resource->peer) == RTC_PEER_CLOSED) {
        rtc_resource_remove(resource);
    }
    return result;
}

void rtc_resource_lost(RtcServer *server, const ProtocolAddress *from)
{
    RtcResource *resource = g_hash_table_lookup(server->by_address, from);
    if (resource != NULL) {
        rtc_peer_lost(resource->peer, from);
        g_hash_table_remove(server->by_address, from);
    }
}

#define TRIM_US (2 * BASE_US_PER_S) // once for many handshakes

G_STATIC_ASSERT(RTC_MAX_SDP_BYTES == PROTOCOL_SDP_MAX_BYTES);

void rtc_answer_free(RtcAnswer *answer)
{
    if (answer != NULL) {
        g_free(answer->id);
        g_free(answer->etag);
        g_free(answer->sdp);
        g_free(answer);
    }
}

static gpointer trim_all(gpointer data)
{
    (void)data;
    malloc_trim(0);
    return NULL;
}

/* malloc keeps freed handshake memory, half a viewer's, between live blocks. */
static void trim(RtcServer *server, unsigned handshakes, int64_t now_us)
{
    if (handshakes < server->handshakes && server->trim_us == 0) {
        server->trim_us = now_us + TRIM_US;
    }
    server->handshakes = handshakes;
    if (server->trim_us != 0 && now_us >= server->trim_us) {
        server->trim_us = 0;
        g_autoptr(GThread) thread = g_thread_try_new("trim", trim_all, NULL, NULL);
    }
}

static bool lost_right(const RtcServer *server, const RtcResource *resource)
{
    return server->may_stay != NULL && !server->may_stay(server->data, &resource->right);
}

void rtc_resources_update(RtcServer *server, int64_t now_us)
{
    unsigned handshakes = 0;
    bool look = now_us >= server->rights_us;
    if (!look && server->unsettled == 0) {
        return; // only consent can end, in seconds
    }
    server->rights_us = look ? now_us + RIGHTS_US : server->rights_us;
    server->unsettled = 0;
    for (guint i = server->resources->len; i > 0; i--) {
        RtcResource *resource = server->resources->pdata[i - 1];
        rtc_peer_update(resource->peer, now_us);
        handshakes += rtc_peer_has_dtls(resource->peer);
        server->unsettled += rtc_peer_state(resource->peer) != RTC_PEER_CONNECTED ||
                             rtc_peer_has_dtls(resource->peer);
        if (rtc_peer_state(resource->peer) == RTC_PEER_CLOSED ||
            (look && lost_right(server, resource))) {
            rtc_resource_remove(resource);
        }
    }
    trim(server, handshakes, now_us);
}

static void new_ice(RtcServer *server, ProtocolIceCredentials *out)
{
    do {
        g_autofree char *ufrag = base_id_new(UFRAG_LENGTH);
        g_strlcpy(out->ufrag, ufrag, sizeof out->ufrag);
    } while (g_hash_table_contains(server->by_ufrag, out->ufrag));
    g_autofree char *pwd = base_id_new(PWD_LENGTH);
    g_strlcpy(out->pwd, pwd, sizeof out->pwd);
}

static void add_ufrag(RtcResource *resource, const char *ufrag)
{
    forget_ufrag(resource, 1);
    resource->ufrags[1] = resource->ufrags[0];
    resource->ufrags[0] = g_strdup(ufrag);
    g_hash_table_insert(resource->server->by_ufrag, resource->ufrags[0], resource);
}

static uint32_t new_ssrc(const uint32_t *taken, unsigned n)
{
    uint32_t ssrc;
    bool again;
    do {
        base_random(&ssrc, sizeof ssrc);
        again = ssrc < 16; // some peers report from small SSRCs
        for (unsigned i = 0; i < n; i++) {
            again = again || ssrc == taken[i];
        }
    } while (again);
    return ssrc;
}

static void setup_viewer(RtcViewerSetup *setup, const Request *request, const ProtocolOffer *offer,
                         bool audio, bool video)
{
    *setup = (RtcViewerSetup){.privileged = request->privileged,
                              .offered_us = base_clock_us(),
                              .remb = protocol_offer_takes_remb(offer)};
    g_strlcpy(setup->language, request->language, sizeof setup->language);
    g_strlcpy(setup->rendition, request->rendition, sizeof setup->rendition);
    g_autofree char *cname = base_id_new(CNAME_LENGTH);
    g_strlcpy(setup->cname, cname, sizeof setup->cname);
    uint32_t ssrcs[3];
    for (unsigned i = 0; i < G_N_ELEMENTS(ssrcs); i++) {
        ssrcs[i] = new_ssrc(ssrcs, i);
    }
    setup->audio = (RtcFlowSetup){.wanted = audio,
                                  .ssrc = ssrcs[0],
                                  .format = (uint8_t)offer->audio_format,
                                  .extension = (uint8_t)offer->audio_transport};
    setup->video = (RtcFlowSetup){.wanted = video,
                                  .ssrc = ssrcs[1],
                                  .format = (uint8_t)offer->video_format,
                                  .extension = (uint8_t)offer->video_transport};
    setup->rtx = (RtcFlowSetup){.wanted = video && offer->rtx,
                                .ssrc = ssrcs[2],
                                .format = (uint8_t)offer->rtx_format,
                                .extension = (uint8_t)offer->video_transport};
}

/* What all answers have. */
static ProtocolAnswerConfig begin_answer(RtcServer *server, const ProtocolIceCredentials *ice)
{
    rtc_server_follow_addresses(server, base_clock_us());
    ProtocolAnswerConfig config = {
        .ice = ice,
        .fingerprint = protocol_dtls_identity_text(server->identity),
        .candidates = (const char *const *)server->candidates,
        .address = server->address,
        .port = rtc_transport_port(server->transport),
    };
    base_random(&config.session, sizeof config.session);
    return config;
}

static char *answer_publisher(Request *request, const ProtocolOffer *offer,
                              const ProtocolIceCredentials *ice, RtcViewerSetup *out_setup)
{
    *out_setup = (RtcViewerSetup){.privileged = true}; // takes no viewer's place
    ProtocolAnswerConfig config = begin_answer(request->server, ice);
    config.audio = config.video = config.stereo = true;
    return protocol_offer_answer(offer, &config, &request->error);
}

static char *answer_viewer(Request *request, const ProtocolOffer *offer,
                           const ProtocolIceCredentials *ice, RtcViewerSetup *out_setup)
{
    MediaTrack *tracks[MEDIA_MAX_TRACKS];
    media_bus_tracks(request->stream->bus, tracks);
    const MediaTrack *const *list = (const MediaTrack *const *)tracks;
    const MediaTrack *audio = rtc_choose_audio(list, request->language);
    const MediaTrack *video = rtc_choose_video(list, request->rendition);
    setup_viewer(out_setup, request, offer, audio != NULL && offer->audio >= 0,
                 video != NULL && offer->video >= 0);
    ProtocolAnswerConfig config = begin_answer(request->server, ice);
    config.cname = out_setup->cname;
    config.audio = out_setup->audio.wanted;
    config.video = out_setup->video.wanted;
    config.stereo = audio != NULL && audio->info.channels == 2;
    config.audio_ssrc = out_setup->audio.ssrc;
    config.video_ssrc = out_setup->video.ssrc;
    config.rtx_ssrc = out_setup->rtx.ssrc;
    char *sdp = NULL;
    if (audio == NULL && video == NULL) {
        base_refuse(&request->error, BASE_CODE_NOT_BEGUN, NULL, NULL,
                    "The programme has not started: try again in a moment.");
    } else {
        sdp = protocol_offer_answer(offer, &config, &request->error);
    }
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        g_clear_pointer(&tracks[i], media_track_unref);
    }
    return sdp;
}

static bool has_room(Request *request)
{
    RtcServer *server = request->server;
    unsigned own = 0, taken = 0;
    for (guint i = 0; i < server->resources->len; i++) {
        const RtcResource *resource = server->resources->pdata[i];
        own += strcmp(resource->owner, request->owner) == 0;
        taken += !resource->setup.privileged;
    }
    if (own >= RTC_MAX_VIEWERS_PER_OWNER) {
        base_refuse(&request->error, BASE_CODE_TOO_MANY_PAGES, NULL, NULL,
                    "You are watching on %u pages already. Close one of them.", own);
        return false;
    }
    unsigned most = atomic_load(&server->max_viewers);
    if (!request->privileged && most != 0 && taken >= most) {
        g_set_error_literal(&request->error, BASE_ERROR, BASE_ERROR_NO_PLACE,
                            "All places for WebRTC are taken. Watch over HLS, or try again later.");
        return false;
    }
    return true;
}

static RtcResource *resource_new(Request *request, const ProtocolOffer *offer,
                                 const ProtocolIceCredentials *ice, const RtcViewerSetup *setup)
{
    RtcServer *server = request->server;
    RtcResource *resource = g_new0(RtcResource, 1);
    const ProtocolOfferMedia *tagged = protocol_offer_tagged(offer);
    resource->server = server;
    resource->stream = request->stream;
    resource->id = base_id_new(BASE_ID_SECRET_LENGTH);
    resource->etag = base_id_new(ETAG_LENGTH);
    resource->owner = g_strdup(request->owner);
    resource->right = request->right;
    resource->kind = g_strdup(tagged->kind);
    resource->mid = g_strdup(tagged->mid);
    resource->setup = *setup;
    resource->out = rtc_spread_place(server);
    server->dealt[resource->out]++;
    RtcPeerEvents events = {.send = on_peer_send,
                            .connected = on_peer_connected,
                            .moved = on_peer_moved,
                            .rtcp = on_peer_rtcp,
                            .rtp = request->publishes ? on_peer_rtp : NULL,
                            .data = resource};
    resource->peer = rtc_peer_new(server->identity, ice, &offer->ice, &offer->fingerprint,
                                  offer->dtls_client, &events, base_clock_us());
    g_ptr_array_add(server->resources, resource);
    g_hash_table_insert(server->by_id, resource->id, resource);
    add_ufrag(resource, ice->ufrag);
    if (request->publishes) {
        resource->publisher = rtc_publisher_new(server->transport, offer, &request->events);
    } else {
        atomic_fetch_add(&server->counters.viewers, 1);
    }
    server->unsettled++;
    return resource;
}

static RtcAnswer *answer_of(const RtcResource *resource, char *sdp)
{
    RtcAnswer *made = g_new0(RtcAnswer, 1);
    *made = (RtcAnswer){.id = g_strdup(resource->id), .etag = g_strdup(resource->etag), .sdp = sdp};
    return made;
}

static void on_add(void *data)
{
    Request *request = data;
    g_autoptr(ProtocolOffer) offer = NULL;
    if (has_room(request)) {
        offer = protocol_offer_parse(
            request->text, request->size,
            request->publishes ? PROTOCOL_OFFER_SENDS : PROTOCOL_OFFER_RECEIVES, &request->error);
    }
    if (offer != NULL) {
        ProtocolIceCredentials ice;
        RtcViewerSetup setup;
        new_ice(request->server, &ice);
        char *sdp =
            (request->publishes ? answer_publisher : answer_viewer)(request, offer, &ice, &setup);
        if (sdp != NULL) {
            request->answer = answer_of(resource_new(request, offer, &ice, &setup), sdp);
        }
    }
    answer(request);
}

static Request *request_new(RtcServer *server, const char *text, size_t size, GMainContext *context,
                            RtcAnswerFunc func, void *data)
{
    Request *request = g_new0(Request, 1);
    request->server = server;
    request->size = size;
    // refused by size, not read
    request->text = g_memdup2(text, size <= RTC_MAX_SDP_BYTES ? size : 0);
    request->context = context != NULL ? g_main_context_ref(context) : NULL;
    request->func = func;
    request->data = data;
    return request;
}

void rtc_viewer_add(RtcStream *stream, const char *offer, size_t size,
                    const RtcViewerConfig *config, GMainContext *context, RtcAnswerFunc func,
                    void *data)
{
    Request *request = request_new(stream->server, offer, size, context, func, data);
    request->stream = stream;
    request->owner = g_strdup(config->owner != NULL ? config->owner : "");
    request->right = config->right;
    request->privileged = config->privileged;
    g_strlcpy(request->language, config->language != NULL ? config->language : "",
              sizeof request->language);
    g_strlcpy(request->rendition, config->rendition != NULL ? config->rendition : "",
              sizeof request->rendition);
    base_post(base_loop_context(stream->server->in), on_add, request);
}

void rtc_publisher_add(RtcStream *stream, const char *offer, size_t size,
                       const RtcPublisherConfig *config, GMainContext *context, RtcAnswerFunc func,
                       void *data)
{
    Request *request = request_new(stream->server, offer, size, context, func, data);
    request->stream = stream;
    request->owner = g_strdup(config->owner);
    request->right = config->right;
    request->privileged = request->publishes = true;
    request->events = config->events;
    base_post(base_loop_context(stream->server->in), on_add, request);
}

static void on_report(void *data)
{
    Request *request = data;
    RtcResource *resource = g_hash_table_lookup(request->server->by_id, request->id);
    if (resource != NULL && resource->publisher != NULL) {
        rtc_publisher_send(resource->publisher, (const uint8_t *)request->text, request->size);
    }
    request_free(request);
}

void rtc_publisher_report(RtcServer *server, const char *id, const uint8_t *bytes, size_t size)
{
    Request *request = request_new(server, (const char *)bytes, size, NULL, NULL, NULL);
    request->id = g_strdup(id);
    base_post(base_loop_context(server->in), on_report, request);
}

static void restart(Request *request, RtcResource *resource, const ProtocolIceCredentials *remote)
{
    RtcServer *server = request->server;
    ProtocolIceCredentials local;
    rtc_server_follow_addresses(server, base_clock_us());
    new_ice(server, &local);
    rtc_peer_restart(resource->peer, &local, remote);
    add_ufrag(resource, local.ufrag);
    g_free(resource->etag);
    resource->etag = base_id_new(ETAG_LENGTH);
    char *sdp = protocol_fragment_write(resource->kind, resource->mid, &local,
                                        (const char *const *)server->candidates);
    request->answer = answer_of(resource, sdp);
}

static void on_patch(void *data)
{
    Request *request = data;
    RtcResource *resource = g_hash_table_lookup(request->server->by_id, request->id);
    if (resource == NULL) {
        refuse(request, BASE_ERROR_NOT_FOUND,
               "The viewer does not exist or has ended: send a new offer.");
        return;
    }
    if (request->etag != NULL && strcmp(request->etag, resource->etag) != 0) {
        refuse(request, BASE_ERROR_CONFLICT,
               "The ETag is not that of the current ICE session: it was restarted.");
        return;
    }
    ProtocolIceCredentials remote;
    if (protocol_fragment_parse(request->text, request->size, &remote, &request->error) &&
        remote.ufrag[0] != '\0' &&
        strcmp(remote.ufrag, rtc_peer_remote(resource->peer)->ufrag) != 0) {
        restart(request, resource, &remote);
    }
    answer(request);
}

void rtc_viewer_patch(RtcServer *server, const char *id, const char *etag, const char *fragment,
                      size_t size, GMainContext *context, RtcAnswerFunc func, void *data)
{
    Request *request = request_new(server, fragment, size, context, func, data);
    request->id = g_strdup(id);
    request->etag = g_strdup(etag);
    base_post(base_loop_context(server->in), on_patch, request);
}

static void on_remove(void *data)
{
    Request *request = data;
    RtcResource *resource = g_hash_table_lookup(request->server->by_id, request->id);
    if (resource != NULL) {
        rtc_resource_remove(resource);
    }
    request_free(request);
}

void rtc_viewer_remove(RtcServer *server, const char *id)
{
    Request *request = request_new(server, NULL, 0, NULL, NULL, NULL);
    request->id = g_strdup(id);
    base_post(base_loop_context(server->in), on_remove, request);
}

static void on_remove_owner(void *data)
{
    Request *request = data;
    GPtrArray *all = request->server->resources;
    for (guint i = all->len; i > 0; i--) {
        RtcResource *resource = all->pdata[i - 1];
        if (strcmp(resource->owner, request->owner) == 0) {
            rtc_resource_remove(resource);
        }
    }
    request_free(request);
}

void rtc_viewer_remove_owner(RtcServer *server, const char *owner)
{
    Request *request = request_new(server, NULL, 0, NULL, NULL, NULL);
    request->owner = g_strdup(owner);
    base_post(base_loop_context(server->in), on_remove_owner, request);
}
