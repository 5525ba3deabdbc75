// SPDX-License-Identifier: GPL-3.0-or-later
// Texts and codes of source failures.
#include "media/trouble.h"

static const struct {
    const char *text;
    BaseCode code;
} troubles[] = {
    [MEDIA_TROUBLE_FROZE] = {"The source froze: nothing came for 3 s.", BASE_CODE_SOURCE_SILENT},
    [MEDIA_TROUBLE_NO_PICTURE_ANEW] =
        {"No picture came from the source for 10 s, only sound: reopening it.",
         BASE_CODE_SOURCE_NO_PICTURE},
    [MEDIA_TROUBLE_NO_PICTURE] =
        {"No picture comes from the source; its sound goes on. Check the camera.",
         BASE_CODE_SOURCE_NO_PICTURE},
    [MEDIA_TROUBLE_NO_SOUND] =
        {"No sound comes from the source; its picture goes on. Check the microphone.",
         BASE_CODE_SOURCE_NO_SOUND},
    [MEDIA_TROUBLE_STOPPED] = {"The source ended by itself.", BASE_CODE_SOURCE_STOPPED},
    [MEDIA_TROUBLE_EMPTY] = {"The source has neither picture nor sound.", BASE_CODE_SOURCE_EMPTY},
    [MEDIA_TROUBLE_UNREADABLE] =
        {("The file gave neither picture nor sound within 8 s: GStreamer may not read one "
          "of its streams (PCM of more than 65 kHz in MOV, for one). Convert it: ffmpeg -i "
          "FILE -c:v copy -c:a aac NEW.mp4."),
         BASE_CODE_SOURCE_UNREADABLE},
    [MEDIA_TROUBLE_SILENT] = {"The source gave neither picture nor sound within 8 s.",
                              BASE_CODE_SOURCE_SILENT},
    [MEDIA_TROUBLE_HANGS] = {"The source's disk does not respond. Is the server of a network disk "
                             "down?",
                             BASE_CODE_SOURCE_SILENT},
    [MEDIA_TROUBLE_CROWDED] = {"Sources opened before still hang in their devices or disks: this "
                               "one opens once they let go.",
                               BASE_CODE_SOURCE_SILENT},
    [MEDIA_TROUBLE_NOT_PUBLISHED] = {"Nobody publishes this input now: open its page, or start "
                                     "the encoder.",
                                     BASE_CODE_SOURCE_NOT_PUBLISHED},
};

const char *media_trouble_text(MediaTrouble trouble)
{
    g_assert(trouble < MEDIA_TROUBLE_COUNT);
    return troubles[trouble].text;
}

BaseCode media_trouble_code(const char *text)
{
    for (MediaTrouble trouble = 0; trouble < MEDIA_TROUBLE_COUNT; trouble++) {
        if (g_strcmp0(troubles[trouble].text, text) == 0) {
            return troubles[trouble].code;
        }
    }
    return BASE_CODE_SOURCE_FAILED;
}
