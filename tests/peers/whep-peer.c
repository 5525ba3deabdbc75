// SPDX-License-Identifier: GPL-3.0-or-later
// A viewer of foreign make: GStreamer's webrtcbin with libsoup. Posts an offer to a WHEP endpoint,
// decodes what comes, and prints one line of JSON with what it saw. Or a publisher to a WHIP
// endpoint, as broadcast programs are: an offer without candidates, no trickle.
//
//   whep-peer URL [--token T] [--seconds N] [--limit N] [--only udp|tcp] [--port N] [--via PORT]
//             [--relay] [--publish h264|h264-mode0|vp8]
//
// --seconds counts from the first picture; --limit is how long that may take.
// --only and --port leave the answer's other candidates out, as a firewall would. --via: UDP goes
// to that port of the same address, where a relay is. --relay: only
// over the TURN server of the environment's WHEP_TURN, turn://USER:PASSWORD@HOST:PORT.
//
// Exit status: 0 when both audio and video were decoded, 1 when not, 2 for wrong usage.

#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/video/video.h>
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>
#include <libsoup/soup.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>

#define H264_CAPS                                                                                  \
    "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,"               \
    "packetization-mode=(string)1,profile-level-id=(string)42e01f,"                                \
    "rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true,rtcp-fb-ccm-fir=(boolean)true"
#define OPUS_CAPS                                                                                  \
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"               \
    "encoding-params=(string)2"

typedef struct {
    const char *url, *token;
    const char *only;    // nullable: a transport
    const char *publish; // nullable: a codec
    int port;            // 0: any
    int via;             // 0: the answer's own
    bool relay;
    GMainLoop *loop;
    GstElement *pipeline, *webrtc;
    SoupSession *soup;
    char *resource; // the answer's Location
    bool posted, failed;
    guint seconds; // to watch, from the first picture on
    gint64 posted_us;
    // streaming threads
    atomic_uint video_frames, audio_buffers, width, height;
    atomic_llong first_video_us, last_video_us, longest_gap_us;
    // main
    double peak_db;
} Peer;

static void fail(Peer *peer, const char *what, const char *why)
{
    g_printerr("whep-peer: %s: %s\n", what, why);
    peer->failed = true;
    g_main_loop_quit(peer->loop);
}

/* Between two pictures, from a second after the first on: until then the decoder settles. */
static void note_gap(Peer *peer, gint64 now_us)
{
    gint64 gap_us = now_us - atomic_exchange(&peer->last_video_us, now_us);
    if (now_us - atomic_load(&peer->first_video_us) > G_USEC_PER_SEC &&
        gap_us > atomic_load(&peer->longest_gap_us)) {
        atomic_store(&peer->longest_gap_us, gap_us);
    }
}

static gboolean on_end(gpointer data);

static GstPadProbeReturn on_video(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    Peer *peer = data;
    (void)info;
    if (atomic_fetch_add(&peer->video_frames, 1) == 0) {
        g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
        GstVideoInfo video;
        if (caps != NULL && gst_video_info_from_caps(&video, caps)) {
            atomic_store(&peer->width, (unsigned)GST_VIDEO_INFO_WIDTH(&video));
            atomic_store(&peer->height, (unsigned)GST_VIDEO_INFO_HEIGHT(&video));
        }
        atomic_store(&peer->first_video_us, g_get_monotonic_time());
        g_timeout_add_seconds(peer->seconds, on_end, peer);
        g_printerr("whep-peer: the first picture is here\n");
    }
    note_gap(peer, g_get_monotonic_time());
    return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn on_audio(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    (void)pad;
    (void)info;
    atomic_fetch_add(&((Peer *)data)->audio_buffers, 1);
    return GST_PAD_PROBE_OK;
}

static void on_pad(GstElement *webrtc, GstPad *pad, gpointer data)
{
    Peer *peer = data;
    (void)webrtc;
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) {
        return;
    }
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    const char *media = gst_structure_get_string(gst_caps_get_structure(caps, 0), "media");
    bool video = g_strcmp0(media, "video") == 0;
    GstElement *bin = gst_parse_bin_from_description(
        video ? "rtph264depay ! h264parse ! avdec_h264 ! fakesink name=end sync=false"
              : "rtpopusdepay ! opusdec ! audioconvert ! level interval=100000000 "
                "! fakesink name=end sync=false",
        TRUE, NULL);
    g_autoptr(GstElement) end = gst_bin_get_by_name(GST_BIN(bin), "end");
    g_autoptr(GstPad) end_pad = gst_element_get_static_pad(end, "sink");
    gst_pad_add_probe(end_pad, GST_PAD_PROBE_TYPE_BUFFER, video ? on_video : on_audio, peer, NULL);
    gst_bin_add(GST_BIN(peer->pipeline), bin);
    gst_element_sync_state_with_parent(bin);
    g_autoptr(GstPad) sink = gst_element_get_static_pad(bin, "sink");
    gst_pad_link(pad, sink);
}

/* A test's own certificate, that nobody vouches for. */
static gboolean on_certificate(SoupMessage *message, GTlsCertificate *certificate,
                               GTlsCertificateFlags errors, gpointer data)
{
    (void)message, (void)certificate, (void)errors, (void)data;
    return TRUE;
}

static SoupMessage *request(Peer *peer, const char *method, const char *url)
{
    SoupMessage *message = soup_message_new(method, url);
    if (message != NULL) {
        g_signal_connect(message, "accept-certificate", G_CALLBACK(on_certificate), NULL);
    }
    if (message != NULL && peer->token != NULL) {
        g_autofree char *value = g_strdup_printf("Bearer %s", peer->token);
        soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization",
                                     value);
    }
    return message;
}

/* foundation component TRANSPORT priority address PORT … */
static bool lets_through(const Peer *peer, const char *line)
{
    if (!g_str_has_prefix(line, "a=candidate:")) {
        return true;
    }
    g_auto(GStrv) words = g_strsplit(line, " ", 7);
    return (peer->only == NULL || strcmp(words[2], peer->only) == 0) &&
           (peer->port == 0 || atoi(words[5]) == peer->port);
}

/* A UDP candidate with the relay's port in place of its own. Full ownership. */
static char *via_relay(const Peer *peer, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 7);
    if (peer->via == 0 || !g_str_has_prefix(line, "a=candidate:") || strcmp(words[2], "udp") != 0) {
        return g_strdup(line);
    }
    g_free(words[5]);
    words[5] = g_strdup_printf("%d", peer->via);
    return g_strjoinv(" ", words);
}

/* Full ownership. */
static char *filter(const Peer *peer, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    GString *kept = g_string_new(NULL);
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        if (lets_through(peer, *line)) {
            g_autofree char *moved = via_relay(peer, *line);
            g_string_append_printf(kept, "%s\r\n", moved);
        }
    }
    return g_string_free(kept, FALSE);
}

static void take_answer(Peer *peer, const char *text, gsize size)
{
    GstSDPMessage *sdp;
    gst_sdp_message_new(&sdp);
    if (gst_sdp_message_parse_buffer((const guint8 *)text, (guint)size, sdp) != GST_SDP_OK) {
        gst_sdp_message_free(sdp);
        fail(peer, "answer", "not an SDP");
        return;
    }
    GstWebRTCSessionDescription *answer =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
    g_signal_emit_by_name(peer->webrtc, "set-remote-description", answer, NULL);
    gst_webrtc_session_description_free(answer);
}

static void on_posted(GObject *source, GAsyncResult *result, gpointer data)
{
    Peer *peer = data;
    GError *error = NULL;
    SoupMessage *message = soup_session_get_async_result_message(peer->soup, result);
    g_autoptr(GBytes) body =
        soup_session_send_and_read_finish(SOUP_SESSION(source), result, &error);
    if (body == NULL) {
        fail(peer, "POST", error->message);
        g_error_free(error);
        return;
    }
    gsize size;
    const char *text = g_bytes_get_data(body, &size);
    g_autofree char *copy = g_strndup(text, size);
    const char *place =
        soup_message_headers_get_one(soup_message_get_response_headers(message), "Location");
    if (soup_message_get_status(message) != 201 || place == NULL) {
        g_autofree char *why = g_strdup_printf("%u %s", soup_message_get_status(message), copy);
        fail(peer, "POST", why);
        return;
    }
    peer->resource = g_uri_resolve_relative(peer->url, place, SOUP_HTTP_URI_FLAGS, NULL);
    g_autofree char *kept = filter(peer, copy);
    take_answer(peer, kept, strlen(kept));
}

/* Full ownership. */
static char *as_encoder(const Peer *peer, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    GString *kept = g_string_new(NULL);
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        if (!g_str_has_prefix(*line, "a=candidate:")) {
            g_string_append_printf(kept, "%s\r\n", *line);
        }
    }
    if (strcmp(peer->publish, "h264-mode0") == 0) {
        g_string_replace(kept, "packetization-mode=1", "packetization-mode=0", 0);
    }
    return g_string_free(kept, FALSE);
}

static gboolean post_offer(gpointer data)
{
    Peer *peer = data;
    GstWebRTCSessionDescription *offer = NULL;
    g_object_get(peer->webrtc, "local-description", &offer, NULL);
    g_autofree char *whole = gst_sdp_message_as_text(offer->sdp);
    g_autofree char *text = peer->publish != NULL ? as_encoder(peer, whole) : g_strdup(whole);
    gst_webrtc_session_description_free(offer);
    g_autoptr(SoupMessage) message = request(peer, "POST", peer->url);
    if (message == NULL) {
        fail(peer, "URL", peer->url);
        return G_SOURCE_REMOVE;
    }
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
    soup_message_set_request_body_from_bytes(message, "application/sdp", body);
    peer->posted_us = g_get_monotonic_time();
    soup_session_send_and_read_async(peer->soup, message, G_PRIORITY_DEFAULT, NULL, on_posted,
                                     peer);
    return G_SOURCE_REMOVE;
}

/* The offer goes out with its candidates, as a client without trickle sends it. */
static void on_gathering(GstElement *webrtc, GParamSpec *spec, gpointer data)
{
    Peer *peer = data;
    (void)spec;
    GstWebRTCICEGatheringState state;
    g_object_get(webrtc, "ice-gathering-state", &state, NULL);
    if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE && !peer->posted) {
        peer->posted = true;
        g_idle_add(post_offer, peer);
    }
}

static void on_offer(GstPromise *promise, gpointer data)
{
    Peer *peer = data;
    GstWebRTCSessionDescription *offer = NULL;
    gst_structure_get(gst_promise_get_reply(promise), "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                      &offer, NULL);
    gst_promise_unref(promise);
    g_signal_emit_by_name(peer->webrtc, "set-local-description", offer, NULL);
    gst_webrtc_session_description_free(offer);
}

static void add_receiver(Peer *peer, const char *text)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(text);
    GstWebRTCRTPTransceiver *transceiver = NULL;
    g_signal_emit_by_name(peer->webrtc, "add-transceiver",
                          GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
    gst_clear_object(&transceiver);
}

#define X264                                                                                       \
    "x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max=250 "                \
    "option-string=slice-max-size=1000 ! video/x-h264,profile=constrained-baseline ! "             \
    "rtph264pay pt=96 config-interval=-1 mtu=1200"
#define VP8                                                                                        \
    "vp8enc deadline=1 target-bitrate=2000000 keyframe-max-dist=250 ! rtpvp8pay pt=96 mtu=1200"

/* A white picture with a ball. */
static char *picture(const Peer *peer)
{
    bool vp8 = strcmp(peer->publish, "vp8") == 0;
    return g_strdup_printf("videotestsrc is-live=true pattern=ball background-color=0xffffffff "
                           "! video/x-raw,width=1280,height=720,framerate=30/1 ! videoconvert ! %s "
                           "! application/x-rtp,media=video,encoding-name=%s,payload=96 ! queue",
                           vp8 ? VP8 : X264, vp8 ? "VP8" : "H264");
}

static void add_sender(Peer *peer, const char *text)
{
    GError *error = NULL;
    GstElement *bin = gst_parse_bin_from_description(text, TRUE, &error);
    g_assert_no_error(error);
    gst_bin_add(GST_BIN(peer->pipeline), bin);
    gboolean linked = gst_element_link(bin, peer->webrtc);
    g_assert_true(linked);
}

static void on_negotiation(GstElement *webrtc, gpointer data)
{
    GArray *all = NULL;
    g_signal_emit_by_name(webrtc, "get-transceivers", &all);
    for (guint i = 0; i < all->len; i++) {
        g_object_set(g_array_index(all, GObject *, i), "direction",
                     GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack", TRUE, NULL);
    }
    g_array_unref(all);
    GstPromise *promise = gst_promise_new_with_change_func(on_offer, data, NULL);
    g_signal_emit_by_name(webrtc, "create-offer", NULL, promise);
}

static void take_level(Peer *peer, const GstStructure *level)
{
    const GValue *peaks = gst_structure_get_value(level, "peak");
    GValueArray *array = peaks != NULL ? g_value_get_boxed(peaks) : NULL;
    for (guint i = 0; array != NULL && i < array->n_values; i++) {
        G_GNUC_BEGIN_IGNORE_DEPRECATIONS
        double db = g_value_get_double(g_value_array_get_nth(array, i));
        G_GNUC_END_IGNORE_DEPRECATIONS
        peer->peak_db = isfinite(db) ? MAX(peer->peak_db, db) : peer->peak_db;
    }
}

static gboolean on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    Peer *peer = data;
    (void)bus;
    const GstStructure *structure = gst_message_get_structure(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError *error = NULL;
        gst_message_parse_error(message, &error, NULL);
        fail(peer, GST_OBJECT_NAME(message->src), error->message);
        g_error_free(error);
    } else if (structure != NULL && gst_structure_has_name(structure, "level")) {
        take_level(peer, structure);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean on_end(gpointer data)
{
    g_main_loop_quit(((Peer *)data)->loop);
    return G_SOURCE_REMOVE;
}

/* libnice leaves loopback out where there is another interface; a test's server may have only it.
 */
static void add_local_addresses(GstElement *webrtc)
{
    g_autoptr(GstObject) ice = NULL;
    struct ifaddrs *all, *one;
    g_object_get(webrtc, "ice-agent", &ice, NULL);
    if (ice == NULL || getifaddrs(&all) < 0) {
        return;
    }
    for (one = all; one != NULL; one = one->ifa_next) {
        char text[INET_ADDRSTRLEN];
        gboolean added;
        if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET) {
            const struct sockaddr_in *address = (const void *)one->ifa_addr;
            inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
            g_signal_emit_by_name(ice, "add-local-ip-address", text, &added);
        }
    }
    freeifaddrs(all);
}

static void start(Peer *peer)
{
    peer->pipeline = gst_pipeline_new(NULL);
    peer->webrtc = gst_element_factory_make("webrtcbin", NULL);
    g_assert(peer->webrtc != NULL);
    g_object_set(peer->webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 50,
                 NULL);
    if (peer->relay) {
        g_object_set(peer->webrtc, "turn-server", g_getenv("WHEP_TURN"), "ice-transport-policy",
                     GST_WEBRTC_ICE_TRANSPORT_POLICY_RELAY, NULL);
    }
    gst_bin_add(GST_BIN(peer->pipeline), peer->webrtc);
    add_local_addresses(peer->webrtc);
    g_signal_connect(peer->webrtc, "pad-added", G_CALLBACK(on_pad), peer);
    g_signal_connect(peer->webrtc, "notify::ice-gathering-state", G_CALLBACK(on_gathering), peer);
    g_autoptr(GstBus) bus = gst_element_get_bus(peer->pipeline);
    gst_bus_add_watch(bus, on_message, peer);
    if (peer->publish != NULL) {
        g_autofree char *video = picture(peer);
        g_signal_connect(peer->webrtc, "on-negotiation-needed", G_CALLBACK(on_negotiation), peer);
        add_sender(peer, video);
        add_sender(peer, "audiotestsrc is-live=true wave=sine freq=440 volume=0.3 ! audioconvert "
                         "! audioresample ! opusenc ! rtpopuspay pt=111 "
                         "! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! queue");
        gst_element_set_state(peer->pipeline, GST_STATE_PLAYING);
        g_timeout_add_seconds(peer->seconds, on_end, peer);
        return;
    }
    gst_element_set_state(peer->pipeline, GST_STATE_PLAYING);
    add_receiver(peer, H264_CAPS);
    add_receiver(peer, OPUS_CAPS);
    GstPromise *promise = gst_promise_new_with_change_func(on_offer, peer, NULL);
    g_signal_emit_by_name(peer->webrtc, "create-offer", NULL, promise);
}

static void leave(Peer *peer)
{
    if (peer->resource != NULL) {
        g_autoptr(SoupMessage) message = request(peer, "DELETE", peer->resource);
        g_autoptr(GBytes) body = soup_session_send_and_read(peer->soup, message, NULL, NULL);
    }
    gst_element_set_state(peer->pipeline, GST_STATE_NULL);
    gst_object_unref(peer->pipeline);
    g_object_unref(peer->soup);
    g_free(peer->resource);
}

static int report(const Peer *peer)
{
    if (peer->publish != NULL) {
        g_print("{\"published\":%s}\n", peer->resource != NULL ? "true" : "false");
        return peer->failed || peer->resource == NULL;
    }
    unsigned frames = atomic_load(&peer->video_frames), buffers = atomic_load(&peer->audio_buffers);
    gint64 first = atomic_load(&peer->first_video_us);
    g_print("{\"video_frames\":%u,\"audio_buffers\":%u,\"width\":%u,\"height\":%u,"
            "\"audio_peak_db\":%.1f,\"first_video_ms\":%.1f,\"longest_gap_ms\":%.1f}\n",
            frames, buffers, atomic_load(&peer->width), atomic_load(&peer->height), peer->peak_db,
            frames > 0 ? (double)(first - peer->posted_us) / 1000 : -1.0,
            (double)atomic_load(&peer->longest_gap_us) / 1000);
    return !peer->failed && frames > 0 && buffers > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    Peer peer = {.peak_db = -200};
    g_autofree char *token = NULL, *only = NULL, *publish = NULL;
    int seconds = 5, limit = 60;
    gboolean relay = FALSE;
    GOptionEntry entries[] = {
        {"token", 0, 0, G_OPTION_ARG_STRING, &token, "bearer token", "T"},
        {"seconds", 0, 0, G_OPTION_ARG_INT, &seconds,
         "how long to watch, from the first picture on", "N"},
        {"limit", 0, 0, G_OPTION_ARG_INT, &limit, "how long to wait for it", "N"},
        {"only", 0, 0, G_OPTION_ARG_STRING, &only, "transport of candidates", "udp|tcp"},
        {"port", 0, 0, G_OPTION_ARG_INT, &peer.port, "port of candidates", "N"},
        {"via", 0, 0, G_OPTION_ARG_INT, &peer.via, "port of a relay in front of UDP", "N"},
        {"relay", 0, 0, G_OPTION_ARG_NONE, &relay, "over WHEP_TURN", NULL},
        {"publish", 0, 0, G_OPTION_ARG_STRING, &publish, "codec", "h264|h264-mode0|vp8"},
        {NULL}};
    g_autoptr(GOptionContext) options = g_option_context_new("URL");
    g_option_context_add_main_entries(options, entries, NULL);
    if (!g_option_context_parse(options, &argc, &argv, NULL) || argc != 2 || seconds <= 0 ||
        limit <= 0) {
        g_printerr("usage: whep-peer URL [--token T] [--seconds N] [--only udp|tcp] [--port N] "
                   "[--relay] [--publish h264|h264-mode0|vp8]\n");
        return 2;
    }
    gst_init(NULL, NULL);
    peer.url = argv[1];
    peer.token = token;
    peer.only = only;
    peer.relay = relay;
    peer.publish = publish;
    peer.seconds = (guint)seconds;
    peer.loop = g_main_loop_new(NULL, FALSE);
    peer.soup = soup_session_new();
    start(&peer);
    g_timeout_add_seconds((guint)(limit + seconds), on_end, &peer);
    g_main_loop_run(peer.loop);
    int status = report(&peer);
    leave(&peer);
    g_main_loop_unref(peer.loop);
    return status;
}
