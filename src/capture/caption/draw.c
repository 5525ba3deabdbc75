// SPDX-License-Identifier: GPL-3.0-or-later
// Lays out and draws a caption: a plate with a bar in the accent's colour, and columns of text.
#include "capture/caption/draw.h"

#include "base/text.h"
#include "capture/caption/text.h"
#include "capture/grid.h"

#include <math.h>
#include <string.h>

#define MAX_COLUMNS 2
#define MAX_ROWS 3
#define ROW_GAP 4
#define LABEL_SIZE 22
#define DIVIDER 2
/* Of the size of letters: the heights of fonts differ. */
#define ABOVE 1.05
#define BELOW 0.4
#define LINE 1.4

typedef struct {
    char *text;
    CaptureTextLook look;
    CaptureColour colour;
    PangoLayout *layout; // once fitted
} Row;

typedef struct {
    Row rows[MAX_ROWS];
    int count, width;
    bool rtl;
} Column;

typedef struct {
    const CaptureCaptionStyle *style;
    CaptureColour accent;
    Column columns[MAX_COLUMNS]; // from the bar on
    int count;
    int above[MAX_ROWS], below[MAX_ROWS]; // of a row's first baseline, through all columns
    int width, height;                    // of the plate
} Plate;

static void plate_clear(Plate *plate)
{
    for (int i = 0; i < plate->count; i++) {
        for (int j = 0; j < plate->columns[i].count; j++) {
            g_free(plate->columns[i].rows[j].text);
            g_clear_object(&plate->columns[i].rows[j].layout);
        }
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plate, plate_clear)

static void add_row(Column *column, const char *text, int size, bool bold, int lines,
                    CaptureColour colour, const char *font)
{
    char *clean = base_text_clean(text);
    if (clean[0] == '\0') {
        g_free(clean);
        return;
    }
    column->rows[column->count++] = (Row){.text = clean,
                                          .look = {.font = font,
                                                   .size = size,
                                                   .bold = bold,
                                                   .rtl = column->rtl,
                                                   .lines = lines,
                                                   .max_lines = MAX(lines, 2)},
                                          .colour = colour};
}

/* A speaker in one language. */
static void add_speaker(Plate *plate, const char *name, const char *line, bool rtl)
{
    const CaptureCaptionStyle *style = plate->style;
    Column *column = &plate->columns[plate->count];
    column->rtl = rtl;
    add_row(column, name, style->size, true, 1, style->text, style->font);
    if (column->count > 0) {
        add_row(column, line, style->small, false, 1, style->soft, style->font);
        plate->count++;
    }
}

static void add_speakers(Plate *plate, const MediaCaption *caption)
{
    char *const *texts = caption->texts;
    bool twice = strcmp(texts[MEDIA_CAPTION_NAME_AR], texts[MEDIA_CAPTION_NAME_EN]) == 0 &&
                 strcmp(texts[MEDIA_CAPTION_LINE_AR], texts[MEDIA_CAPTION_LINE_EN]) == 0;
    const char *arabic = texts[MEDIA_CAPTION_NAME_AR];
    add_speaker(plate, arabic, texts[MEDIA_CAPTION_LINE_AR], !twice || capture_text_is_rtl(arabic));
    if (!twice) {
        add_speaker(plate, texts[MEDIA_CAPTION_NAME_EN], texts[MEDIA_CAPTION_LINE_EN], false);
    }
}

static void add_question(Plate *plate, const MediaCaption *caption)
{
    const CaptureCaptionStyle *style = plate->style;
    const char *asked = caption->texts[MEDIA_CAPTION_ASKED];
    Column *column = &plate->columns[0];
    column->rtl = capture_text_is_rtl(asked);
    add_row(column, column->rtl ? "سؤال" : "Question", LABEL_SIZE, true, 1, plate->accent,
            style->font);
    add_row(column, asked, style->size, true, 3, style->text, style->font);
    plate->count = 1;
    if (column->count < 2) { // nothing to read
        plate_clear(plate);
        plate->count = 0;
        return;
    }
    add_row(column, caption->texts[MEDIA_CAPTION_ASKER], style->small, false, 1, style->soft,
            style->font);
}

/* Layout */

static int natural_width(const Column *column)
{
    int width = 0;
    for (int i = 0; i < column->count; i++) {
        width = MAX(width, capture_text_width(column->rows[i].text, &column->rows[i].look) + 1);
    }
    return width;
}

static int between(const Plate *plate)
{
    return plate->count > 1 ? 2 * plate->style->padding + DIVIDER : 0;
}

/* Each gets what it needs; of too little, half or what the other leaves. */
static void share_width(Plate *plate, int available, int out[MAX_COLUMNS])
{
    int first = natural_width(&plate->columns[0]);
    int second = plate->count > 1 ? natural_width(&plate->columns[1]) : 0;
    int half = plate->count > 1 ? available / 2 : available;
    out[0] = second < half ? MIN(first, available - second) : MIN(first, half);
    out[1] = MIN(second, available - out[0]);
}

static void fit_column(Column *column, int width)
{
    column->width = 0;
    for (int i = 0; i < column->count; i++) {
        Row *row = &column->rows[i];
        PangoRectangle area;
        row->layout = capture_text_fit(row->text, &row->look, width);
        pango_layout_get_pixel_extents(row->layout, NULL, &area);
        column->width = MAX(column->width, area.width);
    }
}

/* First baselines of a row meet. */
static void measure_rows(Plate *plate)
{
    for (int i = 0; i < plate->count; i++) {
        const Column *column = &plate->columns[i];
        for (int j = 0; j < column->count; j++) {
            PangoLayout *layout = column->rows[j].layout;
            double size = capture_text_size(layout);
            int more = pango_layout_get_line_count(layout) - 1;
            plate->above[j] = MAX(plate->above[j], (int)ceil(size * ABOVE));
            plate->below[j] = MAX(plate->below[j], (int)ceil(size * (BELOW + more * LINE)));
        }
    }
}

static int even(int value)
{
    return (value + 1) & ~1;
}

static void lay_out(Plate *plate)
{
    const CaptureCaptionStyle *style = plate->style;
    int around = style->bar + 2 * style->padding + between(plate);
    int most = MIN(style->width, CAPTURE_WIDTH - 2 * style->side);
    int widths[MAX_COLUMNS];
    share_width(plate, most - around, widths);
    plate->width = around;
    for (int i = 0; i < plate->count; i++) {
        fit_column(&plate->columns[i], widths[i]);
        plate->width += plate->columns[i].width;
    }
    measure_rows(plate);
    plate->width = even(plate->width);
    plate->height = 2 * style->padding;
    for (int i = 0; i < MAX_ROWS; i++) {
        plate->height += plate->above[i] + plate->below[i];
        plate->height += i > 0 && plate->above[i] > 0 ? ROW_GAP : 0;
    }
    plate->height = MIN(even(plate->height), style->bottom & ~1);
}

/* Drawing */

static void set_colour(cairo_t *cr, CaptureColour colour, double opacity)
{
    cairo_set_source_rgba(cr, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0,
                          opacity);
}

static void round_corners(cairo_t *cr, double width, double height, double radius)
{
    cairo_new_sub_path(cr);
    cairo_arc(cr, width - radius, radius, radius, -G_PI_2, 0);
    cairo_arc(cr, width - radius, height - radius, radius, 0, G_PI_2);
    cairo_arc(cr, radius, height - radius, radius, G_PI_2, G_PI);
    cairo_arc(cr, radius, radius, radius, G_PI, 3 * G_PI_2);
    cairo_close_path(cr);
}

static void draw_plate(cairo_t *cr, const Plate *plate)
{
    const CaptureCaptionStyle *style = plate->style;
    int bar = plate->columns[0].rtl ? plate->width - style->bar : 0;
    round_corners(cr, plate->width, plate->height, style->radius);
    cairo_clip(cr);
    set_colour(cr, style->plate, style->opacity / 100.0);
    cairo_paint(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    set_colour(cr, plate->accent, 1);
    cairo_rectangle(cr, bar, 0, style->bar, plate->height);
    cairo_fill(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
}

static void draw_row(cairo_t *cr, const Row *row, const Column *column, int x, int baseline)
{
    double distance = round(capture_text_size(row->layout) * LINE);
    set_colour(cr, row->colour, 1);
    for (int i = 0; i < pango_layout_get_line_count(row->layout); i++) {
        PangoLayoutLine *line = pango_layout_get_line_readonly(row->layout, i);
        PangoRectangle area;
        pango_layout_line_get_pixel_extents(line, NULL, &area);
        int left = column->rtl ? x + column->width - area.width : x;
        cairo_move_to(cr, left, baseline + i * distance);
        pango_cairo_show_layout_line(cr, line);
    }
}

static void draw_column(cairo_t *cr, const Plate *plate, const Column *column, int x)
{
    int y = plate->style->padding;
    for (int i = 0; i < column->count; i++) {
        draw_row(cr, &column->rows[i], column, x, y + plate->above[i]);
        y += plate->above[i] + plate->below[i] + ROW_GAP;
    }
}

static void draw_divider(cairo_t *cr, const Plate *plate, int x)
{
    set_colour(cr, plate->style->soft, 0.3);
    cairo_rectangle(cr, x, plate->style->padding, DIVIDER,
                    plate->height - 2 * plate->style->padding);
    cairo_fill(cr);
}

/* From the bar on. */
static void draw(cairo_t *cr, const Plate *plate)
{
    const CaptureCaptionStyle *style = plate->style;
    bool leftwards = plate->columns[0].rtl;
    int at = style->bar + style->padding;
    draw_plate(cr, plate);
    for (int i = 0; i < plate->count; i++) {
        const Column *column = &plate->columns[i];
        draw_column(cr, plate, column, leftwards ? plate->width - at - column->width : at);
        at += column->width + style->padding;
        if (i + 1 < plate->count) {
            draw_divider(cr, plate, leftwards ? plate->width - at - DIVIDER : at);
            at += DIVIDER + style->padding;
        }
    }
}

static CapturePicture *paint(const Plate *plate)
{
    const CaptureCaptionStyle *style = plate->style;
    int side = even(style->side), top = (style->bottom & ~1) - plate->height;
    int left = plate->columns[0].rtl ? CAPTURE_WIDTH - side - plate->width : side;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, plate->width, plate->height);
    cairo_t *cr = cairo_create(surface);
    draw(cr, plate);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    CapturePicture *picture = capture_picture_new(cairo_image_surface_get_data(surface),
                                                  cairo_image_surface_get_stride(surface), left,
                                                  top, plate->width, plate->height);
    cairo_surface_destroy(surface);
    return picture;
}

CapturePicture *capture_caption_render(const MediaCaption *caption,
                                       const CaptureCaptionStyles *styles)
{
    bool speaker = caption->kind == MEDIA_CAPTION_SPEAKER;
    g_auto(Plate) plate = {.style = speaker ? &styles->speaker : &styles->question};
    if (!capture_colour_read(caption->accent, &plate.accent)) {
        plate.accent = plate.style->accent;
    }
    if (speaker) {
        add_speakers(&plate, caption);
    } else if (caption->kind == MEDIA_CAPTION_QUESTION) {
        add_question(&plate, caption);
    }
    if (plate.count == 0) {
        return NULL;
    }
    lay_out(&plate);
    return paint(&plate);
}
