// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How busy this process and its machine are. One thread; reads a few files of /proc and /sys.

#include <glib.h>
#include <stdint.h>

typedef struct BaseLoad BaseLoad;

typedef struct {
    unsigned busiest_percent; // of one core: the busiest thread since the look before; 0 at first
    uint64_t memory_bytes;    // left: of the machine, or of the control group if that is less
} BaseLoadLook;

/* `prefixes` (NULL-terminated, static): names of the threads that count. Full ownership. */
BaseLoad *base_load_new(const char *const *prefixes);
void base_load_free(BaseLoad *load); // NULL is allowed

/* Call about once a second. */
void base_load_look(BaseLoad *load, BaseLoadLook *out);

/* Pure, for tests: MemAvailable of /proc/meminfo, in bytes; UINT64_MAX: not told. */
uint64_t base_load_available(const char *meminfo);
/* Pure: what `max` leaves ("max": all) where `current` is used and `stat` says how much of that is
 * cache. The texts of memory.max, memory.current and memory.stat (cgroup v2). */
uint64_t base_load_group_left(const char *max, const char *current, const char *stat);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseLoad, base_load_free)
