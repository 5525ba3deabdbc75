// SPDX-License-Identifier: GPL-3.0-or-later
// Viewers over WebRTC in a few threads: each asks by WHEP with an offer of its own, checks, shakes
// hands, decrypts up to the first whole key frame, and from then on counts by sequence numbers.
// Prints one JSON object with what they saw and what it cost the server, and last what the same
// packets cost when nothing but encryption and the kernel is between.
//
//   rtc-load --url http://127.0.0.1:PORT/sessions/ID/whep [--viewers 100] [--ramp 50] [--gro] …
//
// --begin is a time of the monotonic clock, as other loads have it that measure the same seconds.
// Bearer tokens come on standard input (--tokens), one a line, and go round. With --janus ID the
// URL is Janus's HTTP API and ID a mountpoint of its streaming plugin; it must be ICE-lite.
#include "webrtc/load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_VIEWERS 10000
#define FREED_US 9000000 // after the last join the server has let go of DTLS

static char *opt_url, *opt_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
static int opt_viewers = 100, opt_ramp = 50, opt_pid, opt_verify = 1, opt_report = 1000;
static int opt_coalesce = 2, opt_threads, opt_churn, opt_janus = -1, opt_remb, opt_seed = 1;
static double opt_idle = 1.5, opt_settle = 1, opt_begin, opt_seconds = 5, opt_loss;
static gboolean opt_tokens, opt_gro, opt_nack, opt_plain, opt_twcc, opt_memory, opt_floor;

static const GOptionEntry options[] = {
    {"url", 0, 0, G_OPTION_ARG_STRING, &opt_url, "WHEP endpoint", "URL"},
    {"tokens", 0, 0, G_OPTION_ARG_NONE, &opt_tokens, "Read them from standard input", NULL},
    {"viewers", 0, 0, G_OPTION_ARG_INT, &opt_viewers, "How many", "N"},
    {"ramp", 0, 0, G_OPTION_ARG_INT, &opt_ramp, "Started a second", "N"},
    {"idle", 0, 0, G_OPTION_ARG_DOUBLE, &opt_idle, "The server alone, before", "S"},
    {"settle", 0, 0, G_OPTION_ARG_DOUBLE, &opt_settle, "After all have joined", "S"},
    {"begin", 0, 0, G_OPTION_ARG_DOUBLE, &opt_begin, "Measure from then on, not before", "CLOCK"},
    {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &opt_seconds, "Measured", "S"},
    {"threads", 0, 0, G_OPTION_ARG_INT, &opt_threads, "Of this program; 0: one per core", "N"},
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

typedef struct {
    int64_t at_us;
    CpuSample cpu;
    UdpDrops udp;
} Moment;

Setup setup;
static Worker *workers;
static unsigned n_workers;
static Totals merged; // once the workers have ended

static void take_moment(Moment *moment)
{
    measure_cpu(opt_pid, &moment->cpu);
    moment->udp = measure_udp();
    moment->at_us = now_us();
}

static void sleep_for(double seconds)
{
    g_usleep((gulong)(MAX(seconds, 0) * 1e6));
}

static void wait_until(unsigned (*ready)(void))
{
    while (ready() < n_workers) {
        g_usleep(1000);
    }
}

/* Merging */

static void add_list(GArray **to, GArray *from)
{
    if (*to == NULL) {
        *to = figures_new();
    }
    g_array_append_vals(*to, from->data, from->len);
}

static void add_errors(GHashTable *from)
{
    GHashTableIter iter;
    gpointer what, count;
    g_hash_table_iter_init(&iter, from);
    while (g_hash_table_iter_next(&iter, &what, &count)) {
        errors_add(merged.errors, what, GPOINTER_TO_UINT(count));
    }
}

static void add_totals(const Totals *one)
{
    add_list(&merged.first_rtp, one->first_rtp);
    add_list(&merged.first_key, one->first_key);
    add_list(&merged.check_rtt, one->check_rtt);
    add_list(&merged.asked, one->asked);
    add_errors(one->errors);
    merged.bad += one->bad;
    merged.verified += one->verified;
    merged.reports += one->reports;
    merged.nacked += one->nacked;
    merged.resent_rtx += one->resent_rtx;
    merged.restarts += one->restarts;
}

static Seen add_seen(void)
{
    Seen seen = {0};
    for (unsigned i = 0; i < n_workers; i++) {
        const Seen *one = &workers[i].seen;
        seen.playing += one->playing;
        seen.bytes += one->bytes;
        seen.drops += one->drops;
        seen.late += one->late;
        seen.simulated += one->simulated;
        seen.over += one->over;
        for (unsigned kind = 0; kind < KINDS; kind++) {
            seen.expected[kind] += one->expected[kind];
            seen.unique[kind] += one->unique[kind];
            add_list(&seen.gaps[kind], one->gaps[kind]);
        }
    }
    return seen;
}

/* Printing */

/* Packets a second that a viewer got of its programme. */
static double packets_per_s(const Seen *seen, double seconds)
{
    uint64_t packets = seen->unique[KIND_AUDIO] + seen->unique[KIND_VIDEO];
    return seen->playing > 0 ? (double)packets / seen->playing / seconds : 0;
}

static void print_packets(Seen *seen, double seconds)
{
    figures_print("gap_video_ms", seen->gaps[KIND_VIDEO]);
    figures_print("gap_audio_ms", seen->gaps[KIND_AUDIO]);
    figures_print_count("gaps_over_500_ms", seen->over);
    printf(",\"playing\":%u,\"expected\":%" G_GUINT64_FORMAT ",\"received\":%" G_GUINT64_FORMAT,
           seen->playing, seen->expected[KIND_AUDIO] + seen->expected[KIND_VIDEO],
           seen->unique[KIND_AUDIO] + seen->unique[KIND_VIDEO]);
    printf(",\"video_expected\":%" G_GUINT64_FORMAT ",\"video_received\":%" G_GUINT64_FORMAT,
           seen->expected[KIND_VIDEO], seen->unique[KIND_VIDEO]);
    printf(",\"recovered\":%" G_GUINT64_FORMAT ",\"mbit_per_s\":%.3f,\"packets_per_s\":%.1f"
           ",\"socket_drops\":%" G_GUINT64_FORMAT,
           seen->late, seen->playing > 0 ? (double)seen->bytes * 8e-6 / seen->playing / seconds : 0,
           packets_per_s(seen, seconds), seen->drops);
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

static void print_floor(const char *name, const Mix *mix, bool gro, bool paced)
{
    Floor floor = floor_run(mix, (unsigned)opt_viewers, gro, paced);
    printf(",\"%s\":{\"encrypt_ms\":%.4f,\"send_ms\":%.4f,\"all_ms\":%.4f}", name, floor.encrypt_ms,
           floor.send_ms, floor.encrypt_ms + floor.send_ms);
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

static void print_result(const Moment moments[5], Seen *seen, const Memory *memory)
{
    const Moment *from = &moments[3], *to = &moments[4];
    double seconds = (double)(to->at_us - from->at_us) / 1e6;
    printf("{\"viewers\":%d,\"joined\":%u", opt_viewers, merged.first_key->len);
    figures_print("asked_ms", merged.asked);
    figures_print("first_rtp_ms", merged.first_rtp);
    figures_print("first_key_ms", merged.first_key);
    figures_print("check_ms", merged.check_rtt);
    print_packets(seen, seconds);
    printf(",\"rcvbuf_errors\":%" G_GUINT64_FORMAT ",\"sndbuf_errors\":%" G_GUINT64_FORMAT
           ",\"simulated\":%" G_GUINT64_FORMAT,
           to->udp.receive - from->udp.receive, to->udp.send - from->udp.send, seen->simulated);
    printf(",\"verified\":%" G_GUINT64_FORMAT ",\"bad\":%" G_GUINT64_FORMAT
           ",\"sender_reports\":%" G_GUINT64_FORMAT ",\"nacked\":%" G_GUINT64_FORMAT
           ",\"rtx\":%" G_GUINT64_FORMAT ",\"restarts\":%" G_GUINT64_FORMAT,
           merged.verified, merged.bad, merged.reports, merged.nacked, merged.resent_rtx,
           merged.restarts);
    print_memory(memory);
    print_cpu("cpu_idle", &moments[0], &moments[1]);
    print_cpu("cpu_join", &moments[1], &moments[2]);
    print_cpu("cpu", from, to);
    errors_print(merged.errors);
    Mix *mix = &workers[0].totals.mix;
    if (opt_floor && packets_per_s(seen, seconds) > 0 && mix->sizes->len > 0) {
        mix->seconds = mix->sizes->len / packets_per_s(seen, seconds); // as many as the server sent
        print_floor("floor_gro", mix, true, false);
        print_floor("floor_paced", mix, opt_gro, true);
        print_floor("floor", mix, false, false);
    }
    printf("}\n");
}

static void run(void)
{
    g_autofree Moment *moments = g_new0(Moment, 5);
    Memory memory = {0};
    take_moment(&moments[0]);
    sleep_for(opt_idle);
    take_memory(&memory.idle_kb, &memory.idle_rss_kb);
    take_moment(&moments[1]);
    for (unsigned i = 0; i < n_workers; i++) {
        worker_start(&workers[i]);
    }
    wait_until(worker_joined);
    int64_t joined_us = now_us();
    take_moment(&moments[2]);
    take_memory(&memory.joined_kb, &memory.joined_rss_kb);
    sleep_for(opt_settle);
    sleep_for(opt_begin - (double)now_us() / 1e6);
    worker_phase(PHASE_MEASURE);
    take_moment(&moments[3]);
    sleep_for(opt_seconds);
    take_moment(&moments[4]);
    worker_phase(PHASE_MEASURED);
    wait_until(worker_measured);
    if (opt_memory) {
        sleep_for((double)(joined_us + FREED_US - now_us()) / 1e6);
        take_memory(&memory.freed_kb, &memory.freed_rss_kb);
    }
    worker_phase(PHASE_LEAVE);
    for (unsigned i = 0; i < n_workers; i++) {
        pthread_join(workers[i].thread, NULL);
        add_totals(&workers[i].totals);
    }
    Seen seen = add_seen();
    print_result(moments, &seen, &memory);
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
    measure_need_descriptors();
    g_random_set_seed((guint32)opt_seed);
    setup.offer = (OfferOptions){
        .nack = opt_nack, .rtx = opt_nack && !opt_plain, .twcc = opt_twcc, .remb = opt_remb > 0};
    setup.gro = opt_gro;
    setup.loss = opt_loss;
    setup.report_ms = (unsigned)opt_report;
    setup.verify = (unsigned)opt_verify;
    setup.remb = (uint32_t)opt_remb;
    setup.janus = opt_janus;
    setup.coalesce_ms = (unsigned)opt_coalesce;
    setup.ramp = (unsigned)opt_ramp;
    merged.errors = errors_new();
    secure_init(opt_profiles);
}

static bool options_make_sense(void)
{
    return opt_url != NULL && web_parse(opt_url, &setup.server) && opt_viewers > 0 &&
           opt_viewers <= MAX_VIEWERS && opt_ramp > 0 && opt_churn >= 0 &&
           opt_churn <= opt_viewers && opt_coalesce >= 0 && opt_threads >= 0 && opt_loss >= 0 &&
           opt_loss < 1 && opt_report >= 0 && opt_verify >= 0;
}

/* Each worker takes every n-th viewer. */
static void deal_viewers(const GPtrArray *tokens)
{
    unsigned wanted = opt_threads > 0 ? (unsigned)opt_threads : g_get_num_processors();
    n_workers = MIN(wanted, (unsigned)opt_viewers);
    workers = g_new0(Worker, n_workers);
    for (unsigned i = 0; i < n_workers; i++) {
        workers[i] = (Worker){.number = i, .of = n_workers};
        workers[i].viewers = g_new0(Viewer, (unsigned)opt_viewers / n_workers + 1);
    }
    for (unsigned i = 0; i < (unsigned)opt_viewers; i++) {
        Worker *worker = &workers[i % n_workers];
        worker->viewers[worker->n++] =
            (Viewer){.index = i,
                     .fd = -1,
                     .churns = i >= (unsigned)(opt_viewers - opt_churn),
                     .token = tokens->len > 0 ? tokens->pdata[i % tokens->len] : NULL,
                     .arrivals = g_array_new(FALSE, FALSE, sizeof(Arrival))};
    }
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
    deal_viewers(tokens);
    run();
    return merged.first_key->len >= (guint)opt_viewers ? 0 : 1;
}
