// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a source for the programme: state, pictures, sound.
#include "capture/source/private.h"

#include <math.h>

#define MAX_HOLE_US (600 * BASE_US_PER_MS) // a longer hole of a finite source is skipped

CaptureSourceState capture_source_state(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    CaptureSourceState state = source->state;
    pthread_mutex_unlock(&source->mutex);
    return state;
}

char *capture_source_failure(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    char *text = g_strdup(source->failure);
    pthread_mutex_unlock(&source->mutex);
    return text;
}

bool capture_source_denied(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    bool denied = source->denied;
    pthread_mutex_unlock(&source->mutex);
    return denied;
}

bool capture_source_is_live(const CaptureSource *source)
{
    return source->live;
}

bool capture_source_loops(const CaptureSource *source)
{
    return source->spec->loop;
}

const char *capture_source_notice(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    const char *notice = source->notice;
    pthread_mutex_unlock(&source->mutex);
    return notice;
}

bool capture_source_is_still(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    bool still = capture_source_still(source);
    pthread_mutex_unlock(&source->mutex);
    return still;
}

bool capture_source_wants_mark(const CaptureSource *source)
{
    return source->mark;
}

void capture_source_start(CaptureSource *source, int64_t pts_us)
{
    pthread_mutex_lock(&source->mutex);
    source->started = true;
    capture_clockmap_start(&source->map, pts_us);
    pthread_mutex_unlock(&source->mutex);
}

/* Pictures older than the current one are too late. */
static void choose_frame(CaptureSource *source, double at)
{
    CaptureSourceFrame *current = &source->current;
    while (source->count > 0) {
        CaptureSourceFrame *next = &source->frames[source->head];
        bool old = current->buffer != NULL && next->start_us < current->start_us;
        if (!old) {
            if (current->buffer != NULL &&
                fabs((double)next->start_us - at) > fabs((double)current->start_us - at)) {
                break;
            }
            capture_source_clear_frame(current);
            *current = *next;
            next->buffer = NULL;
        }
        capture_source_drop_head(source);
    }
}

GstBuffer *capture_source_frame(CaptureSource *source, int64_t pts_us)
{
    pthread_mutex_lock(&source->mutex);
    choose_frame(source, capture_clockmap_at(&source->map, CAPTURE_PICTURE, pts_us));
    pthread_cond_broadcast(&source->room);
    GstBuffer *buffer = source->no_picture ? NULL : source->current.buffer;
    buffer = buffer != NULL ? gst_buffer_ref(buffer) : NULL;
    pthread_mutex_unlock(&source->mutex);
    return buffer;
}

/* If both picture and sound jump: each alone may pause. */
static void skip_hole(CaptureSource *source, int64_t pts_us)
{
    bool both =
        source->video.seen && !source->video.ended && source->audio.seen && !source->audio.ended;
    if (source->live || !both || source->count == 0 || source->waits_us < 0 ||
        source->read_at < source->samples.end) {
        return;
    }
    int64_t next_us = MIN(source->frames[source->head].start_us, source->waits_us);
    double at = capture_clockmap_at(&source->map, CAPTURE_PICTURE, pts_us);
    if ((double)next_us - at > (double)MAX_HOLE_US) {
        capture_clockmap_skip(&source->map, pts_us, next_us);
    }
}

void capture_source_audio(CaptureSource *source, int64_t pts_us, int16_t *out, int64_t count)
{
    pthread_mutex_lock(&source->mutex);
    skip_hole(source, pts_us);
    double at_us = capture_clockmap_at(&source->map, CAPTURE_SOUND, pts_us);
    double want = (at_us - source->steady.skew_us) * CAPTURE_RATE / BASE_US_PER_S;
    bool jump = source->read_anchors != source->map.anchors;
    source->read_anchors = source->map.anchors;
    capture_resample_read(&source->reader, &source->samples, want, jump, out, count);
    source->read_at = (int64_t)source->reader.at;
    pthread_cond_broadcast(&source->room);
    pthread_mutex_unlock(&source->mutex);
}

bool capture_source_end(CaptureSource *source, int64_t *out_end_us)
{
    pthread_mutex_lock(&source->mutex);
    bool ended = source->started && capture_source_has_all(source) && !capture_source_still(source);
    int64_t end_us =
        MAX(source->map.streams[CAPTURE_PICTURE].end_us, source->map.streams[CAPTURE_SOUND].end_us);
    *out_end_us = end_us + (int64_t)source->map.offset_us;
    pthread_mutex_unlock(&source->mutex);
    return ended;
}
