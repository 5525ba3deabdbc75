// SPDX-License-Identifier: GPL-3.0-or-later
// Fills the templates of a mail in, in both languages.
#include "mail/texts.h"

#include "base/json.h"

#include <string.h>
#include <time.h>

#define ZONE_AHEAD_S (4 * 3600) // Asia/Dubai

static const char *const kind_names[MAIL_KINDS] = {[MAIL_INVITATION] = "invitation",
                                                   [MAIL_CHANGE] = "change",
                                                   [MAIL_CANCELLATION] = "cancellation",
                                                   [MAIL_REMINDER] = "reminder",
                                                   [MAIL_LIVE] = "live",
                                                   [MAIL_RECORDING] = "recording",
                                                   [MAIL_ANSWER] = "answer"};

const char *mail_kind_name(MailKind kind)
{
    return kind_names[kind];
}

bool mail_kind_parse(const char *name, MailKind *out)
{
    size_t length = strcspn(name, "/");
    for (int i = 0; i < MAIL_KINDS; i++) {
        if (strlen(kind_names[i]) == length && strncmp(name, kind_names[i], length) == 0) {
            *out = (MailKind)i;
            return true;
        }
    }
    return false;
}

bool mail_kind_stops(MailKind kind)
{
    return kind >= MAIL_REMINDER;
}

MailTextKind mail_text_kind(MailKind kind, const char *role)
{
    static const MailTextKind kinds[MAIL_KINDS] = {[MAIL_INVITATION] = MAIL_TEXT_INVITATION,
                                                   [MAIL_CHANGE] = MAIL_TEXT_CHANGE,
                                                   [MAIL_CANCELLATION] = MAIL_TEXT_CANCELLATION,
                                                   [MAIL_REMINDER] = MAIL_TEXT_REMINDER,
                                                   [MAIL_LIVE] = MAIL_TEXT_LIVE,
                                                   [MAIL_RECORDING] = MAIL_TEXT_RECORDING,
                                                   [MAIL_ANSWER] = MAIL_TEXT_ANSWER};
    if (kind != MAIL_INVITATION) {
        return kinds[kind];
    }
    return g_strcmp0(role, "speaker") == 0     ? MAIL_TEXT_INVITATION_SPEAKER
           : g_strcmp0(role, "moderator") == 0 ? MAIL_TEXT_INVITATION_MODERATOR
                                               : MAIL_TEXT_INVITATION;
}

void mail_wipe(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        g_free(text);
    }
}

void mail_texts_clear(MailTexts *texts)
{
    mail_wipe(texts->subject);
    mail_wipe(texts->text);
    mail_wipe(texts->html);
    *texts = (MailTexts){0};
}

/* As "الثلاثاء 1 ديسمبر 2026، 13:00–14:00 بتوقيت الإمارات". */
static char *time_words(const StoreSession *row, int lang)
{
    static const char *const days[MAIL_LANGUAGES][7] = {
        {"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
        {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}};
    static const char *const months[MAIL_LANGUAGES][12] = {
        {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر",
         "نوفمبر", "ديسمبر"},
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"}};
    static const char *const formats[MAIL_LANGUAGES] = {
        "%s %d %s %d، من الساعة %02d:%02d إلى %02d:%02d بتوقيت الإمارات",
        "%s %d %s %d, %02d:%02d to %02d:%02d UAE time"};
    time_t begin_s = (time_t)(row->starts_us / G_USEC_PER_SEC) + ZONE_AHEAD_S;
    time_t end_s = begin_s + row->duration_minutes * 60;
    struct tm begin = {0}, end = {0};
    gmtime_r(&begin_s, &begin);
    gmtime_r(&end_s, &end);
    return g_strdup_printf(formats[lang], days[lang][begin.tm_wday], begin.tm_mday,
                           months[lang][begin.tm_mon], begin.tm_year + 1900, begin.tm_hour,
                           begin.tm_min, end.tm_hour, end.tm_min);
}

static const char *filled(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Or that of the other language. */
static const char *in_language(const char *ar, const char *en, int lang)
{
    const char *wanted = filled(lang == MAIL_AR ? ar : en),
               *other = filled(lang == MAIL_AR ? en : ar);
    return wanted != NULL ? wanted : other != NULL ? other : "";
}

static const char *title_in(const StoreSession *row, int lang)
{
    return in_language(row->title_ar, row->title_en, lang);
}

static char *speakers_in(const StoreSession *row, int lang)
{
    static const char *const between[MAIL_LANGUAGES] = {"، ", ", "};
    g_autoptr(json_t) list = json_loads(row->speakers, 0, NULL);
    g_autoptr(GString) names = g_string_new(NULL);
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        const json_t *name = json_object_get(item, "name");
        const char *wanted = filled(json_string_value(json_object_get(name, mail_languages[lang])));
        const char *other =
            filled(json_string_value(json_object_get(name, mail_languages[1 - lang])));
        const char *text = wanted != NULL ? wanted : other;
        if (text != NULL) {
            g_string_append_printf(names, "%s%s", names->len > 0 ? between[lang] : "", text);
        }
    }
    return g_strdup(names->str);
}

/* What a template needs in one language. Texts are owned. */
typedef struct {
    char *time, *speakers, *link;
    MailValues values;
} Filling;

static void filling_make(Filling *filling, const MailLetter *letter, int lang)
{
    const StoreSession *session = letter->session;
    const StoreSeries *series = letter->series;
    *filling = (Filling){.time = time_words(session, lang), .speakers = speakers_in(session, lang)};
    if (letter->code != NULL) {
        filling->link =
            g_strdup_printf("%s/%s/i/%s", letter->site, mail_languages[lang], letter->code);
    }
    const char **of = filling->values.of;
    of[MAIL_VALUE_NAME] = letter->name;
    of[MAIL_VALUE_TITLE] = title_in(session, lang);
    of[MAIL_VALUE_SERIES] =
        series != NULL ? in_language(series->name_ar, series->name_en, lang) : NULL;
    of[MAIL_VALUE_TIME] = filling->time;
    of[MAIL_VALUE_SPEAKERS] = filling->speakers;
    of[MAIL_VALUE_QUESTION] = letter->question;
    of[MAIL_VALUE_COMING] = filling->link;
    if (filling->link != NULL && letter->query[0] != '\0') {
        char *whole = g_strconcat(filling->link, letter->query, NULL);
        mail_wipe(filling->link);
        filling->link = whole;
    }
    of[MAIL_VALUE_LINK] = filling->link;
}

static void filling_clear(Filling *filling)
{
    g_free(filling->time);
    g_free(filling->speakers);
    mail_wipe(filling->link);
}

static MailTemplate template_of(const MailLetter *letter, int lang)
{
    const MailTemplate *edited = &letter->templates[lang];
    return edited->subject != NULL ? *edited : *mail_template_built_in(letter->kind, lang);
}

static void add_stop(const MailLetter *letter, int lang, GString *text, GString *html)
{
    static const char *const labels[MAIL_LANGUAGES] = {"لإيقاف رسائل التذكير والمتابعة",
                                                       "To stop reminders and follow-up mails"};
    g_autofree char *link =
        g_strdup_printf("%s/%s/unsubscribe/%s", letter->site, mail_languages[lang], letter->stop);
    g_autofree char *escaped = g_markup_escape_text(link, -1);
    g_string_append_printf(text, "\n%s:\n%s\n", labels[lang], link);
    g_string_append_printf(html,
                           "<p style=\"margin:20px 0 0;font-size:14px\"><a href=\"%s\" "
                           "style=\"color:#4b4f58\">%s</a></p>\n",
                           escaped, labels[lang]);
}

static char *add_language(const MailLetter *letter, int lang, GString *text, GString *html)
{
    Filling filling;
    filling_make(&filling, letter, lang);
    MailTemplate template = template_of(letter, lang);
    g_string_append_printf(html,
                           "<div lang=\"%s\" dir=\"%s\" style=\"max-width:36em;margin:0 auto;"
                           "text-align:%s\">\n",
                           mail_languages[lang], lang == MAIL_AR ? "rtl" : "ltr",
                           lang == MAIL_AR ? "right" : "left");
    mail_template_body(template.body, &filling.values, lang, text, html);
    if (letter->stop != NULL) {
        add_stop(letter, lang, text, html);
    }
    g_string_append(html, "</div>\n");
    char *subject = mail_template_subject(template.subject, &filling.values);
    filling_clear(&filling);
    return subject;
}

/* Both, but the same title only once: "A | B: title". */
static char *join_subjects(const char *ar, const char *en, const StoreSession *session)
{
    const char *title = title_in(session, MAIL_AR);
    g_autofree char *end = g_strconcat(": ", title, NULL);
    if (strcmp(ar, en) == 0) {
        return g_strdup(ar);
    }
    bool same = strcmp(title, title_in(session, MAIL_EN)) == 0 && g_str_has_suffix(ar, end) &&
                g_str_has_suffix(en, end);
    return g_strdup_printf("%.*s | %s", (int)(strlen(ar) - (same ? strlen(end) : 0)), ar, en);
}

#define BODY                                                                                       \
    "margin:0;padding:16px;background:#ffffff;color:#232528;font-family:Tahoma,Arial,sans-serif;"  \
    "font-size:16px;line-height:1.7;overflow-wrap:break-word"

void mail_texts_make(const MailLetter *letter, MailTexts *out)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GString) html = g_string_new(NULL);
    g_autofree char *ar = add_language(letter, MAIL_AR, text, html);
    g_string_append(text, "\n----------------------------------------\n\n");
    g_string_append(html, "<hr style=\"max-width:36em;margin:24px auto\">\n");
    g_autofree char *en = add_language(letter, MAIL_EN, text, html);
    out->subject = join_subjects(ar, en, letter->session);
    g_autofree char *title = g_markup_escape_text(out->subject, -1);
    out->html = g_strdup_printf("<!doctype html>\n<html lang=\"ar\" dir=\"rtl\">\n<head>"
                                "<meta charset=\"utf-8\"><title>%s</title></head>\n"
                                "<body style=\"" BODY "\">\n%s</body>\n</html>\n",
                                title, html->str);
    explicit_bzero(html->str, html->len);
    out->text = g_string_free(text, FALSE);
}

void mail_texts_preview(MailTextKind kind, const MailTemplate templates[MAIL_LANGUAGES],
                        const char *site, MailTexts *out)
{
    static StoreSession session = {
        .id = "sample",
        .title_ar = "الاتصال في وقت الأزمات",
        .title_en = "Crisis communication",
        .speakers = "[{\"name\": {\"ar\": \"مريم الهاشمي\", \"en\": \"Maryam Al Hashimi\"}}]",
        .agenda = "[]",
        .starts_us = INT64_C(1893481200000000), // 2030-01-01 07:00 UTC
        .duration_minutes = 60};
    static StoreSeries series = {.name_ar = "60 دقيقة اتصال",
                                 .name_en = "60 Minutes of Communication"};
    bool stops = kind >= MAIL_TEXT_REMINDER;
    MailLetter letter = {.kind = kind,
                         .session = &session,
                         .series = &series,
                         .name = "نورة الشامسي",
                         .question = "كيف نخاطب الجمهور قبل أن تكتمل المعلومات؟",
                         .site = site,
                         .code = kind != MAIL_TEXT_CANCELLATION ? "…" : NULL,
                         .query = "",
                         .stop = stops ? "…" : NULL};
    memcpy(letter.templates, templates, sizeof letter.templates);
    mail_texts_make(&letter, out);
}
