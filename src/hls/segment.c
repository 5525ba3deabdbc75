// SPDX-License-Identifier: GPL-3.0-or-later
// Decides where parts and segments end, alike for all tracks.
#include "hls/segment.h"

#include "base/clock.h"

#define KEPT_SPANS 128
#define MAX_FILL_US (30 * BASE_US_PER_S) // a longer hole gets no numbers

typedef struct {
    int64_t pts_us;
    MediaMark mark;
} HlsBoundary;

void hls_cutter_init(HlsCutter *cutter, const HlsConfig *config)
{
    g_assert(config->part_ms > 0 && config->segment_ms % config->part_ms == 0);
    *cutter = (HlsCutter){
        .part_us = config->part_ms * BASE_US_PER_MS,
        .segment_us = config->segment_ms * BASE_US_PER_MS,
        .end_us = INT64_MAX,
        .marks = g_array_new(FALSE, FALSE, sizeof(HlsBoundary)),
        .spans = g_array_new(FALSE, FALSE, sizeof(HlsSegmentSpan)),
        .shown = g_array_new(FALSE, FALSE, sizeof(HlsSegmentSpan)),
        .next_number = config->first_sequence,
        .next_public = config->first_public,
        .first_public = config->first_public,
        .breaks[HLS_PUBLIC] = config->discontinuities,
    };
}

void hls_cutter_finish(HlsCutter *cutter)
{
    g_clear_pointer(&cutter->marks, g_array_unref);
    g_clear_pointer(&cutter->spans, g_array_unref);
    g_clear_pointer(&cutter->shown, g_array_unref);
}

static HlsSegmentSpan *span_at(const HlsCutter *cutter, guint i)
{
    return &g_array_index(cutter->spans, HlsSegmentSpan, i);
}

static HlsSegmentSpan *newest(const HlsCutter *cutter)
{
    return cutter->spans->len > 0 ? span_at(cutter, cutter->spans->len - 1) : NULL;
}

static HlsBoundary *mark_at(const HlsCutter *cutter, guint i)
{
    return &g_array_index(cutter->marks, HlsBoundary, i);
}

static int64_t first_mark_after(const HlsCutter *cutter, int64_t pts_us)
{
    for (guint i = 0; i < cutter->marks->len; i++) {
        if (mark_at(cutter, i)->pts_us > pts_us) {
            return mark_at(cutter, i)->pts_us;
        }
    }
    return INT64_MAX;
}

int64_t hls_cutter_gate_since(const HlsCutter *cutter, int64_t pts_us)
{
    int64_t at = cutter->run_start_us;
    for (guint i = 0; i < cutter->marks->len && mark_at(cutter, i)->pts_us <= pts_us; i++) {
        at = MAX(at, mark_at(cutter, i)->pts_us);
    }
    return at;
}

int64_t hls_cutter_boundary(const HlsCutter *cutter, int64_t pts_us)
{
    return MAX(media_grid_floor(pts_us, cutter->segment_us), hls_cutter_gate_since(cutter, pts_us));
}

int64_t hls_cutter_part_end(const HlsCutter *cutter, int64_t pts_us)
{
    int64_t grid = media_grid_floor(pts_us, cutter->part_us) + cutter->part_us;
    return MIN(grid, first_mark_after(cutter, pts_us));
}

bool hls_cutter_open_at(const HlsCutter *cutter, int64_t pts_us)
{
    bool open = cutter->run_open;
    for (guint i = 0; i < cutter->marks->len && mark_at(cutter, i)->pts_us <= pts_us; i++) {
        open = mark_at(cutter, i)->mark == MEDIA_MARK_OPEN;
    }
    return open;
}

void hls_cutter_run(HlsCutter *cutter, uint32_t run, int64_t start_us, bool open)
{
    if (cutter->spans->len == 0) {
        // Grows over restarts, which forget the privileged breaks.
        cutter->breaks[HLS_PRIVILEGED] = run;
    }
    cutter->run = run;
    cutter->run_start_us = start_us;
    cutter->run_open = open;
    cutter->run_begun = false;
    cutter->newest_us = start_us - 1;
    cutter->end_us = INT64_MAX;
    g_array_set_size(cutter->marks, 0);
}

void hls_cutter_start(HlsCutter *cutter, int64_t start_us)
{
    g_assert(!cutter->run_begun);
    cutter->run_start_us = MAX(cutter->run_start_us, start_us);
}

int64_t hls_cutter_mark(HlsCutter *cutter, MediaMark mark, int64_t pts_us)
{
    int64_t oldest_us =
        cutter->marks->len > 0 ? mark_at(cutter, cutter->marks->len - 1)->pts_us : 0;
    HlsBoundary boundary = {.mark = mark, .pts_us = MAX(pts_us, oldest_us)};
    if (cutter->run_begun) {
        boundary.pts_us = MAX(boundary.pts_us, cutter->newest_us + 1);
    }
    g_array_append_val(cutter->marks, boundary);
    HlsSegmentSpan *span = newest(cutter);
    if (cutter->run_begun && boundary.pts_us < span->end_us) {
        span->end_us = boundary.pts_us;
        if (span->open) {
            g_array_index(cutter->shown, HlsSegmentSpan, cutter->shown->len - 1) = *span;
        }
    }
    if (mark == MEDIA_MARK_END) {
        cutter->end_us = boundary.pts_us;
    }
    return boundary.pts_us;
}

static void set_break(HlsCutter *cutter, HlsSegmentSpan *span, HlsAudience audience)
{
    cutter->breaks[audience] += !span->breaks[audience];
    span->breaks[audience] = true;
}

void hls_cutter_break(HlsCutter *cutter, int64_t from_us)
{
    HlsSegmentSpan *span = cutter->run_begun ? newest(cutter) : NULL;
    if (span == NULL || span->start_us < from_us || span->number < cutter->told) {
        cutter->broken = true;
        return;
    }
    set_break(cutter, span, HLS_PRIVILEGED);
    if (span->open) {
        set_break(cutter, span, HLS_PUBLIC);
        g_array_index(cutter->shown, HlsSegmentSpan, cutter->shown->len - 1) = *span;
    }
}

static bool follows(const HlsSegmentSpan *before, const HlsSegmentSpan *span)
{
    return before->run == span->run && before->end_us == span->start_us;
}

static void append(HlsCutter *cutter, int64_t start_us)
{
    const HlsSegmentSpan *before = newest(cutter);
    HlsSegmentSpan span = {
        .number = cutter->next_number++,
        .run = cutter->run,
        .start_us = start_us,
        .open = hls_cutter_open_at(cutter, start_us),
    };
    int64_t grid_us = media_grid_floor(start_us, cutter->segment_us) + cutter->segment_us;
    span.end_us = MIN(grid_us, first_mark_after(cutter, start_us));
    bool follows_on = before != NULL && follows(before, &span) && !cutter->broken;
    cutter->broken = false;
    span.breaks[HLS_PRIVILEGED] = span.number > 0 && !follows_on;
    if (span.open) {
        span.public_number = cutter->next_public++;
        span.breaks[HLS_PUBLIC] = span.public_number > 0 && !(follows_on && before->open);
    }
    for (unsigned i = 0; i < HLS_AUDIENCES; i++) {
        span.breaks_before[i] = cutter->breaks[i];
        cutter->breaks[i] += span.breaks[i];
    }
    if (cutter->spans->len >= 2 * KEPT_SPANS) {
        g_array_remove_range(cutter->spans, 0, KEPT_SPANS);
    }
    g_array_append_val(cutter->spans, span);
    if (span.open) {
        g_array_append_val(cutter->shown, span);
    }
    cutter->run_begun = true;
}

static void make_up_to(HlsCutter *cutter, int64_t pts_us)
{
    if (!cutter->run_begun || pts_us - newest(cutter)->end_us > MAX_FILL_US) {
        append(cutter, hls_cutter_boundary(cutter, pts_us));
    }
    while (newest(cutter)->end_us <= pts_us) {
        append(cutter, newest(cutter)->end_us);
    }
}

const HlsSegmentSpan *hls_cutter_span(HlsCutter *cutter, int64_t pts_us)
{
    if (pts_us >= cutter->end_us || pts_us < cutter->run_start_us) {
        return NULL;
    }
    make_up_to(cutter, pts_us);
    cutter->newest_us = MAX(cutter->newest_us, pts_us);
    for (guint i = cutter->spans->len; i-- > 0 && span_at(cutter, i)->run == cutter->run;) {
        if (pts_us >= span_at(cutter, i)->start_us) {
            return pts_us < span_at(cutter, i)->end_us ? span_at(cutter, i) : NULL;
        }
    }
    return NULL;
}

const HlsSegmentSpan *hls_cutter_find(const HlsCutter *cutter, uint64_t number)
{
    for (guint i = cutter->spans->len; i-- > 0;) {
        if (span_at(cutter, i)->number == number) {
            return span_at(cutter, i);
        }
    }
    return NULL;
}

const HlsSegmentSpan *hls_cutter_shown(const HlsCutter *cutter, uint64_t public_number)
{
    uint64_t at = public_number - cutter->first_public;
    return public_number >= cutter->first_public && at < cutter->shown->len
               ? &g_array_index(cutter->shown, HlsSegmentSpan, at)
               : NULL;
}

const HlsSegmentSpan *hls_cutter_shown_at(const HlsCutter *cutter, int64_t us)
{
    guint low = 0, high = cutter->shown->len;
    while (low < high) { // finds the first that ends after it
        guint middle = low + (high - low) / 2;
        if (g_array_index(cutter->shown, HlsSegmentSpan, middle).end_us > us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    const HlsSegmentSpan *span =
        low < cutter->shown->len ? &g_array_index(cutter->shown, HlsSegmentSpan, low) : NULL;
    return span != NULL && span->start_us <= us ? span : NULL;
}
