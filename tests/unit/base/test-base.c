// SPDX-License-Identifier: GPL-3.0-or-later
// Clocks, JSON, errors, identifiers, ring, loop and rate limits.
#include "base/bytes.h"
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/rate.h"
#include "base/ring.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

static void test_time(void)
{
    int64_t us = 0;
    g_assert_cmpint(base_time_parse("2026-11-23T13:00:00.250+04:00", &us), ==, 0);
    g_autofree char *text = base_time_format(us);
    g_assert_cmpstr(text, ==, "2026-11-23T09:00:00.250Z");
    g_assert_cmpint(base_time_parse("yesterday", &us), ==, -EINVAL);
}

static void test_descriptors(void)
{
    g_assert_cmpuint(base_descriptors_budget(64), ==, 32);
    g_assert_cmpuint(base_descriptors_budget(256), ==, 128);
    g_assert_cmpuint(base_descriptors_budget(1024), ==, 896);
    g_assert_cmpuint(base_descriptors_budget(65536), ==, 57344);
    g_assert_cmpuint(base_descriptors_budget(~0UL), >, 1000000);
    unsigned budget = base_descriptors_start();
    g_assert_false(base_descriptors_take(budget + 1));
    g_assert_true(base_descriptors_take(budget));
    g_assert_false(base_descriptors_take(1));
    base_descriptors_give(budget);
    g_assert_true(base_descriptors_take(1));
    base_descriptors_give(1);
}

static void test_bytes(void)
{
    const uint8_t data[] = {1, 2, 3, 4, 5};
    BaseReader reader = base_reader(data, sizeof data);
    g_assert_cmpuint(base_read_u32(&reader), ==, 0x01020304);
    g_assert_cmpuint(base_read_u16(&reader), ==, 0);
    g_assert_true(reader.failed);
    g_assert_null(base_read_bytes(&reader, 1)); // stays failed
}

static void test_json(void)
{
    const char *bad[] = {"{\"a\":1,\"a\":2}", "[[[[[[[[[]]]]]]]]]", "{", "[]", "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(base_json_parse_object(bad[i], strlen(bad[i]), &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    }
    const char *deep = "{\"brackets in a string\":\"[[[[[[[[[[[[\"}";
    g_autoptr(json_t) json = base_json_parse_object(deep, strlen(deep), NULL);
    g_assert_nonnull(json);
}

static void test_refusal(void)
{
    g_autoptr(GError) error = NULL;
    json_t *params = json_pack("{s:i}", "max", 200);
    g_assert_false(base_refuse(&error, BASE_CODE_TOO_LONG, "title.ar", params, "%s", "too long"));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_prefix_error(&error, "A title: ");
    g_autoptr(GError) copy = g_error_copy(error);
    g_clear_error(&error);
    g_assert_cmpstr(copy->message, ==, "A title: too long");
    g_autoptr(json_t) json = json_object();
    base_error_describe(copy, json);
    g_autofree char *text = base_json_text(json);
    g_assert_cmpstr(text, ==,
                    "{\"code\":\"too-long\",\"params\":{\"max\":200},\"field\":\"title.ar\"}");
}

/* Each kind has a general code, used for errors without one. */
static void test_general_codes(void)
{
    for (int kind = BASE_ERROR_FAILED; kind <= BASE_ERROR_UPGRADE; kind++) {
        g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, kind, "why");
        g_assert_cmpint(base_error_code(error), ==, BASE_CODE_FAILED + kind);
        g_assert_cmpint(base_code_kind(base_error_code(error)), ==, kind);
        g_assert_null(base_error_field(error));
        g_assert_null(base_error_params(error));
    }
    g_autoptr(GError) other = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_IO, "why");
    g_assert_cmpint(base_error_code(other), ==, BASE_CODE_FAILED);
}

static void test_code_texts(void)
{
    for (BaseCode code = BASE_CODE_NONE + 1; code < BASE_CODE_COUNT; code++) {
        g_assert_cmpint(base_code_find(base_code_text(code)), ==, code); // texts are unique
    }
    g_assert_cmpint(base_code_find("no such code"), ==, BASE_CODE_NONE);
    g_assert_cmpint(base_code_find(NULL), ==, BASE_CODE_NONE);
}

static void test_id(void)
{
    g_autofree char *one = base_id_new(BASE_ID_SECRET_LENGTH);
    g_autofree char *two = base_id_new(BASE_ID_SECRET_LENGTH);
    g_assert_cmpstr(one, !=, two);
    g_assert_true(base_id_valid(one, BASE_ID_SECRET_LENGTH));
    g_assert_false(base_id_valid(one, BASE_ID_SECRET_LENGTH - 1));
    g_assert_false(base_id_valid("../etc", 20));
    g_assert_false(base_id_valid("", 20));
}

#define RING_ITEMS 100000

static void *push_numbers(void *data)
{
    for (uintptr_t i = 1; i <= RING_ITEMS;) {
        i += base_ring_push(data, (void *)i, 0);
    }
    return NULL;
}

static void test_ring(void)
{
    g_autoptr(BaseRing) ring = base_ring_new(8, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, push_numbers, ring);
    for (uintptr_t expected = 1; expected <= RING_ITEMS;) {
        void *item = base_ring_pop(ring);
        if (item != NULL) {
            g_assert_cmpuint((uintptr_t)item, ==, expected++);
        }
    }
    pthread_join(thread, NULL);
    int pushed = 0;
    while (base_ring_push(ring, &pushed, 2)) {
        pushed++;
    }
    g_assert_cmpint(pushed, ==, 6); // two of eight places are reserved
    g_assert_true(base_ring_push(ring, &pushed, 0));
}

static void on_number(void *data)
{
    GArray *numbers = data;
    guint next = numbers->len;
    g_array_append_val(numbers, next);
}

static void test_loop(void)
{
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    BaseLoop *loop = base_loop_new("test");
    for (int i = 0; i < 100; i++) {
        base_post(base_loop_context(loop), on_number, numbers);
    }
    base_loop_call(loop, on_number, numbers);
    g_assert_cmpuint(numbers->len, ==, 101);
    base_post(base_loop_context(loop), on_number, numbers);
    base_loop_free(loop); // earlier posts still run
    g_assert_cmpuint(numbers->len, ==, 102);
}

static void test_room(void)
{
    struct rlimit before;
    g_autoptr(GError) error = NULL;
    g_assert_true(base_has_room(4, 35, &error));
    g_assert_no_error(error);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    struct rlimit few = {.rlim_cur = 24, .rlim_max = before.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
    bool room = base_has_room(4, 35, &error);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    g_assert_false(room);
    g_assert_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    g_assert_true(base_has_room(4, 35, NULL)); // all were closed
}

static void test_rates(void)
{
    g_autoptr(BaseRates) rates = base_rates_new();
    const BaseRate rate = {.every_us = 10, .burst = 3};
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(base_rates_wait(rates, "a", rate, 100), ==, 0);
    }
    g_assert_cmpint(base_rates_wait(rates, "a", rate, 100), ==, 10);
    g_assert_cmpint(base_rates_wait(rates, "a", rate, 109), ==, 1);
    g_assert_cmpint(base_rates_wait(rates, "b", rate, 109), ==, 0); // per key
    g_assert_cmpint(base_rates_wait(rates, "a", rate, 110), ==, 0);
    g_assert_cmpint(base_rates_wait(rates, "a", rate, 110), ==, 10); // refusals are free
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(base_rates_wait(rates, "a", rate, 1000), ==, 0);
    }
    // endless keys evict only keys with a full burst
    const BaseRate slow = {.every_us = 10000000, .burst = 1};
    g_assert_cmpint(base_rates_wait(rates, "busy", slow, 2000), ==, 0);
    for (int i = 0; i < 10 * BASE_RATES_MAX; i++) {
        g_autofree char *key = g_strdup_printf("k%d", i);
        g_assert_cmpint(base_rates_wait(rates, key, rate, 2000 + i), ==, 0);
    }
    g_assert_cmpint(base_rates_wait(rates, "busy", slow, 300000), >, 0);
    g_assert_cmpuint(base_rates_keys(rates), <, 100); // not one of each that ever came
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/time", test_time);
    g_test_add_func("/base/bytes", test_bytes);
    g_test_add_func("/base/descriptors", test_descriptors);
    g_test_add_func("/base/json", test_json);
    g_test_add_func("/base/refusal", test_refusal);
    g_test_add_func("/base/general-codes", test_general_codes);
    g_test_add_func("/base/code-texts", test_code_texts);
    g_test_add_func("/base/id", test_id);
    g_test_add_func("/base/ring", test_ring);
    g_test_add_func("/base/loop", test_loop);
    g_test_add_func("/base/room", test_room);
    g_test_add_func("/base/rates", test_rates);
    return g_test_run();
}
