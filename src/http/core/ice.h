// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// STUN and TURN servers: "turn:HOST:PORT?transport=udp". Any thread.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* At most 2 s. Blocks. */
bool http_ice_check(const char *server, GError **error);

/* A Link header's value (RFC 8288); with `secret`, credentials until `expiry_s` (wall clock). NULL:
 * no servers. */
char *http_ice_links(const char *const *servers, const char *secret, int64_t expiry_s,
                     const char *random);
