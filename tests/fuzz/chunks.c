// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of chunk sizes: one that is taken, written in its shortest form, is no longer and the same.
#include "fuzz.h"

#include "port/head.h"

#include <glib.h>
#include <string.h>

int target(const uint8_t *data, size_t size)
{
    int64_t value = port_chunk_size((const char *)data, size);
    g_assert_cmpint(value, >=, -1);
    g_assert_cmpint(value, <=, UINT32_MAX);
    if (value >= 0) {
        g_autofree char *again = g_strdup_printf("%x\r\n", (unsigned)value);
        g_assert_cmpuint(strlen(again), <=, size);
        g_assert_cmpint(port_chunk_size(again, strlen(again)), ==, value);
    }
    return 0;
}
