// SPDX-License-Identifier: GPL-3.0-or-later
// What may become of a question: working requests out. It only reads the room.
#include "base/id.h"
#include "qa/room.h"

#include <string.h>

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

static bool is_open(QaState state)
{
    return state == QA_PENDING || state == QA_APPROVED || state == QA_ON_AIR;
}

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
    for (guint i = 0; i < qa_room_questions(room)->len; i++) {
        const QaQuestion *question = qa_room_questions(room)->pdata[i];
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
    } else if (qa_room_questions(room)->len >= QA_MAX_QUESTIONS) {
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
    for (guint i = 0; ref != NULL && i < qa_room_questions(room)->len; i++) {
        const QaQuestion *question = qa_room_questions(room)->pdata[i];
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
        .session = g_strdup(qa_room_session(room)),
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
    for (guint i = 0; i < qa_room_questions(room)->len; i++) {
        const QaQuestion *question = qa_room_questions(room)->pdata[i];
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
