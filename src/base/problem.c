// SPDX-License-Identifier: GPL-3.0-or-later
// Makes problem documents.
#include "base/problem.h"

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"

#include <string.h>

/* A status's general problem first. */
static const BaseProblem problems[] = {
    [BASE_ERROR_FAILED] = {500, "failed", "The request failed", NULL},
    [BASE_ERROR_INVALID] = {400, "invalid", "The request is invalid", NULL},
    [BASE_ERROR_NOT_FOUND] = {404, "not-found", "Not found", NULL},
    [BASE_ERROR_DENIED] = {403, "denied", "Not allowed", NULL},
    [BASE_ERROR_SIGNED_OUT] = {401, "signed-out", "Nobody is signed in", NULL},
    [BASE_ERROR_CONFLICT] = {409, "conflict", "Not possible now", NULL},
    [BASE_ERROR_LIMIT] = {429, "limit", "Too many or too often", "2"},
    [BASE_ERROR_UNAVAILABLE] = {503, "unavailable", "Not available at the moment", "2"},
    [BASE_ERROR_FULL] = {507, "full", "Too little room on the disk", NULL},
    [BASE_ERROR_NO_PLACE] = {503, "no-place", "All places are taken", "30"},
    [BASE_ERROR_GONE] = {410, "gone", "It is no longer there", NULL},
    [BASE_ERROR_UPGRADE] = {426, "upgrade", "Another protocol is needed", NULL},
    {405, "method", "Method not allowed", NULL},
    {412, "changed", "It was changed in the meantime", NULL},
    {413, "too-large", "The body is too large", NULL},
    {414, "address-too-long", "The address is too long", NULL},
    {415, "media-type", "Unsupported media type", NULL},
    {417, "expectation", "Unsupported expectation", NULL},
    {431, "head-too-large", "The head is too large", NULL},
    {501, "not-implemented", "Not implemented", NULL},
    {505, "version", "Unsupported HTTP version", NULL},
};

const BaseProblem *base_problem(unsigned status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(problems); i++) {
        if (problems[i].status == status) {
            return &problems[i];
        }
    }
    return &problems[BASE_ERROR_FAILED];
}

const BaseProblem *base_problem_of(const GError *error)
{
    bool ours = error->domain == BASE_ERROR && error->code <= BASE_ERROR_UPGRADE;
    return &problems[ours ? error->code : BASE_ERROR_FAILED];
}

char *base_problem_text(const BaseProblem *problem, const char *detail, const char *request_id,
                        const GError *error)
{
    g_autofree char *type = g_strdup_printf("urn:majlis:problem:%s", problem->type);
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type, "title", problem->title, "status",
                  (int)problem->status, "detail", detail, "request_id", request_id);
    if (error != NULL) {
        base_error_describe(error, json);
    } else {
        json_object_set_new(json, "code", json_string(problem->type));
        json_object_set_new(json, "params", json_object());
    }
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

char *base_problem_answer(unsigned status, const char *detail, bool own_right)
{
    static const char cors[] = "Access-Control-Allow-Origin: *\r\n"
                               "Access-Control-Expose-Headers: " BASE_CORS_EXPOSED "\r\n";
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    const BaseProblem *problem = base_problem(status);
    g_autofree char *text = base_problem_text(problem, detail, id, NULL);
    g_autofree char *later = problem->retry_after != NULL
                                 ? g_strdup_printf("Retry-After: %s\r\n", problem->retry_after)
                                 : g_strdup("");
    return g_strdup_printf("HTTP/1.1 %u %s\r\nServer: majlis\r\nConnection: close\r\n"
                           "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n"
                           "X-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\n%s%s%s"
                           "Content-Length: %zu\r\n\r\n%s",
                           status, phrase(status), id, own_right ? cors : "", later,
                           status == 401 ? "WWW-Authenticate: " BASE_CHALLENGE "\r\n" : "",
                           strlen(text), text);
}
