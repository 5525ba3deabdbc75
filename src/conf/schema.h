// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The table of keys. Internal to conf.

#include "conf/conf.h"

#include <stddef.h>

typedef struct ConfKey ConfKey;

struct ConfKey {
    const char *section, *name;
    /* Parses `text`, replaces `field`. False: not allowed, unchanged. */
    bool (*read)(const ConfKey *key, const char *text, void *field);
    size_t offset;        // in Conf
    const char *fallback; // in the file's notation
    int min, max;         // of numbers; of texts: most characters
    const char *allowed;  // completes "must be …"; NULL for numbers
    const char *text;     // for majlis.conf(5): sentences
    bool reloads;         // may change while running: serve.c takes it to its module
    bool on_page;         // and an admin may, on the page "Settings"
};

extern const ConfKey conf_schema[];
extern const size_t conf_schema_size;

/* NULL if unknown. */
const ConfKey *conf_schema_find(const char *section, const char *name);
bool conf_schema_has_section(const char *section);

/* "did you mean X? allowed: …" for unknown section (NULL `section`) or key. */
char *conf_schema_hint(const char *section, const char *name);
