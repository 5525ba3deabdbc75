// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// WebRTC viewers and publishers: ICE-lite (RFC 8445 2.5), DTLS-SRTP (RFC 5764), RTP and RTCP over UDP and TCP (RFC
// 6544) on one port number. A stream is a media bus with viewers. Knows no session, person, HTTP.
// Control threads only.

#include "base/histogram.h"
#include "media/bus.h"
#include "media/input.h"

#include <stdbool.h>

#define RTC_MAX_SDP_BYTES (64 * 1024)
#define RTC_MAX_VIEWERS_PER_OWNER 8

typedef struct RtcServer RtcServer;
typedef struct RtcStream RtcStream;

/* Opaque to rtc. */
typedef struct {
    uint8_t bytes[72];
} RtcRight;

typedef struct {
    const char *listen; // "ADDRESS:PORT" or ":PORT"
    const char *const
        *public_addresses;  // "public" or "local=public", NULL-terminated; NULL, empty: all
                            // interfaces
    const char *public_tcp; // "ADDRESS:PORT" or ":PORT" of rtc_server_adopt_tcp()'s connections;
                            // nullable
    unsigned max_viewers;   // unprivileged; 0: unlimited
    unsigned out_threads;   // 0: one per core
    /* False removes a viewer. In thread, every second; must not block. Nullable. */
    bool (*may_stay)(void *data, const RtcRight *right);
    void *data; // outlives the server
} RtcConfig;

RtcServer *rtc_server_new(const RtcConfig *config, GError **error);
/* Free streams first. */
void rtc_server_free(RtcServer *server);

/* Takes a connection with unread framed STUN (RFC 4571). */
void rtc_server_adopt_tcp(RtcServer *server, int fd);

typedef struct {
    /* Set of track ids; rtc threads, at most every 500 ms per track; must not block. */
    void (*want_key)(void *data, uint32_t tracks);
    void *data;
} RtcStreamEvents;

/* Reads `bus` until freed. */
RtcStream *rtc_stream_new(RtcServer *server, MediaBus *bus, const RtcStreamEvents *events);
/* Sends RTCP BYE and close_notify. */
void rtc_stream_free(RtcStream *stream);

typedef struct {
    const char *owner; // opaque
    RtcRight right;
    bool privileged;       // ignores gate and max_viewers
    const char *language;  // NULL: first
    const char *rendition; // largest; NULL: best
} RtcViewerConfig;

typedef struct {
    char *id;   // of the resource, 128 bits, secret
    char *etag; // ICE session, unquoted
    char *sdp;
} RtcAnswer;

void rtc_answer_free(RtcAnswer *answer);

/* Either `answer` (full ownership) or `error`: INVALID: unusable SDP; NO_PLACE: max_viewers; LIMIT:
 * per owner; UNAVAILABLE: no tracks; NOT_FOUND: no resource; CONFLICT: wrong ETag. */
typedef void (*RtcAnswerFunc)(void *data, RtcAnswer *answer, const GError *error);

/* WHEP offer (draft-ietf-wish-whep). Copies input; calls `func` on `context`. */
void rtc_viewer_add(RtcStream *stream, const char *offer, size_t size,
                    const RtcViewerConfig *config, GMainContext *context, RtcAnswerFunc func,
                    void *data);

/* In thread; must not block. */
typedef struct {
    void (*connected)(void *data, const MediaInputFormat *format);
    /* Authentic and well-formed. */
    void (*packet)(void *data, bool rtcp, const uint8_t *bytes, size_t size);
    /* The last, always. */
    void (*ended)(void *data);
    void *data;
} RtcPublisherEvents;

typedef struct {
    const char *owner; // as RtcViewerConfig
    RtcRight right;
    RtcPublisherEvents events;
} RtcPublisherConfig;

/* WHIP offer (RFC 9725), as rtc_viewer_add(). After an error no event comes. */
void rtc_publisher_add(RtcStream *stream, const char *offer, size_t size,
                       const RtcPublisherConfig *config, GMainContext *context, RtcAnswerFunc func,
                       void *data);

/* RTCP. Any thread; ignores unknown ids. */
void rtc_publisher_report(RtcServer *server, const char *id, const uint8_t *bytes, size_t size);

/* Of viewers and publishers. WHEP PATCH (RFC 8840). Candidates: both NULL. ICE restart: a fragment, a new ETag. `etag`:
 * unquoted; NULL: "*". */
void rtc_viewer_patch(RtcServer *server, const char *id, const char *etag, const char *fragment,
                      size_t size, GMainContext *context, RtcAnswerFunc func, void *data);

/* Of viewers and publishers. DELETE; ignores unknown ids. */
void rtc_viewer_remove(RtcServer *server, const char *id);
void rtc_viewer_remove_owner(RtcServer *server, const char *owner);

typedef struct {
    unsigned viewers; // connected or not
    unsigned connected;
    unsigned tcp;
    uint64_t packets, bytes;  // sent, headers included
    uint64_t send_drops;      // packets refused by the socket
    uint64_t resent;          // after NACK
    uint64_t switched;        // rendition changes
    uint64_t paused;          // for lack of bandwidth
    uint64_t bad_packets;     // unauthenticated or malformed
    BaseHistogramValues join; // from offer to first video packet; not in a closed gate
} RtcStats;

/* For viewers that come from now on. Any thread. */
void rtc_server_set_max_viewers(RtcServer *server, unsigned max_viewers);

void rtc_server_stats(const RtcServer *server, RtcStats *out);

typedef struct {
    /* Connected viewers by shown track; last: without video. UDP, TCP. */
    unsigned shown[MEDIA_MAX_TRACKS + 1][2];
} RtcStreamStats;

void rtc_stream_stats(const RtcStream *stream, RtcStreamStats *out);
unsigned rtc_stream_viewers(const RtcStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcAnswer, rtc_answer_free)
