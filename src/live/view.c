// SPDX-License-Identifier: GPL-3.0-or-later
// A session for other threads, under a short lock: access and HLS snapshot.
#include "base/clock.h"
#include "live/private.h"

#define KEEP_ENDED_HLS_US (60 * BASE_US_PER_S) // players read the last playlist

/* Takes `snapshot` (nullable). Any thread. True: there was one. */
static bool replace_hls(LiveSession *session, HlsSnapshot *snapshot)
{
    Live *live = session->live;
    pthread_mutex_lock(&live->mutex);
    HlsSnapshot *old = session->hls;
    session->hls = snapshot;
    pthread_mutex_unlock(&live->mutex);
    bool had = old != NULL;
    g_clear_pointer(&old, hls_snapshot_unref);
    return had;
}

void live_view_publish(LiveSession *session, HlsSnapshot *snapshot)
{
    Live *live = session->live;
    replace_hls(session, snapshot);
    live->events.media(live->events.data, session->id);
}

void live_view_keep(LiveSession *session)
{
    session->hls_until_us = 0;
}

void live_view_retire(LiveSession *session)
{
    session->hls_until_us = base_clock_us() + KEEP_ENDED_HLS_US;
}

void live_view_forget(LiveSession *session)
{
    session->hls_until_us = 0;
    if (replace_hls(session, NULL)) {
        live_trim(session->live);
    }
}

void live_view_tick(LiveSession *session, int64_t clock_us)
{
    if (session->hls_until_us != 0 && clock_us > session->hls_until_us) {
        live_view_forget(session);
    }
}

static void update(LiveSession *session)
{
    Live *live = session->live;
    const StoreSession *row = session->row;
    SessionState state = session->row->state;
    pthread_mutex_lock(&live->mutex);
    session->open = g_strcmp0(row->access, "open") == 0;
    session->published = state == SESSION_PUBLISHED;
    session->ended = state == SESSION_ENDED || state == SESSION_PUBLISHED;
    g_free(session->gone);
    session->gone = session_deleted_text(row);
    session->keys_us[0] = row->speaker_key_us;
    session->keys_us[1] = row->screen_key_us;
    session->keys_us[2] = row->guest_key_us;
    pthread_mutex_unlock(&live->mutex);
}

void live_set_row(LiveSession *session, StoreSession *row)
{
    g_clear_pointer(&session->row, store_session_free);
    session->row = row;
    update(session);
}

bool live_view(Live *live, const char *id, LiveView *out)
{
    pthread_mutex_lock(&live->mutex);
    LiveSession *session = live_find(live, id);
    if (session != NULL) {
        *out =
            (LiveView){.open = session->open,
                       .published = session->published,
                       .ended = session->ended,
                       .keys_us = {session->keys_us[0], session->keys_us[1], session->keys_us[2]},
                       .hls = session->hls != NULL ? hls_snapshot_ref(session->hls) : NULL};
    }
    pthread_mutex_unlock(&live->mutex);
    return session != NULL;
}

char *live_gone(Live *live, const char *id)
{
    pthread_mutex_lock(&live->mutex);
    const LiveSession *session = live_find(live, id);
    char *gone = session != NULL ? g_strdup(session->gone) : NULL;
    pthread_mutex_unlock(&live->mutex);
    return gone;
}
