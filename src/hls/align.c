// SPDX-License-Identifier: GPL-3.0-or-later
// Makes picture and sound of a run begin, advance and end together.
#include "hls/align.h"

#include "base/clock.h"

#include <string.h>

#define GONE_US (3 * BASE_US_PER_S)    // such a track is not waited for
#define MAX_WAITING 2000               // some seconds of all tracks
#define FRAME_US (22 * BASE_US_PER_MS) // one AAC frame

typedef struct {
    bool known, begun;
    MediaKind kind;
    int64_t first_us; // first decodable unit
    int64_t end_us;
} AlignTrack;

struct HlsAlign {
    HlsAlignEvents events;
    AlignTrack tracks[MEDIA_MAX_TRACKS];
    GQueue waiting; // MediaItem, by arrival
    bool started;
    int64_t start_us;
    int64_t passed_us;
};

HlsAlign *hls_align_new(const HlsAlignEvents *events)
{
    HlsAlign *align = g_new0(HlsAlign, 1);
    align->events = *events;
    g_queue_init(&align->waiting);
    return align;
}

static void drop_all(HlsAlign *align)
{
    for (MediaItem *unit; (unit = g_queue_pop_head(&align->waiting)) != NULL;) {
        media_item_unref(unit);
    }
}

void hls_align_free(HlsAlign *align)
{
    if (align != NULL) {
        drop_all(align);
        g_free(align);
    }
}

void hls_align_run(HlsAlign *align)
{
    drop_all(align);
    memset(align->tracks, 0, sizeof align->tracks);
    align->started = false;
    align->start_us = 0;
    align->passed_us = -1;
}

void hls_align_track(HlsAlign *align, const MediaTrack *track)
{
    align->tracks[track->info.id] = (AlignTrack){.known = true, .kind = track->info.kind};
}

static int64_t newest_end(const HlsAlign *align)
{
    int64_t newest_us = -1;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        newest_us = MAX(newest_us, align->tracks[i].begun ? align->tracks[i].end_us : -1);
    }
    return newest_us;
}

/* Ignores tracks far behind. INT64_MAX: none began. */
static int64_t common_end(const HlsAlign *align)
{
    int64_t newest_us = newest_end(align), end_us = INT64_MAX;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        const AlignTrack *one = &align->tracks[i];
        if (one->begun && newest_us - one->end_us <= GONE_US) {
            end_us = MIN(end_us, one->end_us);
        }
    }
    return end_us;
}

/* `half`: also units that mostly end by then. */
static void pass(HlsAlign *align, int64_t limit_us, bool half)
{
    for (GList *at = align->waiting.head, *next; at != NULL; at = next) {
        MediaItem *unit = at->data;
        int64_t length_us = MAX(unit->duration_us, 0);
        next = at->next;
        if (unit->pts_us + (half ? length_us / 2 : length_us) > limit_us) {
            continue;
        }
        g_queue_delete_link(&align->waiting, at);
        bool early = unit->pts_us >= 0 && unit->pts_us < align->start_us;
        if (!early) {
            align->passed_us = MAX(align->passed_us, unit->pts_us + length_us);
            align->events.unit(align->events.data, unit);
        }
        media_item_unref(unit);
    }
}

static int64_t first_of(const HlsAlign *align, MediaKind kind)
{
    int64_t first_us = INT64_MAX;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        const AlignTrack *one = &align->tracks[i];
        first_us = one->begun && one->kind == kind ? MIN(first_us, one->first_us) : first_us;
    }
    return first_us;
}

/* At the first key frame. */
static void start(HlsAlign *align)
{
    int64_t video_us = first_of(align, MEDIA_VIDEO), audio_us = first_of(align, MEDIA_AUDIO);
    int64_t start_us = video_us != INT64_MAX ? video_us : audio_us;
    align->started = true;
    align->start_us = start_us != INT64_MAX ? MAX(start_us, 0) : 0;
    align->events.start(align->events.data, align->start_us);
}

/* Sound alone waits only so long. */
static bool may_start(const HlsAlign *align, const MediaItem *newest)
{
    const MediaItem *oldest = align->waiting.head->data;
    bool all = true;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        all = all && (!align->tracks[i].known || align->tracks[i].begun);
    }
    int64_t picture_us = first_of(align, MEDIA_VIDEO);
    return all || newest->pts_us - oldest->pts_us >= GONE_US ||
           (picture_us != INT64_MAX && newest->pts_us - picture_us >= HLS_ALIGN_WAIT_US) ||
           align->waiting.length >= MAX_WAITING;
}

static void note(HlsAlign *align, const MediaItem *unit)
{
    AlignTrack *one = &align->tracks[unit->track->info.id];
    if (!one->begun && (one->kind == MEDIA_AUDIO || unit->key)) {
        one->begun = true;
        one->first_us = unit->pts_us;
        one->end_us = unit->pts_us;
    }
    one->end_us = MAX(one->end_us, unit->pts_us + MAX(unit->duration_us, 0));
}

void hls_align_unit(HlsAlign *align, MediaItem *unit)
{
    note(align, unit);
    g_queue_push_tail(&align->waiting, media_item_ref(unit));
    if (!align->started && may_start(align, unit)) {
        start(align);
    }
    if (align->started) {
        bool full = align->waiting.length >= MAX_WAITING;
        int64_t late_us = newest_end(align) - HLS_ALIGN_WAIT_US;
        int64_t end_us = full ? INT64_MAX : MAX(common_end(align), late_us);
        pass(align, MIN(end_us, INT64_MAX - FRAME_US) + FRAME_US, false);
    }
}

int64_t hls_align_end(HlsAlign *align)
{
    int64_t end_us = -1;
    if (!align->started && align->waiting.length > 0) {
        start(align);
    }
    if (align->started) {
        end_us = MAX(common_end(align), align->passed_us - FRAME_US);
        pass(align, end_us, true);
    }
    drop_all(align);
    return end_us;
}

void hls_align_flush(HlsAlign *align)
{
    if (!align->started && align->waiting.length > 0) {
        start(align);
    }
    pass(align, INT64_MAX, false);
}
