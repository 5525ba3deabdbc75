// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a source, or the slate; reopens failed sources.
#include "capture/feed.h"

#include "base/clock.h"

#include "capture/capture.h"
#include "capture/paint.h"
#include "capture/source/source.h"
#include "media/trouble.h"

#define FIRST_BACKOFF_US (500 * BASE_US_PER_MS)
// Promised: back within 3 s; opening takes up to 1 s.
#define MAX_BACKOFF_US (1500 * BASE_US_PER_MS)
#define SETTLED_US (3 * BASE_US_PER_S) // then back-off starts anew
#define START_AHEAD_FRAMES 4
#define MIN_PASS_US (900 * BASE_US_PER_MS)
#define PASS_AHEAD_US (200 * BASE_US_PER_MS) // after a pass's start
#define HOLD_US (1 * BASE_US_PER_S)          // for a late pass
#define MAX_THREADS 16                       // hanging ones stay
#define OWN_THREADS 6                        // of one source: the rest is for others

struct CaptureFeed {
    char *pipelines_dir;
    CaptureClock clock;
    void (*on_state)(MediaSourceState state, int64_t pts_us, const char *text, void *data);
    void *data;
    CaptureSlate *slate;   // borrowed
    CaptureSlides *slides; // borrowed
    bool shows_slides;     // in place of a source
    bool page;             // one is there

    char *text; // NULL: none, or finished
    CaptureSource *on_air;
    CaptureSource *next; // opening or waiting
    bool next_is_pass;
    int64_t start_us; // of `next`; -1: not ready
    int64_t since_us; // start of `on_air`
    int64_t retry_us; // -1: none
    int64_t backoff_us;
    unsigned others;    // threads when `text` was set
    bool denied;        // by the sandbox
    char *told;         // last failure: not repeated
    const char *notice; // nullable
};

CaptureFeed *capture_feed_new(const char *pipelines_dir, const CaptureClock *clock,
                              CaptureSlate *slate, CaptureSlides *slides,
                              void (*on_state)(MediaSourceState state, int64_t pts_us,
                                               const char *text, void *data),
                              void *data)
{
    CaptureFeed *feed = g_new0(CaptureFeed, 1);
    feed->pipelines_dir = g_strdup(pipelines_dir);
    feed->clock = *clock;
    feed->on_state = on_state;
    feed->data = data;
    feed->slate = slate;
    feed->slides = slides;
    feed->start_us = feed->retry_us = -1;
    return feed;
}

void capture_feed_free(CaptureFeed *feed)
{
    if (feed != NULL) {
        capture_source_close(feed->on_air);
        capture_source_close(feed->next);
        g_free(feed->text);
        g_free(feed->told);
        g_free(feed->pipelines_dir);
        g_free(feed);
    }
}

static void close_next(CaptureFeed *feed)
{
    g_clear_pointer(&feed->next, capture_source_close);
    feed->next_is_pass = false;
    feed->start_us = -1;
}

static void tell_failure(CaptureFeed *feed, int64_t pts_us, const char *text)
{
    if (g_strcmp0(feed->told, text) != 0) {
        g_free(feed->told);
        feed->told = g_strdup(text);
        feed->on_state(MEDIA_SOURCE_FAILED, pts_us, text, feed->data);
    }
}

static void retry_later(CaptureFeed *feed, int64_t pts_us)
{
    feed->retry_us = pts_us + feed->backoff_us;
    feed->backoff_us = MIN(feed->backoff_us * 2, MAX_BACKOFF_US);
}

typedef enum { OPEN_NEW, OPEN_AGAIN, OPEN_PASS } Opening;

static void open_next(CaptureFeed *feed, int64_t pts_us, Opening how)
{
    unsigned threads = capture_source_threads();
    feed->others = how == OPEN_NEW ? threads : feed->others;
    if (threads >= MIN(MAX_THREADS, feed->others + OWN_THREADS)) {
        if (how == OPEN_NEW) {
            g_clear_pointer(&feed->on_air, capture_source_close);
            tell_failure(feed, pts_us, media_trouble_text(MEDIA_TROUBLE_CROWDED));
        }
        retry_later(feed, pts_us);
        return;
    }
    feed->next = capture_source_open(feed->pipelines_dir, feed->text,
                                     feed->clock.clock_us - feed->clock.start_us);
    feed->next_is_pass = how == OPEN_PASS;
    feed->start_us = feed->retry_us = -1;
}

void capture_feed_set(CaptureFeed *feed, const char *text, int64_t pts_us)
{
    feed->shows_slides = false;
    close_next(feed);
    g_clear_pointer(&feed->told, g_free);
    g_free(feed->text);
    feed->text = g_strdup(text);
    feed->backoff_us = FIRST_BACKOFF_US;
    feed->on_state(MEDIA_SOURCE_WAITING, pts_us, "", feed->data);
    open_next(feed, pts_us, OPEN_NEW);
}

void capture_feed_stop(CaptureFeed *feed)
{
    feed->shows_slides = false;
    close_next(feed);
    g_clear_pointer(&feed->on_air, capture_source_close);
    g_clear_pointer(&feed->told, g_free);
    g_clear_pointer(&feed->text, g_free);
    feed->retry_us = -1;
}

void capture_feed_set_slides(CaptureFeed *feed, int64_t pts_us)
{
    capture_feed_stop(feed);
    feed->shows_slides = true;
    feed->page = false;
    feed->on_state(MEDIA_SOURCE_WAITING, pts_us, "", feed->data);
}

bool capture_feed_plays(const CaptureFeed *feed)
{
    return feed->shows_slides ? feed->page : feed->on_air != NULL;
}

bool capture_feed_marked(const CaptureFeed *feed)
{
    return feed->on_air != NULL && capture_source_wants_mark(feed->on_air);
}

void capture_feed_tell(CaptureFeed *feed, void *data)
{
    feed->data = data;
}

static void drop_failed(CaptureFeed *feed, CaptureSource **source, int64_t pts_us)
{
    g_autofree char *text = capture_source_failure(*source);
    bool was_next = source == &feed->next;
    if (capture_source_denied(*source)) {
        feed->denied = true; // this run is over
        close_next(feed);
        retry_later(feed, pts_us);
        return;
    }
    if (!was_next && pts_us - feed->since_us > SETTLED_US) {
        feed->backoff_us = FIRST_BACKOFF_US;
    }
    if (was_next) {
        bool pass = feed->next_is_pass;
        close_next(feed);
        if (!pass) {
            g_clear_pointer(&feed->on_air, capture_source_close);
        }
    } else {
        g_clear_pointer(&feed->on_air, capture_source_close);
        if (feed->next_is_pass) {
            close_next(feed);
        }
    }
    if (feed->on_air == NULL) {
        tell_failure(feed, pts_us, text);
    }
    if (feed->next == NULL) {
        retry_later(feed, pts_us);
    }
}

static bool failed(CaptureSource *source)
{
    return source != NULL && capture_source_state(source) == CAPTURE_SOURCE_FAILED;
}

static bool ready(CaptureFeed *feed)
{
    return feed->next != NULL && capture_source_state(feed->next) == CAPTURE_SOURCE_READY;
}

/* Next: its next pass, `next`, or the slate. */
static void finish_pass(CaptureFeed *feed, int64_t pts_us)
{
    int64_t end_us = 0;
    if (feed->on_air == NULL || !capture_source_end(feed->on_air, &end_us)) {
        return;
    }
    bool again = capture_source_loops(feed->on_air) && (feed->next == NULL || feed->next_is_pass);
    end_us = capture_frame_pts(capture_frame_nearest(end_us));
    end_us = again ? MAX(end_us, feed->since_us + MIN_PASS_US) : end_us;
    bool late = again && !ready(feed);
    if (pts_us < end_us || (late && pts_us < end_us + HOLD_US)) {
        return;
    }
    g_clear_pointer(&feed->on_air, capture_source_close);
    if (feed->next_is_pass && ready(feed)) {
        feed->next_is_pass = false;
        feed->start_us = pts_us;
    } else if (again) {
        feed->next_is_pass = false;
        feed->on_state(MEDIA_SOURCE_WAITING, pts_us, "", feed->data);
    } else if (feed->next == NULL) {
        g_clear_pointer(&feed->text, g_free);
        feed->on_state(MEDIA_SOURCE_ENDED, pts_us, "", feed->data);
    }
}

static void plan_start(CaptureFeed *feed, int64_t pts_us)
{
    bool live = capture_source_is_live(feed->next);
    int64_t k = capture_frame_nearest(pts_us) + (live ? 0 : START_AHEAD_FRAMES);
    feed->start_us = capture_frame_pts(k);
    g_clear_pointer(&feed->told, g_free);
    feed->notice = NULL;
    feed->on_state(MEDIA_SOURCE_PLAYING, feed->start_us, "", feed->data);
}

static void go_on_air(CaptureFeed *feed, int64_t pts_us)
{
    capture_source_close(feed->on_air);
    feed->on_air = g_steal_pointer(&feed->next);
    capture_source_start(feed->on_air, feed->start_us);
    feed->start_us = -1;
    feed->since_us = pts_us;
}

static void tell_notice(CaptureFeed *feed, int64_t pts_us)
{
    const char *notice = feed->on_air != NULL ? capture_source_notice(feed->on_air) : NULL;
    if (feed->on_air != NULL && notice != feed->notice) {
        feed->notice = notice;
        feed->on_state(MEDIA_SOURCE_PLAYING, pts_us, notice != NULL ? notice : "", feed->data);
    }
}

static bool pass_due(const CaptureFeed *feed, int64_t pts_us)
{
    return feed->on_air != NULL && capture_source_loops(feed->on_air) &&
           !capture_source_is_live(feed->on_air) && !capture_source_is_still(feed->on_air) &&
           pts_us >= feed->since_us + PASS_AHEAD_US;
}

/* True if the first page is there. */
static bool step_slides(CaptureFeed *feed, int64_t pts_us)
{
    g_autoptr(GstBuffer) page = capture_slides_frame(feed->slides);
    bool before = feed->page;
    feed->page = page != NULL;
    if (feed->page != before) {
        feed->on_state(feed->page ? MEDIA_SOURCE_PLAYING : MEDIA_SOURCE_WAITING, pts_us, "",
                       feed->data);
    }
    return feed->page && !before;
}

bool capture_feed_step(CaptureFeed *feed, int64_t pts_us)
{
    if (feed->shows_slides) {
        return step_slides(feed, pts_us);
    }
    if (failed(feed->on_air)) {
        drop_failed(feed, &feed->on_air, pts_us);
    }
    if (feed->next != NULL) {
        capture_source_limit_opening(feed->next, base_clock_us());
    }
    if (failed(feed->next)) {
        drop_failed(feed, &feed->next, pts_us);
    }
    bool was_pass = feed->next_is_pass;
    finish_pass(feed, pts_us);
    bool joined = was_pass && !feed->next_is_pass && ready(feed);
    if (ready(feed) && !feed->next_is_pass && feed->start_us < 0) {
        plan_start(feed, pts_us);
    }
    bool begins = ready(feed) && !feed->next_is_pass && pts_us >= feed->start_us;
    if (begins) {
        go_on_air(feed, pts_us);
    }
    tell_notice(feed, pts_us);
    bool due = feed->retry_us < 0 ? pass_due(feed, pts_us) : pts_us >= feed->retry_us;
    if (feed->text != NULL && feed->next == NULL && due) {
        open_next(feed, pts_us, feed->on_air != NULL ? OPEN_PASS : OPEN_AGAIN);
    }
    return begins && !joined;
}

bool capture_feed_denied(const CaptureFeed *feed)
{
    return feed->denied;
}

GstBuffer *capture_feed_frame(CaptureFeed *feed, int64_t pts_us)
{
    GstBuffer *frame = feed->shows_slides     ? capture_slides_frame(feed->slides)
                       : feed->on_air != NULL ? capture_source_frame(feed->on_air, pts_us)
                                              : NULL;
    if (frame == NULL) {
        return capture_slate_frame(feed->slate);
    }
    if (capture_feed_marked(feed)) {
        GstBuffer *stamped = capture_stamp_frame(frame, pts_us);
        gst_buffer_unref(frame);
        return stamped;
    }
    return frame;
}

void capture_feed_audio(CaptureFeed *feed, int64_t k, int16_t *out)
{
    memset(out, 0, CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS * sizeof *out);
    if (feed->on_air == NULL) {
        return;
    }
    int64_t at = k * CAPTURE_FRAME_SAMPLES;
    capture_source_audio(feed->on_air, capture_samples_us(at), out, CAPTURE_FRAME_SAMPLES);
    if (capture_feed_marked(feed)) {
        capture_stamp_audio(out, at, CAPTURE_FRAME_SAMPLES);
    }
}
