// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The questions of one session: the only question state machine, and the only place that decides
// who sees what. Pure: no I/O, no clock, one thread. A request is first worked out into a QaChange
// (nothing happens), the caller commits it, then applies it; whoever is to be told follows from the
// log of entries that applying adds.
//
// pending -> approved | rejected | merged | withdrawn
// approved -> on_air | answered | rejected | merged | pending | withdrawn
// on_air -> answered | approved          answered -> on_air | approved
// rejected -> pending | approved         merged -> approved         withdrawn is final
//
// One question is on air at a time. Putting a second on air answers the first; taking an answer
// back (answered -> on_air) instead returns the one on air to approved, because it was not
// answered. Merging copies the votes to the target, one a person; the merged question keeps its
// own, so that taking it back restores it (the target keeps what it was given).

#include "store/rows.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define QA_MAX_OPEN_PER_PERSON 20   // pending, approved or on air
#define QA_MAX_ASKED_PER_PERSON 200 // in any state: asking and withdrawing ends too
#define QA_MAX_QUESTIONS 5000       // of a session
#define QA_FORMS 8                  // how a question is written for different viewers
#define QA_LOG_ENTRIES 4096         // how far back a cursor reaches

typedef enum {
    QA_PENDING,
    QA_APPROVED,
    QA_ON_AIR,
    QA_ANSWERED,
    QA_REJECTED,
    QA_MERGED,
    QA_WITHDRAWN,
    QA_STATES,
    QA_UNBORN = QA_STATES, // the state before a question was asked
} QaState;

const char *qa_state_name(QaState state); // static
bool qa_state_parse(const char *name, QaState *out);

typedef struct {
    StoreQuestion *row;
    QaState state;
    GHashTable *voters; // set of person ids, owned
    char *ref;          // nullable: the asker's, to know a request that is sent again
    char **written;     // QA_FORMS, nullable each: qa_write_questions()'s, until it changes
} QaQuestion;

/* Who looks. A moderator sees every question; others see the public ones and their own. */
typedef struct {
    const char *person;
    bool moderates;
} QaViewer;

/* Who acts, and what auth allows them in this session. */
typedef struct {
    const char *person, *name, *entity; // nullable entity
    bool asks, moderates, presents;
} QaActor;

/* What is to become true. The rows are whole; applying one that is committed cannot fail. */
typedef struct {
    GPtrArray *rows; // StoreQuestion, owned; may be empty: it is so already
    bool insert;     // the first row is new
    char *ref;
    char *question;      // the one that the request was about
    char *vote_question; // nullable: whose votes change
    bool vote_on;
    GPtrArray *voters; // person ids, owned
} QaChange;

void qa_change_free(QaChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QaChange, qa_change_free)

typedef struct QaRoom QaRoom;

QaRoom *qa_room_new(const char *session);
void qa_room_free(QaRoom *room);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QaRoom, qa_room_free)

/* From the store, before anything else. Takes `row`. Votes on unknown questions are ignored. */
void qa_room_load_question(QaRoom *room, StoreQuestion *row);
void qa_room_load_vote(QaRoom *room, const char *question, const char *person);

/* rules.c. Works out a request; NULL with INVALID, DENIED, NOT_FOUND, CONFLICT or LIMIT. `media_us`
 * is the session's timeline now, or -1. Full ownership. A request that was already carried out
 * gives a change without rows or votes. */
QaChange *qa_room_ask(const QaRoom *room, const QaActor *actor, const char *ref, const char *text,
                      bool anonymous, int64_t wall_us, int64_t media_us, GError **error);
QaChange *qa_room_vote(const QaRoom *room, const QaActor *actor, const char *question, bool on,
                       GError **error);
QaChange *qa_room_withdraw(const QaRoom *room, const QaActor *actor, const char *question,
                           GError **error);

typedef struct {
    const char *question;
    bool has_to;
    QaState to;
    const char *text;       // nullable: edited; the original is kept
    const char *merge_into; // with to QA_MERGED
    int starred;            // -1: as it is
} QaModeration;

QaChange *qa_room_moderate(const QaRoom *room, const QaActor *actor, const QaModeration *order,
                           int64_t media_us, GError **error);

/* The change is committed: makes it so. Takes the rows out of `change`. */
void qa_room_apply(QaRoom *room, QaChange *change);

/* NULL where there is none that the viewer (NULL: everybody) may see. Borrowed. */
const QaQuestion *qa_room_find(const QaRoom *room, const char *question, const QaViewer *viewer);
const char *qa_room_session(const QaRoom *room);
/* All questions in the order asked (QaQuestion, borrowed). */
const GPtrArray *qa_room_questions(const QaRoom *room);
bool qa_question_seen(const QaQuestion *question, QaState state, const QaViewer *viewer);
bool qa_question_public(const QaQuestion *question);
bool qa_question_voted(const QaQuestion *question, const char *person);

/* One step of one question. Sequence numbers start at 1 and have no gaps. */
typedef struct {
    uint64_t sequence;
    const QaQuestion *question;
    QaState before;
} QaEntry;

typedef enum { QA_TELL_NOTHING, QA_TELL_ADDED, QA_TELL_CHANGED, QA_TELL_REMOVED } QaTell;

uint64_t qa_room_sequence(const QaRoom *room); // of the last entry
/* NULL when it is gone or not there yet. */
const QaEntry *qa_room_entry(const QaRoom *room, uint64_t sequence);
/* What a viewer who knew the question as it was before must hear of it now. */
QaTell qa_entry_tell(const QaEntry *entry, const QaViewer *viewer);

/* What happened after `since`: QaEntry, one a question (the state before its first step, the
 * sequence of its last), in the order of the sequence. Who takes "added" and "changed" as "it is so
 * now" and "removed" of the unknown as nothing may stop anywhere and go on from the last cursor.
 * NULL when the log does not reach back so far. */
GArray *qa_room_missed(const QaRoom *room, uint64_t since);

/* The questions whose votes changed since the last call (QaQuestion, borrowed), or NULL. */
GPtrArray *qa_room_take_voted(QaRoom *room);
