// SPDX-License-Identifier: GPL-3.0-or-later
// Looks for damage, read-only.
#include "base/clock.h"
#include "store/db.h"

#include <string.h>

#define STEPS_BETWEEN_LOOKS 10000 // some milliseconds

static int past_limit(void *data)
{
    return base_clock_us() >= *(const int64_t *)data;
}

/* Nullable. */
static char *find_damage(StoreDb *db, int64_t until_us, bool *out_whole)
{
    g_autoptr(GError) error = NULL;
    int64_t limit_us = until_us;
    sqlite3_progress_handler(db->sqlite, STEPS_BETWEEN_LOOKS, past_limit, &limit_us);
    StoreQuery query = store_query(db, "PRAGMA quick_check(1)");
    int stepped = store_query_step(&query, &error);
    char *found = stepped > 0 ? store_take_text(&query) : NULL;
    store_query_end(&query);
    sqlite3_progress_handler(db->sqlite, 0, NULL, NULL);
    *out_whole = !(stepped < 0 && (sqlite3_errcode(db->sqlite) & 0xff) == SQLITE_INTERRUPT);
    if (stepped < 0 && *out_whole) {
        return g_strdup(error->message);
    }
    if (g_strcmp0(found, "ok") == 0) {
        g_clear_pointer(&found, g_free);
    }
    return found;
}

bool store_check(const char *url, int64_t limit_us, bool *out_whole, GError **error)
{
    const char *path = url + strlen("sqlite:");
    int64_t until_us = base_clock_us() + limit_us, version;
    *out_whole = true;
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        return true;
    }
    g_autoptr(StoreDb) db = store_db_open_read_only(path, error);
    if (db == NULL) {
        return false;
    }
    if (!store_migrate_check(db, &version, error)) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    g_autofree char *damage = find_damage(db, until_us, out_whole);
    if (damage == NULL) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                "the database %s is damaged (%s): questions, sign-ins or sessions in it can be "
                "lost. Stop the server and keep the file; then put the last good copy in its "
                "place, or save what can be read: sqlite3 %s .recover | sqlite3 NEW",
                path, damage, path);
    return false;
}
