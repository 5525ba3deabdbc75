// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What one viewer gets, and when: a place in the shared history of one video rendition, from a key
// frame on, sent in slices; sound at once; what is resent; which rendition its way carries;
// reports. An RtcFeed is what an out thread knows of a programme; its viewers share it. The out
// thread that has the viewer.

#include "rtc/rtc.h"
#include "rtc/send.h"

#include "media/history.h"

#define RTC_JOIN_MAX_AGE_US INT64_C(1000000) // an older key frame is not worth starting from
#define RTC_MAX_LAG_US INT64_C(1500000)      // further behind its track, video goes on at a newer key frame
#define RTC_SLICE 16u                        // packets in a turn of one who has more to get
#define RTC_TURNS 8u                         // in about so many turns, however much it is
#define RTC_TURN_US INT64_C(4000)            // between turns

typedef struct {
    const MediaTrack *tracks[MEDIA_MAX_TRACKS]; // of the current run, by id; references held
    MediaHistory *history;
    MediaGate gate;
    int64_t newest_us;                      // pts of the newest unit
    int64_t newest_of_us[MEDIA_MAX_TRACKS]; // of each track's
    int64_t wall_us; // wall clock at timeline 0, for reports: constant, so lips stay in step
    bool flowing;    // the three above are set
    struct {         // what a track really takes, with headers
        uint32_t bytes;
        int64_t since_us; // pts
        uint32_t rate;    // bit/s, 0: not known yet
    } rates[MEDIA_MAX_TRACKS];
    RtcCounters *counters;
    void (*want_key)(void *data, uint8_t track, int64_t now_us);
    void *data;
} RtcFeed;

/* A unit that was just added to the feed's history. */
void rtc_feed_unit(RtcFeed *feed, const MediaItem *unit);

/* One who wishes for `rendition` will be there within `ahead_us`: where the newest key frame will
 * be too old then, a new one is wanted now. */
void rtc_feed_expect(const RtcFeed *feed, const char *rendition, int64_t ahead_us, int64_t now_us);

typedef struct {
    bool wanted; // the m-line was accepted
    uint32_t ssrc;
    uint8_t format;
    uint8_t extension; // id of the transport-wide sequence number, 0: none
} RtcFlowSetup;

typedef struct {
    RtcFlowSetup video, audio;
    RtcFlowSetup rtx; // of the video (RFC 4588)
    bool remb;        // the video's bandwidth comes so
    bool privileged;
    char language[MEDIA_NAME_BYTES], rendition[MEDIA_NAME_BYTES]; // "": no wish
    char cname[32];
} RtcViewerSetup;

typedef struct RtcViewer RtcViewer;

/* Random starts of sequence numbers and times are drawn here. Full ownership; any thread. */
RtcViewer *rtc_viewer_new(const RtcViewerSetup *setup, const RtcSrtpMaster *keys,
                          const RtcAddress *to);
void rtc_viewer_free(RtcViewer *viewer);

/* What was learned of the old way is forgotten. */
void rtc_viewer_move(RtcViewer *viewer, const RtcAddress *to, int64_t now_us);

/* The feed's tracks changed: chooses again; video goes on at the next key frame, with the same SSRC
 * and the next sequence number. */
void rtc_viewer_select(RtcViewer *viewer, const RtcFeed *feed);

/* Video goes on only at a key frame (units were lost, or a new run began). */
void rtc_viewer_interrupt(RtcViewer *viewer);

/* Just connected: begins with the newest group of pictures where it is young enough, else asks for
 * a key. Turns send it. */
void rtc_viewer_start(RtcViewer *viewer, const RtcFeed *feed, int64_t now_us);

bool rtc_viewer_started(const RtcViewer *viewer);

/* Its turn comes after the next one's: fetches what a turn reads ahead of it. */
void rtc_viewer_expect(const RtcViewer *viewer);

/* A unit that the feed's history has under `number`. Sound is added to `send` at once; of video, it
 * is noted where a key frame begins what is wanted. The caller gives a turn and flushes. */
void rtc_viewer_unit(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, const MediaItem *unit,
                     uint64_t number, int64_t now_us);

/* Adds to `send` what video is due: ordinary frames whole, a key frame or what is missed in slices.
 * True: more is there, in RTC_TURN_US. */
bool rtc_viewer_turn(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, int64_t now_us);

/* An authenticated compound that rtc_rtcp_check() passed. How many packets were resent. */
unsigned rtc_viewer_feedback(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send,
                             const uint8_t *bytes, size_t size, int64_t now_us);

/* Sender reports, and a trial of a larger rendition, where they are due. */
void rtc_viewer_report(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, int64_t now_us);
void rtc_viewer_bye(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send);

/* The tracks that a wish means among `tracks` (by id, NULLs allowed), or NULL. */
const MediaTrack *rtc_choose_video(const MediaTrack *const *tracks, const char *rendition);
const MediaTrack *rtc_choose_audio(const MediaTrack *const *tracks, const char *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcViewer, rtc_viewer_free)
