// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A store in a folder of its own, and a second connection to its file.

#include "store/rows.h"

typedef struct {
    char *folder, *file, *url;
    Store *store;
} Fixture;

void fixture_set_up(Fixture *fixture, gconstpointer data);
void fixture_tear_down(Fixture *fixture, gconstpointer data);
void fixture_reopen(Fixture *fixture);

/* Runs a statement on a second connection; the first column of its first row, or -1. */
int64_t fixture_look(const char *file, const char *sql);

/* Runs a job that must succeed. */
void fixture_run(Store *store, StoreJob job, void *data);

/* A job: the person with the id `data`. */
bool fixture_insert_person(StoreDb *db, void *data, GError **error);

#define FIXTURE_ADD(name, func)                                                                    \
    g_test_add("/store/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* test-rows.c */
void add_rows_tests(void);
