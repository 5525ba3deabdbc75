// SPDX-License-Identifier: GPL-3.0-or-later
// Works out requests, by the rules of the state machine.
#include "base/id.h"
#include "qa/questions.h"

#include <string.h>

static void set_text(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static bool is_open(QaState state)
{
    return state == QA_PENDING || state == QA_APPROVED || state == QA_ON_AIR;
}

static bool may_ask(const QaActor *actor, GError **error)
{
    if (!actor->asks) {
        base_refuse(error, BASE_CODE_MAY_NOT_ASK, NULL, NULL,
                    "You may not ask or vote in this session.");
    }
    return actor->asks;
}

static bool within_limits(const QaQuestions *questions, const char *person, GError **error)
{
    unsigned open = 0, asked = 0;
    for (guint i = 0; i < qa_questions_all(questions)->len; i++) {
        const QaQuestion *question = qa_questions_all(questions)->pdata[i];
        if (strcmp(question->row->person, person) == 0) {
            asked++;
            open += is_open(question->state);
        }
    }
    if (open >= QA_MAX_OPEN_PER_PERSON) {
        base_refuse(error, BASE_CODE_TOO_MANY_OPEN, NULL,
                    json_pack("{s:i}", "max", QA_MAX_OPEN_PER_PERSON),
                    "You have %d open questions. Withdraw one, or wait until one is answered.",
                    QA_MAX_OPEN_PER_PERSON);
    } else if (asked >= QA_MAX_ASKED_PER_PERSON) {
        base_refuse(error, BASE_CODE_TOO_MANY_ASKED, NULL,
                    json_pack("{s:i}", "max", QA_MAX_ASKED_PER_PERSON),
                    "You have asked %d questions in this session, which is the most.",
                    QA_MAX_ASKED_PER_PERSON);
    } else if (qa_questions_all(questions)->len >= QA_MAX_QUESTIONS) {
        base_refuse(error, BASE_CODE_QUESTIONS_FULL, NULL,
                    json_pack("{s:i}", "max", QA_MAX_QUESTIONS),
                    "This session has %d questions, which is the most.", QA_MAX_QUESTIONS);
    } else {
        return true;
    }
    return false;
}

/* Pages resend requests without `ok`. Refs restart with a page, so the text must match too. */
static const QaQuestion *find_resent(const QaQuestions *questions, const char *person,
                                     const char *ref, const char *text)
{
    for (guint i = 0; ref != NULL && i < qa_questions_all(questions)->len; i++) {
        const QaQuestion *question = qa_questions_all(questions)->pdata[i];
        if (is_open(question->state) && g_strcmp0(question->ref, ref) == 0 &&
            strcmp(question->row->person, person) == 0 &&
            strcmp(question->row->original ?: question->row->text, text) == 0) {
            return question;
        }
    }
    return NULL;
}

QaChange *qa_questions_ask(const QaQuestions *questions, const QaActor *actor, const char *ref,
                           const char *text, bool anonymous, int64_t wall_us, int64_t media_us,
                           GError **error)
{
    if (!may_ask(actor, error)) {
        return NULL;
    }
    const QaQuestion *resent = find_resent(questions, actor->person, ref, text);
    if (resent != NULL) {
        return qa_change_new(resent->row->id);
    }
    if (!within_limits(questions, actor->person, error)) {
        return NULL;
    }
    StoreQuestion *row = g_new(StoreQuestion, 1);
    *row = (StoreQuestion){
        .id = base_id_new(BASE_ID_LENGTH),
        .session = g_strdup(qa_questions_session(questions)),
        .person = g_strdup(actor->person),
        .name = g_strdup(actor->name),
        .entity = g_strdup(actor->entity),
        .text = g_strdup(text),
        .anonymous = anonymous,
        .named = !anonymous && qa_questions_shows_names(questions),
        .state = g_strdup(qa_state_name(QA_PENDING)),
        .at_us = wall_us,
        .media_us = media_us,
        .on_air_us = -1,
        .answered_us = -1,
    };
    QaChange *change = qa_change_new(row->id);
    change->insert = true;
    change->ref = g_strdup(ref);
    g_ptr_array_add(change->rows, row);
    return change;
}

QaChange *qa_questions_vote(const QaQuestions *questions, const QaActor *actor,
                            const char *question, bool on, GError **error)
{
    if (!may_ask(actor, error)) {
        return NULL;
    }
    const QaQuestion *found = qa_questions_find_for(questions, actor, question, error);
    if (found == NULL) {
        return NULL;
    }
    if (found->state != QA_APPROVED && found->state != QA_ON_AIR) {
        base_refuse(error, BASE_CODE_NOT_OPEN_FOR_VOTES, "question",
                    json_pack("{s:s}", "state", qa_state_name(found->state)),
                    "The question is %s: votes are taken while it is approved or on air.",
                    qa_state_name(found->state));
        return NULL;
    }
    QaChange *change = qa_change_new(question);
    if (qa_question_voted(found, actor->person) != on) {
        StoreVote off =
            qa_question_inherits(found, actor->person) ? STORE_VOTE_AGAINST : STORE_VOTE_NONE;
        change->voter = g_strdup(actor->person);
        change->vote = on ? STORE_VOTE_FOR : off;
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
    {QA_MERGED, QA_PENDING, MODERATOR},
};

static bool check_move(QaState from, QaState to, unsigned who, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
        if (moves[i].from != from || moves[i].to != to) {
            continue;
        }
        if ((moves[i].who & who) == 0) {
            base_refuse(error, BASE_CODE_MAY_NOT_MODERATE, NULL, NULL,
                        "You may not move a question from %s to %s.", qa_state_name(from),
                        qa_state_name(to));
            return false;
        }
        return true;
    }
    base_refuse(error, BASE_CODE_QUESTION_MOVED, "to",
                json_pack("{s:s, s:s}", "from", qa_state_name(from), "to", qa_state_name(to)),
                "The question is %s now and cannot become %s from there.", qa_state_name(from),
                qa_state_name(to));
    return false;
}

/* Full ownership. */
static StoreQuestion *moved_row(const QaQuestion *question, QaState to, int64_t media_us)
{
    StoreQuestion *row = store_question_copy(question->row);
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

QaChange *qa_questions_withdraw(const QaQuestions *questions, const QaActor *actor,
                                const char *question, GError **error)
{
    const QaQuestion *found = qa_questions_find_for(questions, actor, question, error);
    if (found == NULL) {
        return NULL;
    }
    if (strcmp(found->row->person, actor->person) != 0) {
        base_refuse(error, BASE_CODE_NOT_YOURS, "question", NULL,
                    "Only the person who asked may withdraw a question.");
        return NULL;
    }
    g_autoptr(QaChange) change = qa_change_new(question);
    if (found->state == QA_WITHDRAWN) {
        return g_steal_pointer(&change);
    }
    if (!check_move(found->state, QA_WITHDRAWN, ASKER, error)) {
        return NULL;
    }
    StoreQuestion *row = moved_row(found, QA_WITHDRAWN, -1);
    g_clear_pointer(&row->act, g_free); // earlier acts cannot be undone
    g_ptr_array_add(change->rows, row);
    return g_steal_pointer(&change);
}

static const QaQuestion *find_target(const QaQuestions *questions, const QaQuestion *question,
                                     const char *merge_into, GError **error)
{
    const QaQuestion *target =
        merge_into != NULL ? qa_questions_find(questions, merge_into, NULL) : NULL;
    if (merge_into == NULL || target == question) {
        base_refuse(error, BASE_CODE_BAD_VALUE, "merge_into",
                    json_pack("{s:s}", "allowed", "another question of this session"),
                    "merge_into must name another question of this session.");
        return NULL;
    }
    if (target == NULL) {
        base_refuse(error, BASE_CODE_NO_QUESTION, "merge_into", NULL,
                    "The question to merge into is not in this session.");
        return NULL;
    }
    if (!is_open(target->state) && target->state != QA_ANSWERED) {
        base_refuse(error, BASE_CODE_MERGE_TARGET, "merge_into",
                    json_pack("{s:s}", "state", qa_state_name(target->state)),
                    "The question to merge into is %s.", qa_state_name(target->state));
        return NULL;
    }
    return target;
}

static bool move(const QaQuestions *questions, QaChange *change, const QaQuestion *question,
                 const QaActor *actor, const QaModeration *order, int64_t media_us, GError **error)
{
    unsigned who = (actor->moderates ? MODERATOR : 0u) | (actor->presents ? PRESENTER : 0u);
    if (!check_move(question->state, order->to, who, error)) {
        return false;
    }
    const QaQuestion *target = NULL;
    if (order->to == QA_MERGED) {
        target = find_target(questions, question, order->merge_into, error);
        if (target == NULL) {
            return false;
        }
    }
    StoreQuestion *row = moved_row(question, order->to, media_us);
    g_ptr_array_add(change->rows, row);
    if (target != NULL) {
        set_text(&row->merged_into, target->row->id);
    }
    const QaQuestion *former = order->to == QA_ON_AIR ? qa_questions_on_air(questions) : NULL;
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
        g_ptr_array_add(change->rows, store_question_copy(question->row));
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

QaChange *qa_questions_moderate(const QaQuestions *questions, const QaActor *actor,
                                const QaModeration *order, int64_t media_us, GError **error)
{
    bool edits = order->text != NULL || order->starred >= 0;
    if ((!actor->moderates && !actor->presents) || (edits && !actor->moderates)) {
        base_refuse(error, BASE_CODE_MAY_NOT_MODERATE, NULL, NULL,
                    "You may not moderate questions in this session.");
        return NULL;
    }
    const QaQuestion *question = qa_questions_find_for(questions, actor, order->question, error);
    if (question == NULL) {
        return NULL;
    }
    g_autoptr(QaChange) change = qa_change_new(order->question);
    bool same =
        order->to == question->state &&
        (order->to != QA_MERGED || g_strcmp0(order->merge_into, question->row->merged_into) == 0);
    if (order->has_to && !same &&
        !move(questions, change, question, actor, order, media_us, error)) {
        return NULL;
    }
    edit(change, question, order);
    qa_change_note_act(change, questions, actor);
    return g_steal_pointer(&change);
}

/* Messages to the presenter */

static QaChange *denied(GError **error)
{
    g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED, "You may not do this in this session.");
    return NULL;
}

/* As find_resent(); after an acknowledgement only for a while. */
static bool message_resent(const QaQuestions *questions, const char *ref, const char *text,
                           int64_t wall_us)
{
    const StorePresenterMessage *last = qa_questions_last_message(questions);
    return ref != NULL && last != NULL && strcmp(last->text, text) == 0 &&
           g_strcmp0(qa_questions_message_ref(questions), ref) == 0 &&
           (last->acknowledged_us == 0 || ABS(wall_us - last->at_us) < QA_RESENT_US);
}

QaChange *qa_questions_message(const QaQuestions *questions, const QaActor *actor, const char *ref,
                               const char *text, int64_t wall_us, GError **error)
{
    if (!actor->directs) {
        return denied(error);
    }
    QaChange *change = qa_change_new(NULL);
    if (message_resent(questions, ref, text, wall_us)) {
        return change;
    }
    change->ref = g_strdup(ref != NULL ? ref : "");
    change->message = g_new(StorePresenterMessage, 1);
    *change->message = (StorePresenterMessage){
        .session = g_strdup(qa_questions_session(questions)),
        .id = base_id_new(BASE_ID_LENGTH),
        .text = g_strdup(text),
        .sender = g_strdup(actor->name),
        .at_us = wall_us,
    };
    return change;
}

QaChange *qa_questions_acknowledge(const QaQuestions *questions, const QaActor *actor,
                                   const char *message, int64_t wall_us, GError **error)
{
    if (!actor->presents) {
        return denied(error);
    }
    const StorePresenterMessage *last = qa_questions_last_message(questions);
    if (last == NULL || strcmp(last->id, message) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "This message was replaced by a newer one, or there is none.");
        return NULL;
    }
    QaChange *change = qa_change_new(NULL);
    if (last->acknowledged_us > 0) {
        return change;
    }
    change->message = g_new(StorePresenterMessage, 1);
    *change->message = (StorePresenterMessage){
        .session = g_strdup(last->session),
        .id = g_strdup(last->id),
        .text = g_strdup(last->text),
        .sender = g_strdup(last->sender),
        .at_us = last->at_us,
        .acknowledged_us = wall_us,
    };
    return change;
}
