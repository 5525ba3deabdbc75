// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the published recording: playlists, MP4, key frames, repeated runs.
#include "cases.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"

#include <glib/gstdio.h>
#include <libavformat/avformat.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const PublishChapter chapter = {.media_us = 10000000, .title_ar = "فصل"};
static const PublishInputs outcome = {.title = "جلسة",
                                      .artist = "Expert",
                                      .language = "ar",
                                      .chapters = &chapter,
                                      .chapter_count = 1};

static bool make_step(const char *folder, PublishStep step, GError **error)
{
    int level = av_log_get_level();
    bool made = publish_make(folder, SESSION_ID, step, &outcome, NULL, NULL, error);
    g_assert_cmpint(av_log_get_level(), ==, level);
    return made;
}

static void finish(const char *folder)
{
    g_autoptr(GError) error = NULL;
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        make_step(folder, step, &error);
        g_assert_no_error(error);
    }
}

static char *output_path(const char *folder, const char *name)
{
    return g_build_filename(folder, SESSION_ID, name, NULL);
}

/* --- Which packets, when ---------------------------------------------------------------------- */

typedef struct {
    uint32_t crc;
    double at_us;
} Packet;

/* What of a track lies inside the marks, and where it belongs in the file. */
static GArray *expected_packets(const ClipTrack *track)
{
    GArray *packets = g_array_new(FALSE, FALSE, sizeof(Packet));
    int64_t place_us = 0;
    for (unsigned s = 0; s < SESSION_STRETCHES; s++) {
        const SessionStretch *stretch = &session_stretches[s];
        for (guint i = 0; i < track->packets->len; i++) {
            int64_t pts_us = clip_packet_us(track, i, stretch->run_us);
            if (pts_us >= stretch->start_us && pts_us < stretch->end_us) {
                Packet packet = {.crc = clip_crc(g_ptr_array_index(track->packets, i)),
                                 .at_us = (double)(pts_us - stretch->start_us + place_us)};
                g_array_append_val(packets, packet);
            }
        }
        place_us += stretch->end_us - stretch->start_us;
    }
    return packets;
}

/* All packets in the file, hidden by an edit list or not. */
static GArray *file_packets(const char *path, enum AVMediaType type, bool edited)
{
    AVFormatContext *demuxer = NULL;
    AVDictionary *options = NULL;
    av_dict_set(&options, "ignore_editlist", edited ? "0" : "1", 0);
    g_assert_cmpint(avformat_open_input(&demuxer, path, NULL, &options), ==, 0);
    av_dict_free(&options);
    GArray *packets = g_array_new(FALSE, FALSE, sizeof(Packet));
    AVPacket *packet = av_packet_alloc();
    while (av_read_frame(demuxer, packet) >= 0) {
        const AVStream *stream = demuxer->streams[packet->stream_index];
        if (stream->codecpar->codec_type == type) {
            Packet one = {.crc = clip_crc(packet),
                          .at_us = (double)packet->pts * av_q2d(stream->time_base) * 1e6};
            g_array_append_val(packets, one);
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&demuxer);
    return packets;
}

static void check_track(const char *path, const ClipTrack *track)
{
    bool video = track->track->info.kind == MEDIA_VIDEO;
    enum AVMediaType type = video ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
    g_autoptr(GArray) wanted = expected_packets(track);
    g_autoptr(GArray) all = file_packets(path, type, false);
    g_autoptr(GArray) shown = file_packets(path, type, true);
    g_assert_cmpuint(all->len, ==, wanted->len);
    g_assert_cmpuint(shown->len, ==, wanted->len);
    for (guint i = 0; i < wanted->len; i++) {
        const Packet *want = &g_array_index(wanted, Packet, i);
        const Packet *got = &g_array_index(shown, Packet, i);
        g_assert_cmphex(got->crc, ==, want->crc);
        g_assert_cmpfloat(ABS(got->at_us - want->at_us), <, 1000);
    }
}

/* moov before mdat: a browser starts at once. */
static void check_moov_first(const char *folder)
{
    gsize size;
    g_autofree char *bytes = case_read(folder, "recording.mp4", &size);
    bool moov = false;
    for (gsize at = 0; at + 8 <= size;) {
        uint32_t length = base_get_u32((const uint8_t *)bytes + at);
        moov |= memcmp(bytes + at + 4, "moov", 4) == 0;
        if (memcmp(bytes + at + 4, "mdat", 4) == 0) {
            g_assert_true(moov);
            return;
        }
        g_assert_cmpuint(length, >=, 8);
        at += length;
    }
    g_assert_not_reached();
}

static double probe(const char *path, const char *options)
{
    g_autofree char *text = case_command("ffprobe -v error %s -of csv=p=0 '%s'", options, path);
    return g_ascii_strtod(text, NULL);
}

static void test_mp4(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    finish(folder);
    g_autofree char *path = output_path(folder, "recording.mp4");
    check_track(path, &case_clip()->tracks[0]);
    check_track(path, &case_clip()->tracks[2]);
    check_moov_first(folder);
    g_assert_cmpfloat(ABS(probe(path, "-show_entries format=duration") * 1e6 - SESSION_PUBLIC_US),
                      <, 22000);
    g_assert_cmpfloat(ABS(probe(path, "-select_streams v -show_entries stream=duration") * 1e6 -
                          SESSION_PUBLIC_US),
                      <, 1000);
    g_assert_cmpfloat(probe(path, "-select_streams v -count_frames -show_entries "
                                  "stream=nb_read_frames"),
                      ==, SESSION_PUBLIC_US * 3 / 100000);
    g_autofree char *decoded = case_command("ffmpeg -v error -i '%s' -f null -", path);
    g_autofree char *tags = case_command("ffprobe -v error -show_entries "
                                         "format_tags=title,artist:stream_tags=language "
                                         "-of default=nk=1:nw=1 '%s'",
                                         path);
    g_assert_nonnull(strstr(tags, "جلسة"));
    g_assert_nonnull(strstr(tags, "Expert"));
    g_assert_nonnull(strstr(tags, "ara"));
    case_remove(folder);
}

/* --- Playlists -------------------------------------------------------------------------------- */

static unsigned count_text(const char *text, const char *what)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++) {
        count++;
    }
    return count;
}

static double sum_durations(const char *text)
{
    double sum = 0;
    for (const char *at = text; (at = strstr(at, "#EXTINF:")) != NULL; at++) {
        sum += g_ascii_strtod(at + strlen("#EXTINF:"), NULL);
    }
    return sum;
}

static void check_media_playlist(const char *folder, const char *key)
{
    g_autofree char *name = g_strconcat(key, ".m3u8", NULL);
    gsize size;
    g_autofree char *text = case_read(folder, name, &size);
    g_assert_true(g_str_has_prefix(text, "#EXTM3U\n"));
    g_assert_true(g_str_has_suffix(text, "\n#EXT-X-ENDLIST\n"));
    g_assert_nonnull(strstr(text, "\n#EXT-X-PLAYLIST-TYPE:VOD\n"));
    g_assert_nonnull(strstr(text, "\n#EXT-X-TARGETDURATION:2\n"));
    g_assert_cmpuint(count_text(text, "#EXTINF:"), ==, 9);
    g_assert_cmpuint(count_text(text, "#EXT-X-DISCONTINUITY\n"), ==, 2);
    g_assert_cmpuint(count_text(text, "#EXT-X-MAP:"), ==, 2);
    g_assert_cmpuint(count_text(text, "#EXT-X-PROGRAM-DATE-TIME:"), ==, 3);
    g_assert_cmpfloat(ABS(sum_durations(text) * 1e6 - SESSION_PUBLIC_US), <, 22000);
    g_autofree char *path = output_path(folder, name);
    g_assert_cmpfloat(ABS(probe(path, "-show_entries format=duration") * 1e6 - SESSION_PUBLIC_US),
                      <, 40000);
}

static void test_playlists(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    g_autoptr(GError) error = NULL;
    int64_t start_us = base_clock_us();
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &error);
    g_assert_no_error(error);
    g_test_message("playlists in %.1f ms", (double)(base_clock_us() - start_us) / 1000);
    check_media_playlist(folder, "v720p");
    check_media_playlist(folder, "v360p");
    check_media_playlist(folder, "aar");
    gsize size;
    g_autofree char *video = case_read(folder, "v720p.m3u8", &size);
    g_autofree char *opened = base_time_format(SESSION_EPOCH_US + 3000000);
    g_autofree char *date = g_strdup_printf("#EXT-X-PROGRAM-DATE-TIME:%s\n", opened);
    g_assert_nonnull(strstr(video, date));
    g_autofree char *text = case_read(folder, "main.m3u8", &size);
    g_assert_nonnull(strstr(text, "RESOLUTION=320x180,FRAME-RATE=30.000"));
    g_assert_nonnull(strstr(text, "NAME=\"العربية\",LANGUAGE=\"ar\",DEFAULT=YES"));
    g_assert_nonnull(strstr(text, ",mp4a.40.2\""));
    g_autofree char *main_path = output_path(folder, "main.m3u8");
    g_assert_cmpfloat(probe(main_path, "-select_streams v:0 -count_frames -show_entries "
                                       "stream=nb_read_frames"),
                      ==, SESSION_PUBLIC_US * 3 / 100000);
    case_remove(folder);
}

/* BANDWIDTH is no less than what a segment really takes, and not twice as much. */
static void test_bandwidth(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 4000000, .open = true};
    case_write(folder, &run);
    finish(folder);
    double peak = 0;
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *video = g_strdup_printf("%s/" SESSION_ID "/1/v720p/%u.m4s", folder, i);
        g_autofree char *audio = g_strdup_printf("%s/" SESSION_ID "/1/aar/%u.m4s", folder, i);
        struct stat a;
        struct stat b;
        g_assert_cmpint(stat(video, &a), ==, 0);
        g_assert_cmpint(stat(audio, &b), ==, 0);
        peak = MAX(peak, (double)(a.st_size + b.st_size) * 8 / 2);
    }
    gsize size;
    g_autofree char *text = case_read(folder, "main.m3u8", &size);
    double said = g_ascii_strtod(strstr(text, ":BANDWIDTH=") + strlen(":BANDWIDTH="), NULL);
    double average =
        g_ascii_strtod(strstr(text, "AVERAGE-BANDWIDTH=") + strlen("AVERAGE-BANDWIDTH="), NULL);
    g_assert_cmpfloat(said, >=, peak * 0.99);
    g_assert_cmpfloat(said, <=, peak * 1.05);
    g_assert_cmpfloat(average, <=, said);
    case_remove(folder);
}

/* Each key frame says its own format (NAL unit type 7 first), so that seeking to it is safe. */
static void check_sets(const char *path)
{
    AVFormatContext *demuxer = NULL;
    g_assert_cmpint(avformat_open_input(&demuxer, path, NULL, NULL), ==, 0);
    AVPacket *packet = av_packet_alloc();
    unsigned keys = 0;
    while (av_read_frame(demuxer, packet) >= 0) {
        bool video =
            demuxer->streams[packet->stream_index]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
        if (video && (packet->flags & AV_PKT_FLAG_KEY) != 0) {
            g_assert_cmpint(packet->data[4] & 0x1f, ==, 7);
            keys++;
        }
        av_packet_unref(packet);
    }
    g_assert_cmpuint(keys, >=, 9);
    av_packet_free(&packet);
    avformat_close_input(&demuxer);
}

/* A second run whose encoder was set otherwise, a third as the first: one file plays all. */
static void test_other_encoder(void)
{
    char *folder = case_folder();
    char *clip_folder = case_folder();
    Clip *other = clip_new(clip_folder, "352x288");
    g_assert_cmpint(other->tracks[0].parameters->width, !=,
                    case_clip()->tracks[0].parameters->width);
    ClipRun first = {.run = 1, .end_us = 3000000, .open = true};
    case_write(folder, &first);
    ClipRun second = {
        .run = 2, .start_us = 10000000, .end_us = 13000000, .open = true, .sequence = 8};
    case_write_clip(folder, other, &second);
    ClipRun third = {
        .run = 3, .start_us = 20000000, .end_us = 23000000, .open = true, .sequence = 16};
    case_write(folder, &third);
    finish(folder);
    g_autofree char *path = output_path(folder, "recording.mp4");
    g_autofree char *widths = case_command("ffprobe -v error -select_streams v -show_entries "
                                           "frame=width -of default=nk=1:nw=1 '%s'",
                                           path);
    g_assert_cmpuint(count_text(widths, "320\n"), ==, 180);
    g_assert_cmpuint(count_text(widths, "352\n"), ==, 90);
    check_sets(path);
    g_autofree char *decoded = case_command("ffmpeg -v error -i '%s' -f null -", path);
    clip_free(other);
    case_remove(clip_folder);
    case_remove(folder);
}

/* --- Pictures that nobody could see --------------------------------------------------------- */

static void expect_undecodable(const char *folder, const char *rendition, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *main = output_path(folder, "main.m3u8");
    g_assert_false(make_step(folder, PUBLISH_STEP_PLAYLISTS, &error));
    g_assert_nonnull(strstr(error->message, rendition));
    g_assert_nonnull(strstr(error->message, reason));
    g_assert_false(g_file_test(main, G_FILE_TEST_EXISTS));
}

/* One rendition has a key frame at its run's start and never again; the marks are later. */
static void test_no_key_frame(void)
{
    char *folder = case_folder();
    char *clip_folder = case_folder();
    clip_free(clip_new(clip_folder, "320x180"));
    g_autofree char *made = case_command(
        "cd '%s' && ffmpeg -nostdin -v error -y -i v720p.mp4 -vf scale=160:90 -c:v libx264 -g 9999 "
        "-keyint_min 9999 -sc_threshold 0 -bf 0 -preset ultrafast -profile:v baseline v360p.mp4",
        clip_folder);
    Clip *clip = clip_load(clip_folder);
    const ClipMark open = {.pts_us = 4000000, .mark = MEDIA_MARK_OPEN};
    ClipRun run = {.run = 1, .end_us = 8000000, .marks = &open, .mark_count = 1};
    case_write_clip(folder, clip, &run);
    expect_undecodable(folder, "The picture of 360p cannot be decoded from 0:00:00",
                       "does not begin with a key frame");
    clip_free(clip);
    case_remove(clip_folder);
    case_remove(folder);
}

/* Both renditions have key frames at these seconds only; the marks are at 4 and 8 s. */
static char *late_recording(const char *keys)
{
    char *folder = case_folder();
    char *clip_folder = case_folder();
    clip_free(clip_new(clip_folder, "320x180"));
    g_autofree char *made = case_command(
        "cd '%s' && for v in v720p v360p; do ffmpeg -nostdin -v error -y -i $v.mp4 -c:v libx264 "
        "-g 9999 -sc_threshold 0 -bf 0 -preset ultrafast -profile:v baseline "
        "-force_key_frames %s late.mp4 && mv late.mp4 $v.mp4; done",
        clip_folder, keys);
    Clip *clip = clip_load(clip_folder);
    const ClipMark marks[] = {{.pts_us = 4000000, .mark = MEDIA_MARK_OPEN},
                              {.pts_us = 8000000, .mark = MEDIA_MARK_CLOSE}};
    ClipRun run = {.run = 1, .end_us = 10000000, .marks = marks, .mark_count = 2};
    case_write_clip(folder, clip, &run);
    clip_free(clip);
    case_remove(clip_folder);
    return folder;
}

/* An encoder that is late with each key frame, also where the recording begins: what nobody can
 * decode before the first is left out, and the first stands in its place. */
static void test_late_key_frame(void)
{
    char *folder = late_recording("0,2.3,4.3,6.3,8.3");
    finish(folder);
    g_autofree char *path = output_path(folder, "recording.mp4");
    g_autoptr(GArray) packets = file_packets(path, AVMEDIA_TYPE_VIDEO, true);
    g_assert_cmpuint(packets->len, ==, 120 - 9);
    g_assert_cmpfloat(g_array_index(packets, Packet, 0).at_us, ==, 0);
    g_assert_cmpfloat(ABS(g_array_index(packets, Packet, 1).at_us - 10 * CLIP_FRAME_US), <, 1000);
    g_autofree char *decoded = case_command("ffmpeg -v error -i '%s' -f null -", path);
    g_autofree char *length = case_command("ffprobe -v error -select_streams v -show_entries "
                                           "stream=duration -of csv=p=0 '%s'",
                                           path);
    g_assert_cmpfloat(ABS(g_ascii_strtod(length, NULL) - 4), <, 0.001);
    gsize size;
    g_autofree char *playlist = case_read(folder, "v720p.m3u8", &size);
    g_assert_null(strstr(playlist, "INDEPENDENT-SEGMENTS"));
    case_remove(folder);
}

/* Later than an encoder may be. */
static void test_too_late_key_frame(void)
{
    char *folder = late_recording("0,2,6.8");
    expect_undecodable(folder, "cannot be decoded from 0:00:00", "does not begin with a key frame");
    case_remove(folder);
}

/* Damaged where the picture goes on after a pause; once it is mended, the step can be made. */
static void test_damaged_picture(void)
{
    char *folder = case_folder();
    const ClipMark marks[] = {{.pts_us = 4000000, .mark = MEDIA_MARK_CLOSE},
                              {.pts_us = 6000000, .mark = MEDIA_MARK_OPEN}};
    ClipRun run = {.run = 1,
                   .end_us = 10000000,
                   .open = true,
                   .marks = marks,
                   .mark_count = G_N_ELEMENTS(marks)};
    case_write(folder, &run);
    g_autofree char *path = output_path(folder, "1/v720p/3.m4s");
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    g_autofree char *damaged = g_memdup2(bytes, size);
    uint8_t *media = memmem(damaged, size, "mdat", 4);
    g_assert_nonnull(media);
    memset(media + 16, 0xff, 200);
    g_assert_true(g_file_set_contents(path, damaged, (gssize)size, NULL));
    expect_undecodable(folder, "The picture of 720p cannot be decoded from 0:00:04", "damaged");
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    finish(folder);
    case_remove(folder);
}

/* --- Again, and after a kill ------------------------------------------------------------------ */

static char *digest(const char *folder)
{
    return case_command("cd '%s/" SESSION_ID "' && find . -type f | sort | xargs sha256sum",
                        folder);
}

static void test_twice(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    finish(folder);
    g_autofree char *first = digest(folder);
    finish(folder);
    g_assert_true(publish_take_back(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, 0, NULL));
    finish(folder);
    g_autofree char *second = digest(folder);
    g_assert_cmpstr(first, ==, second);
    case_remove(folder);
}

static void test_killed(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    g_autofree char *whole_folder = case_folder();
    g_autofree char *copied = case_command("cp -r '%s/" SESSION_ID "' '%s'", folder, whole_folder);
    finish(whole_folder);
    g_autofree char *wanted = digest(whole_folder);
    for (unsigned i = 0; i < 16; i++) {
        pid_t child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
            for (;;) {
                finish(folder);
                publish_take_back(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, 0, NULL);
            }
        }
        g_usleep((gulong)g_test_rand_int_range(500, 60000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        // What is there under its final name is whole.
        g_autofree char *path = output_path(folder, "recording.mp4");
        g_autofree char *sound_path = output_path(folder, "audio.m4a");
        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            check_track(path, &case_clip()->tracks[0]);
        }
        if (g_file_test(sound_path, G_FILE_TEST_EXISTS)) {
            check_track(sound_path, &case_clip()->tracks[2]);
        }
    }
    finish(folder);
    // Nothing is left over from a kill, under another name neither.
    g_autofree char *clean = digest(folder);
    g_assert_cmpstr(clean, ==, wanted);
    case_remove(g_steal_pointer(&whole_folder));
    case_remove(folder);
}

/* A tail that was never journalled is not served, nor media that only some tracks have. */
static void test_torn_tail(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    case_write(folder, &run);
    // The journal loses its last lines: of segment 2, 720p keeps 4 parts, 360p and audio 3.
    gsize size;
    g_autofree char *text = case_read(folder, "journal", &size);
    char *cut = strstr(text, "part run=1 track=v360p segment=2 part=3 ");
    g_assert_nonnull(cut);
    g_autofree char *journal = output_path(folder, "journal");
    g_assert_true(g_file_set_contents(journal, text, cut + 20 - text, NULL));
    g_autofree char *tail = output_path(folder, "1/v360p/2.m4s");
    struct stat before;
    g_assert_cmpint(stat(tail, &before), ==, 0);
    finish(folder);
    struct stat after;
    g_assert_cmpint(stat(tail, &after), ==, 0);
    g_assert_cmpint(after.st_size, <, before.st_size);
    g_autofree char *path = output_path(folder, "recording.mp4");
    g_assert_cmpfloat(probe(path, "-select_streams v -count_frames -show_entries "
                                  "stream=nb_read_frames"),
                      ==, 165);
    g_assert_cmpfloat(ABS(probe(path, "-select_streams a -show_entries stream=duration") - 5.5), <,
                      0.03);
    g_autofree char *playlist = case_read(folder, "v720p.m3u8", &size);
    g_assert_cmpfloat(ABS(sum_durations(playlist) - 5.5), <, 0.001);
    g_assert_nonnull(strstr(playlist, "#EXT-X-BYTERANGE:"));
    g_autofree char *list_path = output_path(folder, "v720p.m3u8");
    g_assert_cmpfloat(probe(list_path, "-select_streams v -count_frames -show_entries "
                                       "stream=nb_read_frames"),
                      ==, 165);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_true(state.ended);
    case_remove(folder);
}

static void test_nothing_public(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 2000000};
    case_write(folder, &run);
    char *file = NULL;
    const char *type = NULL;
    g_assert_cmpint(publish_find(folder, SESSION_ID, "main.m3u8", &file, &type), ==, PUBLISH_LATER);
    g_autoptr(GError) error = NULL;
    g_assert_false(make_step(folder, PUBLISH_STEP_MP4, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_true(make_step(folder, PUBLISH_STEP_PLAYLISTS, &error));
    g_assert_false(make_step(folder, PUBLISH_STEP_MP4, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_assert_cmpint(publish_find(folder, SESSION_ID, "main.m3u8", &file, &type), ==,
                    PUBLISH_NOT_FOUND);
    g_assert_cmpint(publish_find(folder, SESSION_ID, "recording.mp4", &file, &type), ==,
                    PUBLISH_NOT_FOUND);
    case_remove(folder);
}

/* --- Finding ---------------------------------------------------------------------------------- */

static PublishFound find(const char *folder, const char *id, const char *path)
{
    g_autofree char *file = NULL;
    const char *type = NULL;
    PublishFound found = publish_find(folder, id, path, &file, &type);
    g_assert_true((found == PUBLISH_FOUND) == (file != NULL));
    g_assert_true((found == PUBLISH_FOUND) == (type != NULL));
    if (found == PUBLISH_FOUND) {
        g_autofree char *wanted = g_build_filename(folder, id, path, NULL);
        g_assert_cmpstr(file, ==, wanted);
    }
    return found;
}

static void test_find(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    g_assert_cmpint(find(folder, SESSION_ID, "main.m3u8"), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, SESSION_ID, "recording.mp4"), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, SESSION_ID, "1/v720p/2.m4s"), ==, PUBLISH_NOT_FOUND);
    g_autoptr(GError) error = NULL;
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &error);
    g_assert_no_error(error);
    g_assert_cmpint(find(folder, SESSION_ID, "recording.mp4"), ==, PUBLISH_LATER);
    make_step(folder, PUBLISH_STEP_MP4, &error);
    g_assert_no_error(error);
    static const char *const there[] = {"main.m3u8",      "v720p.m3u8",    "v360p.m3u8",
                                        "aar.m3u8",       "recording.mp4", "1/v720p/init.mp4",
                                        "1/v720p/2.m4s",  "1/aar/7.m4s",   "2/v360p/init.mp4",
                                        "2/v360p/11.m4s", "1/v720p/9.m4s", "2/aar/13.m4s"};
    for (unsigned i = 0; i < G_N_ELEMENTS(there); i++) {
        g_assert_cmpint(find(folder, SESSION_ID, there[i]), ==, PUBLISH_FOUND);
    }
    // Run 1: lobby 0 and 1, pause 5 and 6; run 2: after the end 14.
    static const char *const outside[] = {"1/v720p/0.m4s", "1/v720p/1.m4s", "1/aar/5.m4s",
                                          "1/v360p/6.m4s", "2/v720p/14.m4s"};
    for (unsigned i = 0; i < G_N_ELEMENTS(outside); i++) {
        g_autofree char *path = output_path(folder, outside[i]);
        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
        g_assert_cmpint(find(folder, SESSION_ID, outside[i]), ==, PUBLISH_NOT_FOUND);
    }
    case_remove(folder);
}

static void test_find_hostile(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    finish(folder);
    g_autofree char *secret = g_build_filename(folder, "secret.m3u8", NULL);
    g_assert_true(g_file_set_contents(secret, "x", 1, NULL));
    static const char *const paths[] = {"",
                                        "/",
                                        ".",
                                        "..",
                                        "journal",
                                        "recording.mp4.new",
                                        "main.m3u8.new",
                                        "../secret.m3u8",
                                        "v/../secret.m3u8",
                                        "main.m3u8/",
                                        "/main.m3u8",
                                        "./main.m3u8",
                                        "1//v720p/2.m4s",
                                        "1/v720p/2.m4s/",
                                        "1/v720p/../v720p/2.m4s",
                                        "01/v720p/2.m4s",
                                        "+1/v720p/2.m4s",
                                        "1/v720p/02.m4s",
                                        "1/v720p/-2.m4s",
                                        "1/v720p/2.m4s\n",
                                        "1/v720p/2.M4S",
                                        "1/v720p/.m4s",
                                        "1/v720p/2",
                                        "1/v720p",
                                        "1",
                                        "1/V720P/2.m4s",
                                        "1/x720p/2.m4s",
                                        "1/v720p/init.mp4\"",
                                        "1/v720p/99999999999999999999999999.m4s",
                                        "1/v720p/2.m4s\n#EXTINF",
                                        "%2e%2e/secret.m3u8",
                                        "v720p.m3u8\n",
                                        "v.m3u8",
                                        "v..m3u8",
                                        "vnone.m3u8",
                                        "secret.m3u8",
                                        "1/v720p/2.0.m4s"};
    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_assert_cmpint(find(folder, SESSION_ID, paths[i]), ==, PUBLISH_NOT_FOUND);
    }
    static const char *const ids[] = {
        "", ".", "..", "../" SESSION_ID, SESSION_ID "/", "S1", "none", SESSION_ID "/1"};
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_assert_cmpint(find(folder, ids[i], "main.m3u8"), ==, PUBLISH_NOT_FOUND);
    }
    g_autofree char *long_path = g_strnfill(100000, 'v');
    g_assert_cmpint(find(folder, SESSION_ID, long_path), ==, PUBLISH_NOT_FOUND);

    // Links out of the folder: a file, a track, a playlist.
    g_autofree char *segment = output_path(folder, "1/v720p/2.m4s");
    g_unlink(segment);
    g_assert_cmpint(symlink("/etc/passwd", segment), ==, 0);
    g_assert_cmpint(find(folder, SESSION_ID, "1/v720p/2.m4s"), ==, PUBLISH_NOT_FOUND);
    g_autofree char *moved = case_command(
        "cd '%s/" SESSION_ID "/1' && mv aar ../../away && ln -s ../../away aar", folder);
    g_assert_cmpint(find(folder, SESSION_ID, "1/aar/2.m4s"), ==, PUBLISH_NOT_FOUND);
    g_autofree char *playlist = output_path(folder, "v360p.m3u8");
    g_unlink(playlist);
    g_assert_cmpint(symlink("../secret.m3u8", playlist), ==, 0);
    g_assert_cmpint(find(folder, SESSION_ID, "v360p.m3u8"), ==, PUBLISH_NOT_FOUND);
    case_remove(folder);
}

void add_finish_cases(void)
{
    g_test_add_func("/archive/finish/playlists", test_playlists);
    g_test_add_func("/archive/finish/bandwidth", test_bandwidth);
    g_test_add_func("/archive/finish/mp4", test_mp4);
    g_test_add_func("/archive/finish/other-encoder", test_other_encoder);
    g_test_add_func("/archive/finish/no-key-frame", test_no_key_frame);
    g_test_add_func("/archive/finish/late-key-frame", test_late_key_frame);
    g_test_add_func("/archive/finish/too-late-key-frame", test_too_late_key_frame);
    g_test_add_func("/archive/finish/damaged-picture", test_damaged_picture);
    g_test_add_func("/archive/finish/twice", test_twice);
    g_test_add_func("/archive/finish/killed", test_killed);
    g_test_add_func("/archive/finish/torn-tail", test_torn_tail);
    g_test_add_func("/archive/finish/nothing-public", test_nothing_public);
    g_test_add_func("/archive/find", test_find);
    g_test_add_func("/archive/find/hostile", test_find_hostile);
}
