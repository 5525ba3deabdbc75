// SPDX-License-Identifier: GPL-3.0-or-later
// The two health probes.
#include "http/resources.h"

/* /healthz runs on the http thread, /readyz on main: each tests its thread. */
void http_on_alive(Http *http, HttpRequest *request)
{
    (void)http;
    http_reply(request, 200, "text/plain", g_bytes_new_static("ok\n", 3));
}
