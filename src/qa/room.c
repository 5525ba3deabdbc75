// SPDX-License-Identifier: GPL-3.0-or-later
#include "qa/room.h"

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
    forget_written(question);
}

static QaQuestion *add_question(QaRoom *room)
{
    QaQuestion *question = g_new0(QaQuestion, 1);
    question->voters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    question->written = g_new0(char *, QA_FORMS);
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

const char *qa_room_session(const QaRoom *room)
{
    return room->session;
}

const GPtrArray *qa_room_questions(const QaRoom *room)
{
    return room->questions;
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
    if (question != NULL) {
        forget_written(question);
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
