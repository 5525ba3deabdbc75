// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a Cookie field.
#include "http/fields/cookie.h"

#include <glib.h>
#include <string.h>

char *http_cookie_find(const char *field, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = field; *at != '\0'; at += *at == ';') {
        at += strspn(at, " \t");
        size_t size = strcspn(at, ";");
        if (size > length && at[length] == '=' && memcmp(at, name, length) == 0) {
            return g_strstrip(g_strndup(at + length + 1, size - length - 1));
        }
        at += size;
    }
    return NULL;
}
