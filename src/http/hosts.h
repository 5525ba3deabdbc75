// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The names that this server is asked under. A name that is not ours may be another page's, whose
// address was pointed at us (DNS rebinding); a numeric address cannot be. One thread.

#include <stdbool.h>

typedef struct HttpHosts HttpHosts;

/* `own` (nullable) is the host of public_url, `more` (nullable) are further names. Full ownership.
 */
HttpHosts *http_hosts_new(const char *own, const char *const *more);
void http_hosts_free(HttpHosts *hosts);
/* `header` is a Host field; NULL, as HTTP/1.0 allows and no browser sends: known. */
bool http_hosts_know(HttpHosts *hosts, const char *header);
