// SPDX-License-Identifier: GPL-3.0-or-later
// An hour's session through the real writer, as fast as the disk takes it; then what somebody waits
// for when it ends: the playlist that can be sought in (goal 1 s), the MP4 (goal 10 s), the rest.
// archive-hour [MINUTES [FOLDER]]: prints, and asserts only that everything was made. Ten minutes
// in the short form.
#include "../unit/long.h"
#include "clip.h"

#include "archive/archive.h"
#include "publish/publish.h"
#include "auth/auth.h"
#include "base/clock.h"

#include <glib/gstdio.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define ID "hour"
#define CHAPTERS 12
#define THUMB_PERIOD_US (10 * BASE_US_PER_S)
#define THUMB_BYTES 12000

static void run(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void run(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    int status = system(line);
    g_assert_cmpint(status, ==, 0);
}

/* 1.55 + 0.45 + 0.13 Mbit/s, a key frame each 2 s; moving, as a talk with slides hardly does. */
static Clip *make_clip(const char *folder)
{
    g_autofree char *picture = clip_picture("1280x720");
    const char *x264 = "-c:v libx264 -preset ultrafast -profile:v baseline -g 60 -keyint_min 60 "
                       "-sc_threshold 0 -bf 0 -pix_fmt yuv420p";
    run("ffmpeg -nostdin -v error -y -f lavfi -i '%s' "
        "-f lavfi -i anoisesrc=d=%d:c=pink:r=48000:a=0.3 "
        "-filter_complex '[0:v]split[a][b];[b]scale=640:360[c]' "
        "-map '[a]' %s -b:v 1550k -minrate 1550k -maxrate 1550k -bufsize 1550k %s/v720p.mp4 "
        "-map '[c]' %s -b:v 450k -minrate 450k -maxrate 450k -bufsize 450k %s/v360p.mp4 "
        "-map 1:a -c:a aac -b:a 128k -ac 2 %s/aar.mp4",
        picture, CLIP_SECONDS, x264, folder, x264, folder, folder);
    return clip_load(folder);
}

/* What the full ring refuses is offered again. */
static void push(void *data, MediaPart *part)
{
    while (!archive_writer_push(data, part)) {
        g_usleep(1000);
    }
}

static double seconds_since(int64_t start_us)
{
    return (double)(base_clock_us() - start_us) / 1e6;
}

static void write_thumbs(const char *directory, int64_t end_us)
{
    g_autofree char *folder = g_build_filename(directory, ID, "thumbs", NULL);
    g_autofree char *bytes = g_strnfill(THUMB_BYTES, 'x');
    memcpy(bytes, "\xff\xd8", 2);
    memcpy(bytes + THUMB_BYTES - 2, "\xff\xd9", 2);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    for (int64_t at_us = 0; at_us < end_us; at_us += THUMB_PERIOD_US) {
        g_autofree char *path =
            g_strdup_printf("%s/%" G_GINT64_FORMAT ".jpg", folder, at_us / BASE_US_PER_MS);
        g_assert_true(g_file_set_contents(path, bytes, THUMB_BYTES, NULL));
    }
}

/* Writes the session and returns when it ended: all but the last moments are on disk by then, as
 * they are when it runs at the speed of time. */
static int64_t write_session(const char *directory, const Clip *clip, int64_t end_us)
{
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = directory, .id = ID},
                                  .epoch_wall_us = base_wall_us()};
    ArchiveWriter *writer = archive_writer_new(&config, NULL, &error);
    g_assert_no_error(error);
    ClipRun session = {.run = 1, .end_us = end_us, .open = true};
    int64_t start_us = base_clock_us();
    clip_segment(clip, &session, push, writer);
    ArchiveWriterStats stats;
    do {
        g_usleep(1000);
        archive_writer_stats(writer, &stats);
    } while (stats.stored_pts_us < end_us - BASE_US_PER_S);
    double took = seconds_since(start_us);
    printf("written: %.0f minutes, %.2f Mbit/s, in %.1f s: %.0f times real time\n",
           (double)end_us / 6e7, (double)stats.bytes * 8 / (double)end_us, took,
           (double)end_us / 1e6 / took);
    int64_t ended_us = base_clock_us();
    archive_writer_free(writer);
    return ended_us;
}

static bool sign(void *data, const uint8_t *bytes, size_t size, uint8_t out[64])
{
    auth_signer_sign(data, bytes, size, out);
    return true;
}

static void report(const char *what, int64_t start_us, int64_t ended_us, const char *goal)
{
    printf("%-10s %6.2f s, there %6.2f s after the end%s\n", what, seconds_since(start_us),
           seconds_since(ended_us), goal);
    fflush(stdout);
}

/* One frame from the middle, as a viewer who jumps there. ffmpeg 5.1 complains of the NAL units
 * that it drops when it seeks in fragmented MP4 over HLS, its own too. */
static void seek(const char *directory, const char *name, int64_t at_us)
{
    int64_t start_us = base_clock_us();
    run("ffmpeg -nostdin -v fatal -ss %.0f -i '%s/" ID "/%s' -map 0:v:0 -frames:v 1 -f null -",
        (double)at_us / 1e6, directory, name);
    printf("           %s: a frame from the middle after %.2f s (ffmpeg's start in it)\n", name,
           seconds_since(start_us));
}

static void finish(const char *directory, const PublishInputs *what, int64_t end_us,
                   int64_t ended_us)
{
    static const char *const goals[PUBLISH_STEPS] = {
        [PUBLISH_STEP_PLAYLISTS] = " (goal 1 s)", [PUBLISH_STEP_MP4] = " (goal 10 s)"};
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        g_autoptr(GError) error = NULL;
        int64_t start_us = base_clock_us();
        publish_make(directory, ID, step, what, NULL, NULL, &error);
        g_assert_no_error(error);
        report(publish_step_name(step), start_us, ended_us, goals[step] != NULL ? goals[step] : "");
        int64_t paused_us = base_clock_us();
        if (step == PUBLISH_STEP_PLAYLISTS || step == PUBLISH_STEP_MP4) {
            seek(directory, step == PUBLISH_STEP_MP4 ? "recording.mp4" : "main.m3u8", end_us / 2);
        }
        ended_us += base_clock_us() - paused_us; // looking is not making
    }
}

static bool room_for(const char *directory, int64_t end_us)
{
    struct statvfs disk;
    double wanted = (double)end_us / 1e6 * 2.2e6 / 8 * 2.5;
    return statvfs(directory, &disk) == 0 && (double)disk.f_bavail * disk.f_frsize > wanted;
}

int main(int argc, char **argv)
{
    int minutes = tests_are_long() ? 60 : 10;
    int64_t end_us = (argc > 1 ? atoi(argv[1]) : minutes) * 60 * BASE_US_PER_S;
    g_autofree char *pattern =
        g_build_filename(argc > 2 ? argv[2] : g_get_tmp_dir(), "majlis-hour-XXXXXX", NULL);
    char *directory = g_mkdtemp(pattern);
    g_assert_nonnull(directory);
    av_log_set_level(AV_LOG_ERROR);
    if (!room_for(directory, end_us)) {
        printf("there is no room for the session in %s\n", directory);
        g_rmdir(directory);
        return 77; // meson: skipped
    }
    g_autofree char *keys = g_build_filename(directory, "keys", NULL);
    g_autoptr(AuthSigner) signer = auth_signer_new(keys, NULL);
    PublishChapter chapters[CHAPTERS];
    for (unsigned i = 0; i < CHAPTERS; i++) {
        chapters[i] = (PublishChapter){
            .media_us = end_us / CHAPTERS * i, .title_ar = "فصل", .title_en = "Chapter"};
    }
    PublishInputs what = {.title = "Hour",
                          .language = "ar",
                          .chapters = chapters,
                          .chapter_count = CHAPTERS,
                          .sign = sign,
                          .sign_data = signer,
                          .public_key = auth_signer_public(signer)};
    Clip *clip = make_clip(directory);
    int64_t ended_us = write_session(directory, clip, end_us);
    int64_t paused_us = base_clock_us();
    write_thumbs(directory, end_us); // while live, really
    finish(directory, &what, end_us, ended_us + base_clock_us() - paused_us);
    clip_free(clip);
    ArchiveState state;
    g_assert_true(archive_read_state(directory, ID, &state, NULL));
    g_assert_cmpint(state.public_us, ==, end_us);
    run("rm -rf '%s'", directory);
    return 0;
}
