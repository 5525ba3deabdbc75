// SPDX-License-Identifier: GPL-3.0-or-later
// Assigns one track's units to parts and muxes each part. Times are compared as rounded to ticks.
#include "hls/track.h"

#include "base/bytes.h"
#include "base/clock.h"

#define SNAP_US 1000 // a nearer unit follows on the last
#define AAC_FRAME 1024

struct HlsTrack {
    MediaTrack *media;
    uint32_t run;
    HlsCutter *cutter;
    HlsCounts *counts;
    HlsTrackEvents events;
    HlsMux *mux;
    unsigned rate;
    int64_t last_ticks; // newest unit; -1: none
    int64_t next_ticks;
    int64_t reached_us; // nothing comes before this
    bool waiting_for_key;
    bool late_key; // a segment's first key frame is late
    bool ended;

    bool segment_open; // not yet told complete
    uint64_t sequence;
    uint32_t index; // next part
    bool segment_public;

    bool part_open;
    bool independent;
    int64_t part_start_us;
    int64_t part_end_us;
};

static int64_t to_ticks(const HlsTrack *track, int64_t us)
{
    return (us * track->rate + BASE_US_PER_S / 2) / BASE_US_PER_S;
}

static int64_t to_us(const HlsTrack *track, int64_t ticks)
{
    return (ticks * BASE_US_PER_S + track->rate / 2) / track->rate;
}

HlsTrack *hls_track_new(MediaTrack *media, uint32_t run, HlsCutter *cutter, HlsCounts *counts,
                        const HlsTrackEvents *events, MediaPart **out_init)
{
    GBytes *init = NULL;
    HlsMux *mux = hls_mux_new(media, &init);
    if (mux == NULL) {
        return NULL;
    }
    HlsTrack *track = g_new0(HlsTrack, 1);
    track->media = media_track_ref(media);
    track->run = run;
    track->cutter = cutter;
    track->counts = counts;
    track->events = *events;
    track->mux = mux;
    track->rate = hls_mux_rate(media);
    track->last_ticks = -1;
    track->waiting_for_key = media->info.kind == MEDIA_VIDEO;
    MediaPart *part = media_part_new(MEDIA_PART_INIT);
    part->run = run;
    part->track = media_track_ref(media);
    part->bytes = init;
    *out_init = part;
    return track;
}

void hls_track_free(HlsTrack *track)
{
    if (track == NULL) {
        return;
    }
    hls_mux_free(track->mux);
    media_track_unref(track->media);
    g_free(track);
}

MediaTrack *hls_track_media(const HlsTrack *track)
{
    return track->media;
}

bool hls_track_ended(const HlsTrack *track)
{
    return track->ended;
}

static void complete_segment(HlsTrack *track)
{
    if (track->segment_open) {
        track->segment_open = false;
        track->events.complete(track->events.data, track, track->sequence);
    }
}

static void close_part(HlsTrack *track, bool last)
{
    g_autoptr(GBytes) bytes = hls_mux_cut(track->mux, track->next_ticks);
    track->part_open = false;
    if (bytes != NULL && g_bytes_get_size(bytes) > 0) {
        g_autoptr(MediaPart) part = media_part_new(MEDIA_PART_MEDIA);
        part->run = track->run;
        part->track = media_track_ref(track->media);
        part->sequence = track->sequence;
        part->index = track->index++;
        part->last = last;
        part->independent = track->independent;
        part->open = track->segment_public;
        part->pts_us = track->part_start_us;
        part->duration_us = to_us(track, track->next_ticks) - part->pts_us;
        part->bytes = g_steal_pointer(&bytes);
        track->events.part(track->events.data, track, part);
    }
    if (last) {
        complete_segment(track);
    }
}

static void close_what_is_reached(HlsTrack *track)
{
    int64_t end_us = track->reached_us;
    const HlsSegmentSpan *span =
        track->segment_open ? hls_cutter_find(track->cutter, track->sequence) : NULL;
    bool last = span != NULL && end_us >= span->end_us;
    if (track->part_open && end_us >= track->part_end_us) {
        close_part(track, last);
    } else if (!track->part_open && last) {
        // A mark fell where a part had ended.
        complete_segment(track);
    }
    if (end_us >= track->cutter->end_us) {
        hls_track_end(track, -1);
    }
}

void hls_track_mark(HlsTrack *track, int64_t pts_us)
{
    if (track->last_ticks < 0) {
        return;
    }
    if (track->part_open) {
        track->part_end_us = MIN(track->part_end_us, pts_us);
    }
    close_what_is_reached(track);
}

/* Before a skipped picture: to browsers, a hole of over two frames is a loss (Media Source
 * Extensions, coded frame processing). */
static void hold_picture(HlsTrack *track, int64_t end_us)
{
    if (track->media->info.kind == MEDIA_VIDEO) {
        int64_t until_us = MIN(track->part_end_us, end_us);
        track->next_ticks = MAX(track->next_ticks, to_ticks(track, until_us));
    }
}

void hls_track_end(HlsTrack *track, int64_t end_us)
{
    if (track->part_open) {
        hold_picture(track, end_us);
        close_part(track, true);
    }
    complete_segment(track);
    track->ended = true;
}

static void open_part(HlsTrack *track, const HlsSegmentSpan *span, int64_t pts_us, bool key)
{
    if (!track->segment_open) {
        track->segment_open = true;
        track->sequence = span->number;
        track->segment_public = span->open;
        track->index = 0;
    }
    track->part_open = true;
    track->independent = key;
    track->part_start_us = pts_us;
    track->part_end_us = hls_cutter_part_end(track->cutter, pts_us);
}

static void close_what_is_passed(HlsTrack *track, int64_t pts_us, bool whole)
{
    if (!track->segment_open) {
        return;
    }
    const HlsSegmentSpan *span = hls_cutter_find(track->cutter, track->sequence);
    bool last = span == NULL || pts_us >= span->end_us;
    if (track->part_open && pts_us >= track->part_end_us) {
        if (whole) {
            hold_picture(track, track->part_end_us);
        }
        close_part(track, last);
    } else if (!track->part_open && last) {
        complete_segment(track);
    }
}

/* NAL lengths must add up (14496-15). */
static bool unit_sound(const MediaItem *unit)
{
    if (unit->size == 0 || unit->pts_us < 0) {
        return false;
    }
    BaseReader reader = base_reader(unit->data, unit->size);
    while (unit->track->info.codec == MEDIA_H264 && reader.left > 0) {
        size_t size = base_read_u32(&reader);
        if (size == 0 || base_read_bytes(&reader, size) == NULL) {
            return false;
        }
    }
    return true;
}

static int64_t nominal_duration(const HlsTrack *track)
{
    const MediaTrackInfo *info = &track->media->info;
    return info->kind == MEDIA_AUDIO ? AAC_FRAME
                                     : MAX((int64_t)track->rate * info->fps_d / info->fps_n, 1);
}

static int64_t unit_duration(const HlsTrack *track, const MediaItem *unit)
{
    int64_t nominal = nominal_duration(track);
    if (unit->duration_us <= 0 || unit->duration_us > BASE_US_PER_S) {
        return nominal;
    }
    int64_t ticks = MAX(to_ticks(track, unit->duration_us), 1);
    return ABS(unit->duration_us - to_us(track, nominal)) <= SNAP_US ? nominal : ticks;
}

/* AAC follows on to the sample. */
static int64_t unit_ticks(const HlsTrack *track, const MediaItem *unit)
{
    int64_t ticks = to_ticks(track, unit->pts_us);
    bool near = ABS(unit->pts_us - to_us(track, track->next_ticks)) <= SNAP_US;
    bool audio = track->media->info.kind == MEDIA_AUDIO;
    return audio && track->last_ticks >= 0 && near ? track->next_ticks : ticks;
}

/* EXT-X-INDEPENDENT-SEGMENTS: a segment waits for its key frame. */
static bool begins_without_key(const HlsTrack *track, const MediaItem *unit)
{
    return track->media->info.kind == MEDIA_VIDEO && !unit->key && !track->segment_open;
}

static bool lacks_part(const HlsTrack *track, int64_t ticks)
{
    int64_t from_us = to_us(track, track->next_ticks);
    return to_us(track, ticks) >= hls_cutter_part_end(track->cutter, from_us);
}

static void lose(HlsTrack *track)
{
    track->counts->losses++;
    track->waiting_for_key = true;
    track->late_key = false;
    hls_cutter_break(track->cutter, to_us(track, track->next_ticks));
}

static void look_for_loss(HlsTrack *track, int64_t ticks, int64_t duration, bool dropped)
{
    bool hole = track->last_ticks >= 0 && ticks - track->next_ticks > duration / 2 &&
                track->media->info.kind == MEDIA_VIDEO;
    if (hole && !track->waiting_for_key && (dropped || lacks_part(track, ticks))) {
        lose(track);
    }
}

static void look_for_late_key(HlsTrack *track, const MediaItem *unit, int64_t ticks)
{
    if (!track->waiting_for_key && begins_without_key(track, unit)) {
        track->waiting_for_key = track->late_key = true;
    }
    int64_t waited_us = to_us(track, ticks - track->next_ticks);
    if (track->late_key && waited_us > track->cutter->segment_us) {
        lose(track);
    }
}

static void refuse(HlsTrack *track)
{
    track->counts->broken_units++;
    // Later pictures refer to the missing one.
    track->waiting_for_key = track->media->info.kind == MEDIA_VIDEO;
}

static void write_unit(HlsTrack *track, const MediaItem *unit, int64_t ticks, int64_t duration)
{
    int64_t pts_us = to_us(track, ticks);
    const HlsSegmentSpan *span = hls_cutter_span(track->cutter, pts_us);
    if (span == NULL && pts_us >= track->cutter->end_us) {
        hls_track_end(track, -1);
        return;
    }
    bool again =
        span != NULL && !track->segment_open && track->index > 0 && span->number == track->sequence;
    bool key = unit->key || track->media->info.kind == MEDIA_AUDIO;
    if (span == NULL || again ||
        hls_mux_write(track->mux, ticks, duration, key, unit->data, unit->size) < 0) {
        refuse(track);
        return;
    }
    if (!track->part_open) {
        open_part(track, span, pts_us, key);
    }
    track->waiting_for_key = track->late_key = false;
    track->last_ticks = ticks;
    track->next_ticks = ticks + duration;
    // The next unit may shorten a long one.
    track->reached_us = to_us(track, ticks + MIN(duration, nominal_duration(track)));
    close_what_is_reached(track);
}

/* Rounds up: a mark may lie between ticks. */
static int64_t to_ticks_up(const HlsTrack *track, int64_t us)
{
    int64_t ticks = to_ticks(track, us);
    return to_us(track, ticks) < us ? ticks + 1 : ticks;
}

/* After a loss, the segment's start; not before a mark (the public's gate) or in a complete
 * segment. */
static int64_t hole_start(const HlsTrack *track, int64_t ticks)
{
    if (track->segment_open) {
        return track->next_ticks;
    }
    int64_t us = to_us(track, ticks), from = MAX(track->next_ticks, 0);
    const HlsSegmentSpan *span =
        track->last_ticks >= 0 ? hls_cutter_find(track->cutter, track->sequence) : NULL;
    from = span != NULL ? MAX(from, to_ticks_up(track, span->end_us)) : from;
    from = MAX(from, to_ticks_up(track, hls_cutter_gate_since(track->cutter, us)));
    bool lost = track->waiting_for_key && !track->late_key && track->last_ticks >= 0;
    if (lost || to_us(track, ticks - from) > track->cutter->segment_us) {
        from = MAX(from, to_ticks_up(track, hls_cutter_boundary(track->cutter, us)));
    }
    return from;
}

static bool is_in_part_of(const HlsTrack *track, int64_t ticks, int64_t from)
{
    return to_us(track, ticks) < hls_cutter_part_end(track->cutter, to_us(track, from));
}

/* After a hole, the picture begins with the part, as sound does. A long key frame stands in each
 * part: PART-TARGET bounds them. */
static void write_from_hole(HlsTrack *track, const MediaItem *unit, int64_t ticks, int64_t duration)
{
    int64_t from = hole_start(track, ticks), end = ticks + duration;
    if (track->media->info.kind != MEDIA_VIDEO || track->part_open || from >= ticks ||
        (track->segment_open && !is_in_part_of(track, ticks, from))) {
        write_unit(track, unit, ticks, duration);
        return;
    }
    while (!track->ended && !is_in_part_of(track, ticks, from)) {
        int64_t part_end_us = hls_cutter_part_end(track->cutter, to_us(track, from));
        int64_t part_end = to_ticks(track, part_end_us);
        write_unit(track, unit, from, part_end - from);
        close_what_is_passed(track, part_end_us, true);
        from = part_end;
    }
    if (!track->ended) {
        write_unit(track, unit, from, end - from);
    }
}

void hls_track_unit(HlsTrack *track, const MediaItem *unit, bool dropped)
{
    if (track->ended) {
        return;
    }
    if (!unit_sound(unit)) {
        refuse(track);
        return;
    }
    int64_t ticks = unit_ticks(track, unit);
    int64_t duration = unit_duration(track, unit);
    if (ticks <= track->last_ticks) {
        refuse(track);
        return;
    }
    bool waits = track->waiting_for_key && !track->late_key;
    bool whole = !dropped && (!waits || track->last_ticks < 0);
    close_what_is_passed(track, to_us(track, ticks), whole);
    look_for_loss(track, ticks, duration, dropped);
    look_for_late_key(track, unit, ticks);
    // A short part must be a segment's last.
    if (track->waiting_for_key && (!unit->key || track->segment_open)) {
        track->counts->skipped_units++;
        return;
    }
    if (!dropped || track->late_key) {
        write_from_hole(track, unit, ticks, duration);
    } else {
        write_unit(track, unit, ticks, duration);
    }
}
