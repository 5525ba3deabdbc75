// SPDX-License-Identifier: GPL-3.0-or-later
// One session's questions, votes and presenter message, and who sees what.
#include "qa/questions.h"

#include <string.h>

struct QaQuestions {
    char *session;
    GPtrArray *all;    // QaQuestion, owned, in the order asked
    GHashTable *by_id; // id -> QaQuestion, borrowed
    GHashTable *voted; // set of QaQuestion with new totals
    QaEntry *log;      // QA_LOG_ENTRIES; NULL: no entry yet
    GHashTable *acts;  // id -> GPtrArray of StoreAct, owned
    char *undone;      // nullable: act of the last undo
    char *undo_ref;    // nullable: its ref
    GQueue act_order;  // ids, borrowed, oldest first
    uint64_t sequence;
    uint64_t floor; // oldest valid cursor
    bool shows_names;
    StorePresenterMessage *message; // nullable
    char *message_ref;              // nullable
};

static const char *const state_names[QA_STATES] = {
    "pending", "approved", "on_air", "answered", "rejected", "merged", "withdrawn",
};

const char *qa_state_name(QaState state)
{
    g_assert(state < QA_STATES);
    return state_names[state];
}

bool qa_state_parse(const char *name, QaState *out)
{
    for (QaState state = 0; state < QA_STATES; state++) {
        if (strcmp(name, state_names[state]) == 0) {
            *out = state;
            return true;
        }
    }
    return false;
}

static void forget_written(QaQuestion *question)
{
    for (int i = 0; i < QA_FORMS; i++) {
        g_clear_pointer(&question->written[i], g_free);
    }
}

static void question_free(QaQuestion *question)
{
    forget_written(question);
    g_free(question->written);
    store_question_free(question->row);
    g_hash_table_unref(question->voters);
    g_hash_table_unref(question->votes);
    g_ptr_array_unref(question->merged);
    g_free(question->ref);
    g_free(question);
}

QaQuestions *qa_questions_new(const char *session)
{
    QaQuestions *questions = g_new0(QaQuestions, 1);
    questions->session = g_strdup(session);
    questions->all = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    questions->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    questions->voted = g_hash_table_new(NULL, NULL);
    questions->acts =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    g_queue_init(&questions->act_order);
    return questions;
}

void qa_questions_free(QaQuestions *questions)
{
    if (questions == NULL) {
        return;
    }
    g_queue_clear(&questions->act_order);
    g_hash_table_unref(questions->acts);
    g_hash_table_unref(questions->voted);
    g_hash_table_unref(questions->by_id);
    g_ptr_array_unref(questions->all);
    store_presenter_message_free(questions->message);
    g_free(questions->message_ref);
    g_free(questions->undone);
    g_free(questions->undo_ref);
    g_free(questions->log);
    g_free(questions->session);
    g_free(questions);
}

/* Takes `row`, whose id is also the key in by_id. */
static void take_row(QaQuestions *questions, QaQuestion *question, StoreQuestion *row)
{
    QaState state = QA_PENDING;
    qa_state_parse(row->state, &state);
    g_hash_table_replace(questions->by_id, row->id, question);
    if (question->row != NULL) {
        store_question_free(question->row);
    }
    question->row = row;
    question->state = state;
    question->shows_name = questions->shows_names && row->named;
    forget_written(question);
}

static QaQuestion *add_question(QaQuestions *questions)
{
    QaQuestion *question = g_new0(QaQuestion, 1);
    question->voters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    question->votes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    question->merged = g_ptr_array_new();
    question->written = g_new0(char *, QA_FORMS);
    g_ptr_array_add(questions->all, question);
    return question;
}

void qa_questions_load_question(QaQuestions *questions, StoreQuestion *row)
{
    take_row(questions, add_question(questions), row);
}

/* Votes rise along merges, which have no circle. */

static void set_vote(QaQuestion *question, const char *person, StoreVote vote)
{
    if (vote == STORE_VOTE_NONE) {
        g_hash_table_remove(question->votes, person);
    } else {
        g_hash_table_replace(question->votes, g_strdup(person), GINT_TO_POINTER(vote));
    }
}

bool qa_question_inherits(const QaQuestion *question, const char *person)
{
    for (guint i = 0; i < question->merged->len; i++) {
        if (qa_question_voted(question->merged->pdata[i], person)) {
            return true;
        }
    }
    return false;
}

static bool counts(const QaQuestion *question, const char *person)
{
    StoreVote vote = GPOINTER_TO_INT(g_hash_table_lookup(question->votes, person));
    return vote == STORE_VOTE_NONE ? qa_question_inherits(question, person)
                                   : vote == STORE_VOTE_FOR;
}

/* After a vote on `question`, or on one merged into it. */
static void update_voter(QaQuestions *questions, QaQuestion *question, const char *person)
{
    while (question != NULL && counts(question, person) != qa_question_voted(question, person)) {
        if (!g_hash_table_remove(question->voters, person)) {
            g_hash_table_add(question->voters, g_strdup(person));
        }
        g_hash_table_add(questions->voted, question);
        forget_written(question);
        question = question->target;
    }
}

static void update_voters(QaQuestions *questions, QaQuestion *question, const QaQuestion *merged)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, merged->voters);
    for (gpointer person; g_hash_table_iter_next(&iter, &person, NULL);) {
        update_voter(questions, question, person);
    }
}

static bool leads_to(const QaQuestion *question, const QaQuestion *end)
{
    while (question != NULL && question != end) {
        question = question->target;
    }
    return question != NULL;
}

/* Follows the row's merged_into. True: it changed. */
static bool link_target(QaQuestions *questions, QaQuestion *question)
{
    const char *id = question->state == QA_MERGED ? question->row->merged_into : NULL;
    QaQuestion *before = question->target;
    QaQuestion *target = id != NULL ? g_hash_table_lookup(questions->by_id, id) : NULL;
    if (target == before || leads_to(target, question)) { // a circle: damaged database
        return false;
    }
    question->target = target;
    if (before != NULL) {
        g_ptr_array_remove(before->merged, question);
        update_voters(questions, before, question);
    }
    if (target != NULL) {
        g_ptr_array_add(target->merged, question);
        update_voters(questions, target, question);
    }
    return true;
}

/* Loading */

void qa_questions_load_vote(QaQuestions *questions, const char *question, const char *person,
                            StoreVote vote)
{
    QaQuestion *found = g_hash_table_lookup(questions->by_id, question);
    if (found != NULL) {
        set_vote(found, person, vote);
        update_voter(questions, found, person);
    }
}

void qa_questions_load_act(QaQuestions *questions, StoreAct *row)
{
    GPtrArray *rows = g_hash_table_lookup(questions->acts, row->act);
    if (rows == NULL) {
        char *id = g_strdup(row->act);
        rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_act_free);
        g_hash_table_insert(questions->acts, id, rows);
        g_queue_push_tail(&questions->act_order, id);
    }
    g_ptr_array_add(rows, row);
}

void qa_questions_load_end(QaQuestions *questions)
{
    for (guint i = 0; i < questions->all->len; i++) {
        link_target(questions, questions->all->pdata[i]);
    }
    g_hash_table_remove_all(questions->voted);
}

void qa_questions_start_at(QaQuestions *questions, uint64_t sequence)
{
    questions->floor = questions->sequence = sequence;
}

void qa_questions_replace(QaQuestions *questions, QaQuestions *old)
{
    for (guint i = 0; i < old->all->len; i++) {
        QaQuestion *before = old->all->pdata[i];
        QaQuestion *now = g_hash_table_lookup(questions->by_id, before->row->id);
        if (now != NULL) {
            now->ref = g_steal_pointer(&before->ref);
        }
    }
    questions->undone = g_steal_pointer(&old->undone);
    questions->undo_ref = g_steal_pointer(&old->undo_ref);
    questions->message_ref = g_steal_pointer(&old->message_ref);
    qa_questions_start_at(questions, old->sequence + 1);
}

static bool acted(const QaQuestions *questions, const char *person)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, questions->acts);
    for (gpointer rows; g_hash_table_iter_next(&iter, NULL, &rows);) {
        const StoreAct *first = ((const GPtrArray *)rows)->pdata[0]; // one person's
        if (strcmp(first->person, person) == 0) {
            return true;
        }
    }
    return false;
}

bool qa_questions_know(const QaQuestions *questions, const char *person)
{
    for (guint i = 0; i < questions->all->len; i++) {
        const QaQuestion *question = questions->all->pdata[i];
        if (strcmp(question->row->person, person) == 0 ||
            g_hash_table_contains(question->votes, person)) {
            return true;
        }
    }
    return acted(questions, person);
}

bool qa_questions_show_names(QaQuestions *questions, bool show)
{
    if (questions->shows_names == show) {
        return false;
    }
    questions->shows_names = show;
    questions->floor = ++questions->sequence;
    for (guint i = 0; i < questions->all->len; i++) {
        QaQuestion *question = questions->all->pdata[i];
        question->shows_name = show && question->row->named;
        forget_written(question);
    }
    return true;
}

bool qa_questions_shows_names(const QaQuestions *questions)
{
    return questions->shows_names;
}

void qa_questions_load_message(QaQuestions *questions, StorePresenterMessage *message)
{
    store_presenter_message_free(questions->message);
    questions->message = message;
}

/* Who sees what */

static bool is_public(QaState state)
{
    return state == QA_APPROVED || state == QA_ON_AIR || state == QA_ANSWERED;
}

bool qa_question_seen(const QaQuestion *question, QaState state, const QaViewer *viewer)
{
    return state != QA_UNBORN && (viewer->moderates || is_public(state) ||
                                  strcmp(question->row->person, viewer->person) == 0);
}

bool qa_question_public(const QaQuestion *question)
{
    return is_public(question->state);
}

bool qa_question_voted(const QaQuestion *question, const char *person)
{
    return g_hash_table_contains(question->voters, person);
}

const QaQuestion *qa_questions_find(const QaQuestions *questions, const char *question,
                                    const QaViewer *viewer)
{
    const QaQuestion *found = g_hash_table_lookup(questions->by_id, question);
    if (found == NULL || (viewer != NULL && !qa_question_seen(found, found->state, viewer))) {
        return NULL;
    }
    return found;
}

const QaQuestion *qa_questions_find_for(const QaQuestions *questions, const QaActor *actor,
                                        const char *question, GError **error)
{
    QaViewer viewer = {.person = actor->person, .moderates = actor->moderates};
    const QaQuestion *found = qa_questions_find(questions, question, &viewer);
    if (found == NULL) {
        base_refuse(error, BASE_CODE_NO_QUESTION, "question", NULL,
                    "There is no such question in this session.");
    }
    return found;
}

const QaQuestion *qa_questions_on_air(const QaQuestions *questions)
{
    for (guint i = 0; i < qa_questions_all(questions)->len; i++) {
        const QaQuestion *question = qa_questions_all(questions)->pdata[i];
        if (question->state == QA_ON_AIR) {
            return question;
        }
    }
    return NULL;
}

const GPtrArray *qa_questions_act(const QaQuestions *questions, const char *act)
{
    return g_hash_table_lookup(questions->acts, act);
}

const char *qa_questions_oldest_act(const QaQuestions *questions)
{
    return questions->act_order.length >= QA_MAX_ACTS ? questions->act_order.head->data : NULL;
}

bool qa_questions_undone(const QaQuestions *questions, const char *act, const char *ref)
{
    return ref != NULL && g_strcmp0(questions->undone, act) == 0 &&
           g_strcmp0(questions->undo_ref, ref) == 0;
}

const char *qa_questions_session(const QaQuestions *questions)
{
    return questions->session;
}

const StorePresenterMessage *qa_questions_last_message(const QaQuestions *questions)
{
    return questions->message;
}

const char *qa_questions_message_ref(const QaQuestions *questions)
{
    return questions->message_ref;
}

const GPtrArray *qa_questions_all(const QaQuestions *questions)
{
    return questions->all;
}

/* Changes */

QaChange *qa_change_new(const char *question)
{
    QaChange *change = g_new0(QaChange, 1);
    change->rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_question_free);
    change->acts = g_ptr_array_new_with_free_func((GDestroyNotify)store_act_free);
    change->past = g_ptr_array_new_with_free_func(g_free);
    change->question = g_strdup(question);
    return change;
}

void qa_change_free(QaChange *change)
{
    if (change == NULL) {
        return;
    }
    g_ptr_array_unref(change->rows);
    g_ptr_array_unref(change->acts);
    g_ptr_array_unref(change->past);
    g_free(change->voter);
    g_free(change->act);
    store_presenter_message_free(change->message);
    g_free(change->ref);
    g_free(change->question);
    g_free(change);
}

static void log_entry(QaQuestions *questions, const QaQuestion *question, QaState before)
{
    uint64_t sequence = ++questions->sequence;
    if (questions->log == NULL) { // 100 KB
        questions->log = g_new0(QaEntry, QA_LOG_ENTRIES);
    }
    questions->log[sequence % QA_LOG_ENTRIES] = (QaEntry){
        .sequence = sequence,
        .question = question,
        .before = before,
    };
}

static void apply_vote(QaQuestions *questions, const QaChange *change)
{
    QaQuestion *question = g_hash_table_lookup(questions->by_id, change->question);
    if (question != NULL) {
        set_vote(question, change->voter, change->vote);
        update_voter(questions, question, change->voter);
    }
}

static void log_targets(QaQuestions *questions, const QaQuestion *question)
{
    for (; question != NULL; question = question->target) {
        log_entry(questions, question, question->state);
    }
}

static void apply_row(QaQuestions *questions, StoreQuestion *row, const char *ref)
{
    QaQuestion *question = g_hash_table_lookup(questions->by_id, row->id);
    QaState before = QA_UNBORN;
    const QaQuestion *target = NULL;
    if (question != NULL) {
        before = question->state;
        target = question->target;
    } else {
        question = add_question(questions);
        question->ref = g_strdup(ref);
    }
    take_row(questions, question, row);
    log_entry(questions, question, before);
    if (link_target(questions, question) && g_hash_table_size(question->voters) > 0) {
        log_targets(questions, target);
        log_targets(questions, question->target);
    }
}

static void apply_acts(QaQuestions *questions, QaChange *change)
{
    for (guint i = 0; i < change->past->len; i++) {
        GList *at = g_queue_find_custom(&questions->act_order, change->past->pdata[i],
                                        (GCompareFunc)strcmp);
        if (at != NULL) {
            g_queue_delete_link(&questions->act_order, at);
        }
        g_hash_table_remove(questions->acts, change->past->pdata[i]);
    }
    if (change->undoes) {
        g_free(questions->undone);
        g_free(questions->undo_ref);
        questions->undone = g_strdup(change->past->pdata[0]);
        questions->undo_ref = g_strdup(change->ref);
    }
    while (change->acts->len > 0) {
        qa_questions_load_act(questions, g_ptr_array_steal_index(change->acts, 0));
    }
}

static void apply_message(QaQuestions *questions, QaChange *change)
{
    if (change->ref != NULL) {
        g_free(questions->message_ref);
        questions->message_ref = g_steal_pointer(&change->ref);
    }
    qa_questions_load_message(questions, g_steal_pointer(&change->message));
}

void qa_questions_apply(QaQuestions *questions, QaChange *change)
{
    if (change->message != NULL) {
        apply_message(questions, change);
    }
    if (change->voter != NULL) {
        apply_vote(questions, change);
    }
    while (change->rows->len > 0) {
        StoreQuestion *row = g_ptr_array_steal_index(change->rows, 0);
        apply_row(questions, row, change->ref);
    }
    apply_acts(questions, change);
}

uint64_t qa_questions_sequence(const QaQuestions *questions)
{
    return questions->sequence;
}

const QaEntry *qa_questions_entry(const QaQuestions *questions, uint64_t sequence)
{
    if (questions->log == NULL || sequence == 0) {
        return NULL;
    }
    const QaEntry *entry = &questions->log[sequence % QA_LOG_ENTRIES];
    return entry->sequence == sequence ? entry : NULL;
}

QaTell qa_entry_tell(const QaEntry *entry, const QaViewer *viewer)
{
    bool before = qa_question_seen(entry->question, entry->before, viewer);
    bool now = qa_question_seen(entry->question, entry->question->state, viewer);
    if (!now) {
        return before ? QA_TELL_REMOVED : QA_TELL_NOTHING;
    }
    return before ? QA_TELL_CHANGED : QA_TELL_ADDED;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t first = ((const QaEntry *)a)->sequence, second = ((const QaEntry *)b)->sequence;
    return first < second ? -1 : first > second;
}

GArray *qa_questions_missed(const QaQuestions *questions, uint64_t since)
{
    if (since > questions->sequence || since < questions->floor ||
        questions->sequence - since > QA_LOG_ENTRIES) {
        return NULL;
    }
    GArray *missed = g_array_new(FALSE, FALSE, sizeof(QaEntry));
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL); // question -> index + 1
    for (uint64_t sequence = since + 1; sequence <= questions->sequence; sequence++) {
        const QaEntry *entry = qa_questions_entry(questions, sequence);
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, entry->question));
        if (place > 0) {
            g_array_index(missed, QaEntry, place - 1).sequence = sequence;
            continue;
        }
        g_array_append_vals(missed, entry, 1);
        g_hash_table_insert(places, (gpointer)entry->question, GUINT_TO_POINTER(missed->len));
    }
    g_array_sort(missed, by_sequence);
    return missed;
}

GPtrArray *qa_questions_take_voted(QaQuestions *questions)
{
    if (g_hash_table_size(questions->voted) == 0) {
        return NULL;
    }
    GPtrArray *voted = g_ptr_array_new();
    for (guint i = 0; i < questions->all->len; i++) {
        if (g_hash_table_contains(questions->voted, questions->all->pdata[i])) {
            g_ptr_array_add(voted, questions->all->pdata[i]);
        }
    }
    g_hash_table_remove_all(questions->voted);
    return voted;
}
