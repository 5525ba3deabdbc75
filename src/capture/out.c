// SPDX-License-Identifier: GPL-3.0-or-later
// Writes messages to the server in wire.h's order.
#include "capture/out.h"

#include <pthread.h>
#include <sys/socket.h>

#define MAX_HELD 8192 // until all encoders have opened

struct CaptureOut {
    int fd;
    pthread_mutex_t mutex; // held while writing
    unsigned tracks_left;
    bool begun, failed;
    MediaWireMessage begin;
    MediaTrack *tracks[MEDIA_MAX_TRACKS];
    GQueue held; // MediaWireMessage
};

static void message_free(void *data)
{
    media_wire_clear(data);
    g_free(data);
}

CaptureOut *capture_out_new(int fd, unsigned tracks)
{
    CaptureOut *out = g_new0(CaptureOut, 1);
    pthread_mutex_init(&out->mutex, NULL);
    g_queue_init(&out->held);
    out->fd = fd;
    out->tracks_left = tracks;
    return out;
}

void capture_out_free(CaptureOut *out)
{
    if (out == NULL) {
        return;
    }
    for (int i = 0; i < MEDIA_MAX_TRACKS; i++) {
        g_clear_pointer(&out->tracks[i], media_track_unref);
    }
    g_queue_clear_full(&out->held, message_free);
    pthread_mutex_destroy(&out->mutex);
    g_free(out);
}

/* On failure shuts the socket, so that the reading side notices. */
static void write_message(CaptureOut *out, const MediaWireMessage *message)
{
    if (!out->failed && media_wire_send(out->fd, message) < 0) {
        out->failed = true;
        shutdown(out->fd, SHUT_RDWR);
    }
}

static void hold_message(CaptureOut *out, const MediaWireMessage *message)
{
    if (g_queue_get_length(&out->held) >= MAX_HELD) {
        out->failed = true;
        shutdown(out->fd, SHUT_RDWR);
        return;
    }
    MediaWireMessage *copy = g_memdup2(message, sizeof *message);
    copy->track = NULL;
    copy->unit = message->unit != NULL ? media_item_ref(message->unit) : NULL;
    copy->bytes = message->bytes != NULL ? g_bytes_ref(message->bytes) : NULL;
    copy->text = g_strdup(message->text);
    g_queue_push_tail(&out->held, copy);
}

static bool ready(const CaptureOut *out)
{
    return out->begun && out->tracks_left == 0;
}

/* Writes `held` once nothing is missing. */
static void write_start(CaptureOut *out)
{
    if (!ready(out)) {
        write_message(out, &(MediaWireMessage){.type = MEDIA_WIRE_OPENING});
        return;
    }
    write_message(out, &out->begin);
    for (int i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (out->tracks[i] != NULL) {
            write_message(out,
                          &(MediaWireMessage){.type = MEDIA_WIRE_TRACK, .track = out->tracks[i]});
        }
    }
    for (MediaWireMessage *message; (message = g_queue_pop_head(&out->held)) != NULL;) {
        write_message(out, message);
        message_free(message);
    }
}

void capture_out_begin(CaptureOut *out, int64_t pts_us)
{
    pthread_mutex_lock(&out->mutex);
    g_assert(!out->begun);
    out->begin = (MediaWireMessage){.type = MEDIA_WIRE_BEGIN, .pts_us = pts_us};
    out->begun = true;
    write_start(out);
    pthread_mutex_unlock(&out->mutex);
}

void capture_out_track(CaptureOut *out, MediaTrack *track)
{
    pthread_mutex_lock(&out->mutex);
    g_assert(out->tracks[track->info.id] == NULL && out->tracks_left > 0);
    out->tracks[track->info.id] = media_track_ref(track);
    out->tracks_left--;
    write_start(out);
    pthread_mutex_unlock(&out->mutex);
}

void capture_out_send(CaptureOut *out, const MediaWireMessage *message)
{
    pthread_mutex_lock(&out->mutex);
    if (ready(out)) {
        write_message(out, message);
    } else if (!out->failed) {
        hold_message(out, message);
    }
    pthread_mutex_unlock(&out->mutex);
}

void capture_out_now(CaptureOut *out, const MediaWireMessage *message)
{
    pthread_mutex_lock(&out->mutex);
    write_message(out, message);
    pthread_mutex_unlock(&out->mutex);
}

unsigned capture_out_missing(CaptureOut *out)
{
    pthread_mutex_lock(&out->mutex);
    unsigned missing = out->tracks_left;
    pthread_mutex_unlock(&out->mutex);
    return missing;
}
