// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One viewer: history position, slices, audio, resends, rendition. An out thread's viewers share an
// RtcProgramme. Out thread.

#include "rtc/rtc.h"
#include "rtc/send.h"

#include "media/history.h"

#define RTC_JOIN_MAX_AGE_US INT64_C(1000000) // of a first key frame
#define RTC_MAX_LAG_US INT64_C(1500000)      // beyond, skips to a newer key frame
#define RTC_SLICE 16u                        // packets per turn of a backlog
#define RTC_TURNS 8u                         // about as many per backlog
#define RTC_TURN_US INT64_C(4000)            // between turns

typedef struct {
    const MediaTrack *tracks[MEDIA_MAX_TRACKS]; // current run, by id; references
    MediaHistory *history;
    MediaGate gate;
    int64_t newest_us;                      // pts
    int64_t newest_of_us[MEDIA_MAX_TRACKS]; // per track
    int64_t wall_us;                        // wall clock at timeline 0; constant for lip sync
    bool flowing;                           // times are set
    uint32_t run;
    struct { // measured, with headers
        uint32_t bytes;
        int64_t since_us; // pts
        uint32_t rate;    // bit/s; 0: unknown
    } rates[MEDIA_MAX_TRACKS];
    RtcCounters *counters;
    void (*want_key)(void *data, uint8_t track, int64_t now_us);
    void *data;
} RtcProgramme;

/* After adding it to the history. */
void rtc_programme_unit(RtcProgramme *programme, const MediaItem *unit);

/* Requests a key frame if the newest will be too old in `ahead_us`. */
void rtc_programme_expect(const RtcProgramme *programme, const char *rendition, int64_t ahead_us,
                          int64_t now_us);

typedef struct {
    bool wanted; // m-line accepted
    uint32_t ssrc;
    uint8_t format;
    uint8_t extension; // transport-wide sequence number's id; 0: none
} RtcFlowSetup;

typedef struct {
    RtcFlowSetup video, audio;
    RtcFlowSetup rtx; // RFC 4588
    bool remb;
    bool privileged;
    int64_t offered_us;                                           // clock
    char language[MEDIA_NAME_BYTES], rendition[MEDIA_NAME_BYTES]; // "": any
    char cname[32];
} RtcViewerSetup;

typedef struct RtcViewer RtcViewer;

/* Any thread. */
RtcViewer *rtc_viewer_new(const RtcViewerSetup *setup, const ProtocolSrtpMaster *keys,
                          const ProtocolAddress *to);
void rtc_viewer_free(RtcViewer *viewer);

/* Resets the estimate. */
void rtc_viewer_move(RtcViewer *viewer, const ProtocolAddress *to, int64_t now_us);

/* After changed tracks, or on another thread's programme: goes on, after a new run at a key frame.
 * SSRC and sequence stay. */
void rtc_viewer_select(RtcViewer *viewer, const RtcProgramme *programme);

/* Stops video until a key frame. */
void rtc_viewer_interrupt(RtcViewer *viewer);

/* From a recent key frame, or requests one. */
void rtc_viewer_start(RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us);

bool rtc_viewer_started(const RtcViewer *viewer);

/* Id of the video track; MEDIA_MAX_TRACKS: none. */
unsigned rtc_viewer_shown(const RtcViewer *viewer, bool *out_tcp);

/* Prefetches memory for rtc_viewer_turn(): call two viewers ahead. */
void rtc_viewer_prefetch(const RtcViewer *viewer);

/* Sends from the history: audio, whole frames, backlog and key frames in slices, due reports. Then
 * flush. True: more in RTC_TURN_US. */
bool rtc_viewer_turn(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                     int64_t now_us);

/* Adds the tracks that it takes to these sets of ids. */
void rtc_viewer_tracks(const RtcViewer *viewer, uint32_t *video, uint32_t *audio);

/* Authenticated and checked by protocol_rtcp_check(). Returns packets resent. */
unsigned rtc_viewer_feedback(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                             const uint8_t *bytes, size_t size, int64_t now_us);

/* Flush before it is freed. */
void rtc_viewer_bye(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send);

/* `tracks` by id, NULLs allowed. "": best or first. Nullable. */
const MediaTrack *rtc_choose_video(const MediaTrack *const *tracks, const char *rendition);
const MediaTrack *rtc_choose_audio(const MediaTrack *const *tracks, const char *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcViewer, rtc_viewer_free)
