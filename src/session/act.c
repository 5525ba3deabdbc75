// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a request for one change of many recordings.
#include "base/id.h"
#include "session/private.h"

#include <string.h>

static const char *const names[] = {
    [SESSION_ACT_PUBLISH] = "publish", [SESSION_ACT_UNPUBLISH] = "unpublish",
    [SESSION_ACT_HOLD] = "hold",       [SESSION_ACT_RELEASE] = "release",
    [SESSION_ACT_RETAIN] = "retain",   [SESSION_ACT_EXPORT] = "export"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == SESSION_ACTS);

const char *session_act_name(SessionActKind kind)
{
    return names[kind];
}

static bool take_kind(const json_t *json, SessionActKind *out, GError **error)
{
    const char *name = json_string_value(json);
    for (int kind = 0; name != NULL && kind < SESSION_ACTS; kind++) {
        if (strcmp(name, names[kind]) == 0) {
            *out = (SessionActKind)kind;
            return true;
        }
    }
    return base_refuse_value(error, "act", "publish, unpublish, hold, release, retain or export");
}

/* Full ownership; NULL: invalid. */
static char **take_ids(const json_t *json, GError **error)
{
    size_t count = json_array_size(json);
    if (count == 0) {
        session_required(error, "recordings", "is a list of ids");
        return NULL;
    }
    if (count > SESSION_MAX_ACT) {
        base_refuse(error, BASE_CODE_TOO_MANY_ITEMS, "recordings",
                    json_pack("{s:i}", "max", SESSION_MAX_ACT),
                    "recordings has more than %d entries", SESSION_MAX_ACT);
        return NULL;
    }
    g_autoptr(GPtrArray) ids = g_ptr_array_new_null_terminated((guint)count, g_free, true);
    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_array_get(json, i));
        if (id == NULL || !base_id_valid(id, SESSION_MAX_ID)) {
            g_autofree char *field = g_strdup_printf("recordings[%zu]", i);
            base_refuse_value(error, field, "the id of a recording");
            return NULL;
        }
        if (!g_ptr_array_find_with_equal_func(ids, id, g_str_equal, NULL)) {
            g_ptr_array_add(ids, g_strdup(id));
        }
    }
    return (char **)g_ptr_array_steal(ids, NULL);
}

/* Only an act that uses a field may have it. */
static bool is_of_kind(const json_t *body, SessionActKind kind, GError **error)
{
    bool holds = kind == SESSION_ACT_HOLD || kind == SESSION_ACT_RELEASE;
    const char *const known[] = {"act", "recordings",
                                 holds                        ? "reason"
                                 : kind == SESSION_ACT_RETAIN ? "days"
                                                              : NULL,
                                 NULL};
    return session_only_known(body, known, "", error);
}

static bool take_days(const json_t *json, int *out, GError **error)
{
    if (json == NULL) {
        return session_required(error, "days", "is a number of days, or null");
    }
    if (!json_is_null(json) && (!json_is_integer(json) || json_integer_value(json) < 1 ||
                                json_integer_value(json) > SESSION_MAX_RETENTION)) {
        return session_out_of_range(error, "days", 1, SESSION_MAX_RETENTION);
    }
    *out = (int)json_integer_value(json);
    return true;
}

bool session_act_check(const json_t *body, SessionAct *out, GError **error)
{
    SessionAct act = {0};
    if (!json_is_object(body)) {
        return base_refuse_value(error, "act", "a JSON object");
    }
    if (!take_kind(json_object_get(body, "act"), &act.kind, error) ||
        !is_of_kind(body, act.kind, error) ||
        (act.kind == SESSION_ACT_RETAIN &&
         !take_days(json_object_get(body, "days"), &act.days, error))) {
        return false;
    }
    g_autofree char *why =
        session_take_text(json_object_get(body, "reason"), "reason", SESSION_MAX_REASON, error);
    act.recordings = why != NULL ? take_ids(json_object_get(body, "recordings"), error) : NULL;
    if (act.recordings == NULL) {
        return false;
    }
    act.why = why[0] != '\0' ? g_steal_pointer(&why) : NULL;
    *out = act;
    return true;
}

void session_act_clear(SessionAct *act)
{
    g_clear_pointer(&act->recordings, g_strfreev);
    g_clear_pointer(&act->why, g_free);
}
