// SPDX-License-Identifier: GPL-3.0-or-later
// Names the server's figures as metrics. Labels have few values, never a session, person or
// address: each value is a time series in Prometheus. Figures of several sessions are summed, or
// the worst is told.
#include "observe.h"

#include "backup/backup.h"
#include "base/clock.h"
#include "metrics/listener.h"

#include <string.h>
#include <sys/utsname.h>

#define SECONDS(us) ((double)(us) / BASE_US_PER_S)

struct Observe {
    ObserveSources from;
    Metrics *metrics;
    MetricsSampler *sampler;
    MetricsListener *listener; // nullable
    int64_t scrape_us;         // of the last scrape
    int64_t started_us;        // wall clock
    int64_t minimum_free_bytes;
    char *system_name; // nullable
};

/* Build, process, disks */

// clang-format off
static const MetricsFamily build_info = {"majlis_build_info", METRICS_GAUGE, "The running version; always 1."};
static const MetricsFamily scrape = {"majlis_scrape_duration_seconds", METRICS_GAUGE, "What the scrape before this one took of the main thread."};
static const MetricsFamily process_cpu = {"process_cpu_seconds_total", METRICS_COUNTER, "Processor time of the server process, without its capture processes."};
static const MetricsFamily process_start = {"process_start_time_seconds", METRICS_GAUGE, "Start of the process, since 1970-01-01 UTC."};
static const MetricsFamily process_resident = {"process_resident_memory_bytes", METRICS_GAUGE, "Memory of the server process in RAM."};
static const MetricsFamily process_virtual = {"process_virtual_memory_bytes", METRICS_GAUGE, "Address space of the server process."};
static const MetricsFamily process_descriptors = {"process_open_fds", METRICS_GAUGE, "Open file descriptors."};
static const MetricsFamily process_descriptor_limit = {"process_max_fds", METRICS_GAUGE, "Limit of open file descriptors."};
static const MetricsFamily encoder_cpu = {"majlis_encoder_cpu_seconds_total", METRICS_COUNTER, "Processor time of the capture processes: sources, scenes, encoders. Looked at every 10 s."};
static const MetricsFamily backup = {"majlis_backup_last_success_timestamp_seconds", METRICS_GAUGE, "Time of the last backup that lacks nothing, since 1970-01-01 UTC; absent while there is none."};
static const MetricsFamily backup_damaged = {"majlis_backup_damaged", METRICS_GAUGE, "Files and recordings that the last backup lacks, damaged or missing; absent while there is none."};
static const MetricsFamily disk_free = {"majlis_disk_free_bytes", METRICS_GAUGE, "Free on the disk that has this folder; absent while the disk does not answer."};
static const MetricsFamily disk_size = {"majlis_disk_size_bytes", METRICS_GAUGE, "Size of the disk that has this folder."};
static const MetricsFamily disk_minimum = {"majlis_disk_minimum_free_bytes", METRICS_GAUGE, "[archive] minimum_free: with less no session opens; below a tenth nothing is recorded."};
static const MetricsFamily certificate = {"majlis_certificate_expiry_timestamp_seconds", METRICS_GAUGE, "End of the certificate in use, since 1970-01-01 UTC; absent without TLS."};
// clang-format on

static void tell_process(const Observe *observe, MetricsText *out)
{
    MetricsMachine machine;
    bool known = metrics_sampler_machine(observe->sampler, &machine); // not in the first moments
    const struct {
        const MetricsFamily *family;
        double value;
    } all[] = {
        {&process_cpu, machine.cpu_s},
        {&process_start, machine.start_wall_s},
        {&process_resident, (double)machine.resident_bytes},
        {&process_virtual, (double)machine.virtual_bytes},
        {&process_descriptors, machine.descriptors},
        {&process_descriptor_limit, machine.max_descriptors},
        {&encoder_cpu, metrics_sampler_children_s(observe->sampler)},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        metrics_family(out, all[i].family);
        if (known) {
            metrics_sample(out, all[i].value, NULL);
        }
    }
}

static void tell_backup(const Observe *observe, MetricsText *out)
{
    MetricsBackup last = metrics_sampler_backup(observe->sampler);
    metrics_family(out, &backup);
    if (last.whole_us > 0) {
        metrics_sample(out, SECONDS(last.whole_us), NULL);
    }
    metrics_family(out, &backup_damaged);
    if (last.known) {
        metrics_sample(out, last.damaged, NULL);
    }
}

static void tell_disks(const Observe *observe, MetricsText *out)
{
    MetricsDisk disks[METRICS_DISKS];
    unsigned count = metrics_sampler_disks(observe->sampler, disks);
    metrics_family(out, &disk_free);
    for (unsigned i = 0; i < count; i++) {
        metrics_sample(out, (double)disks[i].free_bytes, "folder", disks[i].name, NULL);
    }
    metrics_family(out, &disk_size);
    for (unsigned i = 0; i < count; i++) {
        metrics_sample(out, (double)disks[i].size_bytes, "folder", disks[i].name, NULL);
    }
    metrics_single(out, &disk_minimum, (double)observe->minimum_free_bytes);
}

/* Sessions, capture, recording */

// clang-format off
static const MetricsFamily sessions = {"majlis_sessions", METRICS_GAUGE, "Sessions by state."};
static const MetricsFamily source_states = {"majlis_sources", METRICS_GAUGE, "Sources of sessions that are on, by state: waiting, playing, failed (slate and silence are shown), ended."};
static const MetricsFamily source_failures = {"majlis_source_failures_total", METRICS_COUNTER, "Times that a source failed."};
static const MetricsFamily restarts = {"majlis_capture_restarts_total", METRICS_COUNTER, "Starts of capture processes after one died or hung."};
static const MetricsFamily frames = {"majlis_encoder_frames_total", METRICS_COUNTER, "Pictures encoded, of the largest rendition."};
static const MetricsFamily left_out = {"majlis_encoder_left_out_frames_total", METRICS_COUNTER, "Pictures of the largest rendition that were not encoded, since the machine was too slow."};
static const MetricsFamily encoded = {"majlis_encoder_output_bytes_total", METRICS_COUNTER, "Encoded media, all renditions and languages."};
static const MetricsFamily latency = {"majlis_encoder_latency_seconds", METRICS_HISTOGRAM, "From the time that a picture is for until it is encoded and published to viewers and recording."};
static const MetricsFamily lag = {"majlis_recording_lag_seconds", METRICS_GAUGE, "Age of the newest media that is durable on the first disk, of the recording furthest behind; absent while nothing is recorded."};
static const MetricsFamily failing = {"majlis_recordings_failing", METRICS_GAUGE, "Recordings that are not written."};
static const MetricsFamily second_failing = {"majlis_recordings_second_failing", METRICS_GAUGE, "Recordings whose second copy is not written."};
static const MetricsFamily recorded_bytes = {"majlis_recording_written_bytes_total", METRICS_COUNTER, "Written to the first copies of recordings."};
static const MetricsFamily lost_parts = {"majlis_recording_lost_parts_total", METRICS_COUNTER, "Parts that recordings lack."};
static const MetricsFamily lost_units = {"majlis_recording_lost_units_total", METRICS_COUNTER, "Pictures and sound frames that did not get into a part."};
static const MetricsFamily parts = {"majlis_hls_parts_total", METRICS_COUNTER, "Parts published over HLS and given to recordings, all tracks."};
// clang-format on

static void tell_sessions(const LiveStats *live, MetricsText *out)
{
    static const char *const names[LIVE_SOURCE_STATES] = {[MEDIA_SOURCE_WAITING] = "waiting",
                                                          [MEDIA_SOURCE_PLAYING] = "playing",
                                                          [MEDIA_SOURCE_FAILED] = "failed",
                                                          [MEDIA_SOURCE_ENDED] = "ended"};
    metrics_family(out, &sessions);
    for (int state = 0; state < SESSION_STATES; state++) {
        metrics_sample(out, live->sessions[state], "state", store_state_name((SessionState)state),
                       NULL);
    }
    metrics_family(out, &source_states);
    for (int state = 0; state < LIVE_SOURCE_STATES; state++) {
        metrics_sample(out, live->sources[state], "state", names[state], NULL);
    }
    metrics_single(out, &source_failures, (double)live->totals.source_failures);
    metrics_single(out, &restarts, (double)live->totals.child_restarts);
    metrics_single(out, &frames, (double)live->totals.frames);
    metrics_single(out, &left_out, (double)live->totals.frames_left_out);
    metrics_single(out, &encoded, (double)live->totals.encoded_bytes);
    metrics_family(out, &latency);
    metrics_histogram(out, &live->totals.latency);
}

static void tell_recording(const LiveStats *live, MetricsText *out)
{
    metrics_family(out, &lag);
    if (live->lag_us >= 0) {
        metrics_sample(out, SECONDS(live->lag_us), NULL);
    }
    metrics_single(out, &failing, live->failing);
    metrics_single(out, &second_failing, live->second_failing);
    metrics_single(out, &recorded_bytes, (double)live->totals.recorded_bytes);
    metrics_single(out, &lost_parts, (double)live->totals.lost_parts);
    metrics_single(out, &lost_units, (double)live->totals.lost_units);
    metrics_single(out, &parts, (double)live->totals.parts);
}

/* Viewers, WebRTC */

// clang-format off
static const MetricsFamily viewers = {"majlis_viewers", METRICS_GAUGE, "Viewers by transport and by the rendition they are shown; over WebRTC connected ones, rendition none: sound alone, or no picture yet; over HLS people who fetched a playlist in the last 10 s, whose player chooses."};
static const MetricsFamily rtc_resources = {"majlis_rtc_resources", METRICS_GAUGE, "WHEP resources, connected or not."};
static const MetricsFamily rtc_connected = {"majlis_rtc_connected_viewers", METRICS_GAUGE, "Viewers connected over WebRTC."};
static const MetricsFamily rtc_packets = {"majlis_rtc_sent_packets_total", METRICS_COUNTER, "RTP and RTCP packets sent to viewers."};
static const MetricsFamily rtc_bytes = {"majlis_rtc_sent_bytes_total", METRICS_COUNTER, "Bytes of these packets, headers included."};
static const MetricsFamily rtc_resent = {"majlis_rtc_resent_packets_total", METRICS_COUNTER, "Packets sent again after a NACK."};
static const MetricsFamily rtc_drops = {"majlis_rtc_dropped_packets_total", METRICS_COUNTER, "Packets that the socket refused, and what else of their frame was dropped."};
static const MetricsFamily rtc_switches = {"majlis_rtc_rendition_switches_total", METRICS_COUNTER, "Changes of a viewer's rendition to fit its line."};
static const MetricsFamily rtc_pauses = {"majlis_rtc_video_pauses_total", METRICS_COUNTER, "Times that a line was too slow for any rendition."};
static const MetricsFamily rtc_rejected = {"majlis_rtc_rejected_packets_total", METRICS_COUNTER, "Received packets that were malformed or of no viewer."};
static const MetricsFamily rtc_join = {"majlis_rtc_join_seconds", METRICS_HISTOGRAM, "From a WHEP offer to the first packet of video, while the gate is open; decoding is not seen."};
// clang-format on

static void tell_viewers(const LiveStats *live, const HttpStats *http, MetricsText *out)
{
    static const char *const transports[] = {"udp", "tcp"};
    metrics_family(out, &viewers);
    for (unsigned i = 0; i < live->n_renditions; i++) {
        const LiveRendition *one = &live->renditions[i];
        for (unsigned transport = 0; transport < G_N_ELEMENTS(transports); transport++) {
            metrics_sample(out, one->viewers[transport], "transport", transports[transport],
                           "rendition", one->name[0] != '\0' ? one->name : "none", NULL);
        }
    }
    metrics_sample(out, http->hls_players, "transport", "hls", "rendition", "any", NULL);
}

static void tell_rtc(const Observe *observe, MetricsText *out)
{
    RtcStats rtc;
    rtc_server_stats(observe->from.rtc, &rtc);
    metrics_single(out, &rtc_resources, rtc.viewers);
    metrics_single(out, &rtc_connected, rtc.connected);
    metrics_single(out, &rtc_packets, (double)rtc.packets);
    metrics_single(out, &rtc_bytes, (double)rtc.bytes);
    metrics_single(out, &rtc_resent, (double)rtc.resent);
    metrics_single(out, &rtc_drops, (double)rtc.send_drops);
    metrics_single(out, &rtc_switches, (double)rtc.switched);
    metrics_single(out, &rtc_pauses, (double)rtc.paused);
    metrics_single(out, &rtc_rejected, (double)rtc.bad_packets);
    metrics_family(out, &rtc_join);
    metrics_histogram(out, &rtc.join);
}

/* HTTP, HLS */

// clang-format off
static const MetricsFamily answers = {"majlis_http_answers_total", METRICS_COUNTER, "Answers to requests on the public port, by class of status; none: cut before. Heads that are no HTTP are not counted."};
static const MetricsFamily hls_requests = {"majlis_hls_requests_total", METRICS_COUNTER, "Requests for live playlists, parts and segments."};
static const MetricsFamily hls_bytes = {"majlis_hls_sent_bytes_total", METRICS_COUNTER, "Answers to them from memory, as sent: without heads and older media from disk."};
static const MetricsFamily hls_waits = {"majlis_hls_waits_total", METRICS_COUNTER, "Requests that waited for media to come."};
static const MetricsFamily hls_timeouts = {"majlis_hls_wait_timeouts_total", METRICS_COUNTER, "Requests whose media did not come in time."};
static const MetricsFamily hls_waiting = {"majlis_hls_waiting_requests", METRICS_GAUGE, "Requests that wait now."};
static const MetricsFamily hls_wait = {"majlis_hls_wait_seconds", METRICS_HISTOGRAM, "How long they waited, also for players that left meanwhile."};
// clang-format on

static void tell_http(const HttpStats *http, MetricsText *out)
{
    static const char *const classes[HTTP_STATUS_CLASSES] = {"none", "1xx", "2xx",
                                                             "3xx",  "4xx", "5xx"};
    metrics_family(out, &answers);
    for (unsigned i = 0; i < HTTP_STATUS_CLASSES; i++) {
        metrics_sample(out, (double)http->answers[i], "code", classes[i], NULL);
    }
    metrics_single(out, &hls_requests, (double)http->hls_requests);
    metrics_single(out, &hls_bytes, (double)http->hls_bytes);
    metrics_single(out, &hls_waits, (double)http->hls_waits);
    metrics_single(out, &hls_timeouts, (double)http->hls_timeouts);
    metrics_single(out, &hls_waiting, http->hls_waiting);
    metrics_family(out, &hls_wait);
    metrics_histogram(out, &http->hls_wait);
    metrics_family(out, &certificate);
    if (http->certificate_ends_us != 0) {
        metrics_sample(out, SECONDS(http->certificate_ends_us), NULL);
    }
}

/* Questions, websocket, database */

// clang-format off
static const MetricsFamily qa_changes = {"majlis_qa_changes_total", METRICS_COUNTER, "Committed changes by kind: question, vote, other (moderation, withdrawal, messages)."};
static const MetricsFamily qa_failed = {"majlis_qa_failed_changes_total", METRICS_COUNTER, "Changes that the database did not take."};
static const MetricsFamily qa_commit = {"majlis_qa_commit_seconds", METRICS_HISTOGRAM, "From a change's turn until it is durable and told."};
static const MetricsFamily whep_delay = {"majlis_rtc_picture_delay_seconds", METRICS_HISTOGRAM, "From the camera's picture reaching the server to a viewer's screen, over WebRTC: each page tells its own each 15 s, where its browser knows it."};
static const MetricsFamily hls_delay = {"majlis_hls_picture_delay_seconds", METRICS_HISTOGRAM, "The same over LL-HLS."};
static const MetricsFamily sockets = {"majlis_websockets", METRICS_GAUGE, "Open websockets."};
static const MetricsFamily queued = {"majlis_websocket_queued_bytes", METRICS_GAUGE, "Messages that wait for websockets to be read, without snapshots."};
static const MetricsFamily slow = {"majlis_websocket_slow_closes_total", METRICS_COUNTER, "Websockets closed since they read too slowly."};
static const MetricsFamily received = {"majlis_websocket_received_messages_total", METRICS_COUNTER, "Messages of clients."};
static const MetricsFamily mails_queued = {"majlis_mails_queued", METRICS_GAUGE, "Mails that wait to be sent."};
static const MetricsFamily mails_sent = {"majlis_mails_sent_total", METRICS_COUNTER, "Mails that the relay took."};
static const MetricsFamily mails_failed = {"majlis_mails_failed_total", METRICS_COUNTER, "Mails that the relay refused for good."};
static const MetricsFamily mails_doubted = {"majlis_mails_doubted_total", METRICS_COUNTER, "Mails that were interrupted, so that the relay may have them: staff decide."};
static const MetricsFamily mail_relay_ok = {"majlis_mail_relay_up", METRICS_GAUGE, "1 unless the relay took no mail when it was last tried; absent where mail is not configured."};
static const MetricsFamily store_waiting = {"majlis_store_waiting_jobs", METRICS_GAUGE, "Jobs that wait for the database."};
static const MetricsFamily store_failed = {"majlis_store_failed_jobs_total", METRICS_COUNTER, "Jobs that failed, refusals included."};
static const MetricsFamily store_commit = {"majlis_store_commit_seconds", METRICS_HISTOGRAM, "From a change's submission until it is durable."};
// clang-format on

static void tell_qa(const Observe *observe, MetricsText *out)
{
    QaStats qa;
    qa_stats(observe->from.qa, &qa);
    metrics_family(out, &qa_changes);
    metrics_sample(out, (double)qa.questions, "kind", "question", NULL);
    metrics_sample(out, (double)qa.votes, "kind", "vote", NULL);
    metrics_sample(out, (double)qa.others, "kind", "other", NULL);
    metrics_single(out, &qa_failed, (double)qa.failed);
    metrics_family(out, &qa_commit);
    metrics_histogram(out, &qa.commit);
    metrics_family(out, &whep_delay);
    metrics_histogram(out, &qa.whep_delay);
    metrics_family(out, &hls_delay);
    metrics_histogram(out, &qa.hls_delay);
    metrics_single(out, &sockets, qa.sockets);
    metrics_single(out, &queued, (double)qa.queued_bytes);
    metrics_single(out, &slow, (double)qa.slow_closes);
    metrics_single(out, &received, (double)qa.received);
}

static void tell_mail(const Observe *observe, MetricsText *out)
{
    MailStats mail;
    mail_stats(observe->from.mail, &mail);
    metrics_single(out, &mails_queued, mail.queued);
    metrics_single(out, &mails_sent, (double)mail.sent);
    metrics_single(out, &mails_failed, (double)mail.failed);
    metrics_single(out, &mails_doubted, (double)mail.doubted);
    metrics_family(out, &mail_relay_ok);
    if (mail_is_on(observe->from.mail)) {
        metrics_sample(out, mail.trouble == NULL, NULL);
    }
}

static void tell_store(const Observe *observe, MetricsText *out)
{
    StoreStats store;
    store_stats(observe->from.store, &store);
    metrics_single(out, &store_waiting, store.waiting);
    metrics_single(out, &store_failed, (double)store.failed);
    metrics_family(out, &store_commit);
    metrics_histogram(out, &store.commit);
}

static void collect(void *data, MetricsText *out)
{
    Observe *observe = data;
    int64_t begun_us = base_clock_us();
    LiveStats live;
    HttpStats http;
    live_stats(observe->from.live, &live);
    http_stats(observe->from.http, &http);
    metrics_family(out, &build_info);
    metrics_sample(out, 1, "version", MAJLIS_VERSION, NULL);
    tell_process(observe, out);
    tell_disks(observe, out);
    tell_backup(observe, out);
    tell_sessions(&live, out);
    tell_recording(&live, out);
    tell_viewers(&live, &http, out);
    tell_rtc(observe, out);
    tell_http(&http, out);
    tell_qa(observe, out);
    tell_mail(observe, out);
    tell_store(observe, out);
    metrics_single(out, &scrape, SECONDS(observe->scrape_us));
    observe->scrape_us = base_clock_us() - begun_us;
}

static void on_now(void *data, MetricsNow *out)
{
    const Observe *observe = data;
    LiveStats live;
    RtcStats rtc;
    HttpStats http;
    live_stats(observe->from.live, &live);
    rtc_server_stats(observe->from.rtc, &rtc);
    http_stats(observe->from.http, &http);
    *out = (MetricsNow){
        .webrtc = rtc.connected, .hls = http.hls_players, .sent_bytes = rtc.bytes + http.hls_bytes};
    for (unsigned i = 0; i < live.n_children && i < METRICS_CHILDREN; i++) {
        out->children[out->n_children++] = live.children[i];
    }
}

static MetricsBackup look_at_backup(const char *folder)
{
    BackupLast last = {0};
    return !backup_last(folder, &last)
               ? (MetricsBackup){0}
               : (MetricsBackup){.known = true, .whole_us = last.whole_us, .damaged = last.damaged};
}

static bool start_listener(Observe *observe, const char *listen, GError **error)
{
    g_autofree char *host = NULL;
    uint16_t port;
    if (!conf_parse_address(listen, &host, &port)) {
        return true; // empty
    }
    observe->listener = metrics_listener_new(observe->metrics, host, port, error);
    if (observe->listener == NULL) {
        return false;
    }
    g_autofree char *address = metrics_listener_address(observe->listener);
    g_message("metrics are served on http://%s/metrics", address);
    return true;
}

Observe *observe_new(const Conf *conf, const ObserveSources *sources, GError **error)
{
    Observe *observe = g_new0(Observe, 1);
    observe->from = *sources;
    observe->started_us = base_wall_us();
    observe->minimum_free_bytes = conf->archive_minimum_free;
    observe->system_name = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);
    observe->metrics = metrics_new();
    metrics_add(observe->metrics, collect, observe);
    const char *second = conf->archive_second_directory;
    MetricsSamplerConfig sampler = {.disks = {{"data", conf->data_dir},
                                              {"recordings", conf->archive_directory},
                                              {"second", second[0] != '\0' ? second : NULL}},
                                    .now = on_now,
                                    .data = observe,
                                    .backup = look_at_backup,
                                    .folder = conf->data_dir};
    observe->sampler = metrics_sampler_new(&sampler);
    if (!start_listener(observe, conf->metrics_listen, error)) {
        observe_stop(observe);
        observe_free(observe);
        return NULL;
    }
    return observe;
}

Metrics *observe_metrics(const Observe *observe)
{
    return observe->metrics;
}

/* The page "System" */

static json_t *disks_json(const Observe *observe)
{
    MetricsDisk disks[METRICS_DISKS];
    unsigned count = metrics_sampler_disks(observe->sampler, disks);
    json_int_t minimum = observe->minimum_free_bytes;
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) {
        bool recorded = strcmp(disks[i].name, "data") != 0;
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I, s:o, s:b}", "folder", disks[i].name,
                                        "free_bytes", (json_int_t)disks[i].free_bytes, "size_bytes",
                                        (json_int_t)disks[i].size_bytes, "minimum_bytes",
                                        recorded ? json_integer(minimum) : json_null(), "low",
                                        recorded && (json_int_t)disks[i].free_bytes < minimum));
    }
    return list;
}

static json_t *load_json(const Observe *observe)
{
    MetricsMachine machine;
    if (!metrics_sampler_machine(observe->sampler, &machine)) {
        return json_null();
    }
    return json_pack("{s:i, s:f, s:I, s:I, s:I, s:i, s:i}", "cores", (int)machine.cores, "average",
                     machine.load, "memory_bytes", (json_int_t)machine.memory_bytes,
                     "available_bytes", (json_int_t)machine.available_bytes, "process_bytes",
                     (json_int_t)machine.resident_bytes, "descriptors", (int)machine.descriptors,
                     "max_descriptors", (int)machine.max_descriptors);
}

static json_t *version_json(const char *name, const char *version)
{
    return json_pack("{s:s, s:s}", "name", name, "version", version);
}

static json_t *versions_json(const Observe *observe)
{
    struct utsname kernel;
    g_autofree char *glib =
        g_strdup_printf("%u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
    json_t *list = json_array();
    json_array_append_new(list, version_json("majlis", MAJLIS_VERSION));
    if (observe->system_name != NULL) {
        json_array_append_new(list, version_json("system", observe->system_name));
    }
    if (uname(&kernel) == 0) {
        json_array_append_new(list, version_json(kernel.sysname, kernel.release));
    }
    json_array_append_new(list, version_json("GLib", glib));
    json_array_append_new(list, version_json("SQLite", store_engine_version()));
    return list;
}

json_t *observe_system(void *data)
{
    const Observe *observe = data;
    HttpStats http;
    RtcStats rtc;
    http_stats(observe->from.http, &http);
    rtc_server_stats(observe->from.rtc, &rtc);
    MetricsBackup last = metrics_sampler_backup(observe->sampler);
    return json_pack("{s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:{s:i, s:i}, s:o}", "server_time",
                     base_json_time(base_wall_us()), "started_at",
                     base_json_time(observe->started_us), "certificate_ends_at",
                     base_json_time(http.certificate_ends_us), "backup_at",
                     base_json_time(last.whole_us), "backup_damaged", (int)last.damaged, "versions",
                     versions_json(observe), "disks", disks_json(observe), "load",
                     load_json(observe), "viewers", "webrtc", (int)rtc.connected, "hls",
                     (int)http.hls_players, "history", metrics_sampler_history(observe->sampler));
}

void observe_stop(Observe *observe)
{
    if (observe != NULL) {
        g_clear_pointer(&observe->listener, metrics_listener_free);
        metrics_sampler_stop(observe->sampler);
    }
}

void observe_free(Observe *observe)
{
    if (observe != NULL) {
        metrics_sampler_free(observe->sampler);
        metrics_free(observe->metrics);
        g_free(observe->system_name);
        g_free(observe);
    }
}
