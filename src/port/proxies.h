// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Finds the client behind proxies. Immutable; any thread.

#include <gio/gio.h>
#include <stdbool.h>

typedef struct PortProxies PortProxies;

/* Valid ADDRESS or ADDRESS/BITS; nullable. */
PortProxies *port_proxies_new(const char *const *networks);
void port_proxies_free(PortProxies *proxies);

/* Right-most foreign address of `forwarded` (X-Forwarded-For, nullable) and `peer`. */
char *port_proxies_client(const PortProxies *proxies, const char *peer, const char *forwarded);

/* For limits: IPv4 address or IPv6 /64. */
char *port_subscriber(const char *address);

/* Or this machine. */
bool port_proxies_know(const PortProxies *proxies, GInetAddress *address);
