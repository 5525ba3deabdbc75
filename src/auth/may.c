// SPDX-License-Identifier: GPL-3.0-or-later
// The table of rights; missing entries deny.
#include "auth/auth.h"

#include <string.h>

typedef enum {
    NO,
    YES,
    OWN,   // the invited session; any one for moderators of the server
    JOIN,  // invited or open session
    SHOWN, // published recordings of JOIN
    KEPT,  // recordings of OWN, or SHOWN
    OPEN,  // open sessions
    AIRED, // published recordings of OPEN
} Rule;

#define ROLES (AUTH_ENCODER + 1)

// clang-format off
static const Rule rules[AUTH_ACTIONS][ROLES] = {
    //                         nobody attendee speaker moderator staff admin scraper encoder
    [AUTH_READ_PUBLIC]       = {YES,  YES,     YES,    YES,      YES,  YES,  YES,    YES},
    [AUTH_SIGN_IN]           = {YES,  YES,     YES,    YES,      YES,  YES,  YES,    YES},
    [AUTH_SIGN_OUT]          = {NO,   YES,     YES,    YES,      YES,  YES,  NO,     NO},
    [AUTH_REGISTER]          = {YES,  YES,     YES,    YES,      YES,  YES,  NO,     NO},
    [AUTH_SEE_SESSION]       = {NO,   JOIN,    JOIN,   JOIN,     YES,  YES,  NO,     NO},
    [AUTH_LIST_SESSIONS]     = {NO,   YES,     YES,    YES,      YES,  YES,  NO,     NO}, // filtered by AUTH_SEE_SESSION
    [AUTH_EDIT_SESSION]      = {NO,   NO,      NO,     NO,       YES,  YES,  NO,     NO},
    [AUTH_RUN_SESSION]       = {NO,   NO,      NO,     NO,       YES,  YES,  NO,     NO},
    [AUTH_INVITE]            = {NO,   NO,      NO,     NO,       YES,  YES,  NO,     NO},
    [AUTH_WATCH]             = {NO,   JOIN,    JOIN,   JOIN,     YES,  YES,  NO,     NO},
    [AUTH_WATCH_CLOSED]      = {NO,   NO,      OWN,    OWN,      YES,  YES,  NO,     NO},
    [AUTH_PUBLISH]           = {NO,   NO,      OWN,    OWN,      YES,  YES,  NO,     OWN},
    [AUTH_SEE_RECORDING]     = {NO,   SHOWN,   SHOWN,  KEPT,     YES,  YES,  NO,     NO},
    [AUTH_SEE_UNPUBLISHED]   = {NO,   NO,      NO,     OWN,      YES,  YES,  NO,     NO},
    [AUTH_EDIT_RECORDING]    = {NO,   NO,      NO,     NO,       YES,  YES,  NO,     NO},
    [AUTH_FEED_SESSION]      = {OPEN, JOIN,    JOIN,   JOIN,     YES,  YES,  NO,     NO},
    [AUTH_FEED_RECORDING]    = {AIRED, SHOWN,  SHOWN,  KEPT,     YES,  YES,  NO,     NO},
    [AUTH_MARK_CHAPTER]      = {NO,   NO,      NO,     OWN,      YES,  YES,  NO,     NO},
    [AUTH_PLAN]              = {NO,   JOIN,    JOIN,   JOIN,     YES,  YES,  NO,     NO},
    [AUTH_ASK]               = {NO,   JOIN,    JOIN,   JOIN,     YES,  YES,  NO,     NO},
    [AUTH_SEE_QUESTIONS]     = {NO,   JOIN,    JOIN,   JOIN,     YES,  YES,  NO,     NO},
    [AUTH_MODERATE]          = {NO,   NO,      NO,     OWN,      YES,  YES,  NO,     NO},
    [AUTH_ON_AIR]            = {NO,   NO,      OWN,    OWN,      YES,  YES,  NO,     NO},
    [AUTH_MESSAGE_PRESENTER] = {NO,   NO,      NO,     OWN,      YES,  YES,  NO,     NO},
    [AUTH_SEE_HEALTH]        = {NO,   NO,      NO,     NO,       YES,  YES,  NO,     NO},
    [AUTH_EDIT_PEOPLE]       = {NO,   NO,      NO,     NO,       YES,  YES,  NO,     NO},
    [AUTH_ADMINISTER]        = {NO,   NO,      NO,     NO,       NO,   YES,  NO,     NO},
    [AUTH_READ_METRICS]      = {NO,   NO,      NO,     NO,       NO,   NO,   YES,    NO},
};
// clang-format on

/* Without a session of one's own: moderators of the server alone. */
static bool is_own(const AuthIdentity *who, const AuthObject *object)
{
    if (who == NULL || object->session == NULL) {
        return false;
    }
    return who->session != NULL ? strcmp(who->session, object->session) == 0
                                : who->role == AUTH_MODERATOR;
}

static bool may_join(const AuthIdentity *who, const AuthObject *object)
{
    return is_own(who, object) || (who != NULL && object->session != NULL && object->open);
}

bool auth_may(const AuthIdentity *who, AuthAction action, const AuthObject *object)
{
    static const AuthObject nothing;
    AuthRole role = who != NULL ? who->role : AUTH_NOBODY;
    if ((unsigned)action >= AUTH_ACTIONS || (unsigned)role >= ROLES) {
        return false;
    }
    if (object == NULL) {
        object = &nothing;
    }
    switch (rules[action][role]) {
    case NO:
        break;
    case YES:
        return true;
    case OWN:
        return is_own(who, object);
    case JOIN:
        return may_join(who, object);
    case SHOWN:
        return object->published && may_join(who, object);
    case KEPT:
        return is_own(who, object) || (object->published && may_join(who, object));
    case OPEN:
        return object->session != NULL && object->open;
    case AIRED:
        return object->session != NULL && object->open && object->published;
    }
    return false;
}

bool auth_needs_sign_in(AuthAction action)
{
    return (unsigned)action >= AUTH_ACTIONS || rules[action][AUTH_NOBODY] == NO;
}
