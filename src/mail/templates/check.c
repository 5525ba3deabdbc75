// SPDX-License-Identifier: GPL-3.0-or-later
// Placeholders, and checks of the templates that staff write.
#include "mail/templates/templates.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define SHOWN_CHARACTERS 40

static const char *const words[MAIL_VALUES] = {
    [MAIL_VALUE_NAME] = "name",         [MAIL_VALUE_TITLE] = "title",
    [MAIL_VALUE_SERIES] = "series",     [MAIL_VALUE_TIME] = "time",
    [MAIL_VALUE_SPEAKERS] = "speakers", [MAIL_VALUE_QUESTION] = "question",
    [MAIL_VALUE_LINK] = "link",         [MAIL_VALUE_COMING] = "coming",
};

const char *mail_value_word(MailValue value)
{
    return words[value];
}

const char *mail_placeholder(const char *at, const char **out_end, int *out_value)
{
    size_t length = strcspn(at, "\n");
    const char *begin = memchr(at, '{', length);
    const char *end = begin != NULL ? memchr(begin, '}', length - (size_t)(begin - at)) : NULL;
    if (end == NULL) {
        return NULL;
    }
    *out_end = end + 1;
    *out_value = -1;
    size_t size = (size_t)(end - begin) - 1;
    for (int i = 0; i < MAIL_VALUES; i++) {
        if (strlen(words[i]) == size && strncmp(begin + 1, words[i], size) == 0) {
            *out_value = i;
        }
    }
    return begin;
}

static bool is_linked(MailTextKind kind)
{
    return kind != MAIL_TEXT_CANCELLATION;
}

static bool is_known(MailTextKind kind, MailValue value, bool subject)
{
    switch (value) {
    case MAIL_VALUE_QUESTION:
        return kind == MAIL_TEXT_ANSWER && !subject;
    case MAIL_VALUE_LINK: // a subject is shown on locked screens
        return is_linked(kind) && !subject;
    case MAIL_VALUE_COMING:
        return kind <= MAIL_TEXT_CHANGE && !subject;
    default:
        return true;
    }
}

const char **mail_template_words(MailTextKind kind, bool subject)
{
    const char **list = g_new0(const char *, MAIL_VALUES + 1);
    size_t count = 0;
    for (int i = 0; i < MAIL_VALUES; i++) {
        if (is_known(kind, (MailValue)i, subject)) {
            list[count++] = words[i];
        }
    }
    return list;
}

static bool refuse_placeholder(MailTextKind kind, bool subject, const char *begin, const char *end,
                               const char *field, GError **error)
{
    g_autofree const char **known = mail_template_words(kind, subject);
    g_autofree char *joined = g_strjoinv("}, {", (char **)known);
    g_autofree char *allowed = g_strdup_printf("{%s}", joined);
    g_autofree char *whole = g_strndup(begin, (gsize)(end - begin));
    g_autofree char *shown =
        g_utf8_substring(whole, 0, MIN(g_utf8_strlen(whole, -1), SHOWN_CHARACTERS));
    return base_refuse(error, BASE_CODE_UNKNOWN_PLACEHOLDER, field,
                       json_pack("{s:s, s:s}", "placeholder", shown, "allowed", allowed),
                       "%s stands for nothing here; known: %s", shown, allowed);
}

/* `*out_linked`: has the reader's link. */
static bool check_placeholders(MailTextKind kind, bool subject, const char *text, const char *field,
                               bool *out_linked, GError **error)
{
    *out_linked = false;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        const char *end;
        int value;
        for (const char *at = line; (at = mail_placeholder(at, &end, &value)) != NULL; at = end) {
            if (value < 0 || !is_known(kind, (MailValue)value, subject)) {
                return refuse_placeholder(kind, subject, at, end, field, error);
            }
            *out_linked = *out_linked || value == MAIL_VALUE_LINK;
        }
    }
    return true;
}

static const char *take_string(const json_t *json, const char *field, GError **error)
{
    const char *text = json_string_value(json);
    if (json != NULL && !json_is_null(json) && text == NULL) {
        base_refuse(error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", "a text"),
                    "%s must be a text.", field);
        return NULL;
    }
    return text != NULL ? text : "";
}

/* Cleaned lines; at most one blank line between two others. */
static char *take_body(const json_t *json, const char *field, GError **error)
{
    const char *text = take_string(json, field, error);
    if (text == NULL) {
        return NULL;
    }
    g_autoptr(GString) out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool blank = false;
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *clean = base_text_take(*line, field, MAIL_MAX_BODY, false, error);
        if (clean == NULL) {
            return NULL;
        }
        if (clean[0] == '\0') {
            blank = out->len > 0;
            continue;
        }
        g_string_append_printf(out, "%s%s\n", blank ? "\n" : "", clean);
        blank = false;
    }
    if (out->len == 0) {
        base_refuse(error, BASE_CODE_REQUIRED, field, NULL, "%s is missing.", field);
        return NULL;
    }
    if (g_utf8_strlen(out->str, -1) > MAIL_MAX_BODY) {
        base_refuse(error, BASE_CODE_TOO_LONG, field, json_pack("{s:i}", "max", MAIL_MAX_BODY),
                    "%s is longer than %d characters.", field, MAIL_MAX_BODY);
        return NULL;
    }
    return g_strdup(out->str);
}

bool mail_template_take(MailTextKind kind, const json_t *json, const char *prefix,
                        char **out_subject, char **out_body, GError **error)
{
    g_autofree char *subject_field = g_strconcat(prefix, "subject", NULL);
    g_autofree char *body_field = g_strconcat(prefix, "body", NULL);
    const char *given = take_string(json_object_get(json, "subject"), subject_field, error);
    g_autofree char *subject =
        given != NULL ? base_text_take(given, subject_field, MAIL_MAX_SUBJECT, true, error) : NULL;
    g_autofree char *body =
        subject != NULL ? take_body(json_object_get(json, "body"), body_field, error) : NULL;
    bool linked;
    if (body == NULL || !check_placeholders(kind, true, subject, subject_field, &linked, error) ||
        !check_placeholders(kind, false, body, body_field, &linked, error)) {
        return false;
    }
    if (is_linked(kind) && !linked) {
        return base_refuse(error, BASE_CODE_LINK_MISSING, body_field,
                           json_pack("{s:s}", "placeholder", "{link}"),
                           "%s has no {link}: its readers could open nothing.", body_field);
    }
    *out_subject = g_steal_pointer(&subject);
    *out_body = g_steal_pointer(&body);
    return true;
}
