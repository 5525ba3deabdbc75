// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows and typed statements, in jobs. UTF-8, wall-clock microseconds. Results own their texts;
// arguments are borrowed. Unknown ids: BASE_ERROR_NOT_FOUND. Lists own their rows, oldest first.

#include "store/state.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

#define STORE_HASH_BYTES 32

typedef struct {
    char *id;
    char *name;
    char *email;     // nullable
    char *entity;    // shown; of `entity_id`, written by the database; nullable
    char *entity_id; // nullable
    char *role;      // of the server: "moderator", "staff", "admin", or "": officer
    bool disabled;
    int revision; // of changes; store_person_update() counts
    int64_t created_us;
} StorePerson;

typedef struct {
    char *id, *person, *role; // store_role_of() says which one counts
    char *session;            // NULL: the server
    uint8_t code_hash[STORE_HASH_BYTES];
    bool revoked;
    int64_t created_us;
    int64_t opened_us; // first use of a link of it; 0: none
} StoreInvitation;

typedef struct {
    uint8_t hash[STORE_HASH_BYTES];
    char *person, *role; // as above
    char *session;       // nullable
    int64_t created_us, expires_us;
} StoreToken;

#define STORE_NUMBER_NEXT (-1) // before it is saved

typedef struct {
    char *id;
    char *series; // id, nullable
    int number;   // in the series; 0: none; STORE_NUMBER_NEXT
    char *title_ar, *title_en;
    char *speakers; // JSON: [{"id"?, "name": {"ar","en"}, "role": {"ar","en"}}]
    char *agenda;   // JSON: [{"title": {"ar","en"}, "minutes"?}]
    char *tags;     // JSON: ["topic"]
    char *source;   // NULL: the configured one
    int64_t speaker_key_us, screen_key_us, guest_key_us; // of encoders; 0: none
    char *access;                                        // "open" or "invited"
    bool show_names;                                     // of askers
    SessionState state;
    int64_t starts_us;
    int duration_minutes;
    int64_t epoch_us;                      // wall clock at timeline 0; 0: never
    char *boot;                            // nullable, last run's
    int64_t boot_us;                       // CLOCK_BOOTTIME at timeline 0, may be negative
    int64_t live_us, ended_us;             // 0: not yet
    int64_t live_media_us, ended_media_us; // the same on the timeline
    int64_t published_us;                  // 0: not yet, or before this was noted
    bool hold;
    int64_t hold_us;          // last change, 0: never
    char *hold_by, *hold_why; // nullable
    int retention_days;       // 0: as configured
    int64_t deleted_us;       // 0: no
    char *deleted_by;         // nullable; NULL: retention
    char *deleted_why;        // nullable
    char *inputs_hash;        // nullable
    char *caption;            // over the picture: "speaker:PLACE", "question:ID"; NULL: none
    bool demo;
    int revision; // RFC 5545 SEQUENCE
    int64_t created_us;
} StoreSession;

/* Texts: "" for none. */
typedef struct {
    char *id;
    char *name_ar, *name_en;
    char *description_ar, *description_en;
    int duration_minutes; // from here to retention_days: of new sessions
    char *access;
    bool show_names;
    char *agenda;
    int retention_days;
    char *colour;    // "#rrggbb"
    char *languages; // JSON: ["ar", "en"]
    char *reminders; // JSON: minutes before the start; NULL: as configured
    int64_t created_us;
    int revision; // grows with each change
} StoreSeries;

typedef struct {
    char *id;
    char *name_ar, *name_en;
    char *title_ar, *title_en;
    char *organisation_ar, *organisation_en;
    char *biography_ar, *biography_en;
    int64_t created_us;
    int revision; // grows with each change
} StoreSpeaker;

typedef struct {
    char *id, *session, *person;
    char *name, *entity; // of the asker, read only; nullable entity
    char *text;
    char *original; // before staff's edit; nullable
    bool anonymous, starred;
    bool named;                     // not anonymous
    char *state;                    // "pending" ...
    char *merged_into;              // nullable
    int64_t at_us;                  // wall clock
    int64_t media_us;               // timeline; -1: none
    int64_t on_air_us, answered_us; // timeline; -1: none
    char *act;                      // nullable
} StoreQuestion;

/* A question before a moderator's act. */
typedef struct {
    char *act, *person;
    StoreQuestion *before; // only id, text, original, starred, state, merged_into, times, act
} StoreAct;

typedef enum {
    STORE_VOTE_NONE, // counts votes on merged questions
    STORE_VOTE_FOR,
    STORE_VOTE_AGAINST, // does not count them
} StoreVote;

/* Marked by staff. */
typedef struct {
    char *id, *session;
    char *title_ar, *title_en; // "": none
    int64_t media_us;          // timeline
    int64_t created_us;
} StoreChapter;

typedef struct {
    char *session, *id;
    char *text;
    char *sender;            // nullable
    int64_t at_us;           // wall clock
    int64_t acknowledged_us; // 0: not yet
} StorePresenterMessage;

/* How many of an entity come. */
typedef struct {
    char *entity; // nullable
    int64_t yes, maybe, no;
} StorePlans;

/* Last look at the wall clock. */
typedef struct {
    int64_t seen_us;          // 0: never
    int64_t doubted_until_us; // 0: trusted
} StoreClock;

/* Another program (majlis user) committed since the last committed job's call. */
bool store_changed_elsewhere(StoreDb *db, bool *out, GError **error);

void store_person_free(StorePerson *row);
void store_invitation_free(StoreInvitation *row);
void store_token_free(StoreToken *row);
void store_session_free(StoreSession *row);
/* Deep copies. Any thread. */
StoreSession *store_session_copy(const StoreSession *row);
void store_series_free(StoreSeries *row);
StoreSeries *store_series_copy(const StoreSeries *row);
void store_speaker_free(StoreSpeaker *row);
StoreSpeaker *store_speaker_copy(const StoreSpeaker *row);
void store_question_free(StoreQuestion *row);
StoreQuestion *store_question_copy(const StoreQuestion *row);
void store_act_free(StoreAct *row);
void store_chapter_free(StoreChapter *row);
StoreChapter *store_chapter_copy(const StoreChapter *row);
void store_presenter_message_free(StorePresenterMessage *row);
void store_plans_free(StorePlans *row);

bool store_person_insert(StoreDb *db, const StorePerson *row, GError **error);
bool store_person_update(StoreDb *db, const StorePerson *row, GError **error);
/* NOT_FOUND: also erased. */
StorePerson *store_person_get(StoreDb *db, const char *id, GError **error);
/* Of an invitation or sign-in of that role to `session`: to the server, what the person is now.
 * "": none. Borrowed. */
const char *store_role_of(const StorePerson *person, const char *session, const char *role);
GPtrArray *store_people_list(StoreDb *db, GError **error);

/* 0: at first. NOT_FOUND: disabled. */
bool store_feeds_issued(StoreDb *db, const char *person, int64_t *out_us, GError **error);
/* Always later than before. */
bool store_feeds_issue(StoreDb *db, const char *person, int64_t now_us, int64_t *out_us,
                       GError **error);

bool store_invitation_insert(StoreDb *db, const StoreInvitation *row, GError **error);
/* By the code of the invitation or of a mail's link. Maybe revoked. */
StoreInvitation *store_invitation_by_hash(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                                          GError **error);
bool store_invitation_revoke(StoreDb *db, const char *id, GError **error);
StoreInvitation *store_invitation_get(StoreDb *db, const char *id, GError **error);
/* NULL `session`: to all sessions. */
GPtrArray *store_invitations_list(StoreDb *db, const char *session, GError **error);
/* Not revoked. */
GPtrArray *store_invitations_of(StoreDb *db, const char *person, GError **error);

/* Also deletes expired ones, and the oldest above `most`. */
bool store_token_insert(StoreDb *db, const StoreToken *row, unsigned most, GError **error);
bool store_token_extend(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], int64_t expires_us,
                        GError **error);
bool store_token_delete(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], GError **error);
bool store_token_delete_person(StoreDb *db, const char *person, GError **error);
/* Deletes expired ones, and each person's oldest above `most`. */
bool store_tokens_trim(StoreDb *db, int64_t now_us, unsigned most, GError **error);
/* Expiring after `now_us`. */
GPtrArray *store_tokens_list(StoreDb *db, int64_t now_us, GError **error);

bool store_session_insert(StoreDb *db, const StoreSession *row, GError **error);
bool store_session_update(StoreDb *db, const StoreSession *row, GError **error);
/* The highest of the series, and one. */
bool store_session_next_number(StoreDb *db, const char *series, int *out, GError **error);
bool store_session_note_inputs(StoreDb *db, const char *id, const char *hash, GError **error);
bool store_session_note_caption(StoreDb *db, const char *id, const char *caption, GError **error);
StoreSession *store_session_get(StoreDb *db, const char *id, GError **error);
/* CONFLICT: people were mailed about it and are not told of its end yet. */
bool store_session_may_go(StoreDb *db, const char *id, GError **error);
/* With all that belongs to it, once store_session_may_go(). */
bool store_session_delete(StoreDb *db, const char *id, GError **error);
GPtrArray *store_sessions_list(StoreDb *db, GError **error); // latest start first

bool store_series_insert(StoreDb *db, const StoreSeries *row, GError **error);
bool store_series_update(StoreDb *db, const StoreSeries *row, GError **error);
/* CONFLICT while sessions belong to it. */
bool store_series_delete(StoreDb *db, const char *id, GError **error);
StoreSeries *store_series_get(StoreDb *db, const char *id, GError **error);
GPtrArray *store_series_list(StoreDb *db, GError **error);

bool store_speaker_insert(StoreDb *db, const StoreSpeaker *row, GError **error);
bool store_speaker_update(StoreDb *db, const StoreSpeaker *row, GError **error);
bool store_speaker_delete(StoreDb *db, const char *id, GError **error);
GPtrArray *store_speakers_list(StoreDb *db, GError **error);
/* Nullable `*out`. Full ownership. */
bool store_speaker_find(StoreDb *db, const char *id, StoreSpeaker **out, GError **error);

bool store_question_insert(StoreDb *db, const StoreQuestion *row, GError **error);
bool store_question_update(StoreDb *db, const StoreQuestion *row, GError **error);
GPtrArray *store_questions_list(StoreDb *db, const char *session, GError **error);
/* A person's, newest first, in `sessions` (JSON array; NULL: all), from the cursor `before` (0: the
 * newest). `*out_next`: 0 at the end. */
GPtrArray *store_questions_of(StoreDb *db, const char *person, const char *sessions, int64_t before,
                              unsigned limit, int64_t *out_next, GError **error);
/* NULL: none such. */
StoreQuestion *store_question_get(StoreDb *db, const char *id, GError **error);
/* Nullable `*out`. Full ownership. */
bool store_question_on_air(StoreDb *db, const char *session, StoreQuestion **out, GError **error);
/* Nullable `*out`. Full ownership. */
bool store_question_session(StoreDb *db, const char *question, char **out, GError **error);
/* On air, in timeline order. */
GPtrArray *store_questions_answered(StoreDb *db, const char *session, GError **error);
/* Idempotent. */
bool store_vote_set(StoreDb *db, const char *question, const char *person, StoreVote vote,
                    GError **error);
/* Per vote of the session. */
typedef void (*StoreVoteFunc)(void *data, const char *question, const char *person, StoreVote vote);
bool store_votes_each(StoreDb *db, const char *session, StoreVoteFunc each, void *data,
                      GError **error);

bool store_act_insert(StoreDb *db, const StoreAct *row, GError **error);
bool store_act_delete(StoreDb *db, const char *act, GError **error);
/* In creation order. */
GPtrArray *store_acts_list(StoreDb *db, const char *session, GError **error);

bool store_chapter_insert(StoreDb *db, const StoreChapter *row, GError **error);
bool store_chapter_update(StoreDb *db, const StoreChapter *row, GError **error);
bool store_chapter_delete(StoreDb *db, const char *id, GError **error);
/* In timeline order. */
GPtrArray *store_chapters_list(StoreDb *db, const char *session, GError **error);

/* `coming`: "yes", "no" or "maybe". */
bool store_plan_put(StoreDb *db, const char *session, const char *person, const char *coming,
                    int64_t now_us, GError **error);
/* Said at `said_us`, which has to be after what was said before: else `*out_taken` is false. */
bool store_plan_answer(StoreDb *db, const char *session, const char *person, const char *coming,
                       int64_t said_us, bool *out_taken, GError **error);
/* Nullable `*out`. Full ownership. */
bool store_plan_get(StoreDb *db, const char *session, const char *person, char **out,
                    GError **error);
/* StorePlans, largest first, without disabled people. */
GPtrArray *store_plans_count(StoreDb *db, const char *session, GError **error);

/* Nullable `*out`. Full ownership. */
bool store_presenter_message_get(StoreDb *db, const char *session, StorePresenterMessage **out,
                                 GError **error);
bool store_presenter_message_put(StoreDb *db, const StorePresenterMessage *row, GError **error);

/* Zeros before the first put. */
bool store_clock_get(StoreDb *db, StoreClock *out, GError **error);
bool store_clock_put(StoreDb *db, const StoreClock *clock, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePerson, store_person_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreInvitation, store_invitation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreToken, store_token_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSession, store_session_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSeries, store_series_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSpeaker, store_speaker_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreAct, store_act_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreQuestion, store_question_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreChapter, store_chapter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePlans, store_plans_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePresenterMessage, store_presenter_message_free)
