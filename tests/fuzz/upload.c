// SPDX-License-Identifier: GPL-3.0-or-later
// An uploaded file. Whatever the bytes: one type or none, the same twice, and no byte behind the end is read.
#include "fuzz.h"

#include "files/type.h"

#include <glib.h>

int target(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *exact = g_memdup2(data, size); // so that a sanitizer sees its end
    bool whole, again;
    FilesType type = files_type_of(exact, size, &whole);
    g_assert_cmpuint(type, <=, FILES_TYPES);
    g_assert_cmpuint(type, ==, files_type_of(exact, size, &again));
    g_assert_cmpint(whole, ==, again);
    g_assert_true(type == FILES_TYPES || files_type_find(files_types[type].media_type) != NULL);
    return 0;
}
