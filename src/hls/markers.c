// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the EXT-X-DATERANGE lines of named moments.
#include "hls/markers.h"

#include "base/clock.h"
#include "hls/history.h"

#include <string.h>

typedef struct {
    int64_t media_us;
    char *line;
} Marker;

struct HlsMarkers {
    GArray *markers; // Marker, by time
};

/* A quoted string (4.2) of any text: drops quotes, control and bidirectional characters. */
static void add_quoted(GString *out, const char *name, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_string_append_printf(out, ",%s=\"", name);
    size_t begin = out->len;
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        bool breaks = g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029;
        if (out->len - begin + 6 > HLS_MARKER_TEXT_BYTES) {
            break;
        }
        if (!turns) {
            g_string_append_unichar(out, c == '"' ? 0x201d : breaks ? ' ' : c);
        }
    }
    g_string_append_c(out, '"');
}

static char *line_of(const HlsMarker *marker, int64_t epoch_wall_us)
{
    GString *out = g_string_new(NULL);
    g_autofree char *date = base_time_format(epoch_wall_us + marker->media_us);
    add_quoted(out, "ID", marker->id);
    g_string_erase(out, 0, 1);
    g_string_prepend(out, "#EXT-X-DATERANGE:");
    add_quoted(out, "CLASS", marker->class_);
    g_string_append_printf(out, ",START-DATE=\"%s\"", date);
    if (marker->title_ar != NULL) {
        add_quoted(out, "X-ORG-MAJLIS-TITLE-AR", marker->title_ar);
    }
    if (marker->title_en != NULL) {
        add_quoted(out, "X-ORG-MAJLIS-TITLE-EN", marker->title_en);
    }
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}

static void clear_marker(void *data)
{
    g_free(((Marker *)data)->line);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const Marker *)a)->media_us, y = ((const Marker *)b)->media_us;
    return x < y ? -1 : x > y;
}

HlsMarkers *hls_markers_new(const HlsMarker *markers, unsigned count, int64_t epoch_wall_us)
{
    HlsMarkers *made = g_new(HlsMarkers, 1);
    made->markers = g_array_new(FALSE, FALSE, sizeof(Marker));
    g_array_set_clear_func(made->markers, clear_marker);
    for (unsigned i = 0; i < count; i++) {
        Marker marker = {.media_us = markers[i].media_us,
                         .line = line_of(&markers[i], epoch_wall_us)};
        g_array_append_val(made->markers, marker);
    }
    g_array_sort(made->markers, by_time);
    if (made->markers->len > HLS_MAX_MARKERS) {
        g_array_remove_range(made->markers, 0, made->markers->len - HLS_MAX_MARKERS);
    }
    return made;
}

void hls_markers_free(HlsMarkers *markers)
{
    if (markers != NULL) {
        g_array_unref(markers->markers);
        g_free(markers);
    }
}

static const Marker *marker_at(const HlsMarkers *markers, guint i)
{
    return &g_array_index(markers->markers, Marker, i);
}

bool hls_markers_follow(const HlsMarkers *before, const HlsMarkers *after)
{
    guint count = before != NULL ? before->markers->len : 0, at = 0;
    for (guint i = 0; i < count; i++) {
        const char *line = marker_at(before, i)->line;
        while (at < after->markers->len && strcmp(marker_at(after, at)->line, line) != 0) {
            at++;
        }
        if (at == after->markers->len) {
            return false; // or reordered, which is harmless
        }
    }
    return true;
}

static bool lists(const HlsPlaylist *playlist, int64_t us)
{
    for (unsigned i = playlist->count; i-- > 0;) {
        const HlsSegmentSpan *span = &playlist->segments[i]->span;
        if (us >= span->start_us && us < span->end_us) {
            return true;
        }
    }
    return false;
}

char *hls_markers_listed(const HlsMarkers *markers, const HlsPlaylist *playlist)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; markers != NULL && i < markers->markers->len; i++) {
        if (lists(playlist, marker_at(markers, i)->media_us)) {
            g_string_append(out, marker_at(markers, i)->line);
        }
    }
    return g_string_free(out, FALSE);
}

char *hls_markers_shown(const HlsMarkers *markers, const HlsConfig *config, const HlsCutter *cutter)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; markers != NULL && i < markers->markers->len; i++) {
        int64_t us = marker_at(markers, i)->media_us;
        if (hls_past_has(config, us) || hls_cutter_shown_at(cutter, us) != NULL) {
            g_string_append(out, marker_at(markers, i)->line);
        }
    }
    return g_string_free(out, FALSE);
}
