// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Columns per row type. COLUMNS(X, AND) is X(kind, name) for each, joined by AND; macros make SQL
// and code of it. Internal.
//
// Kinds: text (owned, nullable), list (text, NULL: "[]"), number (integer, bool), state, hash
// (STORE_HASH_BYTES).

#include "store/db.h"
#include "store/state.h"

#include <glib.h>

// SQL, with AND = ", "
#define STORE_NAME(kind, name) #name
#define STORE_MARK(kind, name) "?"
#define STORE_SET(kind, name) #name " = ?"

// Code, with empty AND, on `row`, `copy` and `query`.
#define STORE_FREE(kind, name) STORE_FREE_##kind(row->name)
#define STORE_FREE_text(field) g_free(field);
#define STORE_FREE_list(field) g_free(field);
#define STORE_FREE_number(field)
#define STORE_FREE_state(field)
#define STORE_FREE_hash(field)

/* After g_memdup2(). */
#define STORE_COPY(kind, name) STORE_COPY_##kind(copy->name)
#define STORE_COPY_text(field) field = g_strdup(field);
#define STORE_COPY_list(field) field = g_strdup(field);
#define STORE_COPY_number(field)
#define STORE_COPY_state(field)
#define STORE_COPY_hash(field)

#define STORE_READ(kind, name) STORE_READ_##kind(row->name)
#define STORE_READ_text(field) field = store_take_text(query);
#define STORE_READ_list(field) field = store_take_text(query);
#define STORE_READ_number(field) field = (__typeof__(field))store_take_int(query);
#define STORE_READ_state(field) field = store_take_state(query);
#define STORE_READ_hash(field) store_take_hash(query, field);

#define STORE_PUT(kind, name) STORE_PUT_##kind(row->name)
#define STORE_PUT_text(field) store_put_text(query, field);
#define STORE_PUT_list(field) store_put_text(query, (field) != NULL ? (field) : "[]");
#define STORE_PUT_number(field) store_put_int(query, field);
#define STORE_PUT_state(field) store_put_text(query, store_state_name(field));
#define STORE_PUT_hash(field) store_put_hash(query, field);
