// SPDX-License-Identifier: GPL-3.0-or-later
// Copies and hashes the inputs of a recording's files.
#include "recording/inputs.h"

#include "base/json.h"
#include "recording/chapters.h"

#include <string.h>

/* Arabic first; nullable. */
static char *first_speaker(const StoreSession *row)
{
    g_autoptr(json_t) speakers = json_loads(row->speakers != NULL ? row->speakers : "[]", 0, NULL);
    json_t *name = json_object_get(json_array_get(speakers, 0), "name");
    const char *text = json_string_value(json_object_get(name, "ar"));
    bool there = text != NULL && text[0] != '\0';
    return g_strdup(there ? text : json_string_value(json_object_get(name, "en")));
}

static void clear_archive_chapter(void *data)
{
    PublishChapter *chapter = data;
    g_free((char *)chapter->title_ar);
    g_free((char *)chapter->title_en);
}

static GArray *copy_chapters(const GPtrArray *chapters)
{
    GArray *copies = g_array_new(FALSE, FALSE, sizeof(PublishChapter));
    g_array_set_clear_func(copies, clear_archive_chapter);
    for (guint i = 0; i < chapters->len; i++) {
        const RecordingChapter *chapter = chapters->pdata[i];
        const StoreChapter *row = chapter->row;
        PublishChapter copy = {
            .media_us = row->media_us,
            .question = chapter->question,
            .title_ar = row->title_ar[0] != '\0' ? g_strdup(row->title_ar) : NULL,
            .title_en = row->title_en[0] != '\0' ? g_strdup(row->title_en) : NULL,
        };
        g_array_append_val(copies, copy);
    }
    return copies;
}

static void add_text(GChecksum *sum, const char *text)
{
    g_checksum_update(sum, (const guchar *)(text != NULL ? text : ""),
                      text != NULL ? (gssize)strlen(text) + 1 : 1);
}

static char *hash_of(const RecordingInputs *inputs)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    add_text(sum, inputs->title);
    add_text(sum, inputs->artist);
    for (guint i = 0; i < inputs->chapters->len; i++) {
        const PublishChapter *chapter = &g_array_index(inputs->chapters, PublishChapter, i);
        g_autofree char *moment =
            g_strdup_printf("%" G_GINT64_FORMAT "%c", chapter->media_us, "aq"[chapter->question]);
        add_text(sum, moment);
        add_text(sum, chapter->title_ar);
        add_text(sum, chapter->title_en);
    }
    return g_strdup(g_checksum_get_string(sum));
}

RecordingInputs *recording_inputs_new(const RecordingInputsConfig *config)
{
    const StoreSession *row = config->row;
    bool arabic = row->title_ar != NULL && row->title_ar[0] != '\0';
    RecordingInputs *inputs = g_new(RecordingInputs, 1);
    *inputs = (RecordingInputs){
        .place = archive_place_ref(config->place),
        .title = g_strdup(arabic ? row->title_ar : row->title_en),
        .artist = first_speaker(row),
        .chapters = copy_chapters(config->chapters),
        .signer = config->signer,
        .mirror_untrimmed = config->mirror_untrimmed,
        .mirror_told = config->mirror_told,
    };
    inputs->hash = hash_of(inputs);
    return inputs;
}

void recording_inputs_free(RecordingInputs *inputs)
{
    if (inputs == NULL) {
        return;
    }
    g_array_unref(inputs->chapters);
    archive_place_unref(inputs->place);
    g_free(inputs->title);
    g_free(inputs->artist);
    g_free(inputs->hash);
    g_free(inputs);
}

const char *recording_inputs_hash(const RecordingInputs *inputs)
{
    return inputs->hash;
}
