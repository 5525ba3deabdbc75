// SPDX-License-Identifier: GPL-3.0-or-later
// Parses SDP offers: m-lines, bundle, one audio, one video.
#include "protocol/sdp-private.h"

#include <string.h>

static bool is_rtp(const char *proto)
{
    // as if UDP/TLS/RTP/SAVPF (RFC 8829 5.1.2)
    static const char *const profiles[] = {"RTP/AVP",
                                           "RTP/AVPF",
                                           "RTP/SAVP",
                                           "RTP/SAVPF",
                                           "UDP/TLS/RTP/SAVP",
                                           "UDP/TLS/RTP/SAVPF",
                                           "TCP/TLS/RTP/SAVP",
                                           "TCP/TLS/RTP/SAVPF",
                                           "TCP/DTLS/RTP/SAVP",
                                           "TCP/DTLS/RTP/SAVPF",
                                           NULL};
    return g_strv_contains(profiles, proto);
}

/* Any case is valid (RFC 4855 3); the answer repeats them. */
static void put_in_registered_case(ProtocolOfferMedia *media)
{
    for (char *at = media->kind; *at != '\0'; at++) {
        *at = g_ascii_tolower(*at);
    }
    g_autofree char *upper = g_ascii_strup(media->proto, -1);
    if (is_rtp(upper)) {
        g_strlcpy(media->proto, upper, sizeof media->proto);
    }
}

static bool parse_m_line(const char *line, ProtocolOfferMedia *media, unsigned *out_port,
                         GError **error)
{
    g_auto(GStrv) words = g_strsplit(line + 2, " ", 5);
    if (g_strv_length(words) < 4 || strlen(words[0]) >= sizeof media->kind ||
        strlen(words[2]) >= sizeof media->proto || strlen(words[3]) >= sizeof media->format) {
        return protocol_sdp_refuse(error, "This m-line cannot be read: %s", line);
    }
    g_strlcpy(media->kind, words[0], sizeof media->kind);
    g_strlcpy(media->proto, words[2], sizeof media->proto);
    g_strlcpy(media->format, words[3], sizeof media->format);
    put_in_registered_case(media);
    *out_port = (unsigned)g_ascii_strtoull(words[1], NULL, 10);
    return true;
}

static bool find_media(ProtocolOffer *offer, bool offered[PROTOCOL_SDP_MAX_MEDIA], GError **error)
{
    unsigned n_lines = g_strv_length(offer->lines);
    ProtocolOfferMedia *media = NULL;
    for (unsigned i = 0; i < n_lines; i++) {
        if (strncmp(offer->lines[i], "m=", 2) != 0) {
            continue;
        }
        if (offer->n_media == PROTOCOL_SDP_MAX_MEDIA) {
            return protocol_sdp_refuse(error, "The offer has more than %d m-lines.",
                                       PROTOCOL_SDP_MAX_MEDIA);
        }
        if (media != NULL) {
            media->end = i;
        }
        media = &offer->media[offer->n_media];
        unsigned port = 0;
        if (!parse_m_line(offer->lines[i], media, &port, error)) {
            return false;
        }
        media->first = i;
        media->end = n_lines;
        offered[offer->n_media++] = port != 0;
    }
    if (offer->n_media == 0) {
        return protocol_sdp_refuse(error, "The offer has no m-line: offer audio and video.");
    }
    for (unsigned i = 0; i < offer->n_media; i++) {
        // port 0 is no rejection then (RFC 9143 6)
        offered[i] = offered[i] ||
                     protocol_sdp_media_attribute(offer, &offer->media[i], "bundle-only") != NULL;
        const char *mid = protocol_sdp_media_attribute(offer, &offer->media[i], "mid");
        if (mid != NULL && (strlen(mid) > PROTOCOL_SDP_MAX_MID_BYTES || *mid == '\0' ||
                            strchr(mid, ' ') != NULL)) {
            return protocol_sdp_refuse(error,
                                       "This mid is not a token of at most %d characters: %s",
                                       PROTOCOL_SDP_MAX_MID_BYTES, mid);
        }
        g_strlcpy(offer->media[i].mid, mid != NULL ? mid : "", sizeof offer->media[i].mid);
    }
    return true;
}

/* Section before session; default sendrecv (RFC 8866 6.7). */
static bool is_of_role(const ProtocolOffer *offer, const ProtocolOfferMedia *media)
{
    bool sends = offer->role == PROTOCOL_OFFER_SENDS;
    const char *ours = sends ? "sendonly" : "recvonly", *other = sends ? "recvonly" : "sendonly";
    if (protocol_sdp_media_attribute(offer, media, ours) != NULL ||
        protocol_sdp_media_attribute(offer, media, "sendrecv") != NULL) {
        return true;
    }
    return protocol_sdp_inherited(offer, media, other) == NULL &&
           protocol_sdp_inherited(offer, media, "inactive") == NULL;
}

static bool check_proto(const ProtocolOfferMedia *media, GError **error)
{
    if (!is_rtp(media->proto)) {
        return protocol_sdp_refuse(error, "The %s m-line asks for %s: offer UDP/TLS/RTP/SAVPF.",
                                   media->kind, media->proto);
    }
    return true;
}

/* Last reason for rejecting each kind. */
typedef struct {
    const char *audio, *video;
} Reasons;

static bool choose(ProtocolOffer *offer, const bool offered[PROTOCOL_SDP_MAX_MEDIA], GError **error)
{
    Reasons why = {"no audio", "no video"};
    bool sends = offer->role == PROTOCOL_OFFER_SENDS;
    offer->audio = offer->video = -1;
    for (unsigned i = 0; i < offer->n_media; i++) {
        const ProtocolOfferMedia *media = &offer->media[i];
        bool audio = strcmp(media->kind, "audio") == 0, video = strcmp(media->kind, "video") == 0;
        const char **reason = audio ? &why.audio : &why.video;
        if (!offered[i] || !(audio || video) || (audio ? offer->audio : offer->video) >= 0) {
            continue; // rejects further ones
        }
        if (!is_of_role(offer, media)) {
            *reason = sends ? "one that sends nothing (offer sendonly)"
                            : "one that is not to be received (offer recvonly)";
            continue;
        }
        if (!check_proto(media, error)) {
            return false;
        }
        if (audio && !protocol_sdp_choose_audio(offer, (int)i)) {
            *reason = "audio without opus/48000/2";
        } else if (video && !protocol_sdp_choose_video(offer, (int)i)) {
            *reason = sends ? "video without H264/90000 or VP8/90000"
                            : "video without H264/90000 in packetization-mode=1";
        }
    }
    if (offer->audio < 0 && offer->video < 0) {
        return protocol_sdp_refuse(
            error,
            sends
                ? "Nothing in the offer can be received: it has %s and %s. Offer H264 or VP8, and "
                  "Opus, sendonly."
                : "Nothing in the offer can be sent: it has %s and %s. Offer H264 (42e01f, "
                  "packetization-mode=1) and Opus, recvonly.",
            why.audio, why.video);
    }
    protocol_sdp_find_feedback(offer);
    return true;
}

static bool check_bundle(ProtocolOffer *offer, GError **error)
{
    int chosen[] = {offer->audio, offer->video};
    offer->bundled = true;
    for (unsigned i = 0; i < G_N_ELEMENTS(chosen); i++) {
        if (chosen[i] < 0) {
            continue;
        }
        const ProtocolOfferMedia *media = &offer->media[chosen[i]];
        offer->bundled =
            offer->bundled && media->mid[0] != '\0' && protocol_sdp_in_bundle(offer, media->mid);
        if (protocol_sdp_inherited(offer, media, "rtcp-mux") == NULL) {
            return protocol_sdp_refuse(
                error, "The %s m-line lacks a=rtcp-mux: RTP and RTCP go over one port.",
                media->kind);
        }
    }
    if (!offer->bundled && offer->audio >= 0 && offer->video >= 0) {
        return protocol_sdp_refuse(
            error, "Audio and video are not in one a=group:BUNDLE: they go over one port, "
                   "so offer both mids in it.");
    }
    return true;
}

static bool check_session(const ProtocolOffer *offer, GError **error)
{
    unsigned n_lines = g_strv_length(offer->lines);
    if (g_strcmp0(offer->lines[0], "v=0") != 0) {
        return protocol_sdp_refuse(error, "The SDP does not begin with v=0.");
    }
    if (protocol_sdp_attribute(offer->lines, 0, n_lines, "crypto") != NULL) {
        return protocol_sdp_refuse(
            error, "The offer has a=crypto (SDES): keys come from DTLS alone; leave it out.");
    }
    return true;
}

ProtocolOffer *protocol_offer_parse(const char *text, size_t size, ProtocolOfferRole role,
                                    GError **error)
{
    g_autoptr(ProtocolOffer) offer = g_new0(ProtocolOffer, 1);
    offer->role = role;
    bool offered[PROTOCOL_SDP_MAX_MEDIA] = {false};
    offer->lines = protocol_sdp_split(text, size, error);
    if (offer->lines == NULL) {
        return NULL;
    }
    bool ok = check_session(offer, error) && find_media(offer, offered, error) &&
              choose(offer, offered, error) && check_bundle(offer, error) &&
              protocol_sdp_take_ice(offer, error) && protocol_sdp_take_fingerprint(offer, error) &&
              protocol_sdp_take_setup(offer, error);
    return ok ? g_steal_pointer(&offer) : NULL;
}

void protocol_offer_free(ProtocolOffer *offer)
{
    if (offer != NULL) {
        g_strfreev(offer->lines);
        g_free(offer);
    }
}
