// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Fixed texts of source failures, sent over the wire, and their codes. Pure.

#include "base/error.h"

typedef enum {
    MEDIA_TROUBLE_FROZE,
    MEDIA_TROUBLE_NO_PICTURE_ANEW,
    MEDIA_TROUBLE_NO_PICTURE,
    MEDIA_TROUBLE_NO_SOUND,
    MEDIA_TROUBLE_STOPPED,
    MEDIA_TROUBLE_EMPTY,
    MEDIA_TROUBLE_UNREADABLE,
    MEDIA_TROUBLE_SILENT,
    MEDIA_TROUBLE_HANGS,
    MEDIA_TROUBLE_CROWDED,
    MEDIA_TROUBLE_NOT_PUBLISHED,
    MEDIA_TROUBLE_COUNT,
} MediaTrouble;

const char *media_trouble_text(MediaTrouble trouble);
/* Others: BASE_CODE_SOURCE_FAILED. */
BaseCode media_trouble_code(const char *text);
