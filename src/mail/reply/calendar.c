// SPDX-License-Identifier: GPL-3.0-or-later
// Reads an answer by libical. No time zone of the file is used: libical would compute all its changes.
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "mail/reply/reply.h"

#include <libical/ical.h>
#include <string.h>

#define UID_END "@majlis"
#define ZONE "Asia/Dubai"
#define ZONE_AHEAD_S (4 * 3600)

static bool refuse(GError **error)
{
    return base_refuse(error, BASE_CODE_REPLY_UNREADABLE, NULL, NULL,
                       "There is no calendar's answer to an invitation in it.");
}

static const char *answer_of(icalproperty *attendee)
{
    icalparameter *status = icalproperty_get_first_parameter(attendee, ICAL_PARTSTAT_PARAMETER);
    switch (status != NULL ? icalparameter_get_partstat(status) : ICAL_PARTSTAT_NONE) {
    case ICAL_PARTSTAT_ACCEPTED:
        return "yes";
    case ICAL_PARTSTAT_TENTATIVE:
        return "maybe";
    case ICAL_PARTSTAT_DECLINED:
        return "no";
    default:
        return NULL;
    }
}

/* 0: not known without the zones of the file. */
static int64_t starts_of(icalcomponent *event)
{
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    if (property == NULL) {
        return 0;
    }
    icaltimetype time = icalproperty_get_dtstart(property);
    icalparameter *zone = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    bool utc = icaltime_is_utc(time);
    bool ours = !utc && zone != NULL && g_strcmp0(icalparameter_get_tzid(zone), ZONE) == 0;
    if (time.is_date || icaltime_is_null_time(time) || (!utc && !ours)) {
        return 0;
    }
    return ((int64_t)icaltime_as_timet(time) - (ours ? ZONE_AHEAD_S : 0)) * BASE_US_PER_S;
}

static int64_t said_at(icalcomponent *event)
{
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_DTSTAMP_PROPERTY);
    icaltimetype time =
        property != NULL ? icalproperty_get_dtstamp(property) : icaltime_null_time();
    return icaltime_is_null_time(time) ? 0 : (int64_t)icaltime_as_timet(time) * BASE_US_PER_S;
}

/* The one ATTENDEE of a REPLY; NULL: none, or several. */
static icalproperty *attendee_of(icalcomponent *event)
{
    icalproperty *first = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    return first != NULL && icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY) == NULL
               ? first
               : NULL;
}

static MailReply *reply_of(icalcomponent *root, GError **error)
{
    icalcomponent *event = icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT &&
                                   icalcomponent_get_method(root) == ICAL_METHOD_REPLY
                               ? icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT)
                               : NULL;
    icalproperty *attendee = event != NULL ? attendee_of(event) : NULL;
    const char *coming = attendee != NULL ? answer_of(attendee) : NULL;
    const char *address = coming != NULL ? icalproperty_get_attendee(attendee) : NULL;
    const char *uid = address != NULL ? icalcomponent_get_uid(event) : NULL;
    if (uid == NULL || g_ascii_strncasecmp(address, "mailto:", strlen("mailto:")) != 0) {
        refuse(error);
        return NULL;
    }
    g_autofree char *session =
        g_str_has_suffix(uid, UID_END) ? g_strndup(uid, strlen(uid) - strlen(UID_END)) : NULL;
    if (session == NULL || !base_id_valid(session, BASE_ID_LENGTH)) {
        base_refuse(error, BASE_CODE_REPLY_UNKNOWN, NULL, NULL,
                    "It answers an event that is not of this server.");
        return NULL;
    }
    MailReply *reply = g_new0(MailReply, 1);
    *reply = (MailReply){.session = g_steal_pointer(&session),
                         .address = g_strdup(address + strlen("mailto:")),
                         .coming = coming,
                         .said_us = said_at(event),
                         .starts_us = starts_of(event)};
    g_strstrip(reply->address);
    return reply;
}

/* Nested components, whole and few: libical complains of others on standard error. */
static bool is_nested(const char *text)
{
    int depth = 0;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        depth += g_ascii_strncasecmp(line, "BEGIN:", strlen("BEGIN:")) == 0;
        depth -= g_ascii_strncasecmp(line, "END:", strlen("END:")) == 0;
        if (depth < 0 || depth > MAIL_REPLY_DEPTH) {
            return false;
        }
    }
    return depth == 0;
}

MailReply *mail_reply_read(const uint8_t *data, size_t size, GError **error)
{
    g_autofree char *text = mail_reply_calendar(data, size);
    icalerror_set_errors_are_fatal(0);
    icalcomponent *root = text != NULL && is_nested(text) ? icalparser_parse_string(text) : NULL;
    if (root == NULL) {
        refuse(error);
        return NULL;
    }
    MailReply *reply = reply_of(root, error);
    icalcomponent_free(root);
    return reply;
}

void mail_reply_free(MailReply *reply)
{
    if (reply != NULL) {
        g_free(reply->session);
        g_free(reply->address);
        g_free(reply);
    }
}
