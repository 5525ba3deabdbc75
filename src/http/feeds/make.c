// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a feed: the rows on the main thread, the text on a worker.
#include "http/feeds/feeds.h"

#include "session/podcast.h"

#include <string.h>
#include <sys/stat.h>

#define MAX_ITEMS 500 // the newest

static bool is_shown(HttpFeedKind kind, const GPtrArray *grants, const StoreSession *row)
{
    AuthIdentity *who;
    AuthObject object = http_session_object(row);
    if (kind == HTTP_FEED_CALENDAR) {
        return http_feed_may(grants, AUTH_FEED_SESSION, &object, &who);
    }
    return object.published && row->deleted_us == 0 &&
           http_feed_may(grants, AUTH_FEED_RECORDING, &object, &who);
}

static void free_row(void *row)
{
    store_session_free(row);
}

/* Names its series in place of the id, as a feed shows it. */
static void name_series(StoreSession *row, const Series *all, const char *lang)
{
    const StoreSeries *series = series_find(all, row->series);
    g_clear_pointer(&row->series, g_free);
    if (series != NULL) {
        bool arabic = strcmp(lang, "ar") == 0;
        const char *name = arabic ? series->name_ar : series->name_en;
        row->series = g_strdup(*name != '\0' ? name : arabic ? series->name_en : series->name_ar);
    }
}

static void add_rows(HttpFeedJob *job, const HttpServices *services, const GPtrArray *grants)
{
    const Live *live = services->live;
    g_autoptr(GPtrArray) rows = live_sessions(live);
    for (guint i = 0; i < rows->len && job->rows->len < MAX_ITEMS; i++) {
        if (!is_shown(job->kind, grants, rows->pdata[i])) {
            continue;
        }
        StoreSession *row = store_session_copy(rows->pdata[i]);
        name_series(row, services->series, job->lang);
        g_ptr_array_add(job->rows, row);
        if (job->kind == HTTP_FEED_PODCAST) {
            SessionEpisode episode = {.row = row};
            episode.duration_ms = live_recording_duration_ms(live, row->id, &episode.has_chapters);
            g_array_append_val(job->episodes, episode);
        }
    }
}

char *http_feed_grants_text(const GPtrArray *grants)
{
    if (grants == NULL) {
        return NULL;
    }
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < grants->len; i++) {
        const AuthIdentity *who = grants->pdata[i];
        g_string_append_printf(text, "%d %s,", (int)who->role,
                               who->session != NULL ? who->session : "");
    }
    return g_string_free(text, FALSE);
}

HttpFeedJob *http_feed_job_new(const Http *http, HttpFeedKind kind, const char *lang,
                               const char *token, const GPtrArray *grants)
{
    const char *name = kind == HTTP_FEED_CALENDAR ? "sessions.ics" : "recordings.rss";
    g_autofree char *folder =
        token != NULL ? g_strdup_printf("/" AUTH_PATH_PREFIX "%s", token) : g_strdup("");
    HttpFeedJob *job = g_new0(HttpFeedJob, 1);
    job->kind = kind;
    job->lang = lang;
    job->personal = token != NULL;
    job->grants = http_feed_grants_text(grants);
    job->rows = g_ptr_array_new_with_free_func(free_row);
    job->episodes = g_array_new(FALSE, FALSE, sizeof(SessionEpisode));
    job->directory = g_strdup(live_directory(http->services.live));
    job->site = g_strdup(http->public_url);
    job->self = g_strdup_printf("%s/feeds%s/%s%s", http->public_url, folder, name,
                                strcmp(lang, "en") == 0 ? "?lang=en" : "");
    job->files = g_strdup_printf("%s/feeds%s/recordings", http->public_url, folder);
    add_rows(job, &http->services, grants);
    return job;
}

void http_feed_job_free(HttpFeedJob *job)
{
    g_free(job->grants);
    g_ptr_array_unref(job->rows);
    g_array_unref(job->episodes);
    g_free(job->directory);
    g_free(job->site);
    g_free(job->self);
    g_free(job->files);
    g_free(job);
}

/* 0: not served. */
static uint64_t bytes_of(const HttpFeedJob *job, const char *id, const char *name)
{
    g_autofree char *path = NULL;
    const char *type;
    struct stat file;
    bool there = publish_find(job->directory, id, name, &path, &type) == PUBLISH_FOUND &&
                 stat(path, &file) == 0;
    return there ? (uint64_t)file.st_size : 0;
}

/* Without episodes whose files are being made. */
static void look_at_files(HttpFeedJob *job)
{
    guint count = 0;
    for (guint i = 0; i < job->episodes->len; i++) {
        SessionEpisode episode = g_array_index(job->episodes, SessionEpisode, i);
        const char *id = episode.row->id;
        episode.audio_bytes = bytes_of(job, id, "audio.m4a");
        episode.video_bytes = bytes_of(job, id, "recording.mp4");
        episode.has_picture = bytes_of(job, id, "poster.jpg") > 0;
        if (episode.audio_bytes > 0 || episode.video_bytes > 0) {
            g_array_index(job->episodes, SessionEpisode, count++) = episode;
        }
    }
    g_array_set_size(job->episodes, count);
}

char *http_feed_make(HttpFeedJob *job)
{
    if (job->kind == HTTP_FEED_CALENDAR) {
        return session_calendar_feed(job->rows, job->lang, job->site);
    }
    look_at_files(job);
    SessionPodcast podcast = {.lang = job->lang,
                              .site = job->site,
                              .self = job->self,
                              .files = job->files,
                              .personal = job->personal,
                              .episodes = (const SessionEpisode *)(void *)job->episodes->data,
                              .episode_count = job->episodes->len};
    return session_podcast(&podcast);
}
