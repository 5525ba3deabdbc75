// SPDX-License-Identifier: GPL-3.0-or-later
#include "qa/room.h"

#include "base/id.h"

#include <string.h>

struct QaRoom {
    char *session;
    GPtrArray *questions; // QaQuestion, owned, in the order asked
    GHashTable *by_id;    // id -> QaQuestion, borrowed
    GHashTable *voted;    // set of QaQuestion whose totals were not told yet
    QaEntry log[QA_LOG_ENTRIES];
    uint64_t sequence;
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

static StoreQuestion *copy_row(const StoreQuestion *row)
{
    StoreQuestion *copy = g_new(StoreQuestion, 1);
    *copy = *row;
    copy->id = g_strdup(row->id);
    copy->session = g_strdup(row->session);
    copy->person = g_strdup(row->person);
    copy->name = g_strdup(row->name);
    copy->entity = g_strdup(row->entity);
    copy->text = g_strdup(row->text);
    copy->original = g_strdup(row->original);
    copy->state = g_strdup(row->state);
    copy->merged_into = g_strdup(row->merged_into);
    return copy;
}

static void set_text(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static void question_free(QaQuestion *question)
{
    store_question_free(question->row);
    g_hash_table_unref(question->voters);
    g_free(question->ref);
    g_free(question);
}

QaRoom *qa_room_new(const char *session)
{
    QaRoom *room = g_new0(QaRoom, 1);
    room->session = g_strdup(session);
    room->questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    room->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    room->voted = g_hash_table_new(NULL, NULL);
    return room;
}

void qa_room_free(QaRoom *room)
{
    if (room == NULL) {
        return;
    }
    g_hash_table_unref(room->voted);
    g_hash_table_unref(room->by_id);
    g_ptr_array_unref(room->questions);
    g_free(room->session);
    g_free(room);
}

/* Takes the row. The key of by_id is the row's own text, so it is replaced with the row. */
static void take_row(QaRoom *room, QaQuestion *question, StoreQuestion *row)
{
    QaState state = QA_PENDING;
    qa_state_parse(row->state, &state);
    g_hash_table_replace(room->by_id, row->id, question);
    if (question->row != NULL) {
        store_question_free(question->row);
    }
    question->row = row;
    question->state = state;
}

static QaQuestion *add_question(QaRoom *room)
{
    QaQuestion *question = g_new0(QaQuestion, 1);
    question->voters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_ptr_array_add(room->questions, question);
    return question;
}

void qa_room_load_question(QaRoom *room, StoreQuestion *row)
{
    take_row(room, add_question(room), row);
}

void qa_room_load_vote(QaRoom *room, const char *question, const char *person)
{
    QaQuestion *found = g_hash_table_lookup(room->by_id, question);
    if (found != NULL) {
        g_hash_table_add(found->voters, g_strdup(person));
    }
}

/* Who sees what */

static bool is_public(QaState state)
{
    return state == QA_APPROVED || state == QA_ON_AIR || state == QA_ANSWERED;
}

static bool is_open(QaState state)
{
    return state == QA_PENDING || state == QA_APPROVED || state == QA_ON_AIR;
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

const QaQuestion *qa_room_find(const QaRoom *room, const char *question, const QaViewer *viewer)
{
    const QaQuestion *found = g_hash_table_lookup(room->by_id, question);
    if (found == NULL || (viewer != NULL && !qa_question_seen(found, found->state, viewer))) {
        return NULL;
    }
    return found;
}

const GPtrArray *qa_room_questions(const QaRoom *room)
{
    return room->questions;
}

/* Working out */

static QaChange *change_new(const char *question)
{
    QaChange *change = g_new0(QaChange, 1);
    change->rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_question_free);
    change->voters = g_ptr_array_new_with_free_func(g_free);
    change->question = g_strdup(question);
    return change;
}

void qa_change_free(QaChange *change)
{
    if (change == NULL) {
        return;
    }
    g_ptr_array_unref(change->rows);
    g_ptr_array_unref(change->voters);
    g_free(change->ref);
    g_free(change->question);
    g_free(change->vote_question);
    g_free(change);
}

static const QaQuestion *find_for(const QaRoom *room, const QaActor *actor, const char *question,
                                  GError **error)
{
    QaViewer viewer = {.person = actor->person, .moderates = actor->moderates};
    const QaQuestion *found = qa_room_find(room, question, &viewer);
    if (found == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "There is no such question in this session.");
    }
    return found;
}

static bool may_ask(const QaActor *actor, GError **error)
{
    if (!actor->asks) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                    "You may not ask or vote in this session.");
    }
    return actor->asks;
}

static bool within_limits(const QaRoom *room, const char *person, GError **error)
{
    unsigned open = 0, asked = 0;
    for (guint i = 0; i < room->questions->len; i++) {
        const QaQuestion *question = room->questions->pdata[i];
        if (strcmp(question->row->person, person) == 0) {
            asked++;
            open += is_open(question->state);
        }
    }
    if (open >= QA_MAX_OPEN_PER_PERSON) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_LIMIT,
                    "You have %d open questions. Withdraw one, or wait until one is answered.",
                    QA_MAX_OPEN_PER_PERSON);
    } else if (asked >= QA_MAX_ASKED_PER_PERSON) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_LIMIT,
                    "You have asked %d questions in this session, which is the most.",
                    QA_MAX_ASKED_PER_PERSON);
    } else if (room->questions->len >= QA_MAX_QUESTIONS) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_LIMIT,
                    "This session has %d questions, which is the most.", QA_MAX_QUESTIONS);
    } else {
        return true;
    }
    return false;
}

/* The same request, sent again because its `ok` was lost with the connection. A page that starts
 * over counts its refs anew, so the text must be the same too. */
static const QaQuestion *find_resent(const QaRoom *room, const char *person, const char *ref,
                                     const char *text)
{
    for (guint i = 0; ref != NULL && i < room->questions->len; i++) {
        const QaQuestion *question = room->questions->pdata[i];
        if (is_open(question->state) && g_strcmp0(question->ref, ref) == 0 &&
            strcmp(question->row->person, person) == 0 &&
            strcmp(question->row->original ?: question->row->text, text) == 0) {
            return question;
        }
    }
    return NULL;
}

QaChange *qa_room_ask(const QaRoom *room, const QaActor *actor, const char *ref, const char *text,
                      bool anonymous, int64_t wall_us, int64_t media_us, GError **error)
{
    if (!may_ask(actor, error)) {
        return NULL;
    }
    const QaQuestion *resent = find_resent(room, actor->person, ref, text);
    if (resent != NULL) {
        return change_new(resent->row->id);
    }
    if (!within_limits(room, actor->person, error)) {
        return NULL;
    }
    StoreQuestion *row = g_new(StoreQuestion, 1);
    *row = (StoreQuestion){
        .id = base_id_new(BASE_ID_LENGTH),
        .session = g_strdup(room->session),
        .person = g_strdup(actor->person),
        .name = g_strdup(actor->name),
        .entity = g_strdup(actor->entity),
        .text = g_strdup(text),
        .anonymous = anonymous,
        .state = g_strdup(qa_state_name(QA_PENDING)),
        .at_us = wall_us,
        .media_us = media_us,
        .on_air_us = -1,
        .answered_us = -1,
    };
    QaChange *change = change_new(row->id);
    change->insert = true;
    change->ref = g_strdup(ref);
    g_ptr_array_add(change->rows, row);
    return change;
}

QaChange *qa_room_vote(const QaRoom *room, const QaActor *actor, const char *question, bool on,
                       GError **error)
{
    if (!may_ask(actor, error)) {
        return NULL;
    }
    const QaQuestion *found = find_for(room, actor, question, error);
    if (found == NULL) {
        return NULL;
    }
    if (found->state != QA_APPROVED && found->state != QA_ON_AIR) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "The question is %s: votes are taken while it is approved or on air.",
                    qa_state_name(found->state));
        return NULL;
    }
    QaChange *change = change_new(question);
    if (qa_question_voted(found, actor->person) != on) {
        change->vote_question = g_strdup(question);
        change->vote_on = on;
        g_ptr_array_add(change->voters, g_strdup(actor->person));
    }
    return change;
}

enum { MODERATOR = 1, PRESENTER = 2, ASKER = 4 };

static const struct {
    QaState from, to;
    unsigned who;
} moves[] = {
    {QA_PENDING, QA_APPROVED, MODERATOR},
    {QA_PENDING, QA_REJECTED, MODERATOR},
    {QA_PENDING, QA_MERGED, MODERATOR},
    {QA_PENDING, QA_WITHDRAWN, ASKER},
    {QA_APPROVED, QA_ON_AIR, MODERATOR | PRESENTER},
    {QA_APPROVED, QA_ANSWERED, MODERATOR},
    {QA_APPROVED, QA_REJECTED, MODERATOR},
    {QA_APPROVED, QA_MERGED, MODERATOR},
    {QA_APPROVED, QA_PENDING, MODERATOR},
    {QA_APPROVED, QA_WITHDRAWN, ASKER},
    {QA_ON_AIR, QA_ANSWERED, MODERATOR | PRESENTER},
    {QA_ON_AIR, QA_APPROVED, MODERATOR | PRESENTER},
    {QA_ANSWERED, QA_ON_AIR, MODERATOR | PRESENTER},
    {QA_ANSWERED, QA_APPROVED, MODERATOR},
    {QA_REJECTED, QA_PENDING, MODERATOR},
    {QA_REJECTED, QA_APPROVED, MODERATOR},
    {QA_MERGED, QA_APPROVED, MODERATOR},
};

static bool check_move(QaState from, QaState to, unsigned who, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
        if (moves[i].from != from || moves[i].to != to) {
            continue;
        }
        if ((moves[i].who & who) == 0) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                        "You may not move a question from %s to %s.", qa_state_name(from),
                        qa_state_name(to));
            return false;
        }
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                "The question is %s now and cannot become %s from there.", qa_state_name(from),
                qa_state_name(to));
    return false;
}

/* The copy of the question's row in its new state, with the media times that chapters need. */
static StoreQuestion *moved_row(const QaQuestion *question, QaState to, int64_t media_us)
{
    StoreQuestion *row = copy_row(question->row);
    set_text(&row->state, qa_state_name(to));
    if (to == QA_ON_AIR) {
        row->on_air_us =
            question->state == QA_ANSWERED && row->on_air_us >= 0 ? row->on_air_us : media_us;
        row->answered_us = -1;
    } else if (to == QA_ANSWERED) {
        row->answered_us = media_us;
    } else {
        row->on_air_us = -1;
        row->answered_us = -1;
    }
    if (to != QA_MERGED) {
        g_clear_pointer(&row->merged_into, g_free);
    }
    return row;
}

QaChange *qa_room_withdraw(const QaRoom *room, const QaActor *actor, const char *question,
                           GError **error)
{
    const QaQuestion *found = find_for(room, actor, question, error);
    if (found == NULL) {
        return NULL;
    }
    if (strcmp(found->row->person, actor->person) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                    "Only the person who asked may withdraw a question.");
        return NULL;
    }
    g_autoptr(QaChange) change = change_new(question);
    if (found->state == QA_WITHDRAWN) {
        return g_steal_pointer(&change);
    }
    if (!check_move(found->state, QA_WITHDRAWN, ASKER, error)) {
        return NULL;
    }
    g_ptr_array_add(change->rows, moved_row(found, QA_WITHDRAWN, -1));
    return g_steal_pointer(&change);
}

static const QaQuestion *find_on_air(const QaRoom *room)
{
    for (guint i = 0; i < room->questions->len; i++) {
        const QaQuestion *question = room->questions->pdata[i];
        if (question->state == QA_ON_AIR) {
            return question;
        }
    }
    return NULL;
}

static const QaQuestion *find_target(const QaRoom *room, const QaQuestion *question,
                                     const char *merge_into, GError **error)
{
    const QaQuestion *target = merge_into != NULL ? qa_room_find(room, merge_into, NULL) : NULL;
    if (merge_into == NULL || target == question) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "merge_into must name another question of this session.");
        return NULL;
    }
    if (target == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "The question to merge into is not in this session.");
        return NULL;
    }
    if (!is_open(target->state) && target->state != QA_ANSWERED) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "The question to merge into is %s.",
                    qa_state_name(target->state));
        return NULL;
    }
    return target;
}

static void merge_into(QaChange *change, const QaQuestion *question, const QaQuestion *target)
{
    StoreQuestion *row = change->rows->pdata[0];
    set_text(&row->merged_into, target->row->id);
    change->vote_question = g_strdup(target->row->id);
    change->vote_on = true;
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, question->voters);
    for (gpointer person; g_hash_table_iter_next(&iter, &person, NULL);) {
        if (!g_hash_table_contains(target->voters, person)) {
            g_ptr_array_add(change->voters, g_strdup(person));
        }
    }
    if (change->voters->len > 0) {
        g_ptr_array_add(change->rows, copy_row(target->row)); // told with its new votes
    }
}

static bool move(const QaRoom *room, QaChange *change, const QaQuestion *question,
                 const QaActor *actor, const QaModeration *order, int64_t media_us, GError **error)
{
    unsigned who = (actor->moderates ? MODERATOR : 0u) | (actor->presents ? PRESENTER : 0u);
    if (!check_move(question->state, order->to, who, error)) {
        return false;
    }
    const QaQuestion *target = NULL;
    if (order->to == QA_MERGED) {
        target = find_target(room, question, order->merge_into, error);
        if (target == NULL) {
            return false;
        }
    }
    g_ptr_array_add(change->rows, moved_row(question, order->to, media_us));
    if (target != NULL) {
        merge_into(change, question, target);
    }
    const QaQuestion *former = order->to == QA_ON_AIR ? find_on_air(room) : NULL;
    if (former != NULL) {
        QaState to = question->state == QA_ANSWERED ? QA_APPROVED : QA_ANSWERED;
        g_ptr_array_add(change->rows, moved_row(former, to, media_us));
    }
    return true;
}

static void edit(QaChange *change, const QaQuestion *question, const QaModeration *order)
{
    bool edits = order->text != NULL && strcmp(order->text, question->row->text) != 0;
    bool stars = order->starred >= 0 && order->starred != question->row->starred;
    if (!edits && !stars) {
        return;
    }
    if (change->rows->len == 0) {
        g_ptr_array_add(change->rows, copy_row(question->row));
    }
    StoreQuestion *row = change->rows->pdata[0];
    if (edits && row->original == NULL) {
        row->original = g_strdup(row->text);
    }
    if (edits) {
        set_text(&row->text, order->text);
    }
    if (stars) {
        row->starred = order->starred;
    }
}

QaChange *qa_room_moderate(const QaRoom *room, const QaActor *actor, const QaModeration *order,
                           int64_t media_us, GError **error)
{
    bool edits = order->text != NULL || order->starred >= 0;
    if ((!actor->moderates && !actor->presents) || (edits && !actor->moderates)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                    "You may not moderate questions in this session.");
        return NULL;
    }
    const QaQuestion *question = find_for(room, actor, order->question, error);
    if (question == NULL) {
        return NULL;
    }
    g_autoptr(QaChange) change = change_new(order->question);
    bool same =
        order->to == question->state &&
        (order->to != QA_MERGED || g_strcmp0(order->merge_into, question->row->merged_into) == 0);
    if (order->has_to && !same && !move(room, change, question, actor, order, media_us, error)) {
        return NULL;
    }
    edit(change, question, order);
    return g_steal_pointer(&change);
}

/* Applying, and the log */

static void log_entry(QaRoom *room, const QaQuestion *question, QaState before)
{
    uint64_t sequence = ++room->sequence;
    room->log[sequence % QA_LOG_ENTRIES] = (QaEntry){
        .sequence = sequence,
        .question = question,
        .before = before,
    };
}

static void apply_votes(QaRoom *room, const QaChange *change)
{
    QaQuestion *question = g_hash_table_lookup(room->by_id, change->vote_question);
    for (guint i = 0; question != NULL && i < change->voters->len; i++) {
        if (change->vote_on) {
            g_hash_table_add(question->voters, g_strdup(change->voters->pdata[i]));
        } else {
            g_hash_table_remove(question->voters, change->voters->pdata[i]);
        }
        g_hash_table_add(room->voted, question);
    }
}

static void apply_row(QaRoom *room, StoreQuestion *row, const char *ref)
{
    QaQuestion *question = g_hash_table_lookup(room->by_id, row->id);
    QaState before = QA_UNBORN;
    if (question != NULL) {
        before = question->state;
    } else {
        question = add_question(room);
        question->ref = g_strdup(ref);
    }
    take_row(room, question, row);
    log_entry(room, question, before);
}

void qa_room_apply(QaRoom *room, QaChange *change)
{
    if (change->vote_question != NULL) {
        apply_votes(room, change);
    }
    while (change->rows->len > 0) {
        StoreQuestion *row = g_ptr_array_steal_index(change->rows, 0);
        apply_row(room, row, change->ref);
    }
}

uint64_t qa_room_sequence(const QaRoom *room)
{
    return room->sequence;
}

const QaEntry *qa_room_entry(const QaRoom *room, uint64_t sequence)
{
    const QaEntry *entry = &room->log[sequence % QA_LOG_ENTRIES];
    return sequence > 0 && entry->sequence == sequence ? entry : NULL;
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

GArray *qa_room_missed(const QaRoom *room, uint64_t since)
{
    if (since > room->sequence || room->sequence - since > QA_LOG_ENTRIES) {
        return NULL;
    }
    GArray *missed = g_array_new(FALSE, FALSE, sizeof(QaEntry));
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL); // question -> index + 1
    for (uint64_t sequence = since + 1; sequence <= room->sequence; sequence++) {
        const QaEntry *entry = qa_room_entry(room, sequence);
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

GPtrArray *qa_room_take_voted(QaRoom *room)
{
    if (g_hash_table_size(room->voted) == 0) {
        return NULL;
    }
    GPtrArray *questions = g_ptr_array_new();
    for (guint i = 0; i < room->questions->len; i++) {
        if (g_hash_table_contains(room->voted, room->questions->pdata[i])) {
            g_ptr_array_add(questions, room->questions->pdata[i]);
        }
    }
    g_hash_table_remove_all(room->voted);
    return questions;
}
