// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Entities, and people found by words or entity. As store/rows.h.

#include "store/rows.h"

#define STORE_PEOPLE_WORDS 4 // of a search; more are ignored

typedef struct {
    char *id;
    char *code;              // short, unique without regard to case
    char *name_ar, *name_en; // "": none, of one of them
    char *domains;           // JSON: ["example.gov.ae"], small letters
    int people;              // read only
    int revision;            // of changes; store_entity_update() counts
    int64_t created_us;
} StoreEntity;

void store_entity_free(StoreEntity *row);
/* Static or borrowed: what is shown of the entity. */
const char *store_entity_name(const StoreEntity *row);

bool store_entity_insert(StoreDb *db, const StoreEntity *row, GError **error);
/* Its people get its name. */
bool store_entity_update(StoreDb *db, const StoreEntity *row, GError **error);
/* CONFLICT: it has people. */
bool store_entity_delete(StoreDb *db, const char *id, GError **error);
StoreEntity *store_entity_get(StoreDb *db, const char *id, GError **error);
GPtrArray *store_entities_list(StoreDb *db, GError **error); // by code
/* How many of `ids` (JSON array) there are. */
bool store_entities_known(StoreDb *db, const char *ids, unsigned *out, GError **error);
/* Whose mail domains have `domain`; the first by code. Nullable `*out`, full ownership. */
bool store_entity_of_domain(StoreDb *db, const char *domain, StoreEntity **out, GError **error);

/* NOT_FOUND: nobody has it. Small and large letters are one. */
StorePerson *store_person_by_email(StoreDb *db, const char *email, GError **error);

typedef struct {
    const char *words[STORE_PEOPLE_WORDS]; // folded, each anywhere in a person's; NULL: none
    const char *entity;                    // id; NULL: any
    const char *after;                     // id of the last one before; NULL: from the first
    unsigned limit;
} StorePeopleFind;

/* By name. */
GPtrArray *store_people_find(StoreDb *db, const StorePeopleFind *find, GError **error);
GPtrArray *store_people_of(StoreDb *db, const char *entity, GError **error);

/* Differs after any change of a person or entity. */
typedef struct {
    int64_t figures[8];
} StorePeopleState;

bool store_people_state(StoreDb *db, StorePeopleState *out, GError **error);

/* Not disabled, with a link to the server that counts. */
bool store_admins_count(StoreDb *db, int *out, GError **error);
/* All of the person to the server. */
bool store_server_links_revoke(StoreDb *db, const char *person, GError **error);

/* All that is kept about a person, as JSON (PersonData of the contract). */
char *store_person_data(StoreDb *db, const char *id, GError **error);

/* Name, address, entity, role, sign-ins, links, mails and answers go; questions, votes and acts stay
 * with the id, which nothing finds any more. */
bool store_person_erase(StoreDb *db, const char *id, int64_t now_us, GError **error);

/* `into` gets the questions, votes and invitations of `from`, which is deleted with its sign-ins. */
bool store_person_merge(StoreDb *db, const char *from, const char *into, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreEntity, store_entity_free)
