// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Parses client messages and writes server messages. Pure.

#include "base/error.h"
#include "base/json.h"
#include "qa/questions.h"

#define QA_MAX_REF_CHARACTERS 64
#define QA_MAX_ID_CHARACTERS 64

typedef enum {
    QA_OP_JOIN,
    QA_OP_ASK,
    QA_OP_VOTE,
    QA_OP_WITHDRAW,
    QA_OP_MODERATE,
    QA_OP_PRESENCE,
    QA_OP_MESSAGE,
    QA_OP_ACKNOWLEDGE,
    QA_OP_UNDO,
    QA_OPS,
} QaOp;

typedef enum { QA_VIA_NONE, QA_VIA_WHEP, QA_VIA_HLS, QA_VIAS } QaVia;
/* The transport of a WebRTC viewer's candidate pair. */
typedef enum { QA_ROAD_UNKNOWN, QA_ROAD_UDP, QA_ROAD_TCP, QA_ROAD_RELAY, QA_ROADS } QaRoad;

/* Unused fields are unset. Borrowed texts live in the JSON. */
typedef struct {
    QaOp op;
    const char *ref;     // nullable
    const char *session; // join
    const char *since;   // join, nullable
    char *text;          // owned; nullable for moderate
    const char *question;
    bool anonymous; // ask
    bool on;        // vote
    bool has_to;    // moderate
    QaState to;
    int starred;            // moderate; -1: unset
    const char *merge_into; // moderate, nullable
    QaVia via;              // presence
    QaRoad road;            // presence
    int64_t delay_us;       // presence; -1: not told
    const char *message;    // acknowledge
    const char *act;        // undo
} QaMessage;

/* `json` must outlive `out`. */
bool qa_message_parse(const json_t *json, QaMessage *out, GError **error);
void qa_message_clear(QaMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(QaMessage, qa_message_clear)

/* Nullable, also of an invalid message. */
const char *qa_message_ref(const json_t *json);

/* "RUN:N". */
char *qa_cursor_format(const char *run, uint64_t sequence);
bool qa_cursor_parse(const char *cursor, const char *run, uint64_t *out_sequence);

typedef enum {
    QA_WRITE_BY = 1, // asker and unedited text
    QA_WRITE_MINE = 2,
    QA_WRITE_VOTED = 4,
    QA_WRITE_ALL = 8, // "mine" and "voted" even if false
} QaWrite;

#define QA_WRITE_FORMS QA_FORMS // BY, MINE and VOTED combined

/* Viewers with the same flags share bytes. */
unsigned qa_write_flags(const QaQuestion *question, const QaViewer *viewer);

/* Full ownership of each result. */
/* Made valid UTF-8; NULL gives null. */
json_t *qa_write_text(const char *text);
json_t *qa_write_question_for(const QaQuestion *question, const QaViewer *viewer);
/* Appends a JSON array. */
void qa_write_questions(const QaQuestions *questions, const QaViewer *viewer, GString *out);
json_t *qa_write_presenter_message(const StorePresenterMessage *message);
/* Takes `data`. */
json_t *qa_write_event(const char *cursor, const char *type, json_t *data);
/* Not for QA_TELL_NOTHING. */
json_t *qa_write_entry(const char *cursor, const QaEntry *entry, QaTell tell, unsigned write);
/* NULL: the viewer sees none. `viewer->person` NULL: the public ones. `voted`: adds the viewer's
 * votes. */
json_t *qa_write_votes(const GPtrArray *questions, const QaViewer *viewer, bool voted);
/* Takes `question`. All but `cursor` are nullable. */
json_t *qa_write_ok(const char *ref, const char *cursor, const char *act, json_t *question);
json_t *qa_write_error(const char *ref, const GError *error);

GBytes *qa_write_bytes(const json_t *json);
