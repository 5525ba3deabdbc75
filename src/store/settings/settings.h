// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What admins set in place of majlis.conf, as store/rows.h has the other rows. Rows stay, so that their
// revisions only grow.

#include "store/rows.h"

typedef struct {
    char *section, *name; // of majlis.conf
    char *value;          // in its notation; NULL: the file's again
    char *person;         // who changed it last; nullable
    int64_t revision;     // read only: store_setting_put() counts
    int64_t changed_us;
    char *by; // read only: that person's name; nullable
} StoreSetting;

void store_setting_free(StoreSetting *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSetting, store_setting_free)

GPtrArray *store_settings_list(StoreDb *db, GError **error);
bool store_setting_put(StoreDb *db, const StoreSetting *row, GError **error);
/* Another after each change. */
int64_t store_settings_version(const GPtrArray *rows);
