// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/sdp.h"

#include "base/error.h"
#include "rtc/rtc.h"

#include <string.h>

#define MAX_LINES 1024 // a browser's offer has some 300
#define MAX_FORMATS 64 // looked at in one m-line: each is searched for its parameters

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, BASE_ERROR, BASE_ERROR_INVALID, text);
    return FALSE;
}

/* Removes whitespace at both ends and leaves one space between words; returns the length. */
static size_t tidy(char *line)
{
    char *to = line;
    for (const char *from = g_strstrip(line); *from != '\0'; from++) {
        char byte = *from == '\t' ? ' ' : *from;
        if (byte != ' ' || to[-1] != ' ') {
            *to++ = byte;
        }
    }
    *to = '\0';
    return (size_t)(to - line);
}

static bool check_line(const char *line, size_t length, int number, GError **error)
{
    if (length < 2 || line[1] != '=') {
        return refuse(error, "Line %d of the SDP is not of the form x=value.", number);
    }
    for (size_t i = 0; i < length; i++) {
        if (g_ascii_iscntrl(line[i])) {
            return refuse(error, "Line %d of the SDP holds a control character.", number);
        }
    }
    return true;
}

/* Lines without their ends, tidied, without blank ones, or NULL. Nothing that a line of our answer
 * repeats holds a control character. */
static char **split(const char *text, size_t size, GError **error)
{
    if (size > RTC_MAX_SDP_BYTES) {
        refuse(error, "The SDP is larger than %d bytes.", RTC_MAX_SDP_BYTES);
        return NULL;
    }
    if (size == 0) {
        refuse(error, "The SDP is empty.");
        return NULL;
    }
    if (memchr(text, '\0', size) != NULL) {
        refuse(error, "The SDP holds a zero byte.");
        return NULL;
    }
    if (!g_utf8_validate(text, (gssize)size, NULL)) { // parts of it stand in what is answered
        refuse(error, "The SDP is not UTF-8 (RFC 8866 section 4.5).");
        return NULL;
    }
    g_autofree char *copy = g_strndup(text, size);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", MAX_LINES);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    for (char **line = lines; *line != NULL; line++) {
        size_t length = tidy(*line);
        if (length > 0 && !check_line(*line, length, (int)(line - lines) + 1, error)) {
            return NULL;
        }
        if (length > 0) {
            g_strv_builder_add(kept, *line);
        }
    }
    return g_strv_builder_end(kept);
}

/* The value of the next `a=name` or `a=name:value` in lines [*at, end); *at goes behind it. No two
 * attributes differ in case alone. */
static const char *next_attribute(char **lines, unsigned *at, unsigned end, const char *name)
{
    size_t length = strlen(name);
    while (*at < end) {
        const char *line = lines[(*at)++];
        if (strncmp(line, "a=", 2) != 0 || g_ascii_strncasecmp(line + 2, name, length) != 0) {
            continue;
        }
        if (line[2 + length] == ':') {
            const char *value = line + 2 + length + 1;
            return *value == ' ' ? value + 1 : value;
        }
        if (line[2 + length] == '\0') {
            return line + 2 + length;
        }
    }
    return NULL;
}

static const char *attribute(char **lines, unsigned first, unsigned end, const char *name)
{
    return next_attribute(lines, &first, end, name);
}

static const char *media_attribute(const RtcOffer *offer, const RtcOfferMedia *media,
                                   const char *name)
{
    return attribute(offer->lines, media->first, media->end, name);
}

/* In the m-line's section, else in the session's. */
static const char *inherited_attribute(const RtcOffer *offer, const RtcOfferMedia *media,
                                       const char *name)
{
    const char *value = media_attribute(offer, media, name);
    return value != NULL ? value : attribute(offer->lines, 0, offer->media[0].first, name);
}

static bool is_rtp(const char *proto)
{
    // taken as if they said UDP/TLS/RTP/SAVPF (RFC 8829 5.1.2): DTLS-SRTP follows from the
    // fingerprint, which has to be there
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

/* The kind in lower and an RTP profile in upper case, as they are registered: both are read in any
 * case (RFC 4855 section 3), and the answer repeats them. */
static void put_in_registered_case(RtcOfferMedia *media)
{
    for (char *at = media->kind; *at != '\0'; at++) {
        *at = g_ascii_tolower(*at);
    }
    g_autofree char *upper = g_ascii_strup(media->proto, -1);
    if (is_rtp(upper)) {
        g_strlcpy(media->proto, upper, sizeof media->proto);
    }
}

static bool parse_m_line(const char *line, RtcOfferMedia *media, unsigned *out_port, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line + 2, " ", 5);
    if (g_strv_length(words) < 4 || strlen(words[0]) >= sizeof media->kind ||
        strlen(words[2]) >= sizeof media->proto || strlen(words[3]) >= sizeof media->format) {
        return refuse(error, "This m-line cannot be read: %s", line);
    }
    g_strlcpy(media->kind, words[0], sizeof media->kind);
    g_strlcpy(media->proto, words[2], sizeof media->proto);
    g_strlcpy(media->format, words[3], sizeof media->format);
    put_in_registered_case(media);
    *out_port = (unsigned)g_ascii_strtoull(words[1], NULL, 10);
    return true;
}

static bool find_media(RtcOffer *offer, bool offered[RTC_SDP_MAX_MEDIA], GError **error)
{
    unsigned n_lines = g_strv_length(offer->lines);
    RtcOfferMedia *media = NULL;
    for (unsigned i = 0; i < n_lines; i++) {
        if (strncmp(offer->lines[i], "m=", 2) != 0) {
            continue;
        }
        if (offer->n_media == RTC_SDP_MAX_MEDIA) {
            return refuse(error, "The offer has more than %d m-lines.", RTC_SDP_MAX_MEDIA);
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
        return refuse(error, "The offer has no m-line: offer audio and video, recvonly.");
    }
    for (unsigned i = 0; i < offer->n_media; i++) {
        // with bundle-only, port 0 does not reject (RFC 9143 section 6)
        offered[i] = offered[i] || media_attribute(offer, &offer->media[i], "bundle-only") != NULL;
        const char *mid = media_attribute(offer, &offer->media[i], "mid");
        if (mid != NULL &&
            (strlen(mid) > RTC_SDP_MAX_MID_BYTES || *mid == '\0' || strchr(mid, ' ') != NULL)) {
            return refuse(error, "This mid is not a token of at most %d characters: %s",
                          RTC_SDP_MAX_MID_BYTES, mid);
        }
        g_strlcpy(offer->media[i].mid, mid != NULL ? mid : "", sizeof offer->media[i].mid);
    }
    return true;
}

static bool in_bundle(const RtcOffer *offer, const char *mid)
{
    unsigned at = 0;
    for (const char *group;
         (group = next_attribute(offer->lines, &at, offer->media[0].first, "group")) != NULL;) {
        if (g_ascii_strncasecmp(group, "BUNDLE ", 7) != 0) {
            continue;
        }
        g_auto(GStrv) mids = g_strsplit(group + 7, " ", -1);
        if (g_strv_contains((const char *const *)mids, mid)) {
            return true;
        }
    }
    return false;
}

/* What follows the payload type in an attribute such as "111 opus/48000/2" or "111 minptime=10". */
static const char *format_attribute(const RtcOffer *offer, const RtcOfferMedia *media,
                                    const char *name, unsigned format)
{
    unsigned at = media->first;
    for (const char *value;
         (value = next_attribute(offer->lines, &at, media->end, name)) != NULL;) {
        char *end;
        if (g_ascii_strtoull(value, &end, 10) == format && end != value && *end == ' ') {
            return end + 1;
        }
    }
    return NULL;
}

/* The value of `name` in "a=1;b=2". Full ownership, NULL: absent. */
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

/* How well a receiver of this profile fits what we send, constrained baseline (RFC 6184 8.1: its
 * decoder need not do more than the profile says; each of these includes ours). 0: not at all. */
static unsigned profile_rank(const char *profile)
{
    if (strlen(profile) != 6 || strspn(profile, "0123456789abcdefABCDEF") != 6) {
        return 0;
    }
    guint64 value = g_ascii_strtoull(profile, NULL, 16);
    switch (value >> 16) {
    case 0x42:
        return (value >> 8 & 0x40) != 0 ? 4 : 3; // constraint_set1: constrained baseline
    case 0x4d:
        return 2;
    case 0x64:
        return 1;
    default:
        return 0;
    }
}

static unsigned rank_h264(const RtcOffer *offer, const RtcOfferMedia *media, unsigned format,
                          char out_profile[8])
{
    const char *fmtp = format_attribute(offer, media, "fmtp", format);
    g_autofree char *mode = parameter(fmtp, "packetization-mode");
    g_autofree char *profile = parameter(fmtp, "profile-level-id");
    if (g_strcmp0(mode, "1") != 0) {
        return 0;
    }
    const char *value = profile != NULL ? profile : "42e01f";
    g_strlcpy(out_profile, value, 8);
    return profile_rank(value);
}

static bool choose_video(RtcOffer *offer, int index)
{
    const RtcOfferMedia *media = &offer->media[index];
    unsigned at = media->first, best = 0;
    const char *map;
    for (unsigned maps = 0; maps < MAX_FORMATS &&
                            (map = next_attribute(offer->lines, &at, media->end, "rtpmap")) != NULL;
         maps++) {
        char *codec, profile[8];
        guint64 format = g_ascii_strtoull(map, &codec, 10);
        if (codec == map || format > 127 || g_ascii_strncasecmp(codec, " H264/90000", 11) != 0) {
            continue;
        }
        unsigned rank = rank_h264(offer, media, (unsigned)format, profile);
        if (rank > best) {
            best = rank;
            offer->video = index;
            offer->video_format = (unsigned)format;
            g_strlcpy(offer->video_profile, profile, sizeof offer->video_profile);
        }
    }
    return best > 0;
}

static bool choose_audio(RtcOffer *offer, int index)
{
    const RtcOfferMedia *media = &offer->media[index];
    unsigned at = media->first;
    const char *map;
    for (unsigned maps = 0; maps < MAX_FORMATS &&
                            (map = next_attribute(offer->lines, &at, media->end, "rtpmap")) != NULL;
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

/* The next feedback that is offered for `format`: what follows it in "96 nack pli" or "* nack". */
static const char *next_feedback(const RtcOffer *offer, const RtcOfferMedia *media, unsigned *at,
                                 unsigned format)
{
    for (const char *value;
         (value = next_attribute(offer->lines, at, media->end, "rtcp-fb")) != NULL;) {
        const char *what = strchr(value, ' ');
        bool ours = *value == '*' || g_ascii_strtoull(value, NULL, 10) == format;
        if (ours && what != NULL) {
            return what + 1;
        }
    }
    return NULL;
}

/* "3 URI" or "3/recvonly URI" (RFC 8285 section 8), 1 to 14 in the one-byte form; 0: not offered.
 */
static unsigned transport_extension(const RtcOffer *offer, const RtcOfferMedia *media)
{
    unsigned at = media->first;
    for (const char *value;
         (value = next_attribute(offer->lines, &at, media->end, "extmap")) != NULL;) {
        guint64 id = g_ascii_strtoull(value, NULL, 10);
        const char *uri = strchr(value, ' ');
        bool sendable = strstr(value, "/sendonly ") == NULL && strstr(value, "/inactive ") == NULL;
        if (uri != NULL && strcmp(uri + 1, RTC_TRANSPORT_EXTENSION) == 0 && sendable && id >= 1 &&
            id <= 14) {
            return (unsigned)id;
        }
    }
    return 0;
}

static bool offers_feedback(const RtcOffer *offer, const RtcOfferMedia *media, unsigned format,
                            const char *wanted)
{
    unsigned at = media->first;
    for (const char *what; (what = next_feedback(offer, media, &at, format)) != NULL;) {
        if (g_ascii_strcasecmp(what, wanted) == 0) {
            return true;
        }
    }
    return false;
}

static unsigned transport_of(const RtcOffer *offer, const RtcOfferMedia *media, unsigned format)
{
    return offers_feedback(offer, media, format, "transport-cc") ? transport_extension(offer, media)
                                                                 : 0;
}

/* The payload type whose apt is the video's (RFC 4588 8.6). */
static void find_rtx(RtcOffer *offer)
{
    const RtcOfferMedia *media = &offer->media[offer->video];
    unsigned at = media->first;
    const char *map;
    for (unsigned maps = 0; maps < MAX_FORMATS && !offer->rtx &&
                            (map = next_attribute(offer->lines, &at, media->end, "rtpmap")) != NULL;
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

static void find_feedback(RtcOffer *offer)
{
    if (offer->audio >= 0) {
        offer->audio_transport =
            transport_of(offer, &offer->media[offer->audio], offer->audio_format);
    }
    if (offer->video < 0) {
        return;
    }
    const RtcOfferMedia *media = &offer->media[offer->video];
    unsigned format = offer->video_format;
    offer->nack = offers_feedback(offer, media, format, "nack");
    offer->pli = offers_feedback(offer, media, format, "nack pli");
    offer->fir = offers_feedback(offer, media, format, "ccm fir");
    offer->remb = offers_feedback(offer, media, format, "goog-remb");
    offer->video_transport = transport_of(offer, media, format);
    if (offer->nack) {
        find_rtx(offer);
    }
}

/* The section's own direction counts before the session's; sendrecv where neither says (RFC
 * 8866 6.7). */
static bool wants_media(const RtcOffer *offer, const RtcOfferMedia *media)
{
    if (media_attribute(offer, media, "recvonly") != NULL ||
        media_attribute(offer, media, "sendrecv") != NULL) {
        return true;
    }
    return inherited_attribute(offer, media, "sendonly") == NULL &&
           inherited_attribute(offer, media, "inactive") == NULL;
}

static bool check_proto(const RtcOfferMedia *media, GError **error)
{
    if (!is_rtp(media->proto)) {
        return refuse(error, "The %s m-line asks for %s: offer UDP/TLS/RTP/SAVPF.", media->kind,
                      media->proto);
    }
    return true;
}

/* Why no m-line of this kind was taken, for the error; the last word wins. */
typedef struct {
    const char *audio, *video;
} Reasons;

static bool choose(RtcOffer *offer, const bool offered[RTC_SDP_MAX_MEDIA], GError **error)
{
    Reasons why = {"no audio", "no video"};
    offer->audio = offer->video = -1;
    for (unsigned i = 0; i < offer->n_media; i++) {
        const RtcOfferMedia *media = &offer->media[i];
        bool audio = strcmp(media->kind, "audio") == 0, video = strcmp(media->kind, "video") == 0;
        const char **reason = audio ? &why.audio : &why.video;
        if (!offered[i] || !(audio || video) || (audio ? offer->audio : offer->video) >= 0) {
            continue; // a second one of a kind is answered with port 0
        }
        if (!wants_media(offer, media)) {
            *reason = "one that is not to be received (offer recvonly)";
            continue;
        }
        if (!check_proto(media, error)) {
            return false;
        }
        if (audio && !choose_audio(offer, (int)i)) {
            *reason = "audio without opus/48000/2";
        } else if (video && !choose_video(offer, (int)i)) {
            *reason = "video without H264/90000 in packetization-mode=1";
        }
    }
    if (offer->audio < 0 && offer->video < 0) {
        return refuse(error,
                      "Nothing in the offer can be sent: it has %s and %s. Offer H264 (42e01f, "
                      "packetization-mode=1) and Opus, recvonly.",
                      why.audio, why.video);
    }
    find_feedback(offer);
    return true;
}

static bool check_bundle(RtcOffer *offer, GError **error)
{
    int chosen[] = {offer->audio, offer->video};
    offer->bundled = true;
    for (unsigned i = 0; i < G_N_ELEMENTS(chosen); i++) {
        if (chosen[i] < 0) {
            continue;
        }
        const RtcOfferMedia *media = &offer->media[chosen[i]];
        offer->bundled = offer->bundled && media->mid[0] != '\0' && in_bundle(offer, media->mid);
        if (inherited_attribute(offer, media, "rtcp-mux") == NULL) {
            return refuse(error, "The %s m-line lacks a=rtcp-mux: RTP and RTCP go over one port.",
                          media->kind);
        }
    }
    if (!offer->bundled && offer->audio >= 0 && offer->video >= 0) {
        return refuse(error,
                      "Audio and video are not in one a=group:BUNDLE: they go over one port, "
                      "so offer both mids in it.");
    }
    return true;
}

/* Transport attributes stand at the m-line that the offerer tagged (the first of BUNDLE), which may
 * be one that we reject; a bundle-only m-line has none. */
static const char *transport_attribute(const RtcOffer *offer, const char *name)
{
    const char *value = media_attribute(offer, rtc_offer_tagged(offer), name);
    for (unsigned i = 0; i < offer->n_media && value == NULL && offer->bundled; i++) {
        if (in_bundle(offer, offer->media[i].mid)) {
            value = media_attribute(offer, &offer->media[i], name);
        }
    }
    return value != NULL ? value : attribute(offer->lines, 0, offer->media[0].first, name);
}

static bool ice_text_valid(const char *text, size_t min)
{
    size_t length = strlen(text);
    if (length < min || length > RTC_ICE_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < length; i++) { // ice-char (RFC 8839 5.1)
        if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/') {
            return false;
        }
    }
    return true;
}

static bool take_ice(const char *ufrag, const char *pwd, RtcIceCredentials *out, GError **error)
{
    if (ufrag == NULL || pwd == NULL) {
        return refuse(error, "The SDP lacks a=ice-ufrag or a=ice-pwd.");
    }
    if (!ice_text_valid(ufrag, 4) || !ice_text_valid(pwd, 22)) {
        return refuse(error,
                      "ice-ufrag needs 4 to 256 and ice-pwd 22 to 256 characters of A-Z, a-z, "
                      "0-9, + and /.");
    }
    g_strlcpy(out->ufrag, ufrag, sizeof out->ufrag);
    g_strlcpy(out->pwd, pwd, sizeof out->pwd);
    return true;
}

static int parse_digest(const char *text, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++, text += 3) {
        int high = g_ascii_xdigit_value(text[0]);
        int low = high >= 0 ? g_ascii_xdigit_value(text[1]) : -1;
        if (low < 0 || text[2] != (i + 1 < size ? ':' : '\0')) {
            return -1;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

static int parse_fingerprint(const char *value, RtcFingerprint *out)
{
    static const struct {
        const char *name;
        size_t size;
    } hashes[] = {[RTC_SHA256] = {"sha-256 ", 32},
                  [RTC_SHA384] = {"sha-384 ", 48},
                  [RTC_SHA512] = {"sha-512 ", 64}};
    for (unsigned i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (g_ascii_strncasecmp(value, hashes[i].name, 8) == 0) {
            *out = (RtcFingerprint){.hash = i, .size = hashes[i].size};
            return parse_digest(value + 8, out->digest, out->size);
        }
    }
    return -1;
}

static bool take_fingerprint(RtcOffer *offer, GError **error)
{
    const RtcOfferMedia *tagged = rtc_offer_tagged(offer);
    unsigned spans[2][2] = {{tagged->first, tagged->end}, {0, offer->media[0].first}};
    const char *seen = transport_attribute(offer, "fingerprint");
    for (unsigned i = 0; i < G_N_ELEMENTS(spans); i++) {
        unsigned at = spans[i][0];
        for (const char *value;
             (value = next_attribute(offer->lines, &at, spans[i][1], "fingerprint")) != NULL;) {
            if (parse_fingerprint(value, &offer->fingerprint) == 0) {
                return true;
            }
        }
    }
    if (seen != NULL && parse_fingerprint(seen, &offer->fingerprint) == 0) {
        return true;
    }
    offer->fingerprint = (RtcFingerprint){0};
    return refuse(error,
                  seen == NULL
                      ? "The offer has no a=fingerprint: media is sent over DTLS-SRTP only; offer "
                        "one of sha-256."
                      : "The fingerprint is not well-formed or its hash too weak: offer one of "
                        "sha-256, sha-384 or sha-512.");
}

static bool take_setup(RtcOffer *offer, GError **error)
{
    const char *setup = transport_attribute(offer, "setup");
    if (setup == NULL) {
        return refuse(error, "The offer has no a=setup: offer actpass.");
    }
    offer->dtls_client = g_ascii_strcasecmp(setup, "passive") == 0;
    if (!offer->dtls_client && g_ascii_strcasecmp(setup, "actpass") != 0 &&
        g_ascii_strcasecmp(setup, "active") != 0) {
        return refuse(error, "a=setup:%s is not possible: offer actpass, active or passive.",
                      setup);
    }
    return true;
}

static bool check_session(const RtcOffer *offer, GError **error)
{
    unsigned n_lines = g_strv_length(offer->lines);
    if (g_strcmp0(offer->lines[0], "v=0") != 0) {
        return refuse(error, "The SDP does not begin with v=0.");
    }
    if (attribute(offer->lines, 0, n_lines, "crypto") != NULL) {
        return refuse(error,
                      "The offer has a=crypto (SDES): keys come from DTLS alone; leave it out.");
    }
    return true;
}

static bool check_ice(RtcOffer *offer, GError **error)
{
    if (attribute(offer->lines, 0, offer->media[0].first, "ice-lite") != NULL) {
        return refuse(error, "The offer is a=ice-lite, and so is this server: one side must check "
                             "connectivity, so offer full ICE.");
    }
    return take_ice(transport_attribute(offer, "ice-ufrag"), transport_attribute(offer, "ice-pwd"),
                    &offer->ice, error);
}

RtcOffer *rtc_offer_parse(const char *text, size_t size, GError **error)
{
    g_autoptr(RtcOffer) offer = g_new0(RtcOffer, 1);
    bool offered[RTC_SDP_MAX_MEDIA] = {false};
    offer->lines = split(text, size, error);
    if (offer->lines == NULL) {
        return NULL;
    }
    bool ok = check_session(offer, error) && find_media(offer, offered, error) &&
              choose(offer, offered, error) && check_bundle(offer, error) &&
              check_ice(offer, error) && take_fingerprint(offer, error) && take_setup(offer, error);
    return ok ? g_steal_pointer(&offer) : NULL;
}

void rtc_offer_free(RtcOffer *offer)
{
    if (offer != NULL) {
        g_strfreev(offer->lines);
        g_free(offer);
    }
}

const RtcOfferMedia *rtc_offer_tagged(const RtcOffer *offer)
{
    int first = offer->audio < 0              ? offer->video
                : offer->video < 0            ? offer->audio
                : offer->audio < offer->video ? offer->audio
                                              : offer->video;
    return &offer->media[first];
}

bool rtc_fragment_parse(const char *text, size_t size, RtcIceCredentials *out, GError **error)
{
    g_auto(GStrv) lines = split(text, size, error);
    if (lines == NULL) {
        return false;
    }
    unsigned n = g_strv_length(lines);
    const char *ufrag = attribute(lines, 0, n, "ice-ufrag");
    const char *pwd = attribute(lines, 0, n, "ice-pwd");
    if (ufrag != NULL || pwd != NULL) {
        return take_ice(ufrag, pwd, out, error);
    }
    if (attribute(lines, 0, n, "candidate") == NULL &&
        attribute(lines, 0, n, "end-of-candidates") == NULL) {
        return refuse(error, "The fragment has neither candidates nor ICE credentials.");
    }
    *out = (RtcIceCredentials){0};
    return true;
}
