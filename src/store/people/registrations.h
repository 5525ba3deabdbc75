// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The page for registering without a link, and registrations. As store/rows.h.

#include "store/rows.h"

/* A session without a row has no such page. Fields: "off", "optional" or "required". */
typedef struct {
    char *session;
    char *mode; // "approval", "open"
    char *email, *entity, *job_title;
} StoreRegistrationPage;

void store_registration_page_free(StoreRegistrationPage *row);
/* Nullable `*out`. Full ownership. */
bool store_registration_page_get(StoreDb *db, const char *session, StoreRegistrationPage **out,
                                 GError **error);
/* In place of the one before. */
bool store_registration_page_put(StoreDb *db, const StoreRegistrationPage *row, GError **error);
/* Who registered stays. */
bool store_registration_page_delete(StoreDb *db, const char *session, GError **error);

typedef struct {
    int64_t n; // order
    char *id, *session, *name;
    char *email, *entity, *job_title; // nullable
    char *entity_id;                  // nullable: by the mail domain
    char *person;                     // nullable: once approved
    char *state;                      // "waiting", "approved", "refused"
    int64_t created_us, decided_us;   // decided: 0: not yet
} StoreRegistration;

void store_registration_free(StoreRegistration *row);
/* `*out_new` false: the address registered for the session before; nothing is changed. */
bool store_registration_insert(StoreDb *db, const StoreRegistration *row, bool *out_new,
                               GError **error);
/* State, person and decided_us. */
bool store_registration_update(StoreDb *db, const StoreRegistration *row, GError **error);
/* Waiting ones first, each by order; at most `most`, from the cursor `after` (0: the first). */
GPtrArray *store_registrations_list(StoreDb *db, const char *session, int64_t after, int most,
                                    GError **error);
/* Waiting ones. `ids`: JSON array; NULL: all. */
GPtrArray *store_registrations_pick(StoreDb *db, const char *session, const char *ids,
                                    GError **error);

typedef struct {
    int64_t waiting, approved, refused;
} StoreRegistrationCounts;

bool store_registrations_count(StoreDb *db, const char *session, StoreRegistrationCounts *out,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreRegistrationPage, store_registration_page_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreRegistration, store_registration_free)
