// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one table of keys. Internal to conf.

#include "conf/conf.h"

#include <stddef.h>

typedef struct ConfKey ConfKey;

struct ConfKey {
    const char *section, *name;
    /* Reads `text` into `field`, freeing what was there; false: not allowed, `field` untouched. */
    bool (*read)(const ConfKey *key, const char *text, void *field);
    size_t offset;        // of the field in Conf
    const char *fallback; // as it would be written
    int min, max;         // of numbers
    const char *allowed;  // completes "must be …"; NULL for numbers
};

extern const ConfKey conf_schema[];
extern const size_t conf_schema_size;

/* NULL: no such key. */
const ConfKey *conf_schema_find(const char *section, const char *name);
bool conf_schema_has_section(const char *section);

/* "did you mean X? allowed: …" for an unknown section (`section` NULL), or key of a section. Full
 * ownership. */
char *conf_schema_hint(const char *section, const char *name);
