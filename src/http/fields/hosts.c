// SPDX-License-Identifier: GPL-3.0-or-later
// Judges Host fields.
#include "http/fields/hosts.h"

#include <gio/gio.h>
#include <string.h>

struct HttpHosts {
    char *own; // nullable
    char **more;
    char *last; // cache: the last known name
};

HttpHosts *http_hosts_new(const char *own, const char *const *more)
{
    HttpHosts *hosts = g_new0(HttpHosts, 1);
    hosts->own = g_strdup(own);
    hosts->more = g_strdupv((char **)more);
    return hosts;
}

void http_hosts_free(HttpHosts *hosts)
{
    g_free(hosts->own);
    g_strfreev(hosts->more);
    g_free(hosts->last);
    g_free(hosts);
}

static bool is_known(const HttpHosts *hosts, const char *header)
{
    g_autofree char *url = g_strdup_printf("http://%s/", header);
    g_autoptr(GUri) parsed = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *host = parsed != NULL ? g_uri_get_host(parsed) : NULL;
    if (host == NULL || host[0] == '\0' || strchr(header, '@') != NULL) {
        return false;
    }
    size_t length = strlen(host);
    bool rooted = length > 1 && host[length - 1] == '.'; // "localhost."
    g_autofree char *name = g_ascii_strdown(host, (gssize)(rooted ? length - 1 : length));
    bool known = g_hostname_is_ip_address(name) || strcmp(name, "localhost") == 0 ||
                 (hosts->own != NULL && g_ascii_strcasecmp(name, hosts->own) == 0);
    for (char **more = hosts->more; !known && more != NULL && *more != NULL; more++) {
        known = g_ascii_strcasecmp(name, *more) == 0;
    }
    return known;
}

bool http_hosts_know(HttpHosts *hosts, const char *header)
{
    if (header == NULL || g_strcmp0(header, hosts->last) == 0) {
        return true;
    }
    if (!is_known(hosts, header)) {
        return false;
    }
    g_free(hosts->last);
    hosts->last = g_strdup(header);
    return true;
}
