// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A roster: a text file's table of people, and what each line would change. Pure; any thread. UTF-8
// or UTF-16 (with or without a byte order mark), or Windows-1256; comma, semicolon or tab; fields
// in quotes as in RFC 4180.

#include "store/people/people.h"

#define PEOPLE_ROSTER_BYTES (2 * 1024 * 1024)
#define PEOPLE_ROSTER_LINES 20000
#define PEOPLE_ROSTER_COLUMNS 40 // more are ignored

typedef enum {
    PEOPLE_NO_COLUMN,
    PEOPLE_NAME,
    PEOPLE_EMAIL,
    PEOPLE_ENTITY, // its name or code
    PEOPLE_CODE,   // of the entity
    PEOPLE_COLUMNS,
} PeopleColumn;

/* "": no column. */
const char *people_column_name(PeopleColumn column);

typedef struct {
    unsigned line; // as a spreadsheet counts rows, from 1
    bool unclosed; // ends within quotes
    unsigned count;
    char **fields;
} PeopleRow;

typedef struct {
    const char *encoding; // "utf-8", "utf-16le", "utf-16be", "windows-1256"
    char separator;
    GPtrArray *rows; // PeopleRow; blank ones are left out
} PeopleTable;

/* ROSTER_EMPTY, ROSTER_NOT_TEXT, ROSTER_TOO_LONG. */
PeopleTable *people_table_read(const uint8_t *bytes, size_t size, GError **error);
void people_table_free(PeopleTable *table);

typedef struct {
    bool heading; // the first row names the columns
    unsigned count;
    PeopleColumn of[PEOPLE_ROSTER_COLUMNS];
} PeopleColumns;

/* PEOPLE_NO_COLUMN: unknown heading. */
PeopleColumn people_column_of(const char *heading);
/* By the first row. */
void people_columns_find(const PeopleTable *table, PeopleColumns *out);
/* By hand: "name,,email". `heading`: "true", "false"; both nullable, then as found. */
bool people_columns_take(const PeopleTable *table, const char *columns, const char *heading,
                         PeopleColumns *out, GError **error);

typedef enum {
    PEOPLE_NEW,
    PEOPLE_CHANGED,
    PEOPLE_UNCHANGED,
    PEOPLE_DUPLICATE, // somebody else of this name is in the entity: staff decide
    PEOPLE_REFUSED,
    PEOPLE_OUTCOMES,
} PeopleOutcome;

typedef struct {
    unsigned line;
    char *name, *email, *entity; // as the file has them, cleaned and cut
    PeopleOutcome outcome;
    GError *refused;
    unsigned of_line;      // the same person's; 0: none
    const StorePerson *of; // who is known; nullable
    unsigned changes;      // bits of PeopleColumn
    StorePerson *row;      // as it would be; NULL: refused
} PeopleLine;

/* Borrowed. */
typedef struct {
    const GPtrArray *people;   // StorePerson
    const GPtrArray *entities; // StoreEntity
    GHashTable *taken;         // numbers of lines that are new though duplicates; nullable
} PeopleKnown;

typedef struct {
    GPtrArray *lines; // PeopleLine
    unsigned counts[PEOPLE_OUTCOMES];
} PeoplePlan;

/* Borrows from `known`. Without a column of names there are no lines. */
PeoplePlan *people_plan_new(const PeopleTable *table, const PeopleColumns *columns,
                            const PeopleKnown *known);
void people_plan_free(PeoplePlan *plan);

/* One statement for each new or changed line. In a job. */
bool people_plan_apply(const PeoplePlan *plan, StoreDb *db, int64_t now_us, GError **error);
json_t *people_plan_json(const PeopleTable *table, const PeopleColumns *columns,
                         const PeoplePlan *plan, bool applied);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PeopleTable, people_table_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PeoplePlan, people_plan_free)
