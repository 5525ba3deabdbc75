// SPDX-License-Identifier: GPL-3.0-or-later
// Letters of a page, from cairo's script surface.
#include "slides/glyphs.h"

#include <cairo-script.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FONTS 4096
#define MAX_LINE (1 << 20) // pictures, fonts
#define TARGET_WIDTH 640
#define TARGET_HEIGHT 360
#define STEP 0.001 // of an em

typedef struct {
    double x, y;
} Vector;

struct SlidesScript {
    GArray *glyphs;
    cairo_matrix_t matrix;
    Vector up;
    GArray *fonts; // Vector
    unsigned pieces;
};

static void clear_glyph(void *data)
{
    g_free(((SlidesGlyph *)data)->text);
}

SlidesScript *slides_script_new(void)
{
    SlidesScript *script = g_new0(SlidesScript, 1);
    script->glyphs = g_array_new(FALSE, FALSE, sizeof(SlidesGlyph));
    g_array_set_clear_func(script->glyphs, clear_glyph);
    script->fonts = g_array_new(FALSE, TRUE, sizeof(Vector));
    script->up = (Vector){0, 1};
    cairo_matrix_init_identity(&script->matrix);
    return script;
}

GArray *slides_script_end(SlidesScript *script)
{
    GArray *glyphs = script->glyphs;
    g_array_unref(script->fonts);
    g_free(script);
    return glyphs;
}

/* "(text) …". Returns its end; NULL: none. */
static const char *read_string(const char *at, GString *out)
{
    if (*at++ != '(') {
        return NULL;
    }
    while (*at != ')') {
        if (*at == '\0') {
            return NULL;
        }
        if (*at != '\\') {
            g_string_append_c(out, *at++);
        } else if (at[1] >= '0' && at[1] <= '7') {
            char octal[4] = {at[1], 0};
            size_t digits = strspn(at + 1, "01234567");
            memcpy(octal, at + 1, MIN(digits, 3));
            g_string_append_c(out, (char)strtoul(octal, NULL, 8));
            at += 1 + MIN(digits, 3);
        } else {
            static const char names[] = "nrtbf", bytes[] = "\n\r\t\b\f";
            const char *name = at[1] != '\0' ? strchr(names, at[1]) : NULL;
            g_string_append_c(out, name != NULL ? bytes[name - names] : at[1]);
            at += at[1] != '\0' ? 2 : 1;
        }
    }
    return at + 1;
}

/* "<~…~>", ASCII base 85. */
static void read_base85(const char *at, const char *end, GByteArray *out)
{
    while (at < end) {
        guint32 value = 0;
        unsigned count = 0;
        for (; count < 5 && at < end && *at >= '!' && *at <= 'u'; count++, at++) {
            value = value * 85 + (guint32)(*at - '!');
        }
        if (count < 2) {
            at++;
            continue;
        }
        for (unsigned i = count; i < 5; i++) {
            value = value * 85 + 84;
        }
        const guint8 bytes[] = {(guint8)(value >> 24), (guint8)(value >> 16), (guint8)(value >> 8),
                                (guint8)value};
        g_byte_array_append(out, bytes, count - 1);
    }
}

/* Pairs, of bytes and glyphs, behind the glyphs: "<~…~>" or "[ 2 1 2 1 ]". */
static GByteArray *read_clusters(const char *at)
{
    GByteArray *clusters = g_byte_array_new();
    const char *packed = g_strrstr(at, "<~"), *end = packed != NULL ? strstr(packed, "~>") : NULL;
    const char *list = g_strrstr(at, "] [");
    if (list != NULL && (packed == NULL || list > packed)) {
        g_auto(GStrv) words = g_strsplit(list + 3, " ", -1);
        for (char **word = words; *word != NULL && **word != ']'; word++) {
            guint8 value = (guint8)MIN(strtoul(*word, NULL, 10), 255);
            g_byte_array_append(clusters, &value, **word != '\0');
        }
    } else if (end != NULL) {
        read_base85(packed + 2, end, clusters);
    }
    return clusters;
}

static double find_em(const SlidesScript *script)
{
    Vector up = script->up;
    cairo_matrix_transform_distance(&script->matrix, &up.x, &up.y);
    double em = hypot(up.x, up.y);
    return isfinite(em) && em > 0 ? em : 1;
}

static void add_glyph(SlidesScript *script, SlidesGlyph *glyph, const char *text, size_t size)
{
    if (size > 0 && script->glyphs->len < SLIDES_MAX_GLYPHS &&
        g_utf8_validate_len(text, size, NULL)) {
        glyph->text = g_strndup(text, size);
        g_array_append_val(script->glyphs, *glyph);
    }
}

/* "(text) [x y <~glyphs~>…] <~clusters~> //FORWARD show-text-glyphs" */
static void read_text(SlidesScript *script, const char *line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *at = read_string(line, text);
    if (at == NULL || !g_str_has_prefix(at, " [")) {
        return;
    }
    char *end;
    double x = g_ascii_strtod(at + 2, &end), y = g_ascii_strtod(end, &end);
    cairo_matrix_transform_point(&script->matrix, &x, &y);
    SlidesGlyph glyph = {.x = x, .y = y, .em = find_em(script), .piece = ++script->pieces};
    g_autoptr(GByteArray) clusters = read_clusters(end);
    size_t from = 0;
    for (guint i = 0; i + 1 < clusters->len && from < text->len; i += 2) {
        size_t size = MIN(clusters->data[i], text->len - from);
        add_glyph(script, &glyph, text->str + from, size);
        glyph.x += STEP * glyph.em;
        from += size;
    }
}

/* "[xx yx xy yy x0 y0] …"; without the place. */
static cairo_matrix_t read_matrix(const char *line)
{
    double values[4];
    const char *at = line + 1;
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        char *end;
        values[i] = g_ascii_strtod(at, &end);
        at = end;
    }
    cairo_matrix_t matrix;
    cairo_matrix_init(&matrix, values[0], values[1], values[2], values[3], 0, 0);
    return matrix;
}

static void use_font(SlidesScript *script, const char *number, bool defines)
{
    unsigned long font = strtoul(number, NULL, 10);
    if (font >= MAX_FONTS) {
        return;
    }
    if (font >= script->fonts->len) {
        g_array_set_size(script->fonts, (guint)font + 1);
    }
    Vector *up = &g_array_index(script->fonts, Vector, font);
    if (defines) {
        *up = script->up;
    } else {
        script->up = *up;
    }
}

/* "identity set-matrix", "[…] set-matrix", "x y scale"; those of patterns are indented. */
static void read_place(SlidesScript *script, const char *line)
{
    if (*line == '[') {
        script->matrix = read_matrix(line);
    } else if (g_str_has_prefix(line, "identity ")) {
        cairo_matrix_init_identity(&script->matrix);
    } else if (g_ascii_isdigit(*line) || *line == '-') {
        char *end;
        double x = g_ascii_strtod(line, &end), y = g_ascii_strtod(end, NULL);
        cairo_matrix_scale(&script->matrix, x, y);
    }
}

static bool ends(const char *line, const char *word)
{
    size_t size = strlen(line), length = strlen(word);
    return size > length && line[size - length - 1] == ' ' &&
           strcmp(line + size - length, word) == 0;
}

void slides_script_line(SlidesScript *script, const char *line, size_t size)
{
    g_autofree char *copy = g_strndup(line, size);
    const char *font = g_strrstr(copy, "/sf");
    if (*copy == '(' && ends(copy, "show-text-glyphs")) {
        read_text(script, copy);
    } else if (*copy == '[' && ends(copy, "set-font-matrix")) {
        cairo_matrix_t matrix = read_matrix(copy);
        script->up = (Vector){matrix.xy, matrix.yy};
    } else if (ends(copy, "set-matrix") || ends(copy, "scale")) {
        read_place(script, copy);
    } else if (g_str_has_prefix(copy, "sf") && ends(copy, "set-scaled-font")) {
        use_font(script, copy + 2, false);
    } else if (font != NULL && ends(copy, "def")) {
        use_font(script, font + 3, true);
    }
}

typedef struct {
    SlidesScript *script;
    GString *line;
} Writing;

static cairo_status_t on_script(void *data, const unsigned char *bytes, unsigned size)
{
    Writing *writing = data;
    for (unsigned i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            slides_script_line(writing->script, writing->line->str, writing->line->len);
            g_string_truncate(writing->line, 0);
        } else if (writing->line->len < MAX_LINE) {
            g_string_append_c(writing->line, (char)bytes[i]);
        }
    }
    return CAIRO_STATUS_SUCCESS;
}

GArray *slides_glyphs_of(PopplerPage *page)
{
    Writing writing = {.script = slides_script_new(), .line = g_string_new(NULL)};
    double width = 0, height = 0;
    poppler_page_get_size(page, &width, &height);
    cairo_device_t *device = cairo_script_create_for_stream(on_script, &writing);
    // for soft masks, which poppler reads back
    cairo_surface_t *target =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, TARGET_WIDTH, TARGET_HEIGHT);
    cairo_surface_t *surface = cairo_script_surface_create_for_target(device, target);
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, TARGET_WIDTH / MAX(width, 1), TARGET_HEIGHT / MAX(height, 1));
    poppler_page_render(page, cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    cairo_surface_destroy(target);
    cairo_device_finish(device);
    cairo_device_destroy(device);
    g_string_free(writing.line, TRUE);
    return slides_script_end(writing.script);
}
