// SPDX-License-Identifier: GPL-3.0-or-later
// Reads LL-HLS playlists for hls-load.
#include "hls-list.h"

#include <string.h>

static bool line_starts(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static const char *attribute_of(const char *line, const char *attribute)
{
    const char *at = strstr(line, attribute);
    const char *newline = strchr(line, '\n');
    return at == NULL || (newline != NULL && at > newline) ? NULL : at + strlen(attribute);
}

static void take_quoted(const char *line, const char *attribute, char *out, size_t size)
{
    const char *at = attribute_of(line, attribute);
    size_t length = at != NULL ? strcspn(at, "\"\n") : size;
    if (length < size) {
        memcpy(out, at, length);
        out[length] = '\0';
    }
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end != NULL ? end + 1 : line + strlen(line);
}

bool hls_list_read_main(const char *text, HlsTrack tracks[HLS_TRACKS])
{
    for (const char *line = text; *line != '\0'; line = next_line(line)) {
        if (line_starts(line, "#EXT-X-MEDIA:TYPE=AUDIO") && tracks[1].list[0] == '\0') {
            take_quoted(line, "URI=\"", tracks[1].list, sizeof tracks[1].list);
        } else if (*line != '#' && *line != '\n' && tracks[0].list[0] == '\0') {
            size_t length = MIN(strcspn(line, "\r\n"), sizeof tracks[0].list - 1);
            memcpy(tracks[0].list, line, length);
        }
    }
    return tracks[0].list[0] != '\0' && tracks[1].list[0] != '\0';
}

/* 0: no date. */
static int64_t wall_us_of(const char *date)
{
    if (date == NULL) {
        return 0;
    }
    g_autofree char *text = g_strndup(date, strcspn(date, "\r\n"));
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
    return time == NULL
               ? 0
               : g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
}

/* Where reading is. */
typedef struct {
    uint64_t msn;
    unsigned part;
    const char *date; // of the segment; nullable
    int64_t into_us;  // of its parts so far
} Place;

static HlsPart read_part(const char *line, Place *place)
{
    const char *duration = attribute_of(line, "DURATION=");
    HlsPart part = {.msn = place->msn, .part = place->part++};
    part.duration_us = duration != NULL ? (int64_t)(g_ascii_strtod(duration, NULL) * 1e6) : 0;
    place->into_us += part.duration_us;
    take_quoted(line, "URI=\"", part.uri, sizeof part.uri);
    return part;
}

static void queue_part(HlsQueue *queue, const HlsPart *part, const Place *place)
{
    if (queue->length < HLS_MAX_PARTS) {
        int64_t begin_us = wall_us_of(place->date);
        queue->parts[queue->length] = *part;
        queue->parts[queue->length++].end_wall_us = begin_us > 0 ? begin_us + place->into_us : 0;
    }
}

void hls_list_read(const char *text, HlsTrack *track, bool newest, HlsQueue *out)
{
    Place place = {0};
    HlsPart last = {0};
    out->length = out->at = 0;
    for (const char *line = text; *line != '\0'; line = next_line(line)) {
        if (line_starts(line, "#EXT-X-PART:")) {
            last = read_part(line, &place);
            bool fresh =
                last.msn > track->msn || (last.msn == track->msn && last.part >= track->part);
            if (track->known && fresh && !newest) {
                queue_part(out, &last, &place);
            }
        } else if (line_starts(line, "#EXTINF:")) {
            place = (Place){.msn = place.msn + 1};
        } else if (line_starts(line, "#EXT-X-PROGRAM-DATE-TIME:")) {
            place.date = line + strlen("#EXT-X-PROGRAM-DATE-TIME:");
        } else if (line_starts(line, "#EXT-X-MEDIA-SEQUENCE:")) {
            place.msn = g_ascii_strtoull(line + strlen("#EXT-X-MEDIA-SEQUENCE:"), NULL, 10);
        } else if (line_starts(line, "#EXT-X-SKIP:SKIPPED-SEGMENTS=")) {
            place.msn += g_ascii_strtoull(line + strlen("#EXT-X-SKIP:SKIPPED-SEGMENTS="), NULL, 10);
        } else if (line_starts(line, "#EXT-X-MAP:")) {
            take_quoted(line, "URI=\"", track->init, sizeof track->init);
        }
    }
    if (newest && track->known && last.uri[0] != '\0') {
        queue_part(out, &last, &place);
    }
    track->msn = place.msn;
    track->part = place.part;
}
