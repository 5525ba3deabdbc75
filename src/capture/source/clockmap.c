// SPDX-License-Identifier: GPL-3.0-or-later
// Maps a source's running time to the timeline.
#include "capture/source/clockmap.h"

#include "capture/grid.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define SETTLE_US (250 * BASE_US_PER_MS) // first media are late
#define MARGIN_US (80 * BASE_US_PER_MS)  // two frames and a scheduling delay
#define MAX_MARGIN_US (500 * BASE_US_PER_MS)
#define LATE_IN_A_ROW 15
#define EARLY_US (1 * BASE_US_PER_S)
#define EARLY_IN_A_ROW 90
#define JUMP_US (300 * BASE_US_PER_MS)
#define SAME_JUMP_US (500 * BASE_US_PER_MS)
#define UNRELATED_US (3 * BASE_US_PER_S)
#define WINDOW_US (10 * BASE_US_PER_S)
#define STEP_US (8 * BASE_US_PER_MS) // 800 ppm, more than any clock
#define SLEW_US (10.0 * BASE_US_PER_S)
#define MAX_SLEW 0.004
#define SLACK_US (10.0 * BASE_US_PER_MS) // for the whole source
#define APART_SLACK_US (3.0 * BASE_US_PER_MS)
#define SPARE_US (50 * BASE_US_PER_MS) // less is phase and slack

static void forget_highs(CaptureClockmap *map)
{
    for (int i = 0; i < CAPTURE_CLOCK_HIGHS; i++) {
        map->highs_us[i] = INT64_MAX;
    }
    map->highs_us[0] = INT64_MIN;
}

void capture_clockmap_init(CaptureClockmap *map)
{
    *map = (CaptureClockmap){.late_us = INT64_MIN};
    forget_highs(map);
    for (int i = 0; i < 2; i++) {
        map->streams[i].low_us = map->streams[i].floor_us = INT64_MAX;
    }
}

/* Mid-window: jitter repeats and drops none. */
static int64_t on_phase(const CaptureClockmap *map, int64_t offset_us)
{
    const CaptureClockStream *picture = &map->streams[CAPTURE_PICTURE];
    int64_t at = picture->seen ? picture->first_us + offset_us : offset_us;
    int64_t shift = at < 0 ? 0 : capture_frame_pts(capture_frame_ceil(at)) - at;
    return offset_us + shift;
}

static int64_t margin(const CaptureClockmap *map)
{
    return MARGIN_US + CLAMP(map->latency_us, 0, MAX_MARGIN_US);
}

static void anchor(CaptureClockmap *map, int64_t late_us)
{
    map->offset_us = (double)on_phase(map, late_us + margin(map));
    map->anchors++;
    map->measured = false;
    forget_highs(map);
    map->streams[0].late_in_a_row = map->streams[1].late_in_a_row = map->early_in_a_row = 0;
}

/* As the picture's. */
static int64_t lateness(const CaptureClockmap *map, const CaptureClockStream *stream)
{
    bool sound = stream == &map->streams[CAPTURE_SOUND];
    return stream->late_us - (sound ? (int64_t)map->apart_us : 0);
}

/* Anchors anew: repeatedly late, or all far too early. */
static void note_late(CaptureClockmap *map, CaptureClockStream *stream)
{
    int64_t offset_us = (int64_t)map->offset_us, late_us = lateness(map, stream);
    bool late = late_us + CAPTURE_FRAME_US >= offset_us;
    bool early = late_us + margin(map) + EARLY_US < offset_us;
    stream->late_in_a_row = late ? stream->late_in_a_row + 1 : 0;
    map->early_in_a_row = early ? map->early_in_a_row + 1 : 0;
    if (stream->late_in_a_row >= LATE_IN_A_ROW || map->early_in_a_row >= EARLY_IN_A_ROW) {
        anchor(map, late_us);
    }
}

/* After a pause or in a burst they still follow each other. */
static bool jumped(const CaptureClockmap *map, const CaptureClockStream *stream, int64_t now_us,
                   int64_t start_us)
{
    // Durations are unreliable: compare starts.
    bool back = start_us < stream->start_us - JUMP_US;
    if (!map->live) {
        return back;
    }
    int64_t late_us = now_us - start_us;
    int64_t least_us = MIN(stream->floor_us, stream->low_us);
    bool ahead = start_us > stream->end_us + JUMP_US && late_us < least_us - JUMP_US;
    return ahead || (back && late_us > stream->late_us + JUMP_US);
}

static int64_t continued(const CaptureClockmap *map, const CaptureClockStream *stream,
                         int64_t now_us)
{
    int64_t by_clock_us = now_us - stream->late_us;
    int64_t end_us = MIN(stream->end_us, stream->start_us + JUMP_US);
    return !map->live || ABS(by_clock_us - end_us) < JUMP_US ? end_us : by_clock_us;
}

/* Both streams jump alike: lips stay in sync. */
static void take_jump(CaptureClockmap *map, CaptureClockStream *stream, int64_t now_us,
                      int64_t start_us)
{
    const CaptureClockStream *other = &map->streams[stream == map->streams];
    int64_t own_us = stream->jump_us;
    if (stream->seen) {
        if (!jumped(map, stream, now_us, start_us - own_us)) {
            return;
        }
        own_us = start_us - continued(map, stream, now_us);
    } else if (other->seen) { // only arrival counts
        int64_t late_us = now_us - (start_us - other->jump_us);
        bool related = !map->live || ABS(late_us - other->late_us) < UNRELATED_US;
        own_us = related ? other->jump_us : start_us - (now_us - other->late_us);
    }
    bool same = other->seen && ABS(own_us - other->jump_us) < SAME_JUMP_US;
    stream->jump_us = same ? other->jump_us : own_us;
    stream->floor_us = INT64_MAX;
    map->streams[0].low_us = map->streams[1].low_us = INT64_MAX;
    map->window_us = now_us;
    map->measured = false;
}

/* Delay that no window needed. Slowly: recordings lose nothing. */
static void give_back(CaptureClockmap *map, int64_t floor_us)
{
    int64_t high_us = map->highs_us[1];
    for (int i = 2; i < CAPTURE_CLOCK_HIGHS; i++) {
        high_us = MAX(high_us, map->highs_us[i]);
    }
    if (high_us != INT64_MAX && high_us + margin(map) + SPARE_US < (int64_t)map->offset_us) {
        map->keep_us = (double)(on_phase(map, high_us + margin(map)) - floor_us);
    }
}

static void close_window(CaptureClockmap *map, int64_t now_us)
{
    CaptureClockStream *picture = &map->streams[CAPTURE_PICTURE];
    CaptureClockStream *sound = &map->streams[CAPTURE_SOUND];
    bool both = picture->low_us != INT64_MAX && sound->low_us != INT64_MAX;
    for (int i = 0; i < 2; i++) {
        map->streams[i].floor_us = map->streams[i].low_us;
        map->streams[i].low_us = INT64_MAX;
    }
    memmove(map->highs_us + 1, map->highs_us, sizeof map->highs_us - sizeof map->highs_us[0]);
    map->highs_us[0] = INT64_MIN;
    map->window_us = now_us;
    if (!map->started || both != (picture->seen && sound->seen)) {
        map->measured = false;
        return;
    }
    int64_t floor_us = picture->seen ? picture->floor_us : sound->floor_us;
    int64_t apart_us = both ? sound->floor_us - picture->floor_us : 0;
    if (!map->measured) {
        map->keep_us = map->offset_us - (double)floor_us;
        map->base_apart_us = (double)apart_us - map->apart_us;
    } else if (ABS(apart_us - map->last_apart_us) > STEP_US) {
        map->base_apart_us += (double)(apart_us - map->last_apart_us);
    }
    map->last_apart_us = apart_us;
    map->measured = true;
    give_back(map, floor_us);
}

static double slew(double off_us, double slack_us, double passed_us)
{
    double most = MAX_SLEW * passed_us;
    double beyond = off_us - CLAMP(off_us, -slack_us, slack_us);
    return CLAMP(beyond * passed_us / SLEW_US, -most, most);
}

static void follow_clock(CaptureClockmap *map, int64_t now_us)
{
    double passed_us = (double)(now_us - map->now_us);
    map->now_us = now_us;
    if (now_us - map->window_us >= WINDOW_US) {
        close_window(map, now_us);
    }
    if (!map->measured || passed_us <= 0) {
        return;
    }
    const CaptureClockStream *picture = &map->streams[CAPTURE_PICTURE];
    const CaptureClockStream *lead = picture->seen ? picture : &map->streams[CAPTURE_SOUND];
    double aim_us = (double)lead->floor_us + map->keep_us;
    double apart_us = (double)map->last_apart_us - map->base_apart_us;
    map->offset_us += slew(aim_us - map->offset_us, SLACK_US, passed_us);
    map->apart_us += slew(apart_us - map->apart_us, APART_SLACK_US, passed_us);
}

int64_t capture_clockmap_arrive(CaptureClockmap *map, CaptureClockKind kind, int64_t now_us,
                                int64_t start_us, int64_t end_us)
{
    CaptureClockStream *stream = &map->streams[kind];
    bool first = !map->streams[0].seen && !map->streams[1].seen;
    take_jump(map, stream, now_us, start_us);
    start_us -= stream->jump_us;
    end_us -= stream->jump_us;
    if (first) {
        map->first_now_us = map->now_us = map->window_us = now_us;
    }
    if (!stream->seen) {
        stream->seen = true;
        stream->first_us = stream->end_us = start_us;
    }
    bool goes_on = end_us > stream->end_us;
    stream->start_us = start_us;
    stream->end_us = MAX(stream->end_us, end_us);
    stream->late_us = now_us - start_us;
    if (map->live) {
        bool settled = now_us - map->first_now_us > SETTLE_US;
        map->late_us = settled ? MAX(map->late_us, stream->late_us) : stream->late_us;
        stream->low_us = MIN(stream->low_us, stream->late_us);
        map->highs_us[0] = MAX(map->highs_us[0], lateness(map, stream));
        follow_clock(map, now_us);
        if (map->started && goes_on) { // a frozen timestamp tells nothing
            note_late(map, stream);
        }
    }
    return start_us;
}

static int64_t first_moment(const CaptureClockmap *map)
{
    const CaptureClockStream *picture = &map->streams[CAPTURE_PICTURE];
    const CaptureClockStream *sound = &map->streams[CAPTURE_SOUND];
    return MIN(picture->seen ? picture->first_us : INT64_MAX,
               sound->seen ? sound->first_us : INT64_MAX);
}

void capture_clockmap_start(CaptureClockmap *map, int64_t pts_us)
{
    map->started = true;
    if (map->live) {
        anchor(map, map->late_us);
    } else {
        map->offset_us = (double)(pts_us - first_moment(map));
        map->anchors++;
    }
}

void capture_clockmap_skip(CaptureClockmap *map, int64_t pts_us, int64_t to_us)
{
    map->offset_us = (double)(pts_us - to_us);
    map->anchors++;
}

double capture_clockmap_at(const CaptureClockmap *map, CaptureClockKind kind, int64_t pts_us)
{
    return (double)pts_us - map->offset_us - (kind == CAPTURE_SOUND ? map->apart_us : 0);
}
