// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What one viewer gets: which tracks, from which key frame on, what is resent, when reports go. An
// RtcFeed is what an out thread knows of a programme; its viewers share it.
// The out thread that has the viewer.

#include "rtc/rtc.h"
#include "rtc/send.h"

#include "media/history.h"

#define RTC_JOIN_MAX_AGE_US INT64_C(1000000) // an older key frame is not worth starting from
#define RTC_RESEND_WINDOW 1024               // video packets that a NACK may reach back
#define RTC_RESEND_SHARE 4                   // resends take at most 1/4 of the bit rate

typedef struct {
    const MediaTrack *tracks[MEDIA_MAX_TRACKS]; // of the current run, by id; references held
    MediaHistory *history;
    MediaGate gate;
    int64_t newest_us; // pts of the newest unit
    int64_t wall_us;   // wall clock at timeline 0, for reports: constant, so lips stay in step
    bool flowing;      // the two above are set
    void (*want_key)(void *data, uint8_t track, int64_t now_us);
    void *data;
} RtcFeed;

typedef struct {
    bool wanted; // the m-line was accepted
    uint32_t ssrc;
    uint8_t format;
} RtcFlowSetup;

typedef struct {
    RtcFlowSetup video, audio;
    bool privileged;
    char language[MEDIA_NAME_BYTES], rendition[MEDIA_NAME_BYTES]; // "": no wish
    char cname[32];
} RtcViewerSetup;

typedef struct RtcViewer RtcViewer;

/* Random starts of sequence numbers and times are drawn here. Full ownership; any thread. */
RtcViewer *rtc_viewer_new(const RtcViewerSetup *setup, const RtcSrtpMaster *keys,
                          const RtcAddress *to);
void rtc_viewer_free(RtcViewer *viewer);

void rtc_viewer_move(RtcViewer *viewer, const RtcAddress *to);

/* The feed's tracks changed: chooses again; video goes on at the next key frame, with the same SSRC
 * and the next sequence number. */
void rtc_viewer_select(RtcViewer *viewer, const RtcFeed *feed);

/* Video goes on only at a key frame (units were lost, or a new run began). */
void rtc_viewer_interrupt(RtcViewer *viewer);

/* Just connected: sends the newest group of pictures where it is young enough, else asks for a key.
 */
void rtc_viewer_start(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, int64_t now_us);

/* A unit that the feed's history has under `number`. Adds to `send`; the caller flushes. */
void rtc_viewer_unit(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, const MediaItem *unit,
                     uint64_t number, int64_t now_us);

/* An authenticated compound that rtc_rtcp_check() passed. How many packets were resent. */
unsigned rtc_viewer_feedback(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send,
                             const uint8_t *bytes, size_t size, int64_t now_us);

/* Sender reports, where they are due. */
void rtc_viewer_report(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, int64_t now_us);
void rtc_viewer_bye(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send);

/* The tracks that a wish means among `tracks` (by id, NULLs allowed), or NULL. */
const MediaTrack *rtc_choose_video(const MediaTrack *const *tracks, const char *rendition);
const MediaTrack *rtc_choose_audio(const MediaTrack *const *tracks, const char *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcViewer, rtc_viewer_free)
