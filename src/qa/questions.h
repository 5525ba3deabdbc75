// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The questions of one session: their state machine, and who sees what. Pure, one thread. A request
// becomes a QaChange, which the caller commits and applies; that adds entries to the log.
//
// pending -> approved | rejected | merged | withdrawn
// approved -> on_air | answered | rejected | merged | pending | withdrawn
// on_air -> answered | approved          answered -> on_air | approved
// rejected -> pending | approved         merged -> pending          withdrawn is final
//
// One question is on air at a time: putting another on air answers it; putting an answered one back
// returns it to approved. Votes on a merged question count for its target too, one per person; none
// is copied.
//
// Each act keeps the earlier rows (StoreAct), and a question names its last act. An undo restores
// all rows of an act, or is refused if one changed since, so it publishes nothing new.

#include "store/rows.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define QA_MAX_OPEN_PER_PERSON 20   // pending, approved or on air
#define QA_MAX_ASKED_PER_PERSON 200 // in any state
#define QA_MAX_QUESTIONS 5000       // of a session
#define QA_MAX_ACTS 2000            // of a session
#define QA_FORMS 8
#define QA_RESENT_US 60000000 // for an acknowledged message
#define QA_LOG_ENTRIES 4096   // reach of a cursor

typedef enum {
    QA_PENDING,
    QA_APPROVED,
    QA_ON_AIR,
    QA_ANSWERED,
    QA_REJECTED,
    QA_MERGED,
    QA_WITHDRAWN,
    QA_STATES,
    QA_UNBORN = QA_STATES, // before it was asked
} QaState;

const char *qa_state_name(QaState state); // static
bool qa_state_parse(const char *name, QaState *out);

typedef struct QaQuestion QaQuestion;

struct QaQuestion {
    StoreQuestion *row;
    QaState state;
    GHashTable *voters; // set of persons, with merged questions
    GHashTable *votes;  // person -> StoreVote
    GPtrArray *merged;  // QaQuestion, borrowed
    QaQuestion *target; // nullable: merged into it
    bool shows_name;    // to all
    char *ref;          // nullable: of its request
    char **written;     // QA_FORMS, nullable: cache
};

/* A moderator sees all questions, others the public ones and their own. */
typedef struct {
    const char *person;
    bool moderates;
} QaViewer;

typedef struct {
    const char *person, *name, *entity;      // nullable entity
    bool asks, moderates, presents, directs; // directs: the presenter
} QaActor;

/* Applying a committed change cannot fail. */
typedef struct {
    GPtrArray *rows; // StoreQuestion, owned; empty: nothing to do
    bool insert;     // the first row is new
    char *ref;
    char *question;                 // nullable: of the request
    char *act;                      // nullable
    GPtrArray *acts;                // StoreAct, owned
    GPtrArray *past;                // acts to forget, owned
    bool undoes;                    // `past`
    char *voter;                    // nullable
    StoreVote vote;                 // on `question`
    StorePresenterMessage *message; // nullable
} QaChange;

/* Empty. */
QaChange *qa_change_new(const char *question);
void qa_change_free(QaChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QaChange, qa_change_free)

typedef struct QaQuestions QaQuestions;

QaQuestions *qa_questions_new(const char *session);
void qa_questions_free(QaQuestions *questions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QaQuestions, qa_questions_free)

/* From the store: questions first, qa_questions_load_end() last. Takes `row`. */
void qa_questions_load_question(QaQuestions *questions, StoreQuestion *row);
void qa_questions_load_vote(QaQuestions *questions, const char *question, const char *person,
                            StoreVote vote);
void qa_questions_load_act(QaQuestions *questions, StoreAct *row);
void qa_questions_load_end(QaQuestions *questions);
/* Before the first entry: older cursors lead to a snapshot. */
void qa_questions_start_at(QaQuestions *questions, uint64_t sequence);
/* Loaded again, in the place of `old`: still recognises repeated requests. Before the first entry. */
void qa_questions_replace(QaQuestions *questions, QaQuestions *old);
/* Has questions, votes or acts of the person. */
bool qa_questions_know(const QaQuestions *questions, const char *person);
/* Names of questions asked openly while names were shown. True: changed; older cursors lead to a
 * snapshot. */
bool qa_questions_show_names(QaQuestions *questions, bool show);
bool qa_questions_shows_names(const QaQuestions *questions);
/* Takes `message` (nullable). */
void qa_questions_load_message(QaQuestions *questions, StorePresenterMessage *message);

/* rules.c. NULL with INVALID, DENIED, NOT_FOUND, CONFLICT or LIMIT. `media_us`: timeline now, or
 * -1. Repeated requests give empty changes. Full ownership. */
QaChange *qa_questions_ask(const QaQuestions *questions, const QaActor *actor, const char *ref,
                           const char *text, bool anonymous, int64_t wall_us, int64_t media_us,
                           GError **error);
QaChange *qa_questions_vote(const QaQuestions *questions, const QaActor *actor,
                            const char *question, bool on, GError **error);
QaChange *qa_questions_withdraw(const QaQuestions *questions, const QaActor *actor,
                                const char *question, GError **error);

typedef struct {
    const char *question;
    bool has_to;
    QaState to;
    const char *text;       // nullable
    const char *merge_into; // of QA_MERGED
    int starred;            // -1: unchanged
} QaModeration;

QaChange *qa_questions_moderate(const QaQuestions *questions, const QaActor *actor,
                                const QaModeration *order, int64_t media_us, GError **error);
/* undo.c. `ref` is nullable. NOT_FOUND: undone already or too old; CONFLICT: not exact. */
QaChange *qa_questions_undo(const QaQuestions *questions, const QaActor *actor,
                            const char *question, const char *act, const char *ref, GError **error);
/* Adds the earlier rows to `change`, as an act of the actor. */
void qa_change_note_act(QaChange *change, const QaQuestions *questions, const QaActor *actor);

QaChange *qa_questions_message(const QaQuestions *questions, const QaActor *actor, const char *ref,
                               const char *text, int64_t wall_us, GError **error);
/* NOT_FOUND: not the last message. */
QaChange *qa_questions_acknowledge(const QaQuestions *questions, const QaActor *actor,
                                   const char *message, int64_t wall_us, GError **error);

/* After the commit. Takes the rows out of `change`. */
void qa_questions_apply(QaQuestions *questions, QaChange *change);

/* Borrowed; NULL: none that the viewer (nullable) sees. */
const QaQuestion *qa_questions_find(const QaQuestions *questions, const char *question,
                                    const QaViewer *viewer);
const char *qa_questions_session(const QaQuestions *questions);
/* Nullable. Borrowed until the next change. */
const StorePresenterMessage *qa_questions_last_message(const QaQuestions *questions);
/* NULL after a restart. */
const char *qa_questions_message_ref(const QaQuestions *questions);
/* QaQuestion, in the order asked. */
const GPtrArray *qa_questions_all(const QaQuestions *questions);
bool qa_question_seen(const QaQuestion *question, QaState state, const QaViewer *viewer);
bool qa_question_public(const QaQuestion *question);
bool qa_question_voted(const QaQuestion *question, const char *person);
/* By a vote on a question merged into it. */
bool qa_question_inherits(const QaQuestion *question, const char *person);
/* StoreAct, borrowed; NULL: cannot be undone. */
const GPtrArray *qa_questions_act(const QaQuestions *questions, const char *act);
/* NULL: fewer than QA_MAX_ACTS. */
const char *qa_questions_oldest_act(const QaQuestions *questions);
/* True if it was the last undo; false after a restart. */
bool qa_questions_undone(const QaQuestions *questions, const char *act, const char *ref);
/* Nullable. */
const QaQuestion *qa_questions_on_air(const QaQuestions *questions);
/* NULL with NOT_FOUND. */
const QaQuestion *qa_questions_find_for(const QaQuestions *questions, const QaActor *actor,
                                        const char *question, GError **error);

/* One step of a question. Sequences start at 1, without gaps. */
typedef struct {
    uint64_t sequence;
    const QaQuestion *question;
    QaState before;
} QaEntry;

typedef enum { QA_TELL_NOTHING, QA_TELL_ADDED, QA_TELL_CHANGED, QA_TELL_REMOVED } QaTell;

uint64_t qa_questions_sequence(const QaQuestions *questions); // of the last entry
/* NULL: too old or too new. */
const QaEntry *qa_questions_entry(const QaQuestions *questions, uint64_t sequence);
/* For a viewer who knows the state before. */
QaTell qa_entry_tell(const QaEntry *entry, const QaViewer *viewer);

/* QaEntry per question changed after `since`: its state before, and last sequence, in that order.
 * NULL: log too short. */
GArray *qa_questions_missed(const QaQuestions *questions, uint64_t since);

/* QaQuestion whose votes changed since the last call; nullable. */
GPtrArray *qa_questions_take_voted(QaQuestions *questions);
