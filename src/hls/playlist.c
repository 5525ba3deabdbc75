// SPDX-License-Identifier: GPL-3.0-or-later
// Writes playlists.
#include "hls/playlist.h"

#include "base/clock.h"

#include <string.h>

#define PARTS_LISTED_TARGETS 3 // 6.2.2: parts of older segments are not listed
#define BOX_BITS 5000          // moof boxes per second, two parts each
#define SKIP_TARGETS 6         // 4.4.3.8: CAN-SKIP-UNTIL

uint64_t hls_playlist_msn(const HlsSegment *segment, HlsAudience audience)
{
    return audience == HLS_PUBLIC ? segment->span.public_number : segment->span.number;
}

static int64_t target_us(const HlsPlaylist *playlist)
{
    return playlist->target_s * BASE_US_PER_S;
}

static double seconds(int64_t us)
{
    return (double)us / BASE_US_PER_S;
}

/* By listed lengths: a pause may lie in between. */
static unsigned count_older(const HlsPlaylist *playlist, int64_t limit_us, bool whole)
{
    int64_t after_us = 0;
    for (unsigned i = playlist->count; i-- > 0;) {
        const HlsSegment *segment = playlist->segments[i];
        int64_t length_us = segment->end_us - segment->start_us;
        if (after_us + (whole ? length_us : 0) > limit_us) {
            return i + 1;
        }
        after_us += length_us;
    }
    return 0;
}

static void add_head(GString *out, const HlsPlaylist *playlist)
{
    const HlsSegment *first = playlist->count > 0 ? playlist->segments[0] : NULL;
    bool event = playlist->event;
    g_string_append_printf(
        out,
        "#EXTM3U\n"
        "#EXT-X-VERSION:9\n"
        "#EXT-X-TARGETDURATION:%u\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=%.3f,CAN-SKIP-UNTIL=%u\n"
        "#EXT-X-PART-INF:PART-TARGET=%.5f\n"
        "#EXT-X-MEDIA-SEQUENCE:%" G_GUINT64_FORMAT "\n"
        "#EXT-X-DISCONTINUITY-SEQUENCE:%" G_GUINT64_FORMAT "\n"
        "%s",
        playlist->target_s, seconds(playlist->hold_back_us), SKIP_TARGETS * playlist->target_s,
        seconds(playlist->part_target_us),
        event ? playlist->first_msn : hls_playlist_msn(first, playlist->audience),
        event ? 0 : first->span.breaks_before[playlist->audience],
        event ? "#EXT-X-PLAYLIST-TYPE:EVENT\n" : "");
}

/* Rounding to ticks may exceed PART-TARGET. */
static void add_part(GString *out, const HlsPlaylist *playlist, const HlsSegment *segment,
                     unsigned i)
{
    const HlsPiece *piece = &segment->pieces[i];
    g_string_append_printf(
        out, "#EXT-X-PART:DURATION=%.5f,URI=\"%u/%s/%" G_GUINT64_FORMAT ".%u.m4s\"%s\n",
        seconds(MIN(piece->duration_us, playlist->part_target_us)), segment->span.run,
        playlist->key, segment->span.number, i, piece->independent ? ",INDEPENDENT=YES" : "");
}

/* A gap needs no EXT-X-MAP. */
static void add_begin(GString *out, const char *key, int64_t epoch_wall_us, const HlsEntry *entry,
                      uint32_t *map_run)
{
    g_autofree char *date = base_time_format(epoch_wall_us + entry->start_us);
    if (entry->discontinuity) {
        g_string_append(out, "#EXT-X-DISCONTINUITY\n");
    }
    if (!entry->gap && entry->run != *map_run) {
        *map_run = entry->run;
        g_string_append_printf(out, "#EXT-X-MAP:URI=\"%u/%s/init.mp4\"\n", entry->run, key);
    }
    g_string_append_printf(out, "#EXT-X-PROGRAM-DATE-TIME:%s\n", date);
}

static void add_end(GString *out, const char *key, const HlsEntry *entry)
{
    g_string_append_printf(out, "%s#EXTINF:%.5f,\n", entry->gap ? "#EXT-X-GAP\n" : "",
                           seconds(entry->end_us - entry->start_us));
    if (!entry->gap && entry->bytes > 0) {
        g_string_append_printf(out, "#EXT-X-BYTERANGE:%" G_GUINT64_FORMAT "@0\n", entry->bytes);
    }
    g_string_append_printf(out, "%u/%s/%" G_GUINT64_FORMAT ".m4s\n", entry->run, key,
                           entry->number);
}

void hls_playlist_add_entry(GString *out, const char *key, int64_t epoch_wall_us,
                            const HlsEntry *entry, uint32_t *map_run)
{
    add_begin(out, key, epoch_wall_us, entry, map_run);
    add_end(out, key, entry);
}

HlsEntry hls_segment_entry(const HlsSegment *segment)
{
    return (HlsEntry){.run = segment->span.run,
                      .number = segment->span.number,
                      .start_us = segment->start_us,
                      .end_us = segment->end_us,
                      .gap = segment->gap};
}

static void add_segment(GString *out, const HlsPlaylist *playlist, const HlsSegment *segment,
                        bool parts, uint32_t *map_run)
{
    HlsEntry entry = hls_segment_entry(segment);
    entry.discontinuity = segment->span.breaks[playlist->audience];
    add_begin(out, playlist->key, playlist->epoch_wall_us, &entry, map_run);
    for (unsigned i = 0; parts && i < segment->count; i++) {
        add_part(out, playlist, segment, i);
    }
    if (segment->complete) {
        add_end(out, playlist->key, &entry);
    }
}

static void add_tail(GString *out, const HlsPlaylist *playlist)
{
    g_string_append(out, playlist->markers != NULL ? playlist->markers : "");
    if (playlist->ended) {
        g_string_append(out, "#EXT-X-ENDLIST\n");
        return;
    }
    if (playlist->hint) {
        g_string_append_printf(
            out, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%u/%s/%" G_GUINT64_FORMAT ".%u.m4s\"\n",
            playlist->hint_run, playlist->key, playlist->hint_sequence, playlist->hint_part);
    }
    for (unsigned i = 0; i < playlist->report_count; i++) {
        const HlsReport *report = &playlist->reports[i];
        g_string_append_printf(
            out,
            "#EXT-X-RENDITION-REPORT:URI=\"%s%s.m3u8\",LAST-MSN=%" G_GUINT64_FORMAT
            ",LAST-PART=%u\n",
            report->key, playlist->event ? ".event" : "", report->last_msn, report->last_part);
    }
}

static void add_segments(GString *out, const HlsPlaylist *playlist, unsigned skipped)
{
    unsigned whole_only = count_older(playlist, PARTS_LISTED_TARGETS * target_us(playlist), true);
    uint32_t map_run = playlist->before_map_run;
    for (unsigned i = 0; i < playlist->count; i++) {
        const HlsSegment *segment = playlist->segments[i];
        if (i >= skipped) {
            add_segment(out, playlist, segment, i >= whole_only, &map_run);
        } else if (!segment->gap) {
            map_run = segment->span.run;
        }
    }
}

char *hls_playlist_head(const HlsPlaylist *playlist)
{
    GString *out = g_string_new(NULL);
    add_head(out, playlist);
    return g_string_free(out, FALSE);
}

char *hls_playlist_text(const HlsPlaylist *playlist)
{
    GString *out = g_string_sized_new(8192);
    if (!playlist->event) {
        add_head(out, playlist);
    }
    add_segments(out, playlist, 0);
    add_tail(out, playlist);
    return g_string_free(out, FALSE);
}

/* 4.4.3.8. A history is skipped wholly or not at all. */
char *hls_playlist_delta(const HlsPlaylist *playlist)
{
    unsigned skipped = count_older(playlist, SKIP_TARGETS * target_us(playlist), false);
    if (skipped == 0) {
        return NULL;
    }
    GString *out = g_string_sized_new(4096);
    add_head(out, playlist);
    g_string_append_printf(out, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%u\n", playlist->before + skipped);
    add_segments(out, playlist, skipped);
    add_tail(out, playlist);
    return g_string_free(out, FALSE);
}

/* --- Multivariant ----------------------------------------------------------------------------- */

typedef struct {
    const char *language, *name;
} LanguageName;

static const LanguageName language_names[] = {
    {"ar", "العربية"}, {"en", "English"}, {"fr", "Français"}, {"ur", "اردو"}, {"hi", "हिन्दी"},
};

/* Keeps configured text out of quoted strings. */
static const char *language_of(const MediaTrack *media)
{
    const char *language = media->info.language;
    size_t length =
        strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    bool good = length > 0 && length < MEDIA_NAME_BYTES && language[length] == '\0';
    return good ? language : media->info.name;
}

/* NAMEs are unique in a group (4.4.6.1.1). */
static const char *name_of(const HlsVariant *variants, unsigned i)
{
    const char *language = language_of(variants[i].media);
    for (unsigned j = 0; j < i; j++) {
        if (variants[j].media->info.kind == MEDIA_AUDIO &&
            strcmp(language_of(variants[j].media), language) == 0) {
            return variants[i].media->info.name;
        }
    }
    for (size_t j = 0; j < G_N_ELEMENTS(language_names); j++) {
        if (strcmp(language_names[j].language, language) == 0) {
            return language_names[j].name;
        }
    }
    return variants[i].media->info.name;
}

/* At least the configured rate: a slate measures less. */
static uint64_t average_of(const HlsVariant *variant)
{
    uint64_t bitrate = variant->media->info.bitrate;
    return MAX(variant->average_bits, bitrate > 0 ? bitrate + BOX_BITS : 0);
}

/* Else a quarter over the target, for key frames and boxes. */
static uint64_t peak_of(const HlsVariant *variant)
{
    uint64_t configured = variant->media->info.bitrate * UINT64_C(5) / 4;
    return MAX(variant->peak_bits > 0 ? variant->peak_bits : configured, average_of(variant));
}

static unsigned add_sounds(GString *out, const HlsVariant *variants, unsigned count,
                           const char *suffix)
{
    unsigned sounds = 0;
    for (unsigned i = 0; i < count; i++) {
        const MediaTrackInfo *info = &variants[i].media->info;
        if (info->kind == MEDIA_AUDIO) {
            g_string_append_printf(out,
                                   "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"%s\","
                                   "LANGUAGE=\"%s\",DEFAULT=%s,AUTOSELECT=YES,CHANNELS=\"%u\","
                                   "URI=\"%s%s.m3u8\"\n",
                                   name_of(variants, i), language_of(variants[i].media),
                                   sounds == 0 ? "YES" : "NO", info->channels, variants[i].key,
                                   suffix);
            sounds++;
        }
    }
    return sounds;
}

/* A variant's rates cover any track of its group (4.4.6.2). */
static const HlsVariant *dearest_sound(const HlsVariant *variants, unsigned count)
{
    const HlsVariant *dearest = NULL;
    for (unsigned i = 0; i < count; i++) {
        bool sound = variants[i].media->info.kind == MEDIA_AUDIO;
        if (sound && (dearest == NULL || peak_of(&variants[i]) > peak_of(dearest))) {
            dearest = &variants[i];
        }
    }
    return dearest;
}

static void add_variant(GString *out, const HlsVariant *variant, const HlsVariant *sound,
                        const char *suffix)
{
    const MediaTrackInfo *info = &variant->media->info;
    bool with_sound = sound != NULL && info->kind == MEDIA_VIDEO;
    const HlsVariant *rated = with_sound || sound == NULL ? variant : sound;
    g_autofree char *codecs = media_track_codecs(variant->media);
    g_autofree char *sound_codecs = with_sound ? media_track_codecs(sound->media) : NULL;
    g_string_append_printf(out,
                           "#EXT-X-STREAM-INF:BANDWIDTH=%" G_GUINT64_FORMAT
                           ",AVERAGE-BANDWIDTH=%" G_GUINT64_FORMAT,
                           peak_of(rated) + (with_sound ? peak_of(sound) : 0),
                           average_of(rated) + (with_sound ? average_of(sound) : 0));
    g_string_append_printf(out, ",CODECS=\"%s%s%s\"", codecs, with_sound ? "," : "",
                           with_sound ? sound_codecs : "");
    if (info->kind == MEDIA_VIDEO) {
        g_string_append_printf(out, ",RESOLUTION=%ux%u,FRAME-RATE=%.3f", info->width, info->height,
                               (double)info->fps_n / info->fps_d);
    }
    g_string_append_printf(out, "%s\n%s%s.m3u8\n", sound != NULL ? ",AUDIO=\"sound\"" : "",
                           variant->key, suffix);
}

/* Audio alone comes last, or is the only variant. */
char *hls_playlist_main(const HlsVariant *variants, unsigned count, bool event)
{
    GString *out = g_string_new("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    const char *suffix = event ? ".event" : "";
    unsigned sounds = add_sounds(out, variants, count, suffix);
    const HlsVariant *sound = sounds > 0 ? dearest_sound(variants, count) : NULL;
    for (unsigned i = 0; i < count; i++) {
        if (variants[i].media->info.kind == MEDIA_VIDEO) {
            add_variant(out, &variants[i], sound, suffix);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (variants[i].media->info.kind == MEDIA_AUDIO) {
            add_variant(out, &variants[i], sound, suffix);
            break; // one group holds all audio
        }
    }
    return g_string_free(out, FALSE);
}
