// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of mails that staff write, with their preview.
#include "base/clock.h"
#include "http/people/private.h"
#include "http/resources.h"

#include <string.h>

/* `changed_us`: 0: built in. */
static json_t *template_json(const char *subject, const char *body, int64_t changed_us)
{
    g_autofree char *version = g_strdup_printf("%" G_GINT64_FORMAT, changed_us);
    return json_pack("{s:s, s:s, s:b, s:s}", "subject", subject, "body", body, "edited",
                     changed_us != 0, "version", version);
}

static json_t *row_json(MailTextKind kind, int lang, const StoreMailText *row)
{
    const MailTemplate *built_in = mail_template_built_in(kind, lang);
    return row != NULL ? template_json(row->subject, row->body, row->changed_us)
                       : template_json(built_in->subject, built_in->body, 0);
}

static json_t *words_json(MailTextKind kind, bool subject)
{
    g_autofree const char **words = mail_template_words(kind, subject);
    json_t *list = json_array();
    for (const char **word = words; *word != NULL; word++) {
        json_array_append_new(list, json_string(*word));
    }
    return list;
}

static json_t *kind_json(MailTextKind kind, const GPtrArray *rows)
{
    json_t *texts = json_object(), *built_in = json_object();
    for (int lang = 0; lang < MAIL_LANGUAGES; lang++) {
        const StoreMailText *found = NULL;
        for (guint i = 0; i < rows->len; i++) {
            const StoreMailText *row = rows->pdata[i];
            bool its = strcmp(row->kind, mail_text_kind_name(kind)) == 0 &&
                       strcmp(row->lang, mail_languages[lang]) == 0;
            found = its ? row : found;
        }
        json_object_set_new(texts, mail_languages[lang], row_json(kind, lang, found));
        json_object_set_new(built_in, mail_languages[lang], row_json(kind, lang, NULL));
    }
    return json_pack("{s:s, s:{s:o, s:o}, s:o, s:o}", "kind", mail_text_kind_name(kind),
                     "placeholders", "subject", words_json(kind, true), "body",
                     words_json(kind, false), "texts", texts, "built_in", built_in);
}

typedef struct {
    HttpRequest *request;
    MailTextKind kind;
    int lang;
    char *subject, *body; // NULL: back to the built-in one
    char *seen;           // If-Match; nullable
    bool stale;
    StoreMailText *row; // nullable
    GPtrArray *rows;    // nullable
} Texts;

static void texts_free(Texts *texts)
{
    g_free(texts->subject);
    g_free(texts->body);
    g_free(texts->seen);
    store_mail_text_free(texts->row);
    g_clear_pointer(&texts->rows, g_ptr_array_unref);
    g_free(texts);
}

/* List */

static bool list_job(StoreDb *db, void *data, GError **error)
{
    Texts *list = data;
    list->rows = store_mail_texts(db, error);
    return list->rows != NULL;
}

static void on_listed(void *data, const GError *error)
{
    Texts *list = data;
    if (error != NULL) {
        http_reply_error(list->request, error);
    } else {
        json_t *items = json_array();
        for (int kind = 0; kind < MAIL_TEXT_KINDS; kind++) {
            json_array_append_new(items, kind_json((MailTextKind)kind, list->rows));
        }
        http_reply_json(list->request, 200, json_pack("{s:o, s:n}", "items", items, "next"));
    }
    texts_free(list);
}

void http_on_mail_texts(Http *http, HttpRequest *request)
{
    Texts *list = g_new0(Texts, 1);
    list->request = request;
    store_submit_read(http->services.store, list_job, on_listed, list);
}

/* Write */

static bool write_job(StoreDb *db, void *data, GError **error)
{
    Texts *texts = data;
    const char *kind = mail_text_kind_name(texts->kind), *lang = mail_languages[texts->lang];
    g_clear_pointer(&texts->row, store_mail_text_free);
    if (!store_mail_text_find(db, kind, lang, &texts->row, error)) {
        return false;
    }
    int64_t changed_us = texts->row != NULL ? texts->row->changed_us : 0;
    g_autofree char *version = g_strdup_printf("%" G_GINT64_FORMAT, changed_us);
    texts->stale = !http_matches(texts->seen, version);
    if (texts->stale) {
        return false;
    }
    if (texts->subject == NULL) {
        g_clear_pointer(&texts->row, store_mail_text_free);
        return store_mail_text_delete(db, kind, lang, error);
    }
    const StoreMailText row = {.kind = (char *)kind,
                               .lang = (char *)lang,
                               .subject = texts->subject,
                               .body = texts->body,
                               .changed_us = MAX(base_wall_us(), changed_us + 1)};
    g_clear_pointer(&texts->row, store_mail_text_free);
    return store_mail_text_put(db, &row, error) &&
           store_mail_text_find(db, kind, lang, &texts->row, error);
}

static void on_written(void *data, const GError *error)
{
    Texts *texts = data;
    if (!http_change_failed(texts->request, texts->stale, error)) {
        http_reply_version(texts->request, 200, row_json(texts->kind, texts->lang, texts->row));
    }
    texts_free(texts);
}

/* Of the path. NULL: replied. */
static Texts *texts_new(HttpRequest *request)
{
    Texts *texts = g_new0(Texts, 1);
    texts->request = request;
    bool found = mail_text_kind_parse(request->params[0], &texts->kind);
    const char *lang = request->params[1];
    if (lang != NULL) {
        texts->lang = strcmp(lang, mail_languages[MAIL_EN]) == 0 ? MAIL_EN : MAIL_AR;
        found = found && strcmp(lang, mail_languages[texts->lang]) == 0;
    }
    if (!found) {
        http_reply_problem(request, BASE_CODE_NO_MAIL_TEXT, "There is no such text of mails.");
        g_clear_pointer(&texts, texts_free);
    }
    return texts;
}

static bool take(MailTextKind kind, const json_t *json, const char *prefix, char **out_subject,
                 char **out_body, GError **error)
{
    static const char *const known[] = {"subject", "body", NULL};
    return session_only_known(json, known, prefix, error) &&
           mail_template_take(kind, json, prefix, out_subject, out_body, error);
}

void http_on_mail_text_put(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    Texts *texts = body != NULL ? texts_new(request) : NULL;
    if (texts == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    if (!take(texts->kind, body, "", &texts->subject, &texts->body, &error)) {
        http_reply_error(request, error);
        texts_free(texts);
        return;
    }
    texts->seen = http_if_match(request);
    store_submit(http->services.store, write_job, on_written, texts);
}

void http_on_mail_text_delete(Http *http, HttpRequest *request)
{
    Texts *texts = texts_new(request);
    if (texts != NULL) {
        texts->seen = http_if_match(request);
        store_submit(http->services.store, write_job, on_written, texts);
    }
}

/* Preview */

static bool preview(const Http *http, MailTextKind kind, const json_t *body, MailTexts *out,
                    GError **error)
{
    static const char *const prefixes[MAIL_LANGUAGES] = {[MAIL_AR] = "ar.", [MAIL_EN] = "en."};
    static const char *const known[] = {"ar", "en", NULL};
    char *subjects[MAIL_LANGUAGES] = {NULL}, *bodies[MAIL_LANGUAGES] = {NULL};
    MailTemplate templates[MAIL_LANGUAGES] = {{0}};
    bool good = session_only_known(body, known, "", error);
    for (int lang = 0; lang < MAIL_LANGUAGES && good; lang++) {
        good = take(kind, json_object_get(body, mail_languages[lang]), prefixes[lang],
                    &subjects[lang], &bodies[lang], error);
        templates[lang] = (MailTemplate){subjects[lang], bodies[lang]};
    }
    if (good) {
        mail_texts_preview(kind, templates, http->public_url, out);
    }
    for (int lang = 0; lang < MAIL_LANGUAGES; lang++) {
        g_free(subjects[lang]);
        g_free(bodies[lang]);
    }
    return good;
}

void http_on_mail_text_preview(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    Texts *texts = body != NULL ? texts_new(request) : NULL;
    if (texts == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    g_auto(MailTexts) made = {0};
    if (preview(http, texts->kind, body, &made, &error)) {
        http_reply_json(request, 200,
                        json_pack("{s:s, s:s, s:s}", "subject", made.subject, "text", made.text,
                                  "html", made.html));
    } else {
        http_reply_error(request, error);
    }
    texts_free(texts);
}
