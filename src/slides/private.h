// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// For the module's tests.

#include "slides/child.h"
#include "slides/slides.h"

Slides *slides_new_limited(const char *folder, const char *binary, const SlidesLimits *limits,
                           GError **error);

/* With the left-to-right words of `other` that `text` lacks. Both are clean. */
char *slides_text_complete(const char *text, const char *other);
/* Lines of base_text_clean(), at most SLIDES_MAX_TEXT bytes. */
char *slides_text_clean(const char *text);
