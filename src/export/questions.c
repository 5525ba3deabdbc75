// SPDX-License-Identifier: GPL-3.0-or-later
// A session's questions as JSON and as CSV for spreadsheets.
#include "export/private.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *text_json(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text != NULL ? text : "", -1);
    return json_string(valid);
}

/* When it was on air, else when it was asked. */
static json_t *place_json(const ExportContent *content, const StoreQuestion *row)
{
    int64_t media_us = row->on_air_us >= 0 ? row->on_air_us : row->media_us;
    int64_t at_us = content->timemap != NULL && media_us >= 0
                        ? archive_timemap_at_us(content->timemap, media_us)
                        : -1;
    return at_us >= 0 ? json_integer(at_us / BASE_US_PER_MS) : json_null();
}

static json_t *question_json(const ExportContent *content, const QaQuestion *question, bool all)
{
    const StoreQuestion *row = question->row;
    g_autofree char *at = base_time_format(row->at_us);
    json_t *json = json_pack("{s:o, s:o, s:s, s:i, s:s, s:o}", "id", text_json(row->id), "text",
                             text_json(row->text), "state", qa_state_name(question->state), "votes",
                             (int)g_hash_table_size(question->voters), "asked_at", at, "at_ms",
                             place_json(content, row));
    if (all ? !row->anonymous : question->shows_name) {
        json_object_set_new(json, "by",
                            json_pack("{s:o, s:o}", "name", text_json(row->name), "entity",
                                      text_json(row->entity)));
    }
    return json;
}

json_t *export_questions_json(const ExportContent *content, bool all)
{
    json_t *list = json_array();
    const GPtrArray *questions = qa_questions_all(content->questions);
    for (guint i = 0; i < questions->len; i++) {
        const QaQuestion *question = questions->pdata[i];
        // withdrawn questions stay hidden
        bool shown = all ? question->state != QA_WITHDRAWN : qa_question_public(question);
        if (shown) {
            json_array_append_new(list, question_json(content, question, all));
        }
    }
    return list;
}

/* --- CSV -------------------------------------------------------------------------------------- */

/* "1:02:03", or "". */
static char *place_text(const json_t *question)
{
    const json_t *at = json_object_get(question, "at_ms");
    int seconds = (int)(json_integer_value(at) / 1000);
    return json_is_integer(at)
               ? g_strdup_printf("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
               : g_strdup("");
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text != NULL ? text : "";
}

char *export_questions_csv(const json_t *questions)
{
    GString *out = g_string_new(BASE_TEXT_BOM);
    static const char *const head[] = {"Time الوقت",    "Asked at وقت الطرح", "State الحالة",
                                       "Votes الأصوات", "Question السؤال",    "Name الاسم",
                                       "Entity الجهة"};
    for (size_t i = 0; i < G_N_ELEMENTS(head); i++) {
        base_text_add_cell(out, head[i], i + 1 == G_N_ELEMENTS(head));
    }
    size_t i;
    json_t *question;
    json_array_foreach (questions, i, question) {
        const json_t *by = json_object_get(question, "by");
        g_autofree char *place = place_text(question);
        g_autofree char *votes =
            g_strdup_printf("%d", (int)json_integer_value(json_object_get(question, "votes")));
        base_text_add_cell(out, place, false);
        base_text_add_cell(out, text_of(question, "asked_at"), false);
        base_text_add_cell(out, text_of(question, "state"), false);
        base_text_add_cell(out, votes, false);
        base_text_add_cell(out, text_of(question, "text"), false);
        base_text_add_cell(out, text_of(by, "name"), false);
        base_text_add_cell(out, text_of(by, "entity"), true);
    }
    return g_string_free(out, FALSE);
}
