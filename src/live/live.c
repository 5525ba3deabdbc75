// SPDX-License-Identifier: GPL-3.0-or-later
// Beginning and end of the room: what a crash interrupted goes on or is finished; the tick.
#include "live/live.h"

#include "base/clock.h"
#include "live/private.h"

#define TICK_MS 500
#define STOP_WAIT_MS 3000
#define RETRY_START_US (3 * BASE_US_PER_S)
#define RETRY_SAVE_US (2 * BASE_US_PER_S)
#define KEEP_ENDED_HLS_US (60 * BASE_US_PER_S) // players that were watching read the last playlist

/* The wall clock as the session's timeline has it: a clock that leaps while it is on ends nothing. */
static int64_t timeline_wall_us(const LiveSession *session)
{
    int64_t media_us = live_media_now_us(session->live, session->id);
    return media_us >= 0 ? session->row->epoch_us + media_us : base_wall_us();
}

static void tick_session(LiveSession *session, int64_t clock_us)
{
    // beside a change under way it would come behind it with the row from before
    if (session->unsaved_us != 0 && clock_us - session->unsaved_us > RETRY_SAVE_US &&
        !live_busy(session)) {
        session->unsaved_us = clock_us;
        live_save_again(session);
    }
    if (session->stopped_us != 0 && clock_us - session->stopped_us > KEEP_ENDED_HLS_US) {
        session->stopped_us = 0;
        pthread_mutex_lock(&session->live->mutex);
        HlsSnapshot *old = g_steal_pointer(&session->hls);
        pthread_mutex_unlock(&session->live->mutex);
        g_clear_pointer(&old, hls_snapshot_unref);
    }
    if (session->failed_us != 0 && clock_us - session->failed_us > RETRY_START_US &&
        session_is_running(live_state_of(session)) && !live_busy(session)) {
        session->failed_us = 0;
        live_start_programme(session);
    }
    if (session->row->demo && session->programme != NULL && session->change == NULL &&
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
    GPtrArray *chapters; // of each row, in its order
    StoreClock clock;
} Loaded;

static void free_chapters(void *chapters)
{
    g_ptr_array_unref(chapters);
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    Loaded *loaded = data;
    loaded->chapters = g_ptr_array_new_with_free_func(free_chapters);
    loaded->rows = store_sessions_list(db, error);
    for (guint i = 0; loaded->rows != NULL && i < loaded->rows->len; i++) {
        const StoreSession *row = loaded->rows->pdata[i];
        GPtrArray *chapters = live_chapters_read(db, row->id, error);
        if (chapters == NULL) {
            return false;
        }
        g_ptr_array_add(loaded->chapters, chapters);
    }
    return loaded->rows != NULL && store_clock_get(db, &loaded->clock, error);
}

static void loaded_clear(Loaded *loaded)
{
    g_clear_pointer(&loaded->rows, g_ptr_array_unref);
    g_clear_pointer(&loaded->chapters, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Loaded, loaded_clear)

/* A crash or a restart in mid-session: go on in a new run, or end what is over. */
static void resume(LiveSession *session)
{
    SessionState to;
    BaseNow now = base_now();
    switch (session_fate(session->row, session->live->config.keep_days, &now, &to)) {
    case SESSION_ENDS:
        g_message("session %s was interrupted and its time is over: finishing its recording",
                  session->id);
        session->change = g_new0(LiveChange, 1);
        session->change->to = to;
        live_commit(session);
        break;
    case SESSION_GOES_ON:
        g_message("session %s was interrupted: going on", session->id);
        live_start_programme(session);
        break;
    case SESSION_FINISHES:
        live_start_look(session);
        break;
    case SESSION_IS_DELETED:
        live_remove_deleted(session);
        break;
    case SESSION_EXPIRES:
        if (!live_clock_is_good(session->live)) {
            live_start_look(session); // else the first sweep has it
        }
        break;
    case SESSION_RESTS:
        break;
    }
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
    live->config = *config;
    live->archive_directory = g_strdup(config->archive_directory);
    live->archive_second_directory = g_strdup(config->archive_second_directory);
    live->binary = g_strdup(config->binary);
    live->pipelines = g_strdup(config->pipelines);
    live->encoder = g_strdup(config->encoder);
    live->source = g_strdup(config->source);
    live->store = store;
    live->rtc = rtc;
    live->events = *events;
    live->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, live_session_free);
    live->finish = live_finish_new();
    live->clock = loaded.clock;
    if (loaded.rows->len == 0 && live->clock.seen_us == 0) {
        live->clock.seen_us = base_wall_us(); // a new server: there is nothing to lose
    }
    for (guint i = 0; i < loaded.rows->len; i++) {
        resume(live_add(live, store_session_copy(loaded.rows->pdata[i]),
                        g_ptr_array_ref(loaded.chapters->pdata[i])));
    }
    live->tick = g_timeout_add(TICK_MS, on_tick, live);
    return live;
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
        g_clear_handle_id(&session->settle_timer, g_source_remove);
        g_clear_handle_id(&session->remake_timer, g_source_remove);
        if (session->programme != NULL) {
            live_programme_stop(session->programme);
            live_finish_close(live->finish, g_steal_pointer(&session->programme));
        }
    }
    if (!live_finish_free(live->finish, STOP_WAIT_MS)) {
        return false; // a worker still remuxes; everything that matters is durable
    }
    while (g_main_context_iteration(NULL, FALSE)) {
        // what the threads posted refers to the sessions freed below
    }
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        g_clear_pointer(&session->change, g_free);
    }
    g_hash_table_unref(live->sessions);
    pthread_mutex_destroy(&live->mutex);
    g_free(live->archive_directory);
    g_free(live->archive_second_directory);
    g_free(live->binary);
    g_free(live->pipelines);
    g_free(live->encoder);
    g_free(live->source);
    g_free(live);
    return true;
}
