// SPDX-License-Identifier: GPL-3.0-or-later
// Key frames of a child whose encoders open slowly, at every phase of the grid: each rendition has
// an IDR picture at each grid time. This program runs itself as the child, and stands between
// x264enc and libx264 to delay it. With MAJLIS_LONG: 200 starts that are stopped and 200 that are
// killed, all beside two busy loops.
#include "../long.h"
#include "base/clock.h"
#include "capture/capture.h"
#include "capture/grid.h"
#include "media/wire.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLAY_US (2 * BASE_US_PER_S)
#define LIMIT_US (60 * BASE_US_PER_S)
#define CHILDREN 5 // at once
#define MARKS 4    // asked for while the encoders open
#define MARKS_APART_US (100 * BASE_US_PER_MS)

/* A run begins at a multiple of 100 ms, so that a grid of 100 ms always comes while an encoder
 * opens that takes as long as one in hardware. */
static const struct {
    unsigned keyframe_ms;
    const char *open_ms;
} kinds[CHILDREN] = {{100, "500"}, {500, "500"}, {500, "150"}, {500, "150"}, {500, "150"}};

/* Two small renditions, so that five children at once are no load. */
#define RENDITION(name, size)                                                                      \
    "canvas. ! queue max-size-buffers=3 ! videoconvertscale ! video/x-raw," size                   \
    " ! x264enc speed-preset=ultrafast tune=zerolatency threads=1 sliced-threads=false "           \
    "bitrate=200 key-int-max=2147483647 option-string=scenecut=0 "                                 \
    "! video/x-h264,profile=constrained-baseline,stream-format=avc,alignment=au "                  \
    "! appsink name=" name "\n"
static const char ladder[] =
    "# help: two renditions\n"
    "appsrc name=video ! tee name=canvas\n" RENDITION("v_180p", "width=320,height=180") RENDITION(
        "v_90p", "width=160,height=90") "appsrc name=audio ! opusenc ! appsink name=a_opus\n";

void *x264_encoder_open_164(void *parameters);

/* Takes the symbol's place in x264enc (the program exports it). */
void *x264_encoder_open_164(void *parameters)
{
    void *library = dlopen("libx264.so.164", RTLD_NOW | RTLD_LOCAL);
    void *(*open)(void *) = (void *(*)(void *))dlsym(library, "x264_encoder_open_164");
    g_usleep(1000 * (gulong)atoi(g_getenv("OPEN_MS")));
    return open(parameters);
}

typedef struct {
    pid_t pid;
    int fd;
    MediaWireReceiver *receiver;
    int64_t keyframe_us, begin_us;
    GArray *units[MEDIA_MAX_TRACKS]; // of int64_t: the pts, negative for an IDR picture
    int64_t started_us, marks_us[MARKS];
    unsigned asked, marked;
    bool eager; // marks are asked before the child runs
    bool closed;
} Child;

static void ask_marks(Child *child)
{
    int64_t apart_us = child->eager ? 0 : MARKS_APART_US;
    int64_t next_us = child->started_us + (child->asked + 1) * apart_us;
    if (child->asked < MARKS && base_clock_us() >= next_us) {
        MediaMark mark = child->asked++ % 2 == 0 ? MEDIA_MARK_OPEN : MEDIA_MARK_CLOSE;
        media_wire_send(child->fd, &(MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = mark});
    }
}

static void child_start(Child *child, const char *pipelines, unsigned number)
{
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    int64_t start_us = 4 * BASE_US_PER_S + number * 100 * BASE_US_PER_MS;
    g_autofree char *fd = g_strdup_printf("%d", fds[1]);
    g_autofree char *clock = g_strdup_printf("%" G_GINT64_FORMAT, base_clock_us());
    g_autofree char *start = g_strdup_printf("%" G_GINT64_FORMAT, start_us);
    g_autofree char *keyframe = g_strdup_printf("%u", kinds[number].keyframe_ms);
    *child = (Child){.fd = fds[0],
                     .receiver = media_wire_receiver_new(),
                     .keyframe_us = kinds[number].keyframe_ms * BASE_US_PER_MS,
                     .begin_us = -1,
                     .eager = number % 2 == 1,
                     .started_us = base_clock_us()};
    child->pid = fork();
    if (child->pid == 0) {
        fcntl(fds[1], F_SETFD, 0);
        g_setenv("OPEN_MS", kinds[number].open_ms, TRUE);
        execl("/proc/self/exe", "test-keys", "capture", "--fd", fd, "--clock-us", clock,
              "--start-us", start, "--keyframe-ms", keyframe, "--encoder", "two", "--pipelines",
              pipelines, NULL);
        _exit(127);
    }
    close(fds[1]);
    media_wire_send(child->fd, &(MediaWireMessage){.type = MEDIA_WIRE_SOURCE, .text = (char *)""});
    while (child->eager && child->asked < MARKS) {
        ask_marks(child);
    }
}

static bool is_idr(const MediaItem *unit)
{
    for (size_t at = 0; at + 4 < unit->size;) {
        const uint8_t *nal = unit->data + at;
        if ((nal[4] & 0x1f) == 5) {
            return true;
        }
        at += 4 + ((size_t)nal[0] << 24 | (size_t)nal[1] << 16 | (size_t)nal[2] << 8 | nal[3]);
    }
    return false;
}

static void take_message(Child *child, const MediaWireMessage *message)
{
    if (message->type == MEDIA_WIRE_BEGIN) {
        child->begin_us = message->pts_us;
    } else if (message->type == MEDIA_WIRE_MARK) {
        child->marks_us[child->marked++] = message->pts_us;
    } else if (message->type == MEDIA_WIRE_TRACK && message->track->info.kind == MEDIA_VIDEO) {
        child->units[message->track->info.id] = g_array_new(FALSE, FALSE, sizeof(int64_t));
    } else if (message->type == MEDIA_WIRE_UNIT && child->units[message->track_id] != NULL) {
        const MediaItem *unit = message->unit;
        g_assert_cmpint(unit->key, ==, is_idr(unit));
        int64_t value = unit->key ? -unit->pts_us : unit->pts_us;
        g_array_append_val(child->units[message->track_id], value);
    }
}

static void child_poll(Child *child)
{
    ask_marks(child);
    struct pollfd waiting = {.fd = child->fd, .events = POLLIN};
    poll(&waiting, 1, 5);
    MediaWireMessage message;
    int got;
    while ((got = media_wire_receive(child->receiver, child->fd, &message)) > 0) {
        take_message(child, &message);
        media_wire_clear(&message);
    }
    child->closed = child->closed || got < 0;
}

static int64_t last_us(const Child *child, unsigned id)
{
    const GArray *units = child->units[id];
    return units->len > 0 ? ABS(g_array_index(units, int64_t, units->len - 1)) : 0;
}

/* Every rendition has been going for PLAY_US, and every mark came. */
static bool child_played(const Child *child)
{
    unsigned renditions = 0;
    for (unsigned id = 0; id < MEDIA_MAX_TRACKS; id++) {
        if (child->units[id] != NULL && last_us(child, id) >= child->begin_us + PLAY_US) {
            renditions++;
        }
    }
    return renditions == 2 && child->marked == MARKS;
}

/* The first grid time or mark after `pts_us`. */
static int64_t next_due(const Child *child, int64_t pts_us)
{
    int64_t due_us = (pts_us / child->keyframe_us + 1) * child->keyframe_us;
    for (unsigned i = 0; i < child->marked; i++) {
        if (child->marks_us[i] > pts_us) {
            due_us = MIN(due_us, child->marks_us[i]);
        }
    }
    return due_us;
}

/* The first picture, and the first at or after each grid time and mark, is an IDR picture. */
static void check_rendition(const Child *child, const GArray *units)
{
    int64_t due_us = 0;
    for (unsigned i = 0; i < units->len; i++) {
        int64_t value = g_array_index(units, int64_t, i), pts_us = ABS(value);
        if (pts_us >= due_us) {
            if (value > 0) {
                g_error("begun at %.3f s: no key frame at %.3f s, where one was due at %.3f s",
                        (double)child->begin_us / 1e6, (double)pts_us / 1e6, (double)due_us / 1e6);
            }
            due_us = next_due(child, pts_us);
        }
    }
}

static void child_finish(Child *child, bool kill_it)
{
    int status = 0;
    if (kill_it) {
        kill(child->pid, SIGKILL);
    } else {
        media_wire_send(child->fd, &(MediaWireMessage){.type = MEDIA_WIRE_STOP});
    }
    while (!child->closed) {
        child_poll(child);
    }
    g_assert_cmpint(waitpid(child->pid, &status, 0), ==, child->pid);
    g_assert_cmpuint(child->marked, ==, MARKS);
    g_assert_true(kill_it || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    for (unsigned id = 0; id < MEDIA_MAX_TRACKS; id++) {
        if (child->units[id] != NULL) {
            check_rendition(child, child->units[id]);
            g_array_unref(child->units[id]);
        }
    }
    media_wire_receiver_free(child->receiver);
    close(child->fd);
}

static void round_of_starts(const char *pipelines, bool kill_them)
{
    Child children[CHILDREN];
    for (unsigned i = 0; i < CHILDREN; i++) {
        child_start(&children[i], pipelines, i);
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        for (int64_t until = base_clock_us() + LIMIT_US; !child_played(&children[i]);) {
            g_assert_false(children[i].closed);
            g_assert_cmpint(base_clock_us(), <, until);
            for (unsigned j = 0; j < CHILDREN; j++) {
                child_poll(&children[j]);
            }
        }
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        child_finish(&children[i], kill_them);
    }
}

static pid_t busy_loop(void)
{
    pid_t pid = fork();
    prctl(PR_SET_PDEATHSIG, pid == 0 ? SIGKILL : 0);
    if (pid == 0) {
        for (volatile unsigned n = 0;; n++) {
        }
    }
    return pid;
}

static void test_slow_opening(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *encoders = g_build_filename(dir, "encoders", NULL);
    g_autofree char *file = g_build_filename(encoders, "two.launch", NULL);
    g_assert_cmpint(g_mkdir(encoders, 0700), ==, 0);
    g_assert_true(g_file_set_contents(file, ladder, -1, NULL));
    bool busy = tests_are_long();
    pid_t loops[2] = {busy ? busy_loop() : 0, busy ? busy_loop() : 0};
    unsigned rounds = busy ? 400 / CHILDREN : 1; // then half of them are killed
    for (unsigned i = 0; i < rounds; i++) {
        round_of_starts(dir, i % 2 == 1);
    }
    g_test_message("%u starts with encoders that open in 150 and 500 ms: an IDR at each grid time",
                   rounds * CHILDREN);
    for (unsigned i = 0; busy && i < 2; i++) {
        kill(loops[i], SIGKILL);
        waitpid(loops[i], NULL, 0);
    }
    g_remove(file);
    g_rmdir(encoders);
    g_rmdir(dir);
}

int main(int argc, char **argv)
{
    if (argc > 1 && g_str_equal(argv[1], "capture")) {
        return capture_main(argc - 2, argv + 2);
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture/keys/slow-opening", test_slow_opening);
    return g_test_run();
}
