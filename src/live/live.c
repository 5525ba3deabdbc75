// SPDX-License-Identifier: GPL-3.0-or-later
// Starts and stops the module, resumes sessions after a crash, ticks.
#include "live/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "live/private.h"

#define TICK_MS 500
#define STOP_WAIT_MS 3000

/* Leaps of the wall clock end no session. */
static int64_t timeline_wall_us(const LiveSession *session)
{
    int64_t media_us = live_media_now_us(session->live, session->id);
    return media_us >= 0 ? session->row->epoch_us + media_us : base_wall_us();
}

static void tick_session(LiveSession *session, int64_t clock_us)
{
    live_change_tick(session, clock_us);
    live_view_tick(session, clock_us);
    live_start_tick(session, clock_us);
    if (session->row->demo && session->programme != NULL && !live_busy(session) &&
        session_is_over(session->row, timeline_wall_us(session))) {
        live_set_state(session->live, session->id, SESSION_ENDED, NULL, NULL);
    }
}

static gboolean on_tick(gpointer data)
{
    Live *live = data;
    int64_t clock_us = base_clock_us();
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        tick_session(session, clock_us);
    }
    live_sweep(live, clock_us);
    return G_SOURCE_CONTINUE;
}

typedef struct {
    GPtrArray *rows;
    GPtrArray *chapters; // a GPtrArray per row
    GPtrArray *slides;   // StoreSlides per row, or NULL
    StoreClock clock;
} Loaded;

static void free_chapters(void *chapters)
{
    g_ptr_array_unref(chapters);
}

static void free_slides(void *slides)
{
    store_slides_free(slides);
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    Loaded *loaded = data;
    loaded->chapters = g_ptr_array_new_with_free_func(free_chapters);
    loaded->slides = g_ptr_array_new_with_free_func(free_slides);
    loaded->rows = store_sessions_list(db, error);
    for (guint i = 0; loaded->rows != NULL && i < loaded->rows->len; i++) {
        const StoreSession *row = loaded->rows->pdata[i];
        GPtrArray *chapters = recording_chapters_read(db, row->id, error);
        if (chapters == NULL) {
            return false;
        }
        g_ptr_array_add(loaded->chapters, chapters);
        StoreSlides *slides = NULL;
        if (!store_slides_get(db, row->id, &slides, error)) {
            return false;
        }
        g_ptr_array_add(loaded->slides, slides);
    }
    return loaded->rows != NULL && store_clock_get(db, &loaded->clock, error);
}

static void loaded_clear(Loaded *loaded)
{
    g_clear_pointer(&loaded->rows, g_ptr_array_unref);
    g_clear_pointer(&loaded->chapters, g_ptr_array_unref);
    g_clear_pointer(&loaded->slides, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Loaded, loaded_clear)

/* After a crash or restart. */
static void resume(LiveSession *session)
{
    SessionState to;
    BaseNow now = base_now();
    switch (session_resume(session->row, session->live->config.keep_days, &now, &to)) {
    case SESSION_ENDS:
        base_log(G_LOG_LEVEL_MESSAGE, session->id,
                 "session %s was interrupted and its time is over: finishing its recording",
                 session->id);
        live_begin_change(session, to);
        live_commit(session);
        break;
    case SESSION_GOES_ON:
        base_log(G_LOG_LEVEL_MESSAGE, session->id, "session %s was interrupted: going on",
                 session->id);
        live_start_programme(session);
        break;
    case SESSION_FINISHES:
        live_build_later(session);
        break;
    case SESSION_IS_DELETED:
        live_remove_deleted(session);
        break;
    case SESSION_EXPIRES:
        if (!live_clock_is_good(session->live)) {
            live_build_later(session); // else the first sweep deletes it
        }
        break;
    case SESSION_RESTS:
        break;
    }
}

/* A demo publishes by itself. */
static void on_playlists(LiveSession *session)
{
    if (session->row->demo && session->change.kind == LIVE_CHANGE_NONE &&
        session->row->state == SESSION_ENDED) {
        live_set_state(session->live, session->id, SESSION_PUBLISHED, NULL, NULL);
    }
}

static LiveConfig copy_config(const LiveConfig *config)
{
    LiveConfig copy = *config;
    copy.archive_directory = g_strdup(config->archive_directory);
    copy.archive_second_directory = g_strdup(config->archive_second_directory);
    copy.binary = g_strdup(config->binary);
    copy.pipelines = g_strdup(config->pipelines);
    copy.encoder = g_strdup(config->encoder);
    copy.source = g_strdup(config->source);
    return copy;
}

static void clear_config(LiveConfig *config)
{
    g_free((char *)config->archive_directory);
    g_free((char *)config->archive_second_directory);
    g_free((char *)config->binary);
    g_free((char *)config->pipelines);
    g_free((char *)config->encoder);
    g_free((char *)config->source);
}

static void replace(const char **text, const char *with)
{
    char *old = (char *)*text;
    *text = g_strdup(with);
    g_free(old);
}

void live_configure(Live *live, const LiveConfig *config)
{
    replace(&live->config.encoder, config->encoder);
    replace(&live->config.source, config->source);
    live->config.loudness = config->loudness;
    live->config.keyframe_ms = config->keyframe_ms;
    live->config.part_ms = config->part_ms;
    live->config.segment_ms = config->segment_ms;
    live->config.window_s = config->window_s;
    live->config.keep_days = config->keep_days;
}

static LiveSession *add_loaded(Live *live, const Loaded *loaded, guint i)
{
    LiveSession *session = live_add(live, store_session_copy(loaded->rows->pdata[i]),
                                    g_ptr_array_ref(loaded->chapters->pdata[i]));
    if (loaded->slides->pdata[i] != NULL) {
        store_slides_free(session->slides);
        session->slides = store_slides_copy(loaded->slides->pdata[i]);
    }
    return session;
}

Live *live_new(const LiveConfig *config, Store *store, RtcServer *rtc, const LiveEvents *events,
               GError **error)
{
    g_auto(Loaded) loaded = {0};
    if (!store_run(store, list_job, &loaded, error)) {
        return NULL;
    }
    Live *live = g_new0(Live, 1);
    pthread_mutex_init(&live->mutex, NULL);
    live->config = copy_config(config);
    live->store = store;
    live->rtc = rtc;
    live->events = *events;
    live->on_playlists = on_playlists;
    live->on_built = live_delete_closed;
    live->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, live_session_free);
    live->workers = recording_workers_new();
    live->clock = loaded.clock;
    if (loaded.rows->len == 0 && live->clock.seen_us == 0) {
        live->clock.seen_us = base_wall_us(); // a new server
    }
    for (guint i = 0; i < loaded.rows->len; i++) {
        resume(add_loaded(live, &loaded, i));
    }
    live->tick = g_timeout_add(TICK_MS, on_tick, live);
    return live;
}

static void on_close(void *data)
{
    live_programme_free(data);
}

bool live_free(Live *live)
{
    if (live == NULL) {
        return true;
    }
    live->stopping = true;
    g_source_remove(live->tick);
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        g_clear_handle_id(&session->build_timer, g_source_remove);
        live_delete_closed(session);
        if (session->programme != NULL) {
            live_programme_stop(session->programme);
            recording_workers_run_beside(live->workers, on_close,
                                         g_steal_pointer(&session->programme));
        }
    }
    if (!recording_workers_free(live->workers, STOP_WAIT_MS)) {
        return false; // all parts are durable
    }
    while (g_main_context_iteration(NULL, FALSE)) {
        // posts refer to sessions
    }
    g_hash_table_unref(live->sessions);
    pthread_mutex_destroy(&live->mutex);
    clear_config(&live->config);
    g_free(live);
    return true;
}
