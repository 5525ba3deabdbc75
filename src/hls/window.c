// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the segments and parts that playlists may name.
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

HlsSegment *hls_segment_new(const HlsSegmentSpan *span, const GArray *pieces)
{
    unsigned count = pieces != NULL ? pieces->len : 0;
    HlsSegment *segment = g_malloc0(sizeof *segment + count * sizeof(HlsPiece));
    base_refs_init(&segment->refs);
    segment->span = *span;
    segment->count = count;
    segment->gap = count == 0;
    segment->start_us = span->start_us;
    segment->end_us = span->end_us;
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

/* Parts become slices. */
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

static void rendition_free(void *data)
{
    HlsRendition *rendition = data;
    media_track_unref(rendition->media);
    g_ptr_array_unref(rendition->segments);
    g_array_unref(rendition->inits);
    g_array_unref(rendition->pieces);
    hls_history_free(rendition->history);
    g_free(rendition);
}

static HlsRendition *rendition_new(const HlsWindow *window, MediaTrack *media)
{
    HlsRendition *rendition = g_new0(HlsRendition, 1);
    media_track_key(media, rendition->key);
    rendition->media = media_track_ref(media);
    rendition->segments = g_ptr_array_new_with_free_func((GDestroyNotify)hls_segment_unref);
    rendition->inits = g_array_new(FALSE, FALSE, sizeof(HlsInit));
    g_array_set_clear_func(rendition->inits, clear_init);
    rendition->pieces = g_array_new(FALSE, FALSE, sizeof(HlsPiece));
    g_array_set_clear_func(rendition->pieces, clear_piece);
    rendition->history = hls_history_new(rendition->key, window->config);
    return rendition;
}

void hls_window_init(HlsWindow *window, const HlsConfig *config, const HlsEvents *events)
{
    *window = (HlsWindow){
        .window_us = config->window_s * BASE_US_PER_S,
        .segment_us = config->segment_ms * BASE_US_PER_MS,
        .renditions = g_ptr_array_new_with_free_func(rendition_free),
        .config = config,
        .events = events,
    };
}

void hls_window_finish(HlsWindow *window)
{
    g_clear_pointer(&window->renditions, g_ptr_array_unref);
}

static HlsRendition *find_rendition(const HlsWindow *window, const MediaTrack *media)
{
    char key[MEDIA_TRACK_KEY_BYTES];
    media_track_key(media, key);
    for (guint i = 0; i < window->renditions->len; i++) {
        HlsRendition *rendition = window->renditions->pdata[i];
        if (strcmp(rendition->key, key) == 0) {
            return rendition;
        }
    }
    return NULL;
}

/* Renditions stay while listed. */
void hls_window_run(HlsWindow *window)
{
    for (guint i = window->renditions->len; i-- > 0;) {
        HlsRendition *rendition = window->renditions->pdata[i];
        if (!rendition->active && rendition->segments->len == 0 &&
            hls_history_empty(rendition->history)) {
            g_ptr_array_remove_index(window->renditions, i);
        } else {
            rendition->active = false;
        }
    }
}

void hls_window_init_segment(HlsWindow *window, const MediaPart *init)
{
    HlsRendition *rendition = find_rendition(window, init->track);
    if (rendition == NULL) {
        rendition = rendition_new(window, init->track);
        g_ptr_array_add(window->renditions, rendition);
    }
    rendition->active = true;
    media_track_unref(rendition->media);
    rendition->media = media_track_ref(init->track);
    HlsInit entry = {.run = init->run, .bytes = g_bytes_ref(init->bytes)};
    g_array_append_val(rendition->inits, entry);
}

bool hls_window_lists(const HlsWindow *window, int64_t after_us)
{
    return after_us < window->window_us;
}

/* Adds gaps for public numbers below `next`. */
static void tell_gaps(HlsRendition *rendition, const HlsCutter *cutter, uint64_t next)
{
    while (hls_history_next(rendition->history) < next) {
        const HlsSegmentSpan *span = hls_cutter_shown(cutter, hls_history_next(rendition->history));
        HlsEntry gap = {.run = span->run,
                        .number = span->number,
                        .start_us = span->start_us,
                        .end_us = span->end_us,
                        .gap = true,
                        .discontinuity = span->breaks[HLS_PUBLIC]};
        hls_history_add(rendition->history, &gap);
    }
}

static void retire(const HlsWindow *window, const HlsCutter *cutter, HlsRendition *rendition,
                   const HlsSegment *segment)
{
    if (!segment->span.open) {
        return;
    }
    tell_gaps(rendition, cutter, segment->span.public_number);
    HlsEntry entry = hls_segment_entry(segment);
    entry.discontinuity = segment->span.breaks[HLS_PUBLIC];
    const HlsEvents *events = window->events;
    if (!entry.gap && events->kept != NULL) {
        entry.gap = !events->kept(events->data, entry.run, rendition->key, entry.number);
    }
    hls_history_add(rendition->history, &entry);
}

/* 6.2.2: for its own and the playlist's length. */
static void drop_old(const HlsWindow *window, const HlsCutter *cutter, HlsRendition *rendition)
{
    g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func((GDestroyNotify)hls_segment_unref);
    int64_t keep_us = 2 * window->window_us + window->segment_us;
    int64_t after_us[HLS_AUDIENCES] = {0};
    for (guint i = rendition->segments->len; i-- > 0;) {
        const HlsSegment *segment = rendition->segments->pdata[i];
        HlsAudience longest = segment->span.open ? HLS_PUBLIC : HLS_PRIVILEGED;
        bool keep = after_us[longest] < keep_us;
        int64_t length_us = segment->span.end_us - segment->span.start_us;
        after_us[HLS_PRIVILEGED] += length_us;
        after_us[HLS_PUBLIC] += segment->span.open ? length_us : 0;
        if (!keep) {
            g_ptr_array_add(old, g_ptr_array_steal_index(rendition->segments, i));
        }
    }
    for (guint i = old->len; i-- > 0;) {
        retire(window, cutter, rendition, old->pdata[i]);
    }
}

static void drop_all(const HlsWindow *window, const HlsCutter *cutter, HlsRendition *rendition)
{
    for (guint i = 0; i < rendition->segments->len; i++) {
        retire(window, cutter, rendition, rendition->segments->pdata[i]);
    }
    g_ptr_array_set_size(rendition->segments, 0);
}

static bool has_run(const HlsRendition *rendition, uint32_t run)
{
    for (guint i = 0; i < rendition->segments->len; i++) {
        if (((HlsSegment *)rendition->segments->pdata[i])->span.run == run) {
            return true;
        }
    }
    return false;
}

static void drop_inits(HlsRendition *rendition)
{
    for (guint i = rendition->inits->len - 1; i-- > 0;) {
        if (!has_run(rendition, g_array_index(rendition->inits, HlsInit, i).run)) {
            g_array_remove_index(rendition->inits, i);
        }
    }
}

/* Of segments that last 0.5 to 1.5 target durations (4.1). */
static void measure_peak(const HlsWindow *window, HlsRendition *rendition)
{
    uint64_t bits = 0;
    int64_t length_us = 0;
    for (unsigned i = rendition->newest_count; i-- > 0;) {
        bits += rendition->newest[i].bits;
        length_us += rendition->newest[i].length_us;
        if (2 * length_us >= window->segment_us && 2 * length_us <= 3 * window->segment_us) {
            rendition->peak_bits =
                MAX(rendition->peak_bits, bits * BASE_US_PER_S / (uint64_t)length_us);
        }
    }
}

static void measure(const HlsWindow *window, HlsRendition *rendition, const HlsSegment *segment)
{
    if (segment->gap) {
        rendition->newest_count = 0;
        return;
    }
    HlsMeasure measured = {.bits = g_bytes_get_size(segment->body) * 8,
                           .length_us = segment->end_us - segment->start_us};
    rendition->bits += measured.bits;
    rendition->measured_us += measured.length_us;
    if (rendition->newest_count == HLS_MEASURED) {
        memmove(rendition->newest, rendition->newest + 1,
                sizeof rendition->newest - sizeof rendition->newest[0]);
        rendition->newest_count--;
    }
    rendition->newest[rendition->newest_count++] = measured;
    measure_peak(window, rendition);
}

static void add_segment(HlsWindow *window, const HlsCutter *cutter, HlsRendition *rendition,
                        HlsSegment *segment)
{
    segment->complete = true;
    if (!segment->gap) {
        join(segment);
    }
    measure(window, rendition, segment);
    g_ptr_array_add(rendition->segments, segment);
    drop_old(window, cutter, rendition);
    drop_inits(rendition);
}

static void fill_gaps(HlsWindow *window, const HlsCutter *cutter, HlsRendition *rendition,
                      uint64_t up_to)
{
    for (uint64_t number = rendition->last_number + 1; rendition->any && number < up_to; number++) {
        const HlsSegmentSpan *span = hls_cutter_find(cutter, number);
        if (span == NULL) { // too long a hole: the list starts anew
            drop_all(window, cutter, rendition);
            continue;
        }
        add_segment(window, cutter, rendition, hls_segment_new(span, NULL));
    }
}

void hls_window_part(HlsWindow *window, const HlsCutter *cutter, const MediaPart *part)
{
    HlsRendition *rendition = find_rendition(window, part->track);
    const HlsSegmentSpan *span = hls_cutter_find(cutter, part->sequence);
    if (rendition == NULL || span == NULL) {
        return; // its span is forgotten
    }
    if (!rendition->open) {
        fill_gaps(window, cutter, rendition, part->sequence);
        rendition->open = true;
        rendition->span = *span;
        rendition->any = true;
        rendition->last_number = part->sequence;
    }
    HlsPiece piece = {
        .bytes = g_bytes_ref(part->bytes),
        .start_us = part->pts_us,
        .duration_us = part->duration_us,
        .independent = part->independent,
    };
    g_array_append_val(rendition->pieces, piece);
}

void hls_window_complete(HlsWindow *window, const HlsCutter *cutter, const MediaTrack *track,
                         uint64_t sequence)
{
    HlsRendition *rendition = find_rendition(window, track);
    if (rendition == NULL || !rendition->open || rendition->span.number != sequence) {
        return;
    }
    const HlsSegmentSpan *span = hls_cutter_find(cutter, sequence);
    HlsSegment *segment =
        hls_segment_new(span != NULL ? span : &rendition->span, rendition->pieces);
    rendition->open = false;
    g_array_set_size(rendition->pieces, 0);
    add_segment(window, cutter, rendition, segment);
}

static bool first_public(const HlsRendition *rendition, uint64_t *out_number)
{
    for (guint i = 0; i < rendition->segments->len; i++) {
        const HlsSegment *segment = rendition->segments->pdata[i];
        if (segment->span.open) {
            *out_number = segment->span.public_number;
            return true;
        }
    }
    *out_number = rendition->span.public_number;
    return rendition->open && rendition->span.open;
}

void hls_window_settle(HlsWindow *window, const HlsCutter *cutter)
{
    for (guint i = 0; i < window->renditions->len; i++) {
        HlsRendition *rendition = window->renditions->pdata[i];
        uint64_t number;
        if (first_public(rendition, &number)) {
            tell_gaps(rendition, cutter, number);
        }
    }
}
