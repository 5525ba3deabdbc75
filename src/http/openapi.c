// SPDX-License-Identifier: GPL-3.0-or-later
// The OpenAPI 3.1 description, made from the route table, and the two health probes.
#include "http/private.h"

#include <string.h>

/* "/a/{}/b/{}" with the parameters named: the first after what it follows, "id", the second "sub".
 */
static char *named_path(const char *pattern)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "{}", -1);
    GString *path = g_string_new(parts[0]);
    for (guint i = 1; parts[i] != NULL; i++) {
        g_string_append_printf(path, "{%s}%s", i == 1 ? "id" : "sub", parts[i]);
    }
    return g_string_free(path, FALSE);
}

static json_t *parameters(const char *path)
{
    json_t *list = json_array();
    const char *names[] = {"id", "sub"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *form = g_strdup_printf("{%s}", names[i]);
        if (strstr(path, form) != NULL) {
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", names[i], "in",
                                            "path", "required", true, "schema", "type", "string"));
        }
    }
    return list;
}

static json_t *operation(const HttpRoute *route, const char *path)
{
    json_t *operation =
        json_pack("{s:s, s:o, s:{s:{s:s}, s:{s:s, s:{s:{s:{s:s}}}}}}", "summary", route->summary,
                  "parameters", parameters(path), "responses", "2XX", "description", "Done",
                  "default", "description", "Problem details (RFC 9457)", "content",
                  "application/problem+json", "schema", "$ref", "#/components/schemas/Problem");
    if (route->max_body_bytes > 0 && strcmp(route->method, "DELETE") != 0) {
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:{s:{s:{s:s}}}}", "content", "application/json", "schema",
                                      "type", "object"));
    }
    return operation;
}

static json_t *paths(void)
{
    json_t *paths = json_object();
    for (size_t i = 0; i < http_routes_count; i++) {
        const HttpRoute *route = &http_routes[i];
        if (route->summary == NULL) {
            continue;
        }
        g_autofree char *path = named_path(route->pattern);
        g_autofree char *method = g_ascii_strdown(route->method, -1);
        if (json_object_get(paths, path) == NULL) {
            json_object_set_new(paths, path, json_object());
        }
        json_object_set_new(json_object_get(paths, path), method, operation(route, path));
    }
    return paths;
}

static json_t *problem_schema(void)
{
    return json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object",
                     "properties", "type", "type", "string", "title", "type", "string", "status",
                     "type", "integer", "detail", "type", "string", "request_id", "type", "string");
}

void http_on_openapi(Http *http, HttpRequest *request)
{
    json_t *document = json_pack(
        "{s:s, s:{s:s, s:s}, s:[{s:s}], s:o, s:{s:{s:o}, s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}}}",
        "openapi", "3.1.0", "info", "title", "majlis", "version", MAJLIS_VERSION, "servers", "url",
        http->public_url, "paths", paths(), "components", "schemas", "Problem", problem_schema(),
        "securitySchemes", "bearer", "type", "http", "scheme", "bearer", "cookie", "type", "apiKey",
        "in", "cookie", "name", http->cookie);
    http_reply_json(request, 200, document);
}

/* /healthz is answered by the http thread, /readyz by main: a thread that hangs does not answer. */
void http_on_alive(Http *http, HttpRequest *request)
{
    (void)http;
    http_reply(request, 200, "text/plain", g_bytes_new_static("ok\n", 3));
}
