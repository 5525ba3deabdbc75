// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Checks and JSON of entities and people. Pure.

#include "base/error.h"
#include "store/people/people.h"

#define PEOPLE_MAX_CODE 20 // characters
#define PEOPLE_MAX_DOMAINS 20
#define PEOPLE_MAX_EMAIL 254 // RFC 5321 4.5.3.1.3, without its brackets

/* A mail address without spaces around it, in ASCII (RFC 5321 Dot-string@Domain). NULL: BAD_EMAIL of `field`. */
char *people_email_take(const char *text, const char *field, GError **error);
bool people_domain_valid(const char *text);

/* Takes the members of `body` into `row`; outputs untouched on failure. */
bool people_person_check(StorePerson *row, const json_t *body, GError **error);
bool people_entity_check(StoreEntity *row, const json_t *body, GError **error);
StorePerson *people_person_new(const json_t *body, int64_t now_us, GError **error);
StoreEntity *people_entity_new(const json_t *body, int64_t now_us, GError **error);

json_t *people_person_json(const StorePerson *row);
json_t *people_entity_json(const StoreEntity *row);
/* Comma, quotes, CRLF; a byte order mark, so that spreadsheets read Arabic. `people`: StorePerson,
 * `entities`: StoreEntity. */
GString *people_csv(const GPtrArray *people, const GPtrArray *entities);
