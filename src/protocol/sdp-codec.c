// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses H.264 (of a sender: or VP8), Opus, RTX and RTCP feedback from an offer.
#include "protocol/sdp-private.h"

#include <string.h>

#define MAX_FORMATS 64 // per m-line: searching is quadratic
// added to a format's rank
#define MODE_1 8 // packetization mode
#define H264 16

/* "111 opus/48000/2" gives "opus/48000/2". */
static const char *format_attribute(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                                    const char *name, unsigned format)
{
    unsigned at = media->first;
    for (const char *value;
         (value = protocol_sdp_next(offer->lines, &at, media->end, name)) != NULL;) {
        char *end;
        if (g_ascii_strtoull(value, &end, 10) == format && end != value && *end == ' ') {
            return end + 1;
        }
    }
    return NULL;
}

/* "a=1;b=2": "1" for "a". Nullable. */
static char *parameter(const char *fmtp, const char *name)
{
    g_auto(GStrv) pairs = g_strsplit(fmtp != NULL ? fmtp : "", ";", 32);
    for (char **pair = pairs; *pair != NULL; pair++) {
        char *equals = strchr(g_strstrip(*pair), '=');
        if (equals == NULL) {
            continue;
        }
        *equals = '\0';
        if (g_ascii_strcasecmp(g_strchomp(*pair), name) == 0) {
            return g_strdup(g_strchug(equals + 1));
        }
    }
    return NULL;
}

/* Receivers whose profile includes constrained baseline (RFC 6184 8.1); 0: none. */
static unsigned profile_rank(const char *profile)
{
    if (strlen(profile) != 6 || strspn(profile, "0123456789abcdefABCDEF") != 6) {
        return 0;
    }
    guint64 value = g_ascii_strtoull(profile, NULL, 16);
    switch (value >> 16) {
    case 0x42:
        return (value >> 8 & 0x40) != 0 ? 4 : 3; // constraint_set1
    case 0x4d:
        return 2;
    case 0x64:
        return 1;
    default:
        return 0;
    }
}

static unsigned rank_h264(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                          unsigned format, char out_profile[8])
{
    const char *fmtp = format_attribute(offer, media, "fmtp", format);
    g_autofree char *mode = parameter(fmtp, "packetization-mode");
    g_autofree char *profile = parameter(fmtp, "profile-level-id");
    bool single = g_strcmp0(mode, "1") != 0;
    if (single && offer->role == PROTOCOL_OFFER_RECEIVES) {
        return 0;
    }
    const char *value = profile != NULL ? profile : "42e01f";
    g_strlcpy(out_profile, value, 8);
    unsigned rank = profile_rank(value);
    return rank > 0 && !single ? rank + MODE_1 : rank;
}

/* Takes the format if it ranks above `*best`. VP8 ranks below any H.264. */
static void consider(ProtocolOffer *offer, int index, unsigned format, const char *codec,
                     unsigned *best)
{
    char profile[8] = "";
    unsigned rank = 0;
    bool vp8 = g_ascii_strcasecmp(codec, " VP8/90000") == 0;
    if (g_ascii_strncasecmp(codec, " H264/90000", 11) == 0) {
        rank = rank_h264(offer, &offer->media[index], format, profile);
        rank += rank > 0 ? H264 : 0;
    } else if (vp8 && offer->role == PROTOCOL_OFFER_SENDS) {
        rank = 1;
    }
    if (rank > *best) {
        *best = rank;
        offer->video = index;
        offer->video_format = format;
        offer->vp8 = vp8;
        offer->single = !vp8 && rank < H264 + MODE_1;
        g_strlcpy(offer->video_profile, profile, sizeof offer->video_profile);
    }
}

bool protocol_sdp_choose_video(ProtocolOffer *offer, int index)
{
    const ProtocolOfferMedia *media = &offer->media[index];
    unsigned at = media->first, best = 0;
    const char *map;
    for (unsigned maps = 0;
         maps < MAX_FORMATS &&
         (map = protocol_sdp_next(offer->lines, &at, media->end, "rtpmap")) != NULL;
         maps++) {
        char *codec;
        guint64 format = g_ascii_strtoull(map, &codec, 10);
        if (codec != map && format <= 127) {
            consider(offer, index, (unsigned)format, codec, &best);
        }
    }
    return best > 0;
}

bool protocol_sdp_choose_audio(ProtocolOffer *offer, int index)
{
    const ProtocolOfferMedia *media = &offer->media[index];
    unsigned at = media->first;
    const char *map;
    for (unsigned maps = 0;
         maps < MAX_FORMATS &&
         (map = protocol_sdp_next(offer->lines, &at, media->end, "rtpmap")) != NULL;
         maps++) {
        char *codec;
        guint64 format = g_ascii_strtoull(map, &codec, 10);
        if (codec != map && format <= 127 && g_ascii_strcasecmp(codec, " opus/48000/2") == 0) {
            offer->audio = index;
            offer->audio_format = (unsigned)format;
            return true;
        }
    }
    return false;
}

/* "96 nack pli" or "* nack pli" gives "nack pli". */
static const char *next_feedback(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                                 unsigned *at, unsigned format)
{
    for (const char *value;
         (value = protocol_sdp_next(offer->lines, at, media->end, "rtcp-fb")) != NULL;) {
        const char *what = strchr(value, ' ');
        bool ours = *value == '*' || g_ascii_strtoull(value, NULL, 10) == format;
        if (ours && what != NULL) {
            return what + 1;
        }
    }
    return NULL;
}

/* From "3 URI" or "3/recvonly URI" (RFC 8285 8); 0: none. */
static unsigned transport_extension(const ProtocolOffer *offer, const ProtocolOfferMedia *media)
{
    const char *other = offer->role == PROTOCOL_OFFER_SENDS ? "/recvonly " : "/sendonly ";
    unsigned at = media->first;
    for (const char *value;
         (value = protocol_sdp_next(offer->lines, &at, media->end, "extmap")) != NULL;) {
        guint64 id = g_ascii_strtoull(value, NULL, 10);
        const char *uri = strchr(value, ' ');
        bool sendable = strstr(value, other) == NULL && strstr(value, "/inactive ") == NULL;
        if (uri != NULL && strcmp(uri + 1, PROTOCOL_TRANSPORT_EXTENSION) == 0 && sendable &&
            id >= 1 && id <= 14) {
            return (unsigned)id;
        }
    }
    return 0;
}

static bool offers_feedback(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                            unsigned format, const char *wanted)
{
    unsigned at = media->first;
    for (const char *what; (what = next_feedback(offer, media, &at, format)) != NULL;) {
        if (g_ascii_strcasecmp(what, wanted) == 0) {
            return true;
        }
    }
    return false;
}

static unsigned transport_of(const ProtocolOffer *offer, const ProtocolOfferMedia *media,
                             unsigned format)
{
    return offers_feedback(offer, media, format, "transport-cc") ? transport_extension(offer, media)
                                                                 : 0;
}

/* By apt (RFC 4588 8.6). */
static void find_rtx(ProtocolOffer *offer)
{
    const ProtocolOfferMedia *media = &offer->media[offer->video];
    unsigned at = media->first;
    const char *map;
    for (unsigned maps = 0;
         maps < MAX_FORMATS && !offer->rtx &&
         (map = protocol_sdp_next(offer->lines, &at, media->end, "rtpmap")) != NULL;
         maps++) {
        char *codec;
        guint64 format = g_ascii_strtoull(map, &codec, 10);
        if (codec == map || format > 127 || g_ascii_strcasecmp(codec, " rtx/90000") != 0) {
            continue;
        }
        g_autofree char *apt =
            parameter(format_attribute(offer, media, "fmtp", (unsigned)format), "apt");
        if (apt != NULL && g_ascii_strtoull(apt, NULL, 10) == offer->video_format) {
            offer->rtx = true;
            offer->rtx_format = (unsigned)format;
        }
    }
}

void protocol_sdp_find_feedback(ProtocolOffer *offer)
{
    if (offer->audio >= 0) {
        offer->audio_transport =
            transport_of(offer, &offer->media[offer->audio], offer->audio_format);
    }
    if (offer->video < 0) {
        return;
    }
    const ProtocolOfferMedia *media = &offer->media[offer->video];
    unsigned format = offer->video_format;
    offer->nack = offers_feedback(offer, media, format, "nack");
    offer->pli = offers_feedback(offer, media, format, "nack pli");
    offer->fir = offers_feedback(offer, media, format, "ccm fir");
    offer->remb = offers_feedback(offer, media, format, "goog-remb");
    offer->video_transport = transport_of(offer, media, format);
    if (offer->nack &&
        offer->role == PROTOCOL_OFFER_RECEIVES) { // a sender repeats packets as they were
        find_rtx(offer);
    }
}
