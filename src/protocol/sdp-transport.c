// SPDX-License-Identifier: GPL-3.0-or-later
// Reads ICE credentials, fingerprint and DTLS role.
#include "protocol/sdp-private.h"

#include <string.h>

const ProtocolOfferMedia *protocol_offer_tagged(const ProtocolOffer *offer)
{
    int first = offer->audio < 0              ? offer->video
                : offer->video < 0            ? offer->audio
                : offer->audio < offer->video ? offer->audio
                                              : offer->video;
    return &offer->media[first];
}

/* The bundle's first m-line has the transport attributes, even if rejected; bundle-only m-lines
 * have none. */
static const char *transport_attribute(const ProtocolOffer *offer, const char *name)
{
    const char *value = protocol_sdp_media_attribute(offer, protocol_offer_tagged(offer), name);
    for (unsigned i = 0; i < offer->n_media && value == NULL && offer->bundled; i++) {
        if (protocol_sdp_in_bundle(offer, offer->media[i].mid)) {
            value = protocol_sdp_media_attribute(offer, &offer->media[i], name);
        }
    }
    return value != NULL ? value
                         : protocol_sdp_attribute(offer->lines, 0, offer->media[0].first, name);
}

static bool ice_text_valid(const char *text, size_t min)
{
    size_t length = strlen(text);
    if (length < min || length > PROTOCOL_ICE_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < length; i++) { // ice-char (RFC 8839 5.1)
        if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/') {
            return false;
        }
    }
    return true;
}

static bool take_ice(const char *ufrag, const char *pwd, ProtocolIceCredentials *out,
                     GError **error)
{
    if (ufrag == NULL || pwd == NULL) {
        return protocol_sdp_refuse(error, "The SDP lacks a=ice-ufrag or a=ice-pwd.");
    }
    if (!ice_text_valid(ufrag, 4) || !ice_text_valid(pwd, 22)) {
        return protocol_sdp_refuse(
            error, "ice-ufrag needs 4 to 256 and ice-pwd 22 to 256 characters of A-Z, a-z, "
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

static int parse_fingerprint(const char *value, ProtocolFingerprint *out)
{
    static const struct {
        const char *name;
        size_t size;
    } hashes[] = {[PROTOCOL_SHA256] = {"sha-256 ", 32},
                  [PROTOCOL_SHA384] = {"sha-384 ", 48},
                  [PROTOCOL_SHA512] = {"sha-512 ", 64}};
    for (unsigned i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (g_ascii_strncasecmp(value, hashes[i].name, 8) == 0) {
            *out = (ProtocolFingerprint){.hash = i, .size = hashes[i].size};
            return parse_digest(value + 8, out->digest, out->size);
        }
    }
    return -1;
}

bool protocol_sdp_take_fingerprint(ProtocolOffer *offer, GError **error)
{
    const ProtocolOfferMedia *tagged = protocol_offer_tagged(offer);
    unsigned spans[2][2] = {{tagged->first, tagged->end}, {0, offer->media[0].first}};
    const char *seen = transport_attribute(offer, "fingerprint");
    for (unsigned i = 0; i < G_N_ELEMENTS(spans); i++) {
        unsigned at = spans[i][0];
        for (const char *value;
             (value = protocol_sdp_next(offer->lines, &at, spans[i][1], "fingerprint")) != NULL;) {
            if (parse_fingerprint(value, &offer->fingerprint) == 0) {
                return true;
            }
        }
    }
    if (seen != NULL && parse_fingerprint(seen, &offer->fingerprint) == 0) {
        return true;
    }
    offer->fingerprint = (ProtocolFingerprint){0};
    return protocol_sdp_refuse(
        error, seen == NULL
                   ? "The offer has no a=fingerprint: media is sent over DTLS-SRTP only; offer "
                     "one of sha-256."
                   : "The fingerprint is not well-formed or its hash too weak: offer one of "
                     "sha-256, sha-384 or sha-512.");
}

bool protocol_sdp_take_setup(ProtocolOffer *offer, GError **error)
{
    const char *setup = transport_attribute(offer, "setup");
    if (setup == NULL) {
        return protocol_sdp_refuse(error, "The offer has no a=setup: offer actpass.");
    }
    offer->dtls_client = g_ascii_strcasecmp(setup, "passive") == 0;
    if (!offer->dtls_client && g_ascii_strcasecmp(setup, "actpass") != 0 &&
        g_ascii_strcasecmp(setup, "active") != 0) {
        return protocol_sdp_refuse(
            error, "a=setup:%s is not possible: offer actpass, active or passive.", setup);
    }
    return true;
}

bool protocol_sdp_take_ice(ProtocolOffer *offer, GError **error)
{
    if (protocol_sdp_attribute(offer->lines, 0, offer->media[0].first, "ice-lite") != NULL) {
        return protocol_sdp_refuse(
            error, "The offer is a=ice-lite, and so is this server: one side must check "
                   "connectivity, so offer full ICE.");
    }
    return take_ice(transport_attribute(offer, "ice-ufrag"), transport_attribute(offer, "ice-pwd"),
                    &offer->ice, error);
}

bool protocol_fragment_parse(const char *text, size_t size, ProtocolIceCredentials *out,
                             GError **error)
{
    g_auto(GStrv) lines = protocol_sdp_split(text, size, error);
    if (lines == NULL) {
        return false;
    }
    unsigned n = g_strv_length(lines);
    const char *ufrag = protocol_sdp_attribute(lines, 0, n, "ice-ufrag");
    const char *pwd = protocol_sdp_attribute(lines, 0, n, "ice-pwd");
    if (ufrag != NULL || pwd != NULL) {
        return take_ice(ufrag, pwd, out, error);
    }
    if (protocol_sdp_attribute(lines, 0, n, "candidate") == NULL &&
        protocol_sdp_attribute(lines, 0, n, "end-of-candidates") == NULL) {
        return protocol_sdp_refuse(error,
                                   "The fragment has neither candidates nor ICE credentials.");
    }
    *out = (ProtocolIceCredentials){0};
    return true;
}
