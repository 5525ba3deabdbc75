// SPDX-License-Identifier: GPL-3.0-or-later
// Links of invitations, whose codes stand nowhere but in the answer.
#include "http/core/core.h"
#include "http/http.h"
#include "http/invite/private.h"
#include "store/people/invitations.h"

#include <string.h>

char *http_invitation_url(const Http *http, const char *code)
{
    return g_strdup_printf("%s/ar/i/%s", http->public_url, code);
}

json_t *http_link_json(const Http *http, const StoreInvitee *row, const char *code)
{
    g_autofree char *url = http_invitation_url(http, code);
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s}", "id", row->id, "url", url,
                             "role", row->role, "name", row->name, "entity", row->entity, "email",
                             row->email, "person", row->person);
    explicit_bzero(url, strlen(url));
    return json;
}

json_t *http_link_new(StoreDb *db, const Http *http, const StoreInvitee *row, bool replace,
                      GError **error)
{
    g_autofree char *code = auth_secret_new();
    uint8_t hash[AUTH_HASH_BYTES];
    auth_secret_hash(code, hash);
    bool good = replace ? store_invitation_replace_links(db, row->id, hash, error)
                        : store_invitation_add_link(db, row->id, hash, error);
    json_t *json = good ? http_link_json(http, row, code) : NULL;
    explicit_bzero(code, strlen(code));
    return json;
}
