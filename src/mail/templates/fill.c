// SPDX-License-Identifier: GPL-3.0-or-later
// Fills templates in, as plain text and as HTML.
#include "mail/templates/templates.h"

#include <string.h>

#define BUTTON                                                                                     \
    "display:inline-block;padding:10px 20px;border-radius:8px;background:#92722a;color:#ffffff;"   \
    "text-decoration:none;font-weight:bold"
#define PARAGRAPH "<p style=\"margin:0 0 12px\">"

typedef struct {
    GString *text, *html;
    const MailValues *values;
    int language;
    bool open;  // a paragraph of HTML
    bool blank; // before the next line
} Out;

static const char *value_of(const MailValues *values, int value)
{
    const char *text = value >= 0 ? values->of[value] : NULL;
    return text != NULL ? text : "";
}

static void add_escaped(GString *html, const char *text, gssize size)
{
    g_autofree char *escaped = g_markup_escape_text(text, size);
    g_string_append(html, escaped);
    explicit_bzero(escaped, strlen(escaped)); // may be a link
}

static void add_anchor(GString *html, const char *link, const char *more, const char *label,
                       const char *style)
{
    g_string_append(html, "<a href=\"");
    add_escaped(html, link, -1);
    g_string_append_printf(html, "%s\"%s%s%s>", more, style != NULL ? " style=\"" : "",
                           style != NULL ? style : "", style != NULL ? "\"" : "");
    add_escaped(html, label, -1);
    g_string_append(html, "</a>");
}

/* The page asks once more: mail scanners open links. */
static void add_coming(Out *out, const char *link)
{
    static const char *const answers[] = {"yes", "maybe", "no"};
    static const char *const labels[][MAIL_LANGUAGES] = {
        {"نعم، سأحضر", "Yes, I will"}, {"ربما", "Maybe"}, {"لن أحضر", "No, I will not"}};
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        const char *label = labels[i][out->language];
        g_autofree char *more = g_strdup_printf("?coming=%s", answers[i]);
        g_string_append_printf(out->text, "%s%s: %s%s", i > 0 ? "\n" : "", label, link, more);
        g_string_append(out->html, i > 0 ? " &#183; " : "");
        add_anchor(out->html, link, more, label, NULL);
    }
}

static void add_value(Out *out, int value)
{
    const char *text = value_of(out->values, value);
    if (value == MAIL_VALUE_COMING) {
        add_coming(out, text);
        return;
    }
    g_string_append(out->text, text);
    if (value == MAIL_VALUE_LINK) {
        add_anchor(out->html, text, "", text, NULL);
    } else {
        g_string_append(out->html, "<bdi>");
        add_escaped(out->html, text, -1);
        g_string_append(out->html, "</bdi>");
    }
}

static bool is_left_out(const char *line, const MailValues *values)
{
    const char *end;
    int value, count = 0;
    for (const char *at = line; (at = mail_placeholder(at, &end, &value)) != NULL; at = end) {
        if (value_of(values, value)[0] != '\0') {
            return false;
        }
        count++;
    }
    return count > 0;
}

static void close_paragraph(Out *out)
{
    g_string_append(out->html, out->open ? "</p>\n" : "");
    out->open = false;
}

static void add_heading(Out *out)
{
    const char *title = value_of(out->values, MAIL_VALUE_TITLE);
    close_paragraph(out);
    g_string_append_printf(out->text, "%s\n", title);
    g_string_append(out->html, "<h1 dir=\"auto\" style=\"font-size:22px;margin:12px 0\">");
    add_escaped(out->html, title, -1);
    g_string_append(out->html, "</h1>\n");
}

/* The label of "LABEL: {link}"; NULL: another line. */
static char *button_of(const char *line)
{
    const char *end;
    int value;
    const char *begin = mail_placeholder(line, &end, &value);
    if (begin == NULL || begin == line || value != MAIL_VALUE_LINK || *end != '\0') {
        return NULL;
    }
    g_autofree char *label = g_strndup(line, (gsize)(begin - line));
    g_strchomp(label);
    size_t length = strlen(label);
    if (length > 0 && label[length - 1] == ':') {
        label[length - 1] = '\0';
    }
    return g_strdup(g_strchomp(label));
}

static void add_button(Out *out, const char *label)
{
    const char *link = value_of(out->values, MAIL_VALUE_LINK);
    close_paragraph(out);
    g_string_append_printf(out->text, "%s:\n%s\n", label, link);
    g_string_append(out->html, "<p style=\"margin:20px 0 12px\">");
    add_anchor(out->html, link, "", label, BUTTON);
    g_string_append(out->html, "</p>\n");
}

static void add_line(Out *out, const char *line)
{
    g_string_append(out->html, out->open ? "<br>\n" : PARAGRAPH);
    out->open = true;
    const char *end;
    int value;
    const char *from = line;
    for (const char *at; (at = mail_placeholder(from, &end, &value)) != NULL; from = end) {
        g_string_append_len(out->text, from, at - from);
        add_escaped(out->html, from, at - from);
        add_value(out, value);
    }
    g_string_append_printf(out->text, "%s\n", from);
    add_escaped(out->html, from, -1);
}

char *mail_template_subject(const char *subject, const MailValues *values)
{
    GString *out = g_string_new(NULL);
    const char *from = subject, *end;
    int value;
    for (const char *at; (at = mail_placeholder(from, &end, &value)) != NULL; from = end) {
        g_string_append_len(out, from, at - from);
        g_string_append(out, value_of(values, value));
    }
    g_string_append(out, from);
    return g_string_free(out, FALSE);
}

void mail_template_body(const char *body, const MailValues *values, int language, GString *text,
                        GString *html)
{
    Out out = {.text = text, .html = html, .values = values, .language = language};
    g_auto(GStrv) lines = g_strsplit(body, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if ((*line)[0] == '\0') {
            close_paragraph(&out);
            out.blank = true;
            continue;
        }
        if (is_left_out(*line, values)) {
            continue;
        }
        g_string_append(text, out.blank ? "\n" : "");
        out.blank = false;
        g_autofree char *label = button_of(*line);
        if (strcmp(*line, "{title}") == 0) {
            add_heading(&out);
        } else if (label != NULL) {
            add_button(&out, label);
        } else {
            add_line(&out, *line);
        }
    }
    close_paragraph(&out);
}
