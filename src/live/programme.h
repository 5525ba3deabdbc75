// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One session's media while it is on: the capture child, the bus, and the bus's readers (rtc, hls,
// and the archive behind hls), joined here because none of them knows the others.
// Main thread, except where it says otherwise.

#include "archive/archive.h"
#include "hls/hls.h"
#include "media/timeline.h"
#include "media/wire.h"
#include "rtc/rtc.h"

typedef struct LiveProgramme LiveProgramme;

typedef struct {
    const char *session;
    const char *binary, *pipelines, *encoder, *source;
    unsigned keyframe_ms, part_ms, segment_ms, window_s;
    MediaTimeline timeline; // run_start_us: a multiple of segment_ms
    ArchiveState archive;   // where an earlier run of this session left off
    const HlsPast *past;    // what is public of earlier runs; copied
    unsigned past_count;
    bool open, follow; // as LiveIngestConfig
} LiveProgrammeConfig;

typedef struct {
    void (*marked)(void *data, MediaMark mark, int64_t pts_us);
    void (*source)(void *data, MediaSourceState state, const char *text);
    /* Hls thread: there is a newer snapshot (full ownership). */
    void (*published)(void *data, HlsSnapshot *snapshot);
    void *data;
} LiveProgrammeEvents;

/* `writer` (full ownership) is the recording's. Full ownership. */
LiveProgramme *live_programme_new(const LiveProgrammeConfig *config, RtcServer *rtc,
                                  ArchiveWriter *writer, const LiveProgrammeEvents *events);

/* In two steps, since the second waits for the disk. First, on main: the child and the viewers go,
 * no event but `published` comes any more. */
void live_programme_stop(LiveProgramme *programme);
/* Then on any thread: the last parts are closed, published and made durable. */
void live_programme_free(LiveProgramme *programme);

/* As hls_stream_set_markers(). */
void live_programme_set_markers(LiveProgramme *programme, const HlsMarker *markers, unsigned count);

void live_programme_mark(LiveProgramme *programme, MediaMark mark);
RtcStream *live_programme_rtc(LiveProgramme *programme);
int64_t live_programme_now_us(const LiveProgramme *programme);

typedef struct {
    bool child; // a capture child is attached
    int child_pid;
    unsigned child_restarts;
    MediaSourceState source;
    const char *source_text; // borrowed, nullable
    const char *trouble;     // the same: why the child was started again, for a while
    float levels_db[MEDIA_WIRE_CHANNELS];
    ArchiveWriterStats recording;
    unsigned viewers; // over WebRTC
} LiveProgrammeHealth;

void live_programme_health(LiveProgramme *programme, LiveProgrammeHealth *out);
