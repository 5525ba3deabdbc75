// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Staff's texts of mails, and who stopped which mails. As store/rows.h.

#include "store/rows.h"

typedef struct {
    char *kind, *lang; // of the mail; "ar", "en"
    char *subject, *body;
    int64_t changed_us;
} StoreMailText;

void store_mail_text_free(StoreMailText *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMailText, store_mail_text_free)

/* All that staff wrote. */
GPtrArray *store_mail_texts(StoreDb *db, GError **error);
/* Nullable `*out`. Full ownership. */
bool store_mail_text_find(StoreDb *db, const char *kind, const char *lang, StoreMailText **out,
                          GError **error);
bool store_mail_text_put(StoreDb *db, const StoreMailText *row, GError **error);
/* Nothing if there is none. */
bool store_mail_text_delete(StoreDb *db, const char *kind, const char *lang, GError **error);

/* The person gets mails not sent by hand, as reminders. True at first. */
bool store_mail_choice(StoreDb *db, const char *person, bool *out_reminders, GError **error);
bool store_mail_choose(StoreDb *db, const char *person, bool reminders, int64_t now_us,
                       GError **error);
