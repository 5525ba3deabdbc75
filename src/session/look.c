// SPDX-License-Identifier: GPL-3.0-or-later
// A series' colour, languages and reminders, from a request.
#include "session/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* WCAG 2.2, 1.4.3: white text on it. */
#define LEAST_CONTRAST 4.5
#define ALLOWED_COLOUR "#rrggbb"
#define ALLOWED_LANGUAGES "a list of ar, en"
#define ALLOWED_REMINDERS "null, or at most 5 whole numbers from 5 to 20160"

/* WCAG 2.2, relative luminance: of one byte of sRGB. */
static double linear(const char *hex)
{
    double value = (g_ascii_xdigit_value(hex[0]) * 16 + g_ascii_xdigit_value(hex[1])) / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static bool is_colour(const char *text)
{
    return strlen(text) == 7 && text[0] == '#' && strspn(text + 1, "0123456789abcdefABCDEF") == 6;
}

bool session_take_colour(const json_t *json, char **out, GError **error)
{
    const char *text = json_is_null(json) ? "" : json_string_value(json);
    if (text == NULL || (*text != '\0' && !is_colour(text))) {
        return base_refuse_value(error, "colour", ALLOWED_COLOUR);
    }
    if (*text != '\0') {
        double luminance =
            0.2126 * linear(text + 1) + 0.7152 * linear(text + 3) + 0.0722 * linear(text + 5);
        if (1.05 / (luminance + 0.05) < LEAST_CONTRAST) {
            return base_refuse(error, BASE_CODE_COLOUR_TOO_LIGHT, "colour", NULL,
                               "White text could not be read on this colour: take a darker one.");
        }
    }
    g_free(*out);
    *out = g_ascii_strdown(text, -1);
    return true;
}

bool session_take_languages(const json_t *json, char **out, GError **error)
{
    bool ar = false, en = false;
    size_t i;
    json_t *item;
    json_array_foreach (json, i, item) {
        const char *lang = json_string_value(item);
        bool *seen = g_strcmp0(lang, "ar") == 0 ? &ar : g_strcmp0(lang, "en") == 0 ? &en : NULL;
        if (seen == NULL || *seen) {
            return base_refuse_value(error, "languages", ALLOWED_LANGUAGES);
        }
        *seen = true;
    }
    if (!ar && !en) { // or no list
        return base_refuse_value(error, "languages", ALLOWED_LANGUAGES);
    }
    g_free(*out);
    *out = g_strdup(ar && en ? "[\"ar\",\"en\"]" : ar ? "[\"ar\"]" : "[\"en\"]");
    return true;
}

static int by_size(gconstpointer a, gconstpointer b)
{
    return *(const int *)b - *(const int *)a;
}

bool session_take_reminders(const json_t *json, char **out, GError **error)
{
    int minutes[SESSION_MAX_REMINDERS];
    size_t count = json_array_size(json);
    bool good = json_is_null(json) || (json_is_array(json) && count <= SESSION_MAX_REMINDERS);
    for (size_t i = 0; good && i < count; i++) {
        const json_t *item = json_array_get(json, i);
        json_int_t value = json_integer_value(item);
        good = json_is_integer(item) && value >= SESSION_MIN_AHEAD && value <= SESSION_MAX_AHEAD;
        for (size_t k = 0; good && k < i; k++) {
            good = minutes[k] != value;
        }
        minutes[i] = (int)value;
    }
    if (!good) {
        return base_refuse_value(error, "reminders", ALLOWED_REMINDERS);
    }
    qsort(minutes, count, sizeof *minutes, by_size);
    g_autoptr(json_t) list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_integer(minutes[i]));
    }
    g_free(*out);
    *out = json_is_null(json) ? NULL : base_json_text(list);
    return true;
}
