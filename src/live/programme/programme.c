// SPDX-License-Identifier: GPL-3.0-or-later
// Joins child, bus, rtc, hls and archive.
#include "live/programme/programme.h"

#include "base/clock.h"
#include "base/log.h"
#include "live/programme/child.h"
#include "live/programme/ingest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct LiveProgramme {
    LiveProgrammeEvents events;
    MediaTimeline timeline;
    char *session, *source_name;
    MediaCaption *caption;
    uint32_t next_run;
    LiveChild *child;
    LiveIngest *ingest;
    LiveInputs *inputs;
    MediaBus *bus;
    RtcStream *rtc;
    MediaSourceState source;
    char *source_text;
    char *sandbox_text; // nullable: nothing lacks
    uint64_t source_failures;

    ArchiveWriter *writer; // hls thread pushes
    atomic_uint_fast64_t parts;

    pthread_mutex_t mutex; // `hls`
    HlsStream *hls;
};

static void on_started(void *data, int fd)
{
    LiveProgramme *programme = data;
    live_ingest_attach(programme->ingest, fd, programme->next_run++, programme->source_name);
    live_ingest_set_caption(programme->ingest, programme->caption);
}

static int on_inputs(void *data)
{
    LiveProgramme *programme = data;
    return live_inputs_renew(programme->inputs);
}

static int64_t on_heard(void *data, bool *out_opening)
{
    LiveProgramme *programme = data;
    *out_opening = live_ingest_opening(programme->ingest);
    return live_ingest_heard_us(programme->ingest);
}

static void on_begun(void *data, int64_t pts_us)
{
    LiveProgramme *programme = data;
    base_log(G_LOG_LEVEL_INFO, programme->session, "a run begins at %.3f s of the timeline",
             (double)pts_us / BASE_US_PER_S);
}

static void on_marked(void *data, MediaMark mark, int64_t pts_us)
{
    LiveProgramme *programme = data;
    programme->events.marked(programme->events.data, mark, pts_us);
}

static const char *source_word(const LiveProgramme *programme)
{
    static const char *const words[] = {[MEDIA_SOURCE_WAITING] = "opening",
                                        [MEDIA_SOURCE_PLAYING] = "playing",
                                        [MEDIA_SOURCE_FAILED] = "failing",
                                        [MEDIA_SOURCE_ENDED] = "at its end"};
    return words[programme->source];
}

static void log_source(const LiveProgramme *programme)
{
    const char *text = programme->source_text;
    if (programme->source == MEDIA_SOURCE_FAILED) {
        base_log(G_LOG_LEVEL_WARNING, programme->session,
                 "the source failed, slate and silence are on: %s", text != NULL ? text : "");
    } else if (text != NULL) {
        base_log(G_LOG_LEVEL_WARNING, programme->session, "the source is %s: %s",
                 source_word(programme), text);
    } else {
        base_log(G_LOG_LEVEL_INFO, programme->session, "the source is %s", source_word(programme));
    }
}

static void on_source(void *data, MediaSourceState state, int64_t pts_us, const char *text)
{
    (void)pts_us;
    LiveProgramme *programme = data;
    bool change = programme->source != state ||
                  g_strcmp0(programme->source_text != NULL ? programme->source_text : "",
                            text != NULL ? text : "") != 0;
    programme->source_failures += state == MEDIA_SOURCE_FAILED && programme->source != state;
    programme->source = state;
    g_free(programme->source_text);
    programme->source_text = text != NULL && text[0] != '\0' ? g_strdup(text) : NULL;
    if (change) {
        log_source(programme);
    }
    programme->events.source(programme->events.data, state, text);
}

static void on_sandbox(void *data, const char *text)
{
    LiveProgramme *programme = data;
    if (g_strcmp0(programme->sandbox_text, text) != 0) {
        base_log(G_LOG_LEVEL_WARNING, programme->session, "%s", text);
    }
    g_free(programme->sandbox_text);
    programme->sandbox_text = g_strdup(text);
}

static void on_lost(void *data, uint32_t run, const char *text)
{
    LiveProgramme *programme = data;
    programme->source = MEDIA_SOURCE_WAITING;
    g_clear_pointer(&programme->source_text, g_free);
    live_child_lost(programme->child, run + 1 == programme->next_run, text);
    programme->events.source(programme->events.data, programme->source, text);
}

static void on_part(void *data, MediaPart *part)
{
    LiveProgramme *programme = data;
    if (part->type == MEDIA_PART_MEDIA) {
        atomic_fetch_add_explicit(&programme->parts, 1, memory_order_relaxed);
    }
    archive_writer_push(programme->writer, part); // the writer counts losses
}

static bool on_kept(void *data, uint32_t run, const char *key, uint64_t number)
{
    LiveProgramme *programme = data;
    return archive_writer_kept(programme->writer, run, key, number);
}

static void on_published(void *data)
{
    LiveProgramme *programme = data;
    pthread_mutex_lock(&programme->mutex);
    HlsStream *hls = programme->hls;
    pthread_mutex_unlock(&programme->mutex);
    programme->events.published(programme->events.data, hls_stream_snapshot(hls));
}

static void on_want_key(void *data, uint32_t tracks)
{
    LiveProgramme *programme = data;
    live_ingest_want_key(programme->ingest, tracks);
}

static void start_hls(LiveProgramme *programme, const LiveProgrammeConfig *config)
{
    HlsConfig hls = {
        .part_ms = config->part_ms,
        .segment_ms = config->segment_ms,
        .window_s = config->window_s,
        .epoch_wall_us = config->timeline.epoch_wall_us,
        .first_sequence = config->archive.next_sequence,
        .first_public = config->archive.next_public,
        .discontinuities = config->archive.discontinuities,
        .past = config->past,
        .past_count = config->past_count,
    };
    HlsEvents events = {
        .part = on_part, .published = on_published, .kept = on_kept, .data = programme};
    pthread_mutex_lock(&programme->mutex); // callbacks wait for `hls`
    programme->hls = hls_stream_new(programme->bus, &hls, &events);
    pthread_mutex_unlock(&programme->mutex);
}

static void start_child(LiveProgramme *programme, const LiveProgrammeConfig *config)
{
    LiveChildConfig child = {
        .session = config->session,
        .binary = config->binary,
        .pipelines = config->pipelines,
        .slides = config->slides,
        .encoder = config->encoder,
        .titles = {config->titles[0], config->titles[1]},
        .clock_us = config->timeline.run_clock_us,
        .start_us = config->timeline.run_start_us,
        .keyframe_ms = config->keyframe_ms,
        .loudness = config->loudness,
    };
    LiveChildEvents events = {
        .inputs = on_inputs, .started = on_started, .heard_us = on_heard, .data = programme};
    programme->child = live_child_new(&child, &events);
}

LiveProgramme *live_programme_new(const LiveProgrammeConfig *config, RtcServer *rtc,
                                  ArchiveWriter *writer, const LiveProgrammeEvents *events)
{
    LiveProgramme *programme = g_new0(LiveProgramme, 1);
    pthread_mutex_init(&programme->mutex, NULL);
    programme->events = *events;
    programme->timeline = config->timeline;
    programme->session = g_strdup(config->session);
    programme->source_name = g_strdup(config->source);
    programme->caption = media_caption_new(MEDIA_CAPTION_NONE, NULL);
    programme->next_run = config->archive.next_run;
    programme->writer = writer;
    programme->bus = media_bus_new();
    start_hls(programme, config);
    LiveIngestConfig ingest = {.timeline = config->timeline,
                               .keyframe_us = config->keyframe_ms * BASE_US_PER_MS,
                               .open = config->open,
                               .follow = config->follow};
    LiveIngestEvents ingest_events = {.begun = on_begun,
                                      .marked = on_marked,
                                      .source = on_source,
                                      .sandbox = on_sandbox,
                                      .lost = on_lost,
                                      .data = programme};
    programme->ingest = live_ingest_new(programme->bus, &ingest, &ingest_events);
    RtcStreamEvents rtc_events = {.want_key = on_want_key, .data = programme};
    programme->rtc = rtc_stream_new(rtc, programme->bus, &rtc_events);
    programme->inputs = live_inputs_new(config->session, rtc);
    start_child(programme, config);
    return programme;
}

void live_programme_stop(LiveProgramme *programme)
{
    rtc_stream_free(programme->rtc);
    programme->rtc = NULL;
    live_ingest_free(programme->ingest);
    programme->ingest = NULL;
    live_child_free(programme->child);
    programme->child = NULL;
    live_inputs_free(programme->inputs);
    programme->inputs = NULL;
}

void live_programme_free(LiveProgramme *programme)
{
    g_assert(programme->ingest == NULL); // stopped
    hls_stream_free(programme->hls);
    archive_writer_free(programme->writer);
    media_bus_free(programme->bus);
    pthread_mutex_destroy(&programme->mutex);
    g_free(programme->source_text);
    g_free(programme->sandbox_text);
    g_free(programme->source_name);
    media_caption_free(programme->caption);
    g_free(programme->session);
    g_free(programme);
}

void live_programme_set_markers(LiveProgramme *programme, const HlsMarker *markers, unsigned count)
{
    hls_stream_set_markers(programme->hls, markers, count);
}

void live_programme_mark(LiveProgramme *programme, MediaMark mark)
{
    live_ingest_mark(programme->ingest, mark);
}

void live_programme_set_source(LiveProgramme *programme, const char *source)
{
    if (strcmp(programme->source_name, source) != 0) {
        g_free(programme->source_name);
        programme->source_name = g_strdup(source);
        live_ingest_set_source(programme->ingest, source);
    }
}

void live_programme_set_caption(LiveProgramme *programme, const MediaCaption *caption)
{
    if (!media_caption_equal(programme->caption, caption)) {
        media_caption_free(programme->caption);
        programme->caption = caption != NULL ? media_caption_copy(caption)
                                             : media_caption_new(MEDIA_CAPTION_NONE, NULL);
        live_ingest_set_caption(programme->ingest, programme->caption);
    }
}

RtcStream *live_programme_rtc(LiveProgramme *programme)
{
    return programme->rtc;
}

void live_programme_publish(LiveProgramme *programme, const char *offer, size_t size,
                            const LivePublish *publish, RtcAnswerFunc func, void *data)
{
    live_inputs_publish(programme->inputs, programme->rtc, offer, size, publish, func, data);
}

void live_programme_sound(const LiveProgramme *programme, MediaSound *out)
{
    live_ingest_sound(programme->ingest, out);
}

int64_t live_programme_now_us(const LiveProgramme *programme)
{
    return media_timeline_at(&programme->timeline, base_clock_us());
}

void live_programme_health(LiveProgramme *programme, LiveProgrammeHealth *out)
{
    *out = (LiveProgrammeHealth){
        .child = live_ingest_heard_us(programme->ingest) != 0,
        .child_pid = live_child_pid(programme->child),
        .child_restarts = live_child_restarts(programme->child),
        .source = programme->source,
        .source_text = programme->source_text,
        .sandbox = programme->sandbox_text,
        .trouble = live_child_trouble(programme->child),
        .viewers = rtc_stream_viewers(programme->rtc),
        .parts = atomic_load_explicit(&programme->parts, memory_order_relaxed),
        .source_failures = programme->source_failures,
    };
    live_ingest_sound(programme->ingest, &out->sound);
    live_ingest_stats(programme->ingest, &out->made);
    archive_writer_stats(programme->writer, &out->recording);
    hls_stream_stats(programme->hls, &out->hls);
    live_inputs_state(programme->inputs, out->inputs);
    out->recorded_us = MAX(out->recording.stored_clock_us, programme->timeline.run_clock_us);
}

unsigned live_programme_renditions(LiveProgramme *programme, LiveRendition out[LIVE_MAX_RENDITIONS])
{
    MediaTrack *tracks[MEDIA_MAX_TRACKS];
    RtcStreamStats stats;
    unsigned count = 0;
    media_bus_tracks(programme->bus, tracks);
    rtc_stream_stats(programme->rtc, &stats);
    for (unsigned i = 0; i <= MEDIA_MAX_TRACKS; i++) {
        const MediaTrack *track = i < MEDIA_MAX_TRACKS ? tracks[i] : NULL;
        bool video = track != NULL && track->info.codec == MEDIA_H264;
        if (video || i == MEDIA_MAX_TRACKS) {
            LiveRendition *one = &out[count++];
            g_strlcpy(one->name, video ? track->info.name : "", sizeof one->name);
            memcpy(one->viewers, stats.shown[i], sizeof one->viewers);
        }
        if (track != NULL) {
            media_track_unref(tracks[i]);
        }
    }
    return count;
}
