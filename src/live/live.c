// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/live.h"

#include "base/clock.h"
#include "base/loop.h"
#include "live/finish.h"
#include "live/programme.h"

#include <pthread.h>

#define TICK_MS 500
#define STOP_WAIT_MS 3000
#define SETTLE_MS 300 // after the end: what the encoders still hold from before it
#define RETRY_SAVE_US (2 * BASE_US_PER_S)
#define KEEP_ENDED_HLS_US (60 * BASE_US_PER_S) // players that were watching read the last playlist

typedef struct {
    SessionState to;
    LiveDone done; // nullable
    void *data;
    char *trouble; // the mark took effect, but the store refused it
} Change;

typedef struct {
    Live *live;
    char *id;
    StoreSession *row;
    LiveProgramme *programme; // while on
    Change *change;           // under way
    bool starting, follow;
    guint settle_timer; // the programme stops when it fires
    int64_t unsaved_us; // clock when the row in memory could not be saved; 0: it is saved
    int64_t stopped_us; // clock when the programme ended; 0
    char *trouble;      // why recording fails now, nullable
    LiveRecording recording;

    // under live->mutex, for live_view()
    bool open, published, ended;
    HlsSnapshot *hls;
} Session;

struct Live {
    LiveConfig config;
    char *archive_directory, *binary, *pipelines, *encoder, *source;
    Store *store;
    RtcServer *rtc;
    LiveEvents events;
    LiveFinish *finish;
    guint tick;
    bool stopping;
    pthread_mutex_t mutex; // the table's shape and the Session fields named so
    GHashTable *sessions;  // id -> Session
};

/* --- Rows and views --------------------------------------------------------------------------- */

static Session *find(const Live *live, const char *id)
{
    return g_hash_table_lookup(live->sessions, id);
}

static SessionState state_of(const Session *session)
{
    SessionState state = SESSION_SCHEDULED;
    bool known = session_state_parse(session->row->state, &state);
    g_assert(known); // the table's own check
    return state;
}

static void set_row(Session *session, StoreSession *row)
{
    Live *live = session->live;
    g_clear_pointer(&session->row, store_session_free);
    session->row = row;
    SessionState state = state_of(session);
    pthread_mutex_lock(&live->mutex);
    session->open = g_strcmp0(row->access, "open") == 0;
    session->published = state == SESSION_PUBLISHED;
    session->ended = state == SESSION_ENDED || state == SESSION_PUBLISHED;
    pthread_mutex_unlock(&live->mutex);
}

static void free_session(void *data)
{
    Session *session = data;
    g_free(session->id);
    store_session_free(session->row);
    g_clear_pointer(&session->hls, hls_snapshot_unref);
    g_free(session->recording.trouble);
    g_free(session->trouble);
    g_free(session);
}

/* A source that ends by itself. */
static bool ends_by_itself(const char *source)
{
    return g_str_has_suffix(source, "?loop=0");
}

static Session *add_session(Live *live, StoreSession *row)
{
    Session *session = g_new0(Session, 1);
    session->live = live;
    session->id = g_strdup(row->id);
    session->recording.duration_ms = -1;
    session->follow = row->demo && ends_by_itself(row->source != NULL ? row->source : live->source);
    pthread_mutex_lock(&live->mutex);
    g_hash_table_insert(live->sessions, session->id, session);
    pthread_mutex_unlock(&live->mutex);
    set_row(session, row);
    return session;
}

static void tell_changed(Session *session)
{
    Live *live = session->live;
    if (!live->stopping) {
        live->events.changed(live->events.data, session->id);
    }
}

bool live_view(Live *live, const char *id, LiveView *out)
{
    pthread_mutex_lock(&live->mutex);
    Session *session = find(live, id);
    if (session != NULL) {
        *out = (LiveView){.open = session->open,
                          .published = session->published,
                          .ended = session->ended,
                          .hls = session->hls != NULL ? hls_snapshot_ref(session->hls) : NULL};
    }
    pthread_mutex_unlock(&live->mutex);
    return session != NULL;
}

const char *live_directory(const Live *live)
{
    return live->archive_directory;
}

const StoreSession *live_session(const Live *live, const char *id)
{
    Session *session = find(live, id);
    return session != NULL ? session->row : NULL;
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const StoreSession *one = *(StoreSession *const *)a, *two = *(StoreSession *const *)b;
    return one->starts_us < two->starts_us ? 1 : one->starts_us > two->starts_us ? -1 : 0;
}

GPtrArray *live_sessions(const Live *live)
{
    GPtrArray *rows = g_ptr_array_new();
    GHashTableIter iter;
    Session *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        g_ptr_array_add(rows, session->row);
    }
    g_ptr_array_sort(rows, newest_first);
    return rows;
}

/* --- Saving ----------------------------------------------------------------------------------- */

typedef struct {
    Live *live;
    StoreSession *row;
    bool insert, remove;
    LiveDone done;
    void *data;
} Save;

static bool save_job(StoreDb *db, void *data, GError **error)
{
    Save *save = data;
    if (save->remove) {
        return store_session_delete(db, save->row->id, error);
    }
    return save->insert ? store_session_insert(db, save->row, error)
                        : store_session_update(db, save->row, error);
}

static void on_saved(void *data, const GError *error)
{
    Save *save = data;
    Session *session = find(save->live, save->row->id);
    if (error == NULL && save->remove) {
        pthread_mutex_lock(&save->live->mutex);
        g_hash_table_remove(save->live->sessions, save->row->id);
        pthread_mutex_unlock(&save->live->mutex);
        store_session_free(save->row);
    } else if (error == NULL) {
        if (session == NULL) {
            session = add_session(save->live, save->row);
        } else {
            set_row(session, save->row);
        }
        tell_changed(session);
    } else {
        store_session_free(save->row);
    }
    save->done(save->data, error);
    g_free(save);
}

static void submit(Live *live, Save value)
{
    value.live = live;
    store_submit(live->store, save_job, on_saved, g_memdup2(&value, sizeof value));
}

static void refuse(LiveDone done, void *data, BaseError code, const char *text)
{
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, (int)code, text);
    if (done != NULL) {
        done(data, error);
    }
}

void live_save(Live *live, StoreSession *row, LiveDone done, void *data)
{
    Session *session = find(live, row->id);
    if (session != NULL && session->change != NULL) {
        store_session_free(row);
        refuse(done, data, BASE_ERROR_CONFLICT,
               "The session is just changing its state. Try again in a moment.");
        return;
    }
    submit(live, (Save){.row = row, .insert = session == NULL, .done = done, .data = data});
}

void live_delete(Live *live, const char *id, LiveDone done, void *data)
{
    Session *session = find(live, id);
    if (session == NULL) {
        refuse(done, data, BASE_ERROR_NOT_FOUND, "There is no such session.");
        return;
    }
    SessionState state = state_of(session);
    if ((state != SESSION_SCHEDULED && state != SESSION_CANCELLED) || session->change != NULL) {
        refuse(done, data, BASE_ERROR_CONFLICT,
               "Only a session that was never opened can be deleted; cancel it instead.");
        return;
    }
    submit(live, (Save){.row = store_session_copy(session->row),
                        .remove = true,
                        .done = done,
                        .data = data});
}

/* --- Changes of state --------------------------------------------------------------------------
 */

static void start_finish(Session *session);
static void start_programme(Session *session);

static void finish_change(Session *session, const GError *error)
{
    Change *change = g_steal_pointer(&session->change);
    if (change->done != NULL) {
        change->done(change->data, error);
    }
    g_free(change);
}

typedef struct {
    Session *session;
    StoreSession *row;
} Commit;

static bool commit_job(StoreDb *db, void *data, GError **error)
{
    Commit *commit = data;
    return store_session_update(db, commit->row, error);
}

static gboolean on_settled(gpointer data)
{
    Session *session = data;
    session->settle_timer = 0;
    start_finish(session);
    return G_SOURCE_REMOVE;
}

static void after_change(Session *session, SessionState state)
{
    if (state == SESSION_ENDED || state == SESSION_CANCELLED) {
        session->settle_timer = g_timeout_add(SETTLE_MS, on_settled, session);
    }
}

/* The media has changed already, so memory follows it whatever the store says; what could not be
 * saved is tried again by the tick, and the caller hears of it. */
static void on_committed(void *data, const GError *error)
{
    Commit *commit = data;
    Session *session = commit->session;
    SessionState state = session->change->to;
    set_row(session, commit->row);
    g_free(commit);
    g_autoptr(GError) unsaved = NULL;
    if (error != NULL) {
        session->unsaved_us = base_clock_us();
        unsaved = g_error_new(BASE_ERROR, error->code,
                              "The session is now %s, but this could not be saved yet (%s). It is "
                              "tried again by itself.",
                              session->row->state, error->message);
        g_warning("session %s: %s", session->id, unsaved->message);
    }
    g_info("session %s is %s", session->id, session->row->state);
    tell_changed(session);
    finish_change(session, unsaved);
    after_change(session, state);
}

static void commit(Session *session)
{
    StoreSession *row = store_session_copy(session->row);
    bool moved = session_move(row, session->change->to, base_wall_us(), NULL);
    g_assert(moved); // judged before the change began, and one change at a time
    Commit *value = g_new(Commit, 1);
    *value = (Commit){.session = session, .row = row};
    store_submit(session->live->store, commit_job, on_committed, value);
}

static void on_marked(void *data, MediaMark mark, int64_t pts_us)
{
    (void)pts_us;
    Session *session = data;
    static const SessionState reached[] = {[MEDIA_MARK_OPEN] = SESSION_LIVE,
                                           [MEDIA_MARK_CLOSE] = SESSION_PAUSED,
                                           [MEDIA_MARK_END] = SESSION_ENDED};
    if (session->change == NULL && session_can(state_of(session), reached[mark])) {
        session->change = g_new0(Change, 1); // the source opened or ended the session
        session->change->to = reached[mark];
    }
    if (session->change != NULL && session->change->to == reached[mark]) {
        commit(session);
    }
}

static void on_source(void *data, MediaSourceState state, const char *text)
{
    (void)state;
    (void)text;
    tell_changed(data);
}

static void on_published(void *data, HlsSnapshot *snapshot)
{
    Session *session = data;
    Live *live = session->live;
    pthread_mutex_lock(&live->mutex);
    HlsSnapshot *old = session->hls;
    session->hls = snapshot;
    pthread_mutex_unlock(&live->mutex);
    g_clear_pointer(&old, hls_snapshot_unref);
    live->events.media(live->events.data, session->id);
}

static unsigned count_on(const Live *live)
{
    unsigned on = 0;
    GHashTableIter iter;
    Session *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        on += session->programme != NULL || session->starting;
    }
    return on;
}

/* What the media must do before the change may be written down. */
static void carry_out(Session *session)
{
    SessionState to = session->change->to;
    if (session_is_running(to) && session->programme == NULL) {
        start_programme(session);
    } else if (to == SESSION_LIVE) {
        live_programme_mark(session->programme, MEDIA_MARK_OPEN);
    } else if (to == SESSION_PAUSED) {
        live_programme_mark(session->programme, MEDIA_MARK_CLOSE);
    } else if (to == SESSION_ENDED && session->programme != NULL) {
        live_programme_mark(session->programme, MEDIA_MARK_END);
    } else {
        commit(session);
    }
}

void live_set_state(Live *live, const char *id, SessionState to, LiveDone done, void *data)
{
    Session *session = find(live, id);
    if (session == NULL) {
        refuse(done, data, BASE_ERROR_NOT_FOUND, "There is no such session.");
        return;
    }
    SessionState from = state_of(session);
    bool on = to == SESSION_LOBBY;
    if (!session_can(from, to)) {
        g_autofree char *text = g_strdup_printf("A session that is %s cannot become %s.",
                                                session_state_name(from), session_state_name(to));
        refuse(done, data, BASE_ERROR_CONFLICT, text);
    } else if (session->change != NULL || session->starting) {
        refuse(done, data, BASE_ERROR_CONFLICT,
               "The session is just changing its state. Try again in a moment.");
    } else if (on && session->programme == NULL && count_on(live) >= LIVE_MAX_SESSIONS_ON) {
        refuse(done, data, BASE_ERROR_LIMIT,
               "As many sessions are on as this server runs at once. End one of them first.");
    } else {
        session->change = g_new0(Change, 1);
        *session->change = (Change){.to = to, .done = done, .data = data};
        carry_out(session);
    }
}

typedef struct {
    Live *live;
    char *id;
    LiveDone done;
    void *data;
} Demo;

static void on_demo_lobby(void *data, const GError *error)
{
    Demo *demo = data;
    if (error != NULL || find(demo->live, demo->id)->follow) {
        demo->done(demo->data, error); // a finite source opens the session itself
    } else {
        live_set_state(demo->live, demo->id, SESSION_LIVE, demo->done, demo->data);
    }
    g_free(demo->id);
    g_free(demo);
}

void live_start_demo(Live *live, const char *id, LiveDone done, void *data)
{
    Demo *demo = g_new(Demo, 1);
    *demo = (Demo){.live = live, .id = g_strdup(id), .done = done, .data = data};
    live_set_state(live, id, SESSION_LOBBY, on_demo_lobby, demo);
}

/* --- Starting a programme ------------------------------------------------------------------------
 */

typedef struct {
    Session *session;
    char *directory, *id;
    int64_t epoch_wall_us;
    ArchiveState state;
    ArchiveWriter *writer;
    GError *error;
} Start;

typedef struct {
    Session *session;
    char *why;
} Health;

static void on_health_main(void *data)
{
    Health *health = data;
    Session *session = health->session;
    if (health->why != NULL) {
        g_warning("session %s: recording is failing: %s", session->id, health->why);
    } else if (session->trouble != NULL) {
        g_message("session %s: recording works again", session->id);
    }
    g_free(session->trouble);
    session->trouble = health->why;
    tell_changed(session);
    g_free(health);
}

/* Archive thread. */
static void on_health(void *data, const char *why)
{
    Health *health = g_new(Health, 1);
    *health = (Health){.session = data, .why = g_strdup(why)};
    base_post(NULL, on_health_main, health);
}

/* The media goes on where the wall clock says, never before what was recorded, on the key frame
 * grid. */
static MediaTimeline make_timeline(const Session *session, const ArchiveState *state)
{
    int64_t clock_us = base_clock_us();
    int64_t now_us = MAX(base_wall_us() - session->row->epoch_us, state->end_us);
    int64_t start_us = media_grid_floor(now_us, session->live->config.segment_ms * BASE_US_PER_MS);
    return (MediaTimeline){.epoch_wall_us = session->row->epoch_us,
                           .run_clock_us = clock_us - (now_us - start_us),
                           .run_start_us = start_us};
}

static void make_programme(Session *session, const Start *start)
{
    Live *live = session->live;
    SessionState state = state_of(session);
    const char *source = session->row->source != NULL ? session->row->source : live->source;
    LiveProgrammeConfig config = {
        .session = session->id,
        .binary = live->binary,
        .pipelines = live->pipelines,
        .encoder = live->encoder,
        .source = source,
        .keyframe_ms = live->config.keyframe_ms,
        .part_ms = live->config.part_ms,
        .segment_ms = live->config.segment_ms,
        .window_s = live->config.window_s,
        .timeline = make_timeline(session, &start->state),
        .archive = start->state,
        .open = state == SESSION_LIVE,
        .follow = session->follow,
    };
    LiveProgrammeEvents events = {
        .marked = on_marked, .source = on_source, .published = on_published, .data = session};
    session->programme = live_programme_new(&config, live->rtc, start->writer, &events);
}

static void on_start_ready(void *data)
{
    Start *start = data;
    Session *session = start->session;
    session->starting = false;
    if (session->live->stopping) {
        g_clear_pointer(&start->writer, archive_writer_free);
    } else if (start->error != NULL) {
        g_warning("session %s cannot record, so it does not start: %s", session->id,
                  start->error->message);
        if (session->change != NULL) {
            finish_change(session, start->error);
        }
    } else {
        make_programme(session, start);
        if (session->change != NULL && session->change->to == SESSION_LOBBY) {
            commit(session);
        } else if (session->change != NULL) {
            carry_out(session);
        }
    }
    g_clear_error(&start->error);
    g_free(start->directory);
    g_free(start->id);
    g_free(start);
}

/* Worker thread. */
static void start_job(void *data)
{
    Start *start = data;
    ArchiveWriterConfig config = {
        .directory = start->directory, .id = start->id, .epoch_wall_us = start->epoch_wall_us};
    ArchiveWriterEvents events = {.health = on_health, .data = start->session};
    if (archive_read_state(start->directory, start->id, &start->state, &start->error)) {
        start->writer = archive_writer_new(&config, &events, &start->error);
    }
    base_post(NULL, on_start_ready, start);
}

static void start_programme(Session *session)
{
    if (session->row->epoch_us == 0) {
        session->row->epoch_us = base_wall_us();
    }
    session->starting = true;
    session->stopped_us = 0;
    Start *start = g_new0(Start, 1);
    start->session = session;
    start->directory = g_strdup(session->live->archive_directory);
    start->id = g_strdup(session->id);
    start->epoch_wall_us = session->row->epoch_us;
    live_finish_run(session->live->finish, start_job, start);
}

/* --- Finishing ---------------------------------------------------------------------------------
 */

static void on_finish(void *data, const LiveRecording *recording)
{
    Session *session = data;
    g_free(session->recording.trouble);
    session->recording = *recording; // takes its text
    tell_changed(session);
    if (recording->playlist && session->row->demo && session->change == NULL &&
        state_of(session) == SESSION_ENDED) {
        live_set_state(session->live, session->id, SESSION_PUBLISHED, NULL, NULL);
    }
}

static void start_finish(Session *session)
{
    LiveProgramme *programme = g_steal_pointer(&session->programme);
    if (programme != NULL) {
        live_programme_stop(programme);
        session->stopped_us = base_clock_us();
    }
    LiveFinishJob job = {.programme = programme,
                         .directory = session->live->archive_directory,
                         .row = session->row,
                         .done = on_finish,
                         .data = session};
    live_finish_session(session->live->finish, &job);
}

/* --- Beginning and end
 * ---------------------------------------------------------------------------- */

static void on_resaved(void *data, const GError *error)
{
    Commit *value = data;
    if (error == NULL && value->session->unsaved_us != 0) {
        g_message("session %s: its state is saved now", value->row->id);
        value->session->unsaved_us = 0;
    }
    store_session_free(value->row);
    g_free(value);
}

static void tick_session(Session *session, int64_t clock_us)
{
    if (session->unsaved_us != 0 && clock_us - session->unsaved_us > RETRY_SAVE_US) {
        session->unsaved_us = clock_us;
        Commit *value = g_new(Commit, 1);
        *value = (Commit){.session = session, .row = store_session_copy(session->row)};
        store_submit(session->live->store, commit_job, on_resaved, value);
    }
    if (session->stopped_us != 0 && clock_us - session->stopped_us > KEEP_ENDED_HLS_US) {
        session->stopped_us = 0;
        pthread_mutex_lock(&session->live->mutex);
        HlsSnapshot *old = g_steal_pointer(&session->hls);
        pthread_mutex_unlock(&session->live->mutex);
        g_clear_pointer(&old, hls_snapshot_unref);
    }
    if (session->row->demo && session->programme != NULL && session->change == NULL &&
        session_is_over(session->row, base_wall_us())) {
        live_set_state(session->live, session->id, SESSION_ENDED, NULL, NULL);
    }
}

static gboolean on_tick(gpointer data)
{
    Live *live = data;
    int64_t clock_us = base_clock_us();
    GHashTableIter iter;
    Session *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        tick_session(session, clock_us);
    }
    return G_SOURCE_CONTINUE;
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    GPtrArray **rows = data;
    *rows = store_sessions_list(db, error);
    return *rows != NULL;
}

/* A crash or a restart in mid-session: go on in a new run, or end what is over. */
static void resume(Session *session)
{
    SessionState state = state_of(session);
    bool on = session_is_running(state);
    if (on && session_is_over(session->row, base_wall_us())) {
        g_message("session %s was interrupted and its time is over: finishing its recording",
                  session->id);
        session->change = g_new0(Change, 1);
        session->change->to = state == SESSION_LOBBY ? SESSION_CANCELLED : SESSION_ENDED;
        commit(session);
    } else if (on) {
        g_message("session %s was interrupted: going on", session->id);
        start_programme(session);
    } else if (state == SESSION_ENDED || state == SESSION_PUBLISHED) {
        start_finish(session);
    }
}

Live *live_new(const LiveConfig *config, Store *store, RtcServer *rtc, const LiveEvents *events,
               GError **error)
{
    GPtrArray *rows = NULL;
    if (!store_run(store, list_job, &rows, error)) {
        return NULL;
    }
    Live *live = g_new0(Live, 1);
    pthread_mutex_init(&live->mutex, NULL);
    live->config = *config;
    live->archive_directory = g_strdup(config->archive_directory);
    live->binary = g_strdup(config->binary);
    live->pipelines = g_strdup(config->pipelines);
    live->encoder = g_strdup(config->encoder);
    live->source = g_strdup(config->source);
    live->store = store;
    live->rtc = rtc;
    live->events = *events;
    live->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_session);
    live->finish = live_finish_new();
    for (guint i = 0; i < rows->len; i++) {
        resume(add_session(live, store_session_copy(rows->pdata[i])));
    }
    g_ptr_array_unref(rows);
    live->tick = g_timeout_add(TICK_MS, on_tick, live);
    return live;
}

void live_free(Live *live)
{
    if (live == NULL) {
        return;
    }
    live->stopping = true;
    g_source_remove(live->tick);
    GHashTableIter iter;
    Session *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        g_clear_handle_id(&session->settle_timer, g_source_remove);
        if (session->programme != NULL) {
            live_programme_stop(session->programme);
            live_programme_free(g_steal_pointer(&session->programme));
        }
    }
    if (!live_finish_free(live->finish, STOP_WAIT_MS)) {
        return; // a worker still remuxes; everything that matters is durable
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
    g_free(live->binary);
    g_free(live->pipelines);
    g_free(live->encoder);
    g_free(live->source);
    g_free(live);
}

/* --- Reports ------------------------------------------------------------------------------------
 */

RtcStream *live_rtc(const Live *live, const char *id)
{
    Session *session = find(live, id);
    return session != NULL && session->programme != NULL ? live_programme_rtc(session->programme)
                                                         : NULL;
}

int64_t live_media_now_us(const Live *live, const char *id)
{
    Session *session = find(live, id);
    return session != NULL && session->programme != NULL ? live_programme_now_us(session->programme)
                                                         : -1;
}

static json_t *recording_health(const Session *session, const ArchiveWriterStats *stats)
{
    bool failing = session->trouble != NULL || stats->failing;
    int64_t age_us = stats->stored_clock_us != 0 ? base_clock_us() - stats->stored_clock_us : -1;
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s?}", "state", failing ? "failing" : "recording",
                     "stored_ms_ago", (json_int_t)(age_us < 0 ? -1 : age_us / BASE_US_PER_MS),
                     "free_bytes", (json_int_t)stats->free_bytes, "bytes", (json_int_t)stats->bytes,
                     "lost_parts", (json_int_t)stats->lost_parts, "text", session->trouble);
}

static json_t *programme_health(const Session *session)
{
    static const char *const names[] = {[MEDIA_SOURCE_WAITING] = "waiting",
                                        [MEDIA_SOURCE_PLAYING] = "playing",
                                        [MEDIA_SOURCE_FAILED] = "failed",
                                        [MEDIA_SOURCE_ENDED] = "ended"};
    LiveProgrammeHealth health;
    live_programme_health(session->programme, &health);
    return json_pack(
        "{s:s, s:{s:s, s:s?, s:[f,f], s:i, s:i}, s:o, s:{s:i}, s:{s:I}}", "session", session->id,
        "programme", "state", health.child ? names[health.source] : "waiting", "text",
        health.source_text, "levels", (double)health.levels_db[0], (double)health.levels_db[1],
        "restarts", (int)health.child_restarts, "pid", health.child_pid, "recording",
        recording_health(session, &health.recording), "viewers", "whep", (int)health.viewers,
        "disk", "free_bytes", (json_int_t)health.recording.free_bytes);
}

json_t *live_health(const Live *live)
{
    GHashTableIter iter;
    Session *session;
    json_t *items = json_array();
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        if (session->programme != NULL) {
            json_array_append_new(items, programme_health(session));
        }
    }
    return items;
}

json_t *live_recording(const Live *live, const char *id)
{
    static const char *const names[] = {[LIVE_MP4_NONE] = "none",
                                        [LIVE_MP4_WAITING] = "waiting",
                                        [LIVE_MP4_WORKING] = "working",
                                        [LIVE_MP4_READY] = "ready",
                                        [LIVE_MP4_FAILED] = "failed"};
    Session *session = find(live, id);
    if (session == NULL) {
        return json_null();
    }
    const LiveRecording *recording = &session->recording;
    return json_pack("{s:b, s:s, s:f, s:I, s:s?}", "playlist", recording->playlist, "mp4",
                     names[recording->mp4], "progress", recording->progress, "duration_ms",
                     (json_int_t)recording->duration_ms, "text", recording->trouble);
}

int64_t live_recording_ms(const Live *live, const char *id)
{
    Session *session = find(live, id);
    return session != NULL ? session->recording.duration_ms : -1;
}
