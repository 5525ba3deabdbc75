// SPDX-License-Identifier: GPL-3.0-or-later
// An hour of a programme through the segmenter's muxer: pictures on the grid and AAC frames counted
// in samples, with the times that the encoders' ends give them. Neither gains on the other by
// rounding: what stands in the media is exact to the tick.
#include "../tracks.h"

#include "base/bytes.h"
#include "capture/grid.h"
#include "hls/track.h"

#include <string.h>

#define SECOND BASE_US_PER_S
#define LENGTH_US (3600 * SECOND)
#define START_FRAME 3003 // 100.1 s: a run begins anywhere on the grid of 100 ms
#define AAC_SAMPLES 1024

typedef struct {
    HlsTrack *track;
    int64_t first_ticks, unit_ticks; // the first unit's time, one unit's length
    int64_t units;                   // read back so far
} Written;

/* Where the payload of the box `name` begins, inside the first of its kind; NULL: none. */
static const uint8_t *find_box(const uint8_t *data, size_t size, const char *name)
{
    const uint8_t *at = memmem(data, size, name, 4);
    return at != NULL ? at + 4 : NULL;
}

/* The time of the part's first unit is that of all units before it, and the part holds whole units.
 */
static void on_part(void *data, HlsTrack *track, MediaPart *part)
{
    Written *written = data;
    written = written->track == track ? written : written + 1;
    g_assert_true(written->track == track);
    size_t size = 0;
    const uint8_t *bytes = g_bytes_get_data(part->bytes, &size);
    const uint8_t *tfdt = find_box(bytes, size, "tfdt"), *trun = find_box(bytes, size, "trun");
    g_assert_true(tfdt != NULL && trun != NULL && tfdt[0] == 1); // version 1: 64 bits
    int64_t ticks = (int64_t)((uint64_t)base_get_u32(tfdt + 4) << 32 | base_get_u32(tfdt + 8));
    g_assert_cmpint(ticks, ==, written->first_ticks + written->units * written->unit_ticks);
    written->units += base_get_u32(trun + 4);
}

static void on_complete(void *data, HlsTrack *track, uint64_t sequence)
{
    (void)data;
    (void)track;
    (void)sequence;
}

static MediaTrack *audio_track(void)
{
    static const uint8_t config[] = {0x11, 0x90};
    MediaTrackInfo info = {.id = 1,
                           .kind = MEDIA_AUDIO,
                           .codec = MEDIA_AAC,
                           .name = "ar",
                           .language = "ar",
                           .bitrate = 128000,
                           .sample_rate = CAPTURE_RATE,
                           .channels = CAPTURE_CHANNELS};
    return media_track_new(&info, config, sizeof config);
}

static void write_unit(const Written *written, int64_t pts_us, int64_t end_us, bool key)
{
    static const uint8_t nal[] = {0, 0, 0, 1, 0x65};
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, sizeof nal);
    memcpy(unit->data, nal, sizeof nal);
    unit->track = media_track_ref(hls_track_media(written->track));
    unit->pts_us = pts_us;
    unit->duration_us = end_us - pts_us;
    unit->key = key;
    hls_track_unit(written->track, unit, false);
}

static void test_hour(void)
{
    int64_t start_us = capture_frame_pts(START_FRAME);
    int64_t first_sample = START_FRAME * CAPTURE_FRAME_SAMPLES;
    HlsConfig config = {.part_ms = 500, .segment_ms = 2000};
    HlsCutter cutter;
    HlsCounts counts = {0};
    Written written[2] = {
        {.first_ticks = START_FRAME * INT64_C(3000), .unit_ticks = 90000 / CAPTURE_FPS},
        {.first_ticks = first_sample, .unit_ticks = AAC_SAMPLES},
    };
    HlsTrackEvents events = {.part = on_part, .complete = on_complete, .data = written};
    g_autoptr(MediaTrack) video = tracks_h264(0, CAPTURE_HEIGHT, 2000000), audio = audio_track();
    g_autoptr(MediaPart) video_init = NULL, audio_init = NULL;
    hls_cutter_init(&cutter, &config);
    hls_cutter_run(&cutter, 1, start_us, true);
    written[0].track = hls_track_new(video, 1, &cutter, &counts, &events, &video_init);
    written[1].track = hls_track_new(audio, 1, &cutter, &counts, &events, &audio_init);
    int64_t n = 0;
    for (int64_t k = START_FRAME; k < START_FRAME + LENGTH_US * CAPTURE_FPS / SECOND; k++) {
        int64_t pts_us = capture_frame_pts(k), end_us = capture_frame_pts(k + 1);
        write_unit(&written[0], pts_us, end_us, k == START_FRAME || k % 60 == 0);
        for (; capture_samples_us(first_sample + (n + 1) * AAC_SAMPLES) <= end_us; n++) {
            int64_t at = first_sample + n * AAC_SAMPLES;
            write_unit(&written[1], capture_samples_us(at), capture_samples_us(at + AAC_SAMPLES),
                       true);
        }
    }
    hls_track_end(written[0].track, -1);
    hls_track_end(written[1].track, -1);
    g_assert_cmpint(written[0].units, ==, LENGTH_US * CAPTURE_FPS / SECOND);
    g_assert_cmpint(written[1].units, ==, n);
    g_assert_cmpint(counts.broken_units + counts.losses, ==, 0);
    int64_t picture_end = written[0].first_ticks + written[0].units * 3000;
    int64_t sound_end = written[1].first_ticks + written[1].units * AAC_SAMPLES;
    int64_t apart = picture_end * CAPTURE_RATE / 90000 - sound_end; // in samples
    g_test_message("after an hour the sound ends %" G_GINT64_FORMAT " samples before the picture",
                   apart);
    g_assert_cmpint(apart, >=, 0);
    g_assert_cmpint(apart, <, AAC_SAMPLES);
    hls_track_free(written[0].track);
    hls_track_free(written[1].track);
    hls_cutter_finish(&cutter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture/hour", test_hour);
    return g_test_run();
}
