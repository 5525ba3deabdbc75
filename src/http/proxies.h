// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who asks, where a proxy stands in front. Immutable once made; any thread.

#include <gio/gio.h>
#include <stdbool.h>

typedef struct HttpProxies HttpProxies;

/* `networks`: addresses or ADDRESS/BITS that conf has accepted; nullable. Full ownership. */
HttpProxies *http_proxies_new(const char *const *networks);
void http_proxies_free(HttpProxies *proxies);

/* The right-most address of the chain that is none of our proxies: `forwarded` is X-Forwarded-For
 * (nullable), believed only as far as each who passed it on is ours. Full ownership. */
char *http_proxies_client(const HttpProxies *proxies, const char *peer, const char *forwarded);

/* Whether it is one of ours, or this machine's own (a proxy, or a tool). */
bool http_proxies_know(const HttpProxies *proxies, GInetAddress *address);
