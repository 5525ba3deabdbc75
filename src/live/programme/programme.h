// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One session's media: child, bus, rtc, hls, archive. Main thread, unless stated.

#include "archive/archive.h"
#include "hls/hls.h"
#include "live/programme/ingest.h"
#include "live/programme/inputs.h"
#include "media/timeline.h"
#include "media/wire.h"
#include "rtc/rtc.h"

typedef struct LiveProgramme LiveProgramme;

typedef struct {
    const char *session;
    const char *binary, *pipelines, *encoder, *source;
    const char *slides;    // as LiveChildConfig
    const char *titles[2]; // as LiveChildConfig
    unsigned loudness;     // as LiveChildConfig
    unsigned keyframe_ms, part_ms, segment_ms, window_s;
    MediaTimeline timeline;   // starts on a multiple of segment_ms
    ArchiveState archive;     // of earlier runs
    const MediaSegment *past; // public, of earlier runs; copied
    unsigned past_count;
    bool open, follow; // as LiveIngestConfig
} LiveProgrammeConfig;

typedef struct {
    void (*marked)(void *data, MediaMark mark, int64_t pts_us);
    void (*source)(void *data, MediaSourceState state, const char *text);
    /* Hls thread. `snapshot`: full ownership. */
    void (*published)(void *data, HlsSnapshot *snapshot);
    void *data;
} LiveProgrammeEvents;

/* Takes `writer`. */
LiveProgramme *live_programme_new(const LiveProgrammeConfig *config, RtcServer *rtc,
                                  ArchiveWriter *writer, const LiveProgrammeEvents *events);

/* First of two steps: ends child and viewers. Only `published` may follow. */
void live_programme_stop(LiveProgramme *programme);
/* Second, any thread: closes, publishes and syncs the last parts. */
void live_programme_free(LiveProgramme *programme);

/* As hls_stream_set_markers(). */
void live_programme_set_markers(LiveProgramme *programme, const HlsMarker *markers, unsigned count);

void live_programme_mark(LiveProgramme *programme, MediaMark mark);
/* The old one stays until the new one is ready or fails. */
void live_programme_set_source(LiveProgramme *programme, const char *source);
/* Over the picture, from the next frames on; NULL: none. Later children show it, too. */
void live_programme_set_caption(LiveProgramme *programme, const MediaCaption *caption);
RtcStream *live_programme_rtc(LiveProgramme *programme);
/* As live_inputs_publish(). */
void live_programme_publish(LiveProgramme *programme, const char *offer, size_t size,
                            const LivePublish *publish, RtcAnswerFunc func, void *data);
void live_programme_sound(const LiveProgramme *programme, MediaSound *out);
int64_t live_programme_now_us(const LiveProgramme *programme);

typedef struct {
    bool child; // attached
    int child_pid;
    unsigned child_restarts;
    MediaSourceState source;
    const char *source_text; // borrowed, nullable
    const char *sandbox;     // borrowed, nullable: what the child's protection lacks
    const char *trouble;     // borrowed, nullable: as live_child_trouble()
    MediaSound sound;
    LiveIngestStats made;
    ArchiveWriterStats recording;
    HlsStats hls;
    LiveInputState inputs[MEDIA_INPUTS];
    unsigned viewers;         // over WebRTC
    int64_t recorded_us;      // clock when the newest part was durable, or of the start
    uint64_t parts;           // of media
    uint64_t source_failures; // changes to MEDIA_SOURCE_FAILED
} LiveProgrammeHealth;

typedef struct {
    char name[MEDIA_NAME_BYTES]; // of the rendition; "": no video
    unsigned viewers[2];         // UDP, TCP
} LiveRendition;

#define LIVE_MAX_RENDITIONS (MEDIA_MAX_TRACKS + 1)

/* WebRTC viewers by rendition. Returns how many. */
unsigned live_programme_renditions(LiveProgramme *programme,
                                   LiveRendition out[LIVE_MAX_RENDITIONS]);

void live_programme_health(LiveProgramme *programme, LiveProgrammeHealth *out);
