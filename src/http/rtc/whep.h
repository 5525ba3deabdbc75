// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by WHEP and WHIP.

#include "http/resources.h"

/* "ID.TAG": a keyed hash, per run. */
char *http_rtc_resource(Http *http, const char *session, const char *id);

/* 201, at /sessions/SESSION/`place`/. Takes `answer`. */
void http_rtc_created(HttpRequest *request, const char *place, RtcAnswer *answer);

/* False: replied 415. */
bool http_has_type(HttpRequest *request, const char *type);

/* The asker's, for http_may_stay(). */
RtcRight http_rtc_right(const HttpRequest *request, AuthAction action);
