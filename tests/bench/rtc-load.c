// SPDX-License-Identifier: GPL-3.0-or-later
// Viewers over WebRTC in one thread: each asks by WHEP with an offer of its own, checks, shakes
// hands, decrypts up to the first whole key frame, and from then on counts by sequence numbers.
// Prints one JSON object with what they saw and what it cost the server, and last what the same
// packets cost when nothing but encryption and the kernel is between.
//
//   rtc-load --url http://127.0.0.1:PORT/sessions/ID/whep [--viewers 100] [--ramp 50] [--gro] …
//
// Bearer tokens come on standard input (--tokens), one a line, and go round. With --janus ID the
// URL is Janus's HTTP API and ID a mountpoint of its streaming plugin; it must be ICE-lite.
#include "webrtc/load.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAX_VIEWERS 10000
#define TICK_US 10000
#define JOIN_TIMEOUT_US 10000000
#define LEAVE_TIMEOUT_US 5000000
#define FREED_US 9000000 // after the last join the server has let go of DTLS
#define MIX_US 3000000

static char *opt_url, *opt_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
static int opt_viewers = 100, opt_ramp = 50, opt_pid, opt_verify = 1, opt_report = 1000;
static int opt_coalesce = 2, opt_churn, opt_janus = -1, opt_remb, opt_seed = 1;
static double opt_idle = 1.5, opt_settle = 1, opt_seconds = 5, opt_loss;
static gboolean opt_tokens, opt_gro, opt_nack, opt_plain, opt_twcc, opt_memory, opt_floor;

static const GOptionEntry options[] = {
    {"url", 0, 0, G_OPTION_ARG_STRING, &opt_url, "WHEP endpoint", "URL"},
    {"tokens", 0, 0, G_OPTION_ARG_NONE, &opt_tokens, "Read them from standard input", NULL},
    {"viewers", 0, 0, G_OPTION_ARG_INT, &opt_viewers, "How many", "N"},
    {"ramp", 0, 0, G_OPTION_ARG_INT, &opt_ramp, "Started a second", "N"},
    {"idle", 0, 0, G_OPTION_ARG_DOUBLE, &opt_idle, "The server alone, before", "S"},
    {"settle", 0, 0, G_OPTION_ARG_DOUBLE, &opt_settle, "After all have joined", "S"},
    {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &opt_seconds, "Measured", "S"},
    {"pid", 0, 0, G_OPTION_ARG_INT, &opt_pid, "The server", "PID"},
    {"profiles", 0, 0, G_OPTION_ARG_STRING, &opt_profiles, "SRTP's, in OpenSSL's names", "P"},
    {"verify", 0, 0, G_OPTION_ARG_INT, &opt_verify, "Viewers that decrypt everything", "K"},
    {"rr", 0, 0, G_OPTION_ARG_INT, &opt_report, "Between receiver reports, 0: none", "MS"},
    {"coalesce", 0, 0, G_OPTION_ARG_INT, &opt_coalesce, "Asleep between looks", "MS"},
    {"gro", 0, 0, G_OPTION_ARG_NONE, &opt_gro, "UDP_GRO, as a card would segment", NULL},
    {"nack", 0, 0, G_OPTION_ARG_NONE, &opt_nack, "Ask for what is missing, RTX too", NULL},
    {"no-rtx", 0, 0, G_OPTION_ARG_NONE, &opt_plain, "Offer no RTX", NULL},
    {"twcc", 0, 0, G_OPTION_ARG_NONE, &opt_twcc, "Transport-wide feedback", NULL},
    {"remb", 0, 0, G_OPTION_ARG_INT, &opt_remb, "Claim so much bandwidth", "BIT/S"},
    {"loss", 0, 0, G_OPTION_ARG_DOUBLE, &opt_loss, "Share of packets thrown away", "P"},
    {"seed", 0, 0, G_OPTION_ARG_INT, &opt_seed, "Of all that is random", "N"},
    {"churn", 0, 0, G_OPTION_ARG_INT, &opt_churn, "Viewers that leave and come again", "N"},
    {"janus", 0, 0, G_OPTION_ARG_INT, &opt_janus, "A mountpoint of Janus", "ID"},
    {"memory", 0, 0, G_OPTION_ARG_NONE, &opt_memory, "Wait until DTLS is freed", NULL},
    {"floor", 0, 0, G_OPTION_ARG_NONE, &opt_floor, "And the floor for this mix", NULL},
    G_OPTION_ENTRY_NULL,
};

/* What is compared over the measured time, of each viewer. */
typedef struct {
    uint64_t expected[KINDS], unique[KINDS], bytes, drops;
} Before;

typedef struct {
    int64_t at_us;
    CpuSample cpu;
    UdpDrops udp;
    uint64_t simulated;
} Moment;

Setup setup;
Totals totals;
static Viewer *viewers;
static int started;
static double packets_per_s; // that a viewer got, of its programme

static void tick(int64_t at_us)
{
    static int64_t next_us;
    if (at_us < next_us) {
        return;
    }
    next_us = at_us + TICK_US;
    for (int i = 0; i < started; i++) {
        viewer_tick(&viewers[i], at_us);
    }
}

/* Lives of two to five seconds, ended in one way after the other. */
static void churn(int64_t at_us)
{
    static unsigned turn;
    for (int i = opt_viewers - opt_churn; i < started; i++) {
        Viewer *viewer = &viewers[i];
        if (viewer->first_key_us > 0 && viewer->leave_us == 0) {
            viewer->leave_us = at_us + g_random_int_range(2000000, 5000000);
        }
        if (viewer->state == VIEWER_PLAYING && viewer->leave_us > 0 && at_us >= viewer->leave_us) {
            viewer_leave(viewer, (Leave)(turn++ % LEAVES));
            viewer->due_us = at_us + g_random_int_range(200000, 1000000);
        } else if (viewer->state == VIEWER_FAILED) {
            viewer->state = VIEWER_IDLE;
            viewer->due_us = at_us + 1000000;
        } else if (viewer->state == VIEWER_IDLE && at_us >= viewer->due_us) {
            totals.restarts++;
            viewer_start(viewer);
        }
    }
}

static void sweep(int64_t at_us)
{
    static int64_t next_us;
    if (at_us < next_us) {
        return;
    }
    next_us = at_us + opt_coalesce * 1000;
    for (int i = 0; i < started; i++) {
        if (viewers[i].state == VIEWER_PLAYING) {
            viewer_event(&viewers[i]);
        }
    }
}

/* One turn: sleeps, so that packets gather and few calls take many, then takes all that is there.
 */
static int64_t turn(bool hurry)
{
    struct epoll_event events[1024];
    if (!hurry && opt_coalesce > 0) {
        g_usleep((gulong)opt_coalesce * 1000);
    }
    int n = epoll_wait(setup.epoll_fd, events, G_N_ELEMENTS(events), hurry ? 1 : 0);
    for (int i = 0; i < n; i++) {
        viewer_event(events[i].data.ptr);
    }
    int64_t at_us = now_us();
    sweep(at_us);
    tick(at_us);
    return at_us;
}

static void run_for(double seconds)
{
    int64_t end_us = now_us() + (int64_t)(seconds * 1e6), at_us;
    while ((at_us = turn(false)) < end_us) {
        churn(at_us);
    }
}

static bool all_joined(void)
{
    for (int i = 0; i < opt_viewers; i++) {
        if (viewers[i].first_key_us == 0 && viewers[i].state != VIEWER_FAILED) {
            return false;
        }
    }
    return true;
}

static void join_all(void)
{
    int64_t begin_us = now_us(), at_us = begin_us;
    int64_t end_us = begin_us + opt_viewers * INT64_C(1000000) / opt_ramp + JOIN_TIMEOUT_US;
    while (at_us < end_us && (started < opt_viewers || !all_joined())) {
        while (started < opt_viewers && at_us - begin_us >= started * INT64_C(1000000) / opt_ramp) {
            viewer_start(&viewers[started++]);
        }
        at_us = turn(true);
    }
}

static void leave_all(void)
{
    int64_t end_us = now_us() + LEAVE_TIMEOUT_US;
    for (int i = 0; i < started; i++) {
        if (viewers[i].state == VIEWER_PLAYING) {
            viewer_leave(&viewers[i], LEAVE_BY_DELETE);
            turn(true);
        }
    }
    for (bool any = true; any && now_us() < end_us;) {
        turn(true);
        any = false;
        for (int i = 0; i < started; i++) {
            any = any || viewers[i].state == VIEWER_LEAVING;
        }
    }
}

static void take_moment(Moment *moment)
{
    measure_cpu(opt_pid, &moment->cpu);
    moment->udp = measure_udp();
    moment->at_us = now_us();
    moment->simulated = totals.simulated;
}

static void take_before(Before *before)
{
    for (int i = 0; i < opt_viewers; i++) {
        before[i].bytes = 0;
        for (unsigned kind = 0; kind < KINDS; kind++) {
            Source *source = &viewers[i].sources[kind];
            before[i].expected[kind] = count_expected(source);
            before[i].unique[kind] = source->unique;
            before[i].bytes += source->bytes;
            source->gap_us = 0;
        }
        before[i].drops = viewers[i].fd >= 0 ? measure_socket_drops(viewers[i].fd) : 0;
    }
}

/* Printing */

static int compare_float(gconstpointer a, gconstpointer b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double quantile(const GArray *sorted, double share)
{
    guint at = sorted->len > 0 ? (guint)(share * (sorted->len - 1) + 0.5) : 0;
    return sorted->len > 0 ? g_array_index(sorted, float, at) : 0;
}

static void print_quantiles(const char *name, GArray *values)
{
    g_array_sort(values, compare_float);
    printf(",\"%s\":{\"n\":%u,\"p50\":%.1f,\"p95\":%.1f,\"max\":%.1f}", name, values->len,
           quantile(values, 0.5), quantile(values, 0.95), quantile(values, 1));
}

/* Gaps of those that stayed. */
static void print_gaps(const char *name, Kind kind)
{
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(float));
    for (int i = 0; i < opt_viewers - opt_churn; i++) {
        float ms = (float)viewers[i].sources[kind].gap_us / 1000;
        if (viewers[i].state == VIEWER_PLAYING) {
            g_array_append_val(gaps, ms);
        }
    }
    print_quantiles(name, gaps);
}

static void print_packets(const Before *before, double seconds)
{
    uint64_t expected[KINDS] = {0}, unique[KINDS] = {0}, bytes = 0, drops = 0, late = 0;
    unsigned playing = 0;
    for (int i = 0; i < opt_viewers - opt_churn; i++) {
        Viewer *viewer = &viewers[i];
        if (viewer->state != VIEWER_PLAYING) {
            continue;
        }
        playing++;
        drops += measure_socket_drops(viewer->fd) - before[i].drops;
        bytes -= before[i].bytes;
        for (unsigned kind = 0; kind < KINDS; kind++) {
            Source *source = &viewer->sources[kind];
            bytes += source->bytes;
            late += source->late;
            expected[kind] += count_expected(source) - before[i].expected[kind];
            unique[kind] += source->unique - before[i].unique[kind];
        }
    }
    uint64_t all = unique[KIND_AUDIO] + unique[KIND_VIDEO];
    packets_per_s = playing > 0 ? (double)all / playing / seconds : 0;
    printf(",\"playing\":%u,\"expected\":%" G_GUINT64_FORMAT ",\"received\":%" G_GUINT64_FORMAT,
           playing, expected[KIND_AUDIO] + expected[KIND_VIDEO], all);
    printf(",\"video_expected\":%" G_GUINT64_FORMAT ",\"video_received\":%" G_GUINT64_FORMAT,
           expected[KIND_VIDEO], unique[KIND_VIDEO]);
    printf(",\"recovered\":%" G_GUINT64_FORMAT ",\"mbit_per_s\":%.3f,\"packets_per_s\":%.1f"
           ",\"socket_drops\":%" G_GUINT64_FORMAT,
           late, playing > 0 ? (double)bytes * 8e-6 / playing / seconds : 0, packets_per_s, drops);
}

static uint64_t cpu_of(const CpuSample *sample, const char *name)
{
    for (unsigned i = 0; i < sample->n; i++) {
        if (g_str_equal(sample->threads[i].name, name)) {
            return sample->threads[i].ns;
        }
    }
    return 0;
}

/* CPU-ms a second, by name of thread. */
static void print_cpu(const char *name, const Moment *from, const Moment *to)
{
    double seconds = (double)(to->at_us - from->at_us) / 1e6, all = 0;
    printf(",\"%s\":{", name);
    for (unsigned i = 0; i < to->cpu.n; i++) {
        const ThreadCpu *thread = &to->cpu.threads[i];
        uint64_t before = cpu_of(&from->cpu, thread->name);
        double ms = thread->ns > before ? (double)(thread->ns - before) / 1e6 / seconds : 0;
        all += ms;
        printf("\"%s\":%.3f,", thread->name, ms);
    }
    printf("\"all\":%.3f,\"children\":%.3f,\"load\":%.3f,\"seconds\":%.3f}", all,
           (double)(to->cpu.children_ns - from->cpu.children_ns) / 1e6 / seconds,
           (double)(to->cpu.own_ns - from->cpu.own_ns) / 1e6 / seconds, seconds);
}

static void print_floor(const char *name, bool gro, bool paced)
{
    Floor floor = floor_run(&totals.mix, (unsigned)opt_viewers, gro, paced);
    printf(",\"%s\":{\"encrypt_ms\":%.4f,\"send_ms\":%.4f,\"all_ms\":%.4f}", name, floor.encrypt_ms,
           floor.send_ms, floor.encrypt_ms + floor.send_ms);
}

static void print_errors(void)
{
    GHashTableIter iter;
    gpointer what, count;
    const char *comma = "";
    printf(",\"errors\":{");
    g_hash_table_iter_init(&iter, totals.errors);
    while (g_hash_table_iter_next(&iter, &what, &count)) {
        printf("%s\"%s\":%u", comma, (char *)what, GPOINTER_TO_UINT(count));
        comma = ",";
    }
    printf("}");
}

typedef struct {
    uint64_t idle_kb, joined_kb, freed_kb;
    uint64_t idle_rss_kb, joined_rss_kb, freed_rss_kb;
} Memory;

static void take_memory(uint64_t *pss_kb, uint64_t *rss_kb)
{
    *pss_kb = opt_pid > 0 ? measure_pss(opt_pid) : 0;
    *rss_kb = opt_pid > 0 ? measure_rss(opt_pid) : 0;
}

static void print_memory(const Memory *memory)
{
    printf(",\"pss_kb\":{\"idle\":%" G_GUINT64_FORMAT ",\"joined\":%" G_GUINT64_FORMAT
           ",\"freed\":%" G_GUINT64_FORMAT "}",
           memory->idle_kb, memory->joined_kb, memory->freed_kb);
    printf(",\"rss_kb\":{\"idle\":%" G_GUINT64_FORMAT ",\"joined\":%" G_GUINT64_FORMAT
           ",\"freed\":%" G_GUINT64_FORMAT "}",
           memory->idle_rss_kb, memory->joined_rss_kb, memory->freed_rss_kb);
}

static void run_mix(double seconds)
{
    double part = MIN(seconds, MIX_US / 1e6);
    totals.mixing = true;
    run_for(part);
    totals.mixing = false;
    run_for(seconds - part);
}

static void print_result(const Moment moments[5], const Before *before, const Memory *memory)
{
    const Moment *from = &moments[3], *to = &moments[4];
    double seconds = (double)(to->at_us - from->at_us) / 1e6;
    printf("{\"viewers\":%d,\"joined\":%u", opt_viewers, totals.first_key->len);
    print_quantiles("asked_ms", totals.asked);
    print_quantiles("first_rtp_ms", totals.first_rtp);
    print_quantiles("first_key_ms", totals.first_key);
    print_quantiles("check_ms", totals.check_rtt);
    print_gaps("gap_video_ms", KIND_VIDEO);
    print_gaps("gap_audio_ms", KIND_AUDIO);
    print_packets(before, seconds);
    printf(",\"rcvbuf_errors\":%" G_GUINT64_FORMAT ",\"sndbuf_errors\":%" G_GUINT64_FORMAT
           ",\"simulated\":%" G_GUINT64_FORMAT,
           to->udp.receive - from->udp.receive, to->udp.send - from->udp.send,
           to->simulated - from->simulated);
    printf(",\"verified\":%" G_GUINT64_FORMAT ",\"bad\":%" G_GUINT64_FORMAT
           ",\"sender_reports\":%" G_GUINT64_FORMAT ",\"nacked\":%" G_GUINT64_FORMAT
           ",\"rtx\":%" G_GUINT64_FORMAT ",\"restarts\":%" G_GUINT64_FORMAT,
           totals.verified, totals.bad, totals.reports, totals.nacked, totals.resent_rtx,
           totals.restarts);
    print_memory(memory);
    print_cpu("cpu_idle", &moments[0], &moments[1]);
    print_cpu("cpu_join", &moments[1], &moments[2]);
    print_cpu("cpu", from, to);
    print_errors();
}

static void run(void)
{
    Moment *moments = g_new0(Moment, 5);
    Before *before = g_new0(Before, opt_viewers);
    Memory memory = {0};
    take_moment(&moments[0]);
    run_for(opt_idle);
    take_memory(&memory.idle_kb, &memory.idle_rss_kb);
    take_moment(&moments[1]);
    join_all();
    int64_t joined_us = now_us();
    take_moment(&moments[2]);
    take_memory(&memory.joined_kb, &memory.joined_rss_kb);
    run_for(opt_settle);
    take_before(before);
    take_moment(&moments[3]);
    run_mix(opt_seconds);
    take_moment(&moments[4]);
    if (opt_memory) {
        run_for(MAX(0, (double)(joined_us + FREED_US - now_us()) / 1e6));
        take_memory(&memory.freed_kb, &memory.freed_rss_kb);
    }
    print_result(moments, before, &memory);
    leave_all();
    if (opt_floor && packets_per_s > 0 && totals.mix.sizes->len > 0) {
        totals.mix.seconds = totals.mix.sizes->len / packets_per_s; // as many as the server sent
        print_floor("floor_gro", true, false);
        print_floor("floor_paced", opt_gro, true);
        print_floor("floor", false, false);
    }
    printf("}\n");
    g_free(moments);
    g_free(before);
}

static GPtrArray *read_tokens(void)
{
    GPtrArray *tokens = g_ptr_array_new_with_free_func(g_free);
    char line[512];
    while (opt_tokens && fgets(line, sizeof line, stdin) != NULL) {
        if (*g_strchomp(line) != '\0') {
            g_ptr_array_add(tokens, g_strdup(line));
        }
    }
    return tokens;
}

static void set_up(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    g_random_set_seed((guint32)opt_seed);
    setup.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    setup.offer = (OfferOptions){
        .nack = opt_nack, .rtx = opt_nack && !opt_plain, .twcc = opt_twcc, .remb = opt_remb > 0};
    setup.gro = opt_gro;
    setup.loss = opt_loss;
    setup.report_ms = (unsigned)opt_report;
    setup.verify = (unsigned)opt_verify;
    setup.remb = (uint32_t)opt_remb;
    setup.janus = opt_janus;
    totals.errors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    totals.first_rtp = g_array_new(FALSE, FALSE, sizeof(float));
    totals.first_key = g_array_new(FALSE, FALSE, sizeof(float));
    totals.check_rtt = g_array_new(FALSE, FALSE, sizeof(float));
    totals.asked = g_array_new(FALSE, FALSE, sizeof(float));
    totals.mix.steps = g_array_new(FALSE, FALSE, sizeof(MixStep));
    totals.mix.sizes = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    secure_init(opt_profiles);
}

static bool options_make_sense(void)
{
    return opt_url != NULL && web_parse(opt_url, &setup.server) && opt_viewers > 0 &&
           opt_viewers <= MAX_VIEWERS && opt_ramp > 0 && opt_churn >= 0 &&
           opt_churn <= opt_viewers && opt_loss >= 0 && opt_loss < 1 && opt_report >= 0 &&
           opt_verify >= 0;
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL) || argc > 1 || !options_make_sense()) {
        fprintf(stderr, "usage: rtc-load --url http://ADDRESS:PORT/…/whep [--viewers N] …\n");
        return 2;
    }
    set_up();
    g_autoptr(GPtrArray) tokens = read_tokens();
    viewers = g_new0(Viewer, opt_viewers);
    for (int i = 0; i < opt_viewers; i++) {
        viewers[i].index = (unsigned)i;
        viewers[i].fd = -1;
        viewers[i].token = tokens->len > 0 ? tokens->pdata[i % tokens->len] : NULL;
        viewers[i].arrivals = g_array_new(FALSE, FALSE, sizeof(Arrival));
    }
    run();
    return totals.first_key->len >= (guint)opt_viewers ? 0 : 1;
}
