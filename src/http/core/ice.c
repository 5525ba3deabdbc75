// SPDX-License-Identifier: GPL-3.0-or-later
// Link headers that name ICE servers (draft-ietf-wish-whep 4.6). Credentials are coturn's
// use-auth-secret: user "EXPIRY:RANDOM", password its HMAC-SHA1.
#include "base/error.h"
#include "base/text.h"
#include "http/core/ice.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX_BYTES 1024
#define SECRET_WIDEST 0640
#define SHA1_BYTES 20

char *http_ice_secret(const char *path, GError **error)
{
    char text[SECRET_MAX_BYTES + 1] = "";
    const char *secret = text;
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *why = NULL;
    ssize_t size = 0;
    if (fd < 0 || fstat(fd, &file) < 0) {
        why = g_strerror(errno);
    } else if ((file.st_mode & 0777 & ~SECRET_WIDEST) != 0) {
        why = "others may read it: chmod 0640, or narrower";
    } else if ((size = read(fd, text, SECRET_MAX_BYTES)) < 0) {
        why = g_strerror(errno);
    } else if (*(secret = base_text_skip_bom(g_strstrip(text))) == '\0') {
        why = "it is empty";
    }
    if (fd >= 0) {
        close(fd);
    }
    if (why != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "[rtc] ice_secret %s cannot be used: %s.", path, why);
        return NULL;
    }
    return g_strdup(secret);
}

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
