// SPDX-License-Identifier: GPL-3.0-or-later
// Makes problem documents.
#include "http/problem.h"

#include "base/id.h"
#include "base/json.h"

#include <glib.h>
#include <string.h>

static const HttpProblem problems[] = {
    {500, "failed", "It could not be done", NULL},
    {400, "invalid", "The request is not acceptable", NULL},
    {401, "signed-out", "Nobody is signed in", NULL},
    {403, "denied", "Not allowed", NULL},
    {404, "not-found", "There is no such thing", NULL},
    {405, "method", "Not by that method", NULL},
    {413, "too-large", "The body is too large", NULL},
    {414, "address-too-long", "The address is too long", NULL},
    {415, "media-type", "Not a type that is taken here", NULL},
    {417, "expectation", "Not an expectation that can be met", NULL},
    {431, "head-too-large", "The head is too large", NULL},
    {501, "not-implemented", "The server does not know how", NULL},
    {503, "unavailable", "Not available at the moment", "2"},
    {505, "version", "Not a version of HTTP that is spoken here", NULL},
};

const HttpProblem *http_problem(unsigned status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(problems); i++) {
        if (problems[i].status == status) {
            return &problems[i];
        }
    }
    return &problems[0];
}

char *http_problem_text(const HttpProblem *problem, const char *detail, const char *request_id)
{
    g_autofree char *type = g_strdup_printf("urn:majlis:problem:%s", problem->type);
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type, "title", problem->title, "status",
                  (int)problem->status, "detail", detail, "request_id", request_id);
    char *text = base_json_text(json);
    json_decref(json);
    return text;
}

static const char *phrase(unsigned status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Refused";
    }
}

char *http_problem_answer(unsigned status, const char *detail)
{
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    g_autofree char *text = http_problem_text(http_problem(status), detail, id);
    return g_strdup_printf("HTTP/1.1 %u %s\r\nServer: majlis\r\nConnection: close\r\n"
                           "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n"
                           "X-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\n"
                           "Content-Length: %zu\r\n\r\n%s",
                           status, phrase(status), id, strlen(text), text);
}
