// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Load of this process and machine, from /proc and /sys. One thread.

#include <glib.h>
#include <stdint.h>

typedef struct BaseLoad BaseLoad;

typedef struct {
    unsigned busiest_percent; // of one core: the busiest thread since the last look; 0 at first
    uint64_t memory_bytes;    // left to the machine or, if less, the control group
} BaseLoadLook;

/* `prefixes` (NULL-terminated, static): threads that count. */
BaseLoad *base_load_new(const char *const *prefixes);
void base_load_free(BaseLoad *load);

void base_load_look(BaseLoad *load, BaseLoadLook *out);

/* MemAvailable in bytes; UINT64_MAX: unknown. Pure. */
uint64_t base_load_available(const char *meminfo);
/* Texts of memory.max, memory.current, memory.stat (cgroup v2): `max` - `current` + cache. Pure. */
uint64_t base_load_group_left(const char *max, const char *current, const char *stat);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseLoad, base_load_free)
