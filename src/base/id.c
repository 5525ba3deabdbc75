// SPDX-License-Identifier: GPL-3.0-or-later
// Random bytes and identifiers.
#include "base/id.h"

#include "base/clock.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/random.h>

void base_random(void *out, size_t size)
{
    char *at = out;
    for (unsigned tries = 0; size > 0;) {
        ssize_t got = getrandom(at, size, 0);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        } else if (errno != EINTR && !base_try_again(&tries)) {
            g_error("the system gives no random bytes: %s", g_strerror(errno));
        }
    }
}

char *base_id_new(size_t length)
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    G_STATIC_ASSERT(sizeof alphabet == 33);
    char *id = g_malloc(length + 1);
    base_random(id, length);
    for (size_t i = 0; i < length; i++) {
        id[i] = alphabet[(unsigned char)id[i] % 32];
    }
    id[length] = '\0';
    return id;
}

bool base_id_valid(const char *text, size_t max)
{
    size_t length = strnlen(text, max + 1);
    return length > 0 && length <= max &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}
