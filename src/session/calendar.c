// SPDX-License-Identifier: GPL-3.0-or-later
// Writes iCalendar objects.
#include "session/session.h"

#include <string.h>
#include <time.h>

#define LINE_OCTETS 75 // RFC 5545 3.1
#define REMINDER "-PT10M"

/* Folds between characters. */
static void append_line(GString *out, const char *line)
{
    size_t room = LINE_OCTETS;
    for (const char *at = line; *at != '\0';) {
        size_t size = (size_t)(g_utf8_next_char(at) - at);
        if (size > room) {
            g_string_append(out, "\r\n ");
            room = LINE_OCTETS - 1; // a space
        }
        g_string_append_len(out, at, (gssize)size);
        room -= size;
        at += size;
    }
    g_string_append(out, "\r\n");
}

/* TEXT (RFC 5545 3.3.11). */
static void append_escaped(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text != NULL ? text : "", -1);
    for (const char *at = valid; *at != '\0'; at++) {
        if (*at == '\n') {
            g_string_append(out, "\\n");
        } else if (strchr("\\;,", *at) != NULL) {
            g_string_append_printf(out, "\\%c", *at);
        } else if ((unsigned char)*at >= ' ' && *at != 0x7f) {
            g_string_append_c(out, *at);
        }
    }
}

static void add_text(GString *out, const char *name, const char *text)
{
    g_autoptr(GString) line = g_string_new(name);
    g_string_append_c(line, ':');
    append_escaped(line, text);
    append_line(out, line->str);
}

/* Without escaping. */
static void add(GString *out, const char *name, const char *value)
{
    g_autofree char *line = g_strconcat(name, ":", value, NULL);
    append_line(out, line);
}

static void add_time(GString *out, const char *name, int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / G_USEC_PER_SEC);
    struct tm utc;
    char text[32] = "19700101T000000Z";
    if (gmtime_r(&seconds, &utc) != NULL) {
        strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    }
    add(out, name, text);
}

/* Other language if missing; or "". */
static const char *pick(const json_t *text, const char *lang)
{
    const char *wanted = json_string_value(json_object_get(text, lang));
    const char *other =
        json_string_value(json_object_get(text, strcmp(lang, "ar") == 0 ? "en" : "ar"));
    return wanted != NULL && *wanted != '\0' ? wanted : other != NULL ? other : "";
}

/* A line per array item. */
static void describe(GString *out, const char *stored, const char *key, const char *bullet,
                     const char *lang)
{
    g_autoptr(json_t) list = stored != NULL ? json_loads(stored, 0, NULL) : NULL;
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        const char *text = pick(json_object_get(item, key), lang);
        const char *role = pick(json_object_get(item, "role"), lang);
        g_string_append_printf(out, "%s%s%s%s\n", bullet, text, *role != '\0' ? " - " : "", role);
    }
}

static char *title_of(const StoreSession *row, const char *lang)
{
    g_autoptr(json_t) title =
        json_pack("{s:s, s:s}", "ar", row->title_ar != NULL ? row->title_ar : "", "en",
                  row->title_en != NULL ? row->title_en : "");
    return g_strdup(pick(title, lang)); // NULL: bad UTF-8
}

static void add_reminder(GString *out, const char *title)
{
    add(out, "BEGIN", "VALARM");
    add(out, "ACTION", "DISPLAY");
    add(out, "TRIGGER", REMINDER);
    add_text(out, "DESCRIPTION", title);
    add(out, "END", "VALARM");
}

static void add_event(GString *out, const StoreSession *row, const char *lang, const char *page,
                      int64_t now_us)
{
    g_autofree char *uid = g_strconcat(row->id, "@majlis", NULL);
    g_autofree char *title = title_of(row, lang);
    g_autofree char *sequence = g_strdup_printf("%d", row->revision);
    bool cancelled = row->state == SESSION_CANCELLED;
    g_autoptr(GString) about = g_string_new(NULL);
    describe(about, row->speakers, "name", "", lang);
    describe(about, row->agenda, "title", "- ", lang);
    g_string_append(about, page);
    add(out, "BEGIN", "VEVENT");
    add_text(out, "UID", uid);
    add_time(out, "DTSTAMP", now_us);
    add_time(out, "DTSTART", row->starts_us);
    add_time(out, "DTEND", row->starts_us + row->duration_minutes * INT64_C(60) * G_USEC_PER_SEC);
    add(out, "SEQUENCE", sequence);
    add(out, "STATUS", cancelled ? "CANCELLED" : "CONFIRMED");
    add_text(out, "SUMMARY", title);
    add_text(out, "DESCRIPTION", about->str);
    add(out, "URL", page);
    if (!cancelled) { // cancelling removes it
        add_reminder(out, title);
    }
    add(out, "END", "VEVENT");
}

char *session_calendar(const StoreSession *row, const char *lang, const char *page, int64_t now_us)
{
    GString *out = g_string_new(NULL);
    add(out, "BEGIN", "VCALENDAR");
    add(out, "VERSION", "2.0");
    add(out, "PRODID", "-//majlis//majlis//EN");
    add_event(out, row, lang, page, now_us);
    add(out, "END", "VCALENDAR");
    return g_string_free(out, FALSE);
}
