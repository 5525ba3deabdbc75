// SPDX-License-Identifier: GPL-3.0-or-later
// Proxies append their peer to X-Forwarded-For: what is left of the first foreign address may be
// forged.
#include "port/proxies.h"

#include <gio/gio.h>
#include <string.h>

struct PortProxies {
    GPtrArray *networks; // GInetAddressMask
};

PortProxies *port_proxies_new(const char *const *networks)
{
    PortProxies *proxies = g_new0(PortProxies, 1);
    proxies->networks = g_ptr_array_new_with_free_func(g_object_unref);
    for (; networks != NULL && *networks != NULL; networks++) {
        GInetAddressMask *mask = g_inet_address_mask_new_from_string(*networks, NULL);
        if (mask != NULL) {
            g_ptr_array_add(proxies->networks, mask);
        }
    }
    return proxies;
}

void port_proxies_free(PortProxies *proxies)
{
    g_ptr_array_unref(proxies->networks);
    g_free(proxies);
}

/* Accepts ::ffff:192.0.2.1. */
static GInetAddress *parse(const char *text)
{
    const char *mapped = "::ffff:";
    if (g_ascii_strncasecmp(text, mapped, strlen(mapped)) == 0 && strchr(text, '.') != NULL) {
        text += strlen(mapped);
    }
    return g_inet_address_new_from_string(text);
}

static bool is_ours(const PortProxies *proxies, GInetAddress *address)
{
    for (guint i = 0; i < proxies->networks->len; i++) {
        if (g_inet_address_mask_matches(proxies->networks->pdata[i], address)) {
            return true;
        }
    }
    return false;
}

char *port_proxies_client(const PortProxies *proxies, const char *peer, const char *forwarded)
{
    g_autoptr(GInetAddress) address = parse(peer);
    if (address == NULL) {
        return g_strdup(peer);
    }
    g_auto(GStrv) hops = g_strsplit(forwarded != NULL ? forwarded : "", ",", -1);
    for (guint i = g_strv_length(hops); i-- > 0 && is_ours(proxies, address);) {
        GInetAddress *before = parse(g_strstrip(hops[i]));
        if (before == NULL) {
            break;
        }
        g_set_object(&address, before);
        g_object_unref(before);
    }
    return g_inet_address_to_string(address);
}

char *port_subscriber(const char *address)
{
    g_autoptr(GInetAddress) parsed = parse(address);
    if (parsed == NULL || g_inet_address_get_family(parsed) != G_SOCKET_FAMILY_IPV6) {
        return g_strdup(address);
    }
    guint8 network[16] = {0};
    memcpy(network, g_inet_address_to_bytes(parsed), 8);
    g_autoptr(GInetAddress) cut = g_inet_address_new_from_bytes(network, G_SOCKET_FAMILY_IPV6);
    g_autofree char *text = g_inet_address_to_string(cut);
    return g_strconcat(text, "/64", NULL);
}

bool port_proxies_know(const PortProxies *proxies, GInetAddress *address)
{
    g_autofree char *text = g_inet_address_to_string(address);
    g_autoptr(GInetAddress) plain = parse(text);
    return plain != NULL && (g_inet_address_get_is_loopback(plain) || is_ours(proxies, plain));
}
