// SPDX-License-Identifier: GPL-3.0-or-later
// From the session's timeline to the published recording and back. The same arithmetic places the
// packets of the files (remux.c), so a time told here is the time that a player shows, in the VOD
// playlists as in the files.
#include "archive/places.h"

#include "archive/files.h"
#include "base/clock.h"

/* What is asked about is marked when it has begun: a viewer who jumps there hears it from its
 * start. */
#define CHAPTER_LEAD_US (3 * BASE_US_PER_S)
/* A frame at 25 a second: less is the grain of marks and cuts. */
#define EDGE_US (40 * BASE_US_PER_MS)

/* --- Making ----------------------------------------------------------------------------------- */

static const ArchiveStretch *stretch_at(const ArchivePlaces *places, guint i)
{
    return &g_array_index(places->stretches, ArchiveStretch, i);
}

/* How much of [from, to) was for everybody, by the marks; it was at `from`. A close right there may
 * be up to a frame early. */
static int64_t open_between(const ArchiveCatalogue *catalogue, int64_t from_us, int64_t to_us)
{
    int64_t open_us = 0;
    int64_t since_us = from_us;
    bool open = true;
    for (guint i = 0; i < catalogue->marks->len; i++) {
        const ArchiveMark *mark = &g_array_index(catalogue->marks, ArchiveMark, i);
        if (mark->pts_us < from_us - EDGE_US || mark->pts_us >= to_us) {
            continue;
        }
        int64_t at_us = MAX(mark->pts_us, from_us);
        open_us += open ? at_us - since_us : 0;
        since_us = at_us;
        open = mark->mark == MEDIA_MARK_OPEN;
    }
    return open_us + (open ? to_us - since_us : 0);
}

static const char *gap_reason(const ArchiveSlot *before, const ArchiveSlot *slot)
{
    bool follows = before->whole && before->sequence + 1 == slot->sequence;
    return before->run != slot->run ? "restart" : follows ? "capture" : "disk";
}

static void add_gap(ArchivePlaces *places, const ArchiveCatalogue *catalogue, guint slot_index)
{
    const ArchiveSlot *before = &g_array_index(catalogue->slots, ArchiveSlot, slot_index - 1);
    const ArchiveSlot *slot = &g_array_index(catalogue->slots, ArchiveSlot, slot_index);
    ArchiveGap gap = {.place_us = places->total_us,
                      .lost_us = open_between(catalogue, before->end_us, slot->start_us),
                      .why = gap_reason(before, slot)};
    if (gap.lost_us >= EDGE_US) {
        g_array_append_val(places->gaps, gap);
    }
}

ArchivePlaces *archive_places_of(const ArchiveCatalogue *catalogue)
{
    ArchivePlaces *places = g_new0(ArchivePlaces, 1);
    places->stretches = g_array_new(FALSE, FALSE, sizeof(ArchiveStretch));
    places->edges = g_array_new(FALSE, FALSE, sizeof(int64_t));
    places->gaps = g_array_new(FALSE, FALSE, sizeof(ArchiveGap));
    for (guint i = 0; i < catalogue->slots->len; i++) {
        const ArchiveSlot *slot = &g_array_index(catalogue->slots, ArchiveSlot, i);
        g_array_append_val(places->edges, slot->start_us);
        if (i == 0 || slot->discontinuity) {
            if (i > 0) {
                add_gap(places, catalogue, i);
            }
            ArchiveStretch stretch = {.start_us = slot->start_us, .at_us = places->total_us};
            g_array_append_val(places->stretches, stretch);
        }
        ArchiveStretch *stretch =
            &g_array_index(places->stretches, ArchiveStretch, places->stretches->len - 1);
        stretch->end_us = slot->end_us;
        places->total_us = stretch->at_us + stretch->end_us - stretch->start_us;
    }
    return places;
}

ArchivePlaces *archive_places_new(const char *directory, const char *id, GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    g_autoptr(ArchiveCatalogue) catalogue =
        folder != NULL ? archive_catalogue_load(folder, true, error) : NULL;
    return catalogue != NULL ? archive_places_of(catalogue) : NULL;
}

void archive_places_free(ArchivePlaces *places)
{
    if (places != NULL) {
        g_array_unref(places->stretches);
        g_array_unref(places->edges);
        g_array_unref(places->gaps);
        g_free(places);
    }
}

/* --- Asking ----------------------------------------------------------------------------------- */

int64_t archive_places_total_us(const ArchivePlaces *places)
{
    return places->total_us;
}

const ArchiveStretch *archive_places_stretches(const ArchivePlaces *places, unsigned *out_count)
{
    *out_count = places->stretches->len;
    return (const ArchiveStretch *)(const void *)places->stretches->data;
}

const ArchiveGap *archive_places_gaps(const ArchivePlaces *places, unsigned *out_count)
{
    *out_count = places->gaps->len;
    return (const ArchiveGap *)(const void *)places->gaps->data;
}

/* The first stretch that ends after the time, or NULL. */
static const ArchiveStretch *stretch_after(const ArchivePlaces *places, int64_t media_us)
{
    for (guint i = 0; i < places->stretches->len; i++) {
        if (media_us < stretch_at(places, i)->end_us) {
            return stretch_at(places, i);
        }
    }
    return NULL;
}

int64_t archive_place_us(const ArchivePlaces *places, int64_t media_us)
{
    const ArchiveStretch *stretch = stretch_after(places, media_us);
    return stretch != NULL && media_us >= stretch->start_us
               ? stretch->at_us + media_us - stretch->start_us
               : -1;
}

int64_t archive_place_media_us(const ArchivePlaces *places, int64_t place_us)
{
    for (guint i = places->stretches->len; i-- > 0 && place_us >= 0;) {
        const ArchiveStretch *stretch = stretch_at(places, i);
        if (place_us >= stretch->at_us) {
            int64_t media_us = stretch->start_us + place_us - stretch->at_us;
            return media_us < stretch->end_us ? media_us : -1;
        }
    }
    return -1;
}

/* --- Chapters --------------------------------------------------------------------------------- */

typedef struct {
    int64_t media_us;
    unsigned index; // among those asked for
} Moment;

static int compare_moment(const void *a, const void *b)
{
    const Moment *x = a;
    const Moment *y = b;
    if (x->media_us != y->media_us) {
        return x->media_us < y->media_us ? -1 : 1;
    }
    return x->index < y->index ? -1 : x->index > y->index;
}

/* The last edge at or before the time, which is not before the first. */
static guint edge_before(const ArchivePlaces *places, int64_t media_us)
{
    guint low = 0;
    guint high = places->edges->len;
    while (high - low > 1) {
        guint middle = (low + high) / 2;
        if (g_array_index(places->edges, int64_t, middle) <= media_us) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The edge nearest to the time, and not past the limit: half a segment away at most, where the one
 * before could be a whole one. */
static guint edge_near(const ArchivePlaces *places, int64_t media_us, int64_t limit_us)
{
    guint before = edge_before(places, media_us);
    if (before + 1 == places->edges->len) {
        return before;
    }
    int64_t before_us = g_array_index(places->edges, int64_t, before);
    int64_t after_us = g_array_index(places->edges, int64_t, before + 1);
    return after_us <= limit_us && after_us - media_us < media_us - before_us ? before + 1 : before;
}

/* The edge for a moment, or -1 outside; `taken` is the one of the chapter before it, or -1. */
static int64_t choose_edge(const ArchivePlaces *places, int64_t media_us, int64_t taken)
{
    const ArchiveStretch *stretch = stretch_after(places, media_us);
    if (stretch == NULL || media_us < stretch_at(places, 0)->start_us - CHAPTER_LEAD_US) {
        return -1;
    }
    // What falls into a pause begins when it is over; a lead never reaches back over a break.
    int64_t moment_us = MAX(media_us, stretch->start_us);
    int64_t edge =
        edge_near(places, MAX(moment_us - CHAPTER_LEAD_US, stretch->start_us), moment_us);
    if (edge > taken) {
        return edge;
    }
    int64_t next = taken + 1;
    bool fits = next < places->edges->len &&
                g_array_index(places->edges, int64_t, (guint)next) <= moment_us;
    return fits ? next : taken;
}

void archive_place_chapters(const ArchivePlaces *places, const int64_t *media_us, unsigned count,
                            int64_t *out_place_us)
{
    if (count == 0) {
        return;
    }
    g_autofree Moment *moments = g_new(Moment, count);
    for (unsigned i = 0; i < count; i++) {
        moments[i] = (Moment){.media_us = media_us[i], .index = i};
    }
    qsort(moments, count, sizeof *moments, compare_moment);
    int64_t taken = -1;
    for (unsigned i = 0; i < count; i++) {
        int64_t edge = choose_edge(places, moments[i].media_us, taken);
        taken = MAX(taken, edge);
        out_place_us[moments[i].index] =
            edge >= 0 ? archive_place_us(places, g_array_index(places->edges, int64_t, (guint)edge))
                      : -1;
    }
}
