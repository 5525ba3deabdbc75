// SPDX-License-Identifier: GPL-3.0-or-later
// The proxies in front of the port. X-Forwarded-For is a list that each of them adds its peer's
// address to; whatever stands to the left of the first that is not ours, anybody may have written.
#include "http/proxies.h"

#include <gio/gio.h>
#include <string.h>

struct HttpProxies {
    GPtrArray *networks; // GInetAddressMask
};

HttpProxies *http_proxies_new(const char *const *networks)
{
    HttpProxies *proxies = g_new0(HttpProxies, 1);
    proxies->networks = g_ptr_array_new_with_free_func(g_object_unref);
    for (; networks != NULL && *networks != NULL; networks++) {
        GInetAddressMask *mask = g_inet_address_mask_new_from_string(*networks, NULL);
        if (mask != NULL) {
            g_ptr_array_add(proxies->networks, mask);
        }
    }
    return proxies;
}

void http_proxies_free(HttpProxies *proxies)
{
    g_ptr_array_unref(proxies->networks);
    g_free(proxies);
}

/* An IPv4 peer of a socket for both families is written ::ffff:192.0.2.1. */
static GInetAddress *parse(const char *text)
{
    const char *mapped = "::ffff:";
    if (g_ascii_strncasecmp(text, mapped, strlen(mapped)) == 0 && strchr(text, '.') != NULL) {
        text += strlen(mapped);
    }
    return g_inet_address_new_from_string(text);
}

static bool is_ours(const HttpProxies *proxies, GInetAddress *address)
{
    for (guint i = 0; i < proxies->networks->len; i++) {
        if (g_inet_address_mask_matches(proxies->networks->pdata[i], address)) {
            return true;
        }
    }
    return false;
}

char *http_proxies_client(const HttpProxies *proxies, const char *peer, const char *forwarded)
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

bool http_proxies_know(const HttpProxies *proxies, GInetAddress *address)
{
    g_autofree char *text = g_inet_address_to_string(address);
    g_autoptr(GInetAddress) plain = parse(text);
    return plain != NULL && (g_inet_address_get_is_loopback(plain) || is_ours(proxies, plain));
}
