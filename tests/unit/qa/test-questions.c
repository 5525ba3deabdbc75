// SPDX-License-Identifier: GPL-3.0-or-later
// The questions of a session: who may do what to a question, who sees it, and that what is told of it, live or
// after a gap, always adds up to what a fresh snapshot would show.
#include "qa/message.h"
#include "qa/qa.h"
#include "qa/questions.h"

#include "../long.h"

#include <string.h>

static const QaActor asker = {.person = "a", .name = "Aisha", .entity = "Health", .asks = true};
static const QaActor other = {.person = "b", .name = "Badr", .asks = true};
static const QaActor moderator = {
    .person = "m", .name = "Mona", .asks = true, .moderates = true, .presents = true};
static const QaActor presenter = {.person = "p", .name = "Paul", .presents = true};
static const QaViewer sees_a = {.person = "a"}, sees_b = {.person = "b"},
                      sees_m = {.person = "m", .moderates = true};

/* Applies, and gives the id of the question that it was about. */
static char *make(QaQuestions *questions, QaChange *change)
{
    g_assert_nonnull(change);
    qa_questions_apply(questions, change);
    char *id = g_strdup(change->question);
    qa_change_free(change);
    return id;
}

static char *ask(QaQuestions *questions, const QaActor *actor, const char *text)
{
    return make(questions, qa_questions_ask(questions, actor, NULL, text, true, 1, 5000, NULL));
}

static QaChange *order(QaQuestions *questions, const QaActor *actor, const char *question,
                       QaState to, int64_t media_us, GError **error)
{
    QaModeration moderation = {.question = question, .has_to = true, .to = to, .starred = -1};
    return qa_questions_moderate(questions, actor, &moderation, media_us, error);
}

static void moderate(QaQuestions *questions, const char *question, QaState to)
{
    g_free(make(questions, order(questions, &moderator, question, to, 7000, NULL)));
}

static void refuse(QaQuestions *questions, const QaActor *actor, const char *question, QaState to,
                   int code)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(order(questions, actor, question, to, 0, &error));
    g_assert_error(error, BASE_ERROR, code);
}

static void vote(QaQuestions *questions, const QaActor *actor, const char *question, bool on)
{
    g_free(make(questions, qa_questions_vote(questions, actor, question, on, NULL)));
}

static unsigned votes(QaQuestions *questions, const char *question)
{
    return g_hash_table_size(qa_questions_find(questions, question, NULL)->voters);
}

static QaState state(QaQuestions *questions, const char *question)
{
    return qa_questions_find(questions, question, NULL)->state;
}

static void test_visibility(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *id = ask(questions, &asker, "Why?");
    g_assert_nonnull(qa_questions_find(questions, id, &sees_a));
    g_assert_nonnull(qa_questions_find(questions, id, &sees_m));
    g_assert_null(qa_questions_find(questions, id, &sees_b));
    const QaEntry *entry = qa_questions_entry(questions, 1);
    g_assert_cmpint(qa_entry_tell(entry, &sees_b), ==, QA_TELL_NOTHING);
    g_assert_cmpint(qa_entry_tell(entry, &sees_m), ==, QA_TELL_ADDED);
    moderate(questions, id, QA_APPROVED);
    entry = qa_questions_entry(questions, 2);
    g_assert_cmpint(qa_entry_tell(entry, &sees_a), ==, QA_TELL_CHANGED);
    g_assert_cmpint(qa_entry_tell(entry, &sees_b), ==, QA_TELL_ADDED);
    moderate(questions, id, QA_REJECTED);
    entry = qa_questions_entry(questions, 3);
    g_assert_cmpint(qa_entry_tell(entry, &sees_b), ==, QA_TELL_REMOVED);
    g_assert_cmpint(qa_entry_tell(entry, &sees_a), ==, QA_TELL_CHANGED);
    /* The form for others names nobody; the one for staff does, even of an anonymous question. */
    g_autoptr(json_t) peers = qa_write_question_for(entry->question, &sees_b);
    g_autoptr(json_t) staff = qa_write_question_for(entry->question, &sees_m);
    g_assert_null(json_object_get(peers, "by"));
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(staff, "by"), "name")), ==,
                    "Aisha");
    g_autoptr(json_t) removed = qa_write_entry("r:3", entry, QA_TELL_REMOVED, 0);
    g_assert_cmpuint(json_object_size(json_object_get(removed, "data")), ==, 1);
}

static json_t *by_of(const QaQuestion *question, const QaViewer *viewer)
{
    g_autoptr(json_t) json = qa_write_question_for(question, viewer);
    return json_incref(json_object_get(json, "by"));
}

static const QaQuestion *ask_named(QaQuestions *questions, bool anonymous)
{
    g_autofree char *id =
        make(questions, qa_questions_ask(questions, &asker, NULL, "Why?", anonymous, 1, 2, NULL));
    moderate(questions, id, QA_APPROVED);
    return qa_questions_find(questions, id, NULL);
}

/* Others read a name only where the session shows names, showed them when it was asked, and the
 * asker did not hide it. */
static void test_names(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    const QaQuestion *before = ask_named(questions, false);
    uint64_t cursor = qa_questions_sequence(questions);
    g_assert_true(qa_questions_show_names(questions, true));
    g_assert_false(qa_questions_show_names(questions, true));
    g_assert_null(qa_questions_missed(questions, cursor)); // its questions stand otherwise now
    const QaQuestion *open = ask_named(questions, false), *hidden = ask_named(questions, true);
    const QaViewer *others[] = {&sees_a, &sees_b, &(QaViewer){.person = "p"}};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(json_t) by = by_of(open, others[i]);
        g_assert_cmpuint(json_object_size(by), ==, 2); // no id of a person
        g_assert_cmpstr(json_string_value(json_object_get(by, "name")), ==, "Aisha");
        g_assert_cmpstr(json_string_value(json_object_get(by, "entity")), ==, "Health");
        g_assert_null(by_of(hidden, others[i]));
        g_assert_null(by_of(before, others[i]));
    }
    g_autoptr(json_t) staff = by_of(hidden, &sees_m);
    g_assert_true(json_is_true(json_object_get(staff, "anonymous")));
    g_assert_true(json_is_false(json_object_get(staff, "named")));
    qa_questions_show_names(questions, false);
    g_assert_null(by_of(open, &sees_b));
    g_autoptr(GString) list = g_string_new(NULL);
    qa_write_questions(questions, &sees_b, list);
    g_assert_null(strstr(list->str, "Aisha"));
}

static void test_rights(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *id = ask(questions, &asker, "Why?");
    refuse(questions, &other, id, QA_APPROVED, BASE_ERROR_DENIED);
    refuse(questions, &asker, id, QA_APPROVED, BASE_ERROR_DENIED);
    refuse(questions, &presenter, id, QA_ON_AIR, BASE_ERROR_NOT_FOUND); // not public: not there
    refuse(questions, &moderator, id, QA_ON_AIR, BASE_ERROR_CONFLICT);
    refuse(questions, &moderator, id, QA_WITHDRAWN, BASE_ERROR_DENIED);
    moderate(questions, id, QA_APPROVED);
    refuse(questions, &presenter, id, QA_REJECTED, BASE_ERROR_DENIED);
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_questions_withdraw(questions, &moderator, id, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
    g_clear_error(&error);
    g_assert_null(qa_questions_ask(questions, &presenter, NULL, "x", false, 0, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
    g_clear_error(&error);
    QaModeration edit = {.question = id, .text = "Mine now", .starred = -1};
    g_assert_null(qa_questions_moderate(questions, &presenter, &edit, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
    g_free(make(questions, order(questions, &presenter, id, QA_ON_AIR, 1, NULL)));
    g_assert_cmpint(state(questions, id), ==, QA_ON_AIR);
    g_autofree char *second = ask(questions, &asker, "And?");
    g_free(make(questions, qa_questions_withdraw(questions, &asker, second, NULL)));
    refuse(questions, &moderator, second, QA_PENDING, BASE_ERROR_CONFLICT); // final
}

static void test_on_air(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *one = ask(questions, &asker, "One"), *two = ask(questions, &other, "Two");
    moderate(questions, one, QA_APPROVED);
    moderate(questions, two, QA_APPROVED);
    g_free(make(questions, order(questions, &presenter, one, QA_ON_AIR, 10000, NULL)));
    g_free(make(questions, order(questions, &presenter, two, QA_ON_AIR, 20000, NULL)));
    g_assert_cmpint(state(questions, one), ==, QA_ANSWERED); // one at a time
    const StoreQuestion *row = qa_questions_find(questions, one, NULL)->row;
    g_assert_cmpint(row->on_air_us, ==, 10000);
    g_assert_cmpint(row->answered_us, ==, 20000);
    /* The undo of "next": the first goes on as if it had not been left. */
    g_free(make(questions, order(questions, &presenter, one, QA_ON_AIR, 21000, NULL)));
    row = qa_questions_find(questions, one, NULL)->row;
    g_assert_cmpint(row->on_air_us, ==, 10000);
    g_assert_cmpint(row->answered_us, ==, -1);
    g_assert_cmpint(state(questions, two), ==, QA_APPROVED);
    g_assert_cmpint(qa_questions_find(questions, two, NULL)->row->on_air_us, ==, -1);
    /* Saying it again changes nothing and is no error. */
    uint64_t sequence = qa_questions_sequence(questions);
    g_free(make(questions, order(questions, &presenter, one, QA_ON_AIR, 22000, NULL)));
    g_assert_cmpuint(qa_questions_sequence(questions), ==, sequence);
}

static void test_merge(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *one = ask(questions, &asker, "One"), *two = ask(questions, &other, "Two");
    moderate(questions, one, QA_APPROVED);
    moderate(questions, two, QA_APPROVED);
    vote(questions, &asker, one, true);
    vote(questions, &other, one, true);
    vote(questions, &asker, two, true);
    QaModeration merge = {
        .question = one, .has_to = true, .to = QA_MERGED, .merge_into = one, .starred = -1};
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_questions_moderate(questions, &moderator, &merge, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    merge.merge_into = two;
    g_free(make(questions, qa_questions_moderate(questions, &moderator, &merge, 0, NULL)));
    g_assert_cmpuint(votes(questions, two), ==, 2); // a voted for both and counts once
    g_assert_cmpstr(qa_questions_find(questions, one, NULL)->row->merged_into, ==, two);
    g_assert_null(qa_questions_find(questions, one, &sees_b));
    refuse(questions, &moderator, one, QA_APPROVED,
           BASE_ERROR_CONFLICT); // taking it out approves nothing
    moderate(questions, one, QA_PENDING);
    g_assert_cmpuint(votes(questions, one), ==, 2);
    g_assert_cmpuint(votes(questions, two), ==, 1);
    g_assert_null(qa_questions_find(questions, one, NULL)->row->merged_into);
}

static void test_votes(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *id = ask(questions, &asker, "Why?");
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_questions_vote(questions, &other, id, true, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND); // not even that it exists
    moderate(questions, id, QA_APPROVED);
    vote(questions, &other, id, true);
    vote(questions, &other, id, true);
    g_assert_cmpuint(votes(questions, id), ==, 1);
    g_autoptr(GPtrArray) voted = qa_questions_take_voted(questions);
    g_assert_cmpuint(voted->len, ==, 1);
    g_assert_null(qa_questions_take_voted(questions)); // told once
    vote(questions, &other, id, false);
    g_assert_cmpuint(votes(questions, id), ==, 0);
}

static void test_edit(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *id = ask(questions, &asker, "Wy?");
    QaModeration edit = {
        .question = id, .has_to = true, .to = QA_APPROVED, .text = "Why?", .starred = 1};
    g_free(make(questions, qa_questions_moderate(questions, &moderator, &edit, 0, NULL)));
    edit = (QaModeration){.question = id, .text = "Why not?", .starred = -1};
    g_free(make(questions, qa_questions_moderate(questions, &moderator, &edit, 0, NULL)));
    const StoreQuestion *row = qa_questions_find(questions, id, NULL)->row;
    g_assert_cmpstr(row->text, ==, "Why not?");
    g_assert_cmpstr(row->original, ==, "Wy?"); // the first, not the one in between
    g_assert_true(row->starred);
    g_assert_cmpint(state(questions, id), ==, QA_APPROVED);
}

static void test_limits(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *first = ask(questions, &asker, "0");
    for (int i = 1; i < QA_MAX_OPEN_PER_PERSON; i++) {
        g_free(ask(questions, &asker, "again"));
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_questions_ask(questions, &asker, NULL, "one too many", false, 0, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_LIMIT);
    g_free(ask(questions, &other, "others are not held up"));
    g_free(make(questions, qa_questions_withdraw(questions, &asker, first, NULL)));
    g_free(ask(questions, &asker, "fits again"));
}

static void test_resent(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *one =
        make(questions, qa_questions_ask(questions, &asker, "1", "Why?", false, 0, 0, NULL));
    g_autofree char *again =
        make(questions, qa_questions_ask(questions, &asker, "1", "Why?", false, 0, 0, NULL));
    g_autofree char *next =
        make(questions, qa_questions_ask(questions, &asker, "1", "How?", false, 0, 0, NULL));
    g_autofree char *hers =
        make(questions, qa_questions_ask(questions, &other, "1", "Why?", false, 0, 0, NULL));
    g_assert_cmpstr(one, ==, again);
    g_assert_cmpstr(one, !=, next); // a page that was reloaded counts from 1 again
    g_assert_cmpstr(one, !=, hers);
    g_assert_cmpuint(qa_questions_all(questions)->len, ==, 3);
}

static void send_message(QaQuestions *questions, int64_t wall_us)
{
    static const QaActor director = {.person = "m", .name = "Mona", .directs = true};
    g_autoptr(QaChange) change =
        qa_questions_message(questions, &director, "page-3", "5 min", wall_us, NULL);
    qa_questions_apply(questions, change);
}

/* Acknowledged before it was sent again: it does not come back to the presenter's screen. */
static void test_resent_message(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    send_message(questions, 1000000);
    g_autofree char *id = g_strdup(qa_questions_last_message(questions)->id);
    g_autoptr(QaChange) seen = qa_questions_acknowledge(questions, &presenter, id, 2000000, NULL);
    qa_questions_apply(questions, seen);
    send_message(questions, 3000000);
    g_assert_cmpstr(qa_questions_last_message(questions)->id, ==, id);
    g_assert_cmpint(qa_questions_last_message(questions)->acknowledged_us, ==, 2000000);
    send_message(questions, 1000000 + QA_RESENT_US); // meant as a new one
    g_assert_cmpstr(qa_questions_last_message(questions)->id, !=, id);
}

/* What somebody's page knows: fed with a snapshot, events and oks only. */
typedef struct {
    QaActor actor;
    QaViewer viewer;
    json_t *known; // id -> question
    bool online;
    uint64_t cursor;
} Page;

static void page_put(Page *page, const json_t *question)
{
    const char *id = json_string_value(json_object_get(question, "id"));
    json_t *known = json_object_get(page->known, id);
    if (known == NULL) {
        known = json_pack("{s:b, s:b}", "mine", 0, "voted", 0);
        json_object_set_new(page->known, id, known);
    }
    json_object_update(known, (json_t *)question);
    json_t *by = json_object_get(question, "by");
    g_assert_true(page->viewer.moderates == (by != NULL));
}

static void page_votes(Page *page, const json_t *votes)
{
    size_t i;
    const json_t *item;
    json_array_foreach (votes, i, item) {
        json_t *known =
            json_object_get(page->known, json_string_value(json_object_get(item, "question")));
        g_assert_nonnull(known); // nothing is told of a question that one may not see
        json_object_update_existing(known, (json_t *)item);
    }
}

static void page_entry(Page *page, const QaEntry *entry, unsigned extra)
{
    QaTell tell = qa_entry_tell(entry, &page->viewer);
    if (tell == QA_TELL_NOTHING) {
        return;
    }
    unsigned flags = qa_write_flags(entry->question, &page->viewer) | extra;
    g_autoptr(json_t) event = qa_write_entry("r:1", entry, tell, flags);
    json_t *data = json_object_get(event, "data");
    const char *id = json_string_value(json_object_get(data, "id"));
    bool known = json_object_get(page->known, id) != NULL;
    if (extra == 0) { // live, "added" and "removed" say exactly that
        g_assert_true(known == (tell != QA_TELL_ADDED));
    }
    if (tell == QA_TELL_REMOVED) {
        json_object_del(page->known, id);
    } else {
        page_put(page, data);
    }
}

/* The connection may break again in the middle: then the page is offline still, with the cursor of
 * what it got last. */
static void page_rejoin(Page *page, QaQuestions *questions)
{
    g_autoptr(GArray) missed = qa_questions_missed(questions, page->cursor);
    g_assert_nonnull(missed);
    guint got = g_test_rand_bit() ? missed->len : (guint)g_test_rand_int_range(0, 4);
    for (guint i = 0; i < MIN(got, missed->len); i++) {
        const QaEntry *entry = &g_array_index(missed, QaEntry, i);
        g_assert_cmpuint(entry->sequence, >, page->cursor);
        page_entry(page, entry, QA_WRITE_ALL);
        if (qa_entry_tell(entry, &page->viewer) != QA_TELL_NOTHING) {
            page->cursor = entry->sequence;
        }
    }
    if (got < missed->len) {
        return;
    }
    g_autoptr(json_t) votes = qa_write_votes(qa_questions_all(questions), &page->viewer, true);
    page_votes(page, votes);
    page->cursor = qa_questions_sequence(questions);
    page->online = true;
}

static void page_check(const Page *page, QaQuestions *questions)
{
    g_autoptr(GString) text = g_string_new(NULL);
    qa_write_questions(questions, &page->viewer, text);
    g_autoptr(json_t) fresh = json_loads(text->str, 0, NULL);
    g_assert_nonnull(fresh);
    g_assert_cmpuint(json_array_size(fresh), ==, json_object_size(page->known));
    size_t i;
    const json_t *question;
    json_array_foreach (fresh, i, question) {
        const char *id = json_string_value(json_object_get(question, "id"));
        g_autoptr(json_t) known = json_deep_copy(json_object_get(page->known, id));
        json_object_del(known, "question"); // the vote lists' own key is no part of a question
        if (!json_equal(known, question)) {
            g_autofree char *a = base_json_text(known), *b = base_json_text(question);
            g_error("page: %s\nfresh: %s", a, b);
        }
    }
}

static const char *any_question(QaQuestions *questions)
{
    const GPtrArray *all = qa_questions_all(questions);
    if (all->len == 0) {
        return "none";
    }
    const QaQuestion *question = all->pdata[g_test_rand_int_range(0, (gint)all->len)];
    return question->row->id;
}

static QaChange *any_change(QaQuestions *questions, const QaActor *actor)
{
    const char *question = any_question(questions);
    switch (g_test_rand_int_range(0, 8)) {
    case 0:
        return qa_questions_ask(questions, actor, NULL, "Why?", g_test_rand_bit(), 1, 2, NULL);
    case 1:
    case 2:
        return qa_questions_vote(questions, actor, question, g_test_rand_bit(), NULL);
    case 3:
        return g_test_rand_int_range(0, 4)
                   ? NULL
                   : qa_questions_withdraw(questions, actor, question, NULL);
    default:
        break;
    }
    QaModeration any = {
        .question = question,
        .has_to = g_test_rand_int_range(0, 8) != 0,
        .to = (QaState)g_test_rand_int_range(0, QA_STATES),
        .text = g_test_rand_bit() ? NULL : "Edited",
        .merge_into = any_question(questions),
        .starred = g_test_rand_int_range(-1, 2),
    };
    return qa_questions_moderate(questions, actor, &any, g_test_rand_int_range(-1, 100), NULL);
}

static void tell_votes(QaQuestions *questions, Page *pages, size_t count)
{
    g_autoptr(GPtrArray) voted = qa_questions_take_voted(questions);
    for (size_t i = 0; voted != NULL && i < count; i++) {
        QaViewer form = {.moderates = pages[i].viewer.moderates};
        g_autoptr(json_t) votes = qa_write_votes(voted, &form, false);
        if (pages[i].online) {
            page_votes(&pages[i], votes);
        }
    }
}

static void tell(QaQuestions *questions, Page *pages, size_t count, Page *acting,
                 const char *question, uint64_t from)
{
    for (uint64_t sequence = from + 1; sequence <= qa_questions_sequence(questions); sequence++) {
        const QaEntry *entry = qa_questions_entry(questions, sequence);
        for (size_t i = 0; i < count; i++) {
            bool own = &pages[i] == acting && strcmp(entry->question->row->id, question) == 0;
            if (pages[i].online && !own) {
                page_entry(&pages[i], entry, 0);
            }
        }
    }
    if (acting->online) { // the one who did it hears of it by the ok
        const QaQuestion *about = qa_questions_find(questions, question, &acting->viewer);
        g_autoptr(json_t) form =
            about != NULL ? qa_write_question_for(about, &acting->viewer) : NULL;
        if (form != NULL) {
            page_put(acting, form);
        } else {
            json_object_del(acting->known, question);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (pages[i].online) {
            pages[i].cursor = qa_questions_sequence(questions);
        }
    }
    tell_votes(questions, pages, count);
}

static unsigned count_on_air(QaQuestions *questions)
{
    unsigned count = 0;
    const GPtrArray *all = qa_questions_all(questions);
    for (guint i = 0; i < all->len; i++) {
        count += ((const QaQuestion *)all->pdata[i])->state == QA_ON_AIR;
    }
    return count;
}

static void test_replay(void)
{
    Page pages[] = {{.actor = asker}, {.actor = other}, {.actor = presenter}, {.actor = moderator}};
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        pages[i].viewer =
            (QaViewer){.person = pages[i].actor.person, .moderates = pages[i].actor.moderates};
        pages[i].known = json_object();
        pages[i].online = true;
    }
    unsigned done = 0;
    const int steps = !tests_are_long() && TESTS_SANITIZED ? 2000 : 6000;
    for (int step = 0; step < steps; step++) {
        Page *page = &pages[g_test_rand_int_range(0, G_N_ELEMENTS(pages))];
        if (g_test_rand_int_range(0, 12) == 0) {
            page->online = false;
        } else if (!page->online && g_test_rand_int_range(0, 3) == 0) {
            page_rejoin(page, questions);
        }
        g_autoptr(QaChange) change = any_change(questions, &page->actor);
        if (change != NULL) {
            uint64_t from = qa_questions_sequence(questions);
            qa_questions_apply(questions, change);
            tell(questions, pages, G_N_ELEMENTS(pages), page, change->question, from);
            done++;
        }
        g_assert_cmpuint(count_on_air(questions), <=, 1);
        for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
            if (pages[i].online) {
                page_check(&pages[i], questions);
            }
        }
    }
    g_assert_cmpuint(done, >, steps / 12);
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        json_decref(pages[i].known);
    }
}

static void test_log_end(void)
{
    g_autoptr(QaQuestions) questions = qa_questions_new("s");
    g_autofree char *id = ask(questions, &asker, "Why?");
    for (int i = 0; i < QA_LOG_ENTRIES; i++) {
        moderate(questions, id, i % 2 == 0 ? QA_APPROVED : QA_PENDING);
    }
    g_assert_null(qa_questions_missed(questions, 0)); // too old
    g_assert_null(
        qa_questions_missed(questions, qa_questions_sequence(questions) + 1)); // never given out
    g_autoptr(GArray) missed = qa_questions_missed(questions, 1);
    g_assert_cmpuint(missed->len, ==, 1); // one question, told once
    g_autoptr(GArray) none = qa_questions_missed(questions, qa_questions_sequence(questions));
    g_assert_cmpuint(none->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qa/questions/visibility", test_visibility);
    g_test_add_func("/qa/questions/names", test_names);
    g_test_add_func("/qa/questions/rights", test_rights);
    g_test_add_func("/qa/questions/on-air", test_on_air);
    g_test_add_func("/qa/questions/merge", test_merge);
    g_test_add_func("/qa/questions/votes", test_votes);
    g_test_add_func("/qa/questions/edit", test_edit);
    g_test_add_func("/qa/questions/limits", test_limits);
    g_test_add_func("/qa/questions/resent", test_resent);
    g_test_add_func("/qa/questions/resent-message", test_resent_message);
    g_test_add_func("/qa/questions/replay", test_replay);
    g_test_add_func("/qa/questions/log-end", test_log_end);
    return g_test_run();
}
