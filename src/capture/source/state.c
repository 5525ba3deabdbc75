// SPDX-License-Identifier: GPL-3.0-or-later
// Decides a source's state. The caller holds the mutex, except for capture_source_fail(), which
// locks it.
#include "capture/source/private.h"

#include "capture/capture.h"
#include "media/trouble.h"

#include <string.h>

#define HANG_LIMIT_US (30 * BASE_US_PER_S)  // of the call that opens
#define OPEN_LIMIT_US (8 * BASE_US_PER_S)   // a camera's key frames may be 4 s apart
#define FROZEN_US (2700 * BASE_US_PER_MS)   // promised: slate within 3 s
#define OTHER_STREAM_US (1 * BASE_US_PER_S) // for the second stream
#define MEASURE_US (600 * BASE_US_PER_MS)   // of a live source's lateness
#define AT_END_US (500 * BASE_US_PER_MS)    // then a stalled source has ended
#define NO_PICTURE_US (10 * BASE_US_PER_S)  // then a live source is reopened

void capture_source_fail(CaptureSource *source, const char *text)
{
    pthread_mutex_lock(&source->mutex);
    if (source->state != CAPTURE_SOURCE_FAILED) {
        source->state = CAPTURE_SOURCE_FAILED;
        source->failure = capture_redact(text);
    }
    pthread_cond_broadcast(&source->room);
    pthread_mutex_unlock(&source->mutex);
}

void capture_source_drop_head(CaptureSource *source)
{
    capture_source_clear_frame(&source->frames[source->head]);
    source->head = (source->head + 1) % CAPTURE_SOURCE_MAX_FRAMES;
    source->count--;
}

static bool streams_here(const CaptureSource *source, int64_t now)
{
    const CaptureSourceStream *video = &source->video, *audio = &source->audio;
    if (!video->seen && !audio->seen) {
        return false;
    }
    bool waiting = (video->sink != NULL && !video->seen && !video->ended &&
                    (!source->known || video->expected)) ||
                   (audio->sink != NULL && !audio->seen && !audio->ended &&
                    (!source->known || audio->expected));
    return !waiting || now - source->first_clock_us > OTHER_STREAM_US;
}

void capture_source_become_ready(CaptureSource *source, int64_t now)
{
    if (source->state != CAPTURE_SOURCE_OPENING || !streams_here(source, now) ||
        (source->live && now - source->first_clock_us < MEASURE_US)) {
        return;
    }
    source->known = true;
    source->state = CAPTURE_SOURCE_READY;
}

static bool is_silent(const CaptureSource *source, const CaptureSourceStream *stream, int64_t now)
{
    bool fed =
        !source->live &&
        (stream == &source->video ? source->count > 0
                                  : source->waits_us >= 0 || source->samples.end > source->read_at);
    return !stream->ended && !fed && now - stream->arrived_us > FROZEN_US;
}

/* A slow decoder's first picture may follow the sound by seconds. */
static bool is_missing(const CaptureSource *source, const CaptureSourceStream *stream, int64_t now)
{
    if (stream->seen) {
        return is_silent(source, stream, now);
    }
    return !stream->expected || stream->ended || now - source->first_clock_us > FROZEN_US;
}

/* Some demuxers (GIF) never report the end. */
static bool is_at_end(const CaptureSource *source)
{
    int64_t end_us =
        MAX(source->map.streams[CAPTURE_PICTURE].end_us, source->map.streams[CAPTURE_SOUND].end_us);
    return !source->live && source->duration_us > 0 && end_us + AT_END_US > source->duration_us;
}

/* Reports the loss of one stream. */
static const char *judge_streams(CaptureSource *source, int64_t now)
{
    CaptureSourceStream *video = &source->video, *audio = &source->audio;
    bool no_picture = is_missing(source, video, now), no_sound = is_missing(source, audio, now);
    if (no_picture && no_sound) {
        if (!is_at_end(source)) {
            return media_trouble_text(MEDIA_TROUBLE_FROZE);
        }
        video->ended = audio->ended = true;
    }
    bool picture_lost = no_picture && video->expected;
    if (source->live && video->seen && no_picture && now - video->arrived_us > NO_PICTURE_US) {
        return media_trouble_text(MEDIA_TROUBLE_NO_PICTURE_ANEW);
    }
    source->no_picture = source->live && picture_lost;
    source->notice = picture_lost && !video->ended ? media_trouble_text(MEDIA_TROUBLE_NO_PICTURE)
                     : no_sound && audio->expected && !audio->ended
                         ? media_trouble_text(MEDIA_TROUBLE_NO_SOUND)
                         : NULL;
    return NULL;
}

static MediaTrouble nothing(const CaptureSource *source)
{
    if (source->spec == NULL) {
        return MEDIA_TROUBLE_HANGS;
    }
    bool file = source->spec->location != NULL && !strstr(source->spec->location, "://");
    return file ? MEDIA_TROUBLE_UNREADABLE : MEDIA_TROUBLE_SILENT;
}

const char *capture_source_trouble(CaptureSource *source, int64_t now)
{
    if (source->live && (source->video.ended || source->audio.ended)) {
        return media_trouble_text(MEDIA_TROUBLE_STOPPED);
    }
    if (source->state == CAPTURE_SOURCE_OPENING) {
        bool ended = source->video.ended && (source->audio.ended || !source->audio.expected);
        if (ended && !source->video.seen && !source->audio.seen) {
            return media_trouble_text(MEDIA_TROUBLE_EMPTY);
        }
        return now - source->opened_us > OPEN_LIMIT_US ? media_trouble_text(nothing(source)) : NULL;
    }
    return judge_streams(source, now);
}

void capture_source_limit_opening(CaptureSource *source, int64_t now)
{
    const char *text = NULL;
    pthread_mutex_lock(&source->mutex);
    int64_t limit_us = source->spec == NULL ? OPEN_LIMIT_US : HANG_LIMIT_US;
    if (source->state == CAPTURE_SOURCE_OPENING && now - source->opened_us > limit_us) {
        text = capture_source_trouble(source, now);
    }
    pthread_mutex_unlock(&source->mutex);
    if (text != NULL) {
        capture_source_fail(source, text);
    }
}

bool capture_source_has_all(const CaptureSource *source)
{
    return source->state == CAPTURE_SOURCE_READY && !source->live &&
           (!source->video.seen || source->video.ended) &&
           (!source->audio.seen || source->audio.ended);
}

bool capture_source_still(const CaptureSource *source)
{
    return capture_source_has_all(source) && source->video.count == 1 && !source->audio.seen;
}
