// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for the wall clock.
#include "store/db.h"
#include "store/rows.h"

bool store_clock_get(StoreDb *db, StoreClock *out, GError **error)
{
    StoreQuery query = store_query(db, "SELECT seen_us, doubted_until_us FROM clock");
    int step = store_query_step(&query, error);
    *out = (StoreClock){.seen_us = 0};
    if (step > 0) {
        out->seen_us = store_take_int(&query);
        out->doubted_until_us = store_take_int(&query);
        store_query_end(&query);
    }
    return step >= 0;
}

bool store_clock_put(StoreDb *db, const StoreClock *clock, GError **error)
{
    StoreQuery query = store_query(
        db, "INSERT OR REPLACE INTO clock (one, seen_us, doubted_until_us) VALUES (1, ?, ?)");
    store_put_int(&query, clock->seen_us);
    store_put_int(&query, clock->doubted_until_us);
    return store_query_run(&query, NULL, error);
}
