// SPDX-License-Identifier: GPL-3.0-or-later
// The room: who may do what to a question, who sees it, and that what is told of it, live or
// after a gap, always adds up to what a fresh snapshot would show.
#include "qa/message.h"
#include "qa/qa.h"
#include "qa/room.h"

#include <string.h>

static const QaActor asker = {.person = "a", .name = "Aisha", .entity = "Health", .asks = true};
static const QaActor other = {.person = "b", .name = "Badr", .asks = true};
static const QaActor moderator = {
    .person = "m", .name = "Mona", .asks = true, .moderates = true, .presents = true};
static const QaActor presenter = {.person = "p", .name = "Paul", .presents = true};
static const QaViewer sees_a = {.person = "a"}, sees_b = {.person = "b"},
                      sees_m = {.person = "m", .moderates = true};

/* Applies, and gives the id of the question that it was about. */
static char *make(QaRoom *room, QaChange *change)
{
    g_assert_nonnull(change);
    qa_room_apply(room, change);
    char *id = g_strdup(change->question);
    qa_change_free(change);
    return id;
}

static char *ask(QaRoom *room, const QaActor *actor, const char *text)
{
    return make(room, qa_room_ask(room, actor, NULL, text, true, 1, 5000, NULL));
}

static QaChange *order(QaRoom *room, const QaActor *actor, const char *question, QaState to,
                       int64_t media_us, GError **error)
{
    QaModeration moderation = {.question = question, .has_to = true, .to = to, .starred = -1};
    return qa_room_moderate(room, actor, &moderation, media_us, error);
}

static void moderate(QaRoom *room, const char *question, QaState to)
{
    g_free(make(room, order(room, &moderator, question, to, 7000, NULL)));
}

static void refuse(QaRoom *room, const QaActor *actor, const char *question, QaState to, int code)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(order(room, actor, question, to, 0, &error));
    g_assert_error(error, BASE_ERROR, code);
}

static void vote(QaRoom *room, const QaActor *actor, const char *question, bool on)
{
    g_free(make(room, qa_room_vote(room, actor, question, on, NULL)));
}

static unsigned votes(QaRoom *room, const char *question)
{
    return g_hash_table_size(qa_room_find(room, question, NULL)->voters);
}

static QaState state(QaRoom *room, const char *question)
{
    return qa_room_find(room, question, NULL)->state;
}

static void test_visibility(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *id = ask(room, &asker, "Why?");
    g_assert_nonnull(qa_room_find(room, id, &sees_a));
    g_assert_nonnull(qa_room_find(room, id, &sees_m));
    g_assert_null(qa_room_find(room, id, &sees_b));
    const QaEntry *entry = qa_room_entry(room, 1);
    g_assert_cmpint(qa_entry_tell(entry, &sees_b), ==, QA_TELL_NOTHING);
    g_assert_cmpint(qa_entry_tell(entry, &sees_m), ==, QA_TELL_ADDED);
    moderate(room, id, QA_APPROVED);
    entry = qa_room_entry(room, 2);
    g_assert_cmpint(qa_entry_tell(entry, &sees_a), ==, QA_TELL_CHANGED);
    g_assert_cmpint(qa_entry_tell(entry, &sees_b), ==, QA_TELL_ADDED);
    moderate(room, id, QA_REJECTED);
    entry = qa_room_entry(room, 3);
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

static void test_rights(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *id = ask(room, &asker, "Why?");
    refuse(room, &other, id, QA_APPROVED, BASE_ERROR_DENIED);
    refuse(room, &asker, id, QA_APPROVED, BASE_ERROR_DENIED);
    refuse(room, &presenter, id, QA_ON_AIR, BASE_ERROR_NOT_FOUND); // not public: not there
    refuse(room, &moderator, id, QA_ON_AIR, BASE_ERROR_CONFLICT);
    refuse(room, &moderator, id, QA_WITHDRAWN, BASE_ERROR_DENIED);
    moderate(room, id, QA_APPROVED);
    refuse(room, &presenter, id, QA_REJECTED, BASE_ERROR_DENIED);
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_room_withdraw(room, &moderator, id, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
    g_clear_error(&error);
    g_assert_null(qa_room_ask(room, &presenter, NULL, "x", false, 0, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
    g_clear_error(&error);
    QaModeration edit = {.question = id, .text = "Mine now", .starred = -1};
    g_assert_null(qa_room_moderate(room, &presenter, &edit, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
    g_free(make(room, order(room, &presenter, id, QA_ON_AIR, 1, NULL)));
    g_assert_cmpint(state(room, id), ==, QA_ON_AIR);
    g_autofree char *second = ask(room, &asker, "And?");
    g_free(make(room, qa_room_withdraw(room, &asker, second, NULL)));
    refuse(room, &moderator, second, QA_PENDING, BASE_ERROR_CONFLICT); // final
}

static void test_on_air(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *one = ask(room, &asker, "One"), *two = ask(room, &other, "Two");
    moderate(room, one, QA_APPROVED);
    moderate(room, two, QA_APPROVED);
    g_free(make(room, order(room, &presenter, one, QA_ON_AIR, 10000, NULL)));
    g_free(make(room, order(room, &presenter, two, QA_ON_AIR, 20000, NULL)));
    g_assert_cmpint(state(room, one), ==, QA_ANSWERED); // one at a time
    const StoreQuestion *row = qa_room_find(room, one, NULL)->row;
    g_assert_cmpint(row->on_air_us, ==, 10000);
    g_assert_cmpint(row->answered_us, ==, 20000);
    /* The undo of "next": the first goes on as if it had not been left. */
    g_free(make(room, order(room, &presenter, one, QA_ON_AIR, 21000, NULL)));
    row = qa_room_find(room, one, NULL)->row;
    g_assert_cmpint(row->on_air_us, ==, 10000);
    g_assert_cmpint(row->answered_us, ==, -1);
    g_assert_cmpint(state(room, two), ==, QA_APPROVED);
    g_assert_cmpint(qa_room_find(room, two, NULL)->row->on_air_us, ==, -1);
    /* Saying it again changes nothing and is no error. */
    uint64_t sequence = qa_room_sequence(room);
    g_free(make(room, order(room, &presenter, one, QA_ON_AIR, 22000, NULL)));
    g_assert_cmpuint(qa_room_sequence(room), ==, sequence);
}

static void test_merge(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *one = ask(room, &asker, "One"), *two = ask(room, &other, "Two");
    moderate(room, one, QA_APPROVED);
    moderate(room, two, QA_APPROVED);
    vote(room, &asker, one, true);
    vote(room, &other, one, true);
    vote(room, &asker, two, true);
    QaModeration merge = {
        .question = one, .has_to = true, .to = QA_MERGED, .merge_into = one, .starred = -1};
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_room_moderate(room, &moderator, &merge, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    merge.merge_into = two;
    g_free(make(room, qa_room_moderate(room, &moderator, &merge, 0, NULL)));
    g_assert_cmpuint(votes(room, two), ==, 2); // a voted for both and counts once
    g_assert_cmpstr(qa_room_find(room, one, NULL)->row->merged_into, ==, two);
    g_assert_null(qa_room_find(room, one, &sees_b));
    moderate(room, one, QA_APPROVED);
    g_assert_cmpuint(votes(room, one), ==, 2);
    g_assert_null(qa_room_find(room, one, NULL)->row->merged_into);
}

static void test_votes(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *id = ask(room, &asker, "Why?");
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_room_vote(room, &other, id, true, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND); // not even that it exists
    moderate(room, id, QA_APPROVED);
    vote(room, &other, id, true);
    vote(room, &other, id, true);
    g_assert_cmpuint(votes(room, id), ==, 1);
    g_autoptr(GPtrArray) voted = qa_room_take_voted(room);
    g_assert_cmpuint(voted->len, ==, 1);
    g_assert_null(qa_room_take_voted(room)); // told once
    vote(room, &other, id, false);
    g_assert_cmpuint(votes(room, id), ==, 0);
}

static void test_edit(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *id = ask(room, &asker, "Wy?");
    QaModeration edit = {
        .question = id, .has_to = true, .to = QA_APPROVED, .text = "Why?", .starred = 1};
    g_free(make(room, qa_room_moderate(room, &moderator, &edit, 0, NULL)));
    edit = (QaModeration){.question = id, .text = "Why not?", .starred = -1};
    g_free(make(room, qa_room_moderate(room, &moderator, &edit, 0, NULL)));
    const StoreQuestion *row = qa_room_find(room, id, NULL)->row;
    g_assert_cmpstr(row->text, ==, "Why not?");
    g_assert_cmpstr(row->original, ==, "Wy?"); // the first, not the one in between
    g_assert_true(row->starred);
    g_assert_cmpint(state(room, id), ==, QA_APPROVED);
}

static void test_limits(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *first = ask(room, &asker, "0");
    for (int i = 1; i < QA_MAX_OPEN_PER_PERSON; i++) {
        g_free(ask(room, &asker, "again"));
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_room_ask(room, &asker, NULL, "one too many", false, 0, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_LIMIT);
    g_free(ask(room, &other, "others are not held up"));
    g_free(make(room, qa_room_withdraw(room, &asker, first, NULL)));
    g_free(ask(room, &asker, "fits again"));
}

static void test_resent(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *one = make(room, qa_room_ask(room, &asker, "1", "Why?", false, 0, 0, NULL));
    g_autofree char *again = make(room, qa_room_ask(room, &asker, "1", "Why?", false, 0, 0, NULL));
    g_autofree char *next = make(room, qa_room_ask(room, &asker, "1", "How?", false, 0, 0, NULL));
    g_autofree char *hers = make(room, qa_room_ask(room, &other, "1", "Why?", false, 0, 0, NULL));
    g_assert_cmpstr(one, ==, again);
    g_assert_cmpstr(one, !=, next); // a page that was reloaded counts from 1 again
    g_assert_cmpstr(one, !=, hers);
    g_assert_cmpuint(qa_room_questions(room)->len, ==, 3);
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
    json_array_foreach(votes, i, item)
    {
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
static void page_rejoin(Page *page, QaRoom *room)
{
    g_autoptr(GArray) missed = qa_room_missed(room, page->cursor);
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
    g_autoptr(json_t) votes = qa_write_votes(qa_room_questions(room), &page->viewer, true);
    page_votes(page, votes);
    page->cursor = qa_room_sequence(room);
    page->online = true;
}

static void page_check(const Page *page, QaRoom *room)
{
    g_autoptr(GString) text = g_string_new(NULL);
    qa_write_questions(room, &page->viewer, text);
    g_autoptr(json_t) fresh = json_loads(text->str, 0, NULL);
    g_assert_nonnull(fresh);
    g_assert_cmpuint(json_array_size(fresh), ==, json_object_size(page->known));
    size_t i;
    const json_t *question;
    json_array_foreach(fresh, i, question)
    {
        const char *id = json_string_value(json_object_get(question, "id"));
        g_autoptr(json_t) known = json_deep_copy(json_object_get(page->known, id));
        json_object_del(known, "question"); // the vote lists' own key is no part of a question
        if (!json_equal(known, question)) {
            g_autofree char *a = base_json_text(known), *b = base_json_text(question);
            g_error("page: %s\nfresh: %s", a, b);
        }
    }
}

static const char *any_question(QaRoom *room)
{
    const GPtrArray *questions = qa_room_questions(room);
    if (questions->len == 0) {
        return "none";
    }
    const QaQuestion *question = questions->pdata[g_test_rand_int_range(0, (gint)questions->len)];
    return question->row->id;
}

static QaChange *any_change(QaRoom *room, const QaActor *actor)
{
    const char *question = any_question(room);
    switch (g_test_rand_int_range(0, 8)) {
    case 0:
        return qa_room_ask(room, actor, NULL, "Why?", g_test_rand_bit(), 1, 2, NULL);
    case 1:
    case 2:
        return qa_room_vote(room, actor, question, g_test_rand_bit(), NULL);
    case 3:
        return g_test_rand_int_range(0, 4) ? NULL : qa_room_withdraw(room, actor, question, NULL);
    default:
        break;
    }
    QaModeration any = {
        .question = question,
        .has_to = g_test_rand_int_range(0, 8) != 0,
        .to = (QaState)g_test_rand_int_range(0, QA_STATES),
        .text = g_test_rand_bit() ? NULL : "Edited",
        .merge_into = any_question(room),
        .starred = g_test_rand_int_range(-1, 2),
    };
    return qa_room_moderate(room, actor, &any, g_test_rand_int_range(-1, 100), NULL);
}

static void tell_votes(QaRoom *room, Page *pages, size_t count)
{
    g_autoptr(GPtrArray) voted = qa_room_take_voted(room);
    for (size_t i = 0; voted != NULL && i < count; i++) {
        QaViewer form = {.moderates = pages[i].viewer.moderates};
        g_autoptr(json_t) votes = qa_write_votes(voted, &form, false);
        if (pages[i].online) {
            page_votes(&pages[i], votes);
        }
    }
}

static void tell(QaRoom *room, Page *pages, size_t count, Page *acting, const char *question,
                 uint64_t from)
{
    for (uint64_t sequence = from + 1; sequence <= qa_room_sequence(room); sequence++) {
        const QaEntry *entry = qa_room_entry(room, sequence);
        for (size_t i = 0; i < count; i++) {
            bool own = &pages[i] == acting && strcmp(entry->question->row->id, question) == 0;
            if (pages[i].online && !own) {
                page_entry(&pages[i], entry, 0);
            }
        }
    }
    if (acting->online) { // the one who did it hears of it by the ok
        const QaQuestion *about = qa_room_find(room, question, &acting->viewer);
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
            pages[i].cursor = qa_room_sequence(room);
        }
    }
    tell_votes(room, pages, count);
}

static unsigned count_on_air(QaRoom *room)
{
    unsigned count = 0;
    const GPtrArray *questions = qa_room_questions(room);
    for (guint i = 0; i < questions->len; i++) {
        count += ((const QaQuestion *)questions->pdata[i])->state == QA_ON_AIR;
    }
    return count;
}

static void test_replay(void)
{
    Page pages[] = {{.actor = asker}, {.actor = other}, {.actor = presenter}, {.actor = moderator}};
    g_autoptr(QaRoom) room = qa_room_new("s");
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        pages[i].viewer =
            (QaViewer){.person = pages[i].actor.person, .moderates = pages[i].actor.moderates};
        pages[i].known = json_object();
        pages[i].online = true;
    }
    unsigned done = 0;
    for (int step = 0; step < 6000; step++) {
        Page *page = &pages[g_test_rand_int_range(0, G_N_ELEMENTS(pages))];
        if (g_test_rand_int_range(0, 12) == 0) {
            page->online = false;
        } else if (!page->online && g_test_rand_int_range(0, 3) == 0) {
            page_rejoin(page, room);
        }
        g_autoptr(QaChange) change = any_change(room, &page->actor);
        if (change != NULL) {
            uint64_t from = qa_room_sequence(room);
            qa_room_apply(room, change);
            tell(room, pages, G_N_ELEMENTS(pages), page, change->question, from);
            done++;
        }
        g_assert_cmpuint(count_on_air(room), <=, 1);
        for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
            if (pages[i].online) {
                page_check(&pages[i], room);
            }
        }
    }
    g_assert_cmpuint(done, >, 500);
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        json_decref(pages[i].known);
    }
}

static void test_log_end(void)
{
    g_autoptr(QaRoom) room = qa_room_new("s");
    g_autofree char *id = ask(room, &asker, "Why?");
    for (int i = 0; i < QA_LOG_ENTRIES; i++) {
        moderate(room, id, i % 2 == 0 ? QA_APPROVED : QA_PENDING);
    }
    g_assert_null(qa_room_missed(room, 0));                          // too old
    g_assert_null(qa_room_missed(room, qa_room_sequence(room) + 1)); // never given out
    g_autoptr(GArray) missed = qa_room_missed(room, 1);
    g_assert_cmpuint(missed->len, ==, 1); // one question, told once
    g_autoptr(GArray) none = qa_room_missed(room, qa_room_sequence(room));
    g_assert_cmpuint(none->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qa/room/visibility", test_visibility);
    g_test_add_func("/qa/room/rights", test_rights);
    g_test_add_func("/qa/room/on-air", test_on_air);
    g_test_add_func("/qa/room/merge", test_merge);
    g_test_add_func("/qa/room/votes", test_votes);
    g_test_add_func("/qa/room/edit", test_edit);
    g_test_add_func("/qa/room/limits", test_limits);
    g_test_add_func("/qa/room/resent", test_resent);
    g_test_add_func("/qa/room/replay", test_replay);
    g_test_add_func("/qa/room/log-end", test_log_end);
    return g_test_run();
}
