// SPDX-License-Identifier: GPL-3.0-or-later
// Link headers for ICE servers (draft-ietf-wish-whep 4.6), with credentials of coturn's
// use-auth-secret: user "EXPIRY:RANDOM", password its HMAC-SHA1.
#include "http/core/ice.h"

#include <string.h>

#define SHA1_BYTES 20

static char *credential(const char *secret, const char *username)
{
    uint8_t digest[SHA1_BYTES];
    gsize size = sizeof digest;
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)secret, strlen(secret));
    g_hmac_update(hmac, (const guchar *)username, (gssize)strlen(username));
    g_hmac_get_digest(hmac, digest, &size);
    return g_base64_encode(digest, size);
}

char *http_ice_links(const char *const *servers, const char *secret, int64_t expiry_s,
                     const char *random)
{
    g_autofree char *username = g_strdup_printf("%" G_GINT64_FORMAT ":%s", expiry_s, random);
    g_autofree char *password = secret != NULL ? credential(secret, username) : NULL;
    GString *links = g_string_new(NULL);
    for (; servers != NULL && *servers != NULL; servers++) {
        g_string_append_printf(links, "%s<%s>; rel=\"ice-server\"", links->len > 0 ? ", " : "",
                               *servers);
        if ((*servers)[0] == 't' && password != NULL) {
            g_string_append_printf(
                links, "; username=\"%s\"; credential=\"%s\"; credential-type=\"password\"",
                username, password);
        }
    }
    return g_string_free(links, links->len == 0);
}
