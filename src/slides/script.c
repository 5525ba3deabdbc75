// SPDX-License-Identifier: GPL-3.0-or-later
// Letters of a page by cairo's script surface, which alone tells text with its places.
#include "slides/glyphs.h"

#include <cairo-script.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FONTS 4096
#define MAX_LINE (1 << 20) // longer ones are pictures and fonts
#define STEP 0.001         // of an em: keeps glyphs of a piece in order

struct SlidesScript {
    GArray *glyphs;
    double em;
    GArray *fonts; // double: em of "sfN"
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
    script->fonts = g_array_new(FALSE, TRUE, sizeof(double));
    script->em = 1;
    return script;
}

GArray *slides_script_end(SlidesScript *script)
{
    GArray *glyphs = script->glyphs;
    g_array_unref(script->fonts);
    g_free(script);
    return glyphs;
}

/* "(text) …", with octal escapes. Returns what follows; NULL: no such string. */
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
            at++; // 'z', or no digit: no lengths of letters
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

static void add_glyph(SlidesScript *script, double x, double y, const char *text, size_t size)
{
    if (size == 0 || script->glyphs->len >= SLIDES_MAX_GLYPHS ||
        !g_utf8_validate_len(text, size, NULL)) {
        return;
    }
    SlidesGlyph glyph = {
        .x = x, .y = y, .em = script->em, .piece = script->pieces, .text = g_strndup(text, size)};
    g_array_append_val(script->glyphs, glyph);
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
    g_autoptr(GByteArray) clusters = read_clusters(end);
    size_t from = 0;
    script->pieces++;
    for (guint i = 0; i + 1 < clusters->len && from < text->len; i += 2) {
        size_t size = MIN(clusters->data[i], text->len - from);
        add_glyph(script, x + i * STEP * script->em, y, text->str + from, size);
        from += size;
    }
}

static void read_matrix(SlidesScript *script, const char *line)
{
    double values[4];
    const char *at = line + 1;
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        char *end;
        values[i] = g_ascii_strtod(at, &end);
        at = end;
    }
    double em = hypot(values[2], values[3]);
    script->em = isfinite(em) && em > 0 ? em : 1;
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
    double *em = &g_array_index(script->fonts, double, font);
    if (defines) {
        *em = script->em;
    } else {
        script->em = *em > 0 ? *em : script->em;
    }
}

void slides_script_line(SlidesScript *script, const char *line, size_t size)
{
    static const char text[] = " show-text-glyphs", matrix[] = " set-font-matrix",
                      font[] = " set-scaled-font", definition[] = " exch def";
    g_autofree char *copy = g_strndup(line, size);
    if (*copy == '(' && g_str_has_suffix(copy, text)) {
        read_text(script, copy);
    } else if (*copy == '[' && g_str_has_suffix(copy, matrix)) {
        read_matrix(script, copy);
    } else if (g_str_has_prefix(copy, "sf") && g_str_has_suffix(copy, font)) {
        use_font(script, copy + 2, false);
    } else if (g_str_has_suffix(copy, definition)) {
        const char *name = g_strrstr(copy, "/sf");
        if (name != NULL) {
            use_font(script, name + 3, true);
        }
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
    cairo_surface_t *surface =
        cairo_script_surface_create(device, CAIRO_CONTENT_COLOR_ALPHA, width, height);
    cairo_t *cr = cairo_create(surface);
    poppler_page_render(page, cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    cairo_device_finish(device);
    cairo_device_destroy(device);
    g_string_free(writing.line, TRUE);
    return slides_script_end(writing.script);
}
