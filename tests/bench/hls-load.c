// SPDX-License-Identifier: GPL-3.0-or-later
// Viewers of one LL-HLS session, a thousand of them in one thread, each as hls.js is one but with a
// single keep-alive connection: blocking reload of the video's playlist, its new parts, the same
// for the sound, and again. Counts requests, bytes, errors, how far the last viewer is behind the
// first with each part, how late parts are (by EXT-X-PROGRAM-DATE-TIME) and how long none came
// beyond its time, and the processor time of the server by thread. Prints one JSON object.
//
//   hls-load --url http://127.0.0.1:PORT/sessions/ID/hls/ [--token T] [--viewers 1000]
//            [--seconds 20] [--warm 4] [--pid PID] [--record DIR | --replay DIR] [--flat]
//
// --record keeps what the first viewer got, as files and the order of them in DIR/mix; --replay
// asks any static server for these, all viewers at once each 500 ms, as parts come. --flat never
// waits: plain playlists and the newest part as fast as they come (or the mix without pauses).
// --begin: a time of the monotonic clock, instead of --warm.
#include "figures.h"
#include "hls-list.h"
#include "measure.h"

#include <errno.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_VIEWERS 10000
#define MAX_BODY (256 * 1024) // of a playlist
#define MAX_HEAD 4096
#define MAX_SEEN 4096 // parts in flight between the first and the last viewer
#define TICK_US 500000

static char *opt_url, *opt_token, *opt_record, *opt_replay;
static int opt_viewers = 1000, opt_seconds = 20, opt_warm = 4, opt_pid;
static double opt_begin;
static gboolean opt_flat;

static const GOptionEntry options[] = {
    {"url", 0, 0, G_OPTION_ARG_STRING, &opt_url, "Where main.m3u8 is, with a final slash", "URL"},
    {"token", 0, 0, G_OPTION_ARG_STRING, &opt_token, "Bearer tokens, with commas between", "T"},
    {"viewers", 0, 0, G_OPTION_ARG_INT, &opt_viewers, "How many", "N"},
    {"seconds", 0, 0, G_OPTION_ARG_INT, &opt_seconds, "Measured", "S"},
    {"warm", 0, 0, G_OPTION_ARG_INT, &opt_warm, "Before it", "S"},
    {"begin", 0, 0, G_OPTION_ARG_DOUBLE, &opt_begin, "Measure from then on", "CLOCK"},
    {"pid", 0, 0, G_OPTION_ARG_INT, &opt_pid, "The server", "PID"},
    {"record", 0, 0, G_OPTION_ARG_FILENAME, &opt_record, "Keep what one viewer got", "DIR"},
    {"replay", 0, 0, G_OPTION_ARG_FILENAME, &opt_replay, "Ask for what was kept", "DIR"},
    {"flat", 0, 0, G_OPTION_ARG_NONE, &opt_flat, "Never wait", NULL},
    G_OPTION_ENTRY_NULL,
};

typedef enum { STEP_MAIN, STEP_LIST, STEP_INIT, STEP_PART, STEP_MIX } Step;

typedef struct {
    unsigned index;
    int fd;
    bool connected, idle;
    Step step;
    unsigned track;
    HlsTrack tracks[HLS_TRACKS];
    HlsQueue queue;
    Gap gaps[HLS_TRACKS];
    int64_t arrived_us; // of the last bytes
    guint mix_at;
    char path[192];
    // the answer
    char head[MAX_HEAD];
    size_t head_length;
    bool in_body;
    int status;
    bool closes;
    size_t body_size, body_read;
    char *body; // of playlists, and of whatever is recorded
} Viewer;

typedef struct {
    uint64_t key;
    int64_t first_us, last_us;
    unsigned count;
} Seen;

typedef struct {
    unsigned cycle;
    char *name;
} Mix;

static struct sockaddr_in address;
static char *base_path;
static char **request_tails; // one a token; viewers take turns
static int epoll_fd;
static Viewer *viewers;
static bool measuring;
static uint64_t requests, errors, stale, late, bytes;
static Seen seen[HLS_TRACKS][MAX_SEEN];
static GArray *behinds, *spreads, *delays, *gaps; // ms
static GArray *mix;
static unsigned mix_cycles, tick, record_cycle, record_number;
static FILE *record_file;
static GHashTable *error_kinds;

static int64_t now_us(void)
{
    return g_get_monotonic_time();
}

static void count_error(const char *what)
{
    if (measuring) {
        errors++;
    }
    errors_add(error_kinds, what, 1);
}

/* When parts come: behind the first viewer, and behind the pace of the programme */

static void close_seen(Seen *one)
{
    if (one->count == (unsigned)opt_viewers && measuring) {
        figures_add_us(spreads, one->last_us - one->first_us);
    }
    *one = (Seen){0};
}

/* A part is due when the one before has played for as long as it is itself. */
static void note_pace(Viewer *viewer, const HlsPart *part)
{
    int64_t at_us = viewer->arrived_us, wall_us = g_get_real_time() - (now_us() - at_us);
    gap_take(&viewer->gaps[viewer->track], at_us, at_us + part->duration_us);
    if (measuring && part->end_wall_us > 0) {
        figures_add_us(delays, wall_us - part->end_wall_us);
    }
}

static void note_part(const Viewer *viewer, const HlsPart *part)
{
    uint64_t key = part->msn * 64 + part->part + 1;
    Seen *one = &seen[viewer->track][key % MAX_SEEN];
    int64_t at_us = viewer->arrived_us;
    if (one->key != key) {
        close_seen(one);
        *one = (Seen){.key = key, .first_us = at_us};
    }
    one->last_us = at_us;
    one->count++;
    if (measuring) {
        figures_add_us(behinds, at_us - one->first_us);
    }
    if (one->count == (unsigned)opt_viewers) {
        close_seen(one);
        one->key = key; // the same part again is no new one
    }
}

/* Requests */

static void connect_viewer(Viewer *viewer)
{
    viewer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert(viewer->fd >= 0);
    setsockopt(viewer->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    measure_note_arrivals(viewer->fd);
    if (connect(viewer->fd, (struct sockaddr *)&address, sizeof address) < 0 &&
        errno != EINPROGRESS) {
        count_error("connect");
    }
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = viewer};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, viewer->fd, &event);
    viewer->connected = false;
}

static void send_request(Viewer *viewer)
{
    char text[1024];
    const char *tail = request_tails[(viewer - viewers) % g_strv_length(request_tails)];
    int length = snprintf(text, sizeof text, "GET %s%s%s", base_path, viewer->path, tail);
    viewer->head_length = 0;
    viewer->in_body = false;
    viewer->idle = false;
    if (send(viewer->fd, text, (size_t)length, MSG_NOSIGNAL) != length) {
        count_error("send");
    }
}

static void ask(Viewer *viewer, Step step, const char *path)
{
    viewer->step = step;
    g_strlcpy(viewer->path, path, sizeof viewer->path);
    send_request(viewer);
}

static void ask_list(Viewer *viewer)
{
    HlsTrack *track = &viewer->tracks[viewer->track];
    char path[160];
    if (!track->known || opt_flat) {
        ask(viewer, STEP_LIST, track->list);
        return;
    }
    snprintf(path, sizeof path, "%s?_HLS_msn=%" G_GUINT64_FORMAT "&_HLS_part=%u&_HLS_skip=YES",
             track->list, track->msn, track->part);
    ask(viewer, STEP_LIST, path);
}

static void ask_mix(Viewer *viewer)
{
    const Mix *one = &g_array_index(mix, Mix, viewer->mix_at);
    ask(viewer, STEP_MIX, one->name);
}

static void begin(Viewer *viewer)
{
    if (opt_replay != NULL) {
        viewer->idle = true;
        if (opt_flat) {
            ask_mix(viewer);
        }
    } else if (viewer->tracks[0].list[0] == '\0') {
        ask(viewer, STEP_MAIN, "main.m3u8");
    } else {
        ask_list(viewer);
    }
}

/* Playlists */

static void read_list(Viewer *viewer)
{
    HlsTrack *track = &viewer->tracks[viewer->track];
    hls_list_read(viewer->body, track, opt_flat, &viewer->queue);
    if (measuring && track->known && viewer->queue.length == 0) {
        stale++;
    }
    if (measuring && viewer->queue.length > 1) {
        late += viewer->queue.length - 1;
    }
}

/* What was got, kept for a replay */

static void record(Viewer *viewer)
{
    if (viewer->index != 0 || record_file == NULL || !measuring ||
        (viewer->step != STEP_LIST && viewer->step != STEP_PART)) {
        return;
    }
    record_cycle += viewer->step == STEP_LIST && viewer->track == 0;
    if (record_cycle == 0) {
        return;
    }
    char name[32];
    snprintf(name, sizeof name, "%u.%s", record_number++,
             viewer->step == STEP_LIST ? "m3u8" : "m4s");
    g_autofree char *path = g_build_filename(opt_record, name, NULL);
    if (!g_file_set_contents(path, viewer->body, (gssize)viewer->body_size, NULL)) {
        count_error("record");
    }
    fprintf(record_file, "%u %s\n", record_cycle, name);
}

static void load_mix(void)
{
    g_autofree char *path = g_build_filename(opt_replay, "mix", NULL);
    g_autofree char *text = NULL;
    mix = g_array_new(FALSE, FALSE, sizeof(Mix));
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        fprintf(stderr, "hls-load: %s cannot be read\n", path);
        exit(1);
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        Mix one = {.cycle = (unsigned)strtoul(*line, NULL, 10),
                   .name = g_strdup(strchr(*line, ' ') + 1)};
        g_array_append_val(mix, one);
        mix_cycles = one.cycle;
    }
    g_assert(mix->len > 0);
}

/* Answers */

static void next_part(Viewer *viewer)
{
    if (viewer->queue.at < viewer->queue.length) {
        ask(viewer, STEP_PART, viewer->queue.parts[viewer->queue.at].uri);
        return;
    }
    viewer->track = (viewer->track + 1) % HLS_TRACKS;
    ask_list(viewer);
}

static void after_list(Viewer *viewer)
{
    HlsTrack *track = &viewer->tracks[viewer->track];
    bool first = !track->known;
    read_list(viewer);
    track->known = true;
    if (first) {
        ask(viewer, STEP_INIT, track->init);
    } else {
        next_part(viewer);
    }
}

static void after_mix(Viewer *viewer)
{
    unsigned cycle = g_array_index(mix, Mix, viewer->mix_at).cycle;
    viewer->mix_at = (viewer->mix_at + 1) % mix->len;
    if (g_array_index(mix, Mix, viewer->mix_at).cycle == cycle || opt_flat) {
        ask_mix(viewer);
    } else {
        viewer->idle = true;
    }
}

static void on_answer(Viewer *viewer)
{
    if (measuring) {
        requests++;
    }
    if (viewer->status != 200) {
        char what[32];
        snprintf(what, sizeof what, "status %d", viewer->status);
        count_error(what);
    }
    record(viewer);
    if (viewer->closes) {
        count_error("closed by the server");
        close(viewer->fd);
        connect_viewer(viewer);
        viewer->tracks[0].known = viewer->tracks[1].known = false;
        return;
    }
    switch (viewer->step) {
    case STEP_MAIN:
        if (viewer->status != 200 || !hls_list_read_main(viewer->body, viewer->tracks)) {
            fprintf(stderr, "hls-load: no session with picture and sound (status %d)\n",
                    viewer->status);
            exit(1);
        }
        ask_list(viewer);
        break;
    case STEP_LIST:
        after_list(viewer);
        break;
    case STEP_INIT:
        viewer->track = (viewer->track + 1) % HLS_TRACKS;
        ask_list(viewer);
        break;
    case STEP_PART:
        note_pace(viewer, &viewer->queue.parts[viewer->queue.at]);
        note_part(viewer, &viewer->queue.parts[viewer->queue.at++]);
        next_part(viewer);
        break;
    case STEP_MIX:
        after_mix(viewer);
        break;
    }
}

static bool read_head(Viewer *viewer)
{
    viewer->head[viewer->head_length] = '\0';
    const char *length = strcasestr(viewer->head, "\r\nContent-Length:");
    viewer->status = atoi(viewer->head + strlen("HTTP/1.1 "));
    viewer->closes = strcasestr(viewer->head, "\r\nConnection: close") != NULL;
    if (length == NULL) {
        return false;
    }
    viewer->body_size = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    viewer->body_read = 0;
    viewer->in_body = true;
    return true;
}

static bool keeps_body(const Viewer *viewer)
{
    return viewer->step <= STEP_LIST || (viewer->index == 0 && record_file != NULL);
}

static size_t take_body(Viewer *viewer, const char *data, size_t size)
{
    size_t used = MIN(size, viewer->body_size - viewer->body_read);
    if (keeps_body(viewer) && viewer->body_size < MAX_BODY) {
        if (viewer->body == NULL) {
            viewer->body = g_malloc(MAX_BODY);
        }
        memcpy(viewer->body + viewer->body_read, data, used);
        viewer->body[viewer->body_read + used] = '\0';
    }
    viewer->body_read += used;
    bytes += measuring ? used : 0;
    return used;
}

static size_t take_head(Viewer *viewer, const char *data, size_t size)
{
    size_t used = MIN(size, MAX_HEAD - 1 - viewer->head_length);
    memcpy(viewer->head + viewer->head_length, data, used);
    size_t before = viewer->head_length;
    viewer->head_length += used;
    const char *end = memmem(viewer->head, viewer->head_length, "\r\n\r\n", 4);
    if (end == NULL) {
        return used;
    }
    viewer->head_length = (size_t)(end - viewer->head) + 4;
    if (!read_head(viewer)) {
        count_error("no Content-Length");
        return 0;
    }
    return viewer->head_length - before;
}

static void take(Viewer *viewer, const char *data, size_t size)
{
    while (size > 0) {
        size_t used =
            viewer->in_body ? take_body(viewer, data, size) : take_head(viewer, data, size);
        if (used == 0) {
            return;
        }
        data += used;
        size -= used;
        if (viewer->in_body && viewer->body_read == viewer->body_size) {
            viewer->in_body = false;
            on_answer(viewer);
            return; // one request at a time: nothing follows
        }
    }
}

static void on_event(Viewer *viewer, uint32_t events)
{
    static char buffer[256 * 1024];
    if (!viewer->connected) {
        if ((events & EPOLLERR) != 0) {
            count_error("connect");
            return;
        }
        viewer->connected = true;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = viewer};
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, viewer->fd, &event);
        begin(viewer);
        return;
    }
    ssize_t got = measure_receive(viewer->fd, buffer, sizeof buffer, &viewer->arrived_us);
    if (got > 0) {
        take(viewer, buffer, (size_t)got);
    } else if (got == 0 || errno != EAGAIN) {
        count_error(got == 0 ? "closed by the server" : g_strerror(errno));
        close(viewer->fd);
        connect_viewer(viewer);
        viewer->tracks[0].known = viewer->tracks[1].known = false;
    }
}

static void on_tick(void)
{
    tick++;
    for (int i = 0; i < opt_viewers; i++) {
        Viewer *viewer = &viewers[i];
        if (viewer->connected && viewer->idle) {
            ask_mix(viewer);
        } else if (measuring && viewer->connected) {
            late++;
        }
    }
}

/* Nanoseconds of the server's thread `http`, and of all its others. */
static void server_ns(const CpuSample *cpu, uint64_t *out_http, uint64_t *out_rest)
{
    *out_http = *out_rest = 0;
    for (unsigned i = 0; i < cpu->n; i++) {
        *(g_str_equal(cpu->threads[i].name, "http") ? out_http : out_rest) += cpu->threads[i].ns;
    }
}

/* Result */

/* Of picture and sound of each viewer. */
static uint64_t end_gaps(void)
{
    uint64_t over = 0;
    for (int i = 0; i < opt_viewers; i++) {
        for (unsigned track = 0; track < HLS_TRACKS && opt_replay == NULL && !opt_flat; track++) {
            Gap *gap = &viewers[i].gaps[track];
            gap_end(gap, now_us());
            figures_add_us(gaps, gap->longest_us);
            over += gap->over;
        }
    }
    return over;
}

static void print_result(double seconds, const CpuSample *from, const CpuSample *to)
{
    uint64_t http_from, rest_from, http_to, rest_to;
    server_ns(from, &http_from, &rest_from);
    server_ns(to, &http_to, &rest_to);
    printf("{\"viewers\":%d,\"seconds\":%.2f,\"requests\":%" G_GUINT64_FORMAT
           ",\"failed\":%" G_GUINT64_FORMAT ",\"stale\":%" G_GUINT64_FORMAT
           ",\"late\":%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT,
           opt_viewers, seconds, requests, errors, stale, late, bytes);
    printf(",\"cpu_http_s\":%.3f,\"cpu_rest_s\":%.3f,\"cpu_load_s\":%.3f",
           (double)(http_to - http_from) / 1e9, (double)(rest_to - rest_from) / 1e9,
           (double)(to->own_ns - from->own_ns) / 1e9);
    figures_print("behind_ms", behinds);
    figures_print("last_ms", spreads);
    figures_print("delay_ms", delays);
    figures_print_count("gaps_over_500_ms", end_gaps());
    figures_print("gap_ms", gaps);
    errors_print(error_kinds);
    printf("}\n");
}

static void begin_measuring(void)
{
    measuring = true;
    for (int i = 0; i < opt_viewers; i++) {
        for (unsigned track = 0; track < HLS_TRACKS; track++) {
            gap_begin(&viewers[i].gaps[track]);
        }
    }
}

static void run(void)
{
    struct epoll_event events[512];
    int64_t begin_us = now_us(), from_us = begin_us + opt_warm * INT64_C(1000000);
    from_us = opt_begin > 0 ? (int64_t)(opt_begin * 1e6) : from_us;
    int64_t end_us = from_us + opt_seconds * INT64_C(1000000);
    int64_t tick_us = begin_us + TICK_US;
    int started = 0;
    CpuSample from = {0}, to;
    for (int64_t now = begin_us; now < end_us; now = now_us()) {
        // all within the first half of the warm time
        int64_t due = opt_viewers * (now - begin_us) / (opt_warm * 500000 + 1) + 1;
        for (; started < opt_viewers && started < due; started++) {
            connect_viewer(&viewers[started]);
        }
        if (!measuring && now >= from_us) {
            begin_measuring();
            measure_cpu(opt_pid, &from);
            from_us = now;
        }
        int count = epoll_wait(epoll_fd, events, G_N_ELEMENTS(events), 2);
        for (int i = 0; i < count; i++) {
            on_event(events[i].data.ptr, events[i].events);
        }
        if (opt_replay != NULL && !opt_flat && now_us() >= tick_us) {
            tick_us += TICK_US;
            on_tick();
        }
    }
    measure_cpu(opt_pid, &to);
    print_result((double)(now_us() - from_us) / 1e6, &from, &to);
}

static bool parse_url(void)
{
    g_autoptr(GUri) uri = measure_server(opt_url, &address);
    if (uri == NULL) {
        return false;
    }
    base_path = g_strdup(g_uri_get_path(uri));
    request_tails = g_strsplit(opt_token != NULL ? opt_token : "", ",", -1);
    if (request_tails[0] == NULL) {
        g_strfreev(request_tails);
        request_tails = g_strsplit(" ", ",", -1);
    }
    for (char **tail = request_tails; *tail != NULL; tail++) {
        g_autofree char *token = *tail;
        g_autofree char *bearer = opt_token != NULL
                                      ? g_strdup_printf("Authorization: Bearer %s\r\n", token)
                                      : g_strdup("");
        // the rest is what a browser sends
        *tail = g_strdup_printf(
            " HTTP/1.1\r\nHost: %s:%d\r\nConnection: keep-alive\r\nAccept: */*\r\n"
            "Accept-Language: ar-AE,ar;q=0.9,en;q=0.8\r\nUser-Agent: Mozilla/5.0 (X11; Linux "
            "x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
            "Safari/537.36\r\n%s\r\n",
            g_uri_get_host(uri), g_uri_get_port(uri), bearer);
    }
    return true;
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || argc > 1 || !parse_url() ||
        opt_viewers < 1 || opt_viewers > MAX_VIEWERS) {
        fprintf(stderr, "usage: hls-load --url http://ADDRESS:PORT/…/ [--viewers N] …\n");
        return 2;
    }
    measure_need_descriptors();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    error_kinds = errors_new();
    behinds = figures_new();
    spreads = figures_new();
    delays = figures_new();
    gaps = figures_new();
    if (opt_replay != NULL) {
        load_mix();
    } else if (opt_record != NULL) {
        g_autofree char *path = g_build_filename(opt_record, "mix", NULL);
        record_file = fopen(path, "w");
        g_assert(record_file != NULL);
    }
    viewers = g_new0(Viewer, opt_viewers);
    for (int i = 0; i < opt_viewers; i++) {
        viewers[i].index = (unsigned)i;
    }
    run();
    if (record_file != NULL) {
        fclose(record_file);
    }
    return 0;
}
