// SPDX-License-Identifier: GPL-3.0-or-later
// Moderation and its undo: a few cases, then random sequences of several moderators, the presenter
// and people who ask and vote, against a model of its own. After each step nothing is public that
// was not approved as it stands, and an undo has given back exactly what was, or was refused for a
// reason.
#include "qa/message.h"
#include "qa/questions.h"

#include "../long.h"

#include <string.h>

static const QaActor people[] = {
    {.person = "m0", .name = "Mona", .asks = true, .moderates = true, .presents = true},
    {.person = "m1", .name = "Musa", .asks = true, .moderates = true, .presents = true},
    {.person = "m2", .name = "Maha", .asks = true, .moderates = true, .presents = true},
    {.person = "p", .name = "Paul", .presents = true},
    {.person = "a", .name = "Aisha", .asks = true},
    {.person = "b", .name = "Badr", .asks = true},
    {.person = "c", .name = "Camila", .asks = true},
};
static const QaViewer stranger = {.person = "z"}; // asks nothing, so sees what is public

/* --- The database, as queue.c writes it
 * ------------------------------------------------------------ */

typedef struct {
    GPtrArray *questions; // StoreQuestion, owned, in the order asked
    GHashTable *votes;    // "question person" -> StoreVote
    GPtrArray *acts;      // StoreAct, owned, in their order
} Db;

static Db db_new(void)
{
    return (Db){
        .questions = g_ptr_array_new_with_free_func((GDestroyNotify)store_question_free),
        .votes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .acts = g_ptr_array_new_with_free_func((GDestroyNotify)store_act_free),
    };
}

static void db_clear(Db *db)
{
    g_ptr_array_unref(db->questions);
    g_hash_table_unref(db->votes);
    g_ptr_array_unref(db->acts);
}

static StoreAct *copy_act(const StoreAct *act)
{
    StoreAct *copy = g_new(StoreAct, 1);
    *copy = (StoreAct){.act = g_strdup(act->act),
                       .person = g_strdup(act->person),
                       .before = store_question_copy(act->before)};
    return copy;
}

static StoreQuestion **db_place(const Db *db, const char *id)
{
    for (guint i = 0; i < db->questions->len; i++) {
        StoreQuestion **place = (StoreQuestion **)&db->questions->pdata[i];
        if (strcmp((*place)->id, id) == 0) {
            return place;
        }
    }
    return NULL;
}

static void db_put(Db *db, const StoreQuestion *row)
{
    StoreQuestion **place = db_place(db, row->id);
    if (place != NULL) {
        store_question_free(*place);
        *place = store_question_copy(row);
    } else {
        g_ptr_array_add(db->questions, store_question_copy(row));
    }
}

static void db_commit(Db *db, const QaChange *change)
{
    for (guint i = 0; i < change->rows->len; i++) {
        db_put(db, change->rows->pdata[i]);
    }
    for (guint i = 0; i < change->acts->len; i++) {
        g_ptr_array_add(db->acts, copy_act(change->acts->pdata[i]));
    }
    for (guint i = 0; i < change->past->len; i++) {
        for (guint k = db->acts->len; k > 0; k--) {
            const StoreAct *act = db->acts->pdata[k - 1];
            if (strcmp(act->act, change->past->pdata[i]) == 0) {
                g_ptr_array_remove_index(db->acts, k - 1);
            }
        }
    }
    if (change->voter != NULL) {
        g_hash_table_replace(db->votes, g_strdup_printf("%s %s", change->question, change->voter),
                             GINT_TO_POINTER(change->vote));
    }
}

static StoreVote db_vote(const Db *db, const char *question, const char *person)
{
    g_autofree char *key = g_strdup_printf("%s %s", question, person);
    return (StoreVote)GPOINTER_TO_INT(g_hash_table_lookup(db->votes, key));
}

/* As after a restart. */
static QaQuestions *db_load(const Db *db)
{
    QaQuestions *questions = qa_questions_new("s");
    for (guint i = 0; i < db->questions->len; i++) {
        qa_questions_load_question(questions, store_question_copy(db->questions->pdata[i]));
    }
    for (guint i = 0; i < db->acts->len; i++) {
        qa_questions_load_act(questions, copy_act(db->acts->pdata[i]));
    }
    for (guint i = 0; i < db->questions->len; i++) {
        const StoreQuestion *row = db->questions->pdata[i];
        for (size_t k = 0; k < G_N_ELEMENTS(people); k++) {
            StoreVote vote = db_vote(db, row->id, people[k].person);
            if (vote != STORE_VOTE_NONE) {
                qa_questions_load_vote(questions, row->id, people[k].person, vote);
            }
        }
    }
    qa_questions_load_end(questions);
    return questions;
}

/* --- The model
 * ------------------------------------------------------------------------------------ */

/* One change of one question. Those not taken back since are its history. */
typedef struct {
    char *act;                     // NULL: asked or withdrawn, for good
    StoreQuestion *before, *after; // NULL before it was asked
    bool approves;                 // a moderator said so, of this question
    bool edits;                    // a moderator wrote its text
} Step;

typedef struct {
    QaQuestions *questions;
    Db db;
    GHashTable *histories; // question -> GPtrArray of Step
    GPtrArray *known;      // "act question" of every act ever
    unsigned acts, undone, refused;
    uint64_t told;
} World;

static void step_free(void *data)
{
    Step *step = data;
    g_free(step->act);
    store_question_free(step->before);
    store_question_free(step->after);
    g_free(step);
}

static void world_init(World *world)
{
    *world = (World){
        .questions = qa_questions_new("s"),
        .db = db_new(),
        .histories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify)g_ptr_array_unref),
        .known = g_ptr_array_new_with_free_func(g_free),
    };
}

static void world_clear(World *world)
{
    qa_questions_free(world->questions);
    db_clear(&world->db);
    g_hash_table_unref(world->histories);
    g_ptr_array_unref(world->known);
}

static bool is_public(const StoreQuestion *row)
{
    return row != NULL &&
           (strcmp(row->state, "approved") == 0 || strcmp(row->state, "on_air") == 0 ||
            strcmp(row->state, "answered") == 0);
}

static GPtrArray *history_of(World *world, const char *question)
{
    GPtrArray *history = g_hash_table_lookup(world->histories, question);
    if (history == NULL) {
        history = g_ptr_array_new_with_free_func(step_free);
        g_hash_table_insert(world->histories, g_strdup(question), history);
    }
    return history;
}

static Step *last_step(World *world, const char *question)
{
    GPtrArray *history = history_of(world, question);
    return history->len > 0 ? history->pdata[history->len - 1] : NULL;
}

/* The text in which moderators made the question public, and did not take back since; else NULL. */
static const char *approved_text(World *world, const char *question)
{
    const GPtrArray *history = history_of(world, question);
    const char *approved = NULL;
    for (guint i = 0; i < history->len; i++) {
        const Step *step = history->pdata[i];
        if (!is_public(step->after)) {
            approved = NULL;
        } else if (!is_public(step->before)) {
            approved = step->approves ? step->after->text : NULL;
        } else if (strcmp(step->before->text, step->after->text) != 0) {
            approved = step->edits ? step->after->text : NULL;
        }
    }
    return approved;
}

/* What counts for a question, by the votes given on it and on those merged into it. */
static bool vote_counts(const Db *db, const char *question, const char *person)
{
    StoreVote own = db_vote(db, question, person);
    bool counts = own == STORE_VOTE_FOR;
    for (guint i = 0; own == STORE_VOTE_NONE && i < db->questions->len; i++) {
        const StoreQuestion *row = db->questions->pdata[i];
        counts = counts ||
                 (strcmp(row->state, "merged") == 0 && g_strcmp0(row->merged_into, question) == 0 &&
                  vote_counts(db, row->id, person));
    }
    return counts;
}

static void check_question(World *world, const QaQuestion *question)
{
    const char *id = question->row->id;
    g_assert_cmpstr(question->row->state, ==, qa_state_name(question->state));
    if (qa_question_public(question)) {
        g_assert_cmpstr(approved_text(world, id), ==, question->row->text);
    }
    unsigned votes = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++) {
        bool counts = vote_counts(&world->db, id, people[i].person);
        g_assert_true(counts == qa_question_voted(question, people[i].person));
        votes += counts;
    }
    g_assert_cmpuint(g_hash_table_size(question->voters), ==, votes);
}

static void check_world(World *world)
{
    unsigned on_air = 0;
    const GPtrArray *all = qa_questions_all(world->questions);
    for (guint i = 0; i < all->len; i++) {
        const QaQuestion *question = all->pdata[i];
        check_question(world, question);
        on_air += question->state == QA_ON_AIR;
    }
    g_assert_cmpuint(on_air, <=, 1);
    while (world->told < qa_questions_sequence(world->questions)) {
        const QaEntry *entry = qa_questions_entry(world->questions, ++world->told);
        QaTell tell = qa_entry_tell(entry, &stranger);
        if (tell == QA_TELL_ADDED || tell == QA_TELL_CHANGED) {
            g_assert_cmpstr(approved_text(world, entry->question->row->id), ==,
                            entry->question->row->text);
        }
    }
}

/* --- Steps
 * ---------------------------------------------------------------------------------------- */

static void note_row(World *world, const QaChange *change, const StoreQuestion *row,
                     const QaModeration *order)
{
    StoreQuestion **before = db_place(&world->db, row->id);
    bool own = order != NULL && strcmp(order->question, row->id) == 0;
    Step *step = g_new(Step, 1);
    *step = (Step){
        .act = g_strdup(change->act),
        .before = before != NULL ? store_question_copy(*before) : NULL,
        .after = store_question_copy(row),
        .approves = own && order->has_to && order->to == QA_APPROVED,
        .edits = own && order->text != NULL,
    };
    g_ptr_array_add(history_of(world, row->id), step);
    if (change->act != NULL) {
        g_ptr_array_add(world->known, g_strdup_printf("%s %s", change->act, row->id));
    }
}

/* Carries out a change that is no undo; `order` is nullable. Frees it. */
static void carry_out(World *world, QaChange *change, const QaModeration *order)
{
    if (change == NULL) {
        return;
    }
    for (guint i = 0; i < change->rows->len; i++) {
        note_row(world, change, change->rows->pdata[i], order);
    }
    world->acts += change->act != NULL;
    db_commit(&world->db, change);
    qa_questions_apply(world->questions, change);
    qa_change_free(change);
}

/* The questions of an act that is the last step of each; NULL where it is not. */
static GPtrArray *undoable(World *world, const char *act)
{
    g_autoptr(GPtrArray) touched = g_ptr_array_new();
    GHashTableIter iter;
    gpointer id, history;
    g_hash_table_iter_init(&iter, world->histories);
    while (g_hash_table_iter_next(&iter, &id, &history)) {
        const GPtrArray *steps = history;
        for (guint i = 0; i < steps->len; i++) {
            const Step *step = steps->pdata[i];
            if (g_strcmp0(step->act, act) == 0 && i + 1 < steps->len) {
                return NULL;
            }
            if (g_strcmp0(step->act, act) == 0) {
                g_ptr_array_add(touched, id);
            }
        }
    }
    return touched->len > 0 ? g_steal_pointer(&touched) : NULL;
}

static bool merges_lead(const Db *db, const char *from, const char *to)
{
    while (from != NULL && strcmp(from, to) != 0) {
        from = (*db_place(db, from))->merged_into;
    }
    return from != NULL;
}

static void check_refusal(World *world, const QaActor *actor, const char *act, const GError *error)
{
    g_autoptr(GPtrArray) touched = undoable(world, act);
    world->refused++;
    g_assert_nonnull(error);
    if (touched == NULL || !actor->moderates) {
        return; // gone, changed since, or somebody else's
    }
    /* Nothing else changed its questions: another is on air, or merges would run in a circle. */
    bool reason = false;
    for (guint i = 0; i < touched->len; i++) {
        const StoreQuestion *before = last_step(world, touched->pdata[i])->before;
        const QaQuestion *on_air = qa_questions_on_air(world->questions);
        reason = reason || (strcmp(before->state, "on_air") == 0 && on_air != NULL) ||
                 (before->merged_into != NULL &&
                  merges_lead(&world->db, before->merged_into, before->id));
    }
    g_assert_true(reason);
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
}

static void check_restored(const StoreQuestion *now, const StoreQuestion *before)
{
    g_assert_cmpstr(now->id, ==, before->id);
    g_assert_cmpstr(now->text, ==, before->text);
    g_assert_cmpstr(now->original, ==, before->original);
    g_assert_cmpstr(now->state, ==, before->state);
    g_assert_cmpstr(now->merged_into, ==, before->merged_into);
    g_assert_cmpstr(now->act, ==, before->act);
    g_assert_true(now->starred == before->starred);
    g_assert_cmpint(now->at_us, ==, before->at_us);
    g_assert_cmpint(now->on_air_us, ==, before->on_air_us);
    g_assert_cmpint(now->answered_us, ==, before->answered_us);
}

/* True: it was undone. */
static bool undo(World *world, const QaActor *actor, const char *question, const char *act)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QaChange) change =
        qa_questions_undo(world->questions, actor, question, act, NULL, &error);
    if (change == NULL) {
        check_refusal(world, actor, act, error);
        return false;
    }
    g_autoptr(GPtrArray) touched = undoable(world, act);
    g_assert_nonnull(touched);
    g_assert_cmpuint(touched->len, ==, change->rows->len);
    g_assert_null(change->voter); // what people voted stays theirs
    db_commit(&world->db, change);
    qa_questions_apply(world->questions, change);
    for (guint i = 0; i < touched->len; i++) {
        GPtrArray *history = history_of(world, touched->pdata[i]);
        const Step *step = history->pdata[history->len - 1];
        check_restored(qa_questions_find(world->questions, touched->pdata[i], NULL)->row,
                       step->before);
        g_ptr_array_remove_index(history, history->len - 1);
    }
    world->undone++;
    return true;
}

static const char *any_question(const World *world)
{
    const GPtrArray *all = qa_questions_all(world->questions);
    const QaQuestion *question = all->pdata[g_test_rand_int_range(0, (gint)all->len)];
    return question->row->id;
}

static void any_undo(World *world, const QaActor *actor)
{
    if (world->known->len == 0) {
        return;
    }
    /* Mostly one of the last ones, as people do. */
    gint last = (gint)world->known->len, from = g_test_rand_bit() ? MAX(0, last - 4) : 0;
    const char *known = world->known->pdata[g_test_rand_int_range(from, last)];
    g_auto(GStrv) parts = g_strsplit(known, " ", 2);
    undo(world, actor, parts[1], parts[0]);
}

static void any_order(World *world, const QaActor *actor)
{
    QaModeration order = {
        .question = any_question(world),
        .has_to = g_test_rand_int_range(0, 6) != 0,
        .to = (QaState)g_test_rand_int_range(0, QA_STATES),
        .text = g_test_rand_int_range(0, 6) == 0 ? (g_test_rand_bit() ? "New" : "Newer") : NULL,
        .merge_into = any_question(world),
        .starred = g_test_rand_int_range(0, 5) == 0 ? (int)g_test_rand_bit() : -1,
    };
    carry_out(
        world,
        qa_questions_moderate(world->questions, actor, &order, g_test_rand_int_range(0, 100), NULL),
        &order);
}

static void any_step(World *world)
{
    const QaActor *actor = &people[g_test_rand_int_range(0, G_N_ELEMENTS(people))];
    gint kind = g_test_rand_int_range(0, 20);
    const GPtrArray *all = qa_questions_all(world->questions);
    if (all->len < 3 || (kind == 0 && all->len < 9)) {
        carry_out(world,
                  qa_questions_ask(world->questions, actor, NULL, "Old", g_test_rand_bit(),
                                   g_test_rand_int_range(1, 9), -1, NULL),
                  NULL);
    } else if (kind < 4) {
        carry_out(world,
                  qa_questions_vote(world->questions, actor, any_question(world), g_test_rand_bit(),
                                    NULL),
                  NULL);
    } else if (kind == 4) {
        carry_out(world, qa_questions_withdraw(world->questions, actor, any_question(world), NULL),
                  NULL);
    } else if (kind < 9) {
        any_undo(world, actor);
    } else {
        any_order(world, actor);
    }
}

static char *dump(const QaQuestions *questions)
{
    const QaViewer staff = {.person = "m0", .moderates = true};
    g_autoptr(GString) text = g_string_new(NULL);
    qa_write_questions(questions, &staff, text);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* A restart in between changes nothing. */
static void restart(World *world)
{
    g_autofree char *before = dump(world->questions);
    qa_questions_free(world->questions);
    world->questions = db_load(&world->db);
    world->told = 0;
    g_autofree char *after = dump(world->questions);
    g_assert_cmpstr(after, ==, before);
}

/* Some acts by anybody, undone in turn by one moderator: after each the questions are to the letter what
 * it was before the act. */
static void rewind_some(World *world)
{
    g_autoptr(GPtrArray) dumps = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) acts = g_ptr_array_new();
    for (int i = 0; i < 8; i++) {
        guint known = world->known->len;
        g_autofree char *before = dump(world->questions);
        any_order(world, &people[g_test_rand_int_range(0, 4)]);
        if (world->known->len > known) {
            g_ptr_array_add(dumps, g_steal_pointer(&before));
            g_ptr_array_add(acts, world->known->pdata[known]);
        }
    }
    restart(world);
    for (guint i = acts->len; i > 0; i--) {
        g_auto(GStrv) parts = g_strsplit(acts->pdata[i - 1], " ", 2);
        g_assert_true(undo(world, &people[0], parts[1], parts[0]));
        g_autofree char *now = dump(world->questions);
        g_assert_cmpstr(now, ==, dumps->pdata[i - 1]);
    }
}

static void test_sequences(void)
{
    const unsigned sequences = tests_are_long() ? 200000 : TESTS_SANITIZED ? 5000 : 20000;
    unsigned acts = 0, undone = 0, refused = 0;
    for (unsigned i = 0; i < sequences; i++) {
        World world;
        world_init(&world);
        for (int step = g_test_rand_int_range(20, 60); step > 0; step--) {
            any_step(&world);
            check_world(&world);
        }
        if (i % 8 == 0) {
            rewind_some(&world);
            check_world(&world);
        }
        acts += world.acts;
        undone += world.undone;
        refused += world.refused;
        world_clear(&world);
    }
    g_test_message("%u sequences: %u acts, %u undone, %u undos refused", sequences, acts, undone,
                   refused);
    g_assert_cmpuint(undone, >, sequences / 2);
    g_assert_cmpuint(refused, >, sequences / 2);
}

/* --- Cases
 * ---------------------------------------------------------------------------------------- */

static char *ask(World *world, const char *text)
{
    QaChange *change =
        qa_questions_ask(world->questions, &people[4], NULL, text, false, 1, -1, NULL);
    char *id = g_strdup(change->question);
    carry_out(world, change, NULL);
    return id;
}

/* The act's id. */
static char *moderate(World *world, const QaActor *actor, QaModeration order)
{
    order.starred = order.starred == 1 ? 1 : -1;
    g_autoptr(GError) error = NULL;
    QaChange *change = qa_questions_moderate(world->questions, actor, &order, 50, &error);
    g_assert_no_error(error);
    char *act = g_strdup(change->act);
    carry_out(world, change, &order);
    return act;
}

static char *to(World *world, const char *question, QaState state)
{
    return moderate(world, &people[0],
                    (QaModeration){.question = question, .has_to = true, .to = state});
}

static char *merge(World *world, const char *question, const char *target)
{
    return moderate(world, &people[0],
                    (QaModeration){
                        .question = question,
                        .has_to = true,
                        .to = QA_MERGED,
                        .merge_into = target,
                    });
}

static void vote(World *world, const QaActor *actor, const char *question, bool on)
{
    carry_out(world, qa_questions_vote(world->questions, actor, question, on, NULL), NULL);
}

static unsigned votes(const World *world, const char *question)
{
    return g_hash_table_size(qa_questions_find(world->questions, question, NULL)->voters);
}

static QaState state(const World *world, const char *question)
{
    return qa_questions_find(world->questions, question, NULL)->state;
}

/* What was never approved does not become public by the undo of its merge. */
static void test_pending(void)
{
    World world;
    world_init(&world);
    g_autofree char *one = ask(&world, "One"), *two = ask(&world, "Two");
    g_free(to(&world, two, QA_APPROVED));
    g_autofree char *act = merge(&world, one, two);
    restart(&world);
    g_assert_true(undo(&world, &people[1], one, act)); // by another moderator, after a restart
    g_assert_cmpint(state(&world, one), ==, QA_PENDING);
    g_assert_null(qa_questions_find(world.questions, one, &stranger));
    check_world(&world);
    world_clear(&world);
}

static void test_votes(void)
{
    World world;
    world_init(&world);
    g_autofree char *one = ask(&world, "One"), *two = ask(&world, "Two"), *three = ask(&world, "3");
    g_free(to(&world, one, QA_APPROVED));
    g_free(to(&world, two, QA_APPROVED));
    g_free(to(&world, three, QA_APPROVED));
    vote(&world, &people[4], one, true);
    vote(&world, &people[5], one, true);
    vote(&world, &people[5], three, true);
    vote(&world, &people[5], two, true);
    g_autofree char *first = merge(&world, one, two), *second = merge(&world, three, two);
    g_assert_cmpuint(votes(&world, two), ==, 2);
    vote(&world, &people[4], two, false); // takes back there alone what came with the merge
    vote(&world, &people[6], two, true);
    g_assert_cmpuint(votes(&world, two), ==, 2);
    g_free(moderate(&world, &people[2], (QaModeration){.question = two, .text = "Both"}));
    g_assert_true(undo(&world, &people[0], one, first)); // the target may have been changed since
    g_assert_cmpuint(votes(&world, one), ==, 2);
    g_assert_cmpuint(votes(&world, two), ==, 2);
    g_assert_true(undo(&world, &people[0], three, second));
    g_assert_cmpuint(votes(&world, two), ==, 2); // its own: one from before, one since
    check_world(&world);
    world_clear(&world);
}

static void test_refused(void)
{
    World world;
    world_init(&world);
    g_autofree char *one = ask(&world, "One"), *two = ask(&world, "Two");
    g_autofree char *approved = to(&world, one, QA_APPROVED);
    g_free(moderate(&world, &people[1], (QaModeration){.question = one, .starred = 1}));
    g_assert_false(undo(&world, &people[0], one, approved)); // changed since
    g_assert_false(undo(&world, &people[0], two, approved)); // it was not about this one
    /* An old undo does not publish what was rejected since, though the text is the same. */
    g_autofree char *back = to(&world, one, QA_PENDING);
    g_free(to(&world, one, QA_REJECTED));
    g_free(to(&world, one, QA_PENDING));
    g_assert_false(undo(&world, &people[0], one, back));
    g_free(to(&world, two, QA_APPROVED));
    g_autofree char *air = to(&world, two, QA_ON_AIR);
    g_assert_false(undo(&world, &people[3], two, air)); // the presenter, another's
    g_autofree char *answered = moderate(
        &world, &people[3], (QaModeration){.question = two, .has_to = true, .to = QA_ANSWERED});
    g_free(to(&world, one, QA_APPROVED));
    g_autofree char *next = to(&world, one, QA_ON_AIR);
    g_assert_false(undo(&world, &people[3], two, answered)); // another is on air
    g_assert_true(undo(&world, &people[0], one, next));
    g_assert_true(undo(&world, &people[3], two, answered));
    g_assert_cmpint(state(&world, two), ==, QA_ON_AIR);
    check_world(&world);
    world_clear(&world);
}

/* A page that lost its connection sends again what was not answered. */
static void test_resent(void)
{
    World world;
    world_init(&world);
    g_autofree char *one = ask(&world, "One"), *act = to(&world, one, QA_REJECTED);
    g_autofree char *again = to(&world, one, QA_REJECTED);
    g_assert_cmpstr(again, ==, act);
    g_autofree char *other = moderate(
        &world, &people[1], (QaModeration){.question = one, .has_to = true, .to = QA_REJECTED});
    g_assert_null(other);
    QaChange *change = qa_questions_undo(world.questions, &people[0], one, act, "page-7", NULL);
    g_assert_cmpuint(change->rows->len, ==, 1);
    qa_questions_apply(world.questions, change);
    qa_change_free(change);
    g_autoptr(QaChange) resent =
        qa_questions_undo(world.questions, &people[0], one, act, "page-7", NULL);
    g_assert_cmpuint(resent->rows->len, ==, 0);
    g_assert_null(qa_questions_undo(world.questions, &people[0], one, act, "page-8", NULL));
    // refs are unique to a page only: another one's undo of something else is no repetition
    g_assert_null(qa_questions_undo(world.questions, &people[1], one, "unknown", "page-7", NULL));
    world_clear(&world);
}

static void test_bounded(void)
{
    World world;
    world_init(&world);
    g_autofree char *one = ask(&world, "One");
    g_autofree char *first = to(&world, one, QA_APPROVED);
    for (int i = 0; i < QA_MAX_ACTS; i++) {
        g_free(to(&world, one, i % 2 == 0 ? QA_PENDING : QA_APPROVED));
    }
    g_assert_null(qa_questions_act(world.questions, first));
    g_assert_cmpuint(world.db.acts->len, ==, QA_MAX_ACTS);
    world_clear(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qa/undo/pending", test_pending);
    g_test_add_func("/qa/undo/votes", test_votes);
    g_test_add_func("/qa/undo/refused", test_refused);
    g_test_add_func("/qa/undo/resent", test_resent);
    g_test_add_func("/qa/undo/bounded", test_bounded);
    g_test_add_func("/qa/undo/sequences", test_sequences);
    return g_test_run();
}
