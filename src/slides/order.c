// SPDX-License-Identifier: GPL-3.0-or-later
// Puts letters in reading order.
#include "slides/glyphs.h"

#include <math.h>
#include <string.h>

#define LINE_EM 0.4
#define TWICE_EM 0.1   // a shadow
#define ADVANCE_EM 0.5 // about
#define GAP_EM 1.1     // a space

typedef enum { RTL, LTR, NUMBER, NEUTRAL, SPACE } Kind;

/* A letter with its marks. */
typedef struct {
    double x, em;
    unsigned piece;
    Kind kind;
    GString *text;
    bool gap; // before the next one to the right
} Cell;

bool slides_is_rtl(gunichar c)
{
    bool digit = (c >= 0x660 && c <= 0x669) || (c >= 0x6f0 && c <= 0x6f9);
    return !digit && ((c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
                      (c >= 0xfe70 && c <= 0xfefc));
}

static Kind kind_of(const char *text)
{
    gunichar c = g_utf8_get_char(text);
    return slides_is_rtl(c)       ? RTL
           : g_unichar_isdigit(c) ? NUMBER
           : g_unichar_isalpha(c) ? LTR
           : g_unichar_isspace(c) ? SPACE
                                  : NEUTRAL;
}

static bool is_mark(const SlidesGlyph *glyph)
{
    gunichar c = g_utf8_get_char(glyph->text);
    gunichar parts[4];
    gsize count = g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));
    bool marks = true; // U+FC62 is a space with two marks
    for (gsize i = 0; i < MIN(count, G_N_ELEMENTS(parts)); i++) {
        marks = marks && (g_unichar_ismark(parts[i]) || (parts[i] == ' ' && count > 1));
    }
    return marks;
}

static void clear_cell(void *data)
{
    g_string_free(((Cell *)data)->text, TRUE);
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    const Cell *one = a, *other = b;
    return one->x < other->x ? -1 : one->x > other->x;
}

static Cell *cell_at(const GArray *cells, guint i)
{
    return &g_array_index(cells, Cell, i);
}

/* Drawn again for a shadow or to look bold. */
static bool is_twice(const GArray *cells, const SlidesGlyph *glyph)
{
    for (guint i = cells->len; i-- > 0;) {
        const Cell *cell = cell_at(cells, i);
        if (cell->piece != glyph->piece && fabs(cell->x - glyph->x) < TWICE_EM * glyph->em &&
            strcmp(cell->text->str, glyph->text) == 0) {
            return true;
        }
    }
    return false;
}

static void add_letters(GArray *cells, const SlidesGlyph *glyphs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const SlidesGlyph *glyph = &glyphs[i];
        if (!is_mark(glyph) && !is_twice(cells, glyph)) {
            Cell cell = {.x = glyph->x,
                         .em = glyph->em,
                         .piece = glyph->piece,
                         .kind = kind_of(glyph->text),
                         .text = g_string_new(glyph->text)};
            g_array_append_val(cells, cell);
        }
    }
    g_array_sort(cells, by_place);
}

/* To the letter that begins last to its left. */
static void add_marks(GArray *cells, const SlidesGlyph *glyphs, size_t count)
{
    for (size_t i = 0; i < count && cells->len > 0; i++) {
        if (!is_mark(&glyphs[i])) {
            continue;
        }
        guint at = 0;
        while (at + 1 < cells->len && cell_at(cells, at + 1)->x <= glyphs[i].x) {
            at++;
        }
        g_string_append(cell_at(cells, at)->text, glyphs[i].text);
    }
}

/* Between languages; between pieces, whose ends are unknown. */
static void find_gaps(GArray *cells)
{
    for (guint i = 0, from = 0; i + 1 < cells->len; i++) {
        Cell *cell = cell_at(cells, i);
        const Cell *next = cell_at(cells, i + 1);
        from = cell->piece == cell_at(cells, from)->piece ? from : i;
        double end = cell_at(cells, from)->x + (i - from + 1) * ADVANCE_EM * cell->em;
        bool turns =
            (cell->kind == RTL && next->kind == LTR) || (cell->kind == LTR && next->kind == RTL);
        cell->gap = turns || (next->piece != cell->piece && next->x - end > GAP_EM * cell->em);
    }
}

static void emit(GString *out, const GArray *cells, guint i)
{
    g_string_append(out, cell_at(cells, i)->text->str);
}

static void emit_gap(GString *out, const GArray *cells, guint i)
{
    if (cell_at(cells, i)->gap) {
        g_string_append_c(out, ' ');
    }
}

/* [from, to]; runs of the other direction as they stand. */
static void emit_rtl(GString *out, const GArray *cells, guint from, guint to)
{
    for (guint end = to + 1; end > from;) {
        guint begin = end - 1;
        Kind kind = cell_at(cells, begin)->kind;
        for (guint i = begin;
             (kind == LTR || kind == NUMBER) && i > from && cell_at(cells, i - 1)->kind != RTL;
             i--) {
            Kind other = cell_at(cells, i - 1)->kind;
            begin = other == LTR || other == NUMBER ? i - 1 : begin;
        }
        for (guint i = begin; i < end; i++) {
            emit(out, cells, i);
            if (i + 1 < end) {
                emit_gap(out, cells, i);
            }
        }
        end = begin;
        if (end > from) {
            emit_gap(out, cells, end - 1);
        }
    }
}

static void emit_ltr(GString *out, const GArray *cells)
{
    for (guint i = 0; i < cells->len; i++) {
        guint to = i;
        for (guint next = i; cell_at(cells, i)->kind == RTL && next < cells->len &&
                             cell_at(cells, next)->kind != LTR;
             next++) {
            to = cell_at(cells, next)->kind == RTL ? next : to;
        }
        emit_rtl(out, cells, i, to);
        i = to;
        emit_gap(out, cells, i);
    }
}

static bool any_rtl(const GArray *cells)
{
    bool found = false;
    for (guint i = 0; !found && i < cells->len; i++) {
        found = cell_at(cells, i)->kind == RTL;
    }
    return found;
}

static void emit_line(GString *out, const SlidesGlyph *glyphs, size_t count, bool rtl)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(Cell));
    g_array_set_clear_func(cells, clear_cell);
    add_letters(cells, glyphs, count);
    add_marks(cells, glyphs, count);
    find_gaps(cells);
    if (rtl && any_rtl(cells)) {
        emit_rtl(out, cells, 0, cells->len - 1);
    } else {
        emit_ltr(out, cells);
    }
    g_string_append_c(out, '\n');
}

static bool is_mostly_rtl(const SlidesGlyph *glyphs, guint count)
{
    int more = 0;
    for (guint i = 0; i < count; i++) {
        Kind kind = kind_of(glyphs[i].text);
        more += (kind == RTL) - (kind == LTR);
    }
    return more >= 0;
}

char *slides_glyphs_text(const GArray *glyphs)
{
    GString *out = g_string_new(NULL);
    const SlidesGlyph *all = (const SlidesGlyph *)(const void *)glyphs->data;
    bool rtl = is_mostly_rtl(all, glyphs->len);
    for (guint from = 0, to; from < glyphs->len; from = to) {
        for (to = from + 1; to < glyphs->len; to++) {
            bool near = fabs(all[to].y - all[from].y) < LINE_EM * all[from].em;
            if (!near && !is_mark(&all[to])) {
                break;
            }
        }
        emit_line(out, all + from, to - from, rtl);
    }
    return g_string_free(out, FALSE);
}
