// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A websocket's opening handshake (RFC 6455 4.2.1): the fields that matter are taken from the
// request one by one, checked, and the head that the hub gets is written from them alone. Pure.

#include <glib.h>
#include <stdbool.h>

#define HTTP_SUBPROTOCOL "majlis.v1"
#define HTTP_SOCKET_VERSION "13"
#define HTTP_SOCKET_KEY_LENGTH 24 // 16 bytes as base64

typedef struct {
    bool upgrades;    // Connection has "upgrade"
    bool subprotocol; // Sec-WebSocket-Protocol has ours
    unsigned upgrade_count, key_count, version_count;
    const char *upgrade, *key, *version; // borrowed; the last one
    GString *extensions;                 // all of them, as one list; NULL: none
} HttpHandshake;

/* One header field of the request. `value` is borrowed while the handshake is in use. */
void http_handshake_add(HttpHandshake *handshake, const char *name, const char *value);
void http_handshake_clear(HttpHandshake *handshake);

/* False with BASE_ERROR_UPGRADE (another protocol or version: 426) or BASE_ERROR_INVALID. */
bool http_handshake_check(const HttpHandshake *handshake, GError **error);

/* The head for the hub, of one that was checked. Full ownership. */
char *http_handshake_head(const HttpHandshake *handshake);
