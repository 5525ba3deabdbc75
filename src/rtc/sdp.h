// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What WHEP needs of SDP (RFC 9429 with BUNDLE, RFC 9143): reads an offer, chooses at most one
// audio and one video of it, writes the answer. Pure functions; any thread.

#include "rtc/dtls.h"

#define RTC_SDP_MAX_MEDIA 8
#define RTC_SDP_MAX_MID_BYTES 64
#define RTC_ICE_MAX_BYTES 256 // RFC 8839 5.4, ufrag and pwd

#define RTC_TRANSPORT_EXTENSION                                                                    \
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

typedef struct {
    char ufrag[RTC_ICE_MAX_BYTES + 1];
    char pwd[RTC_ICE_MAX_BYTES + 1];
} RtcIceCredentials;

typedef struct {
    char kind[16]; // "audio", "video", "application", …
    char mid[RTC_SDP_MAX_MID_BYTES + 1];
    char proto[32];
    char format[32];     // the first: a rejected m-line still names one
    unsigned first, end; // its lines
} RtcOfferMedia;

typedef struct {
    char **lines;
    unsigned n_media;
    RtcOfferMedia media[RTC_SDP_MAX_MEDIA];
    bool bundled;
    RtcIceCredentials ice;
    RtcFingerprint fingerprint;
    bool dtls_client;                    // the offer is passive: we send the ClientHello
    int audio, video;                    // index of the chosen m-line, -1: none
    unsigned audio_format, video_format; // payload types
    char video_profile[8];               // profile-level-id as offered
    bool nack, pli, fir, remb;           // feedback offered for the video
    bool rtx;                            // RFC 4588, for the video where NACK is there too
    unsigned rtx_format;                 // payload type
    // ids of the transport-wide sequence number where its feedback is offered too; 0: none
    unsigned audio_transport, video_transport;
} RtcOffer;

/* NULL with BASE_ERROR_INVALID that says what is missing and what to offer instead. Full ownership.
 */
RtcOffer *rtc_offer_parse(const char *text, size_t size, GError **error);
void rtc_offer_free(RtcOffer *offer);

typedef struct {
    const RtcIceCredentials *ice;
    const char *fingerprint;       // rtc_dtls_identity_text()
    const char *const *candidates; // values of a=candidate, the first is the default one
    const char *address;           // of the first candidate
    uint16_t port;                 // of the first candidate
    const char *cname;
    bool audio, video; // there is such a track
    bool stereo;
    uint32_t audio_ssrc, video_ssrc, rtx_ssrc;
    uint64_t session; // number of o=
} RtcAnswerConfig;

/* NULL with BASE_ERROR_INVALID where nothing would be left to send. Full ownership. */
char *rtc_offer_answer(const RtcOffer *offer, const RtcAnswerConfig *config, GError **error);

/* REMB is taken up only where there is no transport-wide feedback. */
static inline bool rtc_offer_takes_remb(const RtcOffer *offer)
{
    return offer->remb && offer->video_transport == 0;
}

/* The mid of the m-line that carries the answer's transport, and its kind. */
const RtcOfferMedia *rtc_offer_tagged(const RtcOffer *offer);

/* A trickle fragment (RFC 8840): true and the credentials that it carries, "" where it has none. */
bool rtc_fragment_parse(const char *text, size_t size, RtcIceCredentials *out, GError **error);
/* The answer to an ICE restart. Full ownership. */
char *rtc_fragment_write(const char *kind, const char *mid, const RtcIceCredentials *ice,
                         const char *const *candidates);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcOffer, rtc_offer_free)
