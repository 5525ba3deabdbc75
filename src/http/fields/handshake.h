// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A websocket's opening handshake (RFC 6455 4.2.1): checks it, writes the hub's head. Pure.

#include <glib.h>
#include <stdbool.h>

#define HTTP_SUBPROTOCOL "majlis.v1"
#define HTTP_SOCKET_VERSION "13"
#define HTTP_SOCKET_KEY_LENGTH 24 // 16 bytes as base64

typedef struct {
    bool upgrades;    // Connection has "upgrade"
    bool subprotocol; // Sec-WebSocket-Protocol has ours
    unsigned upgrade_count, key_count, version_count;
    const char *upgrade, *key, *version; // borrowed
    GString *extensions;                 // one list; nullable
} HttpHandshake;

/* Adds a header field. Borrows `value`. */
void http_handshake_add(HttpHandshake *handshake, const char *name, const char *value);
void http_handshake_clear(HttpHandshake *handshake);

/* BASE_ERROR_UPGRADE (protocol or version: 426) or BASE_ERROR_INVALID. */
bool http_handshake_check(const HttpHandshake *handshake, GError **error);

/* After http_handshake_check(). */
char *http_handshake_head(const HttpHandshake *handshake);
