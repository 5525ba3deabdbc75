// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a websocket's opening handshake and writes it anew.
#include "http/fields/handshake.h"

#include "base/error.h"

#include <string.h>

#define MAX_LIST_ITEMS 32
#define DEFLATE "permessage-deflate"
#define NO_CONTEXT_SERVER "server_no_context_takeover"
#define NO_CONTEXT_CLIENT "client_no_context_takeover"
#define WINDOW_CLIENT "client_max_window_bits"

static bool list_has(const char *list, const char *item, int (*compare)(const char *, const char *))
{
    g_auto(GStrv) parts = g_strsplit(list, ",", MAX_LIST_ITEMS);
    for (char **part = parts; *part != NULL; part++) {
        if (compare(g_strstrip(*part), item) == 0) {
            return true;
        }
    }
    return false;
}

void http_handshake_add(HttpHandshake *handshake, const char *name, const char *value)
{
    if (g_ascii_strcasecmp(name, "Upgrade") == 0) {
        handshake->upgrade = value;
        handshake->upgrade_count++;
    } else if (g_ascii_strcasecmp(name, "Connection") == 0) {
        handshake->upgrades |= list_has(value, "upgrade", g_ascii_strcasecmp);
    } else if (g_ascii_strcasecmp(name, "Sec-WebSocket-Key") == 0) {
        handshake->key = value;
        handshake->key_count++;
    } else if (g_ascii_strcasecmp(name, "Sec-WebSocket-Version") == 0) {
        handshake->version = value;
        handshake->version_count++;
    } else if (g_ascii_strcasecmp(name, "Sec-WebSocket-Protocol") == 0) {
        handshake->subprotocol |= list_has(value, HTTP_SUBPROTOCOL, strcmp);
    } else if (g_ascii_strcasecmp(name, "Sec-WebSocket-Extensions") == 0) {
        if (handshake->extensions == NULL) {
            handshake->extensions = g_string_new(value);
        } else {
            g_string_append_printf(handshake->extensions, ", %s", value);
        }
    }
}

void http_handshake_clear(HttpHandshake *handshake)
{
    if (handshake->extensions != NULL) {
        g_string_free(handshake->extensions, TRUE);
    }
    *handshake = (HttpHandshake){0};
}

static bool is_key(const char *key)
{
    size_t digits = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    return digits == HTTP_SOCKET_KEY_LENGTH - 2 && strcmp(key + digits, "==") == 0;
}

bool http_handshake_check(const HttpHandshake *handshake, GError **error)
{
    BaseError code = BASE_ERROR_INVALID;
    const char *problem = NULL;
    if (handshake->upgrade_count == 0 ||
        (handshake->upgrade_count == 1 && g_ascii_strcasecmp(handshake->upgrade, "websocket"))) {
        code = BASE_ERROR_UPGRADE;
        problem = "This address speaks websocket (subprotocol " HTTP_SUBPROTOCOL ") only.";
    } else if (handshake->upgrade_count != 1) {
        problem = "Upgrade must be there once.";
    } else if (!handshake->upgrades) {
        problem = "Connection must be Upgrade. A proxy in between has to pass it on.";
    } else if (handshake->version_count != 1) {
        problem = "Sec-WebSocket-Version must be there once.";
    } else if (strcmp(handshake->version, HTTP_SOCKET_VERSION) != 0) {
        code = BASE_ERROR_UPGRADE;
        problem = "Only version " HTTP_SOCKET_VERSION " of the websocket protocol is spoken here.";
    } else if (handshake->key_count != 1 || !is_key(handshake->key)) {
        problem = "Sec-WebSocket-Key must be 16 bytes in base64, once.";
    } else if (!handshake->subprotocol) {
        problem = "Sec-WebSocket-Protocol must offer " HTTP_SUBPROTOCOL ".";
    }
    if (problem != NULL) {
        g_set_error_literal(error, BASE_ERROR, (int)code, problem);
    }
    return problem == NULL;
}

static bool is_window(const char *value)
{
    return value[0] != '0' && strspn(value, "0123456789") == strlen(value) && strlen(value) <= 2 &&
           g_ascii_strtoull(value, NULL, 10) >= 8 && g_ascii_strtoull(value, NULL, 10) <= 15;
}

enum { SERVER = 1, CLIENT = 2, WINDOW = 4 };

/* permessage-deflate (RFC 7692 7.1); 0: refused; libwebsockets ignores server_max_window_bits. */
static unsigned parameter_of(const char *text)
{
    size_t name = strcspn(text, "=");
    if (strcmp(text, NO_CONTEXT_SERVER) == 0) {
        return SERVER;
    }
    if (strcmp(text, NO_CONTEXT_CLIENT) == 0) {
        return CLIENT;
    }
    bool window = name == strlen(WINDOW_CLIENT) && strncmp(text, WINDOW_CLIENT, name) == 0;
    return window && (text[name] == '\0' || is_window(text + name + 1)) ? WINDOW : 0;
}

static bool take_offer(char *offer, unsigned *out)
{
    g_auto(GStrv) parts = g_strsplit(offer, ";", MAX_LIST_ITEMS);
    if (parts[0] == NULL || strcmp(g_strstrip(parts[0]), DEFLATE) != 0) {
        return false;
    }
    *out = 0;
    for (char **part = parts + 1; *part != NULL; part++) {
        unsigned parameter = parameter_of(g_strstrip(*part));
        if (parameter == 0 || (*out & parameter) != 0) {
            return false;
        }
        *out |= parameter;
    }
    return true;
}

/* The first acceptable offer, without client_max_window_bits. */
static void append_extension(GString *head, const char *extensions)
{
    g_auto(GStrv) offers = g_strsplit(extensions, ",", MAX_LIST_ITEMS);
    for (char **offer = offers; *offer != NULL; offer++) {
        unsigned parameters;
        if (take_offer(*offer, &parameters)) {
            g_string_append(head, "Sec-WebSocket-Extensions: " DEFLATE);
            g_string_append(head, (parameters & SERVER) != 0 ? "; " NO_CONTEXT_SERVER : "");
            g_string_append(head, (parameters & CLIENT) != 0 ? "; " NO_CONTEXT_CLIENT : "");
            g_string_append(head, "\r\n");
            return;
        }
    }
}

char *http_handshake_head(const HttpHandshake *handshake)
{
    GString *head = g_string_new("GET /ws HTTP/1.1\r\n"
                                 "Host: localhost\r\n"
                                 "Upgrade: websocket\r\n"
                                 "Connection: Upgrade\r\n"
                                 "Sec-WebSocket-Version: " HTTP_SOCKET_VERSION "\r\n"
                                 "Sec-WebSocket-Protocol: " HTTP_SUBPROTOCOL "\r\n");
    g_string_append_printf(head, "Sec-WebSocket-Key: %s\r\n", handshake->key);
    if (handshake->extensions != NULL) {
        append_extension(head, handshake->extensions->str);
    }
    g_string_append(head, "\r\n");
    return g_string_free(head, FALSE);
}
