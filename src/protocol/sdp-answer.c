// SPDX-License-Identifier: GPL-3.0-or-later
// Writes SDP answers and ICE restart fragments.
#include "protocol/sdp.h"

#include "base/error.h"

#include <string.h>

static void put_candidates(GString *sdp, const char *const *candidates)
{
    for (; *candidates != NULL; candidates++) {
        g_string_append_printf(sdp, "a=candidate:%s\r\n", *candidates);
    }
    g_string_append(sdp, "a=end-of-candidates\r\n");
}

static void put_ice(GString *sdp, const ProtocolIceCredentials *ice)
{
    g_string_append_printf(sdp, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", ice->ufrag, ice->pwd);
}

static void put_ssrc(GString *sdp, const ProtocolAnswerConfig *config, const char *kind,
                     uint32_t ssrc)
{
    g_string_append_printf(sdp, "a=ssrc:%u cname:%s\r\n", ssrc, config->cname);
    g_string_append_printf(sdp, "a=ssrc:%u msid:majlis %s\r\n", ssrc, kind);
}

static void put_source(GString *sdp, const ProtocolAnswerConfig *config, const char *kind,
                       uint32_t ssrc)
{
    g_string_append_printf(sdp, "a=msid:majlis %s\r\n", kind);
    put_ssrc(sdp, config, kind, ssrc);
}

static void put_transport(GString *sdp, unsigned format, unsigned extension)
{
    if (extension != 0) {
        g_string_append_printf(sdp, "a=extmap:%u %s\r\na=rtcp-fb:%u transport-cc\r\n", extension,
                               PROTOCOL_TRANSPORT_EXTENSION, format);
    }
}

static bool sends(const ProtocolOffer *offer)
{
    return offer->role == PROTOCOL_OFFER_SENDS;
}

static void put_audio(GString *sdp, const ProtocolOffer *offer, const ProtocolAnswerConfig *config)
{
    unsigned format = offer->audio_format;
    g_string_append_printf(sdp, "a=rtpmap:%u opus/48000/2\r\n", format);
    // RFC 7587 6.1: sprop-stereo is what we send; browsers need `stereo` too to decode two channels
    g_string_append_printf(sdp, "a=fmtp:%u minptime=10;useinbandfec=1%s\r\n", format,
                           config->stereo ? ";stereo=1;sprop-stereo=1" : "");
    put_transport(sdp, format, offer->audio_transport);
    if (!sends(offer)) {
        put_source(sdp, config, "audio", config->audio_ssrc);
    }
}

static void put_video(GString *sdp, const ProtocolOffer *offer, const ProtocolAnswerConfig *config)
{
    unsigned format = offer->video_format;
    g_string_append_printf(sdp, "a=rtpmap:%u %s/90000\r\n", format, offer->vp8 ? "VP8" : "H264");
    if (!offer->vp8) {
        g_string_append_printf(
            sdp,
            "a=fmtp:%u level-asymmetry-allowed=1;packetization-mode=%d;profile-level-id=%s\r\n",
            format, offer->single ? 0 : 1, offer->video_profile);
    }
    const struct {
        bool offered;
        const char *text;
    } feedback[] = {{offer->nack, "nack"},
                    {offer->pli, "nack pli"},
                    {offer->fir, "ccm fir"},
                    {!sends(offer) && protocol_offer_takes_remb(offer), "goog-remb"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(feedback); i++) {
        if (feedback[i].offered) {
            g_string_append_printf(sdp, "a=rtcp-fb:%u %s\r\n", format, feedback[i].text);
        }
    }
    put_transport(sdp, format, offer->video_transport);
    if (offer->rtx) {
        g_string_append_printf(sdp, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n",
                               offer->rtx_format, offer->rtx_format, format);
        // RFC 5576 4.2, RFC 4588 8.8
        g_string_append_printf(sdp, "a=ssrc-group:FID %u %u\r\n", config->video_ssrc,
                               config->rtx_ssrc);
    }
    if (sends(offer)) {
        return;
    }
    put_source(sdp, config, "video", config->video_ssrc);
    if (offer->rtx) {
        put_ssrc(sdp, config, "video", config->rtx_ssrc);
    }
}

static void put_connection(GString *sdp, const ProtocolAnswerConfig *config)
{
    const char *family = strchr(config->address, ':') != NULL ? "IP6" : "IP4";
    g_string_append_printf(sdp, "c=IN %s %s\r\n", family, config->address);
}

static void put_accepted(GString *sdp, const ProtocolOffer *offer,
                         const ProtocolAnswerConfig *config, int index)
{
    const ProtocolOfferMedia *media = &offer->media[index];
    bool audio = index == offer->audio;
    // default destination: a candidate (RFC 8839 4.2.1.2)
    g_string_append_printf(sdp, "m=%s %u %s %u", media->kind, config->port, media->proto,
                           audio ? offer->audio_format : offer->video_format);
    if (!audio && offer->rtx) {
        g_string_append_printf(sdp, " %u", offer->rtx_format);
    }
    g_string_append(sdp, "\r\n");
    put_connection(sdp, config);
    if (media->mid[0] != '\0') {
        g_string_append_printf(sdp, "a=mid:%s\r\n", media->mid);
    }
    g_string_append_printf(sdp, "a=%s\r\na=rtcp-mux\r\n", sends(offer) ? "recvonly" : "sendonly");
    put_ice(sdp, config->ice);
    g_string_append_printf(sdp, "a=fingerprint:%s\r\na=setup:%s\r\n", config->fingerprint,
                           offer->dtls_client ? "active" : "passive");
    if (audio) {
        put_audio(sdp, offer, config);
    } else {
        put_video(sdp, offer, config);
    }
    put_candidates(sdp, config->candidates);
}

static void put_rejected(GString *sdp, const ProtocolOfferMedia *media)
{
    g_string_append_printf(sdp, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\n", media->kind, media->proto,
                           media->format);
    if (media->mid[0] != '\0') {
        g_string_append_printf(sdp, "a=mid:%s\r\n", media->mid);
    }
    g_string_append(sdp, "a=inactive\r\n");
}

static bool accepted(const ProtocolOffer *offer, const ProtocolAnswerConfig *config, int index)
{
    return index >= 0 &&
           ((index == offer->audio && config->audio) || (index == offer->video && config->video));
}

char *protocol_offer_answer(const ProtocolOffer *offer, const ProtocolAnswerConfig *config,
                            GError **error)
{
    if (!accepted(offer, config, offer->audio) && !accepted(offer, config, offer->video)) {
        g_set_error_literal(error, BASE_ERROR, BASE_ERROR_INVALID,
                            "The programme has no track that the offer can receive.");
        return NULL;
    }
    GString *sdp = g_string_new("v=0\r\n");
    g_string_append_printf(sdp, "o=- %" G_GUINT64_FORMAT " 1 IN IP4 127.0.0.1\r\n",
                           config->session >> 1);
    g_string_append(sdp, "s=-\r\nt=0 0\r\n");
    if (offer->bundled) {
        g_string_append(sdp, "a=group:BUNDLE");
        for (int i = 0; i < (int)offer->n_media; i++) {
            if (accepted(offer, config, i)) {
                g_string_append_printf(sdp, " %s", offer->media[i].mid);
            }
        }
        g_string_append(sdp, "\r\n");
    }
    g_string_append(sdp, sends(offer) ? "a=ice-lite\r\n"
                                      : "a=msid-semantic: WMS majlis\r\na=ice-lite\r\n");
    for (int i = 0; i < (int)offer->n_media; i++) {
        if (accepted(offer, config, i)) {
            put_accepted(sdp, offer, config, i);
        } else {
            put_rejected(sdp, &offer->media[i]);
        }
    }
    return g_string_free(sdp, FALSE);
}

char *protocol_fragment_write(const char *kind, const char *mid, const ProtocolIceCredentials *ice,
                              const char *const *candidates)
{
    GString *sdp = g_string_new("a=ice-lite\r\n");
    g_string_append_printf(sdp, "m=%s 9 UDP/TLS/RTP/SAVPF 0\r\n", kind);
    if (mid[0] != '\0') {
        g_string_append_printf(sdp, "a=mid:%s\r\n", mid);
    }
    put_ice(sdp, ice);
    put_candidates(sdp, candidates);
    return g_string_free(sdp, FALSE);
}
