// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The messages of the websocket: client messages checked into a struct, server messages written.
// Pure; any thread.

#include "base/error.h"
#include "base/json.h"
#include "qa/room.h"

#define QA_MAX_REF_BYTES 64
#define QA_MAX_ID_BYTES 64

typedef enum {
    QA_OP_JOIN,
    QA_OP_ASK,
    QA_OP_VOTE,
    QA_OP_WITHDRAW,
    QA_OP_MODERATE,
    QA_OP_PRESENCE,
    QA_OP_MESSAGE,
    QA_OPS,
} QaOp;

typedef enum { QA_VIA_NONE, QA_VIA_WHEP, QA_VIA_HLS, QA_VIAS } QaVia;

/* Fields that the operation does not use are unset. The borrowed texts live in the JSON. */
typedef struct {
    QaOp op;
    const char *ref;     // nullable
    const char *session; // join
    const char *since;   // join, nullable
    char *text;          // ask, message, moderate (nullable): cleaned; owned
    const char *question;
    bool anonymous; // ask
    bool on;        // vote
    bool has_to;    // moderate
    QaState to;
    int starred;            // moderate; -1: not said
    const char *merge_into; // moderate, nullable
    QaVia via;              // presence
} QaMessage;

/* False with an error whose text may be shown; `out` then holds nothing. `json` must outlive it. */
bool qa_message_parse(const json_t *json, QaMessage *out, GError **error);
void qa_message_clear(QaMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(QaMessage, qa_message_clear)

/* The ref of a message that may be wrong otherwise, or NULL. Borrowed. */
const char *qa_message_ref(const json_t *json);

/* People's text, fit to be shown beside other text: control characters and line breaks become
 * spaces, runs of spaces one, and what overrides or embeds direction (U+202A-202E, U+2066-2069)
 * goes; the marks that Arabic writing needs stay. NULL with INVALID when nothing visible is left or
 * it is longer than `max` characters. Full ownership. */
char *qa_text_clean(const char *text, size_t max, GError **error);

/* "RUN:N". */
char *qa_cursor_format(const char *run, uint64_t sequence);
bool qa_cursor_parse(const char *cursor, const char *run, uint64_t *out_sequence);

/* How a question is written. `voted` and `mine` concern the one who reads. */
typedef enum {
    QA_WRITE_BY = 1,    // for staff: the asker and the unedited text
    QA_WRITE_MINE = 2,  // "mine": true
    QA_WRITE_VOTED = 4, // "voted": true
    QA_WRITE_ALL = 8,   // also where they are false
} QaWrite;

#define QA_WRITE_FORMS QA_FORMS // of an event: every mix of BY, MINE and VOTED

/* The form of a question for a viewer, without QA_WRITE_ALL. Viewers with the same form share the
 * bytes of an event. */
unsigned qa_write_flags(const QaQuestion *question, const QaViewer *viewer);

/* All of these: full ownership. */
/* A text from the database or the command line, made valid UTF-8 where it is not; NULL gives null.
 */
json_t *qa_write_text(const char *text);
json_t *qa_write_question(const QaQuestion *question, unsigned write);
/* As the viewer sees it, with `mine` and `voted`. */
json_t *qa_write_question_for(const QaQuestion *question, const QaViewer *viewer);
/* Appends the JSON array of all questions that the viewer sees. */
void qa_write_questions(const QaRoom *room, const QaViewer *viewer, GString *out);
/* Takes `data`. */
json_t *qa_write_event(const char *cursor, const char *type, json_t *data);
/* The event of an entry; `tell` is not QA_TELL_NOTHING. */
json_t *qa_write_entry(const char *cursor, const QaEntry *entry, QaTell tell, unsigned write);
/* The votes of every question in the list that the viewer may see; NULL where there are none.
 * `viewer->person` NULL: those that everybody may see. With `voted` says what the viewer chose. */
json_t *qa_write_votes(const GPtrArray *questions, const QaViewer *viewer, bool voted);
/* `ref` nullable; takes `question` (nullable). */
json_t *qa_write_ok(const char *ref, const char *cursor, json_t *question);
json_t *qa_write_error(const char *ref, const GError *error);

/* Text in a shared buffer. */
GBytes *qa_write_bytes(const json_t *json);
