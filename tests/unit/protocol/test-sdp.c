// SPDX-License-Identifier: GPL-3.0-or-later
// Offers of several clients, their answers, and refusals.
#include "tests.h"

#include "base/error.h"
#include "protocol/sdp.h"

#define PRINT                                                                                      \
    "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:"   \
    "67:89"
#define ICE "a=ice-ufrag:EsAw\r\na=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y\r\n"
#define KEYS ICE "a=fingerprint:sha-256 " PRINT "\r\na=setup:actpass\r\n"
#define HEAD "v=0\r\no=- 46117317 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define AUDIO                                                                                      \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" KEYS                                 \
    "a=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
#define VIDEO                                                                                      \
    "m=video 9 UDP/TLS/RTP/SAVPF 102\r\nc=IN IP4 0.0.0.0\r\n" KEYS                                 \
    "a=mid:1\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:102 H264/90000\r\n"                           \
    "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n"
#define BUNDLE "a=group:BUNDLE 0 1\r\n"

static const char chromium[] = HEAD
    "a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 109 114 39 40 100\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n" ICE "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 " PRINT "\r\na=setup:actpass\r\na=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=rtpmap:103 H264/90000\r\na=rtcp-fb:103 goog-remb\r\na=rtcp-fb:103 transport-cc\r\n"
    "a=rtcp-fb:103 ccm fir\r\na=rtcp-fb:103 nack\r\na=rtcp-fb:103 nack pli\r\n"
    "a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
    "a=rtpmap:104 rtx/90000\r\na=fmtp:104 apt=103\r\n"
    "a=rtpmap:109 H264/90000\r\na=rtcp-fb:109 ccm fir\r\na=rtcp-fb:109 nack\r\n"
    "a=rtcp-fb:109 nack pli\r\n"
    "a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:114 H264/90000\r\n"
    "a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\r\n"
    "a=rtpmap:39 H264/90000\r\n"
    "a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n" KEYS "a=mid:1\r\na=recvonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"
    "a=rtpmap:9 G722/8000\r\n";

/* Session-level fingerprint, a data channel, no H.264 (Debian). */
static const char firefox[] =
    "v=0\r\no=mozilla...THIS_IS_SDPARTA-99.0 7264 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "a=fingerprint:sha-256 " PRINT "\r\na=group:BUNDLE 0 1 2\r\na=ice-options:trickle\r\n"
    "a=msid-semantic:WMS *\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n"
    "a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\n"
    "a=fmtp:101 0-15\r\n" ICE "a=mid:0\r\na=rtcp-mux\r\na=rtpmap:109 opus/48000/2\r\n"
    "a=rtpmap:9 G722/8000/1\r\na=setup:actpass\r\na=ssrc:2244 cname:{x}\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n" ICE
    "a=mid:1\r\na=rtcp-fb:120 nack\r\na=rtcp-mux\r\na=rtpmap:120 VP8/90000\r\n"
    "a=rtpmap:124 rtx/90000\r\na=fmtp:124 apt=120\r\na=setup:actpass\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=sendrecv\r\n" ICE
    "a=mid:2\r\na=setup:actpass\r\na=sctp-port:5000\r\n";

/* libdatachannel's style in OBS, as a receiver. */
static const char obs[] =
    "v=0\r\no=rtc 3767197920 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio video\r\n"
    "a=group:LS audio video\r\na=msid-semantic:WMS *\r\na=ice-options:ice2,trickle\r\n"
    "a=fingerprint:sha-256 " PRINT "\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:audio\r\na=recvonly\r\n"
    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=setup:actpass\r\n" ICE
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video\r\na=recvonly\r\n"
    "a=rtcp-mux\r\na=rtpmap:96 H264/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
    "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1\r\n"
    "a=setup:actpass\r\n" ICE;

/* max-bundle: the second m-line is bundle-only with port 0; lines end without CR. */
static const char gstreamer[] =
    "v=0\no=- 1188 0 IN IP4 0.0.0.0\ns=-\nt=0 0\na=ice-options:trickle\n"
    "a=group:BUNDLE video0 audio1\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\nc=IN IP4 0.0.0.0\na=setup:actpass\na=ice-ufrag:EsAw\n"
    "a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y\na=rtcp-mux\na=rtcp-rsize\na=recvonly\n"
    "a=rtpmap:96 H264/90000\na=rtcp-fb:96 nack pli\na=rtcp-fb:96 ccm fir\n"
    "a=fmtp:96 packetization-mode=1\na=mid:video0\na=fingerprint:sha-256 " PRINT "\n"
    "m=audio 0 UDP/TLS/RTP/SAVPF 97\nc=IN IP4 0.0.0.0\na=setup:actpass\na=rtcp-mux\na=rtcp-rsize\n"
    "a=recvonly\na=rtpmap:97 OPUS/48000/2\na=mid:audio1\na=bundle-only\n";

static const char *const candidates[] = {"1 1 udp 2130706431 192.0.2.7 8189 typ host",
                                         "2 1 udp 2130706175 2001:db8::7 8189 typ host", NULL};
static const ProtocolIceCredentials ours = {"ouruf123", "ourpasswordourpasswordourp"};

static ProtocolAnswerConfig answer_config(void)
{
    return (ProtocolAnswerConfig){.ice = &ours,
                                  .fingerprint = "sha-256 " PRINT,
                                  .candidates = candidates,
                                  .address = "192.0.2.7",
                                  .port = 8189,
                                  .cname = "cname",
                                  .audio = true,
                                  .video = true,
                                  .stereo = true,
                                  .audio_ssrc = 1111,
                                  .video_ssrc = 2222,
                                  .rtx_ssrc = 3333,
                                  .session = 10};
}

typedef struct {
    const char *name, *sdp;
    int audio, video; // index of the chosen m-line
    unsigned audio_format, video_format;
    const char *group, *m_lines; // of the answer
} Good;

static const Good good[] = {
    {"chromium", chromium, 1, 0, 111, 109, "a=group:BUNDLE 0 1\r\n",
     "m=video 8189 UDP/TLS/RTP/SAVPF 109;m=audio 8189 UDP/TLS/RTP/SAVPF 111;"},
    {"firefox", firefox, 0, -1, 109, 0, "a=group:BUNDLE 0\r\n",
     "m=audio 8189 UDP/TLS/RTP/SAVPF 109;m=video 0 UDP/TLS/RTP/SAVPF 120;"
     "m=application 0 UDP/DTLS/SCTP webrtc-datachannel;"},
    {"obs", obs, 0, 1, 111, 96, "a=group:BUNDLE audio video\r\n",
     "m=audio 8189 UDP/TLS/RTP/SAVPF 111;m=video 8189 UDP/TLS/RTP/SAVPF 96;"},
    {"gstreamer", gstreamer, 1, 0, 97, 96, "a=group:BUNDLE video0 audio1\r\n",
     "m=video 8189 UDP/TLS/RTP/SAVPF 96;m=audio 8189 UDP/TLS/RTP/SAVPF 97;"},
    {"plain", HEAD BUNDLE AUDIO VIDEO, 0, 1, 111, 102, "a=group:BUNDLE 0 1\r\n",
     "m=audio 8189 UDP/TLS/RTP/SAVPF 111;m=video 8189 UDP/TLS/RTP/SAVPF 102;"},
    {"session says sendonly", HEAD "a=sendonly\r\n" BUNDLE AUDIO VIDEO, 0, 1, 111, 102,
     "a=group:BUNDLE 0 1\r\n",
     "m=audio 8189 UDP/TLS/RTP/SAVPF 111;m=video 8189 UDP/TLS/RTP/SAVPF 102;"},
    {"audio alone, no bundle", HEAD AUDIO, 0, -1, 111, 0, NULL,
     "m=audio 8189 UDP/TLS/RTP/SAVPF 111;"},
};

static char *m_lines_of(const char *sdp)
{
    g_auto(GStrv) lines = g_strsplit(sdp, "\r\n", -1);
    GString *out = g_string_new(NULL);
    for (char **line = lines; *line != NULL; line++) {
        if (g_str_has_prefix(*line, "m=")) {
            g_string_append_printf(out, "%s;", *line);
        }
    }
    return g_string_free(out, FALSE);
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what)) {
        n++;
    }
    return n;
}

/* Parsed as an offer (its reader is the DTLS client), the answer means the same; sendonly is
 * refused. */
static void check_stable(const ProtocolOffer *offer, const char *answer)
{
    g_auto(GStrv) parts = g_strsplit(answer, "a=sendonly", -1);
    g_autofree char *mirrored = g_strjoinv("a=recvonly", parts);
    g_auto(GStrv) lite = g_strsplit(mirrored, "a=ice-lite\r\n", -1);
    g_autofree char *full = g_strjoinv("", lite);
    GError *error = NULL;
    g_autoptr(ProtocolOffer) again =
        protocol_offer_parse(full, strlen(full), PROTOCOL_OFFER_RECEIVES, &error);
    g_assert_no_error(error);
    g_assert_cmpint(again->audio, ==, offer->audio);
    g_assert_cmpint(again->video, ==, offer->video);
    g_assert_cmpuint(again->audio_format, ==, offer->audio_format);
    g_assert_cmpuint(again->video_format, ==, offer->video_format);
    g_assert_cmpstr(again->ice.ufrag, ==, ours.ufrag);
    g_assert_cmpstr(again->ice.pwd, ==, ours.pwd);
    g_assert_true(again->dtls_client);
    g_assert_true(again->nack == offer->nack && again->pli == offer->pli &&
                  again->fir == offer->fir);
    g_assert_cmpuint(again->n_media, ==, offer->n_media);
    for (unsigned i = 0; i < offer->n_media; i++) {
        g_assert_cmpstr(again->media[i].mid, ==, offer->media[i].mid);
    }
    g_assert_null(protocol_offer_parse(answer, strlen(answer), PROTOCOL_OFFER_RECEIVES, NULL));
}

static void test_good(gconstpointer data)
{
    const Good *one = data;
    GError *error = NULL;
    g_autoptr(ProtocolOffer) offer =
        protocol_offer_parse(one->sdp, strlen(one->sdp), PROTOCOL_OFFER_RECEIVES, &error);
    g_assert_no_error(error);
    g_assert_cmpint(offer->audio, ==, one->audio);
    g_assert_cmpint(offer->video, ==, one->video);
    g_assert_cmpuint(offer->audio_format, ==, one->audio_format);
    g_assert_cmpuint(offer->video_format, ==, one->video_format);
    g_assert_cmpstr(offer->ice.ufrag, ==, "EsAw");
    g_assert_cmpuint(offer->fingerprint.size, ==, 32);
    g_assert_cmphex(offer->fingerprint.digest[1], ==, 0xcd);
    g_assert_false(offer->dtls_client);

    ProtocolAnswerConfig config = answer_config();
    g_autofree char *answer = protocol_offer_answer(offer, &config, &error);
    g_assert_no_error(error);
    g_autofree char *m_lines = m_lines_of(answer);
    g_assert_cmpstr(m_lines, ==, one->m_lines);
    g_assert_true(one->group == NULL ? strstr(answer, "BUNDLE") == NULL
                                     : strstr(answer, one->group) != NULL);
    unsigned taken = (unsigned)(one->audio >= 0) + (unsigned)(one->video >= 0);
    g_assert_cmpuint(count(answer, "a=setup:passive\r\n"), ==, taken);
    g_assert_cmpuint(count(answer, "a=sendonly\r\n"), ==, taken);
    g_assert_cmpuint(count(answer, "a=rtcp-mux\r\n"), ==, taken);
    g_assert_cmpuint(count(answer, "a=end-of-candidates\r\n"), ==, taken);
    g_assert_cmpuint(count(answer, "typ host\r\n"), ==, 2 * taken);
    g_assert_cmpuint(count(answer, "a=ice-lite\r\n"), ==, 1);
    g_assert_cmpuint(count(answer, "a=ssrc:1111 cname:cname\r\n"), ==, 1);
    g_assert_nonnull(strstr(answer, "stereo=1;sprop-stereo=1\r\n"));
    check_stable(offer, answer);
}

/* Answers only the feedback offered for our payload type. */
static void test_feedback(void)
{
    g_autoptr(ProtocolOffer) offer =
        protocol_offer_parse(gstreamer, strlen(gstreamer), PROTOCOL_OFFER_RECEIVES, NULL);
    g_assert_true(!offer->nack && offer->pli && offer->fir);
    ProtocolAnswerConfig config = answer_config();
    g_autofree char *answer = protocol_offer_answer(offer, &config, NULL);
    g_assert_null(strstr(answer, "a=rtcp-fb:96 nack\r\n"));
    g_assert_nonnull(strstr(answer, "a=rtcp-fb:96 nack pli\r\n"));
    g_autoptr(ProtocolOffer) browser =
        protocol_offer_parse(chromium, strlen(chromium), PROTOCOL_OFFER_RECEIVES, NULL);
    g_assert_true(browser->nack && browser->pli && browser->fir);
    g_assert_cmpstr(browser->video_profile, ==, "42e01f");
}

#define TRANSPORT " http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
#define REPAIR                                                                                     \
    VIDEO "a=rtcp-fb:102 nack\r\na=rtcp-fb:102 goog-remb\r\na=rtpmap:97 rtx/90000\r\n"             \
          "a=fmtp:97 apt=96\r\na=rtpmap:103 rtx/90000\r\na=fmtp:103 rtx-time=900;apt=102\r\n"

static char *answer_to(const char *sdp, ProtocolOffer **out_offer)
{
    GError *error = NULL;
    *out_offer = protocol_offer_parse(sdp, strlen(sdp), PROTOCOL_OFFER_RECEIVES, &error);
    g_assert_no_error(error);
    ProtocolAnswerConfig config = answer_config();
    char *answer = protocol_offer_answer(*out_offer, &config, &error);
    g_assert_no_error(error);
    return answer;
}

/* Replaces `what` (nullable), and appends `end` to each line. */
static char *varied(const char *sdp, const char *what, const char *by, const char *end)
{
    g_auto(GStrv) parts = g_strsplit(sdp, what != NULL ? what : "\r\n", -1);
    g_autofree char *changed = g_strjoinv(what != NULL ? by : "\r\n", parts);
    g_autofree char *line_end = g_strconcat(end, "\r\n", NULL);
    g_auto(GStrv) lines = g_strsplit(changed, "\r\n", -1);
    return g_strjoinv(line_end, lines);
}

/* Variants without a difference in meaning get the same answer. */
static void test_variants(void)
{
    static const struct {
        const char *what, *by, *end, *tail;
    } variants[] = {
        {NULL, NULL, " ", ""},
        {NULL, NULL, "\t", ""},
        {NULL, NULL, " \t  \r", ""},
        {NULL, NULL, "", "\r\n"},
        {NULL, NULL, "", "\n\n \t\r\n\r\n"},
        {NULL, NULL, "\r\n", ""},
        {" ", "  ", "", ""},
        {" ", "\t", "", ""},
        {"\r\n", "\r\n ", "", ""},
        {"a=mid:", "a=mid: ", "", ""},
        {";", " ; ", "", ""},
        {"packetization-mode=1", "Packetization-Mode = 1", "", ""},
        {"m=video", "m=VIDEO", "", ""},
        {"m=audio", "m=Audio", "", ""},
        {"UDP/TLS/RTP/SAVPF", "udp/tls/rtp/savpf", "", ""},
        {"UDP/TLS/RTP/SAVPF", "Udp/Tls/Rtp/Savpf", " ", "\r\n"},
        {"a=rtcp-fb:", "a=RTCP-FB:", "", ""},
        {" nack", " NACK", "", ""},
        {"actpass", "ActPass", "", ""},
        {"BUNDLE", "bundle", "", ""},
        {"recvonly", "RecvOnly", "", ""},
    };
    static const char *const offers[] = {chromium, firefox, obs, HEAD BUNDLE AUDIO REPAIR};
    for (unsigned i = 0; i < G_N_ELEMENTS(offers); i++) {
        g_autoptr(ProtocolOffer) clean = NULL;
        g_autofree char *expected = answer_to(offers[i], &clean);
        for (unsigned j = 0; j < G_N_ELEMENTS(variants); j++) {
            g_test_message("offer %u, variant %u", i, j);
            g_autofree char *body =
                varied(offers[i], variants[j].what, variants[j].by, variants[j].end);
            g_autofree char *sdp = g_strconcat(body, variants[j].tail, NULL);
            g_autoptr(ProtocolOffer) offer = NULL;
            g_autofree char *answer = answer_to(sdp, &offer);
            g_assert_cmpstr(answer, ==, expected);
        }
    }
}

/* The answer has the offered profile (RFC 8829 5.1.2). */
static void test_profiles(void)
{
    static const char *const profiles[] = {"RTP/SAVPF", "RTP/AVP", "TCP/DTLS/RTP/SAVPF"};
    g_autoptr(ProtocolOffer) clean = NULL;
    g_autofree char *usual = answer_to(obs, &clean);
    for (unsigned i = 0; i < G_N_ELEMENTS(profiles); i++) {
        g_autofree char *sdp = varied(obs, "UDP/TLS/RTP/SAVPF", profiles[i], "");
        g_autofree char *expected = varied(usual, "UDP/TLS/RTP/SAVPF", profiles[i], "");
        g_autoptr(ProtocolOffer) offer = NULL;
        g_autofree char *answer = answer_to(sdp, &offer);
        g_assert_cmpstr(answer, ==, expected);
    }
}

/* RTX by apt of the chosen format; transport-wide feedback only with its extension, then without
 * REMB; each m-line has its own id. */
static void test_repair(void)
{
    g_autoptr(ProtocolOffer) remb = NULL;
    g_autofree char *first =
        answer_to(HEAD BUNDLE AUDIO REPAIR "a=rtcp-fb:102 transport-cc\r\n", &remb);
    g_assert_nonnull(strstr(first, "m=video 8189 UDP/TLS/RTP/SAVPF 102 103\r\n"));
    g_assert_nonnull(strstr(first, "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n"));
    g_assert_nonnull(strstr(first, "a=ssrc-group:FID 2222 3333\r\n"));
    g_assert_cmpuint(count(first, "a=ssrc:3333 cname:cname\r\n"), ==, 1);
    g_assert_nonnull(strstr(first, "a=rtcp-fb:102 goog-remb\r\n"));
    g_assert_null(strstr(first, "transport-cc"));
    g_assert_null(strstr(first, "extmap"));
    check_stable(remb, first);

    g_autoptr(ProtocolOffer) transport = NULL;
    g_autofree char *second =
        answer_to(HEAD BUNDLE AUDIO "a=rtcp-fb:111 transport-cc\r\na=extmap:3" TRANSPORT REPAIR
                                    "a=rtcp-fb:* transport-cc\r\na=extmap:15" TRANSPORT
                                    "a=extmap:4/recvonly" TRANSPORT,
                  &transport);
    g_assert_cmpuint(transport->audio_transport, ==, 3);
    g_assert_cmpuint(transport->video_transport, ==, 4);
    g_assert_nonnull(strstr(second, "a=extmap:3" TRANSPORT "a=rtcp-fb:111 transport-cc\r\n"));
    g_assert_nonnull(strstr(second, "a=extmap:4" TRANSPORT "a=rtcp-fb:102 transport-cc\r\n"));
    g_assert_null(strstr(second, "goog-remb"));
    check_stable(transport, second);

    g_autoptr(ProtocolOffer) none = NULL; // without NACK nothing would be resent
    g_autofree char *third = answer_to(
        HEAD BUNDLE AUDIO VIDEO "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n", &none);
    g_assert_null(strstr(third, "rtx"));
    g_assert_null(strstr(third, "FID"));
}

static void test_missing_track(void)
{
    g_autoptr(ProtocolOffer) offer =
        protocol_offer_parse(obs, strlen(obs), PROTOCOL_OFFER_RECEIVES, NULL);
    ProtocolAnswerConfig config = answer_config();
    config.video = false;
    g_autofree char *answer = protocol_offer_answer(offer, &config, NULL);
    g_assert_nonnull(strstr(answer, "a=group:BUNDLE audio\r\n"));
    g_assert_nonnull(strstr(answer, "m=video 0 "));
    config.audio = false;
    GError *error = NULL;
    g_assert_null(protocol_offer_answer(offer, &config, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
    // only what was offered is answered
    g_autoptr(ProtocolOffer) sound =
        protocol_offer_parse(firefox, strlen(firefox), PROTOCOL_OFFER_RECEIVES, NULL);
    config.video = true;
    g_assert_null(protocol_offer_answer(sound, &config, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
}

typedef struct {
    const char *sdp, *word; // contained in the message
} Bad;

typedef struct {
    const char *sdp;
    const char *codec; // the first of the answer's video
    bool single;
} Publish;

#define SENDS(codecs)                                                                              \
    HEAD BUNDLE "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" KEYS                     \
                "a=mid:0\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"             \
                "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\n" KEYS                   \
                "a=mid:1\r\na=sendonly\r\na=rtcp-mux\r\n" codecs

/* A publisher's offer: any H.264 before VP8, mode 1 before 0; nothing of ours is promised. */
static void test_publish(void)
{
    static const Publish some[] = {
        {SENDS("a=rtpmap:97 VP8/90000\r\na=rtpmap:96 H264/90000\r\n"
               "a=fmtp:96 packetization-mode=1;profile-level-id=640028\r\n"),
         "96 H264", false},
        {SENDS("a=rtpmap:97 VP8/90000\r\na=rtpmap:96 H264/90000\r\n"), "96 H264", true},
        {SENDS("a=rtpmap:96 H264/90000\r\na=rtpmap:97 H264/90000\r\n"
               "a=fmtp:97 packetization-mode=1;profile-level-id=64001f\r\n"),
         "97 H264", false},
        {SENDS("a=rtpmap:97 VP8/90000\r\na=rtpmap:96 AV1/90000\r\n"), "97 VP8", false},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(some); i++) {
        GError *error = NULL;
        g_autoptr(ProtocolOffer) offer =
            protocol_offer_parse(some[i].sdp, strlen(some[i].sdp), PROTOCOL_OFFER_SENDS, &error);
        g_assert_no_error(error);
        g_assert_true(offer->single == some[i].single);
        ProtocolAnswerConfig config = answer_config();
        g_autofree char *answer = protocol_offer_answer(offer, &config, &error);
        g_autofree char *map = g_strdup_printf("a=rtpmap:%s/90000\r\n", some[i].codec);
        g_assert_nonnull(strstr(answer, map));
        g_assert_cmpuint(count(answer, "a=recvonly\r\n"), ==, 2);
        g_assert_null(strstr(answer, "ssrc"));
        g_assert_null(strstr(answer, "rtx"));
    }
    static const Bad refused[] = {
        {HEAD BUNDLE AUDIO VIDEO, "sends nothing"},
        {SENDS("a=rtpmap:96 AV1/90000\r\n"), NULL}, // its sound is taken
        {HEAD "a=group:BUNDLE 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n" KEYS
              "a=mid:1\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 AV1/90000\r\n",
         "video without H264/90000 or VP8/90000"},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProtocolOffer) offer = protocol_offer_parse(
            refused[i].sdp, strlen(refused[i].sdp), PROTOCOL_OFFER_SENDS, &error);
        if (refused[i].word == NULL) {
            g_assert_cmpint(offer->video, ==, -1);
            g_assert_cmpint(offer->audio, ==, 0);
        } else {
            g_assert_nonnull(strstr(error->message, refused[i].word));
        }
    }
}

static void test_passive(void)
{
    g_auto(GStrv) parts = g_strsplit(obs, "actpass", -1);
    g_autofree char *sdp = g_strjoinv("passive", parts);
    g_autoptr(ProtocolOffer) offer =
        protocol_offer_parse(sdp, strlen(sdp), PROTOCOL_OFFER_RECEIVES, NULL);
    g_assert_true(offer->dtls_client);
    ProtocolAnswerConfig config = answer_config();
    g_autofree char *answer = protocol_offer_answer(offer, &config, NULL);
    g_assert_cmpuint(count(answer, "a=setup:active\r\n"), ==, 2);
}

static const Bad bad[] = {
    {"", "empty"},
    {"hello", "x=value"},
    {"s=-\r\n", "v=0"},
    {HEAD, "no m-line"},
    {HEAD "m=audio\r\n", "m-line cannot be read"},
    {HEAD BUNDLE "a=\x01\r\n" AUDIO VIDEO, "control character"},
    {HEAD AUDIO VIDEO, "a=group:BUNDLE"},
    {HEAD "a=group:BUNDLE 0\r\n" AUDIO VIDEO, "a=group:BUNDLE"},
    {HEAD BUNDLE "a=ice-lite\r\n" AUDIO VIDEO, "full ICE"},
    {HEAD BUNDLE AUDIO VIDEO "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n", "SDES"},
    {HEAD "m=audio 9 DTLS/RTP/SAVPF 111\r\n" KEYS "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n",
     "UDP/TLS/RTP/SAVPF"},
    {"\n \r\n\t\n", "v=0"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" KEYS "a=rtpmap:111 opus/48000/2\r\n", "rtcp-mux"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" KEYS
          "a=rtcp-mux\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\n",
     "recvonly"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" KEYS "a=rtcp-mux\r\na=rtpmap:0 PCMU/8000\r\n",
     "opus/48000/2"},
    {HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" KEYS "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n",
     "H264"},
    {HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" KEYS "a=rtcp-mux\r\na=rtpmap:96 H264/90000\r\n"
          "a=fmtp:96 packetization-mode=0;profile-level-id=42e01f\r\n",
     "packetization-mode=1"},
    {HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n" KEYS "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n",
     "Nothing in the offer"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" ICE
          "a=setup:actpass\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n",
     "a=fingerprint"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" ICE "a=setup:actpass\r\na=rtcp-mux\r\n"
          "a=fingerprint:sha-1 AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01\r\n"
          "a=rtpmap:111 opus/48000/2\r\n",
     "too weak"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" ICE "a=setup:actpass\r\na=rtcp-mux\r\n"
          "a=fingerprint:sha-256 AB:CD\r\na=rtpmap:111 opus/48000/2\r\n",
     "not well-formed"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=setup:actpass\r\na=rtcp-mux\r\n"
          "a=fingerprint:sha-256 " PRINT "\r\na=rtpmap:111 opus/48000/2\r\n",
     "ice-ufrag"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=setup:actpass\r\na=rtcp-mux\r\n"
          "a=ice-ufrag:abc\r\na=ice-pwd:short\r\na=fingerprint:sha-256 " PRINT "\r\n"
          "a=rtpmap:111 opus/48000/2\r\n",
     "22 to 256"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" ICE "a=rtcp-mux\r\n"
          "a=fingerprint:sha-256 " PRINT "\r\na=rtpmap:111 opus/48000/2\r\n",
     "a=setup"},
    {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" ICE "a=setup:holdconn\r\na=rtcp-mux\r\n"
          "a=fingerprint:sha-256 " PRINT "\r\na=rtpmap:111 opus/48000/2\r\n",
     "holdconn"},
    {HEAD AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO, "more than 8"},
};

static void test_bad(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        g_autoptr(ProtocolOffer) offer =
            protocol_offer_parse(bad[i].sdp, strlen(bad[i].sdp), PROTOCOL_OFFER_RECEIVES, &error);
        g_test_message("%u: %s", i, error != NULL ? error->message : "taken");
        g_assert_null(offer);
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, bad[i].word));
        g_clear_error(&error);
    }
    GError *error = NULL;
    g_autofree char *large = g_strnfill(PROTOCOL_SDP_MAX_BYTES + 1, 'a');
    g_assert_null(
        protocol_offer_parse(large, PROTOCOL_SDP_MAX_BYTES + 1, PROTOCOL_OFFER_RECEIVES, &error));
    g_assert_nonnull(strstr(error->message, "larger than"));
    g_clear_error(&error);
    g_assert_null(protocol_offer_parse("v=0\r\na=\0b\r\n", 11, PROTOCOL_OFFER_RECEIVES, &error));
    g_assert_nonnull(strstr(error->message, "zero byte"));
    g_clear_error(&error);
}

/* Cut at every byte: refused with a reason, or answered. */
static void test_cut(void)
{
    for (size_t size = 0; size < sizeof chromium; size++) {
        GError *error = NULL;
        g_autofree char *cut = g_memdup2(chromium, size);
        g_autoptr(ProtocolOffer) offer =
            protocol_offer_parse(cut, size, PROTOCOL_OFFER_RECEIVES, &error);
        g_assert_true((offer == NULL) == (error != NULL));
        if (offer != NULL) {
            ProtocolAnswerConfig config = answer_config();
            g_autofree char *answer = protocol_offer_answer(offer, &config, NULL);
            g_assert_nonnull(answer);
            g_assert_cmpuint(strlen(answer), <, 4096);
        }
        g_clear_error(&error);
    }
}

static void test_fragment(void)
{
    ProtocolIceCredentials ice;
    GError *error = NULL;
    static const char trickle[] = "a=ice-ufrag:EsAw\r\na=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y\r\n"
                                  "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
                                  "a=candidate:1 1 udp 5 192.0.2.1 61764 typ host\r\n";
    g_assert_true(protocol_fragment_parse(trickle, strlen(trickle), &ice, &error));
    g_assert_cmpstr(ice.ufrag, ==, "EsAw");
    g_assert_true(protocol_fragment_parse("a=end-of-candidates", 19, &ice, &error));
    g_assert_cmpstr(ice.ufrag, ==, "");
    g_autofree char *spaced = varied(trickle, " ", "  ", " \t");
    g_autofree char *blank = g_strconcat(spaced, "\r\n \r\n", NULL);
    g_assert_true(protocol_fragment_parse(blank, strlen(blank), &ice, &error));
    g_assert_cmpstr(ice.ufrag, ==, "EsAw");
    g_assert_cmpstr(ice.pwd, ==, "bP+XJMM09aR8AiX1jdukzR6Y");
    g_assert_false(protocol_fragment_parse("a=mid:0", 7, &ice, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(protocol_fragment_parse("a=ice-ufrag:EsAw", 16, &ice, NULL));
    g_autofree char *written = protocol_fragment_write("audio", "0", &ours, candidates);
    g_assert_true(protocol_fragment_parse(written, strlen(written), &ice, &error));
    g_assert_cmpstr(ice.pwd, ==, ours.pwd);
}

void add_sdp_tests(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *path = g_strdup_printf("/protocol/sdp/%s", good[i].name);
        g_test_add_data_func(path, &good[i], test_good);
    }
    g_test_add_func("/protocol/sdp/feedback", test_feedback);
    g_test_add_func("/protocol/sdp/variants", test_variants);
    g_test_add_func("/protocol/sdp/profiles", test_profiles);
    g_test_add_func("/protocol/sdp/repair", test_repair);
    g_test_add_func("/protocol/sdp/missing-track", test_missing_track);
    g_test_add_func("/protocol/sdp/publish", test_publish);
    g_test_add_func("/protocol/sdp/passive", test_passive);
    g_test_add_func("/protocol/sdp/bad", test_bad);
    g_test_add_func("/protocol/sdp/cut", test_cut);
    g_test_add_func("/protocol/sdp/fragment", test_fragment);
}
