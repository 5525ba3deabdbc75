// SPDX-License-Identifier: GPL-3.0-or-later
// Builds and frees snapshots.
#include "hls/snapshot-private.h"

static void clear_init(void *data)
{
    g_bytes_unref(((HlsInit *)data)->bytes);
}

static void clear_text(HlsText *text)
{
    g_clear_pointer(&text->plain, g_bytes_unref);
    g_clear_pointer(&text->gzip, g_bytes_unref);
}

static void clear_list(HlsList *list)
{
    clear_text(&list->text);
    clear_text(&list->delta);
}

static void clear_view(HlsView *view)
{
    media_track_unref(view->media);
    g_ptr_array_unref(view->segments);
    g_array_unref(view->inits);
    for (unsigned i = 0; i < HLS_AUDIENCES; i++) {
        clear_list(&view->lists[i]);
    }
    clear_list(&view->event);
    g_clear_pointer(&view->pages, hls_pages_unref);
}

HlsSnapshot *hls_snapshot_ref(HlsSnapshot *snapshot)
{
    base_refs_inc(&snapshot->refs);
    return snapshot;
}

void hls_snapshot_unref(HlsSnapshot *snapshot)
{
    if (!base_refs_dec(&snapshot->refs)) {
        return;
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        clear_view(&snapshot->views[i]);
    }
    clear_text(&snapshot->main);
    clear_text(&snapshot->event_main);
    g_free(snapshot);
}

int64_t hls_snapshot_edge_us(const HlsSnapshot *snapshot)
{
    return snapshot->edge_us;
}

static void set_hint(HlsView *view, const HlsRendition *rendition, const HlsScene *scene)
{
    if (!rendition->active || scene->ended || !rendition->any ||
        (!rendition->open && rendition->segments->len == 0)) {
        return;
    }
    const HlsSegment *last = rendition->segments->len > 0
                                 ? rendition->segments->pdata[rendition->segments->len - 1]
                                 : NULL;
    const HlsSegmentSpan *span = rendition->open ? &rendition->span : &last->span;
    if (span->run != scene->cutter->run) {
        return; // its first boundary is unknown
    }
    view->hint_run = span->run;
    view->hint_sequence = rendition->open ? span->number : span->number + 1;
    view->hint_part = rendition->open ? rendition->pieces->len : 0;
    bool over = !rendition->open && span->end_us >= scene->cutter->end_us;
    bool open = rendition->open ? span->open : hls_cutter_open_at(scene->cutter, span->end_us);
    view->hint[HLS_PRIVILEGED] = !over;
    view->hint[HLS_PUBLIC] = !over && open;
}

static void fill_view(HlsView *view, const HlsRendition *rendition, const HlsScene *scene)
{
    g_strlcpy(view->key, rendition->key, sizeof view->key);
    view->media = media_track_ref(rendition->media);
    view->active = rendition->active;
    view->segments =
        g_ptr_array_new_full(rendition->segments->len + 1, (GDestroyNotify)hls_segment_unref);
    for (guint i = 0; i < rendition->segments->len; i++) {
        g_ptr_array_add(view->segments, hls_segment_ref(rendition->segments->pdata[i]));
    }
    if (rendition->open) {
        g_ptr_array_add(view->segments, hls_segment_new(&rendition->span, rendition->pieces));
    }
    view->inits = g_array_new(FALSE, FALSE, sizeof(HlsInit));
    g_array_set_clear_func(view->inits, clear_init);
    for (guint i = 0; i < rendition->inits->len; i++) {
        HlsInit init = g_array_index(rendition->inits, HlsInit, i);
        g_bytes_ref(init.bytes);
        g_array_append_val(view->inits, init);
    }
    set_hint(view, rendition, scene);
}

static void note_newest(HlsView *view, HlsAudience audience)
{
    for (guint i = view->segments->len; i-- > 0;) {
        const HlsSegment *segment = view->segments->pdata[i];
        if (hls_segment_seen_by(segment, audience)) {
            HlsList *list = &view->lists[audience];
            list->any = true;
            list->last_msn = hls_playlist_msn(segment, audience);
            list->last_parts = segment->count;
            list->last_complete = segment->complete;
            return;
        }
    }
}

static void note_event(HlsView *view, const HlsHistory *history)
{
    const HlsList *list = &view->lists[HLS_PUBLIC];
    view->event = (HlsList){.any = list->any || !hls_history_empty(history),
                            .last_msn = hls_history_next(history) - 1,
                            .last_complete = true};
    if (list->any) {
        view->event.last_msn = list->last_msn;
        view->event.last_parts = list->last_parts;
        view->event.last_complete = list->last_complete;
    }
}

static HlsText share_text(const HlsText *text)
{
    return (HlsText){.plain = text->plain != NULL ? g_bytes_ref(text->plain) : NULL,
                     .gzip = text->gzip != NULL ? g_bytes_ref(text->gzip) : NULL};
}

static int64_t newest_end(const HlsView *view)
{
    for (guint i = view->segments->len; i-- > 0;) {
        const HlsSegment *segment = view->segments->pdata[i];
        if (!segment->gap) {
            return segment->end_us;
        }
    }
    return -1;
}

HlsSnapshot *hls_snapshot_new(const HlsScene *scene, const HlsSnapshot *before)
{
    const GPtrArray *renditions = scene->window->renditions;
    HlsSnapshot *snapshot = g_malloc0(sizeof *snapshot + renditions->len * sizeof(HlsView));
    base_refs_init(&snapshot->refs);
    snapshot->ended = scene->ended;
    snapshot->stalled = scene->stalled;
    snapshot->edge_us = -1;
    snapshot->window_s = scene->config->window_s;
    snapshot->advance_parts = scene->config->part_ms >= 1000
                                  ? 3
                                  : (3000 + scene->config->part_ms - 1) / scene->config->part_ms;
    snapshot->wait_s = 3 * hls_lists_event_target_s(scene->config);
    snapshot->count = renditions->len;
    for (unsigned i = 0; i < snapshot->count; i++) {
        fill_view(&snapshot->views[i], renditions->pdata[i], scene);
        snapshot->edge_us = MAX(snapshot->edge_us, newest_end(&snapshot->views[i]));
        for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
            note_newest(&snapshot->views[i], audience);
        }
        note_event(&snapshot->views[i], ((HlsRendition *)renditions->pdata[i])->history);
    }
    g_autofree char *event_markers =
        hls_markers_shown(scene->markers, scene->config, scene->cutter);
    for (unsigned i = 0; i < snapshot->count; i++) { // reports read all ends
        HlsRendition *rendition = renditions->pdata[i];
        hls_lists_write(snapshot, &snapshot->views[i], rendition->history, event_markers, scene);
    }
    if (scene->tracks_known) {
        snapshot->main = hls_lists_main(scene, false);
        snapshot->event_main = hls_lists_main(scene, true);
    } else if (before != NULL) {
        snapshot->main = share_text(&before->main);
        snapshot->event_main = share_text(&before->event_main);
    }
    return snapshot;
}
