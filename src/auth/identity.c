// SPDX-License-Identifier: GPL-3.0-or-later
// Role names and shared identities.
#include "auth/auth.h"

#include <string.h>

static const char *const role_names[] = {
    [AUTH_NOBODY] = "nobody",       [AUTH_ATTENDEE] = "attendee", [AUTH_SPEAKER] = "speaker",
    [AUTH_MODERATOR] = "moderator", [AUTH_STAFF] = "staff",       [AUTH_ADMIN] = "admin",
    [AUTH_SCRAPER] = "scraper",     [AUTH_ENCODER] = "encoder",
};

const char *auth_role_name(AuthRole role)
{
    g_assert((unsigned)role < G_N_ELEMENTS(role_names));
    return role_names[role];
}

bool auth_role_parse(const char *name, AuthRole *out)
{
    // the others are no roles of a person
    for (int role = AUTH_ATTENDEE; name != NULL && role <= AUTH_ADMIN; role++) {
        if (strcmp(name, role_names[role]) == 0) {
            *out = role;
            return true;
        }
    }
    return false;
}

bool auth_role_is_of_server(AuthRole role)
{
    return role == AUTH_MODERATOR || role == AUTH_STAFF || role == AUTH_ADMIN;
}

/* Cuts between characters. */
static char *copy_text(const char *text, size_t max)
{
    size_t length = strlen(text);
    if (length > max) {
        const char *end = g_utf8_find_prev_char(text, text + max + 1);
        length = end != NULL ? (size_t)(end - text) : 0;
    }
    return g_strndup(text, length);
}

AuthIdentity *auth_identity_new(const char *person, const char *name, const char *entity,
                                AuthRole role, const char *session)
{
    AuthIdentity *identity = g_new0(AuthIdentity, 1);
    base_refs_init(&identity->refs);
    identity->person = g_strdup(person);
    identity->name = copy_text(name != NULL ? name : "", AUTH_NAME_BYTES);
    identity->entity = entity != NULL ? copy_text(entity, AUTH_NAME_BYTES) : NULL;
    identity->role = role;
    identity->session = g_strdup(session);
    return identity;
}

AuthIdentity *auth_identity_ref(AuthIdentity *identity)
{
    base_refs_inc(&identity->refs);
    return identity;
}

void auth_identity_unref(AuthIdentity *identity)
{
    if (identity == NULL || !base_refs_dec(&identity->refs)) {
        return;
    }
    g_free(identity->person);
    g_free(identity->name);
    g_free(identity->entity);
    g_free(identity->session);
    g_free(identity);
}
