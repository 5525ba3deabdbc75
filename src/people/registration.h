// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Registering for a session without a link: checks and approval. Any thread.

#include "people/invite.h"
#include "store/people/registrations.h"

#define PEOPLE_REGISTRATIONS_WAITING 2000 // of a session

/* From a request. */
StoreRegistrationPage *people_registration_page_new(const char *session, const json_t *body,
                                                    GError **error);
json_t *people_registration_page_json(const StoreRegistrationPage *row);

/* The answers in a request. */
StoreRegistration *people_registration_new(const StoreRegistrationPage *page, const json_t *body,
                                           int64_t now_us, GError **error);
json_t *people_registration_json(const StoreRegistration *row);

/* In a store job: saves it with the entity of its mail domain. `*out_new` false: the address registered
 * before. LIMIT: too many wait. */
bool people_register(StoreDb *db, StoreRegistration *row, bool *out_new, GError **error);

/* In a store job: makes the person and the invitation where missing, writes `row`.
 * `*out_invitation` NULL: left waiting, since the person is disabled or staff, or revoked and not
 * `by_staff`. Full ownership. */
bool people_registration_approve(StoreDb *db, StoreRegistration *row, bool by_staff, int64_t now_us,
                                 char **out_invitation, GError **error);
