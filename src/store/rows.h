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
    char *email;  // nullable
    char *entity; // nullable
    char *role;   // "staff", or "": only invited
    bool disabled;
    int64_t created_us;
} StorePerson;

typedef struct {
    char *id, *person, *role;
    char *session; // NULL: all (staff)
    uint8_t code_hash[STORE_HASH_BYTES];
    bool revoked;
    int64_t created_us;
} StoreInvitation;

typedef struct {
    uint8_t hash[STORE_HASH_BYTES];
    char *person, *role;
    char *session; // nullable
    int64_t created_us, expires_us;
} StoreToken;

typedef struct {
    char *id;
    char *series; // nullable
    char *title_ar, *title_en;
    char *speakers;  // JSON: [{"name": {"ar","en"}, "role": {"ar","en"}}]
    char *agenda;    // JSON: [{"title": {"ar","en"}}]
    char *source;    // NULL: the configured one
    char *access;    // "open" or "invited"
    bool show_names; // of askers
    SessionState state;
    int64_t starts_us;
    int duration_minutes;
    int64_t epoch_us;          // wall clock at timeline 0; 0: never
    char *boot;                // nullable, last run's
    int64_t boot_us;           // CLOCK_BOOTTIME at timeline 0, may be negative
    int64_t live_us, ended_us; // 0: not yet
    bool hold;
    int64_t hold_us;          // last change, 0: never
    char *hold_by, *hold_why; // nullable
    int64_t deleted_us;       // 0: no
    char *deleted_by;         // nullable; NULL: retention
    char *deleted_why;        // nullable
    char *inputs_hash;        // nullable
    bool demo;
    int revision; // RFC 5545 SEQUENCE
    int64_t created_us;
} StoreSession;

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
void store_question_free(StoreQuestion *row);
StoreQuestion *store_question_copy(const StoreQuestion *row);
void store_act_free(StoreAct *row);
void store_chapter_free(StoreChapter *row);
StoreChapter *store_chapter_copy(const StoreChapter *row);
void store_presenter_message_free(StorePresenterMessage *row);

bool store_person_insert(StoreDb *db, const StorePerson *row, GError **error);
bool store_person_update(StoreDb *db, const StorePerson *row, GError **error);
StorePerson *store_person_get(StoreDb *db, const char *id, GError **error);
GPtrArray *store_people_list(StoreDb *db, GError **error);

bool store_invitation_insert(StoreDb *db, const StoreInvitation *row, GError **error);
/* Maybe revoked. */
StoreInvitation *store_invitation_by_hash(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                                          GError **error);
bool store_invitation_revoke(StoreDb *db, const char *id, GError **error);
/* NULL `session`: to all sessions. */
GPtrArray *store_invitations_list(StoreDb *db, const char *session, GError **error);

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
bool store_session_note_inputs(StoreDb *db, const char *id, const char *hash, GError **error);
/* With all that belongs to it. */
bool store_session_delete(StoreDb *db, const char *id, GError **error);
GPtrArray *store_sessions_list(StoreDb *db, GError **error); // latest start first

bool store_question_insert(StoreDb *db, const StoreQuestion *row, GError **error);
bool store_question_update(StoreDb *db, const StoreQuestion *row, GError **error);
GPtrArray *store_questions_list(StoreDb *db, const char *session, GError **error);
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
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreAct, store_act_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreQuestion, store_question_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreChapter, store_chapter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePresenterMessage, store_presenter_message_free)
