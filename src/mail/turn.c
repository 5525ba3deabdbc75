// SPDX-License-Identifier: GPL-3.0-or-later
// Takes the next mail of the queue that still has something to say.
#include "auth/auth.h"
#include "base/clock.h"
#include "base/text.h"
#include "mail/private.h"

#include <string.h>

static void clear_rows(MailTurn *turn)
{
    g_clear_pointer(&turn->row, store_mail_free);
    g_clear_pointer(&turn->session, store_session_free);
    g_clear_pointer(&turn->series, store_series_free);
    g_clear_pointer(&turn->person, store_person_free);
    g_clear_pointer(&turn->role, g_free);
    g_clear_pointer(&turn->question, g_free);
    g_clear_pointer(&turn->answered, g_free);
    g_clear_pointer(&turn->edited, g_ptr_array_unref);
    turn->send = turn->linked = false;
}

void mail_turn_clear(MailTurn *turn)
{
    clear_rows(turn);
    mail_wipe(g_steal_pointer(&turn->code));
}

static const char *why_not_reminder(const MailTurn *turn)
{
    const StoreSession *session = turn->session;
    g_autofree char *start = g_strdup_printf("/%" G_GINT64_FORMAT, session->starts_us);
    bool same = turn->row->once != NULL && g_str_has_suffix(turn->row->once, start);
    return !same ? "unchanged" : session->starts_us < base_wall_us() ? "over" : NULL;
}

static const char *why_not_change(StoreDb *db, const MailTurn *turn, GError **error)
{
    const StoreSession *session = turn->session;
    int64_t told_us, told_minutes;
    bool told = store_mail_told(db, turn->row->invitation, &told_us, &told_minutes, error);
    return told && told_us == session->starts_us && told_minutes == session->duration_minutes
               ? "unchanged"
               : NULL;
}

static const char *why_not_live(StoreDb *db, const MailTurn *turn, GError **error)
{
    bool opened;
    if (turn->session->state != SESSION_LIVE && turn->session->state != SESSION_PAUSED) {
        return "over";
    }
    return store_mail_opened(db, turn->session->id, turn->person->id, base_wall_us(), &opened,
                             error) &&
                   opened
               ? "opened"
               : NULL;
}

static const char *why_not_recording(const MailTurn *turn, MailKind kind)
{
    const StoreSession *session = turn->session;
    if (session->state != SESSION_PUBLISHED || session->deleted_us != 0) {
        return "over";
    }
    return kind == MAIL_ANSWER && turn->question == NULL ? "unchanged" : NULL;
}

static const char *why_not_kind(StoreDb *db, const MailTurn *turn, MailKind kind, GError **error)
{
    SessionState state = turn->session->state;
    bool over = state == SESSION_CANCELLED || state == SESSION_ENDED || state == SESSION_PUBLISHED;
    switch (kind) {
    case MAIL_CANCELLATION:
        return state == SESSION_CANCELLED ? NULL : "unchanged";
    case MAIL_LIVE:
        return why_not_live(db, turn, error);
    case MAIL_RECORDING:
    case MAIL_ANSWER:
        return why_not_recording(turn, kind);
    case MAIL_REMINDER:
        return over ? "over" : why_not_reminder(turn);
    case MAIL_CHANGE:
        return over ? "over" : why_not_change(db, turn, error);
    default:
        return over ? "over" : NULL;
    }
}

/* NULL: is wanted. */
static const char *why_not(StoreDb *db, const MailTurn *turn, const StoreInvitation *invitation,
                           GError **error)
{
    MailKind kind = MAIL_INVITATION;
    mail_kind_parse(turn->row->kind, &kind);
    if (invitation == NULL || invitation->revoked || turn->person->disabled) {
        return "withdrawn";
    }
    if (turn->person->email == NULL || !base_text_is_address(turn->person->email)) {
        return "no-address";
    }
    bool reminders = true;
    if (mail_kind_stops(kind) && store_mail_choice(db, turn->person->id, &reminders, error) &&
        !reminders) {
        return "unsubscribed";
    }
    return why_not_kind(db, turn, kind, error);
}

/* The reader's question, if it is answered: itself, or merged. */
static bool load_question(StoreDb *db, MailTurn *turn, GError **error)
{
    g_autoptr(StoreQuestion) row = NULL;
    if (turn->row->question != NULL &&
        (row = store_question_get(db, turn->row->question, error)) == NULL) {
        return false;
    }
    g_autoptr(StoreQuestion) target = NULL;
    if (row != NULL && row->merged_into != NULL &&
        (target = store_question_get(db, row->merged_into, error)) == NULL) {
        return false;
    }
    const StoreQuestion *answered = target != NULL ? target : row;
    if (answered != NULL && strcmp(answered->state, "answered") == 0) {
        turn->question = g_strdup(row->text);
        turn->answered = answered->on_air_us >= 0 ? g_strdup(answered->id) : NULL;
    }
    return true;
}

static bool load(StoreDb *db, MailTurn *turn, StoreInvitation **out, GError **error)
{
    turn->session = store_session_get(db, turn->row->session, error);
    if (turn->session != NULL && turn->session->series != NULL) {
        turn->series = store_series_get(db, turn->session->series, NULL);
    }
    turn->person = turn->session != NULL ? store_person_get(db, turn->row->person, error) : NULL;
    *out = turn->person != NULL && turn->row->invitation != NULL
               ? store_invitation_get(db, turn->row->invitation, error)
               : NULL;
    turn->edited = turn->person != NULL ? store_mail_texts(db, error) : NULL;
    return turn->edited != NULL && (turn->row->invitation == NULL || *out != NULL) &&
           load_question(db, turn, error);
}

/* Notes it as being sent, with its link's hash. */
static bool take(StoreDb *db, MailTurn *turn, const StoreInvitation *invitation, GError **error)
{
    StoreMail *row = turn->row;
    row->state = STORE_MAIL_SENDING;
    row->attempts++;
    row->told_us = turn->session->starts_us;
    row->told_minutes = turn->session->duration_minutes;
    row->sent_us = base_wall_us();
    g_free(row->address);
    row->address = g_strdup(turn->person->email);
    g_clear_pointer(&row->reason, g_free);
    g_clear_pointer(&row->error, g_free);
    turn->role = g_strdup(invitation->role);
    turn->send = true;
    turn->linked = strcmp(row->kind, mail_kind_name(MAIL_CANCELLATION)) != 0;
    if (turn->linked) {
        uint8_t hash[AUTH_HASH_BYTES];
        auth_secret_hash(turn->code, hash);
        if (!store_mail_link_insert(db, hash, row, error)) {
            return false;
        }
    }
    return store_mail_update(db, row, error);
}

bool mail_turn_begin(StoreDb *db, void *data, GError **error)
{
    MailTurn *turn = data;
    clear_rows(turn);
    if (!store_mail_queue(db, &turn->queued, &turn->next_us, error) ||
        !store_mail_due(db, base_wall_us(), &turn->row, error)) {
        return false;
    }
    if (turn->row == NULL) {
        return true;
    }
    g_autoptr(StoreInvitation) invitation = NULL;
    if (!load(db, turn, &invitation, error)) {
        return false;
    }
    g_autoptr(GError) failed = NULL;
    const char *reason = why_not(db, turn, invitation, &failed);
    if (failed != NULL) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    if (reason == NULL) {
        return take(db, turn, invitation, error);
    }
    turn->row->state = STORE_MAIL_CANCELLED;
    g_free(turn->row->reason);
    turn->row->reason = g_strdup(reason);
    return store_mail_update(db, turn->row, error);
}
