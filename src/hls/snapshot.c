// SPDX-License-Identifier: GPL-3.0-or-later
// What waits and what does not. A playlist waits while it has no whole segment (players take one
// with nothing but parts for empty, and hls.js may give it up for that), and while a blocking
// request asks for what comes soon. A part waits while it is the one that a preload hint names.
// Where no next part is in sight, nothing waits: after the END mark, for the public while the gate
// is closed, between two runs, and once parts are overdue. The list as it is answers then, and
// hls.js, which gives a blocking request up after max(3 PART-TARGET, 0.8 TARGETDURATION) and soon
// afterwards the stream, goes on by polling at its leisure.
//
// Cache times. Media never changes under its name: as long as the window. A playlist asked for by
// _HLS_msn holds what was asked for whenever it is read: one second lets a cache answer a crowd
// that asks for the same moment. A plain playlist must be new each time, or a player joins late.
//
// The EVENT playlist is the live one with a longer memory: what is in memory is written out as
// there, all older lines stand in a text that snapshots share (history.h), and the answer is the
// two pieces, which nobody joins. Numbers are the public ones, so it blocks and skips as the live
// one.
//
// gzip is made here, once a snapshot, for what a crowd asks for: the public playlists.
#include "hls/snapshot.h"

#include "hls/history.h"
#include "hls/playlist.h"
#include "hls/request.h"

#include "base/clock.h"

#include <string.h>

#define BLOCKING_AGE_S 1
#define DISK_AGE_S 300
#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"
#define AAC_FRAME 1024

typedef struct {
    GBytes *plain, *gzip; // nullable
} HlsText;

typedef struct {
    HlsText text, delta; // NULL: nothing to list; no delta is possible
    bool any;            // the audience sees a segment:
    uint64_t last_msn;   // the newest
    unsigned last_parts; // of it
    bool last_complete;
} HlsList;

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaTrack *media;
    bool active;
    GPtrArray *segments; // HlsSegment; the last may be incomplete
    GArray *inits;       // HlsInit
    bool hint[HLS_AUDIENCES];
    uint32_t hint_run;
    uint64_t hint_sequence;
    unsigned hint_part;
    HlsList lists[HLS_AUDIENCES];
    HlsList event;   // its text follows:
    HlsPages *pages; // nullable
} HlsView;

struct HlsSnapshot {
    BaseRefs refs;
    bool ended, stalled;
    int64_t edge_us;
    unsigned window_s;
    unsigned advance_parts; // RFC 8216bis 6.2.5.2: Advance Part Limit
    unsigned wait_s;        // three target durations
    HlsText main, event_main;
    unsigned count;
    HlsView views[];
};

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

/* --- Making ------------------------------------------------------------------------------------
 */

static void set_hint(HlsView *view, const HlsLane *lane, const HlsScene *scene)
{
    if (!lane->active || scene->ended || !lane->any || (!lane->open && lane->segments->len == 0)) {
        return;
    }
    const HlsSegment *last =
        lane->segments->len > 0 ? lane->segments->pdata[lane->segments->len - 1] : NULL;
    const HlsSlot *slot = lane->open ? &lane->slot : &last->slot;
    if (slot->run != scene->cutter->run) {
        return; // the new run's first boundary is not known yet
    }
    view->hint_run = slot->run;
    view->hint_sequence = lane->open ? slot->number : slot->number + 1;
    view->hint_part = lane->open ? lane->pieces->len : 0;
    bool over = !lane->open && slot->end_us >= scene->cutter->end_us;
    bool open = lane->open ? slot->open : hls_cutter_open_at(scene->cutter, slot->end_us);
    view->hint[HLS_PRIVILEGED] = !over;
    view->hint[HLS_PUBLIC] = !over && open;
}

static void fill_view(HlsView *view, const HlsLane *lane, const HlsScene *scene)
{
    g_strlcpy(view->key, lane->key, sizeof view->key);
    view->media = media_track_ref(lane->media);
    view->active = lane->active;
    view->segments =
        g_ptr_array_new_full(lane->segments->len + 1, (GDestroyNotify)hls_segment_unref);
    for (guint i = 0; i < lane->segments->len; i++) {
        g_ptr_array_add(view->segments, hls_segment_ref(lane->segments->pdata[i]));
    }
    if (lane->open) {
        g_ptr_array_add(view->segments, hls_segment_new(&lane->slot, lane->pieces));
    }
    view->inits = g_array_new(FALSE, FALSE, sizeof(HlsInit));
    g_array_set_clear_func(view->inits, clear_init);
    for (guint i = 0; i < lane->inits->len; i++) {
        HlsInit init = g_array_index(lane->inits, HlsInit, i);
        g_bytes_ref(init.bytes);
        g_array_append_val(view->inits, init);
    }
    set_hint(view, lane, scene);
}

/* The public segments in memory, oldest first, borrowed. */
static GPtrArray *shown(const HlsView *view)
{
    GPtrArray *segments = g_ptr_array_new();
    for (guint i = 0; i < view->segments->len; i++) {
        HlsSegment *segment = view->segments->pdata[i];
        if (segment->slot.open) {
            g_ptr_array_add(segments, segment);
        }
    }
    return segments;
}

/* The segments to list, oldest first, borrowed. Lengths are those of the slots, so all tracks drop
 * the same ones. */
static GPtrArray *listed(const HlsView *view, HlsAudience audience, const HlsWindow *window)
{
    GPtrArray *segments = g_ptr_array_new();
    int64_t after_us = 0;
    for (guint i = view->segments->len; i-- > 0 && hls_window_lists(window, after_us);) {
        HlsSegment *segment = view->segments->pdata[i];
        if (!hls_segment_seen_by(segment, audience)) {
            continue;
        }
        g_ptr_array_insert(segments, 0, segment); // some dozens
        after_us += segment->complete ? segment->slot.end_us - segment->slot.start_us : 0;
    }
    return segments;
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

/* AAC parts are whole frames: up to one that starts just before the boundary. */
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

/* The longest segment is segment_ms and, of sound, up to a frame more (4.4.3.1: rounded). */
static unsigned target_s(const HlsConfig *config)
{
    return MAX((config->segment_ms + 25 + 500) / 1000, 1);
}

/* At least three times the longest PART-TARGET of all playlists (4.4.3.8). */
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

static void compress(const HlsScene *scene, HlsText *text, const HlsGzipLead *lead)
{
    if (text->plain != NULL) {
        text->gzip = hls_gzip_end(scene->gzip, lead, text->plain);
    }
}

/* What the live and the EVENT playlist of a track have in common. */
static HlsPlaylist common(const HlsSnapshot *snapshot, const HlsView *view, HlsAudience audience,
                          const HlsScene *scene, const GPtrArray *segments, HlsReport reports[])
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
    g_autoptr(GPtrArray) segments = listed(view, audience, scene->window);
    g_autofree HlsReport *reports = g_new(HlsReport, snapshot->count);
    HlsList *list = &view->lists[audience];
    if (!any_complete(segments)) {
        return;
    }
    HlsPlaylist playlist = common(snapshot, view, audience, scene, segments, reports);
    g_autofree char *markers = hls_markers_listed(scene->markers, &playlist);
    playlist.markers = markers;
    list->text = take_text(hls_playlist_text(&playlist));
    list->delta = take_text(scene->whole ? NULL : hls_playlist_delta(&playlist));
    if (audience == HLS_PUBLIC) {
        compress(scene, &list->text, NULL);
        compress(scene, &list->delta, NULL);
    }
}

/* Earlier runs may have been cut longer than this one. */
static unsigned event_target_s(const HlsConfig *config)
{
    int64_t longest_us = hls_past_longest_us(config);
    return MAX(target_s(config), (unsigned)((longest_us + BASE_US_PER_S / 2) / BASE_US_PER_S));
}

static void write_event(HlsSnapshot *snapshot, HlsView *view, HlsHistory *history,
                        const char *markers, const HlsScene *scene)
{
    g_autoptr(GPtrArray) segments = shown(view);
    g_autofree HlsReport *reports = g_new(HlsReport, snapshot->count);
    HlsPlaylist playlist = common(snapshot, view, HLS_PUBLIC, scene, segments, reports);
    playlist.event = true;
    playlist.target_s = event_target_s(scene->config);
    playlist.first_msn = hls_history_first(history);
    playlist.markers = markers;
    g_autofree char *head = hls_playlist_head(&playlist);
    view->pages = hls_history_share(history, head);
    playlist.before = view->pages->count;
    playlist.before_map_run = view->pages->map_run;
    if (hls_history_empty(history) && !any_complete(segments)) {
        return; // pages are there for what is on disk
    }
    view->event.text = take_text(hls_playlist_text(&playlist));
    view->event.delta = take_text(scene->whole ? NULL : hls_playlist_delta(&playlist));
    compress(scene, &view->event.text, &view->pages->gzip_lead);
    compress(scene, &view->event.delta, NULL);
}

static HlsText write_main(const HlsScene *scene, bool event)
{
    const HlsWindow *window = scene->window;
    g_autofree HlsVariant *variants = g_new0(HlsVariant, window->lanes->len);
    unsigned count = 0;
    for (guint i = 0; i < window->lanes->len; i++) {
        const HlsLane *lane = window->lanes->pdata[i];
        if (lane->active) {
            variants[count++] = (HlsVariant){
                .media = lane->media,
                .key = lane->key,
                .peak_bits = lane->peak_bits,
                .average_bits = lane->measured_us > 0
                                    ? lane->bits * BASE_US_PER_S / (uint64_t)lane->measured_us
                                    : 0,
            };
        }
    }
    return take_text(count > 0 ? hls_playlist_main(variants, count, event) : NULL);
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
    const GPtrArray *lanes = scene->window->lanes;
    HlsSnapshot *snapshot = g_malloc0(sizeof *snapshot + lanes->len * sizeof(HlsView));
    base_refs_init(&snapshot->refs);
    snapshot->ended = scene->ended;
    snapshot->stalled = scene->stalled;
    snapshot->edge_us = -1;
    snapshot->window_s = scene->config->window_s;
    snapshot->advance_parts = scene->config->part_ms >= 1000
                                  ? 3
                                  : (3000 + scene->config->part_ms - 1) / scene->config->part_ms;
    snapshot->wait_s = 3 * event_target_s(scene->config);
    snapshot->count = lanes->len;
    for (unsigned i = 0; i < snapshot->count; i++) {
        fill_view(&snapshot->views[i], lanes->pdata[i], scene);
        snapshot->edge_us = MAX(snapshot->edge_us, newest_end(&snapshot->views[i]));
        for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
            note_newest(&snapshot->views[i], audience);
        }
        note_event(&snapshot->views[i], ((HlsLane *)lanes->pdata[i])->history);
    }
    g_autofree char *event_markers =
        hls_markers_shown(scene->markers, scene->config, scene->cutter);
    for (unsigned i = 0; i < snapshot->count; i++) { // reports look at all ends
        HlsView *view = &snapshot->views[i];
        for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
            write_list(snapshot, view, audience, scene);
        }
        HlsLane *lane = lanes->pdata[i];
        write_event(snapshot, view, lane->history, event_markers, scene);
    }
    if (scene->tracks_known) {
        snapshot->main = write_main(scene, false);
        snapshot->event_main = write_main(scene, true);
    } else if (before != NULL) {
        snapshot->main = share_text(&before->main);
        snapshot->event_main = share_text(&before->event_main);
    }
    return snapshot;
}

/* --- Answering ----------------------------------------------------------------------------------
 */

void hls_answer_clear(HlsAnswer *answer)
{
    g_clear_pointer(&answer->lead, g_bytes_unref);
    g_clear_pointer(&answer->body, g_bytes_unref);
    g_clear_pointer(&answer->gzip_lead, g_bytes_unref);
    g_clear_pointer(&answer->gzip, g_bytes_unref);
}

static HlsFound found_text(HlsAnswer *out, const HlsText *text, unsigned max_age_s)
{
    *out = (HlsAnswer){.body = g_bytes_ref(text->plain),
                       .gzip = text->gzip != NULL ? g_bytes_ref(text->gzip) : NULL,
                       .content_type = PLAYLIST_TYPE,
                       .max_age_s = max_age_s};
    return HLS_FOUND;
}

static HlsFound found_later(const HlsSnapshot *snapshot, HlsAnswer *out)
{
    *out = (HlsAnswer){.wait_s = snapshot->wait_s};
    return HLS_WAIT;
}

static const char *media_type(const HlsView *view)
{
    return view->media->info.kind == MEDIA_VIDEO ? "video/mp4" : "audio/mp4";
}

static HlsFound found_media(const HlsSnapshot *snapshot, const HlsView *view, GBytes *body,
                            HlsAnswer *out)
{
    *out = (HlsAnswer){.body = g_bytes_ref(body),
                       .content_type = media_type(view),
                       .max_age_s = snapshot->window_s};
    return HLS_FOUND;
}

/* What the EVENT playlist names and memory no longer has. */
static HlsFound find_on_disk(const HlsSnapshot *snapshot, const HlsView *view,
                             const HlsRequest *request, HlsAnswer *out)
{
    bool init = request->type == HLS_REQUEST_INIT;
    const HlsKept *kept =
        init ? NULL : hls_pages_find(view->pages, request->run, request->sequence);
    if (init ? !hls_pages_has_run(view->pages, request->run) : kept == NULL) {
        return HLS_NOT_FOUND;
    }
    *out = (HlsAnswer){.content_type = media_type(view),
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

/* RFC 8216bis 6.2.5.2. A part behind the last of its segment means part 0 of the next one. */
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
        return false; // what its first number will be is not told yet
    }
    uint64_t parts_ahead = snapshot->advance_parts;
    if (wanted->msn == list->last_msn && !list->last_complete) {
        parts_ahead += list->last_parts;
    }
    return wanted->msn > list->last_msn + 2 ||
           (wanted->has_part && wanted->part >= parts_ahead && wanted->msn >= list->last_msn);
}

/* Both kinds of list. */
static HlsFound get_list(const HlsSnapshot *snapshot, const HlsList *list, const HlsView *view,
                         bool hint, const char *query, HlsAnswer *out)
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
        if (segment->slot.run == run && hls_segment_seen_by(segment, audience)) {
            return true;
        }
    }
    return audience == HLS_PRIVILEGED;
}

static HlsFound get_init(const HlsSnapshot *snapshot, HlsAudience audience, const HlsView *view,
                         const HlsRequest *request, HlsAnswer *out)
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
        if (segment->slot.number == request->sequence) {
            bool match = segment->slot.run == request->run && !segment->gap;
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
                          const HlsRequest *request, HlsAnswer *out)
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

static HlsFound get_main(const HlsSnapshot *snapshot, const HlsText *text, HlsAnswer *out)
{
    if (text->plain == NULL) {
        return snapshot->ended ? HLS_NOT_FOUND : found_later(snapshot, out);
    }
    return found_text(out, text, 0);
}

HlsFound hls_snapshot_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                          const char *query, HlsAnswer *out)
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
        // before the first run's tracks are known, any name may become one
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
