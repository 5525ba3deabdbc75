// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// For the module's tests.

#include "slides/child.h"
#include "slides/slides.h"

/* slides_new() with other limits. */
Slides *slides_new_limited(const char *folder, const char *binary, const SlidesLimits *limits,
                           GError **error);

/* Adds words of `other` that `text` lacks, but those of right-to-left letters. Both are clean. */
char *slides_text_complete(const char *text, const char *other);
/* Lines of clean text, at most SLIDES_MAX_TEXT bytes. Full ownership. */
char *slides_text_clean(const char *text);
