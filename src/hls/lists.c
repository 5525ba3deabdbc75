// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the playlists of a snapshot.
//
// EVENT lists the public segments in memory after the history's shared text. Only public playlists
// are compressed.
#include "hls/snapshot-private.h"

#include "hls/playlist.h"

#include "base/clock.h"

#include <string.h>

#define AAC_FRAME 1024

/* Borrowed. */
static GPtrArray *public_segments(const HlsView *view)
{
    GPtrArray *segments = g_ptr_array_new();
    for (guint i = 0; i < view->segments->len; i++) {
        HlsSegment *segment = view->segments->pdata[i];
        if (segment->span.open) {
            g_ptr_array_add(segments, segment);
        }
    }
    return segments;
}

/* Borrowed. By span lengths: all tracks drop the same segments. */
static GPtrArray *listed_segments(const HlsView *view, HlsAudience audience,
                                  const HlsWindow *window)
{
    GPtrArray *segments = g_ptr_array_new();
    int64_t after_us = 0;
    for (guint i = view->segments->len; i-- > 0 && hls_window_lists(window, after_us);) {
        HlsSegment *segment = view->segments->pdata[i];
        if (!hls_segment_seen_by(segment, audience)) {
            continue;
        }
        g_ptr_array_insert(segments, 0, segment);
        after_us += segment->complete ? segment->span.end_us - segment->span.start_us : 0;
    }
    return segments;
}

static unsigned add_reports(const HlsSnapshot *snapshot, const HlsView *self, HlsAudience audience,
                            HlsReport reports[])
{
    unsigned count = 0;
    for (unsigned i = 0; i < snapshot->count; i++) {
        const HlsView *other = &snapshot->views[i];
        const HlsList *list = &other->lists[audience];
        if (other != self && other->active && list->any && list->last_parts > 0) {
            reports[count++] = (HlsReport){
                .key = other->key, .last_msn = list->last_msn, .last_part = list->last_parts - 1};
        }
    }
    return count;
}

/* The last AAC frame may start before the boundary. */
static int64_t part_target_us(const HlsConfig *config, const MediaTrack *media)
{
    int64_t part_us = config->part_ms * BASE_US_PER_MS;
    if (media->info.kind == MEDIA_VIDEO) {
        return part_us;
    }
    int64_t scale = BASE_US_PER_S * AAC_FRAME;
    int64_t frames = (part_us * media->info.sample_rate + scale - 1) / scale;
    return (frames * scale + media->info.sample_rate - 1) / media->info.sample_rate;
}

/* Audio exceeds segment_ms by up to a frame (4.4.3.1). */
static unsigned target_s(const HlsConfig *config)
{
    return MAX((config->segment_ms + 25 + 500) / 1000, 1);
}

/* Three times the longest PART-TARGET (4.4.3.8). */
static int64_t hold_back_us(const HlsConfig *config, const HlsSnapshot *snapshot)
{
    int64_t hold_us = config->part_ms * BASE_US_PER_MS * 16 / 5;
    for (unsigned i = 0; i < snapshot->count; i++) {
        hold_us = MAX(hold_us, 3 * part_target_us(config, snapshot->views[i].media));
    }
    return hold_us;
}

static HlsText take_text(char *text)
{
    return (HlsText){.plain = text != NULL ? g_bytes_new_take(text, strlen(text)) : NULL};
}

static void compress_list(const HlsScene *scene, HlsText *text, const HlsGzipLead *lead)
{
    if (text->plain != NULL) {
        text->gzip = hls_gzip_end(scene->gzip, lead, text->plain);
    }
}

static HlsPlaylist common_playlist(const HlsSnapshot *snapshot, const HlsView *view,
                                   HlsAudience audience, const HlsScene *scene,
                                   const GPtrArray *segments, HlsReport reports[])
{
    return (HlsPlaylist){
        .key = view->key,
        .audience = audience,
        .segments = (HlsSegment *const *)segments->pdata,
        .count = segments->len,
        .target_s = target_s(scene->config),
        .part_target_us = part_target_us(scene->config, view->media),
        .hold_back_us = hold_back_us(scene->config, snapshot),
        .epoch_wall_us = scene->config->epoch_wall_us,
        .ended = scene->ended,
        .hint = view->hint[audience],
        .hint_run = view->hint_run,
        .hint_sequence = view->hint_sequence,
        .hint_part = view->hint_part,
        .reports = reports,
        .report_count = add_reports(snapshot, view, audience, reports),
    };
}

static bool any_complete(const GPtrArray *segments)
{
    return segments->len > 0 && ((const HlsSegment *)segments->pdata[0])->complete;
}

static void write_list(HlsSnapshot *snapshot, HlsView *view, HlsAudience audience,
                       const HlsScene *scene)
{
    g_autoptr(GPtrArray) segments = listed_segments(view, audience, scene->window);
    g_autofree HlsReport *reports = g_new(HlsReport, snapshot->count);
    HlsList *list = &view->lists[audience];
    if (!any_complete(segments)) {
        return;
    }
    HlsPlaylist playlist = common_playlist(snapshot, view, audience, scene, segments, reports);
    g_autofree char *markers = hls_markers_listed(scene->markers, &playlist);
    playlist.markers = markers;
    list->text = take_text(hls_playlist_text(&playlist));
    list->delta = take_text(scene->whole ? NULL : hls_playlist_delta(&playlist));
    if (audience == HLS_PUBLIC) {
        compress_list(scene, &list->text, NULL);
        compress_list(scene, &list->delta, NULL);
    }
}

/* Earlier runs may have longer segments. */
unsigned hls_lists_event_target_s(const HlsConfig *config)
{
    int64_t longest_us = hls_past_longest_us(config);
    return MAX(target_s(config), (unsigned)((longest_us + BASE_US_PER_S / 2) / BASE_US_PER_S));
}

static void write_event(HlsSnapshot *snapshot, HlsView *view, HlsHistory *history,
                        const char *markers, const HlsScene *scene)
{
    g_autoptr(GPtrArray) segments = public_segments(view);
    g_autofree HlsReport *reports = g_new(HlsReport, snapshot->count);
    HlsPlaylist playlist = common_playlist(snapshot, view, HLS_PUBLIC, scene, segments, reports);
    playlist.event = true;
    playlist.target_s = hls_lists_event_target_s(scene->config);
    playlist.first_msn = hls_history_first(history);
    playlist.markers = markers;
    g_autofree char *head = hls_playlist_head(&playlist);
    view->pages = hls_history_share(history, head);
    playlist.before = view->pages->count;
    playlist.before_map_run = view->pages->map_run;
    if (hls_history_empty(history) && !any_complete(segments)) {
        return; // the pages still serve from disk
    }
    view->event.text = take_text(hls_playlist_text(&playlist));
    view->event.delta = take_text(scene->whole ? NULL : hls_playlist_delta(&playlist));
    compress_list(scene, &view->event.text, &view->pages->gzip_lead);
    compress_list(scene, &view->event.delta, NULL);
}

void hls_lists_write(HlsSnapshot *snapshot, HlsView *view, HlsHistory *history, const char *markers,
                     const HlsScene *scene)
{
    for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
        write_list(snapshot, view, audience, scene);
    }
    write_event(snapshot, view, history, markers, scene);
}

HlsText hls_lists_main(const HlsScene *scene, bool event)
{
    const HlsWindow *window = scene->window;
    g_autofree HlsVariant *variants = g_new0(HlsVariant, window->renditions->len);
    unsigned count = 0;
    for (guint i = 0; i < window->renditions->len; i++) {
        const HlsRendition *rendition = window->renditions->pdata[i];
        if (rendition->active) {
            variants[count++] = (HlsVariant){
                .media = rendition->media,
                .key = rendition->key,
                .peak_bits = rendition->peak_bits,
                .average_bits = rendition->measured_us > 0 ? rendition->bits * BASE_US_PER_S /
                                                                 (uint64_t)rendition->measured_us
                                                           : 0,
            };
        }
    }
    return take_text(count > 0 ? hls_playlist_main(variants, count, event) : NULL);
}
