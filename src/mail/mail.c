// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that sends the queue.
#include "mail/mail.h"

#include "auth/auth.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/loop.h"
#include "mail/private.h"
#include "mail/smtp.h"

#include <curl/curl.h>
#include <string.h>

#define PLAN_EACH_US MAIL_MINUTE_US
#define IDLE_US (30 * BASE_US_PER_S)
#define STORE_AGAIN_US (2 * BASE_US_PER_S)
#define RELAY_FIRST_US (2 * BASE_US_PER_S) // doubles
#define RELAY_MOST_US (5 * MAIL_MINUTE_US)
#define LATER_FIRST_US MAIL_MINUTE_US // doubles
#define LATER_MOST_US (60 * MAIL_MINUTE_US)
#define GIVE_UP_US (3 * 24 * 60 * MAIL_MINUTE_US)

/* The thread's own. Times by base_clock_us(). */
typedef struct {
    Mail *mail;
    Smtp *smtp;         // nullable
    int64_t planned_us; // 0: not yet
    int64_t paused_until_us, next_send_us;
    unsigned pauses; // without a mail taken since
} Worker;

/* Half to one and a half of it, so that many do not return at once. */
static int64_t jittered(int64_t first_us, int64_t most_us, unsigned doublings)
{
    int64_t delay_us = MIN(first_us << MIN(doublings, 16), most_us);
    uint32_t random;
    base_random(&random, sizeof random);
    return delay_us / 2 + (int64_t)(random % 1024) * delay_us / 1024;
}

/* One turn */

typedef struct {
    const MailTurn *turn;
    SmtpResult result;
    int64_t again_us; // wall clock
    const char *reason;
    const char *error; // nullable
    StoreMail after;   // `turn->row` with the result
} Note;

static void set_state(Note *note)
{
    StoreMail *row = &note->after;
    static const StoreMailState states[] = {
        [SMTP_SENT] = STORE_MAIL_SENT,         [SMTP_REFUSED] = STORE_MAIL_FAILED,
        [SMTP_LATER] = STORE_MAIL_QUEUED,      [SMTP_NO_RELAY] = STORE_MAIL_QUEUED,
        [SMTP_INTERRUPTED] = STORE_MAIL_DOUBT, [SMTP_STOPPED] = STORE_MAIL_QUEUED};
    row->state = states[note->result];
    row->reason = (char *)note->reason;
    row->error = (char *)note->error;
    row->next_us = note->again_us;
    if (note->result == SMTP_NO_RELAY || note->result == SMTP_STOPPED) {
        row->attempts--; // the relay's, not the mail's
    }
    bool old = row->next_us - row->created_us > GIVE_UP_US;
    if (note->result == SMTP_LATER && old) {
        row->state = STORE_MAIL_FAILED;
        row->reason = (char *)"too-old";
    }
}

static bool note_job(StoreDb *db, void *data, GError **error)
{
    Note *note = data;
    note->after = *note->turn->row;
    set_state(note);
    bool kept = note->result == SMTP_SENT || note->result == SMTP_INTERRUPTED;
    if (note->turn->linked && !kept) {
        uint8_t hash[AUTH_HASH_BYTES];
        auth_secret_hash(note->turn->code, hash);
        if (!store_mail_link_delete(db, hash, error)) {
            return false;
        }
    }
    return store_mail_update(db, &note->after, error);
}

/* Until `clock_us`, a wake-up or the end. */
static void wait_until(Mail *mail, int64_t clock_us)
{
    struct timespec until = {.tv_sec = clock_us / BASE_US_PER_S,
                             .tv_nsec = (clock_us % BASE_US_PER_S) * 1000};
    pthread_mutex_lock(&mail->mutex);
    while (!mail->woken && !atomic_load(&mail->stop) &&
           pthread_cond_timedwait(&mail->changed, &mail->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&mail->mutex);
}

/* An unnoted result would be a doubt after the next start: tries until the end. */
static void write_note(Worker *worker, Note *note)
{
    Mail *mail = worker->mail;
    for (;;) {
        g_autoptr(GError) error = NULL;
        if (store_run(mail->store, note_job, note, &error) || atomic_load(&mail->stop) ||
            g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) { // gone with its person
            return;
        }
        g_warning("what became of a mail could not be saved, trying again: %s", error->message);
        g_usleep(STORE_AGAIN_US);
    }
}

static void pause_for(Worker *worker, int64_t delay_us, const char *reason)
{
    Mail *mail = worker->mail;
    if (atomic_exchange(&mail->trouble, reason) != reason) {
        g_warning("the mail relay %s takes no mail (%s); it is tried again by itself, and "
                  "\"majlis check\" says more",
                  mail->config.relay, reason);
    }
    worker->pauses++;
    worker->paused_until_us = base_clock_us() + delay_us;
    g_clear_pointer(&worker->smtp, smtp_free);
}

static void resume(Worker *worker)
{
    worker->pauses = 0;
    if (atomic_exchange(&worker->mail->trouble, NULL) != NULL) {
        g_message("the mail relay takes mail again");
    }
}

static void count(Mail *mail, StoreMailState state)
{
    atomic_fetch_add(&mail->sent, state == STORE_MAIL_SENT);
    atomic_fetch_add(&mail->failed, state == STORE_MAIL_FAILED);
    atomic_fetch_add(&mail->doubted, state == STORE_MAIL_DOUBT);
}

static int64_t between_us(const Mail *mail)
{
    return MAIL_MINUTE_US / (int64_t)mail->config.per_minute;
}

static void send_turn(Worker *worker, const MailTurn *turn)
{
    Mail *mail = worker->mail;
    if (worker->smtp == NULL) {
        worker->smtp = smtp_new(&mail->config, &mail->stop);
    }
    GString *message = mail_letter(turn);
    Note note = {.turn = turn};
    g_autofree char *error = NULL;
    note.result = smtp_send(worker->smtp, turn->row->address, message,
                            turn->linked ? turn->code : NULL, &note.reason, &error);
    explicit_bzero(message->str, message->len);
    g_string_free(message, TRUE);
    bool relay = note.result == SMTP_NO_RELAY;
    int64_t delay_us = relay ? jittered(RELAY_FIRST_US, RELAY_MOST_US, worker->pauses)
                       : note.result == SMTP_LATER ? jittered(LATER_FIRST_US, LATER_MOST_US,
                                                              (unsigned)turn->row->attempts - 1)
                                                   : 0;
    note.again_us = base_wall_us() + delay_us;
    note.error = error;
    write_note(worker, &note);
    count(mail, note.after.state);
    if (relay) {
        pause_for(worker, delay_us, note.reason);
    } else {
        resume(worker);
    }
    worker->next_send_us = base_clock_us() + between_us(mail);
}

/* Returns when to look again. */
static int64_t work(Worker *worker)
{
    Mail *mail = worker->mail;
    int64_t now_us = base_clock_us(), free_us = MAX(worker->paused_until_us, worker->next_send_us);
    if (now_us < free_us) {
        return free_us;
    }
    MailTurn turn = {.mail = mail, .code = auth_secret_new()};
    g_autoptr(GError) error = NULL;
    int64_t again_us = now_us;
    if (!store_run(mail->store, mail_turn_begin, &turn, &error)) {
        g_warning("the queue of mails cannot be read: %s", error->message);
        again_us = now_us + STORE_AGAIN_US;
    } else {
        atomic_store(&mail->queued, (unsigned)turn.queued);
        if (turn.row == NULL) {
            g_clear_pointer(&worker->smtp, smtp_free);
            int64_t in_us = turn.next_us != 0 ? turn.next_us - base_wall_us() : IDLE_US;
            again_us += CLAMP(in_us, 0, IDLE_US);
        } else if (turn.send) {
            send_turn(worker, &turn);
        }
    }
    mail_turn_clear(&turn);
    return again_us;
}

typedef struct {
    const Mail *mail;
    bool more;
} Plan;

static bool plan_job(StoreDb *db, void *data, GError **error)
{
    Plan *plan = data;
    plan->more = false;
    return mail_plan(plan->mail, db, base_wall_us(), &plan->more, error);
}

static void copy_changeable(MailConfig *own, const MailConfig *config)
{
    own->from_name = g_strdup(config->from_name);
    own->reply_to = g_strdup(config->reply_to);
    own->per_minute = config->per_minute;
    own->reminders = g_memdup2(config->reminders, config->n_reminders * sizeof *config->reminders);
    own->n_reminders = config->n_reminders;
    own->live = config->live;
    own->recording = config->recording;
    own->answers = config->answers;
}

static void clear_changeable(MailConfig *config)
{
    g_free((char *)config->from_name);
    g_free((char *)config->reply_to);
    g_free((int *)config->reminders);
}

/* NULL `next` is allowed. */
static void take_next(Mail *mail, MailConfig *next)
{
    if (next != NULL) {
        clear_changeable(&mail->config);
        copy_changeable(&mail->config, next);
        clear_changeable(next);
        g_free(next);
    }
}

static void plan(Worker *worker)
{
    Mail *mail = worker->mail;
    pthread_mutex_lock(&mail->mutex);
    bool woken = mail->woken;
    MailConfig *next = g_steal_pointer(&mail->next);
    mail->woken = false;
    pthread_mutex_unlock(&mail->mutex);
    if (next != NULL) {
        take_next(mail, next);
        worker->next_send_us = MIN(worker->next_send_us, base_clock_us() + between_us(mail));
    }
    if (woken) {
        worker->paused_until_us = 0; // staff ask for it
    }
    int64_t now_us = base_clock_us();
    if (!woken && worker->planned_us != 0 && now_us - worker->planned_us < PLAN_EACH_US) {
        return;
    }
    Plan value = {.mail = mail};
    g_autoptr(GError) error = NULL;
    if (!store_run(mail->store, plan_job, &value, &error)) {
        g_warning("mails about sessions cannot be queued: %s", error->message);
    }
    worker->planned_us = value.more ? 0 : now_us;
}

static void *run(void *data)
{
    Mail *mail = data;
    pthread_setname_np(pthread_self(), "mail");
    Worker worker = {.mail = mail};
    while (!atomic_load(&mail->stop)) {
        plan(&worker);
        wait_until(mail, work(&worker));
    }
    smtp_free(worker.smtp);
    return NULL;
}

/* The object */

static void copy_config(Mail *mail, const MailConfig *config)
{
    MailConfig *own = &mail->config;
    *own = *config;
    own->relay = g_strdup(config->relay);
    own->user = g_strdup(config->user);
    own->password = g_strdup(config->password);
    own->from = g_strdup(config->from);
    own->ca_file = g_strdup(config->ca_file);
    own->public_url = g_strdup(config->public_url);
    copy_changeable(own, config);
    const char *at = strrchr(own->from, '@');
    mail->domain = at != NULL ? at + 1 : "";
}

static void clear_config(MailConfig *config)
{
    g_free((char *)config->relay);
    g_free((char *)config->user);
    mail_wipe((char *)config->password);
    g_free((char *)config->from);
    g_free((char *)config->ca_file);
    g_free((char *)config->public_url);
    clear_changeable(config);
}

static bool doubt_job(StoreDb *db, void *data, GError **error)
{
    return store_mails_doubt(db, data, error);
}

Mail *mail_new(const MailConfig *config, Store *store, GError **error)
{
    int doubted = 0;
    if (!store_run(store, doubt_job, &doubted, error)) {
        return NULL;
    }
    if (doubted > 0) {
        g_warning("the server ended while it sent %d mail(s): staff see on the session's desk "
                  "whose, and whether to send again is theirs to say",
                  doubted);
    }
    Mail *mail = g_new0(Mail, 1);
    mail->store = store;
    atomic_store(&mail->doubted, (uint_fast64_t)doubted);
    copy_config(mail, config);
    pthread_mutex_init(&mail->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&mail->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (mail_is_on(mail)) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        base_thread_start(&mail->thread, run, mail);
        mail->started = true;
    }
    return mail;
}

void mail_configure(Mail *mail, const MailConfig *config)
{
    MailConfig *next = g_new0(MailConfig, 1);
    copy_changeable(next, config);
    if (!mail->started) {
        take_next(mail, next);
        return;
    }
    pthread_mutex_lock(&mail->mutex);
    MailConfig *before = mail->next;
    mail->next = next;
    mail->woken = true;
    pthread_cond_signal(&mail->changed);
    pthread_mutex_unlock(&mail->mutex);
    if (before != NULL) {
        clear_changeable(before);
        g_free(before);
    }
}

void mail_stop(Mail *mail)
{
    if (mail != NULL && mail->started) {
        pthread_mutex_lock(&mail->mutex);
        atomic_store(&mail->stop, true);
        pthread_cond_signal(&mail->changed);
        pthread_mutex_unlock(&mail->mutex);
        pthread_join(mail->thread, NULL);
        curl_global_cleanup();
        mail->started = false;
    }
}

void mail_free(Mail *mail)
{
    if (mail == NULL) {
        return;
    }
    mail_stop(mail);
    pthread_cond_destroy(&mail->changed);
    pthread_mutex_destroy(&mail->mutex);
    take_next(mail, mail->next);
    clear_config(&mail->config);
    g_free(mail);
}

void mail_wake(Mail *mail)
{
    pthread_mutex_lock(&mail->mutex);
    mail->woken = true;
    pthread_cond_signal(&mail->changed);
    pthread_mutex_unlock(&mail->mutex);
}

bool mail_is_on(const Mail *mail)
{
    return mail->config.relay[0] != '\0';
}

void mail_stats(Mail *mail, MailStats *out)
{
    *out = (MailStats){.sent = atomic_load(&mail->sent),
                       .failed = atomic_load(&mail->failed),
                       .doubted = atomic_load(&mail->doubted),
                       .queued = atomic_load(&mail->queued),
                       .trouble = atomic_load(&mail->trouble)};
}
