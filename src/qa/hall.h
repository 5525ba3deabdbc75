// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who is in a session now, and telling them: each event is written once for each form that is
// needed and its bytes are shared. Main thread.

#include "qa/desk.h"
#include "qa/hub.h"

#define QA_VOTES_EVERY_MS 250
#define QA_PRESENCE_EVERY_MS 2000
#define QA_CLOCK_EVERY_MS 10000
#define QA_MAX_MISSED 200 // questions told one by one after a gap; more: a snapshot

typedef struct QaHall QaHall;

/* A socket, seen from main. */
typedef struct {
    uint64_t socket;
    AuthIdentity *who; // owned
    uint8_t sign_in[AUTH_HASH_BYTES];
    QaHall *hall;      // that it joined; NULL: none
    bool present;      // the room is loaded and its snapshot was sent
    bool counted;      // was told how many are present
    bool revoked;      // being closed: nothing that it says counts
    bool moderates, presents;
    QaVia via;
    unsigned joins; // tells the last join from those before
} QaClient;

/* `session` as of QaEvents, for the forms that differ. Borrows all. Full ownership. */
QaHall *qa_hall_new(QaDesk *desk, QaHub *hub, const char *run, const QaEvents *events);
void qa_hall_free(QaHall *hall); // NULL is allowed; nobody is inside any more

QaDesk *qa_hall_desk(const QaHall *hall);
unsigned qa_hall_present(const QaHall *hall); // people, not sockets

/* The room is loaded. Sends the snapshot, or what was missed since `since` (nullable), and then the
 * clock and what else a newcomer needs. */
void qa_hall_enter(QaHall *hall, QaClient *client, const char *since);
void qa_hall_leave(QaHall *hall, QaClient *client);

void qa_hall_tell_entries(QaHall *hall, uint64_t from, uint64_t asking, const char *question);
/* Starts the timer of the totals; the voter's other sockets hear of the vote at once. */
void qa_hall_tell_vote(QaHall *hall, uint64_t asking, const char *question, const char *voter);
void qa_hall_tell_message(QaHall *hall, const char *text, const AuthIdentity *from);
void qa_hall_tell_session(QaHall *hall);
/* To those for whom it changed. Called on the timer only: at most each 2 s. */
void qa_hall_tell_presence(QaHall *hall);
void qa_hall_tell_clock(QaHall *hall);

/* The JSON to one socket. Takes `json`. */
void qa_hall_send(QaHub *hub, uint64_t socket, json_t *json);
