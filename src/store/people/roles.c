// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for roles of the whole server.
#include "store/people/people.h"

#include "store/db.h"

#define HAS_LINK                                                                                   \
    "EXISTS (SELECT 1 FROM invitations WHERE person = people.id AND session IS NULL "              \
    "AND NOT revoked)"

bool store_admins_count(StoreDb *db, int *out, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT count(*) FROM people WHERE role = 'admin' AND NOT disabled AND " HAS_LINK);
    int64_t count = 0;
    bool good = store_query_number(&query, &count, error);
    *out = (int)count;
    return good;
}

bool store_server_links_revoke(StoreDb *db, const char *person, GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE invitations SET revoked = 1 WHERE person = ? AND session IS NULL");
    store_put_text(&query, person);
    return store_query_run(&query, NULL, error);
}
