// SPDX-License-Identifier: GPL-3.0-or-later
// Counts the connections and file answers of all serving threads.
#include "port/totals.h"

#include "base/clock.h"

#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#define WARN_EACH_US (60 * BASE_US_PER_S)

struct PortTotals {
    unsigned most, most_per_address;
    pthread_mutex_t mutex;
    unsigned count;
    GHashTable *by_address; // key -> connections
    GHashTable *files;      // key -> file answers
    int64_t warned_us;
};

uint64_t port_totals_key(const struct sockaddr_storage *peer)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
    uint32_t four = 0;
    uint64_t prefix = 0;
    if (peer->ss_family == AF_INET) {
        four = ((const struct sockaddr_in *)peer)->sin_addr.s_addr;
    } else if (peer->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        memcpy(&four, six->sin6_addr.s6_addr + 12, sizeof four);
    } else if (peer->ss_family == AF_INET6) {
        memcpy(&prefix, six->sin6_addr.s6_addr, sizeof prefix);
        return prefix;
    }
    return UINT64_C(0xffff) << 32 | four; // no such IPv6 prefix exists
}

static unsigned count_of(GHashTable *table, uint64_t key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, &key));
}

static unsigned count(GHashTable *table, uint64_t key, int change)
{
    unsigned now = count_of(table, key) + (unsigned)change;
    if (change == 0) {
        return now;
    }
    if (now == 0) {
        g_hash_table_remove(table, &key);
    } else {
        g_hash_table_replace(table, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(now));
    }
    return now;
}

PortTotals *port_totals_new(unsigned most, unsigned most_per_address)
{
    PortTotals *totals = g_new0(PortTotals, 1);
    totals->most = most > 0 ? most : PORT_MAX_CONNECTIONS;
    totals->most_per_address = most_per_address > 0 ? most_per_address : PORT_MAX_PER_ADDRESS;
    totals->by_address = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    totals->files = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    pthread_mutex_init(&totals->mutex, NULL);
    return totals;
}

void port_totals_free(PortTotals *totals)
{
    if (totals != NULL) {
        g_hash_table_unref(totals->by_address);
        g_hash_table_unref(totals->files);
        pthread_mutex_destroy(&totals->mutex);
        g_free(totals);
    }
}

PortTake port_totals_take(PortTotals *totals, uint64_t key, bool counted)
{
    pthread_mutex_lock(&totals->mutex);
    bool own = counted && count_of(totals->by_address, key) >= totals->most_per_address;
    PortTake take = own                             ? PORT_ADDRESS_FULL
                    : totals->count >= totals->most ? PORT_FULL
                                                    : PORT_TAKEN;
    if (take == PORT_TAKEN) {
        totals->count++;
        count(totals->by_address, key, counted);
    }
    pthread_mutex_unlock(&totals->mutex);
    return take;
}

void port_totals_give(PortTotals *totals, uint64_t key, bool counted)
{
    pthread_mutex_lock(&totals->mutex);
    totals->count--;
    if (counted) {
        count(totals->by_address, key, -1);
    }
    pthread_mutex_unlock(&totals->mutex);
}

bool port_totals_full(PortTotals *totals)
{
    pthread_mutex_lock(&totals->mutex);
    bool full = totals->count >= totals->most;
    pthread_mutex_unlock(&totals->mutex);
    return full;
}

unsigned port_totals_files(PortTotals *totals, uint64_t key, int change)
{
    pthread_mutex_lock(&totals->mutex);
    unsigned files = count(totals->files, key, change);
    pthread_mutex_unlock(&totals->mutex);
    return files;
}

void port_totals_warn(PortTotals *totals, const char *text)
{
    int64_t now_us = base_clock_us();
    pthread_mutex_lock(&totals->mutex);
    bool due = totals->warned_us == 0 || now_us - totals->warned_us >= WARN_EACH_US;
    totals->warned_us = due ? now_us : totals->warned_us;
    pthread_mutex_unlock(&totals->mutex);
    if (due) {
        g_warning("%s", text);
    }
}
