// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pictures of a page. In the child.

#include <cairo.h>
#include <glib.h>
#include <poppler.h>

/* SLIDES_WIDTH by SLIDES_HEIGHT: the page as large as it fits, centred on black. Owned by the
 * caller; its status tells of a failure. */
cairo_surface_t *slides_picture_draw(PopplerPage *page);
/* NULL: no memory. */
GByteArray *slides_picture_png(cairo_surface_t *picture);
GByteArray *slides_picture_thumb(cairo_surface_t *picture);
