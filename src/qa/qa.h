// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Live questions and answers of all sessions, and the websocket hub. Changes are committed before
// told. Main thread, unless stated. Messages: api/ws.schema.json.
//
// "added" and "changed" tell the present state. After a gap come changed questions, all votes,
// session.state. Moderators undo any act, presenters their own.

#include "auth/auth.h"
#include "base/histogram.h"
#include "base/json.h"
#include "store/store.h"

#include <glib.h>

#define QA_MAX_MESSAGE_BYTES 8192
#define QA_MAX_QUESTION_CHARACTERS 300
#define QA_MAX_MESSAGES_PER_S 5 // of a person, all sockets together
#define QA_MODERATOR_FACTOR 4   // for moderators
#define QA_MAX_SOCKETS 4000
#define QA_MAX_SOCKETS_PER_PERSON 20
#define QA_KEEP_US (INT64_C(600) * 1000000) // repeated requests are recognised so long

typedef struct Qa Qa;

typedef struct {
    AuthObject object; // texts live until the next call
    const char *state; // likewise
    bool over;
    bool shows_names; // to all
} QaSessionInfo;

typedef struct {
    /* False: no such session. Must be cheap. */
    bool (*session_info)(void *data, const char *session, QaSessionInfo *out);
    /* The API's object, for snapshots and events; NULL: no such session. Full ownership. */
    json_t *(*session_json)(void *data, const char *session, const AuthIdentity *who);
    /* The timeline now in microseconds; -1: no media. */
    int64_t (*media_now)(void *data, const char *session);
    /* Its alarm, nullable, for presenters and moderators. */
    const char *(*sound)(void *data, const char *session);
    /* Nullable. store_questions_answered() changed. */
    void (*answered)(void *data, const char *session);
    /* Nullable. store_question_on_air() changed. */
    void (*on_air)(void *data, const char *session);
    void *data;
} QaEvents;

typedef struct {
    Store *store;
    AuthTokens *tokens;           // outlives it
    GMainContext *socket_context; // of the first http thread
    const char *run;              // of the server, in cursors
} QaConfig;

Qa *qa_new(const QaConfig *config, const QaEvents *events, GError **error);

/* Socket thread. Closes all sockets (1001), before qa_free(). */
void qa_close_sockets(Qa *qa);
void qa_free(Qa *qa);

/* Any thread. For one more socket. */
bool qa_has_room(Qa *qa, const AuthIdentity *who);

/* Socket thread. Takes `fd`, even on failure; its upgrade request `head` was read, with Origin
 * checked. References `who`. Ends with the sign-in of hash `sign_in`. */
void qa_adopt(Qa *qa, int fd, const char *head, size_t head_size, AuthIdentity *who,
              const uint8_t sign_in[AUTH_HASH_BYTES]);

/* Any client message but join and presence (borrowed). Calls `func` once, with "ok" or "error"
 * (borrowed). */
typedef void (*QaReply)(void *data, const json_t *reply);
void qa_request(Qa *qa, const char *session, AuthIdentity *who, const json_t *message, QaReply func,
                void *data);

/* `questions`: a JSON array (borrowed); NULL: failed or denied. May be called later. */
typedef void (*QaList)(void *data, const char *questions);
void qa_list(Qa *qa, const char *session, AuthIdentity *who, QaList func, void *data);

/* Frees questions of sessions that nobody used for QA_KEEP_US before `now_us` (monotonic); the next
 * use loads them again. Called every second; for tests. */
void qa_release_idle(Qa *qa, int64_t now_us);

/* Sends session.state, and snapshots if names appear or vanish. Closes sockets without a right
 * (4403). */
void qa_session_changed(Qa *qa, const char *session);

/* Closes sockets without a valid sign-in (4401); the others get its name and rights. */
void qa_sign_ins_ended(Qa *qa);

/* Rows of the person (NULL: of people) were committed: sessions that know the person read their
 * questions again and send snapshots. `ended`: the sign-ins ended; refuses the person's waiting
 * requests. */
void qa_person_changed(Qa *qa, const char *person, bool ended);

typedef struct {
    unsigned sockets;
    uint64_t queued_bytes;                     // for sockets that read slowly, without snapshots
    uint64_t slow_closes;                      // sockets closed for that
    uint64_t received;                         // messages
    uint64_t questions, votes, others, failed; // committed changes; failed ones
    BaseHistogramValues commit;
    BaseHistogramValues whep_delay, hls_delay; // from capture to the screen, as pages tell
} QaStats;

void qa_stats(const Qa *qa, QaStats *out);

/* People with a socket. */
unsigned qa_present(const Qa *qa, const char *session);
