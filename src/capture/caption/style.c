// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the files that say how captions look.
#include "capture/caption/style.h"

#include "base/error.h"
#include "capture/grid.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MAX_FONT 200

typedef struct {
    const char *group, *name;
    size_t offset;
    enum { NUMBER, COLOUR, FONT } kind;
    int min, max; // of a number
} Key;

#define AT(field) offsetof(CaptureCaptionStyle, field)
static const Key keys[] = {
    {"plate", "side", AT(side), NUMBER, 0, 400},
    {"plate", "bottom", AT(bottom), NUMBER, 200, CAPTURE_HEIGHT},
    {"plate", "width", AT(width), NUMBER, 320, CAPTURE_WIDTH},
    {"plate", "padding", AT(padding), NUMBER, 0, 60},
    {"plate", "bar", AT(bar), NUMBER, 0, 60},
    {"plate", "radius", AT(radius), NUMBER, 0, 40},
    {"plate", "opacity", AT(opacity), NUMBER, 10, 100},
    {"plate", "colour", AT(plate), COLOUR, 0, 0},
    {"plate", "accent", AT(accent), COLOUR, 0, 0},
    {"text", "font", AT(font), FONT, 0, 0},
    {"text", "size", AT(size), NUMBER, 16, 80},
    {"text", "small", AT(small), NUMBER, 16, 80},
    {"text", "colour", AT(text), COLOUR, 0, 0},
    {"text", "soft", AT(soft), COLOUR, 0, 0},
};

static CaptureCaptionStyle built_in(int size)
{
    return (CaptureCaptionStyle){.font = g_strdup("Noto Sans, Noto Sans Arabic, DejaVu Sans, Sans"),
                                 .size = size,
                                 .small = 26,
                                 .side = 64,
                                 .bottom = 624, // above the test picture's marks
                                 .width = 1152,
                                 .padding = 20,
                                 .bar = 10,
                                 .radius = 6,
                                 .opacity = 94,
                                 .plate = {255, 255, 255},
                                 .text = {20, 32, 43},
                                 .soft = {74, 85, 96},
                                 .accent = {146, 114, 42}};
}

bool capture_colour_read(const char *text, CaptureColour *out)
{
    unsigned red, green, blue;
    if (strlen(text) != 7 || text[0] != '#' || strspn(text + 1, "0123456789abcdefABCDEF") != 6 ||
        sscanf(text + 1, "%2x%2x%2x", &red, &green, &blue) != 3) {
        return false;
    }
    *out = (CaptureColour){(int)red, (int)green, (int)blue};
    return true;
}

static const Key *find_key(const char *group, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].group, group) == 0 && strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

static bool take_number(const Key *key, const char *text, int *out)
{
    gint64 value;
    if (!g_ascii_string_to_signed(text, 10, key->min, key->max, &value, NULL)) {
        return false;
    }
    *out = (int)value;
    return true;
}

static bool take_font(const char *text, char **out)
{
    if (text[0] == '\0' || strlen(text) > MAX_FONT) {
        return false;
    }
    g_free(*out);
    *out = g_strdup(text);
    return true;
}

static bool take(CaptureCaptionStyle *style, const Key *key, const char *text)
{
    void *at = (char *)style + key->offset;
    return key->kind == NUMBER   ? take_number(key, text, at)
           : key->kind == COLOUR ? capture_colour_read(text, at)
                                 : take_font(text, at);
}

static bool refuse(const char *path, const char *group, const char *name, GError **error)
{
    const Key *key = find_key(group, name);
    g_autofree char *range = key != NULL && key->kind == NUMBER
                                 ? g_strdup_printf("a number from %d to %d", key->min, key->max)
                                 : NULL;
    const char *wanted = key == NULL           ? "no key of a caption"
                         : range != NULL       ? range
                         : key->kind == COLOUR ? "a colour as #92722a"
                                               : "names of fonts, with commas between them";
    g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "The caption %s: %s in [%s] %s %s.", path,
                name, group, key == NULL ? "is" : "needs", wanted);
    return false;
}

static bool read_group(CaptureCaptionStyle *style, GKeyFile *file, const char *path,
                       const char *group, GError **error)
{
    g_auto(GStrv) names = g_key_file_get_keys(file, group, NULL, NULL);
    for (char **name = names; name != NULL && *name != NULL; name++) {
        const Key *key = find_key(group, *name);
        g_autofree char *text = g_key_file_get_string(file, group, *name, NULL);
        if (key == NULL || text == NULL || !take(style, key, g_strchomp(text))) {
            return refuse(path, group, *name, error);
        }
    }
    return true;
}

static bool read_file(CaptureCaptionStyle *style, const char *folder, const char *name,
                      GError **error)
{
    g_autofree char *path = g_build_filename(folder, "captions", name, NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) why = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &why)) {
        if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            return true;
        }
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "The caption %s cannot be read: %s.",
                    path, why->message);
        return false;
    }
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    for (char **group = groups; *group != NULL; group++) {
        if (!read_group(style, file, path, *group, error)) {
            return false;
        }
    }
    return true;
}

CaptureCaptionStyles *capture_caption_styles_read(const char *pipelines_dir, GError **error)
{
    g_autoptr(CaptureCaptionStyles) styles = g_new(CaptureCaptionStyles, 1);
    *styles = (CaptureCaptionStyles){built_in(38), built_in(34)};
    if (!read_file(&styles->speaker, pipelines_dir, "speaker.caption", error) ||
        !read_file(&styles->question, pipelines_dir, "question.caption", error)) {
        return NULL;
    }
    return g_steal_pointer(&styles);
}

void capture_caption_styles_free(CaptureCaptionStyles *styles)
{
    if (styles != NULL) {
        g_free(styles->speaker.font);
        g_free(styles->question.font);
        g_free(styles);
    }
}
