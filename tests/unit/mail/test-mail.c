// SPDX-License-Identifier: GPL-3.0-or-later
// The text of mails: folded headers in Arabic, parts, no header by what people typed.
#include "base/error.h"
#include "mail/encode.h"
#include "mail/mail.h"
#include "mail/message.h"
#include "mail/texts.h"

#include <string.h>

/* Undoes one header: unfolds, joins encoded words. Checks their sizes and that each is whole UTF-8. */
static char *decode(const char *header)
{
    g_auto(GStrv) lines = g_strsplit(header, "\r\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    bool word_before = false;
    for (char **line = lines; *line != NULL; line++) {
        g_assert_cmpuint(strlen(*line), <=, MAIL_LINE_BYTES);
        g_assert_true(line == lines || (*line)[0] == ' ' || (*line)[0] == '\0');
        char *begin = strstr(*line, "=?utf-8?B?");
        if (begin == NULL) {
            g_string_append(out, *line);
            continue;
        }
        char *end = strstr(begin, "?=");
        g_assert_nonnull(end);
        g_assert_cmpint(end + 2 - begin, <=, 75);
        g_string_append_len(out, *line, word_before ? 0 : begin - *line);
        g_autofree char *coded = g_strndup(begin + 10, (gsize)(end - begin - 10));
        gsize size;
        g_autofree guchar *text = g_base64_decode(coded, &size);
        g_assert_true(g_utf8_validate((const char *)text, (gssize)size, NULL));
        g_string_append_len(out, (const char *)text, (gssize)size);
        g_string_append(out, end + 2);
        word_before = true;
    }
    return g_strdup(out->str);
}

static void test_subjects(void)
{
    static const struct {
        const char *text, *header;
    } cases[] = {
        {"Plain", "Subject: Plain\r\n"},
        {"", "Subject: \r\n"},
        {"a\r\nBcc: x@y.ae", "Subject: a  Bcc: x@y.ae\r\n"}, // no second header
        {"a\tb\x01\x7f", "Subject: a b  \r\n"},
        {"دعوة", "Subject: =?utf-8?B?2K/YudmI2Kk=?=\r\n"},
        {"=?utf-8?B?QQ==?=",
         "Subject: =?utf-8?B?PT91dGYtOD9CP1FRPT0/PQ==?=\r\n"}, // no foreign word
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        mail_append_text(out, "Subject", cases[i].text);
        g_assert_cmpstr(out->str, ==, cases[i].header);
    }
}

/* Every length of letters of one to four bytes. */
static void test_folds(void)
{
    static const char *const letters[] = {"x", "ش", "€", "🙂", "xش"};
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (int length = 1; length <= 120; length++) {
            g_string_append(text, letters[i]);
            g_autoptr(GString) out = g_string_new(NULL);
            mail_append_text(out, "Subject", text->str);
            g_autofree char *decoded = decode(out->str);
            g_autofree char *expected = g_strconcat("Subject: ", text->str, NULL);
            g_assert_cmpstr(decoded, ==, expected);
            g_string_truncate(out, 0);
            mail_append_mailbox(out, "To", text->str, "noura.alshamsi@economy.gov.ae");
            g_auto(GStrv) lines = g_strsplit(out->str, "\r\n", -1);
            for (char **line = lines; *line != NULL; line++) {
                g_assert_cmpuint(strlen(*line), <=, MAIL_LINE_BYTES);
            }
            g_assert_true(g_str_has_suffix(out->str, " <noura.alshamsi@economy.gov.ae>\r\n"));
        }
    }
}

static void test_mailboxes(void)
{
    static const struct {
        const char *name, *header;
    } cases[] = {
        {NULL, "To: a@b.ae\r\n"},
        {"", "To: a@b.ae\r\n"},
        {" \r\n ", "To: a@b.ae\r\n"},
        {"Noura", "To: \"Noura\" <a@b.ae>\r\n"},
        {"A \"B\" \\", "To: \"A \\\"B\\\" \\\\\" <a@b.ae>\r\n"},
        {"x\" <evil@c.ae>, \"y", "To: \"x\\\" <evil@c.ae>, \\\"y\" <a@b.ae>\r\n"},
        {"x\r\nBcc: evil@c.ae", "To: \"x  Bcc: evil@c.ae\" <a@b.ae>\r\n"},
        {"نورة", "To: =?utf-8?B?2YbZiNix2Kk=?= <a@b.ae>\r\n"},
        {"\xff", "To: =?utf-8?B?77+9?= <a@b.ae>\r\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        mail_append_mailbox(out, "To", cases[i].name, "a@b.ae");
        g_assert_cmpstr(out->str, ==, cases[i].header);
    }
}

static void test_message(void)
{
    g_autofree char *line = g_strnfill(5000, 'x');
    g_autofree char *text = g_strconcat(".\n..\nFrom me\n", line, "\nسطر\n", NULL);
    MailMessage message = {.id = "abc@majlis.ae",
                           .date_us = INT64_C(1763888400123456),
                           .from = "sessions@majlis.ae",
                           .from_name = "60 دقيقة اتصال",
                           .reply_to = "office@majlis.ae",
                           .to = "a@b.ae",
                           .to_name = "Noura",
                           .subject = "دعوة",
                           .unsubscribe = "office@majlis.ae",
                           .text = text,
                           .html = "<p>سطر</p>",
                           .calendar = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
                           .method = "REQUEST"};
    GString *out = mail_message(&message);
    g_assert_nonnull(strstr(out->str, "Date: Sun, 23 Nov 2025 13:00:00 +0400\r\n"));
    g_assert_nonnull(strstr(out->str, "Message-ID:\r\n <abc@majlis.ae>\r\n"));
    g_assert_nonnull(strstr(out->str, "Auto-Submitted: auto-generated\r\n"));
    g_assert_nonnull(strstr(out->str, "text/calendar; charset=utf-8; method=REQUEST\r\n"));
    g_auto(GStrv) lines = g_strsplit(out->str, "\r\n", -1);
    for (char **each = lines; *each != NULL; each++) {
        g_assert_cmpuint(strlen(*each), <=, MAIL_LINE_BYTES);
        g_assert_null(strpbrk(*each, "\r\n")); // no bare ones
        g_assert_true(g_str_is_ascii(*each));
    }
    g_string_free(out, TRUE);
}

static StoreSession session = {.id = "s1",
                               .title_ar = "الاتصال <وقت> الأزمات",
                               .title_en = "Crisis & communication",
                               .speakers = "[{\"name\": {\"ar\": \"مريم\", \"en\": \"Maryam\"}},"
                                           "{\"name\": {\"ar\": \"علي\", \"en\": \"\"}}]",
                               .agenda = "[]",
                               .starts_us = INT64_C(1796108400000000), // 2026-12-01 07:00 UTC
                               .duration_minutes = 90};

static MailLetter letter_of(MailTextKind kind)
{
    return (MailLetter){.kind = kind,
                        .session = &session,
                        .name = "<b>نورة</b>",
                        .site = "https://m.ae",
                        .code = "c0de",
                        .query = ""};
}

static void test_texts(void)
{
    g_auto(MailTexts) texts = {0};
    StoreSeries series = {.name_ar = "ستون دقيقة", .name_en = ""};
    MailLetter letter = letter_of(mail_text_kind(MAIL_INVITATION, "speaker"));
    letter.series = &series;
    mail_texts_make(&letter, &texts);
    g_assert_cmpstr(texts.subject, ==,
                    "دعوة: الاتصال <وقت> الأزمات | Invitation: Crisis & communication");
    static const char *const both[] = {"مريم، علي",
                                       "Maryam, علي",
                                       "https://m.ae/ar/i/c0de",
                                       "https://m.ae/en/i/c0de",
                                       "https://m.ae/en/i/c0de?coming=maybe",
                                       "الثلاثاء 1 ديسمبر 2026، من الساعة 11:00 إلى 12:30",
                                       "Tuesday 1 December 2026, 11:00 to 12:30 UAE time",
                                       "ستون دقيقة",
                                       "to speak in"};
    for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
        g_assert_nonnull(strstr(texts.text, both[i]));
        g_assert_nonnull(strstr(texts.html, both[i]));
    }
    g_assert_true(strstr(texts.text, "السلام") < strstr(texts.text, "Dear")); // Arabic first
    g_assert_null(strstr(texts.html, "<b>"));                                 // escaped
    g_assert_nonnull(strstr(texts.html, "&lt;b&gt;نورة&lt;/b&gt;"));
    g_assert_nonnull(strstr(texts.html, "dir=\"rtl\""));
    g_assert_null(strchr(texts.text, '{'));
}

/* One title in both languages stands once in the subject. */
static void test_one_title(void)
{
    StoreSession same = session;
    same.title_en = "";
    MailLetter letter = letter_of(MAIL_TEXT_REMINDER);
    letter.session = &same;
    g_auto(MailTexts) texts = {0};
    mail_texts_make(&letter, &texts);
    g_assert_cmpstr(texts.subject, ==, "تذكير | Reminder: الاتصال <وقت> الأزمات");
}

static void test_kinds(void)
{
    for (int i = 0; i < MAIL_KINDS; i++) {
        MailKind kind;
        g_autofree char *longer = g_strconcat(mail_kind_name((MailKind)i), "/60", NULL);
        g_assert_true(mail_kind_parse(longer, &kind));
        g_assert_cmpint(kind, ==, i);
    }
    MailKind kind;
    g_assert_false(mail_kind_parse("invitations", &kind));
    g_assert_false(mail_kind_parse("", &kind));
    g_auto(MailTexts) texts = {0};
    MailLetter letter = letter_of(MAIL_TEXT_CANCELLATION);
    letter.code = NULL;
    mail_texts_make(&letter, &texts);
    g_assert_null(strstr(texts.html, "href")); // no link, no button
}

static bool take(MailTextKind kind, const char *subject, const char *body, char **out_body,
                 GError **error)
{
    g_autoptr(json_t) json = json_pack("{s:s, s:s}", "subject", subject, "body", body);
    g_autofree char *taken = NULL;
    bool good = mail_template_take(kind, json, "ar.", &taken, out_body, error);
    g_assert_true(taken == NULL || strpbrk(taken, "\r\n") == NULL);
    return good;
}

/* The built-in texts are what staff may write, and come back unchanged. */
static void test_built_in(void)
{
    for (int kind = 0; kind < MAIL_TEXT_KINDS; kind++) {
        MailTextKind parsed;
        g_assert_true(mail_text_kind_parse(mail_text_kind_name((MailTextKind)kind), &parsed));
        g_assert_cmpint(parsed, ==, kind);
        for (int lang = 0; lang < MAIL_LANGUAGES; lang++) {
            const MailTemplate *one = mail_template_built_in((MailTextKind)kind, lang);
            g_autoptr(GError) error = NULL;
            g_autofree char *body = NULL;
            g_assert_true(take((MailTextKind)kind, one->subject, one->body, &body, &error));
            g_assert_no_error(error);
            g_assert_cmpstr(body, ==, one->body);
        }
    }
}

static void test_checks(void)
{
    static const struct {
        MailTextKind kind;
        const char *subject, *body, *field;
        BaseCode code;
    } cases[] = {
        {MAIL_TEXT_REMINDER, "", "{link}", "ar.subject", BASE_CODE_REQUIRED},
        {MAIL_TEXT_REMINDER, "\r\n \u200b", "{link}", "ar.subject", BASE_CODE_BLANK},
        {MAIL_TEXT_REMINDER, "x", "\n\r\n", "ar.body", BASE_CODE_REQUIRED},
        {MAIL_TEXT_REMINDER, "x", "no way in", "ar.body", BASE_CODE_LINK_MISSING},
        {MAIL_TEXT_REMINDER, "{link}", "{link}", "ar.subject", BASE_CODE_UNKNOWN_PLACEHOLDER},
        {MAIL_TEXT_REMINDER, "{Name}", "{link}", "ar.subject", BASE_CODE_UNKNOWN_PLACEHOLDER},
        {MAIL_TEXT_REMINDER, "x", "{link}\n{ name }", "ar.body", BASE_CODE_UNKNOWN_PLACEHOLDER},
        {MAIL_TEXT_REMINDER, "x", "{link}{coming}", "ar.body", BASE_CODE_UNKNOWN_PLACEHOLDER},
        {MAIL_TEXT_REMINDER, "x", "{link}{question}", "ar.body", BASE_CODE_UNKNOWN_PLACEHOLDER},
        {MAIL_TEXT_CANCELLATION, "x", "{link}", "ar.body", BASE_CODE_UNKNOWN_PLACEHOLDER},
        {MAIL_TEXT_ANSWER, "x", "{link} {}", "ar.body", BASE_CODE_UNKNOWN_PLACEHOLDER},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *body = NULL;
        g_assert_false(take(cases[i].kind, cases[i].subject, cases[i].body, &body, &error));
        g_assert_cmpint(base_error_code(error), ==, cases[i].code);
        g_assert_cmpstr(base_error_field(error), ==, cases[i].field);
    }
    g_autofree char *body = NULL, *other = NULL;
    g_assert_true(
        take(MAIL_TEXT_REMINDER, "a\r\nBcc: x@y.ae", "a {\r\n\r\n\n\nb: {link}", &body, NULL));
    g_assert_cmpstr(body, ==, "a {\n\nb: {link}\n");
    g_autofree char *line = g_strnfill(MAIL_MAX_BODY / 2, 'x');
    g_autofree char *twice = g_strconcat("{link}\n", line, "\n", line, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(take(MAIL_TEXT_REMINDER, "x", twice, &other, &error));
    g_assert_cmpint(base_error_code(error), ==, BASE_CODE_TOO_LONG);
}

/* Written by staff: values are never templates themselves, nor HTML. */
static void test_filling(void)
{
    MailLetter letter = letter_of(MAIL_TEXT_ANSWER);
    letter.name = "{link} & co";
    letter.question = "<i>why</i>";
    letter.query = "?question=q1";
    letter.templates[MAIL_EN] = (MailTemplate){
        "{name}: {series}", "<u>{title}</u>\n{series}\nOf {series} with {name}\n\nGo: {link}\nSee "
                            "{link} soon\n{question}\n"};
    g_auto(MailTexts) texts = {0};
    mail_texts_make(&letter, &texts);
    g_assert_true(g_str_has_suffix(texts.subject, " | {link} & co: "));
    g_assert_nonnull(strstr(texts.text, "\n<u>Crisis & communication</u>\nOf  with {link} & co\n\n"
                                        "Go:\nhttps://m.ae/en/i/c0de?question=q1\n"
                                        "See https://m.ae/en/i/c0de?question=q1 soon\n"
                                        "<i>why</i>\n"));
    g_assert_nonnull(strstr(texts.html, "&lt;u&gt;<bdi>Crisis &amp; communication</bdi>"));
    g_assert_nonnull(strstr(texts.html, ">Go</a>"));
    g_assert_null(strstr(texts.html, "<i>"));
    g_assert_null(strstr(texts.html, "<u>"));
}

/* CR, LF and folds in every text of people: no header but those that are meant. */
static void test_injection(void)
{
    static const char *const evil[] = {
        "a\r\nBcc: x@y.ae",  "a\nBcc: x@y.ae",      "a\rBcc: x@y.ae",
        "a\r\n Bcc: x@y.ae", "\r\n\r\nBcc: x@y.ae", "ش\r\n\tBcc: x@y.ae\xc2\x85\xe2\x80\xa8"};
    for (size_t i = 0; i < G_N_ELEMENTS(evil); i++) {
        StoreSession named = session;
        named.title_ar = named.title_en = (char *)evil[i];
        StoreSeries series = {.name_ar = (char *)evil[i], .name_en = (char *)evil[i]};
        MailLetter letter = letter_of(MAIL_TEXT_ANSWER);
        letter.session = &named;
        letter.series = &series;
        letter.name = letter.question = evil[i];
        letter.templates[MAIL_AR] = (MailTemplate){"{name}{title}{series}{speakers}", evil[i]};
        g_auto(MailTexts) texts = {0};
        mail_texts_make(&letter, &texts);
        MailMessage message = {.id = "abc@majlis.ae",
                               .date_us = 1,
                               .from = "sessions@majlis.ae",
                               .from_name = evil[i],
                               .to = "a@b.ae",
                               .to_name = evil[i],
                               .subject = texts.subject,
                               .unsubscribe = "office@majlis.ae",
                               .unsubscribe_page = "https://m.ae/ar/unsubscribe/t",
                               .text = texts.text,
                               .html = texts.html};
        GString *out = mail_message(&message);
        char *end = strstr(out->str, "\r\n\r\n");
        g_assert_nonnull(end);
        g_autofree char *head = g_strndup(out->str, (gsize)(end - out->str));
        g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
        g_autoptr(GString) names = g_string_new(NULL);
        for (char **line = lines; *line != NULL; line++) {
            g_assert_null(strpbrk(*line, "\r\n"));
            if ((*line)[0] != ' ') {
                g_string_append_printf(names, "%.*s ", (int)strcspn(*line, ":"), *line);
            }
        }
        g_assert_cmpstr(names->str, ==,
                        "Date From To Subject Message-ID Auto-Submitted List-Unsubscribe "
                        "List-Unsubscribe-Post Content-Language MIME-Version Content-Type ");
        g_string_free(out, TRUE);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/subjects", test_subjects);
    g_test_add_func("/mail/folds", test_folds);
    g_test_add_func("/mail/mailboxes", test_mailboxes);
    g_test_add_func("/mail/message", test_message);
    g_test_add_func("/mail/texts", test_texts);
    g_test_add_func("/mail/kinds", test_kinds);
    g_test_add_func("/mail/one-title", test_one_title);
    g_test_add_func("/mail/built-in", test_built_in);
    g_test_add_func("/mail/checks", test_checks);
    g_test_add_func("/mail/filling", test_filling);
    g_test_add_func("/mail/injection", test_injection);
    return g_test_run();
}
