// SPDX-License-Identifier: GPL-3.0-or-later
// Times are compared in microseconds that were rounded to the track's ticks first, so a unit that
// the capture's arithmetic puts a microsecond before the grid is on it.
#include "hls/track.h"

#include "base/bytes.h"
#include "base/clock.h"

#define SNAP_US 1000 // an audio unit this near to where the last one ends follows on it
#define AAC_FRAME 1024

struct HlsTrack {
    MediaTrack *media;
    uint32_t run;
    HlsCutter *cutter;
    HlsCounts *counts;
    HlsTrackEvents events;
    HlsMux *mux;
    unsigned rate;
    int64_t last_ticks; // of the newest unit, -1: none
    int64_t next_ticks; // its end
    int64_t reached_us; // up to here nothing more comes
    bool waiting_for_key;
    bool ended;

    bool segment_open; // `sequence` is not told complete
    uint64_t sequence;
    uint32_t index; // of the next part
    bool segment_public;

    bool part_open; // the muxer holds units
    bool independent;
    int64_t part_start_us;
    int64_t part_end_us; // the boundary
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

/* The newest unit reaches what is now the end of the part, of the segment or of the session. */
static void close_what_is_reached(HlsTrack *track)
{
    int64_t end_us = track->reached_us;
    const HlsSlot *slot =
        track->segment_open ? hls_cutter_find(track->cutter, track->sequence) : NULL;
    bool last = slot != NULL && end_us >= slot->end_us;
    if (track->part_open && end_us >= track->part_end_us) {
        close_part(track, last);
    } else if (!track->part_open && last) {
        // A mark came to lie where a part had already ended.
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

/* Where the capture, short of time, left out the last pictures of a part, the one before stands
 * until the part ends, or until `end_us`. A browser takes a hole for a loss, and shows nothing more
 * before the next key frame (Media Source Extensions, coded frame processing: a step of more than
 * two frames). */
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

/* `slot` is where the unit lies. */
static void open_part(HlsTrack *track, const HlsSlot *slot, int64_t pts_us, bool key)
{
    if (!track->segment_open) {
        track->segment_open = true;
        track->sequence = slot->number;
        track->segment_public = slot->open;
        track->index = 0;
    }
    track->part_open = true;
    track->independent = key;
    track->part_start_us = pts_us;
    track->part_end_us = hls_cutter_part_end(track->cutter, pts_us);
}

/* A unit at `pts_us` is there, wanted or not: what ends before it is over. */
static void close_what_is_passed(HlsTrack *track, int64_t pts_us, bool whole)
{
    if (!track->segment_open) {
        return;
    }
    const HlsSlot *slot = hls_cutter_find(track->cutter, track->sequence);
    bool last = slot == NULL || pts_us >= slot->end_us;
    if (track->part_open && pts_us >= track->part_end_us) {
        if (whole) {
            hold_picture(track, track->part_end_us);
        }
        close_part(track, last);
    } else if (!track->part_open && last) {
        complete_segment(track);
    }
}

/* NAL lengths that add up (14496-15): what a decoder cannot take apart is left out. */
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

/* AAC frames are whole numbers of samples, their times on the timeline are rounded: what follows on
 * must do so to the sample. */
static int64_t unit_ticks(const HlsTrack *track, const MediaItem *unit)
{
    int64_t ticks = to_ticks(track, unit->pts_us);
    bool near = ABS(unit->pts_us - to_us(track, track->next_ticks)) <= SNAP_US;
    bool audio = track->media->info.kind == MEDIA_AUDIO;
    return audio && track->last_ticks >= 0 && near ? track->next_ticks : ticks;
}

/* True where a whole part or more lies between the end of the pictures so far and `ticks`. */
static bool lacks_part(const HlsTrack *track, int64_t ticks)
{
    int64_t from_us = to_us(track, track->next_ticks);
    return to_us(track, ticks) >= hls_cutter_part_end(track->cutter, from_us);
}

static void look_for_loss(HlsTrack *track, int64_t ticks, int64_t duration, bool dropped)
{
    bool hole = track->last_ticks >= 0 && ticks - track->next_ticks > duration / 2 &&
                track->media->info.kind == MEDIA_VIDEO;
    if (hole && !track->waiting_for_key && (dropped || lacks_part(track, ticks))) {
        track->counts->losses++;
        track->waiting_for_key = true;
        hls_cutter_break(track->cutter, to_us(track, track->next_ticks));
    }
}

static void refuse(HlsTrack *track)
{
    track->counts->broken_units++;
    // Pictures that refer to the one left out would come out as rubbish.
    track->waiting_for_key = track->media->info.kind == MEDIA_VIDEO;
}

static void write_unit(HlsTrack *track, const MediaItem *unit, int64_t ticks, int64_t duration)
{
    int64_t pts_us = to_us(track, ticks);
    const HlsSlot *slot = hls_cutter_slot(track->cutter, pts_us);
    if (slot == NULL && pts_us >= track->cutter->end_us) {
        hls_track_end(track, -1);
        return;
    }
    bool again = slot != NULL && !track->segment_open && track->index > 0 &&
                 slot->number == track->sequence; // its segment was closed before it
    bool key = unit->key || track->media->info.kind == MEDIA_AUDIO;
    if (slot == NULL || again ||
        hls_mux_write(track->mux, ticks, duration, key, unit->data, unit->size) < 0) {
        refuse(track);
        return;
    }
    if (!track->part_open) {
        open_part(track, slot, pts_us, key);
    }
    track->waiting_for_key = false;
    track->last_ticks = ticks;
    track->next_ticks = ticks + duration;
    // A longer unit than usual may be cut short by the next, so only the usual length counts here.
    track->reached_us = to_us(track, ticks + MIN(duration, nominal_duration(track)));
    close_what_is_reached(track);
}

/* Nor is there a hole where the first pictures of a part, or of the run, were left out: its first
 * one begins with the part. How far that is. */
static int64_t hole_before(const HlsTrack *track, int64_t ticks)
{
    int64_t start_us =
        track->last_ticks >= 0 ? to_us(track, track->next_ticks) : track->cutter->run_start_us;
    int64_t from = to_ticks(track, start_us);
    if (track->media->info.kind != MEDIA_VIDEO || track->part_open || ticks <= from ||
        to_us(track, ticks) >= hls_cutter_part_end(track->cutter, start_us)) {
        return 0;
    }
    return ticks - from;
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
    bool whole = !dropped && (!track->waiting_for_key || track->last_ticks < 0);
    close_what_is_passed(track, to_us(track, ticks), whole);
    look_for_loss(track, ticks, duration, dropped);
    // Not in the segment that has the hole: a part shorter than the rest has to be its last.
    if (track->waiting_for_key && (!unit->key || track->segment_open)) {
        track->counts->skipped_units++;
        return;
    }
    int64_t hole = whole ? hole_before(track, ticks) : 0;
    write_unit(track, unit, ticks - hole, duration + hole);
}
