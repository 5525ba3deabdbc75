// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A store in a temporary folder, and a second connection to its file.

#include "store/rows.h"

typedef struct {
    char *folder, *file, *url;
    Store *store;
} Fixture;

void fixture_set_up(Fixture *fixture, gconstpointer data);
void fixture_tear_down(Fixture *fixture, gconstpointer data);
void fixture_reopen(Fixture *fixture);

/* First column of the first row, on a second connection; -1: none. */
int64_t fixture_look(const char *file, const char *sql);

/* Runs a job that must succeed. */
void fixture_run(Store *store, StoreJob job, void *data);

/* The session with this id, from the list. Full ownership; NULL: none, or the list failed. */
StoreSession *fixture_session(StoreDb *db, const char *id, GError **error);

/* A job. `data`: id. */
bool fixture_insert_person(StoreDb *db, void *data, GError **error);

#define FIXTURE_ADD(name, func)                                                                    \
    g_test_add("/store/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* test-rows.c, test-own.c, test-people.c, test-migrate.c, test-backup.c, test-search.c */
void add_rows_tests(void);
void add_own_tests(void);
void add_people_tests(void);
void add_migrate_tests(void);
void add_backup_tests(void);
void add_search_tests(void);
