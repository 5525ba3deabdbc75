// SPDX-License-Identifier: GPL-3.0-or-later
// The child as the server meets it: a process at the other end of a socket. This program runs
// itself as that process.
#include "../load.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "capture/capture.h"
#include "capture/grid.h"
#include "capture/mark.h"
#include "media/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND BASE_US_PER_S
#define START_US (4 * SECOND) // the timeline at the child's start: a second run of a session

typedef struct {
    pid_t pid;
    int fd;
    int64_t clock_us;
    MediaWireReceiver *receiver;
    GArray *log; // of MediaWireMessage, without OPENING
    unsigned opening;
    bool closed;
} Child;

static void log_clear(void *data)
{
    media_wire_clear(data);
}

static Child *child_start(const char *pipelines, const char *encoder)
{
    Child *child = g_new0(Child, 1);
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    child->clock_us = base_clock_us();
    g_autofree char *fd = g_strdup_printf("%d", fds[1]);
    g_autofree char *clock = g_strdup_printf("%" G_GINT64_FORMAT, child->clock_us);
    g_autofree char *start = g_strdup_printf("%" G_GINT64_FORMAT, START_US);
    child->pid = fork();
    if (child->pid == 0) {
        fcntl(fds[1], F_SETFD, 0);
        execl("/proc/self/exe", "test-child", "capture", "--fd", fd, "--clock-us", clock,
              "--start-us", start, "--keyframe-ms", "2000", "--encoder", encoder, "--pipelines",
              pipelines, NULL);
        _exit(127);
    }
    close(fds[1]);
    child->fd = fds[0];
    child->receiver = media_wire_receiver_new();
    child->log = g_array_new(FALSE, FALSE, sizeof(MediaWireMessage));
    g_array_set_clear_func(child->log, log_clear);
    return child;
}

static void child_send(Child *child, const MediaWireMessage *message)
{
    g_assert_cmpint(media_wire_send(child->fd, message), ==, 0);
}

static void child_source(Child *child, const char *text)
{
    child_send(child, &(MediaWireMessage){.type = MEDIA_WIRE_SOURCE, .text = (char *)text});
}

/* Takes what came, waiting a little. */
static void child_poll(Child *child)
{
    struct pollfd waiting = {.fd = child->fd, .events = POLLIN};
    poll(&waiting, 1, 20);
    MediaWireMessage message;
    int got;
    while ((got = media_wire_receive(child->receiver, child->fd, &message)) > 0) {
        if (message.type == MEDIA_WIRE_OPENING) {
            g_assert_cmpuint(child->log->len, ==, 0); // the first of all
            child->opening++;
        } else {
            g_array_append_val(child->log, message);
        }
    }
    g_assert_true(got == 0 || got == -EPIPE || got == -ECONNRESET);
    child->closed = child->closed || got < 0;
}

static void child_run(Child *child, int64_t for_us)
{
    for (int64_t until = base_clock_us() + for_us; base_clock_us() < until && !child->closed;) {
        child_poll(child);
    }
}

static MediaWireMessage *message_at(const Child *child, unsigned i)
{
    return &g_array_index(child->log, MediaWireMessage, i);
}

/* The index of the first SOURCE message in this state at or after `from`. */
static unsigned wait_state(Child *child, MediaSourceState state, unsigned from)
{
    int64_t since = base_clock_us();
    for (;;) {
        for (unsigned i = from; i < child->log->len; i++) {
            const MediaWireMessage *message = message_at(child, i);
            if (message->type == MEDIA_WIRE_SOURCE && message->state == state) {
                return i;
            }
        }
        g_assert_cmpint(base_clock_us() - since, <, load_allow(40 * SECOND)); // ends what hangs
        g_assert_false(child->closed);
        child_poll(child);
    }
}

/* Reaps the child, which must end within `limit_us` where the machine is its own; its exit status. */
static int child_reap(Child *child, int64_t limit_us)
{
    int64_t since = base_clock_us();
    int status = 0;
    while (waitpid(child->pid, &status, WNOHANG) == 0) {
        g_assert_cmpint(base_clock_us() - since, <, load_allow(limit_us));
        g_usleep(5000);
    }
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void child_free(Child *child)
{
    close(child->fd);
    media_wire_receiver_free(child->receiver);
    g_array_unref(child->log);
    g_free(child);
}

/* Ends it in good order and takes the last messages. */
static void child_stop(Child *child)
{
    child_send(child, &(MediaWireMessage){.type = MEDIA_WIRE_STOP});
    while (!child->closed) {
        child_poll(child);
    }
    g_assert_cmpint(child_reap(child, 5 * SECOND), ==, 0);
}

static int track_of(const Child *child, MediaCodec codec, const char *name)
{
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        if (message->type == MEDIA_WIRE_TRACK && message->track->info.codec == codec &&
            (name == NULL || g_str_equal(message->track->info.name, name))) {
            return message->track->info.id;
        }
    }
    g_assert_not_reached();
}

/* BEGIN, TRACKs, the rest; nothing before BEGIN's time; marks and sources before their units. */
static void check_order(const Child *child)
{
    g_assert_cmpuint(child->log->len, >, 5);
    g_assert_cmpuint(child->opening, >=, 3); // GStreamer, the encoders, BEGIN or a track
    g_assert_cmpint(message_at(child, 0)->type, ==, MEDIA_WIRE_BEGIN);
    int64_t begin_us = message_at(child, 0)->pts_us, latest_us = 0;
    bool tracks_over = false;
    for (unsigned i = 1; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        g_assert_cmpint(message->type, !=, MEDIA_WIRE_BEGIN);
        g_assert_true(message->type != MEDIA_WIRE_TRACK || !tracks_over);
        tracks_over = message->type != MEDIA_WIRE_TRACK;
        if (message->type == MEDIA_WIRE_UNIT) {
            g_assert_cmpint(message->unit->pts_us, >=, begin_us);
            latest_us = MAX(latest_us, message->unit->pts_us);
        }
        if (message->type == MEDIA_WIRE_MARK ||
            (message->type == MEDIA_WIRE_SOURCE &&
             (message->state == MEDIA_SOURCE_PLAYING || message->state == MEDIA_SOURCE_ENDED))) {
            g_assert_cmpint(latest_us, <, message->pts_us);
        }
    }
}

/* Prints what came of a track, and of the source, within a second of `at_us`. */
static void print_around(const Child *child, int id, int64_t at_us)
{
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        bool unit = message->type == MEDIA_WIRE_UNIT && message->track_id == id;
        int64_t pts_us = unit ? message->unit->pts_us : message->pts_us;
        if ((unit || message->type == MEDIA_WIRE_MARK || message->type == MEDIA_WIRE_SOURCE) &&
            ABS(pts_us - at_us) < SECOND) {
            g_printerr("# %u: type %d at %.3f s, %s %d %s\n", i, message->type,
                       (double)pts_us / SECOND, unit ? "key" : "state",
                       unit ? message->unit->key : (int)message->state,
                       !unit && message->text != NULL ? message->text : "");
        }
    }
}

/* Every frame of the grid is there; those of `keys` and no others are key frames. Loose: frames may
 * be missing, as on a machine that is too slow. */
static void check_video(const Child *child, int id, const GArray *keys)
{
    int64_t last_k = -1;
    unsigned next_key = 0, missing = 0, count = 0;
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        if (message->type != MEDIA_WIRE_UNIT || message->track_id != id) {
            continue;
        }
        int64_t k = capture_frame_nearest(message->unit->pts_us);
        g_assert_cmpint(message->unit->pts_us, ==, capture_frame_pts(k));
        g_assert_cmpint(k, >, last_k);
        missing += last_k >= 0 ? (unsigned)(k - last_k - 1) : 0;
        last_k = k;
        count++;
        bool key = false; // the first frame at or after each of the times
        for (; next_key < keys->len &&
               message->unit->pts_us >= g_array_index(keys, int64_t, next_key);
             next_key++) {
            key = true;
        }
        if (message->unit->key != key) {
            print_around(child, id, message->unit->pts_us);
        }
        g_assert_cmpint(message->unit->key, ==, key);
        int type = message->unit->data[4] & 0x1f; // no parameter sets in band
        g_assert_true(type == 1 || type == 5 || type == 6);
    }
    g_assert_cmpuint(next_key, ==, keys->len);
    g_assert_cmpfloat(count, >, 30 / load_stretch());
    g_assert_cmpfloat(missing, <, count / 4 * load_stretch());
}

static void check_audio(const Child *child, int id, int64_t samples)
{
    int64_t n = 0, first_us = 0;
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        if (message->type != MEDIA_WIRE_UNIT || message->track_id != id) {
            continue;
        }
        first_us = n == 0 ? message->unit->pts_us : first_us;
        int64_t expected_us = first_us + (n * samples * SECOND + CAPTURE_RATE / 2) / CAPTURE_RATE;
        g_assert_cmpint(ABS(message->unit->pts_us - expected_us), <=, 1);
        n++;
    }
    g_assert_cmpint(n, >, SECOND / (samples * SECOND / CAPTURE_RATE));
    g_assert_cmpint(first_us, ==, message_at(child, 0)->pts_us); // sound begins with the picture
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The times where key frames must be: BEGIN, marks, starts of sources (not what is told of one that
 * plays already), the grid. */
static GArray *expected_keys(const Child *child)
{
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t begin_us = message_at(child, 0)->pts_us, last_us = 0;
    bool playing = false;
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        bool source = message->type == MEDIA_WIRE_SOURCE;
        bool wants = message->type == MEDIA_WIRE_BEGIN ||
                     (message->type == MEDIA_WIRE_MARK && message->mark != MEDIA_MARK_END) ||
                     (source && message->state == MEDIA_SOURCE_PLAYING && !playing);
        if (wants) {
            g_array_append_val(keys, message->pts_us);
        }
        playing = source ? message->state == MEDIA_SOURCE_PLAYING : playing;
        if (message->type == MEDIA_WIRE_UNIT && message->unit->key) {
            last_us = MAX(last_us, message->unit->pts_us);
        }
    }
    for (int64_t at = begin_us / (2 * SECOND) * 2 * SECOND + 2 * SECOND; at <= last_us;
         at += 2 * SECOND) {
        g_array_append_val(keys, at);
    }
    g_array_sort(keys, by_time);
    for (unsigned i = 1; i < keys->len; i++) {
        if (g_array_index(keys, int64_t, i) == g_array_index(keys, int64_t, i - 1)) {
            g_array_remove_index(keys, i--);
        }
    }
    return keys;
}

static unsigned count_type(const Child *child, MediaWireType type)
{
    unsigned count = 0;
    for (unsigned i = 0; i < child->log->len; i++) {
        count += message_at(child, i)->type == type;
    }
    return count;
}

/* The times of a track's key frames. */
static GArray *key_times(const Child *child, int id)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        if (message->type == MEDIA_WIRE_UNIT && message->track_id == id && message->unit->key) {
            g_array_append_val(times, message->unit->pts_us);
        }
    }
    return times;
}

/* Where a grid time's own picture was left out, its key frame is one of the next. */
static bool on_grid(int64_t at_us)
{
    return at_us % (2 * SECOND) < (load_missing() > 0 ? SECOND / 2 : 1);
}

/* A storm of requests for one rendition: at most one more key frame each 500 ms, and only there. */
static void test_key_requests(void)
{
    Child *child = child_start(PIPELINES, "software-fast");
    child_source(child, "");
    while (child->log->len < 50) {
        child_poll(child);
    }
    int asked = track_of(child, MEDIA_H264, "360p"), other = track_of(child, MEDIA_H264, "720p");
    for (int i = 0; i < 70; i++) {
        child_send(child, &(MediaWireMessage){.type = MEDIA_WIRE_KEY, .tracks = 1u << asked});
        child_run(child, 15 * BASE_US_PER_MS);
    }
    child_stop(child);
    g_autoptr(GArray) keys = key_times(child, asked), others = key_times(child, other);
    for (unsigned i = 0; i < others->len; i++) { // BEGIN and the grid
        int64_t at = g_array_index(others, int64_t, i);
        g_assert_true(i == 0 || on_grid(at));
    }
    for (unsigned i = 1; i < keys->len; i++) {
        int64_t at = g_array_index(keys, int64_t, i);
        int64_t apart = at - g_array_index(keys, int64_t, i - 1);
        g_assert_true(apart >= SECOND / 2 || on_grid(at));
    }
    g_assert_cmpuint(keys->len, >, others->len + 1);
    child_free(child);
}

static void run_command(const char *command)
{
    int status = system(command);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* The units of a track in a form that ffmpeg reads: Annex B, or AAC with ADTS heads. */
static void write_track(const Child *child, int id, const char *path)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    static const uint8_t start_code[] = {0, 0, 0, 1};
    bool aac = false;
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        if (message->type == MEDIA_WIRE_TRACK && message->track->info.id == id) {
            aac = message->track->info.codec == MEDIA_AAC;
            size_t size = 0;
            const uint8_t *set;
            for (unsigned n = 0; (set = media_track_parameter_set(message->track, n, &size)); n++) {
                g_byte_array_append(out, start_code, 4);
                g_byte_array_append(out, set, (guint)size);
            }
        }
        if (message->type != MEDIA_WIRE_UNIT || message->track_id != id) {
            continue;
        }
        const MediaItem *unit = message->unit;
        if (aac) {
            size_t size = unit->size + 7;
            uint8_t head[] = {0xff,
                              0xf1,
                              0x4c,
                              (uint8_t)(0x80 | size >> 11),
                              (uint8_t)(size >> 3),
                              (uint8_t)((size & 7) << 5 | 0x1f),
                              0xfc};
            g_byte_array_append(out, head, sizeof head);
            g_byte_array_append(out, unit->data, (guint)unit->size);
        }
        for (size_t at = 0; !aac && at + 4 < unit->size;) {
            uint32_t size = base_get_u32(unit->data + at);
            g_byte_array_append(out, start_code, 4);
            g_byte_array_append(out, unit->data + at + 4, size);
            at += 4 + size;
        }
    }
    g_assert_true(g_file_set_contents(path, (char *)out->data, (gssize)out->len, NULL));
}

static GArray *unit_times(const Child *child, int id)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (unsigned i = 0; i < child->log->len; i++) {
        const MediaWireMessage *message = message_at(child, i);
        if (message->type == MEDIA_WIRE_UNIT && message->track_id == id) {
            g_array_append_val(times, message->unit->pts_us);
        }
    }
    return times;
}

/* Once the test source plays, each picture says its own time, through encoder and decoder. */
static void check_marks(const Child *child)
{
    enum { WIDTH = 640, HEIGHT = 360 };
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "v.h264", NULL);
    g_autofree char *gray = g_build_filename(dir, "v.gray", NULL);
    int id = track_of(child, MEDIA_H264, "360p");
    write_track(child, id, path);
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -v error -y -i %s -vsync 0 -f rawvideo -pix_fmt gray %s", path, gray);
    run_command(command);
    g_autofree char *pixels = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(gray, &pixels, &size, NULL));
    g_autoptr(GArray) times = unit_times(child, id);
    g_assert_cmpuint(size, ==, (size_t)times->len * WIDTH * HEIGHT);
    unsigned read = 0;
    for (unsigned i = 0; i < times->len; i++) {
        const uint8_t *luma = (const uint8_t *)pixels + (size_t)i * WIDTH * HEIGHT;
        int64_t ms = capture_mark_read(luma, WIDTH, WIDTH, HEIGHT);
        g_assert_true(read == 0 || ms >= 0);
        if (ms >= 0) {
            g_assert_cmpint(ms, ==, g_array_index(times, int64_t, i) / BASE_US_PER_MS);
            read++;
        }
    }
    g_assert_cmpfloat(read, >, 60 / load_stretch());
    g_unlink(path);
    g_unlink(gray);
    g_rmdir(dir);
}

static void test_programme(void)
{
    Child *child = child_start(PIPELINES, "software-fast");
    child_source(child, "test");
    wait_state(child, MEDIA_SOURCE_PLAYING, 0);
    child_run(child, 3 * SECOND); // in all past 5 s, so that one thumbnail falls into it
    child_send(child, &(MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = MEDIA_MARK_OPEN});
    child_run(child, SECOND);
    child_send(child, &(MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = MEDIA_MARK_END});
    child_run(child, 2 * SECOND);
    child_stop(child);
    check_order(child);
    g_autoptr(GArray) keys = expected_keys(child);
    g_assert_cmpuint(keys->len, >=, 4);
    check_video(child, track_of(child, MEDIA_H264, "720p"), keys);
    check_video(child, track_of(child, MEDIA_H264, "360p"), keys);
    check_audio(child, track_of(child, MEDIA_AAC, NULL), 1024);
    check_audio(child, track_of(child, MEDIA_OPUS, NULL), 960);
    g_assert_cmpuint(count_type(child, MEDIA_WIRE_MARK), ==, 2);
    g_assert_cmpuint(count_type(child, MEDIA_WIRE_THUMB), >=, 1);
    g_assert_cmpuint(count_type(child, MEDIA_WIRE_LEVEL), >=, 30);
    check_marks(child);
    child_free(child);
}

/* Times where the picture turns white. */
static GArray *find_flashes(const Child *child, const char *dir)
{
    int id = track_of(child, MEDIA_H264, "360p");
    g_autofree char *path = g_build_filename(dir, "v.h264", NULL);
    g_autofree char *gray = g_build_filename(dir, "v.gray", NULL);
    write_track(child, id, path);
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -v error -y -i %s -vsync 0 -vf scale=1:1:flags=area -f rawvideo -pix_fmt gray %s",
        path, gray);
    run_command(command);
    g_autofree char *pixels = NULL;
    size_t count = 0;
    g_assert_true(g_file_get_contents(gray, &pixels, &count, NULL));
    g_autoptr(GArray) times = unit_times(child, id);
    g_assert_cmpuint(count, ==, times->len);
    GArray *flashes = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (unsigned i = 1; i < count; i++) {
        if ((uint8_t)pixels[i] > 150 && (uint8_t)pixels[i - 1] < 100) {
            g_array_append_val(flashes, g_array_index(times, int64_t, i));
        }
    }
    g_unlink(path);
    g_unlink(gray);
    return flashes;
}

/* Times where sound begins after at least 0.3 s of silence. */
static GArray *find_beeps(const Child *child, const char *dir)
{
    int id = track_of(child, MEDIA_AAC, NULL);
    g_autofree char *path = g_build_filename(dir, "a.aac", NULL);
    g_autofree char *raw = g_build_filename(dir, "a.raw", NULL);
    write_track(child, id, path);
    g_autofree char *command =
        g_strdup_printf("ffmpeg -v error -y -i %s -f s16le -ac 1 -ar 48000 %s", path, raw);
    run_command(command);
    g_autofree char *bytes = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(raw, &bytes, &size, NULL));
    g_autoptr(GArray) times = unit_times(child, id);
    GArray *beeps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t first_us = g_array_index(times, int64_t, 0), last = -CAPTURE_RATE;
    for (int64_t i = 0; i < (int64_t)(size / 2); i++) {
        int16_t sample;
        memcpy(&sample, bytes + i * 2, 2);
        if (ABS((int)sample) > 2500) {
            int64_t at_us = first_us + i * SECOND / CAPTURE_RATE;
            if (i - last > CAPTURE_RATE * 3 / 10) {
                g_array_append_val(beeps, at_us);
            }
            last = i;
        }
    }
    g_unlink(path);
    g_unlink(raw);
    return beeps;
}

#define STARTS 10
#define CLIP_US (920 * BASE_US_PER_MS)

/* A clip of 0.92 s at 25 fps and 44.1 kHz; white and a beep from 0.48 to 0.6 s. */
static char *make_clip(const char *dir)
{
    char *path = g_build_filename(dir, "clip.mp4", NULL);
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -v error -y -f lavfi -i \"color=black:s=640x480:r=25:d=0.92,drawbox=w=640:h=480:"
        "color=white:t=fill:enable='between(t,0.47,0.59)'\" -f lavfi -i "
        "\"aevalsrc='if(between(t,0.48,0.6),0.5*sin(2*PI*1000*t),0)':s=44100:d=0.92\" "
        "-c:v libx264 -preset ultrafast -bf 2 -c:a aac %s",
        path);
    run_command(command);
    return path;
}

/* How far the nearest of `times` is after `at_us`. */
static int64_t nearest(const GArray *times, int64_t at_us)
{
    int64_t best = INT64_MAX;
    for (unsigned i = 0; i < times->len; i++) {
        int64_t apart = g_array_index(times, int64_t, i) - at_us;
        best = i == 0 || ABS(apart) < ABS(best) ? apart : best;
    }
    return best;
}

/* How many flashes have a beep at their side. A starved decoder shows one late, or leaves it out. */
static unsigned in_step(const GArray *flashes, const GArray *beeps)
{
    unsigned count = 0;
    for (unsigned i = 0; i < flashes->len; i++) {
        int64_t apart = nearest(beeps, g_array_index(flashes, int64_t, i));
        g_test_message("beep - flash %" G_GINT64_FORMAT " us", apart);
        count += ABS(apart) <= load_allow(40 * BASE_US_PER_MS);
    }
    return count;
}

/* Ten starts of a file: told before its media, of the right length, lips in step. */
static void test_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *clip = make_clip(dir);
    g_autofree char *source = g_strconcat(clip, "?loop=0", NULL);
    Child *child = child_start(PIPELINES, "small");
    unsigned at = 0;
    for (int i = 0; i < STARTS; i++) {
        child_source(child, source);
        unsigned playing = wait_state(child, MEDIA_SOURCE_PLAYING, at);
        at = wait_state(child, MEDIA_SOURCE_ENDED, playing);
        int64_t length_us = message_at(child, at)->pts_us - message_at(child, playing)->pts_us;
        g_assert_cmpint(length_us, >=, CLIP_US - 34 * BASE_US_PER_MS);
        // its last picture stands until the end is known, which a busy machine tells late
        int64_t late_us = (int64_t)((load_stretch() - 1) * SECOND);
        g_assert_cmpint(length_us, <=, CLIP_US + 34 * BASE_US_PER_MS + late_us);
    }
    child_run(child, SECOND / 2);
    child_stop(child);
    check_order(child);
    g_autoptr(GArray) keys = expected_keys(child);
    check_video(child, track_of(child, MEDIA_H264, "360p"), keys);
    check_audio(child, track_of(child, MEDIA_AAC, NULL), 1024);
    g_autoptr(GArray) flashes = find_flashes(child, dir);
    g_autoptr(GArray) beeps = find_beeps(child, dir);
    g_assert_cmpuint(beeps->len, ==, STARTS);
    g_assert_cmpuint(flashes->len, <=, STARTS);
    load_expect(STARTS - (gint64)in_step(flashes, beeps), load_missing());
    g_unlink(clip);
    g_rmdir(dir);
    child_free(child);
}

/* Four seconds of a looping clip, more on a busy machine, whose child begins late; after the start it
 * tells only that a starved source fell silent and came back. Full ownership. */
static Child *play_loop(const char *clip)
{
    Child *child = child_start(PIPELINES, "small");
    child_source(child, clip);
    wait_state(child, MEDIA_SOURCE_PLAYING, 0);
    child_run(child, MIN(load_allow(4 * SECOND), 12 * SECOND));
    child_stop(child);
    unsigned told = count_type(child, MEDIA_WIRE_SOURCE); // WAITING, PLAYING
    g_assert_true(told == 2 || (told > 2 && load_missing() > 0));
    return child;
}

/* A looping file goes on without end, gap or word. */
static void test_loop(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *clip = make_clip(dir);
    Child *child = play_loop(clip);
    g_autoptr(GArray) flashes = find_flashes(child, dir);
    g_autoptr(GArray) beeps = find_beeps(child, dir);
    g_assert_cmpuint(beeps->len, >=, 4);
    g_assert_cmpuint(flashes->len, <=, beeps->len);
    load_expect((gint64)beeps->len - in_step(flashes, beeps), load_missing());
    for (unsigned i = 1; i < beeps->len; i++) {
        int64_t apart = g_array_index(beeps, int64_t, i) - g_array_index(beeps, int64_t, i - 1);
        int64_t slack_us = (load_missing() > 0 ? 200 : 67) * BASE_US_PER_MS; // starved: a late pass
        load_expect(ABS(apart - CLIP_US), load_allow(slack_us));
    }
    g_unlink(clip);
    g_rmdir(dir);
    child_free(child);
}

/* A looping clip of 0.2 s starts about once a second and holds its last picture in between: never
 * the slate, and nothing to tell. */
static void test_short_loop(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *clip = g_build_filename(dir, "clip.mp4", NULL);
    g_autofree char *command =
        g_strdup_printf("ffmpeg -v error -y -f lavfi -i \"color=white:s=320x180:r=25:d=0.2,drawbox="
                        "w=320:h=180:color=black:t=fill:enable='lt(t,0.1)'\" -c:v libx264 "
                        "-preset ultrafast -pix_fmt yuv420p %s",
                        clip);
    run_command(command);
    Child *child = play_loop(clip);
    g_autoptr(GArray) flashes = find_flashes(child, dir);
    g_assert_cmpuint(flashes->len, >=, 3);
    for (unsigned i = 1; i < flashes->len; i++) {
        int64_t apart = g_array_index(flashes, int64_t, i) - g_array_index(flashes, int64_t, i - 1);
        load_expect(SECOND - apart, load_allow(150 * BASE_US_PER_MS));
    }
    g_unlink(clip);
    g_rmdir(dir);
    child_free(child);
}

/* A single picture stands, whether it is to loop or not: one opening, no end. */
static void test_card(gconstpointer query)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *card = g_build_filename(dir, "card.png", NULL);
    g_autofree char *source = g_strconcat(card, query, NULL);
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -v error -y -f lavfi -i color=white:s=320x180 -frames:v 1 %s", card);
    run_command(command);
    Child *child = child_start(PIPELINES, "small");
    child_source(child, source);
    wait_state(child, MEDIA_SOURCE_PLAYING, 0);
    child_run(child, 2 * SECOND);
    child_stop(child);
    g_assert_cmpuint(count_type(child, MEDIA_WIRE_SOURCE), ==, 2); // WAITING, PLAYING
    g_unlink(card);
    g_rmdir(dir);
    child_free(child);
}

/* Copies one shipped launch file into `dir`, with `from` replaced by `to`. */
static void place_launch(const char *dir, const char *folder, const char *name, const char *from,
                         const char *to)
{
    g_autofree char *source = g_strdup_printf("%s/%s/%s.launch", PIPELINES, folder, name);
    g_autofree char *target_dir = g_build_filename(dir, folder, NULL);
    g_autofree char *target = g_strdup_printf("%s/%s.launch", target_dir, name);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(source, &text, NULL, NULL));
    g_auto(GStrv) parts = g_strsplit(text, from, -1);
    g_assert_cmpuint(g_strv_length(parts), >, 1);
    g_autofree char *changed = g_strjoinv(to, parts);
    g_mkdir_with_parents(target_dir, 0755);
    g_assert_true(g_file_set_contents(target, changed, -1, NULL));
}

/* A source that dies after 1.5 s, again and again: slate, and back, and no frame is missing. */
static void test_failing_source(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    place_launch(dir, "encoders", "small", "name=v_360p", "name=v_360p");
    place_launch(dir, "sources", "test", "! appsink name=video",
                 "! identity error-after=45 ! appsink name=video");
    Child *child = child_start(dir, "small");
    child_source(child, "test");
    unsigned failed = wait_state(child, MEDIA_SOURCE_FAILED, 0);
    g_assert_nonnull(strstr(message_at(child, failed)->text, "iterations"));
    int64_t failed_us = message_at(child, failed)->pts_us;
    unsigned back = wait_state(child, MEDIA_SOURCE_PLAYING, failed);
    load_expect(message_at(child, back)->pts_us - failed_us, load_allow(3 * SECOND));
    wait_state(child, MEDIA_SOURCE_FAILED, back);
    child_stop(child);
    check_order(child);
    g_autoptr(GArray) keys = expected_keys(child);
    check_video(child, track_of(child, MEDIA_H264, "360p"), keys);
    check_audio(child, track_of(child, MEDIA_AAC, NULL), 1024);
    g_autofree char *command = g_strdup_printf("rm -r %s", dir);
    run_command(command);
    child_free(child);
}

/* Sources that cannot be are told in words, and the programme runs on. */
static void test_bad_source(void)
{
    Child *child = child_start(PIPELINES, "small");
    child_source(child, "rtsp://admin:hunter2@127.0.0.1:9/stream");
    unsigned at = wait_state(child, MEDIA_SOURCE_FAILED, 0);
    g_assert_nonnull(strstr(message_at(child, at)->text, "127.0.0.1:9"));
    g_assert_null(strstr(message_at(child, at)->text, "hunter2"));
    child_source(child, "http://127.0.0.1/");
    at = wait_state(child, MEDIA_SOURCE_FAILED, at + 1);
    g_assert_nonnull(strstr(message_at(child, at)->text, "only rtsp://"));
    child_source(child, "test");
    wait_state(child, MEDIA_SOURCE_PLAYING, at + 1);
    child_run(child, SECOND);
    child_stop(child);
    check_order(child);
    child_free(child);
}

/* The server's death is the socket's end: the child goes at once. */
static void test_orphan(void)
{
    Child *child = child_start(PIPELINES, "small");
    child_source(child, "test");
    while (child->log->len < 50) {
        child_poll(child);
    }
    shutdown(child->fd, SHUT_RDWR);
    g_assert_cmpint(child_reap(child, 2 * SECOND), ==, 0);
    child_free(child);
}

/* A folder on a mount that hangs (see hung.c), and a clip in it. */
static char *hung_dir, *hung_mark, *hung_clip;

static void hung_begin(void)
{
    g_autofree char *top = g_dir_make_tmp("majlis-XXXXXX", NULL);
    hung_dir = g_build_filename(top, "hung", NULL);
    g_assert_cmpint(g_mkdir(hung_dir, 0755), ==, 0);
    hung_clip = make_clip(hung_dir);
    hung_mark = g_build_filename(hung_dir, "down", NULL);
    g_assert_true(g_file_set_contents(hung_mark, "", 0, NULL));
}

static void hung_end(void)
{
    g_autofree char *top = g_path_get_dirname(hung_dir);
    g_autofree char *command = g_strdup_printf("rm -r %s", top);
    run_command(command);
    g_clear_pointer(&hung_dir, g_free);
    g_clear_pointer(&hung_mark, g_free);
    g_clear_pointer(&hung_clip, g_free);
}

static void run_units(Child *child, unsigned count)
{
    int64_t since = base_clock_us();
    for (unsigned until = count_type(child, MEDIA_WIRE_UNIT) + count;
         count_type(child, MEDIA_WIRE_UNIT) < until;) {
        g_assert_cmpint(base_clock_us() - since, <, load_allow(30 * SECOND)); // ends what hangs
        g_assert_false(child->closed);
        child_poll(child);
    }
}

/* Chosen while on: the programme goes on, another source too, and the end is in good order. */
static void test_hung_source(void)
{
    hung_begin();
    Child *child = child_start(PIPELINES, "small");
    child_source(child, "test");
    unsigned at = wait_state(child, MEDIA_SOURCE_PLAYING, 0);
    child_source(child, hung_clip);
    at = wait_state(child, MEDIA_SOURCE_WAITING, at + 1);
    run_units(child, 100);
    child_source(child, "test");
    wait_state(child, MEDIA_SOURCE_PLAYING, at + 1);
    child_stop(child);
    check_order(child);
    child_free(child);
    hung_end();
}

/* Hung at the start: slate; once the mount is back, another run may open the file. */
static void test_hung_start(void)
{
    hung_begin();
    Child *child = child_start(PIPELINES, "small");
    child_source(child, hung_clip);
    run_units(child, 50);
    g_assert_cmpint(g_unlink(hung_mark), ==, 0);
    while (!child->closed) {
        child_poll(child);
    }
    g_assert_cmpint(child_reap(child, 5 * SECOND), ==, 1);
    unsigned at = 0;
    while (message_at(child, at)->type != MEDIA_WIRE_FAILED) {
        g_assert_cmpuint(++at, <, child->log->len); // units may come after it
    }
    g_assert_nonnull(strstr(message_at(child, at)->text, "starts again to open it"));
    child_free(child);
    hung_end();
}

static void test_no_encoder(void)
{
    Child *child = child_start(PIPELINES, "nothing");
    child_source(child, "");
    g_assert_cmpint(child_reap(child, 5 * SECOND), ==, 1);
    child_poll(child);
    g_assert_cmpint(message_at(child, 0)->type, ==, MEDIA_WIRE_FAILED); // staff read why
    g_assert_nonnull(strstr(message_at(child, 0)->text, "There is no encoder \"nothing\""));
    child_free(child);
}

int main(int argc, char **argv)
{
    if (argc > 1 && g_str_equal(argv[1], "capture")) {
        return capture_main(argc - 2, argv + 2);
    }
    g_test_init(&argc, &argv, NULL);
    load_watch();
    // Each group is a process of its own in meson.build, as they wait in real time.
    g_test_add_func("/capture/child/run/programme", test_programme);
    g_test_add_func("/capture/child/run/key-requests", test_key_requests);
    g_test_add_func("/capture/child/file/clip", test_file);
    g_test_add_func("/capture/child/file/loop", test_loop);
    g_test_add_func("/capture/child/file/short-loop", test_short_loop);
    g_test_add_data_func("/capture/child/file/card", "", test_card);
    g_test_add_data_func("/capture/child/file/card-once", "?loop=0", test_card);
    g_test_add_func("/capture/child/run/failing-source", test_failing_source);
    g_test_add_func("/capture/child/run/bad-source", test_bad_source);
    g_test_add_func("/capture/child/run/orphan", test_orphan);
    g_test_add_func("/capture/child/run/no-encoder", test_no_encoder);
    g_test_add_func("/capture/child/hung/source", test_hung_source);
    g_test_add_func("/capture/child/hung/start", test_hung_start);
    return g_test_run();
}
