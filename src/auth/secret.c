// SPDX-License-Identifier: GPL-3.0-or-later
// Reads secrets that an administrator put into files.
#include "auth/auth.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES 1024
#define WIDEST_MODE 0640

bool auth_secret_read(const char *path, const char *key, size_t least, char **out, GError **error)
{
    if (path[0] == '\0') {
        *out = NULL;
        return true;
    }
    char text[MAX_BYTES + 1] = "";
    const char *secret = text;
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *why = NULL;
    ssize_t size = 0;
    if (fd < 0 || fstat(fd, &file) < 0) {
        why = g_strerror(errno);
    } else if ((file.st_mode & 0777 & ~WIDEST_MODE) != 0) {
        why = "others may read it: chmod 0640, or narrower";
    } else if ((size = read(fd, text, MAX_BYTES)) < 0) {
        why = g_strerror(errno);
    } else if (*(secret = base_text_skip_bom(g_strstrip(text))) == '\0') {
        why = "it is empty";
    } else if (strlen(secret) < least) {
        why = "it is too short to be a secret: \"openssl rand -hex 32\" makes a good one";
    }
    if (fd >= 0) {
        close(fd);
    }
    if (why != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "%s %s cannot be used: %s.", key, path,
                    why);
        return false;
    }
    *out = g_strdup(secret);
    return true;
}
