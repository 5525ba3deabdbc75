// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses a media file's tracks: the best rendition and all AAC languages.
#include "publish/remux.h"

#include <string.h>

static bool track_published(const PublishRemux *remux, const ArchiveRun *run, unsigned track)
{
    for (guint i = 0; i < remux->job->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry =
            &g_array_index(remux->job->catalogue->public_segments, ArchivePublicSegment, i);
        if (entry->run == run && entry->tracks[track].parts > 0) {
            return true;
        }
    }
    return false;
}

static bool better_video(const MediaTrackInfo *a, const MediaTrackInfo *b)
{
    uint32_t a_pixels = (uint32_t)a->width * a->height;
    uint32_t b_pixels = (uint32_t)b->width * b->height;
    return a_pixels != b_pixels ? a_pixels > b_pixels : a->bitrate > b->bitrate;
}

int publish_tracks_choose(const PublishRemux *remux, const PublishOutput *output,
                          const ArchiveRun *run)
{
    if (output->key[0] == 'a') {
        int track = archive_run_find(run, output->key);
        return track >= 0 && track_published(remux, run, (unsigned)track) ? track : -1;
    }
    int best = -1;
    for (unsigned t = 0; t < run->track_count; t++) {
        const MediaTrackInfo *info = &run->tracks[t].info;
        if (info->kind == MEDIA_VIDEO && track_published(remux, run, t) &&
            (best < 0 || better_video(info, &run->tracks[best].info))) {
            best = (int)t;
        }
    }
    return best;
}

static void add_output(PublishRemux *remux, const char *key)
{
    for (unsigned i = 0; i < remux->output_count; i++) {
        if (strcmp(remux->outputs[i].key, key) == 0) {
            return;
        }
    }
    if (remux->output_count < MEDIA_MAX_TRACKS) {
        PublishOutput *output = &remux->outputs[remux->output_count++];
        g_strlcpy(output->key, key, sizeof output->key);
        output->packet = av_packet_alloc();
        g_assert(output->packet != NULL); // no memory: as GLib
        output->last_dts = -1;
    }
}

void publish_tracks_find(PublishRemux *remux)
{
    for (int kind = remux->product->picture ? MEDIA_VIDEO : MEDIA_AUDIO; kind <= MEDIA_AUDIO;
         kind++) {
        for (guint r = 0; r < remux->job->catalogue->runs->len; r++) {
            const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, r);
            for (unsigned t = 0; t < run->track_count; t++) {
                const ArchiveTrack *track = &run->tracks[t];
                bool aac = g_str_has_prefix(track->codecs, "mp4a.");
                if (track->info.kind == kind && track_published(remux, run, t) &&
                    (kind == MEDIA_VIDEO || aac)) {
                    add_output(remux, kind == MEDIA_VIDEO ? "v" : track->key);
                }
            }
        }
    }
}

static uint64_t published_bytes(const PublishRemux *remux, const ArchiveRun *run, unsigned track)
{
    uint64_t all = 0;
    for (guint i = 0; i < remux->job->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry =
            &g_array_index(remux->job->catalogue->public_segments, ArchivePublicSegment, i);
        uint64_t bytes;
        int64_t pts_us, end_us;
        if (entry->run == run &&
            archive_public_segment_extent(entry, track, &bytes, &pts_us, &end_us)) {
            all += bytes;
        }
    }
    return all;
}

uint64_t publish_tracks_bytes(const PublishRemux *remux)
{
    uint64_t all = 0;
    for (guint r = 0; r < remux->job->catalogue->runs->len; r++) {
        const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, r);
        for (unsigned i = 0; i < remux->output_count; i++) {
            int track = publish_tracks_choose(remux, &remux->outputs[i], run);
            all += track >= 0 ? published_bytes(remux, run, (unsigned)track) : 0;
        }
    }
    return all;
}

/* BCP 47 has mostly ISO 639-1. */
static const char *iso639(const char *language)
{
    static const char *const names[][2] = {
        {"ar", "ara"}, {"bn", "ben"}, {"de", "deu"}, {"en", "eng"}, {"es", "spa"}, {"fa", "fas"},
        {"fr", "fra"}, {"hi", "hin"}, {"it", "ita"}, {"ja", "jpn"}, {"ko", "kor"}, {"ml", "mal"},
        {"pt", "por"}, {"ru", "rus"}, {"tl", "tgl"}, {"tr", "tur"}, {"ur", "urd"}, {"zh", "zho"}};
    size_t length = strcspn(language, "-");
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (length == 2 && g_ascii_strncasecmp(language, names[i][0], 2) == 0) {
            return names[i][1];
        }
    }
    return length == 3 && language[3] == '\0' ? language : "und";
}

const char *publish_tracks_language(const PublishRemux *remux, const PublishOutput *output)
{
    const char *language = "";
    for (guint r = 0; r < remux->job->catalogue->runs->len; r++) {
        const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, r);
        int track = archive_run_find(run, output->key);
        if (track >= 0) {
            language = run->tracks[track].info.language;
            break;
        }
    }
    bool known = language[0] != '\0' && strcmp(language, "und") != 0;
    if (!known && remux->job->what->language != NULL) {
        language = remux->job->what->language;
    }
    return iso639(language);
}
