// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Real media for the archive's tests: a short clip (two renditions at 30 fps, and AAC) made by
// ffmpeg, and a small segmenter. Strips of boxes in the picture hold the frame's number, lowest bit
// first; the tone rises each second.

#include "media/part.h"

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#define CLIP_TRACKS 3
#define CLIP_SECONDS 16
#define CLIP_FRAME_US (1000000.0 / 30)
#define CLIP_MARK_BITS 10
#define CLIP_TONE_HZ 400
#define CLIP_TONE_STEP_HZ 100

typedef struct {
    MediaTrack *track;
    AVCodecParameters *parameters;
    AVRational time_base;
    GPtrArray *packets; // AVPacket, from time 0
} ClipTrack;

typedef struct {
    ClipTrack tracks[CLIP_TRACKS]; // v720p (in the clip's size), v360p (160x90), aar
} Clip;

/* `size` ("320x180"): of the large rendition. Exits if ffmpeg fails. */
Clip *clip_new(const char *folder, const char *size);
/* Loads v720p.mp4, v360p.mp4 and aar.mp4 from `folder`. */
Clip *clip_load(const char *folder);
void clip_free(Clip *clip);

/* A source for ffmpeg's lavfi. Full ownership. */
char *clip_picture(const char *size);

typedef struct {
    int64_t pts_us;
    MediaMark mark;
} ClipMark;

typedef struct {
    uint32_t run;
    int64_t start_us, end_us;
    bool open; // at the start
    const ClipMark *marks;
    unsigned mark_count;
    uint64_t sequence;     // in: the first; out: the next
    int audio_stretch_ppm; // the sound's times run this much faster than its samples
} ClipRun;

/* Emits all that a segmenter publishes of the run, in order; parts are borrowed. Repeats the clip
 * in a longer run. */
void clip_segment(const Clip *clip, ClipRun *run, void (*emit)(void *data, MediaPart *part),
                  void *data);

/* When the packet is due in a run from `start_us`. */
int64_t clip_packet_us(const ClipTrack *track, guint i, int64_t start_us);

uint32_t clip_crc(const AVPacket *packet);
