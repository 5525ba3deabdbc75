// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pictures of a page. In the child.

#include <cairo.h>
#include <glib.h>
#include <poppler.h>

/* As large as it fits, centred on black. Full ownership; look at its status. */
cairo_surface_t *slides_picture_draw(PopplerPage *page);
/* NULL: no memory. */
GByteArray *slides_picture_png(cairo_surface_t *picture);
GByteArray *slides_picture_thumb(cairo_surface_t *picture);
