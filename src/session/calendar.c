// SPDX-License-Identifier: GPL-3.0-or-later
// Writes iCalendar objects.
#include "session/private.h"

#include <string.h>
#include <time.h>

#define LINE_OCTETS 75 // RFC 5545 3.1
#define REMINDER "-PT10M"
#define REFRESH "PT1H"

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

/* `ahead_s`: of UTC. */
static void add_time_as(GString *out, const char *name, int64_t wall_us, int ahead_s,
                        const char *format)
{
    time_t seconds = (time_t)(wall_us / G_USEC_PER_SEC) + ahead_s;
    struct tm time;
    char text[32] = "19700101T000000";
    if (gmtime_r(&seconds, &time) != NULL) {
        strftime(text, sizeof text, format, &time);
    }
    add(out, name, text);
}

static void add_time(GString *out, const char *name, int64_t wall_us)
{
    add_time_as(out, name, wall_us, 0, "%Y%m%dT%H%M%SZ");
}

#define ZONE "Asia/Dubai"
#define ZONE_AHEAD_S (4 * 3600) // all year, since 1920

static void add_zone_time(GString *out, const char *name, int64_t wall_us)
{
    g_autofree char *zoned = g_strconcat(name, ";TZID=" ZONE, NULL);
    add_time_as(out, zoned, wall_us, ZONE_AHEAD_S, "%Y%m%dT%H%M%S");
}

static void add_zone(GString *out)
{
    static const char *const lines[] = {
        "BEGIN:VTIMEZONE",    "TZID:Asia/Dubai",  "BEGIN:STANDARD", "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0400", "TZOFFSETTO:+0400", "TZNAME:+04",     "END:STANDARD",
        "END:VTIMEZONE"};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        append_line(out, lines[i]);
    }
}

/* CAL-ADDRESS with CN, a quoted parameter (RFC 5545 3.2): no quotes, no controls. */
static void add_person(GString *out, const char *begin, const char *name, const char *address)
{
    g_autoptr(GString) line = g_string_new(begin);
    if (name != NULL && name[0] != '\0') {
        g_autofree char *valid = g_utf8_make_valid(name, -1);
        g_string_append(line, ";CN=\"");
        for (const char *at = valid; *at != '\0'; at++) {
            if ((unsigned char)*at >= ' ' && *at != 0x7f) {
                g_string_append_c(line, (char)(*at == '"' ? '\'' : *at));
            }
        }
        g_string_append_c(line, '"');
    }
    g_string_append(line, ":mailto:");
    g_string_append(line, address);
    append_line(out, line->str);
}

static void add_reminder(GString *out, const char *title)
{
    add(out, "BEGIN", "VALARM");
    add(out, "ACTION", "DISPLAY");
    add(out, "TRIGGER", REMINDER);
    add_text(out, "DESCRIPTION", title);
    add(out, "END", "VALARM");
}

static void add_event(GString *out, const StoreSession *row, const char *title, const char *about,
                      const char *page, const SessionInvite *invite, int64_t now_us)
{
    g_autofree char *uid = g_strconcat(row->id, "@majlis", NULL);
    g_autofree char *sequence = g_strdup_printf("%d", row->revision);
    bool cancelled = row->state == SESSION_CANCELLED;
    int64_t ends_us = row->starts_us + row->duration_minutes * INT64_C(60) * G_USEC_PER_SEC;
    add(out, "BEGIN", "VEVENT");
    add_text(out, "UID", uid);
    add_time(out, "DTSTAMP", now_us);
    (invite != NULL ? add_zone_time : add_time)(out, "DTSTART", row->starts_us);
    (invite != NULL ? add_zone_time : add_time)(out, "DTEND", ends_us);
    add(out, "SEQUENCE", sequence);
    add(out, "STATUS", cancelled ? "CANCELLED" : "CONFIRMED");
    add_text(out, "SUMMARY", title);
    add_text(out, "DESCRIPTION", about);
    add(out, "URL", page);
    if (invite != NULL) {
        add_person(out, "ORGANIZER", invite->organizer_name, invite->organizer);
        add_person(out, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE",
                   invite->attendee_name, invite->attendee);
    }
    if (!cancelled) { // cancelling removes it
        add_reminder(out, title);
    }
    add(out, "END", "VEVENT");
}

static void begin(GString *out)
{
    add(out, "BEGIN", "VCALENDAR");
    add(out, "VERSION", "2.0");
    add(out, "PRODID", "-//majlis//majlis//EN");
}

/* In one language, to nobody. */
static void add_row(GString *out, const StoreSession *row, const char *lang, const char *page,
                    int64_t now_us)
{
    g_autofree char *title = session_title(row, lang);
    g_autoptr(GString) about = g_string_new(NULL);
    session_describe(about, row, lang);
    g_string_append(about, page);
    add_event(out, row, title, about->str, page, NULL, now_us);
}

char *session_calendar(const StoreSession *row, const char *lang, const char *page, int64_t now_us)
{
    GString *out = g_string_new(NULL);
    begin(out);
    add_row(out, row, lang, page, now_us);
    add(out, "END", "VCALENDAR");
    return g_string_free(out, FALSE);
}

char *session_invite(const StoreSession *row, const char *page, const SessionInvite *invite,
                     int64_t now_us)
{
    GString *out = g_string_new(NULL);
    g_autofree char *ar = session_title(row, "ar"), *en = session_title(row, "en");
    bool one = ar == NULL || en == NULL || strcmp(ar, en) == 0;
    g_autofree char *title = one ? g_strdup(ar) : g_strdup_printf("%s | %s", ar, en);
    g_autoptr(GString) about = g_string_new(NULL);
    g_autoptr(GString) english = g_string_new(NULL);
    session_describe(about, row, "ar");
    session_describe(english, row, "en");
    if (strcmp(about->str, english->str) != 0) {
        g_string_append_printf(about, "\n%s", english->str);
    }
    g_string_append(about, page);
    begin(out);
    add(out, "CALSCALE", "GREGORIAN");
    add(out, "METHOD", row->state == SESSION_CANCELLED ? "CANCEL" : "REQUEST");
    add_zone(out);
    add_event(out, row, title, about->str, page, invite, now_us);
    add(out, "END", "VCALENDAR");
    return g_string_free(out, FALSE);
}

char *session_calendar_feed(const GPtrArray *rows, const char *lang, const char *site)
{
    g_autofree char *name = session_feed_name(rows, lang, false);
    GString *out = g_string_new(NULL);
    begin(out);
    add_text(out, "NAME", name); // RFC 7986 5.1
    add_text(out, "X-WR-CALNAME", name);
    add(out, "REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    add(out, "X-PUBLISHED-TTL", REFRESH);
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        g_autofree char *page = g_strdup_printf("%s/%s/s/%s", site, lang, row->id);
        // the same text while nothing changes
        int64_t revised_us = MAX(row->created_us, MAX(row->live_us, row->ended_us));
        add_row(out, row, lang, page, revised_us);
    }
    add(out, "END", "VCALENDAR");
    return g_string_free(out, FALSE);
}
