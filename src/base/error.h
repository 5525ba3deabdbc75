// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The control plane's error domain. Kinds follow the remedy. Messages: English, cause and remedy,
// no secrets.

#include "base/codes.h"

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define BASE_ERROR (base_error_quark())
GQuark base_error_quark(void);

typedef enum {
    BASE_ERROR_FAILED,
    BASE_ERROR_INVALID, // correct the input
    BASE_ERROR_NOT_FOUND,
    BASE_ERROR_DENIED,      // signed in, not allowed
    BASE_ERROR_SIGNED_OUT,  // not signed in
    BASE_ERROR_CONFLICT,    // wrong state
    BASE_ERROR_LIMIT,       // too many or too often
    BASE_ERROR_UNAVAILABLE, // temporary
    BASE_ERROR_FULL,        // disk
    BASE_ERROR_NO_PLACE,    // no viewer place: use HLS
    BASE_ERROR_GONE,        // deleted
    BASE_ERROR_UPGRADE,     // wrong protocol
} BaseError;

#define BASE_CODE_MEMBER(name, text, kind, params) BASE_CODE_##name,
typedef enum { BASE_CODE_NONE, BASE_CODES(BASE_CODE_MEMBER) BASE_CODE_COUNT } BaseCode;
#undef BASE_CODE_MEMBER

/* BASE_CODE_NONE: unknown. */
BaseCode base_code_find(const char *text);
/* Static. */
const char *base_code_text(BaseCode code);
BaseError base_code_kind(BaseCode code);

/* Returns false. `field` (nullable): "speakers[0].name". Takes `params` (nullable). */
bool base_refuse(GError **error, BaseCode code, const char *field, json_t *params,
                 const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Returns false: BAD_VALUE, "`field` must be `allowed`". */
bool base_refuse_value(GError **error, const char *field, const char *allowed);

/* Borrowed, nullable `field` and `params`. Foreign errors: general codes. */
BaseCode base_error_code(const GError *error);
const char *base_error_field(const GError *error);
const json_t *base_error_params(const GError *error);

/* Adds "code", "params" and "field". */
void base_error_describe(const GError *error, json_t *json);
