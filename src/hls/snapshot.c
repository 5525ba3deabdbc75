// SPDX-License-Identifier: GPL-3.0-or-later
// What waits and what does not. A playlist waits while it has no segment, and while a blocking
// request asks for what comes soon. A part waits while it is the one that a preload hint names.
// Where no next part is in sight, nothing waits: after the END mark, for the public while the gate
// is closed, between two runs, and once parts are overdue. The list as it is answers then, and
// hls.js, which gives a blocking request up after max(3 PART-TARGET, 0.8 TARGETDURATION) and soon
// afterwards the stream, goes on by polling at its leisure.
//
// Cache times. Media never changes under its name: as long as the window. A playlist asked for by
// _HLS_msn holds what was asked for whenever it is read: one second lets a cache answer a crowd
// that asks for the same moment. A plain playlist must be new each time, or a player joins late.
#include "hls/snapshot.h"

#include "hls/playlist.h"
#include "hls/request.h"

#include "base/clock.h"

#include <string.h>

#define BLOCKING_AGE_S 1
#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"
#define AAC_FRAME 1024

typedef struct {
    GBytes *text, *delta; // NULL: nothing to list; no delta is possible
    bool any;             // the audience sees a segment:
    uint64_t last_msn;    // the newest
    unsigned last_parts;  // of it
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
} HlsView;

struct HlsSnapshot {
    gatomicrefcount refs;
    bool ended, stalled;
    int64_t edge_us;
    unsigned window_s;
    unsigned advance_parts; // RFC 8216bis 6.2.5.2: Advance Part Limit
    GBytes *main;           // nullable
    unsigned count;
    HlsView views[];
};

static void clear_init(void *data)
{
    g_bytes_unref(((HlsInit *)data)->bytes);
}

static void clear_view(HlsView *view)
{
    media_track_unref(view->media);
    g_ptr_array_unref(view->segments);
    g_array_unref(view->inits);
    for (unsigned i = 0; i < HLS_AUDIENCES; i++) {
        g_clear_pointer(&view->lists[i].text, g_bytes_unref);
        g_clear_pointer(&view->lists[i].delta, g_bytes_unref);
    }
}

HlsSnapshot *hls_snapshot_ref(HlsSnapshot *snapshot)
{
    g_atomic_ref_count_inc(&snapshot->refs);
    return snapshot;
}

void hls_snapshot_unref(HlsSnapshot *snapshot)
{
    if (!g_atomic_ref_count_dec(&snapshot->refs)) {
        return;
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        clear_view(&snapshot->views[i]);
    }
    g_clear_pointer(&snapshot->main, g_bytes_unref);
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
        g_ptr_array_insert(segments, 0, segment);
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

static GBytes *take_text(char *text)
{
    return text != NULL ? g_bytes_new_take(text, strlen(text)) : NULL;
}

static void write_list(HlsSnapshot *snapshot, HlsView *view, HlsAudience audience,
                       const HlsScene *scene)
{
    g_autoptr(GPtrArray) segments = listed(view, audience, scene->window);
    g_autofree HlsReport *reports = g_new(HlsReport, snapshot->count);
    if (segments->len == 0) {
        return;
    }
    HlsPlaylist playlist = {
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
        .hint_sequence = view->hint_sequence,
        .hint_part = view->hint_part,
        .reports = reports,
        .report_count = add_reports(snapshot, view, audience, reports),
    };
    view->lists[audience].text = take_text(hls_playlist_text(&playlist));
    view->lists[audience].delta = take_text(hls_playlist_delta(&playlist));
}

static GBytes *write_main(const HlsWindow *window)
{
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
    return count > 0 ? take_text(hls_playlist_main(variants, count)) : NULL;
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
    g_atomic_ref_count_init(&snapshot->refs);
    snapshot->ended = scene->ended;
    snapshot->stalled = scene->stalled;
    snapshot->edge_us = -1;
    snapshot->window_s = scene->config->window_s;
    snapshot->advance_parts = scene->config->part_ms >= 1000
                                  ? 3
                                  : (3000 + scene->config->part_ms - 1) / scene->config->part_ms;
    snapshot->count = lanes->len;
    for (unsigned i = 0; i < snapshot->count; i++) {
        fill_view(&snapshot->views[i], lanes->pdata[i], scene);
        snapshot->edge_us = MAX(snapshot->edge_us, newest_end(&snapshot->views[i]));
        for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
            note_newest(&snapshot->views[i], audience);
        }
    }
    for (unsigned i = 0; i < snapshot->count; i++) { // reports look at all ends
        for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
            write_list(snapshot, &snapshot->views[i], audience, scene);
        }
    }
    if (scene->tracks_known) {
        snapshot->main = write_main(scene->window);
    } else if (before != NULL && before->main != NULL) {
        snapshot->main = g_bytes_ref(before->main);
    }
    return snapshot;
}

/* --- Answering ----------------------------------------------------------------------------------
 */

static HlsFound found(HlsAnswer *out, GBytes *body, const char *type, unsigned max_age_s)
{
    *out = (HlsAnswer){.body = g_bytes_ref(body), .content_type = type, .max_age_s = max_age_s};
    return HLS_FOUND;
}

static HlsFound found_media(const HlsSnapshot *snapshot, const HlsView *view, GBytes *body,
                            HlsAnswer *out)
{
    const char *type = view->media->info.kind == MEDIA_VIDEO ? "video/mp4" : "audio/mp4";
    return found(out, body, type, snapshot->window_s);
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
    if (list->text == NULL) {
        return false; // what its first number will be is not told yet
    }
    uint64_t parts_ahead = snapshot->advance_parts;
    if (wanted->msn == list->last_msn && !list->last_complete) {
        parts_ahead += list->last_parts;
    }
    return wanted->msn > list->last_msn + 2 ||
           (wanted->has_part && wanted->part >= parts_ahead && wanted->msn >= list->last_msn);
}

static HlsFound get_list(const HlsSnapshot *snapshot, HlsAudience audience, const HlsView *view,
                         const char *query, HlsAnswer *out)
{
    const HlsList *list = &view->lists[audience];
    HlsDirectives wanted;
    if (hls_directives_parse(query, &wanted) < 0) {
        return HLS_BAD;
    }
    if (list->text == NULL) {
        return snapshot->ended || !view->active ? HLS_NOT_FOUND : HLS_WAIT;
    }
    if (wanted.has_msn && !snapshot->ended && !list_has(list, &wanted)) {
        if (too_far(snapshot, list, &wanted)) {
            return HLS_BAD;
        }
        if (view->hint[audience] && !snapshot->stalled) {
            return HLS_WAIT;
        }
    }
    GBytes *text = wanted.skip && list->delta != NULL ? list->delta : list->text;
    return found(out, text, PLAYLIST_TYPE, wanted.has_msn ? BLOCKING_AGE_S : 0);
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
    return HLS_NOT_FOUND;
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
            return HLS_NOT_FOUND;
        }
        return segment->complete ? found_media(snapshot, view, segment->body, out) : HLS_WAIT;
    }
    if (segment != NULL && request->part < segment->count) {
        return found_media(snapshot, view, segment->pieces[request->part].bytes, out);
    }
    return hinted(view, audience, request) ? HLS_WAIT : HLS_NOT_FOUND;
}

HlsFound hls_snapshot_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                          const char *query, HlsAnswer *out)
{
    HlsRequest request;
    if (hls_request_parse(path, &request) < 0) {
        return HLS_NOT_FOUND;
    }
    if (request.type == HLS_REQUEST_MAIN) {
        if (snapshot->main == NULL) {
            return snapshot->ended ? HLS_NOT_FOUND : HLS_WAIT;
        }
        return found(out, snapshot->main, PLAYLIST_TYPE, 0);
    }
    const HlsView *view = find_view(snapshot, request.key);
    if (view == NULL) {
        return HLS_NOT_FOUND;
    }
    switch (request.type) {
    case HLS_REQUEST_LIST:
        return get_list(snapshot, audience, view, query, out);
    case HLS_REQUEST_INIT:
        return get_init(snapshot, audience, view, &request, out);
    default:
        return get_media(snapshot, audience, view, &request, out);
    }
}
