// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Draws captions by Pango, which one thread at a time may use: under capture_pango_lock().

#include "capture/caption/picture.h"
#include "capture/caption/style.h"
#include "media/caption.h"

/* Text is shrunk, then cut at a word. NULL: nothing to show. Full ownership. */
CapturePicture *capture_caption_render(const MediaCaption *caption,
                                       const CaptureCaptionStyles *styles);
