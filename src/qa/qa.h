// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Questions and answers, live: the rooms (one per session, main thread, the only question state
// machine), their messages, and the websocket hub (libwebsockets on the http thread's context).
// Main thread, except where it says otherwise. Every change is committed before anybody is told.
//
// One question is on air at a time: the next one answers it (room.h has the whole machine). What a
// client must know beyond the contract: the socket that asked for a change hears of it by its `ok`
// (which has the question and a cursor), all others by the event; "added" and "changed" mean "it is so
// now", "removed" of an unknown question nothing; a cursor belongs to one session and one person; after
// a gap come the questions that changed, then all votes, then session.state.

#include "auth/auth.h"
#include "base/json.h"
#include "store/store.h"

#include <glib.h>

#define QA_MAX_MESSAGE_BYTES 8192
#define QA_MAX_QUESTION_CHARACTERS 300
#define QA_MAX_MESSAGES_PER_S 5 // of a person, over all of the person's sockets
#define QA_MODERATOR_FACTOR 4   // a moderator's
#define QA_MAX_SOCKETS 4000
#define QA_MAX_SOCKETS_PER_PERSON 20

typedef struct Qa Qa;

typedef struct {
    /* The session as the API shows it to `who` (full ownership), or NULL: no such session. */
    json_t *(*session)(void *data, const char *session, const AuthIdentity *who);
    /* Fills `out` for auth_may(), its texts live until the next call, and whether questions are
     * closed. False: no such session. */
    bool (*object)(void *data, const char *session, AuthObject *out, bool *out_over);
    /* The session's timeline now in microseconds, or -1 while there is no media. */
    int64_t (*media_now)(void *data, const char *session);
    /* Nullable. Which questions are answered changed, or one of them did, and it is committed:
     * store_questions_answered() has them. */
    void (*answered)(void *data, const char *session);
    void *data;
} QaEvents;

typedef struct {
    Store *store;
    AuthTokens *tokens;           // outlives it
    GMainContext *socket_context; // where sockets are adopted and served: the http thread's
    const char *run;              // names this run of the server in cursors
} QaConfig;

/* Full ownership. */
Qa *qa_new(const QaConfig *config, const QaEvents *events, GError **error);

/* Http thread (the thread that iterates socket_context): closes every socket (1001). Call before
 * qa_free(), which runs on main. */
void qa_close_sockets(Qa *qa);
void qa_free(Qa *qa);

/* Http thread. Whether qa_adopt() would take one more socket of this person. */
bool qa_has_room(const Qa *qa, const AuthIdentity *who);

/* Http thread. Takes over an accepted TCP socket whose HTTP upgrade request (request line and
 * headers, ending in an empty line) was already read into `head`; its Origin was checked. Owns `fd`
 * from here on, whatever happens. Takes a reference to `who`, whose sign-in has the hash `sign_in`:
 * the socket lasts no longer than that. */
void qa_adopt(Qa *qa, int fd, const char *head, size_t head_size, AuthIdentity *who,
              const uint8_t sign_in[AUTH_HASH_BYTES]);

/* One operation, the same for the websocket and for the API's POST, PATCH, PUT and DELETE: `message`
 * is a client message of the contract ("op" ask, vote, withdraw, moderate, message; borrowed).
 * `func` is called exactly once on main with the "ok" or "error" message (borrowed). */
typedef void (*QaReply)(void *data, const json_t *reply);
void qa_request(Qa *qa, const char *session, AuthIdentity *who, const json_t *message, QaReply func,
                void *data);

/* The questions that `who` sees: a JSON array (borrowed), or NULL where the store failed or `who`
 * may not see the session. The room is loaded first, so `func` may come later. */
typedef void (*QaList)(void *data, const char *questions);
void qa_list(Qa *qa, const char *session, AuthIdentity *who, QaList func, void *data);

/* The session a question belongs to, borrowed, or NULL where no loaded room has it. The rooms of all
 * sessions that are neither published nor cancelled are loaded soon after the start. */
const char *qa_question_session(const Qa *qa, const char *question);

/* Tells everybody in the room: event session.state with the session as each may see it. */
void qa_session_changed(Qa *qa, const char *session);

/* Sign-ins were removed from the tokens: their sockets close (4401). */
void qa_sign_ins_ended(Qa *qa);

/* People with a socket in the room now. */
unsigned qa_present(const Qa *qa, const char *session);
