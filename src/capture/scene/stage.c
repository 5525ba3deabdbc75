// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the feeds of a choice, mixes picture and sound, dissolves from one choice to the next.
#include "capture/scene/stage.h"

#include "capture/scene/compose.h"

#include <string.h>

#define DISSOLVE_FRAMES 9 // 300 ms

typedef struct {
    CaptureStage *stage;
    CaptureFeed *feed;
    char *source; // NULL: none
    MediaSourceState state;
    char *text; // nullable
} Part;

struct CaptureStage {
    GPtrArray *scenes;
    CaptureComposer *composer;
    CaptureSlate *slate; // one: Pango's fonts are drawn by one thread at a time
    CaptureSlides *slides;
    const CaptureScene *scene; // NULL: the first part in full
    unsigned n_parts;          // in use
    Part parts[CAPTURE_SCENE_PARTS];
    bool changed;             // another scene, since the last step
    bool dissolves;           // once the new choice is there
    unsigned left;            // frames of a dissolve
    GstBuffer *last, *before; // shown; at a dissolve's start
    void (*on_state)(MediaSourceState state, int64_t pts_us, const char *text, void *data);
    void *data;
};

/* The best of the parts, and the first text. */
static void tell(CaptureStage *stage, int64_t pts_us)
{
    static const MediaSourceState order[] = {MEDIA_SOURCE_PLAYING, MEDIA_SOURCE_WAITING,
                                             MEDIA_SOURCE_FAILED, MEDIA_SOURCE_ENDED};
    unsigned best = G_N_ELEMENTS(order) - 1;
    const char *text = NULL;
    for (unsigned i = 0; i < stage->n_parts; i++) {
        const Part *part = &stage->parts[i];
        for (unsigned j = 0; j < best; j++) {
            best = part->state == order[j] ? j : best;
        }
        text = text != NULL ? text : part->text;
    }
    stage->on_state(order[best], pts_us, text != NULL ? text : "", stage->data);
}

static void on_part(MediaSourceState state, int64_t pts_us, const char *text, void *data)
{
    Part *part = data;
    part->state = state;
    g_free(part->text);
    part->text = text != NULL && text[0] != '\0' ? g_strdup(text) : NULL;
    tell(part->stage, pts_us);
}

CaptureStage *capture_stage_new(GPtrArray *scenes, const char *pipelines_dir,
                                const CaptureClock *clock, const char *const titles[2],
                                void (*on_state)(MediaSourceState state, int64_t pts_us,
                                                 const char *text, void *data),
                                void *data)
{
    CaptureStage *stage = g_new0(CaptureStage, 1);
    stage->scenes = scenes;
    stage->composer = capture_composer_new();
    stage->slate = capture_slate_new(titles[0], titles[1]);
    stage->slides = capture_slides_new();
    stage->n_parts = 1;
    stage->on_state = on_state;
    stage->data = data;
    for (int i = 0; i < CAPTURE_SCENE_PARTS; i++) {
        Part *part = &stage->parts[i];
        part->stage = stage;
        part->feed =
            capture_feed_new(pipelines_dir, clock, stage->slate, stage->slides, on_part, part);
    }
    return stage;
}

void capture_stage_free(CaptureStage *stage)
{
    if (stage != NULL) {
        for (int i = 0; i < CAPTURE_SCENE_PARTS; i++) {
            capture_feed_free(stage->parts[i].feed);
            g_free(stage->parts[i].source);
            g_free(stage->parts[i].text);
        }
        gst_clear_buffer(&stage->last);
        gst_clear_buffer(&stage->before);
        capture_slides_free(stage->slides);
        capture_slate_free(stage->slate);
        capture_composer_free(stage->composer);
        g_ptr_array_unref(stage->scenes);
        g_free(stage);
    }
}

static bool is_slides(const char *source)
{
    return source != NULL && g_str_has_prefix(source, CAPTURE_SLIDES_PREFIX);
}

/* A part that shows slides goes on with another page. */
static bool goes_on(const Part *part, const char *source)
{
    return g_strcmp0(part->source, source) == 0 || (is_slides(part->source) && is_slides(source));
}

/* A page that is hidden is forgotten: the next one does not begin with it. */
static void set_page(const Part *part, const char *source)
{
    CaptureSlides *slides = part->stage->slides;
    if (is_slides(source) && g_strcmp0(part->source, source) != 0) {
        capture_slides_set(slides, source + strlen(CAPTURE_SLIDES_PREFIX));
    } else if (is_slides(part->source) && !is_slides(source)) {
        capture_slides_set(slides, "");
    }
}

/* True: it opens. */
static bool set_part(Part *part, const char *source, bool keep, int64_t pts_us)
{
    bool stays = (keep || source == NULL) && goes_on(part, source);
    set_page(part, source);
    g_autofree char *before = part->source;
    part->source = g_strdup(source);
    if (stays) {
        return false;
    }
    if (source == NULL) {
        capture_feed_stop(part->feed);
        g_clear_pointer(&part->text, g_free);
    } else if (is_slides(source)) {
        capture_feed_set_slides(part->feed, pts_us);
    } else {
        capture_feed_set(part->feed, source, pts_us);
    }
    return source != NULL;
}

static void swap(Part *one, Part *two)
{
    Part other = *one;
    *one = *two;
    *two = other;
    capture_feed_tell(one->feed, one);
    capture_feed_tell(two->feed, two);
}

/* A source that changes its place takes its feed along. True: one does. */
static bool keep_feeds(CaptureStage *stage, char *const *sources, unsigned count)
{
    Part *parts = stage->parts;
    bool moved = false;
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = i + 1; j < CAPTURE_SCENE_PARTS && !goes_on(&parts[i], sources[i]); j++) {
            if (goes_on(&parts[j], sources[i])) {
                swap(&parts[i], &parts[j]);
                moved = true;
            }
        }
    }
    return moved;
}

/* Into `out_sources`, of `lines`. */
static const CaptureScene *read_choice(const CaptureStage *stage, char **lines, bool scene,
                                       char **out_sources, unsigned *out_count)
{
    char **first = scene ? lines + 1 : lines;
    *out_count = MIN(g_strv_length(first), CAPTURE_SCENE_PARTS);
    for (unsigned i = 0; i < *out_count; i++) {
        out_sources[i] = first[i];
    }
    return scene ? capture_scene_find(stage->scenes, lines[0] + strlen(CAPTURE_SCENE_PREFIX))
                 : NULL;
}

void capture_stage_set(CaptureStage *stage, const char *text, int64_t pts_us)
{
    bool is_scene = g_str_has_prefix(text, CAPTURE_SCENE_PREFIX) && strchr(text, '\n') != NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", is_scene ? 1 + CAPTURE_SCENE_PARTS : 1);
    char *sources[CAPTURE_SCENE_PARTS] = {NULL};
    unsigned count;
    const CaptureScene *scene = read_choice(stage, lines, is_scene, sources, &count);
    bool keep = stage->n_parts > 1 || count > 1; // a single one is opened again
    bool same = scene == stage->scene && count == stage->n_parts;
    stage->scene = scene;
    stage->n_parts = count;
    same = !keep_feeds(stage, sources, count) && same;
    bool opens = false;
    for (unsigned i = 0; i < CAPTURE_SCENE_PARTS; i++) {
        opens = set_part(&stage->parts[i], sources[i], keep, pts_us) || opens;
    }
    stage->changed = !opens && !same;
    stage->dissolves = opens || !same;
    if (!opens) {
        tell(stage, pts_us);
    }
}

bool capture_stage_step(CaptureStage *stage, int64_t pts_us)
{
    bool begins = stage->changed;
    stage->changed = false;
    for (unsigned i = 0; i < stage->n_parts; i++) {
        begins = capture_feed_step(stage->parts[i].feed, pts_us) || begins;
    }
    if (begins && stage->dissolves && stage->last != NULL) {
        gst_clear_buffer(&stage->before);
        stage->before = g_steal_pointer(&stage->last);
        stage->left = DISSOLVE_FRAMES;
    }
    stage->dissolves = stage->dissolves && !begins;
    return begins;
}

bool capture_stage_denied(const CaptureStage *stage)
{
    bool denied = false;
    for (unsigned i = 0; i < CAPTURE_SCENE_PARTS; i++) {
        denied = denied || capture_feed_denied(stage->parts[i].feed);
    }
    return denied;
}

/* Writes to `out` the feeds that play and have a box, and returns their number. If none plays, it is
 * one feed: the first that plays without a box. 0: nothing plays. */
static unsigned find_shown(const CaptureStage *stage, CaptureFeed **out)
{
    unsigned boxes = stage->scene != NULL ? CAPTURE_SCENE_BOXES : 1;
    unsigned count = 0;
    for (unsigned i = 0; i < stage->n_parts && (i < boxes || count == 0); i++) {
        if (capture_feed_plays(stage->parts[i].feed)) {
            out[count++] = stage->parts[i].feed;
        }
    }
    return count;
}

static bool any(const CaptureStage *stage, bool (*holds)(const CaptureFeed *feed))
{
    bool found = false;
    for (unsigned i = 0; i < stage->n_parts; i++) {
        found = found || holds(stage->parts[i].feed);
    }
    return found;
}

bool capture_stage_plays(const CaptureStage *stage)
{
    return any(stage, capture_feed_plays);
}

bool capture_stage_marked(const CaptureStage *stage)
{
    return any(stage, capture_feed_marked);
}

/* Full reference. */
static GstBuffer *draw(CaptureStage *stage, int64_t pts_us)
{
    CaptureFeed *shown[CAPTURE_SCENE_PARTS] = {stage->parts[0].feed};
    if (find_shown(stage, shown) < CAPTURE_SCENE_BOXES) {
        return capture_feed_frame(shown[0], pts_us);
    }
    GstBuffer *frames[CAPTURE_SCENE_BOXES] = {capture_feed_frame(shown[0], pts_us),
                                              capture_feed_frame(shown[1], pts_us)};
    GstBuffer *drawn = capture_composer_draw(stage->composer, stage->scene, frames);
    gst_buffer_unref(frames[0]);
    gst_buffer_unref(frames[1]);
    return drawn;
}

GstBuffer *capture_stage_frame(CaptureStage *stage, int64_t pts_us)
{
    GstBuffer *frame = draw(stage, pts_us);
    gst_buffer_replace(&stage->last, frame);
    if (stage->left == 0) {
        return frame;
    }
    unsigned share = 256 * (DISSOLVE_FRAMES + 1 - stage->left) / (DISSOLVE_FRAMES + 1);
    GstBuffer *blended = capture_composer_blend(stage->composer, stage->before, frame, share);
    gst_buffer_unref(frame);
    if (--stage->left == 0) {
        gst_clear_buffer(&stage->before);
    }
    return blended;
}

void capture_stage_audio(CaptureStage *stage, int64_t k, int16_t *out)
{
    int16_t other[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
    capture_feed_audio(stage->parts[0].feed, k, out);
    for (unsigned i = 1; i < stage->n_parts; i++) {
        capture_feed_audio(stage->parts[i].feed, k, other);
        for (size_t j = 0; j < G_N_ELEMENTS(other); j++) {
            out[j] = (int16_t)CLAMP((int)out[j] + other[j], INT16_MIN, INT16_MAX);
        }
    }
}
