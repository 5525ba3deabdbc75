// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Viewers over WebRTC: ICE-lite (RFC 8445 2.5), DTLS-SRTP (RFC 5764), RTP and RTCP on one UDP port,
// and on the TCP port of the same number (RFC 6544). A server owns the sockets, one receiving thread and the sending threads; a stream is one programme
// (a media bus) and its viewers. Knows nothing of sessions, people or HTTP.
// Functions here may be called from the control threads (main, http), not from rtc's own.

#include "media/bus.h"

#include <stdbool.h>

#define RTC_MAX_SDP_BYTES (64 * 1024)
#define RTC_MAX_VIEWERS_PER_OWNER 8

typedef struct RtcServer RtcServer;
typedef struct RtcStream RtcStream;

typedef struct {
    const char *listen;                  // "ADDRESS:PORT" or ":PORT"; port 0 picks a free one
    const char *const *public_addresses; // NULL-terminated, each "public" or "local=public"; NULL or
                                         // empty: every usable interface address
    const char *public_tcp;              // "ADDRESS:PORT" or ":PORT", as others see it, from where
                                         // rtc_server_adopt_tcp() is given connections; NULL: nowhere
    unsigned max_viewers;                // that are not privileged; 0: no limit of our own
    unsigned out_threads;                // 0: one per core
} RtcConfig;

/* Binds and starts the threads. NULL with an error that names the address. Full ownership. */
RtcServer *rtc_server_new(const RtcConfig *config, GError **error);
/* Streams must be freed first. NULL is allowed. */
void rtc_server_free(RtcServer *server);
uint16_t rtc_server_port(const RtcServer *server);

/* Takes a connected TCP socket whose first bytes, still unread, are STUN framed by RFC 4571. Any
 * control thread. */
void rtc_server_adopt_tcp(RtcServer *server, int fd);
/* Whether a connection begins so, by its first 3 bytes or more. Pure. */
bool rtc_is_framed_stun(const uint8_t *first, size_t size);

typedef struct {
    /* A viewer needs a key frame on these tracks (bit set of ids). Called on an rtc thread, at most
     * once per 500 ms and track; must not block. */
    void (*want_key)(void *data, uint32_t tracks);
    void *data;
} RtcStreamEvents;

/* Reads `bus` until freed. Full ownership. */
RtcStream *rtc_stream_new(RtcServer *server, MediaBus *bus, const RtcStreamEvents *events);
/* Says goodbye to the viewers (RTCP BYE, DTLS close_notify) and forgets them. */
void rtc_stream_free(RtcStream *stream);

typedef struct {
    const char *owner;     // opaque; at most RTC_MAX_VIEWERS_PER_OWNER at once
    bool privileged;       // also gets what the gate keeps back, and takes no place of max_viewers
    const char *language;  // audio wanted, NULL: the first track
    const char *rendition; // largest wanted, NULL: the best
} RtcViewerConfig;

typedef struct {
    char *id;   // of the resource: 128 bits, a secret
    char *etag; // of the ICE session, without quotes
    char *sdp;
} RtcAnswer;

void rtc_answer_free(RtcAnswer *answer);

/* `answer` (full ownership) or `error` (borrowed): BASE_ERROR_INVALID for an SDP that cannot be
 * served, with the reason; BASE_ERROR_NO_PLACE at max_viewers; BASE_ERROR_LIMIT at the owner's own;
 * BASE_ERROR_UNAVAILABLE before the programme has tracks; BASE_ERROR_NOT_FOUND for an unknown
 * resource; BASE_ERROR_CONFLICT for a wrong ETag. */
typedef void (*RtcAnswerFunc)(void *data, RtcAnswer *answer, const GError *error);

/* WHEP (draft-ietf-wish-whep): takes an offer, later calls `func` on `context`. Copies its input. */
void rtc_viewer_add(RtcStream *stream, const char *offer, size_t size, const RtcViewerConfig *config,
                    GMainContext *context, RtcAnswerFunc func, void *data);

/* PATCH with an SDP fragment (RFC 8840). Trickled candidates need no answer: `answer` and `error`
 * are both NULL. New ice-ufrag and ice-pwd are an ICE restart: `answer->sdp` is a fragment with the
 * new credentials and candidates, `answer->etag` new. `etag` is If-Match's without quotes, NULL: "*". */
void rtc_viewer_patch(RtcServer *server, const char *id, const char *etag, const char *fragment,
                      size_t size, GMainContext *context, RtcAnswerFunc func, void *data);

/* DELETE, or a right that was revoked. An unknown id is nothing to do. */
void rtc_viewer_remove(RtcServer *server, const char *id);
/* All of an owner's, whose right was revoked. */
void rtc_viewer_remove_owner(RtcServer *server, const char *owner);

typedef struct {
    unsigned viewers;         // being set up or connected
    unsigned connected;       // with media flowing
    unsigned tcp;             // connections
    uint64_t packets, bytes;  // sent, with their headers
    uint64_t send_drops;      // the socket's buffer was full
    uint64_t resent;          // after a NACK
    uint64_t switched;        // to another rendition, as a viewer's way allows
    uint64_t paused;          // video of a viewer whose way does not carry the smallest
    uint64_t bad_packets;     // failed authentication or parsing, or came from a stranger
} RtcStats;

void rtc_server_stats(const RtcServer *server, RtcStats *out);
unsigned rtc_stream_viewers(const RtcStream *stream); // connected

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcAnswer, rtc_answer_free)
