// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The server's host names, against DNS rebinding; numeric ones are known. One thread.

#include <stdbool.h>

typedef struct HttpHosts HttpHosts;

/* Both are nullable. */
HttpHosts *http_hosts_new(const char *own, const char *const *more);
void http_hosts_free(HttpHosts *hosts);
/* `header`: the Host field; NULL (HTTP/1.0) is known. */
bool http_hosts_know(HttpHosts *hosts, const char *header);
