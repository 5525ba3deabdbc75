// SPDX-License-Identifier: GPL-3.0-or-later
// Who is let in where the server is full: limits one by one, by a clock of the test's own.
#include "http/limits/admission.h"

#define SECOND G_USEC_PER_SEC
#define FREE (UINT64_C(1) << 30)

static int64_t now_us = 1000 * SECOND;

static bool take(HttpAdmission *admission, const char *person)
{
    return http_admission_take(admission, HTTP_WATCHES, "s1", person, false, now_us);
}

static bool take_recording(HttpAdmission *admission, const char *person)
{
    return http_admission_take(admission, HTTP_READS, "s1", person, false, now_us);
}

static void measure(HttpAdmission *admission, unsigned percent, uint64_t memory, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        now_us += SECOND;
        http_admission_measured(admission, percent, memory, now_us);
    }
}

static HttpRoom room_of(HttpAdmission *admission)
{
    HttpAdmissionStats stats;
    http_admission_stats(admission, &stats);
    return stats.room;
}

static void test_viewers(void)
{
    g_autoptr(HttpAdmission) admission = http_admission_new(&(HttpLimits){.max_viewers = 2});
    g_assert_true(take(admission, "a"));
    g_assert_true(take(admission, "b"));
    g_assert_false(take(admission, "c"));
    g_assert_true(take(admission, "a")); // watches: another part
    g_assert_false(http_admission_take(admission, HTTP_WATCHES, "s2", "a", false,
                                       now_us)); // of another session
    g_assert_true(http_admission_take(admission, HTTP_WATCHES, "s1", "staff", true, now_us));
    g_assert_false(take(admission, "c")); // staff took no place, and gave none
    HttpAdmissionStats stats;
    http_admission_stats(admission, &stats);
    g_assert_cmpint(stats.room, ==, HTTP_FULL_VIEWERS);
    g_assert_cmpuint(stats.viewers, ==, 2);
    g_assert_cmpuint(stats.refused, ==, 3);
}

/* A viewer who left gives the place after 10 s, and has it again within a minute, even if it is
 * taken meanwhile: the line broke, or WebRTC fell back to HLS. */
static void test_leaving(void)
{
    g_autoptr(HttpAdmission) admission = http_admission_new(&(HttpLimits){.max_viewers = 1});
    g_assert_true(take(admission, "a"));
    for (int i = 0; i < 30; i++) { // over WebRTC, seen each second
        measure(admission, 0, FREE, 1);
        http_admission_keep(admission, HTTP_WATCHES, "s1", "a", now_us);
    }
    g_assert_false(take(admission, "b"));
    measure(admission, 0, FREE, HTTP_WATCHES_US / SECOND + 1);
    g_assert_true(take(admission, "b"));
    g_assert_true(take(admission, "a"));
    measure(admission, 0, FREE, HTTP_KNOWN_US / SECOND + 1);
    g_assert_true(take(admission, "c"));
    g_assert_false(take(admission, "a"));
    http_admission_keep(admission, HTTP_WATCHES, "s1", "nobody", now_us); // keeping lets nobody in
    g_assert_false(take(admission, "nobody"));
}

/* Three looks over the limit, five well below it. */
static void test_load(void)
{
    g_autoptr(HttpAdmission) admission = http_admission_new(&(HttpLimits){.max_load = 90});
    g_assert_true(take(admission, "a"));
    measure(admission, 95, FREE, 2);
    g_assert_true(take(admission, "b"));
    measure(admission, 95, FREE, 1);
    g_assert_false(take(admission, "c"));
    g_assert_cmpint(room_of(admission), ==, HTTP_FULL_LOAD);
    g_assert_true(take(admission, "a")); // who watches goes on
    measure(admission, 85, FREE, 20);
    g_assert_false(take(admission, "c"));
    measure(admission, 50, FREE, 4);
    g_assert_false(take(admission, "c"));
    measure(admission, 50, FREE, 1);
    g_assert_true(take(admission, "c"));
}

static void test_memory(void)
{
    g_autoptr(HttpAdmission) admission = http_admission_new(&(HttpLimits){.min_memory = FREE});
    measure(admission, 100, FREE - 1, 3);
    g_assert_false(take(admission, "a"));
    g_assert_cmpint(room_of(admission), ==, HTTP_FULL_MEMORY);
    measure(admission, 100, 2 * FREE, 5);
    g_assert_true(take(admission, "a"));
}

/* A reader of a recording takes no viewer's place and needs none, but is refused under load; one
 * that is sent a file goes on, however long that takes. */
static void test_recordings(void)
{
    g_autoptr(HttpAdmission) admission =
        http_admission_new(&(HttpLimits){.max_viewers = 1, .max_load = 90});
    HttpAdmissionStats stats;
    g_assert_true(take_recording(admission, "a"));
    g_assert_true(take(admission, "b"));
    g_assert_false(take(admission, "c"));
    g_assert_true(take_recording(admission, "c"));
    http_admission_stats(admission, &stats);
    g_assert_cmpuint(stats.viewers, ==, 1);
    measure(admission, 95, FREE, 3);
    for (int i = 0; i < 2 * HTTP_KNOWN_US / SECOND; i++) {
        measure(admission, 95, FREE, 1);
        http_admission_keep(admission, HTTP_READS, "s1", "a", now_us);
    }
    g_assert_true(take_recording(admission, "a")); // the next range
    g_assert_false(take_recording(admission, "c"));
    g_assert_false(take(admission, "a")); // reads, does not watch
    g_assert_true(http_admission_take(admission, HTTP_READS, "s1", "staff", true, now_us));
    measure(admission, 10, FREE, 5);
    g_assert_true(take_recording(admission, "c"));
}

/* Without limits nothing is refused. */
static void test_none(void)
{
    g_autoptr(HttpAdmission) admission = http_admission_new(&(HttpLimits){0});
    measure(admission, 100, 0, 10);
    for (int i = 0; i < 100; i++) {
        g_autofree char *person = g_strdup_printf("%d", i);
        g_assert_true(take(admission, person));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/admission/viewers", test_viewers);
    g_test_add_func("/http/admission/leaving", test_leaving);
    g_test_add_func("/http/admission/load", test_load);
    g_test_add_func("/http/admission/memory", test_memory);
    g_test_add_func("/http/admission/recordings", test_recordings);
    g_test_add_func("/http/admission/none", test_none);
    return g_test_run();
}
