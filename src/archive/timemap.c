// SPDX-License-Identifier: GPL-3.0-or-later
// Maps timeline and published time, as publish/packets.c does.
#include "archive/timemap.h"

#include "archive/files.h"
#include "base/clock.h"

/* Marks come after a question begins. */
#define CHAPTER_LEAD_US (3 * BASE_US_PER_S)
/* precision of marks and cuts */
#define EDGE_US (40 * BASE_US_PER_MS)

/* --- Making ----------------------------------------------------------------------------------- */

static const ArchiveStretch *stretch_at(const ArchiveTimemap *timemap, guint i)
{
    return &g_array_index(timemap->stretches, ArchiveStretch, i);
}

/* Of [from, to); public at `from`. A close may be a frame early. */
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

static const char *gap_reason(const ArchivePublicSegment *before, const ArchivePublicSegment *entry)
{
    bool follows = before->whole && before->sequence + 1 == entry->sequence;
    return before->run != entry->run ? "restart" : follows ? "capture" : "disk";
}

static void add_gap(ArchiveTimemap *timemap, const ArchiveCatalogue *catalogue, guint entry_index)
{
    const ArchivePublicSegment *before =
        &g_array_index(catalogue->public_segments, ArchivePublicSegment, entry_index - 1);
    const ArchivePublicSegment *entry =
        &g_array_index(catalogue->public_segments, ArchivePublicSegment, entry_index);
    ArchiveGap gap = {.place_us = timemap->total_us,
                      .lost_us = open_between(catalogue, before->end_us, entry->start_us),
                      .why = gap_reason(before, entry)};
    if (gap.lost_us >= EDGE_US) {
        g_array_append_val(timemap->gaps, gap);
    }
}

ArchiveTimemap *archive_timemap_of(const ArchiveCatalogue *catalogue)
{
    ArchiveTimemap *timemap = g_new0(ArchiveTimemap, 1);
    timemap->stretches = g_array_new(FALSE, FALSE, sizeof(ArchiveStretch));
    timemap->edges = g_array_new(FALSE, FALSE, sizeof(int64_t));
    timemap->gaps = g_array_new(FALSE, FALSE, sizeof(ArchiveGap));
    for (guint i = 0; i < catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry =
            &g_array_index(catalogue->public_segments, ArchivePublicSegment, i);
        g_array_append_val(timemap->edges, entry->start_us);
        if (i == 0 || entry->discontinuity) {
            if (i > 0) {
                add_gap(timemap, catalogue, i);
            }
            ArchiveStretch stretch = {.start_us = entry->start_us, .at_us = timemap->total_us};
            g_array_append_val(timemap->stretches, stretch);
        }
        ArchiveStretch *stretch =
            &g_array_index(timemap->stretches, ArchiveStretch, timemap->stretches->len - 1);
        stretch->end_us = entry->end_us;
        timemap->total_us = stretch->at_us + stretch->end_us - stretch->start_us;
    }
    return timemap;
}

ArchiveTimemap *archive_timemap_new(const char *directory, const char *id, GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    g_autoptr(ArchiveCatalogue) catalogue =
        folder != NULL ? archive_catalogue_load(folder, true, error) : NULL;
    return catalogue != NULL ? archive_timemap_of(catalogue) : NULL;
}

void archive_timemap_free(ArchiveTimemap *timemap)
{
    if (timemap != NULL) {
        g_array_unref(timemap->stretches);
        g_array_unref(timemap->edges);
        g_array_unref(timemap->gaps);
        g_free(timemap);
    }
}

/* --- Look-up ---------------------------------------------------------------------------------- */

const ArchiveStretch *archive_timemap_stretches(const ArchiveTimemap *timemap, unsigned *out_count)
{
    *out_count = timemap->stretches->len;
    return (const ArchiveStretch *)(const void *)timemap->stretches->data;
}

const ArchiveGap *archive_timemap_gaps(const ArchiveTimemap *timemap, unsigned *out_count)
{
    *out_count = timemap->gaps->len;
    return (const ArchiveGap *)(const void *)timemap->gaps->data;
}

/* Nullable. */
static const ArchiveStretch *stretch_after(const ArchiveTimemap *timemap, int64_t media_us)
{
    for (guint i = 0; i < timemap->stretches->len; i++) {
        if (media_us < stretch_at(timemap, i)->end_us) {
            return stretch_at(timemap, i);
        }
    }
    return NULL;
}

int64_t archive_timemap_at_us(const ArchiveTimemap *timemap, int64_t media_us)
{
    const ArchiveStretch *stretch = stretch_after(timemap, media_us);
    return stretch != NULL && media_us >= stretch->start_us
               ? stretch->at_us + media_us - stretch->start_us
               : -1;
}

/* --- Chapters --------------------------------------------------------------------------------- */

typedef struct {
    int64_t media_us;
    unsigned index;
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

static guint edge_before(const ArchiveTimemap *timemap, int64_t media_us)
{
    guint low = 0;
    guint high = timemap->edges->len;
    while (high - low > 1) {
        guint middle = (low + high) / 2;
        if (g_array_index(timemap->edges, int64_t, middle) <= media_us) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* At most half a segment off. */
static guint edge_near(const ArchiveTimemap *timemap, int64_t media_us, int64_t limit_us)
{
    guint before = edge_before(timemap, media_us);
    if (before + 1 == timemap->edges->len) {
        return before;
    }
    int64_t before_us = g_array_index(timemap->edges, int64_t, before);
    int64_t after_us = g_array_index(timemap->edges, int64_t, before + 1);
    return after_us <= limit_us && after_us - media_us < media_us - before_us ? before + 1 : before;
}

/* `taken`: by the previous chapter. -1: none. */
static int64_t choose_edge(const ArchiveTimemap *timemap, int64_t media_us, int64_t taken)
{
    const ArchiveStretch *stretch = stretch_after(timemap, media_us);
    if (stretch == NULL || media_us < stretch_at(timemap, 0)->start_us - CHAPTER_LEAD_US) {
        return -1;
    }
    // A pause counts as its end; the lead crosses no break.
    int64_t moment_us = MAX(media_us, stretch->start_us);
    int64_t edge =
        edge_near(timemap, MAX(moment_us - CHAPTER_LEAD_US, stretch->start_us), moment_us);
    if (edge > taken) {
        return edge;
    }
    int64_t next = taken + 1;
    bool fits = next < timemap->edges->len &&
                g_array_index(timemap->edges, int64_t, (guint)next) <= moment_us;
    return fits ? next : taken;
}

void archive_timemap_chapters(const ArchiveTimemap *timemap, const int64_t *media_us,
                              unsigned count, int64_t *out_place_us)
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
        int64_t edge = choose_edge(timemap, moments[i].media_us, taken);
        taken = MAX(taken, edge);
        out_place_us[moments[i].index] =
            edge >= 0 ? archive_timemap_at_us(timemap,
                                              g_array_index(timemap->edges, int64_t, (guint)edge))
                      : -1;
    }
}
