// SPDX-License-Identifier: GPL-3.0-or-later
// Looks up the response to a request.
//
// Waiting: a playlist for its first whole segment, and for a blocking request of the near future; a
// part only if hinted. Never without a next part in sight (after END, at a closed gate for the
// public, between runs, when overdue): hls.js gives up after max(3 PART-TARGET, 0.8
// TARGETDURATION).
//
// Caching: media as long as the window. A playlist for _HLS_msn always contains it: one second, for
// caches before a crowd. A plain playlist never, or players join late.
#include "hls/snapshot-private.h"

#include "hls/request.h"

#include <string.h>

#define BLOCKING_AGE_S 1
#define DISK_AGE_S 300
#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"

void hls_response_clear(HlsResponse *response)
{
    g_clear_pointer(&response->lead, g_bytes_unref);
    g_clear_pointer(&response->body, g_bytes_unref);
    g_clear_pointer(&response->gzip_lead, g_bytes_unref);
    g_clear_pointer(&response->gzip, g_bytes_unref);
}

static HlsFound found_text(HlsResponse *out, const HlsText *text, unsigned max_age_s)
{
    *out = (HlsResponse){.body = g_bytes_ref(text->plain),
                         .gzip = text->gzip != NULL ? g_bytes_ref(text->gzip) : NULL,
                         .content_type = PLAYLIST_TYPE,
                         .max_age_s = max_age_s};
    return HLS_FOUND;
}

static HlsFound found_later(const HlsSnapshot *snapshot, HlsResponse *out)
{
    *out = (HlsResponse){.wait_s = snapshot->wait_s};
    return HLS_WAIT;
}

static const char *media_type(const HlsView *view)
{
    return view->media->info.kind == MEDIA_VIDEO ? "video/mp4" : "audio/mp4";
}

static HlsFound found_media(const HlsSnapshot *snapshot, const HlsView *view, GBytes *body,
                            HlsResponse *out)
{
    *out = (HlsResponse){.body = g_bytes_ref(body),
                         .content_type = media_type(view),
                         .max_age_s = snapshot->window_s};
    return HLS_FOUND;
}

static HlsFound find_on_disk(const HlsSnapshot *snapshot, const HlsView *view,
                             const HlsRequest *request, HlsResponse *out)
{
    bool init = request->type == HLS_REQUEST_INIT;
    const HlsKept *kept =
        init ? NULL : hls_pages_find(view->pages, request->run, request->sequence);
    if (init ? !hls_pages_has_run(view->pages, request->run) : kept == NULL) {
        return HLS_NOT_FOUND;
    }
    *out = (HlsResponse){.content_type = media_type(view),
                         .max_age_s = MAX(snapshot->window_s, DISK_AGE_S)};
    out->disk = (HlsDisk){.run = request->run,
                          .init = init,
                          .sequence = request->sequence,
                          .bytes = kept != NULL ? kept->bytes : 0};
    memcpy(out->disk.key, view->key, sizeof out->disk.key);
    return HLS_ON_DISK;
}

static const HlsView *find_view(const HlsSnapshot *snapshot, const char *key)
{
    for (unsigned i = 0; i < snapshot->count; i++) {
        if (strcmp(snapshot->views[i].key, key) == 0) {
            return &snapshot->views[i];
        }
    }
    return NULL;
}

/* 6.2.5.2. A part past the last means the next segment's. */
static bool list_has(const HlsList *list, const HlsDirectives *wanted)
{
    if (wanted->msn != list->last_msn) {
        return wanted->msn < list->last_msn;
    }
    return wanted->has_part ? wanted->part < list->last_parts : list->last_complete;
}

static bool too_far(const HlsSnapshot *snapshot, const HlsList *list, const HlsDirectives *wanted)
{
    if (list->text.plain == NULL) {
        return false; // its first number is unknown
    }
    uint64_t parts_ahead = snapshot->advance_parts;
    if (wanted->msn == list->last_msn && !list->last_complete) {
        parts_ahead += list->last_parts;
    }
    return wanted->msn > list->last_msn + 2 ||
           (wanted->has_part && wanted->part >= parts_ahead && wanted->msn >= list->last_msn);
}

static HlsFound get_list(const HlsSnapshot *snapshot, const HlsList *list, const HlsView *view,
                         bool hint, const char *query, HlsResponse *out)
{
    HlsDirectives wanted;
    if (hls_directives_parse(query, &wanted) < 0) {
        return HLS_BAD;
    }
    if (list->text.plain == NULL) {
        return snapshot->ended || !view->active ? HLS_NOT_FOUND : found_later(snapshot, out);
    }
    if (wanted.has_msn && !snapshot->ended && !list_has(list, &wanted)) {
        if (too_far(snapshot, list, &wanted)) {
            return HLS_BAD;
        }
        if (hint && !snapshot->stalled) {
            return found_later(snapshot, out);
        }
    }
    unsigned age_s = wanted.has_msn ? BLOCKING_AGE_S : 0;
    if (wanted.skip && list->delta.plain != NULL) {
        return found_text(out, &list->delta, age_s);
    }
    found_text(out, &list->text, age_s);
    if (list == &view->event) {
        out->lead = g_bytes_ref(view->pages->text);
        out->gzip_lead = g_bytes_ref(view->pages->gzip);
    }
    return HLS_FOUND;
}

static bool run_seen_by(const HlsView *view, HlsAudience audience, uint32_t run)
{
    for (guint i = view->segments->len; i-- > 0;) {
        const HlsSegment *segment = view->segments->pdata[i];
        if (segment->span.run == run && hls_segment_seen_by(segment, audience)) {
            return true;
        }
    }
    return audience == HLS_PRIVILEGED;
}

static HlsFound get_init(const HlsSnapshot *snapshot, HlsAudience audience, const HlsView *view,
                         const HlsRequest *request, HlsResponse *out)
{
    for (guint i = 0; i < view->inits->len; i++) {
        const HlsInit *init = &g_array_index(view->inits, HlsInit, i);
        if (init->run == request->run && run_seen_by(view, audience, init->run)) {
            return found_media(snapshot, view, init->bytes, out);
        }
    }
    return find_on_disk(snapshot, view, request, out);
}

static const HlsSegment *find_segment(const HlsView *view, HlsAudience audience,
                                      const HlsRequest *request)
{
    for (guint i = view->segments->len; i-- > 0;) {
        const HlsSegment *segment = view->segments->pdata[i];
        if (segment->span.number == request->sequence) {
            bool match = segment->span.run == request->run && !segment->gap;
            return match && hls_segment_seen_by(segment, audience) ? segment : NULL;
        }
    }
    return NULL;
}

static bool hinted(const HlsView *view, HlsAudience audience, const HlsRequest *request)
{
    return view->hint[audience] && request->run == view->hint_run &&
           request->sequence == view->hint_sequence && request->part == view->hint_part;
}

static HlsFound get_media(const HlsSnapshot *snapshot, HlsAudience audience, const HlsView *view,
                          const HlsRequest *request, HlsResponse *out)
{
    const HlsSegment *segment = find_segment(view, audience, request);
    if (request->type == HLS_REQUEST_SEGMENT) {
        if (segment == NULL) {
            return find_on_disk(snapshot, view, request, out);
        }
        return segment->complete ? found_media(snapshot, view, segment->body, out)
                                 : found_later(snapshot, out);
    }
    if (segment != NULL && request->part < segment->count) {
        return found_media(snapshot, view, segment->pieces[request->part].bytes, out);
    }
    return hinted(view, audience, request) ? found_later(snapshot, out) : HLS_NOT_FOUND;
}

static HlsFound get_main(const HlsSnapshot *snapshot, const HlsText *text, HlsResponse *out)
{
    if (text->plain == NULL) {
        return snapshot->ended ? HLS_NOT_FOUND : found_later(snapshot, out);
    }
    return found_text(out, text, 0);
}

HlsFound hls_snapshot_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                          const char *query, HlsResponse *out)
{
    HlsRequest request;
    if (hls_request_parse(path, &request) < 0) {
        return HLS_NOT_FOUND;
    }
    if (request.type == HLS_REQUEST_MAIN || request.type == HLS_REQUEST_EVENT_MAIN) {
        bool event = request.type == HLS_REQUEST_EVENT_MAIN;
        return get_main(snapshot, event ? &snapshot->event_main : &snapshot->main, out);
    }
    const HlsView *view = find_view(snapshot, request.key);
    if (view == NULL) {
        // any name may become a track
        bool list = request.type == HLS_REQUEST_LIST || request.type == HLS_REQUEST_EVENT;
        bool soon = list && snapshot->main.plain == NULL && !snapshot->ended;
        return soon ? found_later(snapshot, out) : HLS_NOT_FOUND;
    }
    switch (request.type) {
    case HLS_REQUEST_LIST:
        return get_list(snapshot, &view->lists[audience], view, view->hint[audience], query, out);
    case HLS_REQUEST_EVENT:
        return get_list(snapshot, &view->event, view, view->hint[HLS_PUBLIC], query, out);
    case HLS_REQUEST_INIT:
        return get_init(snapshot, audience, view, &request, out);
    default:
        return get_media(snapshot, audience, view, &request, out);
    }
}
