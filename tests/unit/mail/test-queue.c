// SPDX-License-Identifier: GPL-3.0-or-later
// Which mails are queued, when and for whom; what a kill and a second plan change. No relay, no thread.
#include "auth/auth.h"
#include "base/clock.h"
#include "mail/private.h"
#include "store/people/people.h"

#include <glib/gstdio.h>
#include <string.h>

#define HOUR_US (60 * MAIL_MINUTE_US)

typedef struct {
    char *folder;
    Store *store;
    Mail *mail;
    int64_t starts_us;
} Fixture;

typedef bool (*Step)(StoreDb *db, Fixture *fixture, GError **error);
typedef struct {
    Fixture *fixture;
    Step step;
} Run;

static bool run_job(StoreDb *db, void *data, GError **error)
{
    Run *run = data;
    return run->step(db, run->fixture, error);
}

static void run(Fixture *fixture, Step step)
{
    Run value = {fixture, step};
    g_autoptr(GError) error = NULL;
    bool good = store_run(fixture->store, run_job, &value, &error);
    g_assert_no_error(error);
    g_assert_true(good);
}

static bool add_people(StoreDb *db, Fixture *fixture, GError **error)
{
    StoreSession session = {.id = "s1",
                            .title_ar = "جلسة",
                            .title_en = "Session",
                            .speakers = "[]",
                            .access = "invited",
                            .state = SESSION_SCHEDULED,
                            .starts_us = fixture->starts_us,
                            .duration_minutes = 60};
    bool good = store_session_insert(db, &session, error);
    static const char *const emails[] = {"noura@a.ae", NULL, "ali@a.ae"};
    for (size_t i = 0; i < G_N_ELEMENTS(emails) && good; i++) {
        g_autofree char *person = g_strdup_printf("p%zu", i);
        g_autofree char *id = g_strdup_printf("i%zu", i);
        StorePerson row = {.id = person, .name = "نورة", .email = (char *)emails[i], .role = ""};
        StoreInvitation invitation = {
            .id = id, .person = person, .role = "attendee", .session = "s1"};
        memset(invitation.code_hash, (int)i + 1, sizeof invitation.code_hash);
        good =
            store_person_insert(db, &row, error) && store_invitation_insert(db, &invitation, error);
    }
    return good;
}

static void set_up(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->folder = g_dir_make_tmp("majlis-XXXXXX", NULL);
    fixture->starts_us = base_wall_us() + 100 * HOUR_US;
    g_autofree char *url = g_strdup_printf("sqlite:%s/majlis.db", fixture->folder);
    g_autoptr(GError) error = NULL;
    fixture->store = store_new(url, &error);
    g_assert_no_error(error);
    static const int ahead[] = {24 * 60, 60};
    MailConfig config = {.relay = "",
                         .user = "",
                         .from = "a@m.ae",
                         .from_name = "",
                         .reply_to = "",
                         .ca_file = "",
                         .public_url = "https://m.ae",
                         .per_minute = 60,
                         .reminders = ahead,
                         .n_reminders = G_N_ELEMENTS(ahead),
                         .live = true,
                         .recording = true,
                         .answers = true};
    fixture->mail = mail_new(&config, fixture->store, &error);
    g_assert_no_error(error);
    run(fixture, add_people);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    mail_free(fixture->mail);
    store_free(fixture->store);
    g_autofree char *file = g_build_filename(fixture->folder, "majlis.db", NULL);
    g_unlink(file);
    g_rmdir(fixture->folder);
    g_free(fixture->folder);
}

static unsigned queue(StoreDb *db, Fixture *fixture, const char *const *list, bool not_sent)
{
    g_autoptr(GHashTable) ids = list != NULL ? g_hash_table_new(g_str_hash, g_str_equal) : NULL;
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        g_hash_table_add(ids, (char *)list[i]);
    }
    unsigned queued = 99;
    g_autoptr(GError) error = NULL;
    g_assert_true(mail_queue_invitations(fixture->mail, db, "s1", ids, not_sent, &queued, &error));
    return queued;
}

static void plan(StoreDb *db, Fixture *fixture, int64_t now_us)
{
    bool more;
    g_autoptr(GError) error = NULL;
    g_assert_true(mail_plan(fixture->mail, db, now_us, &more, &error));
    g_assert_false(more);
}

/* "KIND STATE" of all, oldest first. */
static char *list(StoreDb *db)
{
    g_autoptr(GPtrArray) rows = store_mails_list(db, "s1", 0, 100, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = rows->len; i > 0; i--) {
        const StoreMail *row = rows->pdata[i - 1];
        g_string_append_printf(text, "%s%s %s %s", text->len > 0 ? ", " : "", row->kind,
                               row->invitation, store_mail_state_name(row->state));
    }
    return g_strdup(text->str);
}

#define ASSERT_LIST(db, expected)                                                                  \
    do {                                                                                           \
        g_autofree char *listed = list(db);                                                        \
        g_assert_cmpstr(listed, ==, expected);                                                     \
    } while (0)

/* Takes the next one; sets its state to `then`. NULL: none is due. */
static char *take(StoreDb *db, Fixture *fixture, StoreMailState then)
{
    MailTurn turn = {.mail = fixture->mail, .code = auth_secret_new()};
    g_autoptr(GError) error = NULL;
    g_assert_true(mail_turn_begin(db, &turn, &error));
    char *id = turn.row != NULL ? g_strdup(turn.row->id) : NULL;
    if (turn.send) {
        uint8_t hash[AUTH_HASH_BYTES];
        auth_secret_hash(turn.code, hash);
        g_autoptr(StoreInvitation) invitation = store_invitation_by_hash(db, hash, NULL);
        g_assert_true((invitation != NULL) == turn.linked); // the link opens
        turn.row->state = then;
        g_assert_true(store_mail_update(db, turn.row, &error));
    }
    mail_turn_clear(&turn);
    return id;
}

static void take_all(StoreDb *db, Fixture *fixture)
{
    for (char *id = take(db, fixture, STORE_MAIL_SENT); id != NULL;
         id = take(db, fixture, STORE_MAIL_SENT)) {
        g_free(id);
    }
}

static bool move_to(StoreDb *db, int64_t starts_us, SessionState state)
{
    g_autoptr(StoreSession) row = store_session_get(db, "s1", NULL);
    row->starts_us = starts_us;
    row->state = state;
    row->revision++;
    return store_session_update(db, row, NULL);
}

static bool invite_step(StoreDb *db, Fixture *fixture, GError **error)
{
    static const char *const ali[] = {"i2", "i1", "unknown", NULL};
    g_assert_cmpuint(queue(db, fixture, ali, false), ==, 1); // i1 has no address
    g_assert_cmpuint(queue(db, fixture, NULL, true), ==, 1); // i2 is on its way
    g_assert_cmpuint(queue(db, fixture, NULL, false), ==, 0);
    g_free(take(db, fixture, STORE_MAIL_SENDING)); // and a kill
    int doubted;
    g_assert_true(store_mails_doubt(db, &doubted, error));
    g_assert_cmpint(doubted, ==, 1);
    ASSERT_LIST(db, "invitation i2 doubt, invitation i0 queued");
    g_assert_true(store_invitation_revoke(db, "i0", error));
    g_autofree char *id = take(db, fixture, STORE_MAIL_SENT);
    g_autoptr(StoreMail) row = store_mail_get(db, id, error);
    g_assert_cmpstr(row->reason, ==, "withdrawn");
    ASSERT_LIST(db, "invitation i2 doubt, invitation i0 cancelled");
    g_assert_null(take(db, fixture, STORE_MAIL_SENT));
    g_assert_cmpuint(queue(db, fixture, NULL, true), ==, 0); // never again by itself
    return true;
}

static void test_invitations(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, invite_step);
}

static bool change_step(StoreDb *db, Fixture *fixture, GError **error)
{
    int64_t now_us = base_wall_us();
    static const char *const ali[] = {"i2", NULL};
    queue(db, fixture, ali, false);
    take_all(db, fixture);
    plan(db, fixture, now_us);
    ASSERT_LIST(db, "invitation i2 sent");

    move_to(db, fixture->starts_us + HOUR_US, SESSION_SCHEDULED);
    plan(db, fixture, now_us);
    plan(db, fixture, now_us); // once
    ASSERT_LIST(db, "invitation i2 sent, change i2 queued");
    g_assert_null(take(db, fixture, STORE_MAIL_SENT)); // not yet: staff may mend it
    move_to(db, fixture->starts_us, SESSION_SCHEDULED);
    plan(db, fixture, now_us);
    g_autoptr(GPtrArray) rows = store_mails_list(db, "s1", 0, 1, error);
    g_autoptr(StoreMail) retried = NULL;
    g_assert_true(mail_retry(db, ((StoreMail *)rows->pdata[0])->id, &retried, error));
    take_all(db, fixture);
    ASSERT_LIST(db, "invitation i2 sent, change i2 cancelled"); // nothing new after all

    g_assert_false(store_session_delete(db, "s1", NULL)); // people were told of it
    move_to(db, fixture->starts_us, SESSION_CANCELLED);
    plan(db, fixture, now_us);
    plan(db, fixture, now_us);
    g_assert_false(store_session_delete(db, "s1", NULL));
    take_all(db, fixture);
    ASSERT_LIST(db, "invitation i2 sent, change i2 cancelled, cancellation i2 sent");
    g_assert_true(store_session_delete(db, "s1", error));
    return true;
}

static void test_changes(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, change_step);
}

static bool remind_step(StoreDb *db, Fixture *fixture, GError **error)
{
    (void)error;
    static const char *const ali[] = {"i2", NULL};
    queue(db, fixture, ali, false);
    take_all(db, fixture);
    int64_t starts_us = fixture->starts_us;
    plan(db, fixture, starts_us - 25 * HOUR_US);
    plan(db, fixture, starts_us - 11 * HOUR_US); // too late for a day, too early for an hour
    ASSERT_LIST(db, "invitation i2 sent");
    plan(db, fixture, starts_us - 23 * HOUR_US);
    plan(db, fixture, starts_us - 22 * HOUR_US);
    ASSERT_LIST(db, "invitation i2 sent, reminder/1440 i2 queued");
    take_all(db, fixture);
    plan(db, fixture, starts_us - HOUR_US + 1);
    ASSERT_LIST(db, "invitation i2 sent, reminder/1440 i2 sent, reminder/60 i2 queued");
    move_to(db, starts_us + HOUR_US, SESSION_SCHEDULED); // this one speaks of another time
    take_all(db, fixture);
    ASSERT_LIST(db, "invitation i2 sent, reminder/1440 i2 sent, reminder/60 i2 cancelled");
    return true;
}

/* What admins set counts for the next look. */
static bool configured_step(StoreDb *db, Fixture *fixture, GError **error)
{
    static const char *const ali[] = {"i2", NULL};
    static const int ahead[] = {120};
    const MailConfig config = {.from_name = "Office",
                               .reply_to = "office@m.ae",
                               .per_minute = 1,
                               .reminders = ahead,
                               .n_reminders = G_N_ELEMENTS(ahead)};
    mail_configure(fixture->mail, &config);
    queue(db, fixture, ali, false);
    MailTurn turn = {.mail = fixture->mail, .code = auth_secret_new()};
    g_assert_true(mail_turn_begin(db, &turn, error));
    GString *letter = mail_letter(&turn);
    g_assert_nonnull(strstr(letter->str, "From: \"Office\" <a@m.ae>"));
    g_assert_nonnull(strstr(letter->str, "Reply-To: office@m.ae"));
    g_string_free(letter, TRUE);
    turn.row->state = STORE_MAIL_SENT;
    g_assert_true(store_mail_update(db, turn.row, error));
    mail_turn_clear(&turn);
    plan(db, fixture, fixture->starts_us - 23 * HOUR_US);
    ASSERT_LIST(db, "invitation i2 sent");
    plan(db, fixture, fixture->starts_us - 2 * HOUR_US + 1);
    ASSERT_LIST(db, "invitation i2 sent, reminder/120 i2 queued");
    return true;
}

static void test_configured(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, configured_step);
}

/* The session's series plans its own: half an hour before, and not as configured. */
static bool own_plan_step(StoreDb *db, Fixture *fixture, GError **error)
{
    static const char *const ali[] = {"i2", NULL};
    StoreSeries series = {.id = "e1",
                          .name_ar = "",
                          .name_en = "Series",
                          .description_ar = "",
                          .description_en = "",
                          .access = "open",
                          .colour = "",
                          .reminders = "[60,30]"};
    g_assert_true(store_series_insert(db, &series, error));
    g_autoptr(StoreSession) session = store_session_get(db, "s1", error);
    session->series = g_strdup("e1");
    g_assert_true(store_session_update(db, session, error));
    queue(db, fixture, ali, false);
    take_all(db, fixture);
    int64_t starts_us = fixture->starts_us;
    plan(db, fixture, starts_us - 23 * HOUR_US);
    ASSERT_LIST(db, "invitation i2 sent");
    plan(db, fixture, starts_us - HOUR_US + 1); // the configuration has this one too: once
    ASSERT_LIST(db, "invitation i2 sent, reminder/60 i2 queued");
    take_all(db, fixture);
    plan(db, fixture, starts_us - HOUR_US / 2 + 1);
    plan(db, fixture, starts_us - HOUR_US / 2 + 2);
    ASSERT_LIST(db, "invitation i2 sent, reminder/60 i2 sent, reminder/30 i2 queued");
    series.reminders = "[]";
    g_assert_true(store_series_update(db, &series, error));
    take_all(db, fixture);
    move_to(db, starts_us + 24 * HOUR_US, SESSION_SCHEDULED);
    plan(db, fixture, starts_us + HOUR_US);
    g_autofree char *after = list(db);
    g_assert_null(strstr(after, "reminder/1440")); // none at all
    return true;
}

static void test_own_plan(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, own_plan_step);
}

static void test_reminders(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, remind_step);
}

/* Reasons of what is not sent, oldest first. */
static char *reasons(StoreDb *db)
{
    g_autoptr(GPtrArray) rows = store_mails_list(db, "s1", 0, 100, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = rows->len; i > 0; i--) {
        const StoreMail *row = rows->pdata[i - 1];
        if (row->reason != NULL) {
            g_string_append_printf(text, "%s%s %s", text->len > 0 ? ", " : "", row->kind,
                                   row->reason);
        }
    }
    return g_strdup(text->str);
}

static void set_live(StoreDb *db, int64_t live_us, SessionState state)
{
    g_autoptr(StoreSession) row = store_session_get(db, "s1", NULL);
    row->live_us = live_us;
    row->published_us = state == SESSION_PUBLISHED ? live_us : 0;
    row->state = state;
    g_assert_true(store_session_update(db, row, NULL));
}

/* Both are told by mail; then it goes live. */
static bool live_step(StoreDb *db, Fixture *fixture, GError **error)
{
    int64_t now_us = base_wall_us() + HOUR_US;
    queue(db, fixture, NULL, false);
    take_all(db, fixture);
    set_live(db, now_us, SESSION_LOBBY);
    plan(db, fixture, now_us);
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent");
    StoreToken token = {.person = "p0",
                        .role = "attendee",
                        .session = "s1",
                        .created_us = now_us,
                        .expires_us = now_us + HOUR_US};
    g_assert_true(store_token_insert(db, &token, 9, error));
    set_live(db, now_us, SESSION_LIVE);
    plan(db, fixture, now_us + HOUR_US / 2); // too late to join
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent");
    plan(db, fixture, now_us + 1);
    plan(db, fixture, now_us + 2);                                             // once
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent, live i2 queued"); // i0 is there
    token.person = "p2";
    token.hash[0] = 1;
    g_assert_true(store_token_insert(db, &token, 9, error)); // came meanwhile
    take_all(db, fixture);
    g_autofree char *why = reasons(db);
    g_assert_cmpstr(why, ==, "live opened");
    return true;
}

static void test_live(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, live_step);
}

static void add_question(StoreDb *db, const char *id, const char *person, const char *state,
                         const char *into)
{
    StoreQuestion row = {.id = (char *)id,
                         .session = "s1",
                         .person = (char *)person,
                         .text = "لماذا؟",
                         .state = (char *)state,
                         .merged_into = (char *)into,
                         .on_air_us = 5,
                         .answered_us = 6,
                         .media_us = -1};
    g_autoptr(GError) error = NULL;
    g_assert_true(store_question_insert(db, &row, &error));
}

/* Askers are told of their answer, also of a merged question's; the others of the recording. */
static bool published_step(StoreDb *db, Fixture *fixture, GError **error)
{
    int64_t now_us = base_wall_us();
    queue(db, fixture, NULL, false);
    take_all(db, fixture);
    add_question(db, "q1", "p1", "answered", NULL); // without an address
    add_question(db, "q2", "p2", "merged", "q1");
    add_question(db, "q3", "p0", "rejected", NULL);
    set_live(db, now_us, SESSION_ENDED);
    plan(db, fixture, now_us + 1);
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent");
    set_live(db, now_us, SESSION_PUBLISHED);
    plan(db, fixture, now_us + 1);
    plan(db, fixture, now_us + 2);
    ASSERT_LIST(db,
                "invitation i0 sent, invitation i2 sent, answer i2 queued, recording i0 queued");
    g_assert_null(take(db, fixture, STORE_MAIL_SENT)); // staff may have published by mistake
    g_autoptr(GPtrArray) rows = store_mails_list(db, "s1", 0, 2, error);
    for (guint i = 0; i < rows->len; i++) {
        g_autoptr(StoreMail) retried = NULL;
        g_assert_true(mail_retry(db, ((StoreMail *)rows->pdata[i])->id, &retried, error));
    }
    g_assert_true(store_mail_choose(db, "p0", false, now_us, error));
    take_all(db, fixture);
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent, answer i2 sent, recording i0 "
                    "cancelled");
    g_autofree char *why = reasons(db);
    g_assert_cmpstr(why, ==, "recording unsubscribed");
    return true;
}

static void test_published(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, published_step);
}

/* Nobody is told of what was published before the server knew of it, or who is out. */
static bool silent_step(StoreDb *db, Fixture *fixture, GError **error)
{
    int64_t now_us = base_wall_us();
    queue(db, fixture, NULL, false);
    take_all(db, fixture);
    set_live(db, 0, SESSION_PUBLISHED);
    plan(db, fixture, now_us);
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent");
    g_assert_true(store_invitation_revoke(db, "i0", error));
    g_assert_true(store_mail_choose(db, "p2", false, now_us, error));
    set_live(db, now_us, SESSION_PUBLISHED);
    plan(db, fixture, now_us + 1);
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent");
    g_assert_true(store_mail_choose(db, "p2", true, now_us, error));
    plan(db, fixture, now_us + 1);
    ASSERT_LIST(db, "invitation i0 sent, invitation i2 sent, recording i2 queued");
    return true;
}

static void test_silent(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, silent_step);
}

/* What staff wrote is in the mail, of its kind and language alone. */
static bool written_step(StoreDb *db, Fixture *fixture, GError **error)
{
    StoreMailText row = {.kind = "invitation",
                         .lang = "en",
                         .subject = "Come, {name}",
                         .body = "Now: {link}\n",
                         .changed_us = 1};
    g_assert_true(store_mail_text_put(db, &row, error));
    row.kind = "reminder";
    row.subject = "Not this";
    g_assert_true(store_mail_text_put(db, &row, error));
    queue(db, fixture, NULL, false);
    MailTurn turn = {.mail = fixture->mail, .code = auth_secret_new()};
    g_assert_true(mail_turn_begin(db, &turn, error));
    GString *letter = mail_letter(&turn);
    g_autofree char *code = g_strconcat("Now:\r\nhttps://m.ae/en/i/", turn.code, NULL);
    char *at = strstr(letter->str, "Content-Transfer-Encoding: base64\r\n\r\n");
    g_assert_nonnull(at);
    g_auto(GStrv) parts = g_strsplit(strstr(at, "\r\n\r\n") + 4, "\r\n--", 2);
    gsize size;
    g_autofree char *text = (char *)g_base64_decode(parts[0], &size);
    g_assert_nonnull(g_strstr_len(text, (gssize)size, code));
    g_assert_null(g_strstr_len(text, (gssize)size, "Dear"));
    g_assert_nonnull(g_strstr_len(text, (gssize)size, "السلام"));
    g_string_free(letter, TRUE);
    mail_turn_clear(&turn);
    return true;
}

static void test_written(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, written_step);
}

/* Who stopped mails as one of two people gets none as both; an older answer of a calendar counts for
 * nothing. */
static bool merge_step(StoreDb *db, Fixture *fixture, GError **error)
{
    (void)fixture;
    bool reminders, taken;
    g_assert_true(store_mail_choose(db, "p2", true, 1, error));
    g_assert_true(store_mail_choose(db, "p0", false, 2, error));
    g_assert_true(store_mail_choice(db, "p1", &reminders, error));
    g_assert_true(reminders);
    g_assert_true(store_person_merge(db, "p0", "p2", error));
    g_assert_true(store_mail_choice(db, "p2", &reminders, error));
    g_assert_false(reminders);
    g_assert_true(store_plan_answer(db, "s1", "p2", "yes", 5, &taken, error));
    g_assert_true(taken);
    g_assert_true(store_plan_answer(db, "s1", "p2", "no", 5, &taken, error));
    g_assert_false(taken);
    g_autofree char *coming = NULL;
    g_assert_true(store_plan_get(db, "s1", "p2", &coming, error));
    g_assert_cmpstr(coming, ==, "yes");
    return true;
}

static void test_merged(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run(fixture, merge_step);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/mail/queue/invitations", Fixture, NULL, set_up, test_invitations, tear_down);
    g_test_add("/mail/queue/changes", Fixture, NULL, set_up, test_changes, tear_down);
    g_test_add("/mail/queue/reminders", Fixture, NULL, set_up, test_reminders, tear_down);
    g_test_add("/mail/queue/live", Fixture, NULL, set_up, test_live, tear_down);
    g_test_add("/mail/queue/published", Fixture, NULL, set_up, test_published, tear_down);
    g_test_add("/mail/queue/silent", Fixture, NULL, set_up, test_silent, tear_down);
    g_test_add("/mail/queue/written", Fixture, NULL, set_up, test_written, tear_down);
    g_test_add("/mail/queue/merged", Fixture, NULL, set_up, test_merged, tear_down);
    g_test_add("/mail/queue/configured", Fixture, NULL, set_up, test_configured, tear_down);
    g_test_add("/mail/queue/own-plan", Fixture, NULL, set_up, test_own_plan, tear_down);
    return g_test_run();
}
