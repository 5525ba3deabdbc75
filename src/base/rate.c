// SPDX-License-Identifier: GPL-3.0-or-later
// Rate limits (generic cell rate algorithm).
#include "base/rate.h"

#define LOOK_AT 64 // keys

struct BaseRates {
    GHashTable *full_us; // int64_t *
    unsigned look_at;    // keys at which full ones are forgotten
};

BaseRates *base_rates_new(void)
{
    BaseRates *rates = g_new(BaseRates, 1);
    rates->look_at = LOOK_AT;
    rates->full_us = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return rates;
}

void base_rates_free(BaseRates *rates)
{
    if (rates != NULL) {
        g_hash_table_unref(rates->full_us);
        g_free(rates);
    }
}

static gboolean is_full(gpointer key, gpointer full_us, gpointer now_us)
{
    (void)key;
    return *(const int64_t *)full_us <= *(const int64_t *)now_us;
}

/* Whenever the keys have doubled, so that scans cost little per key. Clears a full table that is
 * mostly used: scans must free many. */
static void make_room(BaseRates *rates, int64_t now_us)
{
    if (g_hash_table_size(rates->full_us) < rates->look_at) {
        return;
    }
    g_hash_table_foreach_remove(rates->full_us, is_full, &now_us);
    if (rates->look_at == BASE_RATES_MAX &&
        g_hash_table_size(rates->full_us) > BASE_RATES_MAX / 2) {
        g_hash_table_remove_all(rates->full_us);
    }
    rates->look_at = CLAMP(2 * g_hash_table_size(rates->full_us), LOOK_AT, BASE_RATES_MAX);
}

int64_t base_rates_wait(BaseRates *rates, const char *key, BaseRate rate, int64_t now_us)
{
    int64_t *full_us = g_hash_table_lookup(rates->full_us, key);
    int64_t begin_us = full_us != NULL ? MAX(*full_us, now_us) : now_us;
    int64_t wait_us = begin_us - now_us - (int64_t)(rate.burst - 1) * rate.every_us;
    if (wait_us > 0) {
        return wait_us;
    }
    if (full_us == NULL) {
        make_room(rates, now_us);
        full_us = g_new(int64_t, 1);
        g_hash_table_insert(rates->full_us, g_strdup(key), full_us);
    }
    *full_us = begin_us + rate.every_us;
    return 0;
}

unsigned base_rates_keys(const BaseRates *rates)
{
    return g_hash_table_size(rates->full_us);
}

void base_rates_forget(BaseRates *rates, const char *key)
{
    g_hash_table_remove(rates->full_us, key);
}
