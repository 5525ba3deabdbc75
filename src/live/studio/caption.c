// SPDX-License-Identifier: GPL-3.0-or-later
// The caption over a session's picture: kept in the store, made from its rows, shown by the programme.
#include "base/log.h"
#include "live/private.h"

#include <stdlib.h>
#include <string.h>

#define SPEAKER "speaker:"
#define QUESTION "question:"
#define BETWEEN " – "

/* As the store keeps it. NULL: none. */
static char *format(const LiveCaption *caption)
{
    switch (caption->show) {
    case LIVE_CAPTION_SPEAKER:
        return g_strdup_printf(SPEAKER "%u", caption->speaker);
    case LIVE_CAPTION_QUESTION:
        return g_strconcat(QUESTION, caption->question, NULL);
    case LIVE_CAPTION_NONE:
        break;
    }
    return NULL;
}

/* Borrows from `text` (nullable). */
static LiveCaption parse(const char *text)
{
    if (text != NULL && g_str_has_prefix(text, SPEAKER)) {
        return (LiveCaption){.show = LIVE_CAPTION_SPEAKER,
                             .speaker = (unsigned)strtoul(text + strlen(SPEAKER), NULL, 10)};
    }
    if (text != NULL && g_str_has_prefix(text, QUESTION)) {
        return (LiveCaption){.show = LIVE_CAPTION_QUESTION, .question = text + strlen(QUESTION)};
    }
    return (LiveCaption){.show = LIVE_CAPTION_NONE};
}

json_t *live_caption(const Live *live, const char *id)
{
    static const char *const names[] = {"none", "speaker", "question"};
    const LiveSession *session = live_find(live, id);
    LiveCaption caption = parse(session != NULL ? session->caption : NULL);
    bool speaker = caption.show == LIVE_CAPTION_SPEAKER;
    return json_pack("{s:s, s:o, s:s?}", "show", names[caption.show], "speaker",
                     speaker ? json_integer(caption.speaker) : json_null(), "question",
                     caption.question);
}

/* Store thread: the texts */

static const char *text_of(const json_t *entry, const char *field, const char *lang)
{
    const char *text = json_string_value(json_object_get(json_object_get(entry, field), lang));
    return text != NULL ? text : "";
}

/* A role may name the entity itself. */
static char *join(const char *first, const char *second)
{
    if (first[0] == '\0' || second == NULL || second[0] == '\0' || strstr(first, second) != NULL) {
        return g_strdup(first[0] != '\0' || second == NULL ? first : second);
    }
    return g_strconcat(first, BETWEEN, second, NULL);
}

static bool find_colour(StoreDb *db, const StoreSession *row, char **out, GError **error)
{
    g_autoptr(StoreSeries) series =
        row->series != NULL ? store_series_get(db, row->series, error) : NULL;
    *out = series != NULL ? g_strdup(series->colour) : NULL;
    return row->series == NULL || series != NULL;
}

/* `*out` NULL: no such speaker. */
static bool make_speaker(StoreDb *db, const StoreSession *row, unsigned place, const char *colour,
                         MediaCaption **out, GError **error)
{
    g_autoptr(json_t) speakers = json_loads(row->speakers, 0, NULL);
    const json_t *entry = json_array_get(speakers, place);
    const char *id = json_string_value(json_object_get(entry, "id"));
    g_autoptr(StoreSpeaker) known = NULL;
    if (entry == NULL || (id != NULL && !store_speaker_find(db, id, &known, error))) {
        return entry == NULL;
    }
    g_autofree char *arabic =
        join(text_of(entry, "role", "ar"), known != NULL ? known->organisation_ar : NULL);
    g_autofree char *english =
        join(text_of(entry, "role", "en"), known != NULL ? known->organisation_en : NULL);
    *out = media_caption_new(MEDIA_CAPTION_SPEAKER, colour);
    media_caption_put(*out, MEDIA_CAPTION_NAME_AR, text_of(entry, "name", "ar"));
    media_caption_put(*out, MEDIA_CAPTION_LINE_AR, arabic);
    media_caption_put(*out, MEDIA_CAPTION_NAME_EN, text_of(entry, "name", "en"));
    media_caption_put(*out, MEDIA_CAPTION_LINE_EN, english);
    return true;
}

/* What attendees see of it. `*out` NULL: it is not on air. */
static bool make_question(StoreDb *db, const StoreSession *row, const char *id, const char *colour,
                          MediaCaption **out, GError **error)
{
    g_autoptr(StoreQuestion) question = NULL;
    if (!store_question_on_air(db, row->id, &question, error)) {
        return false;
    }
    if (question != NULL && strcmp(question->id, id) == 0) {
        bool named = row->show_names && question->named;
        g_autofree char *asker = join(named ? question->name : "", named ? question->entity : NULL);
        *out = media_caption_new(MEDIA_CAPTION_QUESTION, colour);
        media_caption_put(*out, MEDIA_CAPTION_ASKED, question->text);
        media_caption_put(*out, MEDIA_CAPTION_ASKER, asker);
    }
    return true;
}

static bool make(StoreDb *db, const StoreSession *row, const LiveCaption *caption,
                 MediaCaption **out, GError **error)
{
    g_autofree char *colour = NULL;
    if (caption->show == LIVE_CAPTION_NONE) {
        return true;
    }
    if (!find_colour(db, row, &colour, error)) {
        return false;
    }
    return caption->show == LIVE_CAPTION_SPEAKER
               ? make_speaker(db, row, caption->speaker, colour, out, error)
               : make_question(db, row, caption->question, colour, out, error);
}

static bool refuse_missing(const LiveCaption *caption, GError **error)
{
    return caption->show == LIVE_CAPTION_SPEAKER
               ? base_refuse(error, BASE_CODE_NO_SPEAKER, "speaker", NULL,
                             "The session has no such speaker. `speaker` is a place in its list of "
                             "speakers, from 0.")
               : base_refuse(error, BASE_CODE_QUESTION_NOT_ON_AIR, "question", NULL,
                             "This question is not on air. Put it on air, then show it.");
}

typedef struct {
    Live *live;
    char *id;
    bool asked; // for `want`; else what the store has is followed
    bool over;
    char *want, *shown; // nullable; `shown` and `made`: results
    MediaCaption *made;
    LiveDone done; // nullable
    void *data;
} Look;

static bool look_job(StoreDb *db, void *data, GError **error)
{
    Look *look = data;
    g_clear_pointer(&look->shown, g_free);
    g_clear_pointer(&look->made, media_caption_free);
    g_autoptr(StoreSession) row = store_session_get(db, look->id, error);
    if (row == NULL) {
        return false;
    }
    const char *want = look->over ? NULL : look->asked ? look->want : row->caption;
    LiveCaption caption = parse(want);
    if (!make(db, row, &caption, &look->made, error)) {
        return false;
    }
    if (look->made == NULL && look->asked && want != NULL) {
        return refuse_missing(&caption, error);
    }
    look->shown = look->made != NULL ? g_strdup(want) : NULL;
    return g_strcmp0(look->shown, row->caption) == 0 ||
           store_session_note_caption(db, look->id, look->shown, error);
}

static void show(LiveSession *session, const Look *look)
{
    bool other = g_strcmp0(session->caption, look->shown) != 0;
    g_free(session->caption);
    session->caption = g_strdup(look->shown);
    if (session->programme != NULL) {
        live_programme_set_caption(session->programme, look->made);
    }
    if (other) {
        live_tell_changed(session);
    }
}

static void look_free(Look *look)
{
    g_free(look->id);
    g_free(look->want);
    g_free(look->shown);
    media_caption_free(look->made);
    g_free(look);
}

/* Rather none than one that no longer holds. */
static void on_looked(void *data, const GError *error)
{
    Look *look = data;
    LiveSession *session = live_find(look->live, look->id);
    if (error != NULL && !look->asked) {
        base_log(G_LOG_LEVEL_WARNING, look->id, "session %s: its caption could not be read: %s",
                 look->id, error->message);
        g_clear_pointer(&look->shown, g_free);
        g_clear_pointer(&look->made, media_caption_free);
    }
    if (session != NULL && (error == NULL || !look->asked)) {
        show(session, look);
    }
    if (look->done != NULL) {
        look->done(look->data, error);
    }
    look_free(look);
}

static bool is_over(const LiveSession *session)
{
    return !session_is_ahead(session->row->state);
}

static void submit(LiveSession *session, Look value)
{
    value.live = session->live;
    value.id = g_strdup(session->id);
    value.over = is_over(session);
    store_submit(session->live->store, look_job, on_looked, g_memdup2(&value, sizeof value));
}

void live_follow_caption(LiveSession *session)
{
    if (session->caption != NULL && !session->live->stopping) {
        submit(session, (Look){.asked = false});
    }
}

void live_on_air(Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    if (session != NULL) {
        live_follow_caption(session);
    }
}

void live_set_caption(Live *live, const char *id, const LiveCaption *caption, LiveDone done,
                      void *data)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL || live->stopping) {
        live_refuse(done, data, BASE_CODE_NO_SESSION, "There is no such session.");
    } else if (caption->show != LIVE_CAPTION_NONE && is_over(session)) {
        live_refuse(done, data, BASE_CODE_CAPTIONS_OVER,
                    "The session is over: nothing is shown over its picture any more.");
    } else {
        submit(session, (Look){.asked = true, .want = format(caption), .done = done, .data = data});
    }
}
