// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the handlers of invitations share. Main thread.

#include "http/core/request.h"
#include "people/invite.h"

/* Which invitations of a list a request is about. */
typedef struct {
    StoreShow show;
    char *ids; // JSON array; NULL: all that `show` shows
} HttpChosen;

void http_chosen_clear(HttpChosen *chosen);
/* A word of `shows` (StoreShow, a bit each), or a list of ids. */
bool http_take_chosen(const json_t *json, const char *field, unsigned shows, HttpChosen *out,
                      GError **error);
/* 1 to PEOPLE_INVITE_NAMED ids, as a JSON array in which each stands once. */
bool http_take_ids(const json_t *json, const char *field, char **out, unsigned *out_count,
                   GError **error);
/* An invitation with its link. */
json_t *http_link_json(const Http *http, const StoreInvitee *row, const char *code);
/* The same with a new link, beside the others or in their place. Store thread. */
json_t *http_link_new(StoreDb *db, const Http *http, const StoreInvitee *row, bool replace,
                      GError **error);
/* Missing: `*out` as it is. */
bool http_take_bool(const json_t *body, const char *field, bool *out, GError **error);
/* No invitations to a cancelled session, no mails after a session's end. */
bool http_may_invite_to(const Http *http, const char *session, bool mails, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpChosen, http_chosen_clear)
