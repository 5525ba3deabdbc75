// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the files of mail share.

#include "mail/mail.h"

#include <pthread.h>
#include <stdatomic.h>

#define MAIL_MINUTE_US INT64_C(60000000)
#define MAIL_CHANGE_DELAY_US (30 * INT64_C(1000000)) // staff who mistyped a time can mend it
#define MAIL_PLAN_MOST 200                           // rows at once

struct Mail {
    Store *store;
    // owned copies; what mail_configure() replaces belongs to the mail thread and the jobs it waits for
    MailConfig config;
    const char *domain;
    pthread_t thread;
    bool started;

    // any thread
    atomic_bool stop;
    atomic_uint_fast64_t sent, failed, doubted;
    atomic_uint queued;
    _Atomic(const char *) trouble;
    pthread_mutex_t mutex;
    pthread_cond_t changed; // CLOCK_MONOTONIC
    bool woken;             // under `mutex`
    MailConfig *next;       // under `mutex`, nullable: for the mail thread to take
};

/* Store jobs. Queues what sessions and time ask for: changes, cancellations, reminders. `*out_more`: not
 * all. */
bool mail_plan(const Mail *mail, StoreDb *db, int64_t now_us, bool *out_more, GError **error);

/* One mail on its way. */
typedef struct {
    const Mail *mail;
    char *code;     // of its link; unused if it has none
    StoreMail *row; // NULL: none is due
    bool send;      // false: `row` was cancelled
    StoreSession *session;
    StoreSeries *series; // nullable
    StorePerson *person;
    char *role;
    char *question, *answered; // of MAIL_ANSWER: its text, and whose moment answers it; nullable
    GPtrArray *edited;         // StoreMailText
    bool linked;
    int64_t queued, next_us;
} MailTurn;

/* Takes the next due one, as being sent. May run again. */
bool mail_turn_begin(StoreDb *db, void *turn, GError **error);
void mail_turn_clear(MailTurn *turn);

/* The mail as it is sent. Any thread. */
GString *mail_letter(const MailTurn *turn);
