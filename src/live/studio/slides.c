// SPDX-License-Identifier: GPL-3.0-or-later
// Slides on the programme: which page, and since when.
#include "base/id.h"
#include "base/log.h"
#include "live/private.h"

#include <string.h>

StoreSlides *live_slides_new(const char *session)
{
    StoreSlides *slides = g_new0(StoreSlides, 1);
    slides->session = g_strdup(session);
    slides->page = 1;
    slides->shown = g_strdup("off");
    slides->text = g_strdup("");
    return slides;
}

/* A choice of sources without the line that names its scene. */
static const char *sources_of(const char *source)
{
    const char *end = strchr(source, '\n');
    return end != NULL ? end + 1 : source;
}

char *live_source(const LiveSession *session)
{
    const StoreSlides *slides = session->slides;
    const LiveConfig *config = &session->live->config;
    const char *source = session->row->source != NULL ? session->row->source : config->source;
    if (!store_slides_are_shown(slides)) {
        return g_strdup(source);
    }
    g_autofree char *page =
        slides_page_path(config->slides, slides->digest, (unsigned)slides->page);
    return g_strdup_printf("scene:%s\nslides:%s\n%s",
                           strcmp(slides->shown, "corner") == 0 ? "corner" : "", page,
                           sources_of(source));
}

const StoreSlides *live_slides(const Live *live, const char *id)
{
    const LiveSession *session = live_find(live, id);
    return session != NULL ? session->slides : NULL;
}

int64_t live_recorded_at_us(const Live *live, const char *id, int64_t media_us)
{
    const LiveSession *session = live_find(live, id);
    return session != NULL && session->timemap != NULL
               ? archive_timemap_at_us(session->timemap, media_us)
               : -1;
}

typedef struct {
    StoreSlides *row;     // nullable
    StoreSlideTurn *turn; // nullable
    LiveDone done;        // nullable
    void *data;
} Write;

static bool write_job(StoreDb *db, void *data, GError **error)
{
    const Write *write = data;
    return (write->row == NULL || store_slides_put(db, write->row, error)) &&
           (write->turn == NULL || store_slide_turn_insert(db, write->turn, error));
}

static void on_written(void *data, const GError *error)
{
    Write *write = data;
    if (write->done != NULL) {
        write->done(write->data, error);
    } else if (error != NULL) {
        base_log(G_LOG_LEVEL_WARNING, write->turn->session,
                 "session %s: a page of the slides will be missing in its recording: %s",
                 write->turn->session, error->message);
    }
    store_slides_free(write->row);
    store_slide_turn_free(write->turn);
    g_free(write);
}

static void submit(Live *live, Write value)
{
    store_submit(live->store, write_job, on_written, g_memdup2(&value, sizeof value));
}

/* Of what is shown. NULL: the session is not on. */
static StoreSlideTurn *turn_new(const LiveSession *session)
{
    const StoreSlides *slides = session->slides;
    if (session->programme == NULL) {
        return NULL;
    }
    StoreSlideTurn *turn = g_new0(StoreSlideTurn, 1);
    bool shown = store_slides_are_shown(slides);
    turn->id = base_id_new(BASE_ID_LENGTH);
    turn->session = g_strdup(session->id);
    turn->media_us = live_programme_now_us(session->programme);
    turn->digest = shown ? g_strdup(slides->digest) : NULL;
    turn->page = shown ? slides->page : 0;
    turn->text = g_strdup(shown ? slides->text : "");
    return turn;
}

void live_note_slides(LiveSession *session)
{
    if (store_slides_are_shown(session->slides)) {
        submit(session->live, (Write){.turn = turn_new(session)});
    }
}

/* To the viewers. */
static bool look_equal(const StoreSlides *one, const StoreSlides *two)
{
    bool shown = store_slides_are_shown(one);
    return shown == store_slides_are_shown(two) &&
           (!shown || (strcmp(one->digest, two->digest) == 0 && one->page == two->page));
}

void live_show_slides(Live *live, StoreSlides *want, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, want->session);
    if (live->stopping || session == NULL) {
        store_slides_free(want);
        live_refuse_busy(done, data);
        return;
    }
    bool turns = !look_equal(session->slides, want);
    store_slides_free(session->slides);
    session->slides = want;
    if (session->programme != NULL) {
        g_autofree char *source = live_source(session);
        live_programme_set_source(session->programme, source);
    }
    live_tell_changed(session);
    submit(live, (Write){.row = store_slides_copy(want),
                         .turn = turns ? turn_new(session) : NULL,
                         .done = done,
                         .data = data});
}
