// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of request paths, delivery directives, the grid and marks.
#include "hls/request.h"
#include "hls/segment.h"

#include <errno.h>

static void test_paths(void)
{
    HlsRequest request;
    g_assert_cmpint(hls_request_parse("main.m3u8", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_MAIN);
    g_assert_cmpint(hls_request_parse("v720p.m3u8", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_LIST);
    g_assert_cmpstr(request.key, ==, "v720p");
    g_assert_cmpint(hls_request_parse("event.m3u8", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_EVENT_MAIN);
    g_assert_cmpint(hls_request_parse("aar.event.m3u8", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_EVENT);
    g_assert_cmpstr(request.key, ==, "aar");
    g_assert_cmpint(hls_request_parse("12/aar-x_1/init.mp4", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_INIT);
    g_assert_cmpstr(request.key, ==, "aar-x_1");
    g_assert_cmpuint(request.run, ==, 12);
    g_assert_cmpint(hls_request_parse("1/v720p/1800.m4s", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_SEGMENT);
    g_assert_cmpuint(request.sequence, ==, 1800);
    g_assert_cmpint(hls_request_parse("1/v720p/0.3.m4s", &request), ==, 0);
    g_assert_cmpint(request.type, ==, HLS_REQUEST_PART);
    g_assert_cmpuint(request.sequence, ==, 0);
    g_assert_cmpuint(request.part, ==, 3);
}

static const char *const hostile_paths[] = {
    "",
    "/",
    ".",
    "..",
    "/main.m3u8",
    "main.m3u8/",
    "main.m3u8%00",
    "MAIN.M3U8",
    "../main.m3u8",
    "%2e%2e/main.m3u8",
    "..m3u8",
    "v.m3u8",
    "x720p.m3u8",
    "v720p.m3u8.m3u8",
    "v720p.event",
    "v720p.event.event.m3u8",
    ".event.m3u8",
    "v720p.main.m3u8",
    "main.event.m3u8",
    "EVENT.m3u8",
    "t-abc/main.m3u8",
    "v7/0p.m3u8",
    "vabcdefghijklmnop.m3u8",
    "v720p",
    "1",
    "1/",
    "1/v720p",
    "1/v720p/",
    "1//0.m4s",
    "1/../0.m4s",
    "1/v..%2f/0.m4s",
    "1/v720p/../init.mp4",
    "1/v720p/init.mp4/",
    "1/v720p/init.mp4\n",
    "1/v720p/.m4s",
    "1/v720p/0..m4s",
    "1/v720p/0.0.0.m4s",
    "1/v720p/0.m4s.",
    "1/v720p/-1.m4s",
    "1/v720p/+1.m4s",
    "1/v720p/ 1.m4s",
    "1/v720p/0x1.m4s",
    "1/v720p/01.m4s",
    "01/v720p/1.m4s",
    "1/v720p/1.01.m4s",
    "1/v720p/18446744073709551616.m4s",
    "1/v720p/99999999999999999999999999999999.m4s",
    "1/v720p/1.4294967296.m4s",
    "4294967296/v720p/1.m4s",
    "1/v720p/1.mp4",
    "1/v720p/1.m4s/x",
    "1/V720p/1.m4s",
};

static void test_hostile_paths(void)
{
    HlsRequest request = {.run = 77};
    for (size_t i = 0; i < G_N_ELEMENTS(hostile_paths); i++) {
        if (hls_request_parse(hostile_paths[i], &request) != -ENOENT) {
            g_error("taken: %s", hostile_paths[i]);
        }
        g_assert_cmpuint(request.run, ==, 77); // untouched
    }
    g_autoptr(GString) text = g_string_new("1/v720p/");
    for (unsigned i = 0; i < 100000; i++) {
        g_string_append_c(text, '1');
    }
    g_string_append(text, ".m4s");
    g_assert_cmpint(hls_request_parse(text->str, &request), ==, -ENOENT);
}

static void test_directives(void)
{
    HlsDirectives wanted;
    g_assert_cmpint(hls_directives_parse(NULL, &wanted), ==, 0);
    g_assert_false(wanted.has_msn || wanted.has_part || wanted.skip);
    g_assert_cmpint(hls_directives_parse("a=b&_HLS_msn=17&_HLS_part=0&_HLS_skip=v2", &wanted), ==,
                    0);
    g_assert_true(wanted.has_msn && wanted.has_part && wanted.skip);
    g_assert_cmpuint(wanted.msn, ==, 17);
    g_assert_cmpuint(wanted.part, ==, 0);
    g_assert_cmpint(hls_directives_parse("_HLS_skip=maybe&_HLS_other=1", &wanted), ==, 0);
    g_assert_false(wanted.skip);
    static const char *const bad[] = {
        "_HLS_part=1",
        "_HLS_msn=",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=1&_HLS_part=",
        "_HLS_msn=1.5",
        "_HLS_msn=%31",
        "_HLS_msn=1&_HLS_msn=2",
        "_HLS_msn=99999999999999999999999",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        if (hls_directives_parse(bad[i], &wanted) != -EINVAL) {
            g_error("taken: %s", bad[i]);
        }
    }
}

static const HlsConfig config = {.part_ms = 500,
                                 .segment_ms = 2000,
                                 .window_s = 20,
                                 .first_sequence = 10,
                                 .first_public = 5,
                                 .discontinuities = 2};

static void test_grid(void)
{
    HlsCutter cutter;
    hls_cutter_init(&cutter, &config);
    hls_cutter_run(&cutter, 1, 900000, true);
    g_assert_cmpint(hls_cutter_part_end(&cutter, 900000), ==, 1000000);
    g_assert_cmpint(hls_cutter_part_end(&cutter, 1000000), ==, 1500000);
    const HlsSegmentSpan *span = hls_cutter_span(&cutter, 950000);
    g_assert_cmpuint(span->number, ==, 10); // goes on from what was used before
    g_assert_cmpuint(span->public_number, ==, 5);
    g_assert_true(span->breaks[HLS_PUBLIC]); // and does not follow on it
    g_assert_cmpuint(span->breaks_before[HLS_PUBLIC], ==, 2);
    g_assert_cmpint(span->start_us, ==, 900000);
    g_assert_cmpint(span->end_us, ==, 2000000);
    span = hls_cutter_span(&cutter, 6100000); // one track is ahead: no number is left out
    g_assert_cmpuint(span->number, ==, 13);
    g_assert_false(span->breaks[HLS_PUBLIC]);
    span = hls_cutter_span(&cutter, 2000000); // another comes behind
    g_assert_cmpuint(span->number, ==, 11);
    g_assert_null(hls_cutter_span(&cutter, 800000));      // from before the run
    span = hls_cutter_span(&cutter, INT64_C(3600000000)); // a jump costs one number, not 1800
    g_assert_cmpuint(span->number, ==, 14);
    g_assert_cmpint(span->start_us, ==, INT64_C(3600000000));
    g_assert_true(span->breaks[HLS_PUBLIC]);
    g_assert_null(hls_cutter_span(&cutter, 60000000));
    hls_cutter_finish(&cutter);
}

static void test_marks(void)
{
    HlsCutter cutter;
    hls_cutter_init(&cutter, &config);
    hls_cutter_run(&cutter, 1, 0, false);
    g_assert_false(hls_cutter_span(&cutter, 0)->open);
    g_assert_cmpint(hls_cutter_mark(&cutter, MEDIA_MARK_OPEN, 1966667), ==, 1966667);
    g_assert_cmpint(hls_cutter_part_end(&cutter, 1700000), ==, 1966667);
    g_assert_cmpint(hls_cutter_part_end(&cutter, 1966667), ==, 2000000);
    g_assert_cmpint(hls_cutter_span(&cutter, 1900000)->end_us, ==, 1966667);
    const HlsSegmentSpan *span = hls_cutter_span(&cutter, 1970000);
    g_assert_true(span->open);
    g_assert_cmpuint(span->number, ==, 11);
    g_assert_cmpuint(span->public_number, ==, 5);
    g_assert_cmpint(span->end_us, ==, 2000000);
    // Two marks may be known before either is reached.
    hls_cutter_mark(&cutter, MEDIA_MARK_CLOSE, 2500000);
    hls_cutter_mark(&cutter, MEDIA_MARK_OPEN, 3000000);
    span = hls_cutter_span(&cutter, 2000000);
    g_assert_true(span->open && !span->breaks[HLS_PUBLIC]);
    g_assert_false(hls_cutter_span(&cutter, 2700000)->open);
    span = hls_cutter_span(&cutter, 3100000);
    g_assert_true(span->open && span->breaks[HLS_PUBLIC]);
    g_assert_false(span->breaks[HLS_PRIVILEGED]);
    g_assert_cmpuint(span->public_number, ==, 7);
    // A mark that comes too late takes effect from what is not decided yet.
    g_assert_cmpint(hls_cutter_mark(&cutter, MEDIA_MARK_CLOSE, 1000000), ==, 3100001);
    g_assert_cmpint(hls_cutter_mark(&cutter, MEDIA_MARK_END, 3500000), ==, 3500000);
    g_assert_nonnull(hls_cutter_span(&cutter, 3499999));
    g_assert_null(hls_cutter_span(&cutter, 3500000));
    hls_cutter_run(&cutter, 2, 8000000, true);
    span = hls_cutter_span(&cutter, 8000000);
    g_assert_true(span->breaks[HLS_PRIVILEGED] && span->breaks[HLS_PUBLIC]);
    g_assert_cmpuint(span->run, ==, 2);
    hls_cutter_finish(&cutter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hls/paths", test_paths);
    g_test_add_func("/hls/hostile-paths", test_hostile_paths);
    g_test_add_func("/hls/directives", test_directives);
    g_test_add_func("/hls/grid", test_grid);
    g_test_add_func("/hls/marks", test_marks);
    return g_test_run();
}
