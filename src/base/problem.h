// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Problem documents (RFC 9457). Any thread.

#include <glib.h>
#include <stdbool.h>

typedef struct {
    unsigned status;
    const char *type, *title;
    const char *retry_after; // seconds, nullable
} BaseProblem;

/* Unknown: 500. Static. */
const BaseProblem *base_problem(unsigned status);
/* Foreign: 500. Static. */
const BaseProblem *base_problem_of(const GError *error);
/* `error` gives code, parameters, field; NULL: the type is the code. */
char *base_problem_text(const BaseProblem *problem, const char *detail, const char *request_id,
                        const GError *error);
#define BASE_CORS_EXPOSED                                                                          \
    "Location, ETag, Link, Allow, Accept-Patch, Accept-Post, Accept-Ranges, Content-Range, "       \
    "Retry-After, WWW-Authenticate, X-Request-Id"
/* RFC 9110 15.5.2: beside a 401. */
#define BASE_CHALLENGE "Bearer realm=\"majlis\""
/* Whole, closes the connection. `own_right`: readable by other sites. */
char *base_problem_answer(unsigned status, const char *detail, bool own_right);
