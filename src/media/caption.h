// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The texts of a caption over the picture. Pure.

#include <glib.h>
#include <stdbool.h>

typedef enum {
    MEDIA_CAPTION_NONE,
    MEDIA_CAPTION_SPEAKER,
    MEDIA_CAPTION_QUESTION,
} MediaCaptionKind;

/* Of MediaCaption.texts. */
enum {
    MEDIA_CAPTION_NAME_AR,
    MEDIA_CAPTION_LINE_AR, // role and entity
    MEDIA_CAPTION_NAME_EN,
    MEDIA_CAPTION_LINE_EN,
    MEDIA_CAPTION_TEXTS,
};
#define MEDIA_CAPTION_ASKED 0 // the question's text
#define MEDIA_CAPTION_ASKER 1 // "": hidden

#define MEDIA_ACCENT_BYTES 8

typedef struct {
    MediaCaptionKind kind;
    char accent[MEDIA_ACCENT_BYTES];  // "#rrggbb"; "": the design's own
    char *texts[MEDIA_CAPTION_TEXTS]; // "": none
} MediaCaption;

/* "" or "#rrggbb". */
bool media_accent_valid(const char *accent);

/* Empty texts. An invalid `accent` (nullable) counts as none. */
MediaCaption *media_caption_new(MediaCaptionKind kind, const char *accent);
MediaCaption *media_caption_copy(const MediaCaption *caption);
void media_caption_free(MediaCaption *caption);
void media_caption_put(MediaCaption *caption, unsigned text, const char *value); // nullable
/* Nullable: as one of kind NONE. */
bool media_caption_equal(const MediaCaption *a, const MediaCaption *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaCaption, media_caption_free)
