// SPDX-License-Identifier: GPL-3.0-or-later
// Replies with problem details (RFC 9457).
#include "base/id.h"
#include "base/log.h"
#include "http/core/core.h"

#include <string.h>

/* `error` is nullable. */
static void reply_with(HttpRequest *request, const BaseProblem *problem, const char *detail,
                       const GError *error)
{
    if (problem->retry_after != NULL) {
        http_header(request, "Retry-After", problem->retry_after);
    }
    if (problem->status == 401) {
        http_header(request, "WWW-Authenticate", BASE_CHALLENGE);
    }
    if (problem->status == 500) {
        g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, BASE_LOG_HERE, BASE_LOG_REQUEST,
                         request->id, "MESSAGE", "a request failed: %s", detail);
    }
    char *text = base_problem_text(problem, detail, request->id, error);
    http_reply(request, problem->status, "application/problem+json",
               g_bytes_new_take(text, strlen(text)));
}

void http_reply_error(HttpRequest *request, const GError *error)
{
    reply_with(request, base_problem_of(error), error->message, error);
}

void http_reply_status(HttpRequest *request, unsigned status, const char *detail)
{
    reply_with(request, base_problem(status), detail, NULL);
}

void http_reply_problem(HttpRequest *request, BaseCode code, const char *detail)
{
    g_autoptr(GError) error = NULL;
    base_refuse(&error, code, NULL, NULL, "%s", detail);
    http_reply_error(request, error);
}
