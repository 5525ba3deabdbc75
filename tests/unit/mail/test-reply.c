// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of calendars: mails as Google, Outlook and others write them, and what is no answer.
#include "base/error.h"
#include "mail/reply/reply.h"

#include <string.h>

static const char *corpus;

static MailReply *read_text(const char *text, BaseCode *out_code)
{
    g_autoptr(GError) error = NULL;
    MailReply *reply = mail_reply_read((const uint8_t *)text, strlen(text), &error);
    *out_code = error != NULL ? base_error_code(error) : BASE_CODE_NONE;
    return reply;
}

#define STARTS_US INT64_C(1953874800000000) // 2031-12-01 07:00 UTC
#define SAID_US INT64_C(1951286400000000)   // 2031-11-01 08:00 UTC

static void test_files(void)
{
    static const struct {
        const char *name, *coming;
        int64_t starts_us;
    } files[] = {{"accepted.txt", "yes", STARTS_US},
                 {"outlook.txt", "maybe", 0}, // in a zone of its own
                 {"base64.txt", "no", STARTS_US}};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(corpus, files[i].name, NULL);
        g_autofree char *text = NULL;
        BaseCode code;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_autoptr(MailReply) reply = read_text(text, &code);
        g_test_message("%s", files[i].name);
        g_assert_nonnull(reply);
        g_assert_cmpstr(reply->session, ==, "s4x9k2m7qbvz");
        g_assert_cmpstr(reply->address, ==, "noura@economy.test");
        g_assert_cmpstr(reply->coming, ==, files[i].coming);
        g_assert_cmpint(reply->said_us, ==, SAID_US);
        g_assert_cmpint(reply->starts_us, ==, files[i].starts_us);
    }
}

#define EVENT(method, attendee, uid)                                                               \
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\nUID:" uid              \
    "\r\n" attendee "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define NOURA(status) "ATTENDEE;PARTSTAT=" status ":mailto:n@e.test\r\n"
#define OURS "s4x9k2m7qbvz@majlis"

static void test_refused(void)
{
    static const struct {
        const char *text;
        BaseCode code;
    } cases[] = {
        {"", BASE_CODE_REPLY_UNREADABLE},
        {"I am out of the office.", BASE_CODE_REPLY_UNREADABLE},
        {"BEGIN:VCALENDAR", BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REQUEST", NOURA("ACCEPTED"), OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("COUNTER", NOURA("ACCEPTED"), OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", NOURA("NEEDS-ACTION"), OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", NOURA("DELEGATED"), OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", "", OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", "ATTENDEE:mailto:n@e.test\r\n", OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:n@e.test\r\n", OURS),
         BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", NOURA("ACCEPTED") NOURA("DECLINED"), OURS), BASE_CODE_REPLY_UNREADABLE},
        {EVENT("REPLY", NOURA("ACCEPTED"), "040000008200E00074C5B7101A82E008"),
         BASE_CODE_REPLY_UNKNOWN},
        {EVENT("REPLY", NOURA("ACCEPTED"), "../../x@majlis"), BASE_CODE_REPLY_UNKNOWN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        BaseCode code;
        g_test_message("%s", cases[i].text);
        g_assert_null(read_text(cases[i].text, &code));
        g_assert_cmpint(code, ==, cases[i].code);
    }
    BaseCode code;
    g_autoptr(MailReply) reply = read_text(EVENT("REPLY", NOURA("ACCEPTED"), OURS), &code);
    g_assert_nonnull(reply); // the frame is good
    g_assert_cmpint(reply->said_us, ==, 0);
}

/* What is too large is refused before libical sees it. */
static void test_bounds(void)
{
    g_autofree char *filler = g_strnfill(MAIL_CALENDAR_BYTES, 'x');
    g_autofree char *large = g_strconcat("BEGIN:VCALENDAR\r\nX-A:", filler, "\r\n", NULL);
    g_assert_null(mail_reply_calendar((const uint8_t *)large, strlen(large)));
    g_autoptr(GString) mail = g_string_new("Content-Type: multipart/mixed; boundary=b\n\n");
    for (int i = 0; i <= MAIL_REPLY_PARTS; i++) {
        g_string_append(mail, "--b\nContent-Type: text/plain\n\nx\n");
    }
    g_string_append(mail, "--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--b--\n");
    g_assert_null(mail_reply_calendar((const uint8_t *)mail->str, mail->len));
    g_autofree char *path = g_build_filename(corpus, "deep.txt", NULL);
    g_autofree char *deep = NULL;
    g_assert_true(g_file_get_contents(path, &deep, NULL, NULL));
    g_assert_null(mail_reply_calendar((const uint8_t *)deep, strlen(deep)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    corpus = argv[1];
    g_test_add_func("/mail/reply/files", test_files);
    g_test_add_func("/mail/reply/refused", test_refused);
    g_test_add_func("/mail/reply/bounds", test_bounds);
    return g_test_run();
}
