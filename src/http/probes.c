// SPDX-License-Identifier: GPL-3.0-or-later
// Two health probes, metrics, the page "System".
#include "http/resources.h"

/* /healthz runs on the http thread, /readyz on main: each tests its thread. */
void http_on_alive(Http *http, HttpRequest *request)
{
    (void)http;
    http_reply(request, 200, "text/plain", g_bytes_new_static("ok\n", 3));
}

void http_on_metrics(Http *http, HttpRequest *request)
{
    http_reply(request, 200, metrics_content_type(request->openmetrics),
               metrics_text(http->services.metrics, request->openmetrics));
}

void http_on_system(Http *http, HttpRequest *request)
{
    http_reply_json(request, 200, http->services.system(http->services.system_data));
}
