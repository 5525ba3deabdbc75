// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The rows, and the typed statements on them. Store thread only, inside a job. Texts are UTF-8,
// times microseconds of wall clock, ids opaque. A struct that is handed out owns its texts and is
// freed by its _free(); one that is handed in is borrowed. Getters return NULL with
// BASE_ERROR_NOT_FOUND, as do updates, revoke and deletes by id of an unknown id; lists are
// GPtrArrays that own their rows, oldest first unless said.

#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

#define STORE_HASH_BYTES 32

typedef struct {
    char *id;
    char *name;
    char *email;  // nullable, unique
    char *entity; // nullable
    char *role;   // of the whole server: "staff", or "" for those only invited
    bool disabled;
    int64_t created_us;
} StorePerson;

typedef struct {
    char *id, *person, *role;
    char *session; // NULL: every session (staff)
    uint8_t code_hash[STORE_HASH_BYTES];
    bool revoked;
    int64_t created_us;
} StoreInvitation;

typedef struct {
    uint8_t hash[STORE_HASH_BYTES];
    char *person, *role;
    char *session; // nullable, as the invitation's
    int64_t created_us, expires_us;
} StoreToken;

typedef struct {
    char *id;
    char *series;            // nullable text: the series' name in Arabic, "" for none
    char *title_ar, *title_en;
    char *speakers;          // JSON array of {"name": {"ar","en"}, "role": {"ar","en"}}
    char *agenda;            // JSON array of {"title": {"ar","en"}}
    char *source;            // nullable: what the capture child is told; NULL: the configured one
    char *access;            // "open", "invited"
    char *state;             // "scheduled" ... (contract)
    int64_t starts_us;
    int duration_minutes;
    int64_t epoch_us;        // wall clock of the timeline's zero; 0: the lobby never opened
    char *boot;              // nullable: the boot of the machine in which its media last began
    int64_t boot_us;         // CLOCK_BOOTTIME of the timeline's zero in that boot; may be negative
    int64_t live_us, ended_us; // wall clock, 0: not yet
    bool hold;               // the recording is not to be deleted
    int64_t deleted_us;      // wall clock: the recording was deleted, 0: not
    char *deleted_by;        // nullable: a person's id; NULL: retention
    char *deleted_why;       // nullable
    char *made;              // nullable: what the recording's files were made with; by its own
                             // statement only
    bool demo;               // made by `majlis demo`: published at its end
    int64_t created_us;
} StoreSession;

typedef struct {
    char *id, *session, *person;
    char *name, *entity;     // of the asker, joined from the people; nullable entity; read only
    char *text;
    char *original;          // nullable: before staff edited it
    bool anonymous, starred;
    char *state;             // "pending" ... (contract)
    char *merged_into;       // nullable
    int64_t at_us;           // wall clock
    int64_t media_us;        // timeline when asked, -1: no media yet
    int64_t on_air_us, answered_us; // timeline, -1: not yet
    int votes;               // counted; read only
} StoreQuestion;

/* A moment that staff marked. */
typedef struct {
    char *id, *session;
    char *title_ar, *title_en; // "" for none
    int64_t media_us;          // timeline
    int64_t created_us;
} StoreChapter;

/* When a server last looked at the wall clock, and until when it does not go by it. */
typedef struct {
    int64_t seen_us;          // 0: never
    int64_t doubted_until_us; // 0: it is not doubted
} StoreClock;

/* Whether another program (majlis user) committed since the last call in a job that was committed:
 * a job that fails forgets nothing. */
bool store_changed_elsewhere(StoreDb *db, bool *out, GError **error);

void store_person_free(StorePerson *row);
void store_invitation_free(StoreInvitation *row);
void store_token_free(StoreToken *row);
void store_session_free(StoreSession *row);
/* A copy, of which nothing is shared. Full ownership. Any thread. */
StoreSession *store_session_copy(const StoreSession *row);
void store_question_free(StoreQuestion *row);
void store_chapter_free(StoreChapter *row);
StoreChapter *store_chapter_copy(const StoreChapter *row); // as store_session_copy()

bool store_person_insert(StoreDb *db, const StorePerson *row, GError **error);
bool store_person_update(StoreDb *db, const StorePerson *row, GError **error);
StorePerson *store_person_get(StoreDb *db, const char *id, GError **error);
StorePerson *store_person_by_email(StoreDb *db, const char *email, GError **error);
GPtrArray *store_people_list(StoreDb *db, GError **error);

bool store_invitation_insert(StoreDb *db, const StoreInvitation *row, GError **error);
/* Also a revoked one: look at the field. */
StoreInvitation *store_invitation_by_hash(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                                          GError **error);
bool store_invitation_revoke(StoreDb *db, const char *id, GError **error);
/* `session` NULL: those to every session. */
GPtrArray *store_invitations_list(StoreDb *db, const char *session, GError **error);

/* First deletes the person's tokens that expired before this one was created and, where there are
 * `most` of them, the oldest. */
bool store_token_insert(StoreDb *db, const StoreToken *row, unsigned most, GError **error);
bool store_token_extend(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], int64_t expires_us,
                        GError **error); // an unknown one is no error
bool store_token_delete(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], GError **error);
bool store_token_delete_person(StoreDb *db, const char *person, GError **error);
/* Deletes the expired tokens, and each person's oldest until there are `most`. */
bool store_tokens_trim(StoreDb *db, int64_t now_us, unsigned most, GError **error);
/* Those that expire after `now_us`. */
GPtrArray *store_tokens_list(StoreDb *db, int64_t now_us, GError **error);

bool store_session_insert(StoreDb *db, const StoreSession *row, GError **error);
bool store_session_update(StoreDb *db, const StoreSession *row, GError **error);
bool store_session_note_made(StoreDb *db, const char *id, const char *made, GError **error);
/* With its invitations, tokens, questions, votes and chapters. */
bool store_session_delete(StoreDb *db, const char *id, GError **error);
StoreSession *store_session_get(StoreDb *db, const char *id, GError **error);
GPtrArray *store_sessions_list(StoreDb *db, GError **error); // newest start first

bool store_question_insert(StoreDb *db, const StoreQuestion *row, GError **error);
bool store_question_update(StoreDb *db, const StoreQuestion *row, GError **error);
GPtrArray *store_questions_list(StoreDb *db, const char *session, GError **error);
/* Those that were answered on air, in the order of the timeline. */
GPtrArray *store_questions_answered(StoreDb *db, const char *session, GError **error);
/* One vote per person and question, by the table's key. Setting what is set is no error. */
bool store_vote_set(StoreDb *db, const char *question, const char *person, bool on, GError **error);
/* Every (question, person) pair of the session: calls `each` in the job. */
bool store_votes_each(StoreDb *db, const char *session,
                      void (*each)(void *data, const char *question, const char *person), void *data,
                      GError **error);

bool store_chapter_insert(StoreDb *db, const StoreChapter *row, GError **error);
bool store_chapter_update(StoreDb *db, const StoreChapter *row, GError **error);
bool store_chapter_delete(StoreDb *db, const char *id, GError **error);
/* In the order of the timeline. */
GPtrArray *store_chapters_list(StoreDb *db, const char *session, GError **error);

/* Zeros where none was put yet. */
bool store_clock_get(StoreDb *db, StoreClock *out, GError **error);
bool store_clock_put(StoreDb *db, const StoreClock *clock, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePerson, store_person_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreInvitation, store_invitation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreToken, store_token_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSession, store_session_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreQuestion, store_question_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreChapter, store_chapter_free)
