// SPDX-License-Identifier: GPL-3.0-or-later
#include "hls/segment.h"

#include "base/clock.h"

#define KEPT_SLOTS 128
#define MAX_FILL_US (30 * BASE_US_PER_S) // a longer hole in time gets no numbers

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
        .slots = g_array_new(FALSE, FALSE, sizeof(HlsSlot)),
        .shown = g_array_new(FALSE, FALSE, sizeof(HlsSlot)),
        .next_number = config->first_sequence,
        .next_public = config->first_public,
        .first_public = config->first_public,
        .breaks[HLS_PUBLIC] = config->discontinuities,
    };
}

void hls_cutter_finish(HlsCutter *cutter)
{
    g_clear_pointer(&cutter->marks, g_array_unref);
    g_clear_pointer(&cutter->slots, g_array_unref);
    g_clear_pointer(&cutter->shown, g_array_unref);
}

static HlsSlot *slot_at(const HlsCutter *cutter, guint i)
{
    return &g_array_index(cutter->slots, HlsSlot, i);
}

static HlsSlot *newest(const HlsCutter *cutter)
{
    return cutter->slots->len > 0 ? slot_at(cutter, cutter->slots->len - 1) : NULL;
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

static int64_t last_boundary(const HlsCutter *cutter, int64_t pts_us)
{
    int64_t at = MAX(media_grid_floor(pts_us, cutter->segment_us), cutter->run_start_us);
    for (guint i = 0; i < cutter->marks->len && mark_at(cutter, i)->pts_us <= pts_us; i++) {
        at = MAX(at, mark_at(cutter, i)->pts_us);
    }
    return at;
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
    if (cutter->slots->len == 0) {
        // Only has to grow over restarts of the server, which forgets how many breaks staff saw.
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
    HlsSlot *slot = newest(cutter);
    if (cutter->run_begun && boundary.pts_us < slot->end_us) {
        slot->end_us = boundary.pts_us;
        if (slot->open) {
            g_array_index(cutter->shown, HlsSlot, cutter->shown->len - 1) = *slot;
        }
    }
    if (mark == MEDIA_MARK_END) {
        cutter->end_us = boundary.pts_us;
    }
    return boundary.pts_us;
}

static void set_break(HlsCutter *cutter, HlsSlot *slot, HlsAudience audience)
{
    cutter->breaks[audience] += !slot->breaks[audience];
    slot->breaks[audience] = true;
}

void hls_cutter_break(HlsCutter *cutter, int64_t from_us)
{
    HlsSlot *slot = cutter->run_begun ? newest(cutter) : NULL;
    if (slot == NULL || slot->start_us < from_us || slot->number < cutter->told) {
        cutter->broken = true;
        return;
    }
    set_break(cutter, slot, HLS_PRIVILEGED);
    if (slot->open) {
        set_break(cutter, slot, HLS_PUBLIC);
        g_array_index(cutter->shown, HlsSlot, cutter->shown->len - 1) = *slot;
    }
}

static bool follows(const HlsSlot *before, const HlsSlot *slot)
{
    return before->run == slot->run && before->end_us == slot->start_us;
}

static void append(HlsCutter *cutter, int64_t start_us)
{
    const HlsSlot *before = newest(cutter);
    HlsSlot slot = {
        .number = cutter->next_number++,
        .run = cutter->run,
        .start_us = start_us,
        .open = hls_cutter_open_at(cutter, start_us),
    };
    int64_t grid_us = media_grid_floor(start_us, cutter->segment_us) + cutter->segment_us;
    slot.end_us = MIN(grid_us, first_mark_after(cutter, start_us));
    bool follows_on = before != NULL && follows(before, &slot) && !cutter->broken;
    cutter->broken = false;
    slot.breaks[HLS_PRIVILEGED] = slot.number > 0 && !follows_on;
    if (slot.open) {
        slot.public_number = cutter->next_public++;
        slot.breaks[HLS_PUBLIC] = slot.public_number > 0 && !(follows_on && before->open);
    }
    for (unsigned i = 0; i < HLS_AUDIENCES; i++) {
        slot.breaks_before[i] = cutter->breaks[i];
        cutter->breaks[i] += slot.breaks[i];
    }
    if (cutter->slots->len >= 2 * KEPT_SLOTS) {
        g_array_remove_range(cutter->slots, 0, KEPT_SLOTS);
    }
    g_array_append_val(cutter->slots, slot);
    if (slot.open) {
        g_array_append_val(cutter->shown, slot);
    }
    cutter->run_begun = true;
}

static void make_up_to(HlsCutter *cutter, int64_t pts_us)
{
    if (!cutter->run_begun || pts_us - newest(cutter)->end_us > MAX_FILL_US) {
        append(cutter, last_boundary(cutter, pts_us));
    }
    while (newest(cutter)->end_us <= pts_us) {
        append(cutter, newest(cutter)->end_us);
    }
}

const HlsSlot *hls_cutter_slot(HlsCutter *cutter, int64_t pts_us)
{
    if (pts_us >= cutter->end_us || pts_us < cutter->run_start_us) {
        return NULL;
    }
    make_up_to(cutter, pts_us);
    cutter->newest_us = MAX(cutter->newest_us, pts_us);
    for (guint i = cutter->slots->len; i-- > 0 && slot_at(cutter, i)->run == cutter->run;) {
        if (pts_us >= slot_at(cutter, i)->start_us) {
            return pts_us < slot_at(cutter, i)->end_us ? slot_at(cutter, i) : NULL;
        }
    }
    return NULL;
}

const HlsSlot *hls_cutter_find(const HlsCutter *cutter, uint64_t number)
{
    for (guint i = cutter->slots->len; i-- > 0;) {
        if (slot_at(cutter, i)->number == number) {
            return slot_at(cutter, i);
        }
    }
    return NULL;
}

const HlsSlot *hls_cutter_shown(const HlsCutter *cutter, uint64_t public_number)
{
    uint64_t at = public_number - cutter->first_public;
    return public_number >= cutter->first_public && at < cutter->shown->len
               ? &g_array_index(cutter->shown, HlsSlot, at)
               : NULL;
}

const HlsSlot *hls_cutter_shown_at(const HlsCutter *cutter, int64_t us)
{
    guint low = 0, high = cutter->shown->len;
    while (low < high) { // the first that ends after it
        guint middle = low + (high - low) / 2;
        if (g_array_index(cutter->shown, HlsSlot, middle).end_us > us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    const HlsSlot *slot =
        low < cutter->shown->len ? &g_array_index(cutter->shown, HlsSlot, low) : NULL;
    return slot != NULL && slot->start_us <= us ? slot : NULL;
}
