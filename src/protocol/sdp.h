// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SDP for WHEP and WHIP (RFC 9429, BUNDLE RFC 9143): parses an offer, chooses one audio and one
// video, answers. Pure.

#include "protocol/dtls.h"

#define PROTOCOL_SDP_MAX_BYTES (64 * 1024)
#define PROTOCOL_SDP_MAX_MEDIA 8
#define PROTOCOL_SDP_MAX_MID_BYTES 64
#define PROTOCOL_ICE_MAX_BYTES 256 // RFC 8839 5.4

#define PROTOCOL_TRANSPORT_EXTENSION                                                               \
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

/* Which way the offerer's media goes. */
typedef enum {
    PROTOCOL_OFFER_RECEIVES, // WHEP
    PROTOCOL_OFFER_SENDS,    // WHIP
} ProtocolOfferRole;

typedef struct {
    char ufrag[PROTOCOL_ICE_MAX_BYTES + 1];
    char pwd[PROTOCOL_ICE_MAX_BYTES + 1];
} ProtocolIceCredentials;

typedef struct {
    char kind[16]; // "audio", "video", …
    char mid[PROTOCOL_SDP_MAX_MID_BYTES + 1];
    char proto[32];
    char format[32]; // the first
    unsigned first, end;
} ProtocolOfferMedia;

typedef struct {
    ProtocolOfferRole role;
    char **lines;
    unsigned n_media;
    ProtocolOfferMedia media[PROTOCOL_SDP_MAX_MEDIA];
    bool bundled;
    ProtocolIceCredentials ice;
    ProtocolFingerprint fingerprint;
    bool dtls_client; // the offer is passive
    int audio, video; // m-line index; -1: none
    unsigned audio_format, video_format;
    bool vp8;                  // else H.264; only of one that sends
    bool single;               // H.264 in packetization mode 0; only of one that sends
    char video_profile[8];     // profile-level-id
    bool nack, pli, fir, remb; // for video
    bool rtx;                  // RFC 4588; needs NACK
    unsigned rtx_format;
    // transport-wide sequence number ids, if used; 0: none
    unsigned audio_transport, video_transport;
} ProtocolOffer;

/* Full ownership. BASE_ERROR_INVALID says what to offer. */
ProtocolOffer *protocol_offer_parse(const char *text, size_t size, ProtocolOfferRole role,
                                    GError **error);
void protocol_offer_free(ProtocolOffer *offer);

typedef struct {
    const ProtocolIceCredentials *ice;
    const char *fingerprint;       // protocol_dtls_identity_text()
    const char *const *candidates; // values of a=candidate
    const char *address;           // of candidates[0]
    uint16_t port;                 // of candidates[0]
    bool audio, video;             // available
    bool stereo;
    // of what is sent
    const char *cname;
    uint32_t audio_ssrc, video_ssrc, rtx_ssrc;
    uint64_t session; // in o=
} ProtocolAnswerConfig;

/* BASE_ERROR_INVALID: nothing to send. */
char *protocol_offer_answer(const ProtocolOffer *offer, const ProtocolAnswerConfig *config,
                            GError **error);

/* Transport-wide feedback is preferred. */
static inline bool protocol_offer_takes_remb(const ProtocolOffer *offer)
{
    return offer->remb && offer->video_transport == 0;
}

/* Its m-line carries the transport. */
const ProtocolOfferMedia *protocol_offer_tagged(const ProtocolOffer *offer);

/* RFC 8840; `out` is "" without credentials. */
bool protocol_fragment_parse(const char *text, size_t size, ProtocolIceCredentials *out,
                             GError **error);
/* For an ICE restart. */
char *protocol_fragment_write(const char *kind, const char *mid, const ProtocolIceCredentials *ice,
                              const char *const *candidates);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProtocolOffer, protocol_offer_free)
