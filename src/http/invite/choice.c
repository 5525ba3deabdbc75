// SPDX-License-Identifier: GPL-3.0-or-later
// Which people or invitations a request names. Main thread.
#include "http/invite/private.h"

#include "base/id.h"
#include "base/json.h"
#include "http/core/core.h"

void http_chosen_clear(HttpChosen *chosen)
{
    g_clear_pointer(&chosen->ids, g_free);
}

bool http_take_bool(const json_t *body, const char *field, bool *out, GError **error)
{
    const json_t *json = json_object_get(body, field);
    if (json != NULL && !json_is_boolean(json)) {
        return base_refuse_value(error, field, "true or false");
    }
    *out = json != NULL ? json_is_true(json) : *out;
    return true;
}

bool http_take_ids(const json_t *json, const char *field, char **out, unsigned *out_count,
                   GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(json_t) ids = json_array();
    if (!json_is_array(json) || json_array_size(json) == 0) {
        return base_refuse_value(error, field, "a list of ids");
    }
    if (json_array_size(json) > PEOPLE_INVITE_NAMED) {
        return base_refuse(error, BASE_CODE_TOO_MANY_ITEMS, field,
                           json_pack("{s:i}", "max", PEOPLE_INVITE_NAMED),
                           "%s has more than %d ids.", field, PEOPLE_INVITE_NAMED);
    }
    size_t i;
    json_t *item;
    json_array_foreach (json, i, item) {
        const char *id = json_string_value(item);
        if (id == NULL || !base_id_valid(id, BASE_ID_LENGTH)) {
            return base_refuse_value(error, field, "a list of ids");
        }
        if (g_hash_table_add(seen, (char *)id)) {
            json_array_append(ids, item);
        }
    }
    *out = base_json_text(ids);
    *out_count = (unsigned)json_array_size(ids);
    return true;
}

static bool refuse_word(const char *field, unsigned shows, GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    for (int i = 0; i < STORE_SHOWS; i++) {
        if ((shows >> i & 1) != 0) {
            g_string_append_printf(allowed, "%s, ", store_show_name((StoreShow)i));
        }
    }
    g_string_append(allowed, "a list of ids");
    return base_refuse_value(error, field, allowed->str);
}

bool http_take_chosen(const json_t *json, const char *field, unsigned shows, HttpChosen *out,
                      GError **error)
{
    const char *word = json_string_value(json);
    unsigned count;
    if (word != NULL) {
        return (store_show_parse(word, &out->show) && (shows >> out->show & 1) != 0) ||
               refuse_word(field, shows, error);
    }
    out->show = STORE_SHOW_VALID;
    return json_is_array(json) ? http_take_ids(json, field, &out->ids, &count, error)
                               : refuse_word(field, shows, error);
}

bool http_may_invite_to(const Http *http, const char *session, bool mails, GError **error)
{
    const StoreSession *row = live_session(http->services.live, session);
    if (row == NULL) {
        return base_refuse(error, BASE_CODE_NO_SESSION, NULL, NULL, "There is no such session.");
    }
    if (mails && !mail_is_on(http->services.mail)) {
        return base_refuse(error, BASE_CODE_MAIL_OFF, NULL, NULL,
                           "Mail is not set up on this server: [mail] relay.");
    }
    bool over = !session_is_ahead(row->state);
    return row->state == SESSION_CANCELLED || (over && mails)
               ? base_refuse(error, BASE_CODE_SESSION_OVER, NULL, NULL,
                             "The session is over or cancelled: nobody is invited to it any more.")
               : true;
}
