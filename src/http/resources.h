// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Handlers of routes.c, which names the thread of each; a file per resource.

#include "archive/archive.h"
#include "http/core/core.h"
#include "http/http.h"

// routes.c
extern const HttpRouter http_router;

// assets.c
HttpAssets *http_assets_new(const char *folder, GError **error);
void http_assets_free(HttpAssets *assets);
/* `sites` (nullable) may frame the player page. */
char *http_embed_policy(const char *const *sites);
void http_on_page(Http *http, HttpRequest *request);
void http_on_asset(Http *http, HttpRequest *request);
void http_on_root(Http *http, HttpRequest *request);
void http_on_language(Http *http, HttpRequest *request);

// media.c
HttpPlayers *http_players_new(void);
void http_players_free(HttpPlayers *players);
HttpMedia *http_media_new(HttpThread *thread);
/* Answers all that wait. */
void http_media_stop(HttpMedia *media);
void http_media_free(HttpMedia *media);
/* The path's file, after a token. */
const char *http_media_name(const HttpRequest *request);
/* Counts the asker as a player of the session. */
void http_note_player(const HttpRequest *request);
void http_on_hls(Http *http, HttpRequest *request);

// paths.c
void http_on_media_path(Http *http, HttpRequest *request);
void http_on_path_check(Http *http, HttpRequest *request);
void http_on_path_session(Http *http, HttpRequest *request);

// options.c
void http_on_options(Http *http, HttpRequest *request);

// socket.c
void http_on_socket(Http *http, HttpRequest *request);

// rtc/inputs.c, rtc/whep.c, rtc/whip.c
void http_on_inputs(Http *http, HttpRequest *request);
void http_on_input_key(Http *http, HttpRequest *request);
void http_set_ice_servers(HttpRequest *request); // the Link header
void http_on_whep_post(Http *http, HttpRequest *request);
void http_on_whip_post(Http *http, HttpRequest *request);
void http_on_whep_patch(Http *http, HttpRequest *request);
void http_on_whep_delete(Http *http, HttpRequest *request);

// studio/caption.c
void http_on_caption_put(Http *http, HttpRequest *request);

// sign-in.c
void http_on_sign_in(Http *http, HttpRequest *request);
void http_on_sign_out(Http *http, HttpRequest *request);
void http_on_me(Http *http, HttpRequest *request);

// invite/list.c
void http_on_invitations(Http *http, HttpRequest *request);

// invite/many.c
void http_on_invite_many(Http *http, HttpRequest *request);

// invite/acts.c
void http_on_invitation_acts(Http *http, HttpRequest *request);

// invite/register.c
void http_on_registration(Http *http, HttpRequest *request);
void http_on_register(Http *http, HttpRequest *request);

// invite/registrations.c
void http_on_registrations(Http *http, HttpRequest *request);
void http_on_registration_put(Http *http, HttpRequest *request);
void http_on_registrations_post(Http *http, HttpRequest *request);

// invitations.c
void http_on_invite(Http *http, HttpRequest *request);
void http_on_revoke(Http *http, HttpRequest *request);

// people/entities.c
void http_on_entities(Http *http, HttpRequest *request);
void http_on_entity_post(Http *http, HttpRequest *request);
void http_on_entity_patch(Http *http, HttpRequest *request);
void http_on_entity_delete(Http *http, HttpRequest *request);

// people/people.c
void http_on_person(Http *http, HttpRequest *request);
void http_on_person_post(Http *http, HttpRequest *request);
void http_on_person_patch(Http *http, HttpRequest *request);

// people/acts.c
void http_on_person_merge(Http *http, HttpRequest *request);
void http_on_person_delete(Http *http, HttpRequest *request);

// people/data.c
void http_on_person_data(Http *http, HttpRequest *request);

// people/person.c
/* Of a person, everywhere. */
void http_end_sign_ins(Http *http, const char *person);

// people/list.c
void http_on_people(Http *http, HttpRequest *request);
void http_on_people_export(Http *http, HttpRequest *request);

// people/import.c
void http_on_people_import(Http *http, HttpRequest *request);

// mail/mails.c
void http_on_mails(Http *http, HttpRequest *request);
void http_on_mails_post(Http *http, HttpRequest *request);
void http_on_mail_post(Http *http, HttpRequest *request);
json_t *http_mail_json(const StoreMail *row);

// mail/texts.c
void http_on_mail_texts(Http *http, HttpRequest *request);
void http_on_mail_text_put(Http *http, HttpRequest *request);
void http_on_mail_text_delete(Http *http, HttpRequest *request);
void http_on_mail_text_preview(Http *http, HttpRequest *request);

// mail/replies.c
void http_on_calendar_reply(Http *http, HttpRequest *request);

// mail/choices.c
void http_on_choice(Http *http, HttpRequest *request);
void http_on_choice_put(Http *http, HttpRequest *request);
void http_on_unsubscribe(Http *http, HttpRequest *request);

// catalogue/lists.c
void http_on_sessions(Http *http, HttpRequest *request);
void http_on_recordings(Http *http, HttpRequest *request);

// catalogue/acts.c
HttpActs *http_acts_new(void);
void http_acts_free(HttpActs *acts);
void http_on_acts(Http *http, HttpRequest *request);
void http_on_act_post(Http *http, HttpRequest *request);

// sessions.c
void http_on_session(Http *http, HttpRequest *request);
void http_on_session_calendar(Http *http, HttpRequest *request);
void http_on_session_post(Http *http, HttpRequest *request);
void http_on_session_patch(Http *http, HttpRequest *request);
void http_on_session_delete(Http *http, HttpRequest *request);
void http_on_session_state(Http *http, HttpRequest *request);
/* Borrows from `row`. */
AuthObject http_session_object(const StoreSession *row);
void http_on_health(Http *http, HttpRequest *request);

// series/complete.c
/* Adds what a request for a session leaves out and other rows have. INVALID: a named row does not
 * exist. */
bool http_complete_session(const Http *http, json_t *body, bool create, GError **error);
bool http_number_is_free(const Http *http, const StoreSession *row, GError **error);
/* In a session's JSON: adds names; drops deleted speakers' ids. */
void http_name_series(const Http *http, const StoreSession *row, json_t *json);

// series/seen.c
bool http_plays(const AuthIdentity *who, const StoreSession *row);
json_t *http_session_brief(const AuthIdentity *who, const StoreSession *row);
/* Ids of its series and speakers, each with 1. */
void http_add_of_session(const StoreSession *row, json_t *out);
/* `id`: of a series or speaker. */
bool http_is_of(const StoreSession *row, const char *id);
/* Of all sessions that one may see; NULL: all there are. */
json_t *http_seen(const Http *http, const AuthIdentity *who);
/* Briefs. */
json_t *http_sessions_of(const Http *http, const AuthIdentity *who, const char *id);

// series/series.c
void http_on_series(Http *http, HttpRequest *request);
void http_on_series_save(Http *http, HttpRequest *request);
void http_on_series_get(Http *http, HttpRequest *request);
void http_on_series_delete(Http *http, HttpRequest *request);
void http_on_speakers(Http *http, HttpRequest *request);
void http_on_speaker_save(Http *http, HttpRequest *request);
void http_on_speaker_get(Http *http, HttpRequest *request);
void http_on_speaker_delete(Http *http, HttpRequest *request);

// chapters.c
void http_on_chapters(Http *http, HttpRequest *request);
void http_on_chapter_post(Http *http, HttpRequest *request);
void http_on_chapter_patch(Http *http, HttpRequest *request);
void http_on_chapter_delete(Http *http, HttpRequest *request);

// recordings.c
void http_on_recording(Http *http, HttpRequest *request);
/* The item of a list; `id` is known. */
json_t *http_recording_json(Http *http, const char *id, const AuthIdentity *who);
void http_on_recording_get(Http *http, HttpRequest *request);
void http_on_recording_patch(Http *http, HttpRequest *request);
void http_on_recording_delete(Http *http, HttpRequest *request);
void http_on_recording_retry(Http *http, HttpRequest *request);

// slides/slides.c
/* What was rendered before the server started is read at the first use. Nullable, borrowed. */
const SlidesDeck *http_slides_deck(const Http *http, const char *session, const char *digest);
/* JSON's null: over, or `who` may not see them. */
json_t *http_slides_json(Http *http, const StoreSession *row, const AuthIdentity *who);
void http_on_slides_patch(Http *http, HttpRequest *request);
void http_on_slide(Http *http, HttpRequest *request);

// slides/turns.c
void http_on_turns(Http *http, HttpRequest *request);
void http_on_turn_picture(Http *http, HttpRequest *request);

// files/send.c
/* Takes `path`; `type` is static. */
void http_send_content(HttpRequest *request, char *path, const char *type);

// files/content.c
void http_on_session_picture(Http *http, HttpRequest *request);
void http_on_picture(Http *http, HttpRequest *request);
void http_on_material(Http *http, HttpRequest *request);

// files/files.c
void http_reply_no_file(HttpRequest *request);
/* `kind`: "sessions", "series" or "speakers". */
json_t *http_picture_json(const Http *http, const char *kind, const char *owner);
json_t *http_materials_json(const Http *http, const char *session);
void http_on_picture_put(Http *http, HttpRequest *request);
void http_on_picture_delete(Http *http, HttpRequest *request);
void http_on_material_post(Http *http, HttpRequest *request);
void http_on_link_post(Http *http, HttpRequest *request);
void http_on_material_patch(Http *http, HttpRequest *request);
void http_on_material_delete(Http *http, HttpRequest *request);

// feeds/feeds.c
void http_on_feed(Http *http, HttpRequest *request);
void http_on_own_feed(Http *http, HttpRequest *request);
void http_on_feed_chapters(Http *http, HttpRequest *request);
void http_on_own_chapters(Http *http, HttpRequest *request);
void http_on_own_file(Http *http, HttpRequest *request);
void http_on_feeds(Http *http, HttpRequest *request);
void http_on_feeds_replace(Http *http, HttpRequest *request);

// feeds/cache.c
HttpFeeds *http_feeds_new(void);
void http_feeds_free(HttpFeeds *feeds);

// own/plans.c
void http_on_plan(Http *http, HttpRequest *request);
void http_on_plan_put(Http *http, HttpRequest *request);

// own/questions.c
void http_on_own_questions(Http *http, HttpRequest *request);

// search/search.c
void http_on_search(Http *http, HttpRequest *request);

// questions.c
void http_on_questions(Http *http, HttpRequest *request);
void http_on_question_post(Http *http, HttpRequest *request);
void http_on_question_patch(Http *http, HttpRequest *request);
void http_on_vote_put(Http *http, HttpRequest *request);
void http_on_vote_delete(Http *http, HttpRequest *request);

// probes.c
void http_on_alive(Http *http, HttpRequest *request);
void http_on_metrics(Http *http, HttpRequest *request);
void http_on_system(Http *http, HttpRequest *request);

// settings/settings.c
void http_on_settings(Http *http, HttpRequest *request);
void http_on_settings_patch(Http *http, HttpRequest *request);
