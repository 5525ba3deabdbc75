// SPDX-License-Identifier: GPL-3.0-or-later
// SDP offers of viewers and publishers: refused with a reason, or answered. The answer is a bounded text of well-formed
// lines, has an m-line for each that was offered, and says the same when it is read as an offer.
// Harmless whitespace and the case of media types never change the answer.
#include "fuzz.h"
#include "whitespace.h"

#include "protocol/sdp.h"

#include <glib.h>

#define FINGERPRINT                                                                                \
    "sha-256 AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:" \
    "23:45:67:89"
#define MAX_ANSWER_BYTES 8192

static const char *const candidates[] = {"1 1 udp 2130706431 192.0.2.7 8189 typ host",
                                         "2 1 udp 2130706175 2001:db8::7 8189 typ host", NULL};
static const ProtocolIceCredentials ours = {"ouruf123", "ourpasswordourpasswordourp"};

static char *replaced(const char *text, const char *what, const char *by)
{
    g_auto(GStrv) parts = g_strsplit(text, what, -1);
    return g_strjoinv(by, parts);
}

static void check_lines(const ProtocolOffer *offer, const char *answer)
{
    g_auto(GStrv) lines = g_strsplit(answer, "\r\n", -1);
    unsigned n = g_strv_length(lines), n_media = 0;
    g_assert_cmpstr(lines[0], ==, "v=0");
    g_assert_cmpstr(lines[n - 1], ==, "");
    for (unsigned i = 0; i + 1 < n; i++) {
        g_assert_true(g_ascii_islower(lines[i][0]) && lines[i][1] == '=' && lines[i][2] != '\0');
        for (const char *at = lines[i]; *at != '\0'; at++) {
            g_assert_false(g_ascii_iscntrl(*at));
        }
        n_media += lines[i][0] == 'm';
    }
    g_assert_cmpuint(n_media, ==, offer->n_media);
    g_assert_true(g_utf8_validate(answer, -1, NULL));
}

/* A viewer that would be offered our answer, not lite and to be received, reads the same in it. */
static void check_stable(const ProtocolOffer *offer, const char *answer)
{
    g_autofree char *received = replaced(answer, "\r\na=sendonly\r\n", "\r\na=recvonly\r\n");
    g_autofree char *full = replaced(received, "\r\na=ice-lite\r\n", "\r\n");
    GError *error = NULL;
    g_autoptr(ProtocolOffer) again =
        protocol_offer_parse(full, strlen(full), PROTOCOL_OFFER_RECEIVES, &error);
    if (error != NULL) {
        g_error("%s in\n%s", error->message, answer);
    }
    g_assert_cmpint(again->audio, ==, offer->audio);
    g_assert_cmpint(again->video, ==, offer->video);
    if (offer->audio >= 0) {
        g_assert_cmpuint(again->audio_format, ==, offer->audio_format);
    }
    if (offer->video >= 0) {
        g_assert_cmpuint(again->video_format, ==, offer->video_format);
        g_assert_true(again->nack == offer->nack && again->pli == offer->pli);
    }
    g_assert_cmpstr(again->ice.ufrag, ==, ours.ufrag);
    g_assert_cmpstr(again->ice.pwd, ==, ours.pwd);
    g_assert_true(again->dtls_client == !offer->dtls_client);
    g_assert_cmpuint(again->n_media, ==, offer->n_media);
    for (unsigned i = 0; i < offer->n_media; i++) {
        g_assert_cmpstr(again->media[i].kind, ==, offer->media[i].kind);
    }
}

static char *answer_to(const ProtocolOffer *offer)
{
    ProtocolAnswerConfig config = {.ice = &ours,
                                   .fingerprint = FINGERPRINT,
                                   .candidates = candidates,
                                   .address = "192.0.2.7",
                                   .port = 8189,
                                   .cname = "cname",
                                   .audio = true,
                                   .video = true,
                                   .stereo = true,
                                   .audio_ssrc = 1111,
                                   .video_ssrc = 2222,
                                   .session = 10};
    GError *error = NULL;
    char *answer = protocol_offer_answer(offer, &config, &error);
    g_assert_no_error(error);
    return answer;
}

static void check_whitespace(const char *text, size_t size, const char *answer)
{
    g_autofree char *spaced = with_whitespace(text, size);
    g_autofree char *loud = replaced(spaced, "\nm=video ", "\nm=Video ");
    if (strlen(loud) > PROTOCOL_SDP_MAX_BYTES) {
        return;
    }
    GError *error = NULL;
    g_autoptr(ProtocolOffer) again =
        protocol_offer_parse(loud, strlen(loud), PROTOCOL_OFFER_RECEIVES, &error);
    if (error != NULL) {
        g_error("%s in\n%s", error->message, loud);
    }
    g_autofree char *other = answer_to(again);
    g_assert_cmpstr(other, ==, answer);
}

/* The same text as a publisher's: refused with a reason, or answered without a stream of ours. */
static void check_publisher(const char *text, size_t size)
{
    GError *error = NULL;
    g_autoptr(ProtocolOffer) offer = protocol_offer_parse(text, size, PROTOCOL_OFFER_SENDS, &error);
    g_assert_true((offer == NULL) == (error != NULL));
    if (offer == NULL) {
        g_assert_true(error->message[0] != '\0' && g_utf8_validate(error->message, -1, NULL));
        g_error_free(error);
        return;
    }
    g_assert_true(offer->audio_format <= 127 && offer->video_format <= 127);
    g_assert_true(offer->audio_transport <= 14 && offer->video_transport <= 14);
    g_autofree char *answer = answer_to(offer);
    g_assert_cmpuint(strlen(answer), <=, MAX_ANSWER_BYTES);
    check_lines(offer, answer);
    g_assert_null(strstr(answer, "a=ssrc:"));
    g_assert_null(strstr(answer, "a=sendonly"));
}

int target(const uint8_t *data, size_t size)
{
    GError *error = NULL;
    check_publisher((const char *)data, size);
    g_autoptr(ProtocolOffer) offer =
        protocol_offer_parse((const char *)data, size, PROTOCOL_OFFER_RECEIVES, &error);
    g_assert_true((offer == NULL) == (error != NULL));
    if (offer == NULL) {
        g_assert_true(error->message[0] != '\0' && g_utf8_validate(error->message, -1, NULL));
        g_error_free(error);
        return 0;
    }
    g_assert_cmpuint(offer->n_media, <=, PROTOCOL_SDP_MAX_MEDIA);
    g_assert_cmpuint(offer->fingerprint.size, >=, 32);
    g_assert_true(strlen(offer->ice.ufrag) >= 4 && strlen(offer->ice.pwd) >= 22);
    g_assert_true(offer->audio >= 0 || offer->video >= 0);
    g_autofree char *answer = answer_to(offer);
    g_assert_cmpuint(strlen(answer), <=, MAX_ANSWER_BYTES);
    check_lines(offer, answer);
    check_stable(offer, answer);
    check_whitespace((const char *)data, size, answer);
    return 0;
}
