// SPDX-License-Identifier: GPL-3.0-or-later
#include "hls/window.h"

#include "base/clock.h"
#include "hls/history.h"

#include <string.h>

HlsSegment *hls_segment_ref(HlsSegment *segment)
{
    base_refs_inc(&segment->refs);
    return segment;
}

void hls_segment_unref(HlsSegment *segment)
{
    if (!base_refs_dec(&segment->refs)) {
        return;
    }
    for (unsigned i = 0; i < segment->count; i++) {
        g_bytes_unref(segment->pieces[i].bytes);
    }
    g_clear_pointer(&segment->body, g_bytes_unref);
    g_free(segment);
}

HlsSegment *hls_segment_new(const HlsSlot *slot, const GArray *pieces)
{
    unsigned count = pieces != NULL ? pieces->len : 0;
    HlsSegment *segment = g_malloc0(sizeof *segment + count * sizeof(HlsPiece));
    base_refs_init(&segment->refs);
    segment->slot = *slot;
    segment->count = count;
    segment->gap = count == 0;
    segment->start_us = slot->start_us;
    segment->end_us = slot->end_us;
    for (unsigned i = 0; i < count; i++) {
        HlsPiece *piece = &segment->pieces[i];
        *piece = g_array_index(pieces, HlsPiece, i);
        g_bytes_ref(piece->bytes);
        segment->end_us = piece->start_us + piece->duration_us;
    }
    if (count > 0) {
        segment->start_us = segment->pieces[0].start_us;
    }
    return segment;
}

/* One body of all parts, which become slices of it. */
static void join(HlsSegment *segment)
{
    size_t size = 0;
    for (unsigned i = 0; i < segment->count; i++) {
        size += g_bytes_get_size(segment->pieces[i].bytes);
    }
    uint8_t *body = g_malloc(size);
    segment->body = g_bytes_new_take(body, size);
    for (unsigned i = 0; i < segment->count; i++) {
        gsize part_size;
        const void *part = g_bytes_get_data(segment->pieces[i].bytes, &part_size);
        memcpy(body, part, part_size);
        g_bytes_unref(segment->pieces[i].bytes);
        segment->pieces[i].bytes = g_bytes_new_from_bytes(
            segment->body, (gsize)(body - (uint8_t *)g_bytes_get_data(segment->body, NULL)),
            part_size);
        body += part_size;
    }
}

static void clear_piece(void *data)
{
    g_bytes_unref(((HlsPiece *)data)->bytes);
}

static void clear_init(void *data)
{
    g_bytes_unref(((HlsInit *)data)->bytes);
}

static void lane_free(void *data)
{
    HlsLane *lane = data;
    media_track_unref(lane->media);
    g_ptr_array_unref(lane->segments);
    g_array_unref(lane->inits);
    g_array_unref(lane->pieces);
    hls_history_free(lane->history);
    g_free(lane);
}

static HlsLane *lane_new(const HlsWindow *window, MediaTrack *media)
{
    HlsLane *lane = g_new0(HlsLane, 1);
    media_track_key(media, lane->key);
    lane->media = media_track_ref(media);
    lane->segments = g_ptr_array_new_with_free_func((GDestroyNotify)hls_segment_unref);
    lane->inits = g_array_new(FALSE, FALSE, sizeof(HlsInit));
    g_array_set_clear_func(lane->inits, clear_init);
    lane->pieces = g_array_new(FALSE, FALSE, sizeof(HlsPiece));
    g_array_set_clear_func(lane->pieces, clear_piece);
    lane->history = hls_history_new(lane->key, window->config);
    return lane;
}

void hls_window_init(HlsWindow *window, const HlsConfig *config, const HlsEvents *events)
{
    *window = (HlsWindow){
        .window_us = config->window_s * BASE_US_PER_S,
        .segment_us = config->segment_ms * BASE_US_PER_MS,
        .lanes = g_ptr_array_new_with_free_func(lane_free),
        .config = config,
        .events = events,
    };
}

void hls_window_finish(HlsWindow *window)
{
    g_clear_pointer(&window->lanes, g_ptr_array_unref);
}

static HlsLane *find_lane(const HlsWindow *window, const MediaTrack *media)
{
    char key[MEDIA_TRACK_KEY_BYTES];
    media_track_key(media, key);
    for (guint i = 0; i < window->lanes->len; i++) {
        HlsLane *lane = window->lanes->pdata[i];
        if (strcmp(lane->key, key) == 0) {
            return lane;
        }
    }
    return NULL;
}

/* Lanes that the new run does not have stay as long as there is anything to play of them. */
void hls_window_run(HlsWindow *window)
{
    for (guint i = window->lanes->len; i-- > 0;) {
        HlsLane *lane = window->lanes->pdata[i];
        if (!lane->active && lane->segments->len == 0 && hls_history_empty(lane->history)) {
            g_ptr_array_remove_index(window->lanes, i);
        } else {
            lane->active = false;
        }
    }
}

void hls_window_init_segment(HlsWindow *window, const MediaPart *init)
{
    HlsLane *lane = find_lane(window, init->track);
    if (lane == NULL) {
        lane = lane_new(window, init->track);
        g_ptr_array_add(window->lanes, lane);
    }
    lane->active = true;
    media_track_unref(lane->media);
    lane->media = media_track_ref(init->track);
    HlsInit entry = {.run = init->run, .bytes = g_bytes_ref(init->bytes)};
    g_array_append_val(lane->inits, entry);
}

bool hls_window_lists(const HlsWindow *window, int64_t after_us)
{
    return after_us < window->window_us;
}

/* Public numbers up to `next` (exclusive) that the track has nothing of. */
static void tell_gaps(HlsLane *lane, const HlsCutter *cutter, uint64_t next)
{
    while (hls_history_next(lane->history) < next) {
        const HlsSlot *slot = hls_cutter_shown(cutter, hls_history_next(lane->history));
        HlsEntry gap = {.run = slot->run,
                        .number = slot->number,
                        .start_us = slot->start_us,
                        .end_us = slot->end_us,
                        .gap = true,
                        .discontinuity = slot->breaks[HLS_PUBLIC]};
        hls_history_add(lane->history, &gap);
    }
}

/* A segment leaves memory. */
static void retire(const HlsWindow *window, const HlsCutter *cutter, HlsLane *lane,
                   const HlsSegment *segment)
{
    if (!segment->slot.open) {
        return;
    }
    tell_gaps(lane, cutter, segment->slot.public_number);
    HlsEntry entry = hls_segment_entry(segment);
    entry.discontinuity = segment->slot.breaks[HLS_PUBLIC];
    const HlsEvents *events = window->events;
    if (!entry.gap && events->kept != NULL) {
        entry.gap = !events->kept(events->data, entry.run, lane->key, entry.number);
    }
    hls_history_add(lane->history, &entry);
}

/* RFC 8216bis 6.2.2: a segment stays for its own and the playlist's length after it left the list.
 */
static void drop_old(const HlsWindow *window, const HlsCutter *cutter, HlsLane *lane)
{
    g_autoptr(GPtrArray) old =
        g_ptr_array_new_with_free_func((GDestroyNotify)hls_segment_unref); // newest first
    int64_t keep_us = 2 * window->window_us + window->segment_us;
    int64_t after_us[HLS_AUDIENCES] = {0};
    for (guint i = lane->segments->len; i-- > 0;) {
        const HlsSegment *segment = lane->segments->pdata[i];
        HlsAudience longest = segment->slot.open ? HLS_PUBLIC : HLS_PRIVILEGED;
        bool keep = after_us[longest] < keep_us;
        int64_t length_us = segment->slot.end_us - segment->slot.start_us;
        after_us[HLS_PRIVILEGED] += length_us;
        after_us[HLS_PUBLIC] += segment->slot.open ? length_us : 0;
        if (!keep) {
            g_ptr_array_add(old, g_ptr_array_steal_index(lane->segments, i));
        }
    }
    for (guint i = old->len; i-- > 0;) {
        retire(window, cutter, lane, old->pdata[i]);
    }
}

static void drop_all(const HlsWindow *window, const HlsCutter *cutter, HlsLane *lane)
{
    for (guint i = 0; i < lane->segments->len; i++) {
        retire(window, cutter, lane, lane->segments->pdata[i]);
    }
    g_ptr_array_set_size(lane->segments, 0);
}

static bool has_run(const HlsLane *lane, uint32_t run)
{
    for (guint i = 0; i < lane->segments->len; i++) {
        if (((HlsSegment *)lane->segments->pdata[i])->slot.run == run) {
            return true;
        }
    }
    return false;
}

static void drop_inits(HlsLane *lane)
{
    for (guint i = lane->inits->len - 1; i-- > 0;) {
        if (!has_run(lane, g_array_index(lane->inits, HlsInit, i).run)) {
            g_array_remove_index(lane->inits, i);
        }
    }
}

/* The peak is that of any segments in a row that last 0.5 to 1.5 target durations (RFC 8216bis
 * 4.1): a segment that a mark cut short says little alone. */
static void measure_peak(const HlsWindow *window, HlsLane *lane)
{
    uint64_t bits = 0;
    int64_t length_us = 0;
    for (unsigned i = lane->newest_count; i-- > 0;) {
        bits += lane->newest[i].bits;
        length_us += lane->newest[i].length_us;
        if (2 * length_us >= window->segment_us && 2 * length_us <= 3 * window->segment_us) {
            lane->peak_bits = MAX(lane->peak_bits, bits * BASE_US_PER_S / (uint64_t)length_us);
        }
    }
}

static void measure(const HlsWindow *window, HlsLane *lane, const HlsSegment *segment)
{
    if (segment->gap) {
        lane->newest_count = 0;
        return;
    }
    HlsMeasure measured = {.bits = g_bytes_get_size(segment->body) * 8,
                           .length_us = segment->end_us - segment->start_us};
    lane->bits += measured.bits;
    lane->measured_us += measured.length_us;
    if (lane->newest_count == HLS_MEASURED) {
        memmove(lane->newest, lane->newest + 1, sizeof lane->newest - sizeof lane->newest[0]);
        lane->newest_count--;
    }
    lane->newest[lane->newest_count++] = measured;
    measure_peak(window, lane);
}

static void add_segment(HlsWindow *window, const HlsCutter *cutter, HlsLane *lane,
                        HlsSegment *segment)
{
    segment->complete = true;
    if (!segment->gap) {
        join(segment);
    }
    measure(window, lane, segment);
    g_ptr_array_add(lane->segments, segment);
    drop_old(window, cutter, lane);
    drop_inits(lane);
}

/* Segments that the track has nothing of. */
static void fill_gaps(HlsWindow *window, const HlsCutter *cutter, HlsLane *lane, uint64_t up_to)
{
    for (uint64_t number = lane->last_number + 1; lane->any && number < up_to; number++) {
        const HlsSlot *slot = hls_cutter_find(cutter, number);
        if (slot == NULL) { // a hole too long to be told: the list starts anew
            drop_all(window, cutter, lane);
            continue;
        }
        add_segment(window, cutter, lane, hls_segment_new(slot, NULL));
    }
}

void hls_window_part(HlsWindow *window, const HlsCutter *cutter, const MediaPart *part)
{
    HlsLane *lane = find_lane(window, part->track);
    const HlsSlot *slot = hls_cutter_find(cutter, part->sequence);
    if (lane == NULL || slot == NULL) {
        return; // so far behind the other tracks that its time is forgotten
    }
    if (!lane->open) {
        fill_gaps(window, cutter, lane, part->sequence);
        lane->open = true;
        lane->slot = *slot;
        lane->any = true;
        lane->last_number = part->sequence;
    }
    HlsPiece piece = {
        .bytes = g_bytes_ref(part->bytes),
        .start_us = part->pts_us,
        .duration_us = part->duration_us,
        .independent = part->independent,
    };
    g_array_append_val(lane->pieces, piece);
}

void hls_window_complete(HlsWindow *window, const HlsCutter *cutter, const MediaTrack *track,
                         uint64_t sequence)
{
    HlsLane *lane = find_lane(window, track);
    if (lane == NULL || !lane->open || lane->slot.number != sequence) {
        return;
    }
    const HlsSlot *slot = hls_cutter_find(cutter, sequence);
    HlsSegment *segment = hls_segment_new(slot != NULL ? slot : &lane->slot, lane->pieces);
    lane->open = false;
    g_array_set_size(lane->pieces, 0);
    add_segment(window, cutter, lane, segment);
}

/* The first public number of the track that is in memory. */
static bool first_public(const HlsLane *lane, uint64_t *out_number)
{
    for (guint i = 0; i < lane->segments->len; i++) {
        const HlsSegment *segment = lane->segments->pdata[i];
        if (segment->slot.open) {
            *out_number = segment->slot.public_number;
            return true;
        }
    }
    *out_number = lane->slot.public_number;
    return lane->open && lane->slot.open;
}

void hls_window_settle(HlsWindow *window, const HlsCutter *cutter)
{
    for (guint i = 0; i < window->lanes->len; i++) {
        HlsLane *lane = window->lanes->pdata[i];
        uint64_t number;
        if (first_public(lane, &number)) {
            tell_gaps(lane, cutter, number);
        }
    }
}
