// SPDX-License-Identifier: GPL-3.0-or-later
// The error domain: code, parameters and field.
#include "base/error.h"

typedef struct {
    BaseCode code;
    char *field;    // nullable
    json_t *params; // nullable
} BaseErrorPrivate;

static void base_error_private_init(BaseErrorPrivate *priv)
{
    *priv = (BaseErrorPrivate){0};
}

static void base_error_private_copy(const BaseErrorPrivate *from, BaseErrorPrivate *to)
{
    *to = (BaseErrorPrivate){
        .code = from->code, .field = g_strdup(from->field), .params = json_deep_copy(from->params)};
}

static void base_error_private_clear(BaseErrorPrivate *priv)
{
    g_free(priv->field);
    json_decref(priv->params);
}

G_DEFINE_EXTENDED_ERROR(BaseError, base_error)

#define CODE_ROW(name, words, of, params) {words, BASE_ERROR_##of},
static const struct {
    const char *text;
    BaseError kind;
} codes[] = {{"", BASE_ERROR_FAILED}, BASE_CODES(CODE_ROW)};
#undef CODE_ROW

BaseCode base_code_find(const char *text)
{
    for (BaseCode code = BASE_CODE_NONE + 1; code < BASE_CODE_COUNT; code++) {
        if (g_strcmp0(codes[code].text, text) == 0) {
            return code;
        }
    }
    return BASE_CODE_NONE;
}

const char *base_code_text(BaseCode code)
{
    g_assert(code > BASE_CODE_NONE && code < BASE_CODE_COUNT);
    return codes[code].text;
}

BaseError base_code_kind(BaseCode code)
{
    g_assert(code > BASE_CODE_NONE && code < BASE_CODE_COUNT);
    return codes[code].kind;
}

bool base_refuse(GError **error, BaseCode code, const char *field, json_t *params,
                 const char *format, ...)
{
    if (error == NULL) {
        json_decref(params);
        return false;
    }
    va_list args;
    va_start(args, format);
    *error = g_error_new_valist(BASE_ERROR, (int)base_code_kind(code), format, args);
    va_end(args);
    BaseErrorPrivate *priv = base_error_get_private(*error);
    priv->code = code;
    priv->field = g_strdup(field);
    priv->params = params;
    return false;
}

/* First in each kind. */
static BaseCode general_code(int kind)
{
    for (BaseCode code = BASE_CODE_NONE + 1; code < BASE_CODE_COUNT; code++) {
        if ((int)codes[code].kind == kind) {
            return code;
        }
    }
    return BASE_CODE_FAILED;
}

static const BaseErrorPrivate *private_of(const GError *error)
{
    return error->domain == BASE_ERROR ? base_error_get_private(error) : NULL;
}

BaseCode base_error_code(const GError *error)
{
    const BaseErrorPrivate *priv = private_of(error);
    if (priv == NULL) {
        return BASE_CODE_FAILED;
    }
    return priv->code != BASE_CODE_NONE ? priv->code : general_code(error->code);
}

const char *base_error_field(const GError *error)
{
    const BaseErrorPrivate *priv = private_of(error);
    return priv != NULL ? priv->field : NULL;
}

const json_t *base_error_params(const GError *error)
{
    const BaseErrorPrivate *priv = private_of(error);
    return priv != NULL ? priv->params : NULL;
}

void base_error_describe(const GError *error, json_t *json)
{
    const json_t *params = base_error_params(error);
    const char *field = base_error_field(error);
    json_object_set_new(json, "code", json_string(base_code_text(base_error_code(error))));
    json_object_set_new(json, "params", params != NULL ? json_deep_copy(params) : json_object());
    if (field != NULL) {
        json_object_set_new(json, "field", json_string(field));
    }
}

bool base_refuse_value(GError **error, const char *field, const char *allowed)
{
    return base_refuse(error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", allowed),
                       "%s must be %s", field, allowed);
}
