// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One media file in the making: tracks.c, packets.c, remux.c. One thread.

#include "publish/source.h"
#include "publish/steps.h"

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES]; // of the audio track; video: "v"
    AVStream *stream;
    guint run;             // next run
    guint stretch;         // of the pending packet, or later
    PublishSource *source; // nullable
    bool mixed;            // formats differ between runs
    GByteArray *sets;      // then: parameter sets before key frames
    AVPacket *packet;      // pending
    bool done;
    int64_t last_dts, last_duration;
} PublishOutput;

typedef struct {
    const char *name;
    const char *muxer; // libavformat's name
    bool picture;
} PublishProduct;

typedef struct {
    const PublishJob *job;
    const PublishProduct *product;
    PublishOutput outputs[MEDIA_MAX_TRACKS];
    unsigned output_count;
    AVFormatContext *muxer;
} PublishRemux;

/* Picture first, then languages by run. */
void publish_tracks_find(PublishRemux *remux);

/* Of a run, or -1. */
int publish_tracks_choose(const PublishRemux *remux, const PublishOutput *output,
                          const ArchiveRun *run);

/* That go into the file. */
uint64_t publish_tracks_bytes(const PublishRemux *remux);

/* ISO 639-2/T; the session's if the track has none. */
const char *publish_tracks_language(const PublishRemux *remux, const PublishOutput *output);

/* Opens the first run and adds the stream. */
bool publish_packets_start(PublishRemux *remux, PublishOutput *output, GError **error);

/* At the end sets `done`. */
bool publish_packets_next(PublishRemux *remux, PublishOutput *output, GError **error);

/* By pending packet; NULL: all done. */
PublishOutput *publish_packets_earliest(PublishRemux *remux);

/* Returns false. */
bool publish_packets_error(const PublishRemux *remux, GError **error, int code, const char *what);
