// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PDFs for the tests of slides, made as they run.

#include <glib.h>

/* A page of `text`, markup of Pango, per element; sizes in points. */
void pdf_write(const char *path, double width, double height, const char *const *texts,
               unsigned pages);
/* A page with all kinds of drawing below and above `text`. */
void pdf_write_drawing(const char *path, const char *text);
/* `objects`: "<<…>>" or with a stream, from object 1, the catalogue; NULL-terminated. `more`: of
 * the trailer. */
GString *pdf_of(const char *const *objects, const char *more);
void pdf_save(const char *path, const GString *pdf);
/* An object with a stream. */
char *pdf_stream(const char *entries, const void *bytes, size_t size);
