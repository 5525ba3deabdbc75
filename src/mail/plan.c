// SPDX-License-Identifier: GPL-3.0-or-later
// Which mails are due: asked for by staff, of moved or cancelled sessions, before the start.
#include "base/clock.h"
#include "base/id.h"
#include "mail/private.h"

#include <string.h>

#define MESSAGE_ID_LENGTH 20
#define LIVE_LATE_US (15 * MAIL_MINUTE_US) // later the mail would come for the end
#define PUBLISHED_LATE_US (3 * 24 * 60 * MAIL_MINUTE_US)

static bool queue(const Mail *mail, StoreDb *db, const StoreMailTo *to, const char *kind,
                  const char *once, int64_t delay_us, GError **error)
{
    int64_t now_us = base_wall_us();
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    g_autofree char *random = base_id_new(MESSAGE_ID_LENGTH);
    g_autofree char *message_id = g_strdup_printf("%s@%s", random, mail->domain);
    StoreMail row = {.id = id,
                     .kind = (char *)kind,
                     .person = to->person,
                     .session = to->session,
                     .invitation = to->invitation,
                     .question = to->question,
                     .address = to->address,
                     .once = (char *)once,
                     .message_id = message_id,
                     .next_us = now_us + delay_us,
                     .created_us = now_us};
    return store_mail_insert(db, &row, error);
}

bool mail_queue_invitations(const Mail *mail, StoreDb *db, const char *session, GHashTable *ids,
                            bool not_sent, unsigned *out_queued, GError **error)
{
    g_autoptr(GPtrArray) rows = store_mails_to_invite(db, session, error);
    *out_queued = 0;
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreMailTo *to = rows->pdata[i];
        if ((not_sent && to->sent) ||
            (ids != NULL && !g_hash_table_contains(ids, to->invitation))) {
            continue;
        }
        if (!queue(mail, db, to, mail_kind_name(MAIL_INVITATION), NULL, 0, error)) {
            return false;
        }
        ++*out_queued;
    }
    return rows != NULL;
}

/* `last`: ends the key that makes each mail unique. */
static bool queue_all(const Mail *mail, StoreDb *db, const GPtrArray *rows, const char *kind,
                      int64_t (*last)(const StoreMailTo *to), int64_t delay_us, GError **error)
{
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreMailTo *to = rows->pdata[i];
        g_autofree char *once =
            g_strdup_printf("%s/%s/%" G_GINT64_FORMAT, kind,
                            to->question != NULL ? to->question : to->invitation, last(to));
        if (!queue(mail, db, to, kind, once, delay_us, error)) {
            return false;
        }
    }
    return rows != NULL;
}

static int64_t revision_of(const StoreMailTo *to)
{
    return to->revision;
}

static int64_t start_of(const StoreMailTo *to)
{
    return to->starts_us;
}

static int64_t nothing_of(const StoreMailTo *to)
{
    (void)to;
    return 0;
}

static bool is_in(int minutes, const int *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == minutes) {
            return true;
        }
    }
    return false;
}

/* Of the configuration, then of series with a plan of their own. */
static bool plan_reminders(const Mail *mail, StoreDb *db, int64_t now_us, bool *out_more,
                           GError **error)
{
    const int *usual = mail->config.reminders;
    size_t n_usual = mail->config.n_reminders;
    g_autoptr(GArray) planned = store_mails_reminders(db, error);
    for (size_t i = 0; planned != NULL && i < n_usual + planned->len; i++) {
        bool own = i >= n_usual;
        int minutes = own ? g_array_index(planned, int, i - n_usual) : usual[i];
        if (own && is_in(minutes, usual, n_usual)) {
            continue;
        }
        g_autofree char *kind = g_strdup_printf("%s/%d", mail_kind_name(MAIL_REMINDER), minutes);
        g_autoptr(GPtrArray) rows =
            store_mails_to_remind(db, kind, minutes, !own, now_us, MAIL_PLAN_MOST, error);
        if (!queue_all(mail, db, rows, kind, start_of, 0, error)) {
            return false;
        }
        *out_more = *out_more || rows->len == MAIL_PLAN_MOST;
    }
    return planned != NULL;
}

/* What came of a session: it is live, its recording is published. */
static bool plan_follow_ups(const Mail *mail, StoreDb *db, int64_t now_us, bool *out_more,
                            GError **error)
{
    const MailConfig *config = &mail->config;
    const struct {
        bool on;
        MailKind kind;
        int64_t since_us, delay_us;
    } plans[] = {{config->live, MAIL_LIVE, LIVE_LATE_US, 0},
                 {config->answers, MAIL_ANSWER, PUBLISHED_LATE_US, MAIL_CHANGE_DELAY_US},
                 {config->recording, MAIL_RECORDING, PUBLISHED_LATE_US, MAIL_CHANGE_DELAY_US}};
    for (size_t i = 0; i < G_N_ELEMENTS(plans); i++) {
        if (!plans[i].on) {
            continue;
        }
        int64_t since_us = now_us - plans[i].since_us;
        g_autoptr(GPtrArray) rows =
            plans[i].kind == MAIL_LIVE
                ? store_mails_to_tell_live(db, since_us, now_us, MAIL_PLAN_MOST, error)
            : plans[i].kind == MAIL_ANSWER
                ? store_mails_to_tell_answers(db, since_us, MAIL_PLAN_MOST, error)
                : store_mails_to_tell_recordings(db, since_us, config->answers, MAIL_PLAN_MOST,
                                                 error);
        if (!queue_all(mail, db, rows, mail_kind_name(plans[i].kind), nothing_of, plans[i].delay_us,
                       error)) {
            return false;
        }
        *out_more = *out_more || rows->len == MAIL_PLAN_MOST;
    }
    return true;
}

bool mail_plan(const Mail *mail, StoreDb *db, int64_t now_us, bool *out_more, GError **error)
{
    g_autoptr(GPtrArray) changed = store_mails_to_tell_change(db, now_us, MAIL_PLAN_MOST, error);
    if (!queue_all(mail, db, changed, mail_kind_name(MAIL_CHANGE), revision_of,
                   MAIL_CHANGE_DELAY_US, error)) {
        return false;
    }
    g_autoptr(GPtrArray) off = store_mails_to_tell_cancelled(db, now_us, MAIL_PLAN_MOST, error);
    if (!queue_all(mail, db, off, mail_kind_name(MAIL_CANCELLATION), revision_of, 0, error)) {
        return false;
    }
    *out_more = changed->len == MAIL_PLAN_MOST || off->len == MAIL_PLAN_MOST;
    return plan_reminders(mail, db, now_us, out_more, error) &&
           plan_follow_ups(mail, db, now_us, out_more, error);
}

static bool refuse_state(const StoreMail *row, GError **error)
{
    const char *state = store_mail_state_name(row->state);
    return base_refuse(error, BASE_CODE_MAIL_STATE, "act", json_pack("{s:s}", "state", state),
                       "the mail is %s", state);
}

bool mail_retry(StoreDb *db, const char *id, StoreMail **out, GError **error)
{
    g_autoptr(StoreMail) row = store_mail_get(db, id, error);
    if (row == NULL) {
        return false;
    }
    if (row->state != STORE_MAIL_QUEUED && row->state != STORE_MAIL_FAILED &&
        row->state != STORE_MAIL_DOUBT) {
        return refuse_state(row, error);
    }
    row->attempts = row->state == STORE_MAIL_QUEUED ? row->attempts : 0;
    row->state = STORE_MAIL_QUEUED;
    row->next_us = base_wall_us();
    if (!store_mail_update(db, row, error)) {
        return false;
    }
    *out = g_steal_pointer(&row);
    return true;
}

bool mail_cancel(StoreDb *db, const char *id, StoreMail **out, GError **error)
{
    g_autoptr(StoreMail) row = store_mail_get(db, id, error);
    if (row == NULL) {
        return false;
    }
    if (row->state != STORE_MAIL_QUEUED && row->state != STORE_MAIL_FAILED &&
        row->state != STORE_MAIL_DOUBT) {
        return refuse_state(row, error);
    }
    // staff know that one in doubt arrived: its reader is told of changes too
    row->state = row->state == STORE_MAIL_DOUBT ? STORE_MAIL_SENT : STORE_MAIL_CANCELLED;
    g_free(row->reason);
    row->reason = g_strdup("by-staff");
    if (!store_mail_update(db, row, error)) {
        return false;
    }
    *out = g_steal_pointer(&row);
    return true;
}
