// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the texts of a caption.
#include "media/caption.h"

#include <string.h>

bool media_accent_valid(const char *accent)
{
    size_t size = strlen(accent);
    return size == 0 || (size == MEDIA_ACCENT_BYTES - 1 && accent[0] == '#' &&
                         strspn(accent + 1, "0123456789abcdefABCDEF") == size - 1);
}

MediaCaption *media_caption_new(MediaCaptionKind kind, const char *accent)
{
    MediaCaption *caption = g_new0(MediaCaption, 1);
    caption->kind = kind;
    if (accent != NULL && media_accent_valid(accent)) {
        g_strlcpy(caption->accent, accent, sizeof caption->accent);
    }
    for (int i = 0; i < MEDIA_CAPTION_TEXTS; i++) {
        caption->texts[i] = g_strdup("");
    }
    return caption;
}

MediaCaption *media_caption_copy(const MediaCaption *caption)
{
    MediaCaption *copy = media_caption_new(caption->kind, caption->accent);
    for (unsigned i = 0; i < MEDIA_CAPTION_TEXTS; i++) {
        media_caption_put(copy, i, caption->texts[i]);
    }
    return copy;
}

void media_caption_free(MediaCaption *caption)
{
    if (caption != NULL) {
        for (int i = 0; i < MEDIA_CAPTION_TEXTS; i++) {
            g_free(caption->texts[i]);
        }
        g_free(caption);
    }
}

void media_caption_put(MediaCaption *caption, unsigned text, const char *value)
{
    g_free(caption->texts[text]);
    caption->texts[text] = g_strdup(value != NULL ? value : "");
}

bool media_caption_equal(const MediaCaption *a, const MediaCaption *b)
{
    MediaCaptionKind kind = a != NULL ? a->kind : MEDIA_CAPTION_NONE;
    if (kind != (b != NULL ? b->kind : MEDIA_CAPTION_NONE)) {
        return false;
    }
    bool equal = kind == MEDIA_CAPTION_NONE || strcmp(a->accent, b->accent) == 0;
    for (int i = 0; equal && kind != MEDIA_CAPTION_NONE && i < MEDIA_CAPTION_TEXTS; i++) {
        equal = strcmp(a->texts[i], b->texts[i]) == 0;
    }
    return equal;
}
