// SPDX-License-Identifier: GPL-3.0-or-later
// Writes VOD playlists (RFC 8216, EXT-X-GAP of RFC 8216bis 4.4.4.7). Only listed files are served.
// main.m3u8 comes last: it certifies the others.
#include "archive/files.h"
#include "publish/steps.h"
#include "base/clock.h"

#include <string.h>

/* --- Figures ---------------------------------------------------------------------------------- */

typedef struct {
    const ArchiveCatalogue *catalogue;
    unsigned target_s;
} Presentation;

/* Over all runs. */
typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    const ArchiveTrack *track; // of its first run
    uint64_t peak_bps, average_bps;
} Rendition;

static const ArchivePublicSegment *entry_at(const Presentation *presentation, guint i)
{
    return &g_array_index(presentation->catalogue->public_segments, ArchivePublicSegment, i);
}

static bool extent_at(const Presentation *presentation, guint i, const char *key,
                      uint64_t *out_bytes, int64_t *out_pts_us, int64_t *out_end_us)
{
    const ArchivePublicSegment *entry = entry_at(presentation, i);
    int track = archive_run_find(entry->run, key);
    return track >= 0 &&
           archive_public_segment_extent(entry, (unsigned)track, out_bytes, out_pts_us, out_end_us);
}

/* Gaps last as long as other tracks' segments. */
static int64_t duration_at(const Presentation *presentation, guint i, const char *key)
{
    uint64_t bytes;
    int64_t pts_us;
    int64_t end_us;
    if (extent_at(presentation, i, key, &bytes, &pts_us, &end_us)) {
        return end_us - pts_us;
    }
    return entry_at(presentation, i)->end_us - entry_at(presentation, i)->start_us;
}

static uint64_t bits_per_second(uint64_t bytes, int64_t duration_us)
{
    return duration_us > 0 ? (uint64_t)((double)bytes * 8e6 / (double)duration_us + 0.5) : 0;
}

/* Over 0.5 to 1.5 target durations (RFC 8216 4.1). */
static void measure(const Presentation *presentation, Rendition *rendition)
{
    int64_t target_us = presentation->target_s * BASE_US_PER_S;
    uint64_t all_bytes = 0;
    int64_t all_us = 0;
    guint count = presentation->catalogue->public_segments->len;
    for (guint i = 0; i < count; i++) {
        uint64_t sum_bytes = 0;
        int64_t sum_us = 0;
        for (guint j = i; j < count && sum_us <= target_us * 3 / 2; j++) {
            uint64_t bytes = 0;
            int64_t pts_us;
            int64_t end_us;
            extent_at(presentation, j, rendition->key, &bytes, &pts_us, &end_us);
            sum_bytes += bytes;
            sum_us += duration_at(presentation, j, rendition->key);
            if (j == i) {
                all_bytes += bytes;
                all_us += sum_us;
            }
            if (sum_us >= target_us / 2 && sum_us <= target_us * 3 / 2) {
                rendition->peak_bps = MAX(rendition->peak_bps, bits_per_second(sum_bytes, sum_us));
            }
        }
    }
    rendition->average_bps = bits_per_second(all_bytes, all_us);
    rendition->peak_bps = MAX(rendition->peak_bps, rendition->average_bps);
}

/* By first run. */
static GArray *find_renditions(const Presentation *presentation)
{
    GArray *renditions = g_array_new(FALSE, TRUE, sizeof(Rendition));
    for (guint i = 0; i < presentation->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry = entry_at(presentation, i);
        for (unsigned t = 0; t < entry->run->track_count; t++) {
            bool known = entry->tracks[t].parts == 0;
            for (guint r = 0; r < renditions->len && !known; r++) {
                known = strcmp(g_array_index(renditions, Rendition, r).key,
                               entry->run->tracks[t].key) == 0;
            }
            if (!known) {
                Rendition rendition = {.track = &entry->run->tracks[t]};
                g_strlcpy(rendition.key, entry->run->tracks[t].key, sizeof rendition.key);
                g_array_append_val(renditions, rendition);
            }
        }
    }
    return renditions;
}

/* The longest EXTINF of all playlists, rounded (RFC 8216bis 4.4.3.1, 6.2.4). */
static unsigned find_target(const Presentation *presentation, const GArray *renditions)
{
    int64_t target_s = 1;
    for (guint r = 0; r < renditions->len; r++) {
        const char *key = g_array_index(renditions, Rendition, r).key;
        for (guint i = 0; i < presentation->catalogue->public_segments->len; i++) {
            int64_t duration_us = duration_at(presentation, i, key);
            target_s = MAX(target_s, (duration_us + BASE_US_PER_S / 2) / BASE_US_PER_S);
        }
    }
    return (unsigned)target_s;
}

/* --- Media playlists -------------------------------------------------------------------------- */

typedef struct {
    const ArchiveRun *mapped; // of the current EXT-X-MAP
    bool dated;
} Progress;

static void append_segment(GString *out, const Presentation *presentation, guint i,
                           const Rendition *rendition, Progress *progress)
{
    const ArchivePublicSegment *entry = entry_at(presentation, i);
    uint64_t bytes = 0;
    int64_t pts_us = entry->start_us;
    int64_t end_us = entry->end_us;
    bool there = extent_at(presentation, i, rendition->key, &bytes, &pts_us, &end_us);
    if (entry->discontinuity) {
        g_string_append(out, "#EXT-X-DISCONTINUITY\n");
        progress->dated = false;
    }
    if (there && progress->mapped != entry->run) {
        g_string_append_printf(out, "#EXT-X-MAP:URI=\"%u/%s/init.mp4\"\n", entry->run->number,
                               rendition->key);
        progress->mapped = entry->run;
    }
    if (!progress->dated) {
        g_autofree char *date = base_time_format(presentation->catalogue->epoch_wall_us + pts_us);
        g_string_append_printf(out, "#EXT-X-PROGRAM-DATE-TIME:%s\n", date);
        progress->dated = true;
    }
    g_string_append_printf(out, "#EXTINF:%.6f,\n", (double)(end_us - pts_us) / 1e6);
    if (!there) {
        g_string_append(out, "#EXT-X-GAP\n");
    } else if (!entry->whole) {
        // Files may exceed the common time.
        g_string_append_printf(out, "#EXT-X-BYTERANGE:%" G_GUINT64_FORMAT "@0\n", bytes);
    }
    g_string_append_printf(out, "%u/%s/%" G_GUINT64_FORMAT ".m4s\n", entry->run->number,
                           rendition->key, entry->sequence);
}

/* A late key frame needs the segment before. */
static void append_independent(GString *out, const Presentation *presentation)
{
    for (guint i = 0; i < presentation->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry = entry_at(presentation, i);
        for (unsigned t = 0; t < entry->run->track_count; t++) {
            if (entry->tracks[t].parts > 0 &&
                !g_array_index(entry->tracks[t].segment->parts, ArchivePart, 0).independent) {
                return;
            }
        }
    }
    g_string_append(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
}

static GString *media_playlist(const Presentation *presentation, const Rendition *rendition)
{
    GString *out = g_string_new("#EXTM3U\n#EXT-X-VERSION:7\n");
    g_string_append_printf(out, "#EXT-X-TARGETDURATION:%u\n", presentation->target_s);
    g_string_append(out, "#EXT-X-PLAYLIST-TYPE:VOD\n"
                         "#EXT-X-MEDIA-SEQUENCE:0\n");
    append_independent(out, presentation);
    Progress progress = {.mapped = NULL};
    for (guint i = 0; i < presentation->catalogue->public_segments->len; i++) {
        append_segment(out, presentation, i, rendition, &progress);
    }
    g_string_append(out, "#EXT-X-ENDLIST\n");
    return out;
}

/* --- The multivariant playlist ---------------------------------------------------------------- */

static bool is_video(const Rendition *rendition)
{
    return rendition->track->info.kind == MEDIA_VIDEO;
}

static const Rendition *busiest_audio(const GArray *renditions)
{
    const Rendition *busiest = NULL;
    for (guint i = 0; i < renditions->len; i++) {
        const Rendition *rendition = &g_array_index(renditions, Rendition, i);
        if (!is_video(rendition) && (busiest == NULL || rendition->peak_bps > busiest->peak_bps)) {
            busiest = rendition;
        }
    }
    return busiest;
}

/* Each language in itself; a language's second track by its own name (unique: RFC 8216
 * 4.3.4.1.1). */
static const char *audio_name(const GArray *renditions, const Rendition *audio)
{
    static const char *const names[][2] = {
        {"ar", "العربية"}, {"en", "English"}, {"fr", "Français"}, {"hi", "हिन्दी"}, {"ur", "اردو"}};
    const char *language = audio->track->info.language;
    for (guint i = 0; &g_array_index(renditions, Rendition, i) != audio; i++) {
        if (strcmp(g_array_index(renditions, Rendition, i).track->info.language, language) == 0) {
            return audio->key + 1;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i][0], language) == 0) {
            return names[i][1];
        }
    }
    return audio->key + 1;
}

static void append_audio(GString *out, const GArray *renditions, const Rendition *audio, bool first)
{
    const char *language = audio->track->info.language;
    g_string_append_printf(out, "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"%s\"",
                           audio_name(renditions, audio));
    if (language[0] != '\0' && strcmp(language, "und") != 0) {
        g_string_append_printf(out, ",LANGUAGE=\"%s\"", language);
    }
    g_string_append_printf(out, ",DEFAULT=%s,AUTOSELECT=YES,CHANNELS=\"%u\",URI=\"%s.m3u8\"\n",
                           first ? "YES" : "NO", audio->track->info.channels, audio->key);
}

static void append_variant(GString *out, const Rendition *variant, const Rendition *audio)
{
    const MediaTrackInfo *info = &variant->track->info;
    bool sound = audio != NULL && audio != variant;
    g_string_append_printf(out,
                           "#EXT-X-STREAM-INF:BANDWIDTH=%" G_GUINT64_FORMAT
                           ",AVERAGE-BANDWIDTH=%" G_GUINT64_FORMAT ",CODECS=\"%s%s%s\"",
                           variant->peak_bps + (sound ? audio->peak_bps : 0),
                           variant->average_bps + (sound ? audio->average_bps : 0),
                           variant->track->codecs, sound ? "," : "",
                           sound ? audio->track->codecs : "");
    if (is_video(variant)) {
        g_string_append_printf(out, ",RESOLUTION=%ux%u,FRAME-RATE=%.3f", info->width, info->height,
                               (double)info->fps_n / info->fps_d);
    }
    g_string_append_printf(out, "%s\n%s.m3u8\n", audio != NULL ? ",AUDIO=\"audio\"" : "",
                           variant->key);
}

/* Audio alone comes last, or is the only variant. */
static GString *main_playlist(const Presentation *presentation, const GArray *renditions)
{
    GString *out = g_string_new("#EXTM3U\n#EXT-X-VERSION:7\n");
    append_independent(out, presentation);
    const Rendition *audio = busiest_audio(renditions);
    const Rendition *first_audio = NULL;
    for (guint i = 0; i < renditions->len; i++) {
        const Rendition *rendition = &g_array_index(renditions, Rendition, i);
        if (!is_video(rendition)) {
            append_audio(out, renditions, rendition, first_audio == NULL);
            first_audio = first_audio != NULL ? first_audio : rendition;
        }
    }
    for (guint i = 0; i < renditions->len; i++) {
        const Rendition *rendition = &g_array_index(renditions, Rendition, i);
        if (is_video(rendition)) {
            append_variant(out, rendition, audio);
        }
    }
    if (first_audio != NULL) {
        append_variant(out, first_audio, first_audio);
    }
    return out;
}

static bool write_playlists(const char *folder, const Presentation *presentation,
                            const GArray *renditions, GError **error)
{
    for (guint i = 0; i < renditions->len; i++) {
        const Rendition *rendition = &g_array_index(renditions, Rendition, i);
        g_autoptr(GString) text = media_playlist(presentation, rendition);
        g_autofree char *name = g_strconcat(rendition->key, ".m3u8", NULL);
        if (!archive_replace_file(folder, name, text, error)) {
            return false;
        }
    }
    g_autoptr(GString) text = main_playlist(presentation, renditions);
    return archive_replace_file(folder, "main.m3u8", text, error);
}

bool publish_make_playlists(const PublishJob *job, GError **error)
{
    if (!publish_check_pictures(job, error)) {
        return false;
    }
    Presentation presentation = {.catalogue = job->catalogue};
    g_autoptr(GArray) renditions = find_renditions(&presentation);
    presentation.target_s = find_target(&presentation, renditions);
    for (guint i = 0; i < renditions->len; i++) {
        measure(&presentation, &g_array_index(renditions, Rendition, i));
    }
    return write_playlists(job->folder, &presentation, renditions, error);
}
