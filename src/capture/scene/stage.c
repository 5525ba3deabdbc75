// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the feeds of a scene, mixes picture and sound, dissolves from one choice to the next.
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
    CaptureSlate *slate;       // one: Pango's fonts are drawn by one thread at a time
    const CaptureScene *scene; // NULL: the first part in full
    Part parts[CAPTURE_SCENE_BOXES];
    bool changed;             // another scene, since the last step
    bool dissolves;           // once the new choice is there
    unsigned left;            // frames of a dissolve
    GstBuffer *last, *before; // shown; at a dissolve's start
    void (*on_state)(MediaSourceState state, int64_t pts_us, const char *text, void *data);
    void *data;
};

static unsigned count(const CaptureStage *stage)
{
    return stage->scene != NULL ? CAPTURE_SCENE_BOXES : 1;
}

/* The best of the parts, and the first text. */
static void tell(CaptureStage *stage, int64_t pts_us)
{
    static const MediaSourceState order[] = {MEDIA_SOURCE_PLAYING, MEDIA_SOURCE_WAITING,
                                             MEDIA_SOURCE_FAILED, MEDIA_SOURCE_ENDED};
    unsigned best = G_N_ELEMENTS(order) - 1;
    const char *text = NULL;
    for (unsigned i = 0; i < count(stage); i++) {
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
    stage->on_state = on_state;
    stage->data = data;
    for (int i = 0; i < CAPTURE_SCENE_BOXES; i++) {
        Part *part = &stage->parts[i];
        part->stage = stage;
        part->feed = capture_feed_new(pipelines_dir, clock, stage->slate, on_part, part);
    }
    return stage;
}

void capture_stage_free(CaptureStage *stage)
{
    if (stage != NULL) {
        for (int i = 0; i < CAPTURE_SCENE_BOXES; i++) {
            capture_feed_free(stage->parts[i].feed);
            g_free(stage->parts[i].source);
            g_free(stage->parts[i].text);
        }
        gst_clear_buffer(&stage->last);
        gst_clear_buffer(&stage->before);
        capture_slate_free(stage->slate);
        capture_composer_free(stage->composer);
        g_ptr_array_unref(stage->scenes);
        g_free(stage);
    }
}

/* True: it opens. */
static bool set_part(Part *part, const char *source, bool keep, int64_t pts_us)
{
    if ((keep || source == NULL) && g_strcmp0(part->source, source) == 0) {
        return false;
    }
    g_free(part->source);
    part->source = g_strdup(source);
    if (source != NULL) {
        capture_feed_set(part->feed, source, pts_us);
    } else {
        capture_feed_stop(part->feed);
        g_clear_pointer(&part->text, g_free);
    }
    return source != NULL;
}

/* A source that changes its place takes its feed along. */
static void keep_feeds(CaptureStage *stage, const char *first)
{
    Part *parts = stage->parts;
    if (g_strcmp0(parts[0].source, first) != 0 && g_strcmp0(parts[1].source, first) == 0) {
        Part other = parts[0];
        parts[0] = parts[1];
        parts[1] = other;
        capture_feed_tell(parts[0].feed, &parts[0]);
        capture_feed_tell(parts[1].feed, &parts[1]);
    }
}

void capture_stage_set(CaptureStage *stage, const char *text, int64_t pts_us)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", 1 + CAPTURE_SCENE_BOXES);
    bool scene = g_str_has_prefix(text, CAPTURE_SCENE_PREFIX) &&
                 g_strv_length(lines) == 1 + CAPTURE_SCENE_BOXES;
    const char *first = scene ? lines[1] : text, *second = scene ? lines[2] : NULL;
    bool keep = stage->scene != NULL || scene; // a single one is opened again
    stage->scene =
        scene ? capture_scene_find(stage->scenes, lines[0] + strlen(CAPTURE_SCENE_PREFIX)) : NULL;
    keep_feeds(stage, first);
    bool opens = set_part(&stage->parts[0], first, keep, pts_us);
    opens = set_part(&stage->parts[1], stage->scene != NULL ? second : NULL, keep, pts_us) || opens;
    stage->changed = !opens;
    stage->dissolves = true;
    if (!opens) {
        tell(stage, pts_us);
    }
}

bool capture_stage_step(CaptureStage *stage, int64_t pts_us)
{
    bool begins = stage->changed;
    stage->changed = false;
    for (unsigned i = 0; i < count(stage); i++) {
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
    return capture_feed_denied(stage->parts[0].feed) || capture_feed_denied(stage->parts[1].feed);
}

static bool any(const CaptureStage *stage, bool (*holds)(const CaptureFeed *feed))
{
    return holds(stage->parts[0].feed) || (stage->scene != NULL && holds(stage->parts[1].feed));
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
    Part *parts = stage->parts;
    bool first = capture_feed_plays(parts[0].feed);
    bool second = stage->scene != NULL && capture_feed_plays(parts[1].feed);
    if (!first || !second) {
        return capture_feed_frame(parts[second ? 1 : 0].feed, pts_us);
    }
    GstBuffer *frames[CAPTURE_SCENE_BOXES] = {capture_feed_frame(parts[0].feed, pts_us),
                                              capture_feed_frame(parts[1].feed, pts_us)};
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
    if (stage->scene == NULL) {
        return;
    }
    capture_feed_audio(stage->parts[1].feed, k, other);
    for (size_t i = 0; i < G_N_ELEMENTS(other); i++) {
        out[i] = (int16_t)CLAMP((int)out[i] + other[i], INT16_MIN, INT16_MAX);
    }
}
