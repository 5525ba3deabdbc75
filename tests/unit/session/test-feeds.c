// SPDX-License-Identifier: GPL-3.0-or-later
// Calendars and podcasts to subscribe to: names, escaping, dates.
#include "calendar-session.h"
#include "session/podcast.h"
#include "session/session.h"

#include <string.h>

static void test_calendar_feed(void)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    g_autoptr(StoreSession) one = calendar_session("اتصال"), two = calendar_session("Two, 2");
    g_ptr_array_add(rows, one);
    g_ptr_array_add(rows, two);
    two->created_us = CALENDAR_START_US - BASE_US_PER_S;
    g_autofree char *text = session_calendar_feed(rows, "ar", "https://m.ae");
    g_assert_true(g_str_has_prefix(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
                                         "PRODID:-//majlis//majlis//EN\r\nNAME:الجلسات\r\n"
                                         "X-WR-CALNAME:الجلسات\r\n"));
    g_assert_nonnull(strstr(text, "\r\nURL:https://m.ae/ar/s/abc\r\n"));
    g_assert_nonnull(strstr(text, "\r\nDTSTAMP:20261201T065959Z\r\n"));
    g_auto(GStrv) events = g_strsplit(text, "BEGIN:VEVENT\r\n", -1);
    g_assert_cmpuint(g_strv_length(events), ==, 3);
    g_autofree char *again = session_calendar_feed(rows, "ar", "https://m.ae");
    g_assert_cmpstr(again, ==, text);
    one->series = g_strdup("60 دقيقة؛ اتصال");
    two->series = g_strdup("60 دقيقة؛ اتصال");
    g_autofree char *named = session_calendar_feed(rows, "en", "https://m.ae");
    g_assert_nonnull(strstr(named, "\r\nNAME:60 دقيقة؛ اتصال – Sessions\r\n"));
}

static char *podcast_of(StoreSession *row, bool personal)
{
    SessionEpisode episode = {.row = row,
                              .duration_ms = 61600,
                              .audio_bytes = 100,
                              .video_bytes = 2000,
                              .has_picture = true,
                              .has_chapters = true};
    SessionPodcast podcast = {.lang = "ar",
                              .site = "https://m.ae",
                              .self = "https://m.ae/feeds/recordings.rss",
                              .files = "https://m.ae/feeds/recordings",
                              .personal = personal,
                              .episodes = &episode,
                              .episode_count = 1};
    return session_podcast(&podcast);
}

static void test_podcast(void)
{
    g_autoptr(StoreSession) row = calendar_session("أزمة <b> & \"رد\"\x01\ufffe ‎١٢");
    row->live_us = CALENDAR_START_US + 5 * BASE_US_PER_S;
    g_autofree char *text = podcast_of(row, false);
    static const char *const parts[] = {
        "<title>أزمة &lt;b&gt; &amp; &quot;رد&quot; ‎١٢</title>\n",
        "<language>ar</language>",
        // by Python's uuid5()
        "<podcast:guid>69343b72-8518-52d9-82a8-87d8681d2919</podcast:guid>",
        "<guid isPermaLink=\"false\">abc@majlis</guid>",
        "<pubDate>Tue, 01 Dec 2026 07:00:05 +0000</pubDate>",
        "<enclosure url=\"https://m.ae/feeds/recordings/abc/audio.m4a\" length=\"100\" "
        "type=\"audio/mp4\"/>",
        "<podcast:alternateEnclosure length=\"2000\" type=\"video/mp4\"><podcast:source "
        "uri=\"https://m.ae/feeds/recordings/abc/recording.mp4\"/>",
        "<itunes:duration>62</itunes:duration>",
        "<itunes:image href=\"https://m.ae/feeds/recordings/abc/poster.jpg\"/>",
        "<podcast:chapters url=\"https://m.ae/feeds/recordings/abc/chapters.json?lang=ar\" "
        "type=\"application/json+chapters\"/>",
        "<link>https://m.ae/ar/recordings/abc</link>",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_test_message("%s", parts[i]);
        g_assert_nonnull(strstr(text, parts[i]));
    }
    g_assert_null(strstr(text, "block>"));
    g_autofree char *own = podcast_of(row, true);
    g_assert_nonnull(strstr(own, "<itunes:block>Yes</itunes:block>"));
}

/* Titles in two languages: the description has both. */
static void test_podcast_languages(void)
{
    g_autoptr(StoreSession) row = calendar_session("عربي");
    g_free(row->title_en);
    row->title_en = g_strdup("English");
    g_autofree char *text = podcast_of(row, false);
    g_assert_nonnull(strstr(text, "<title>عربي</title>"));
    g_assert_nonnull(
        strstr(text, "&lt;br/&gt;\n&lt;br/&gt;\nEnglish&lt;br/&gt;\nS; the first - expert"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/calendar-feed", test_calendar_feed);
    g_test_add_func("/session/podcast", test_podcast);
    g_test_add_func("/session/podcast-languages", test_podcast_languages);
    return g_test_run();
}
