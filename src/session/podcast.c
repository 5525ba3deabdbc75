// SPDX-License-Identifier: GPL-3.0-or-later
// Writes podcast feeds: RSS 2.0 with the tags of iTunes and Podcasting 2.0
// (https://podcasting2.org/docs/podcast-namespace).
#include "session/podcast.h"

#include "base/clock.h"
#include "session/private.h"

#include <string.h>
#include <time.h>

#define HEAD                                                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "                             \
    "xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" "                                 \
    "xmlns:podcast=\"https://podcastindex.org/namespace/1.0\">\n<channel>\n"
#define NAMESPACE_BYTES 16

/* XML 1.0 2.2. */
static void append_escaped(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text != NULL ? text : "", -1);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        switch (c) {
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        default:
            if ((c >= ' ' && c != 0x7f && c != 0xfffe && c != 0xffff) || c == '\n') {
                g_string_append_unichar(out, c);
            }
        }
    }
}

static void add(GString *out, const char *name, const char *text)
{
    g_string_append_printf(out, "<%s>", name);
    append_escaped(out, text);
    g_string_append_printf(out, "</%s>\n", name);
}

static void add_attribute(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, " %s=\"", name);
    append_escaped(out, value);
    g_string_append_c(out, '"');
}

/* RFC 2822, whatever the locale. */
static void add_date(GString *out, int64_t wall_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(wall_us / BASE_US_PER_S);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) != NULL) {
        g_string_append_printf(out, "<pubDate>%s, %02d %s %d %02d:%02d:%02d +0000</pubDate>\n",
                               days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                               utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    }
}

/* UUID version 5 (RFC 9562 5.5) of the address without scheme. */
static void add_guid(GString *out, const char *address)
{
    static const guchar names[NAMESPACE_BYTES] = {0xea, 0xd4, 0xc2, 0x36, 0xbf, 0x58, 0x58, 0xc6,
                                                  0xa2, 0xc6, 0xa6, 0xb2, 0x8d, 0x12, 0x8c, 0xb6};
    const char *start = strstr(address, "://");
    start = start != NULL ? start + strlen("://") : address;
    guint8 hash[20];
    gsize size = sizeof hash;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sum, names, sizeof names);
    g_checksum_update(sum, (const guchar *)start, (gssize)strlen(start));
    g_checksum_get_digest(sum, hash, &size);
    hash[6] = (hash[6] & 0x0f) | 0x50;
    hash[8] = (hash[8] & 0x3f) | 0x80;
    g_string_append(out, "<podcast:guid>");
    for (int i = 0; i < 16; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        g_string_append_printf(out, "%s%02x", dash ? "-" : "", hash[i]);
    }
    g_string_append(out, "</podcast:guid>\n");
}

static char *address_of(const SessionPodcast *podcast, const StoreSession *row, const char *file)
{
    return g_strconcat(podcast->files, "/", row->id, "/", file, NULL);
}

static void add_picture(GString *out, const SessionPodcast *podcast, const SessionEpisode *episode)
{
    if (episode->has_picture) {
        g_autofree char *address = address_of(podcast, episode->row, "poster.jpg");
        g_string_append(out, "<itunes:image");
        add_attribute(out, "href", address);
        g_string_append(out, "/>\n");
    }
}

typedef struct {
    const char *file, *type;
    uint64_t bytes; // 0: none
} Media;

static void add_media(GString *out, const SessionPodcast *podcast, const StoreSession *row,
                      const Media *media, bool first)
{
    g_autofree char *address = address_of(podcast, row, media->file);
    g_autofree char *length = g_strdup_printf("%" G_GUINT64_FORMAT, media->bytes);
    g_string_append(out, first ? "<enclosure" : "<podcast:alternateEnclosure");
    if (first) {
        add_attribute(out, "url", address);
    }
    add_attribute(out, "length", length);
    add_attribute(out, "type", media->type);
    if (first) {
        g_string_append(out, "/>\n");
        return;
    }
    g_string_append(out, "><podcast:source");
    add_attribute(out, "uri", address);
    g_string_append(out, "/></podcast:alternateEnclosure>\n");
}

/* RSS allows one enclosure: every client plays sound. */
static void add_all_media(GString *out, const SessionPodcast *podcast,
                          const SessionEpisode *episode)
{
    const Media media[] = {{"audio.m4a", "audio/mp4", episode->audio_bytes},
                           {"recording.mp4", "video/mp4", episode->video_bytes}};
    const Media *first = media[0].bytes > 0 ? &media[0] : &media[1];
    add_media(out, podcast, episode->row, first, true);
    for (size_t i = 0; i < G_N_ELEMENTS(media); i++) {
        if (media[i].bytes > 0) {
            add_media(out, podcast, episode->row, &media[i], false);
        }
    }
}

/* Readers take it for HTML. */
static void add_html(GString *out, const char *name, const char *text)
{
    g_autoptr(GString) html = g_string_new(NULL);
    append_escaped(html, text);
    g_string_replace(html, "\n", "<br/>\n", 0);
    add(out, name, html->str);
}

static char *describe_both(const StoreSession *row, const char *lang)
{
    const char *other = strcmp(lang, "ar") == 0 ? "en" : "ar";
    g_autofree char *title = session_title(row, lang), *other_title = session_title(row, other);
    g_autoptr(GString) text = g_string_new(NULL);
    session_describe(text, row, lang);
    if (g_strcmp0(title, other_title) != 0) {
        g_string_append_printf(text, "\n%s\n", other_title);
        session_describe(text, row, other);
    }
    return g_strchomp(g_strdup(text->str));
}

static void add_chapters(GString *out, const SessionPodcast *podcast, const StoreSession *row)
{
    g_autofree char *address = address_of(podcast, row, "chapters.json");
    g_autofree char *whole = g_strconcat(address, "?lang=", podcast->lang, NULL);
    g_string_append(out, "<podcast:chapters");
    add_attribute(out, "url", whole);
    g_string_append(out, " type=\"application/json+chapters\"/>\n");
}

static void add_episode(GString *out, const SessionPodcast *podcast, const SessionEpisode *episode)
{
    const StoreSession *row = episode->row;
    g_autofree char *title = session_title(row, podcast->lang);
    g_autofree char *about = describe_both(row, podcast->lang);
    g_autofree char *page =
        g_strdup_printf("%s/%s/recordings/%s", podcast->site, podcast->lang, row->id);
    g_autofree char *guid = g_strconcat(row->id, "@majlis", NULL);
    g_string_append(out, "<item>\n");
    add(out, "title", title);
    add(out, "link", page);
    add_html(out, "description", about);
    g_string_append_printf(out, "<guid isPermaLink=\"false\">%s</guid>\n", guid);
    add_date(out, row->live_us > 0 ? row->live_us : row->starts_us);
    add_all_media(out, podcast, episode);
    if (episode->duration_ms > 0) {
        g_string_append_printf(out, "<itunes:duration>%" G_GINT64_FORMAT "</itunes:duration>\n",
                               (episode->duration_ms + 500) / 1000);
    }
    add_picture(out, podcast, episode);
    if (episode->has_chapters) {
        add_chapters(out, podcast, row);
    }
    g_string_append(out, "</item>\n");
}

static const SessionEpisode *find_picture(const SessionPodcast *podcast)
{
    for (size_t i = 0; i < podcast->episode_count; i++) {
        if (podcast->episodes[i].has_picture) {
            return &podcast->episodes[i];
        }
    }
    return NULL;
}

static void add_channel(GString *out, const SessionPodcast *podcast)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    for (size_t i = 0; i < podcast->episode_count; i++) {
        g_ptr_array_add(rows, (void *)podcast->episodes[i].row);
    }
    g_autofree char *name = session_feed_name(rows, podcast->lang, true);
    g_autofree char *page = g_strdup_printf("%s/%s/recordings", podcast->site, podcast->lang);
    add(out, "title", name);
    add(out, "link", page);
    add(out, "description", name);
    add(out, "language", podcast->lang);
    g_string_append(out, "<atom:link rel=\"self\" type=\"application/rss+xml\"");
    add_attribute(out, "href", podcast->self);
    g_string_append(out, "/>\n");
    add_guid(out, podcast->self);
    add(out, "itunes:author", name);
    g_string_append(out, "<itunes:explicit>false</itunes:explicit>\n"
                         "<itunes:category text=\"Government\"/>\n");
    if (podcast->personal) { // not for directories
        g_string_append(out, "<itunes:block>Yes</itunes:block>\n"
                             "<podcast:block>yes</podcast:block>\n");
    }
    const SessionEpisode *pictured = find_picture(podcast);
    if (pictured != NULL) {
        add_picture(out, podcast, pictured);
    }
}

char *session_podcast(const SessionPodcast *podcast)
{
    GString *out = g_string_new(HEAD);
    add_channel(out, podcast);
    for (size_t i = 0; i < podcast->episode_count; i++) {
        add_episode(out, podcast, &podcast->episodes[i]);
    }
    g_string_append(out, "</channel>\n</rss>\n");
    return g_string_free(out, FALSE);
}
