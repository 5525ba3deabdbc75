// SPDX-License-Identifier: GPL-3.0-or-later
// Acts of moderators: noting and undoing them.
#include "base/error.h"
#include "base/id.h"
#include "qa/questions.h"

#include <string.h>

/* The last act if it is the actor's: the request was resent. Nullable. */
static const char *made_by(const QaQuestions *questions, const char *question, const QaActor *actor)
{
    const char *act = qa_questions_find(questions, question, NULL)->row->act;
    const GPtrArray *rows = act != NULL ? qa_questions_act(questions, act) : NULL;
    const StoreAct *first = rows != NULL ? rows->pdata[0] : NULL;
    return first != NULL && strcmp(first->person, actor->person) == 0 ? act : NULL;
}

void qa_change_note_act(QaChange *change, const QaQuestions *questions, const QaActor *actor)
{
    if (change->rows->len == 0) {
        change->act = g_strdup(made_by(questions, change->question, actor));
        return;
    }
    change->act = base_id_new(BASE_ID_LENGTH);
    for (guint i = 0; i < change->rows->len; i++) {
        StoreQuestion *row = change->rows->pdata[i];
        StoreAct *act = g_new(StoreAct, 1);
        *act = (StoreAct){
            .act = g_strdup(change->act),
            .person = g_strdup(actor->person),
            .before = store_question_copy(qa_questions_find(questions, row->id, NULL)->row),
        };
        g_ptr_array_add(change->acts, act);
        g_free(row->act);
        row->act = g_strdup(change->act);
    }
    const char *oldest = qa_questions_oldest_act(questions);
    if (oldest != NULL) {
        g_ptr_array_add(change->past, g_strdup(oldest));
    }
}

static const StoreAct *row_of(const GPtrArray *act, const char *question)
{
    for (guint i = 0; i < act->len; i++) {
        const StoreAct *row = act->pdata[i];
        if (strcmp(row->before->id, question) == 0) {
            return row;
        }
    }
    return NULL;
}

/* True if the act is the last of each of its questions. */
static bool is_last(const QaQuestions *questions, const GPtrArray *act)
{
    for (guint i = 0; i < act->len; i++) {
        const StoreAct *row = act->pdata[i];
        const QaQuestion *question = qa_questions_find(questions, row->before->id, NULL);
        if (question == NULL || g_strcmp0(question->row->act, row->act) != 0) {
            return false;
        }
    }
    return true;
}

static bool leads_to(const QaQuestion *question, const char *end)
{
    while (question != NULL && strcmp(question->row->id, end) != 0) {
        question = question->target;
    }
    return question != NULL;
}

/* Fails if another question is on air, or a merge would make a circle. */
static bool fits(const QaQuestions *questions, const GPtrArray *act, GError **error)
{
    const QaQuestion *on_air = qa_questions_on_air(questions);
    for (guint i = 0; i < act->len; i++) {
        const StoreQuestion *before = ((const StoreAct *)act->pdata[i])->before;
        bool airs = strcmp(before->state, qa_state_name(QA_ON_AIR)) == 0;
        const char *target = before->merged_into;
        if (airs && on_air != NULL && row_of(act, on_air->row->id) == NULL) {
            base_refuse(error, BASE_CODE_UNDO_ON_AIR, "act", NULL,
                        "Another question is on air now, so this cannot be undone. Put the "
                        "question on air again instead.");
            return false;
        }
        if (target != NULL && leads_to(qa_questions_find(questions, target, NULL), before->id)) {
            base_refuse(error, BASE_CODE_UNDO_MERGED, "act", NULL,
                        "The question that it was merged into is merged into this one now, so this "
                        "cannot be undone.");
            return false;
        }
    }
    return true;
}

static StoreQuestion *restored_row(const QaQuestions *questions, const StoreQuestion *before)
{
    StoreQuestion *row = store_question_copy(qa_questions_find(questions, before->id, NULL)->row);
    char **fields[] = {&row->text, &row->original, &row->state, &row->merged_into, &row->act};
    const char *values[] = {before->text, before->original, before->state, before->merged_into,
                            before->act};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_free(*fields[i]);
        *fields[i] = g_strdup(values[i]);
    }
    row->starred = before->starred;
    row->on_air_us = before->on_air_us;
    row->answered_us = before->answered_us;
    return row;
}

static QaChange *restore(const QaQuestions *questions, const char *question, const GPtrArray *act,
                         const char *ref)
{
    QaChange *change = qa_change_new(question);
    const StoreAct *first = act->pdata[0];
    for (guint i = 0; i < act->len; i++) {
        g_ptr_array_add(change->rows,
                        restored_row(questions, ((const StoreAct *)act->pdata[i])->before));
    }
    g_ptr_array_add(change->past, g_strdup(first->act));
    change->undoes = true;
    change->ref = g_strdup(ref);
    return change;
}

QaChange *qa_questions_undo(const QaQuestions *questions, const QaActor *actor,
                            const char *question, const char *act, const char *ref, GError **error)
{
    const GPtrArray *rows = qa_questions_act(questions, act);
    if (!actor->moderates && !actor->presents) {
        base_refuse(error, BASE_CODE_MAY_NOT_MODERATE, NULL, NULL,
                    "You may not moderate questions in this session.");
        return NULL;
    }
    if (qa_questions_find_for(questions, actor, question, error) == NULL) {
        return NULL;
    }
    if (rows == NULL && qa_questions_undone(questions, act, ref)) {
        return qa_change_new(question); // sent again
    }
    const StoreAct *row = rows != NULL ? row_of(rows, question) : NULL;
    if (row == NULL) {
        base_refuse(error, BASE_CODE_UNDO_GONE, "act", NULL,
                    "This was undone already, or is too long ago to be undone.");
    } else if (!actor->moderates && strcmp(row->person, actor->person) != 0) {
        base_refuse(error, BASE_CODE_UNDO_OTHERS, "act", NULL,
                    "Only a moderator may undo what somebody else did.");
    } else if (!is_last(questions, rows)) {
        base_refuse(error, BASE_CODE_UNDO_CHANGED, "act", NULL,
                    "The question was changed since, so this cannot be undone.");
    } else if (fits(questions, rows, error)) {
        return restore(questions, question, rows, ref);
    }
    return NULL;
}
