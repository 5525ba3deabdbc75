// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The scheduled session of the calendar's and the feeds' tests.

#include "session/session.h"

/* 2026-12-01 07:00 UTC */
#define CALENDAR_START_US (INT64_C(1796108400) * 1000000)

/** Of 90 minutes, with one speaker and one point of the agenda. The caller frees it. */
static inline StoreSession *calendar_session(const char *title)
{
    StoreSession *row = g_new0(StoreSession, 1);
    row->id = g_strdup("abc");
    row->title_ar = g_strdup(title);
    row->title_en = g_strdup("");
    row->speakers = g_strdup("[{\"name\": {\"ar\": \"س\", \"en\": \"S; the first\"}, "
                             "\"role\": {\"en\": \"expert\"}}]");
    row->agenda = g_strdup("[{\"title\": {\"en\": \"Opening\"}}]");
    row->state = SESSION_SCHEDULED;
    row->starts_us = CALENDAR_START_US;
    row->duration_minutes = 90;
    return row;
}
