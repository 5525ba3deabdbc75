// SPDX-License-Identifier: GPL-3.0-or-later
// The text of metrics, histograms, request heads of the listener, what /proc tells.
#include "metrics/listener.h"
#include "metrics/machine.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static const MetricsFamily gauge = {"majlis_things", METRICS_GAUGE, "Things\\ in a\nroom."};
static const MetricsFamily counter = {"majlis_sent_bytes_total", METRICS_COUNTER, "Sent."};
static const MetricsFamily histogram = {"majlis_wait_seconds", METRICS_HISTOGRAM, "Waits."};
static const MetricsFamily empty = {"majlis_absent_seconds", METRICS_GAUGE, "None now."};

static BaseHistogram waits;

static void collect(void *data, MetricsText *out)
{
    (void)data;
    BaseHistogramValues values = {0};
    metrics_family(out, &gauge);
    metrics_sample(out, 0.1, "kind", "a \"quoted\\ \n word", "other", "b", NULL);
    metrics_sample(out, -2, "kind", "c", "other", "d", NULL);
    metrics_single(out, &counter, 1e15 - 1);
    metrics_family(out, &empty);
    base_histogram_read(&waits, &values);
    metrics_family(out, &histogram);
    metrics_histogram(out, &values);
}

static char *text_of(bool openmetrics)
{
    g_autoptr(Metrics) metrics = metrics_new();
    metrics_add(metrics, collect, NULL);
    g_autoptr(GBytes) bytes = metrics_text(metrics, openmetrics);
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    return g_strndup(text, size);
}

static void test_text(void)
{
    g_autofree char *text = text_of(false);
    static const char begin[] =
        "# HELP majlis_things Things\\\\ in a\\nroom.\n"
        "# TYPE majlis_things gauge\n"
        "majlis_things{kind=\"a \\\"quoted\\\\ \\n word\",other=\"b\"} 0.1\n"
        "majlis_things{kind=\"c\",other=\"d\"} -2\n"
        "# HELP majlis_sent_bytes_total Sent.\n"
        "# TYPE majlis_sent_bytes_total counter\n"
        "majlis_sent_bytes_total 999999999999999\n"
        "# HELP majlis_absent_seconds None now.\n"
        "# TYPE majlis_absent_seconds gauge\n"
        "# HELP majlis_wait_seconds Waits.\n";
    g_assert_cmpstr(text, !=, NULL);
    g_autofree char *head = g_strndup(text, strlen(begin));
    g_assert_cmpstr(head, ==, begin);
    g_assert_null(strstr(text, "# EOF"));
    g_assert_null(strstr(text, "# UNIT"));
}

static void test_open(void)
{
    g_autofree char *text = text_of(true);
    g_assert_nonnull(strstr(text, "# TYPE majlis_sent_bytes counter\n"
                                  "# UNIT majlis_sent_bytes bytes\n"
                                  "majlis_sent_bytes_total 999999999999999\n"));
    g_assert_nonnull(strstr(text, "# UNIT majlis_wait_seconds seconds\n"));
    g_assert_nonnull(strstr(text, "{le=\"1.0\"}"));
    g_assert_true(g_str_has_suffix(text, "\n# EOF\n"));
}

#define OBSERVERS 4
#define EACH 10000

static void *observe(void *data)
{
    for (int i = 0; i < EACH; i++) {
        base_histogram_observe(data, 2000);
    }
    return NULL;
}

static void test_histogram(void)
{
    static BaseHistogram own;
    BaseHistogramValues values = {0};
    base_histogram_observe(&own, -5);       // as 0
    base_histogram_observe(&own, 1000);     // a bound belongs to its bucket
    base_histogram_observe(&own, 10000001); // above all
    base_histogram_read(&own, &values);
    g_assert_cmpuint(values.counts[0], ==, 2);
    g_assert_cmpuint(values.counts[BASE_HISTOGRAM_BOUNDS], ==, 1);
    g_assert_cmpuint(values.sum_us, ==, 10001001);
    base_histogram_read(&own, &values); // adds
    g_assert_cmpuint(values.counts[0], ==, 4);

    pthread_t threads[OBSERVERS];
    for (int i = 0; i < OBSERVERS; i++) {
        g_assert_cmpint(pthread_create(&threads[i], NULL, observe, &waits), ==, 0);
    }
    for (int i = 0; i < OBSERVERS; i++) {
        pthread_join(threads[i], NULL);
    }
    g_autofree char *text = text_of(false);
    g_assert_nonnull(strstr(text, "majlis_wait_seconds_bucket{le=\"0.001\"} 0\n"
                                  "majlis_wait_seconds_bucket{le=\"0.005\"} 40000\n"));
    g_assert_nonnull(strstr(text, "majlis_wait_seconds_bucket{le=\"+Inf\"} 40000\n"
                                  "majlis_wait_seconds_sum 80\n"
                                  "majlis_wait_seconds_count 40000\n"));
}

static void test_heads(void)
{
    static const struct {
        const char *head;
        MetricsAsk ask;
        bool open;
    } heads[] = {
        {"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", METRICS_ASK_TEXT, false},
        {"GET /metrics?a=b HTTP/1.0\r\n\r\n", METRICS_ASK_TEXT, false},
        {"GET /metrics HTTP/1.1\r\naccept: text/plain, application/OpenMetrics-text\r\n\r\n",
         METRICS_ASK_TEXT, true},
        {"GET /metrics HTTP/1.1\r\nX-Accept: application/openmetrics-text\r\n\r\n",
         METRICS_ASK_TEXT, false},
        {"POST /metrics HTTP/1.1\r\n\r\n", METRICS_ASK_METHOD, false},
        {"GET /metrics/ HTTP/1.1\r\n\r\n", METRICS_ASK_NOT_FOUND, false},
        {"GET / HTTP/1.1\r\n\r\n", METRICS_ASK_NOT_FOUND, false},
        {"GET  /metrics HTTP/1.1\r\n\r\n", METRICS_ASK_BAD, false},
        {"GET /metrics\r\n\r\n", METRICS_ASK_BAD, false},
        {"\x16\x03\x01\r\n\r\n", METRICS_ASK_BAD, false},
        {"\r\n\r\n", METRICS_ASK_BAD, false},
        {"GET /metrics HTTP/1.1\r\nHost: a\r\n", METRICS_ASK_MORE, false},
        {"", METRICS_ASK_MORE, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        bool open = false;
        g_test_message("%s", heads[i].head);
        g_assert_cmpint(metrics_read_head(heads[i].head, strlen(heads[i].head), &open), ==,
                        heads[i].ask);
        g_assert_cmpint(open, ==, heads[i].open);
    }
    static const char zero[] = "GET /metrics\0 HTTP/1.1\r\n\r\n";
    static const char endless[METRICS_HEAD_BYTES] = "GET /metrics HTTP/1.1\r\nA: ";
    bool open;
    g_assert_cmpint(metrics_read_head(zero, sizeof zero - 1, &open), ==, METRICS_ASK_BAD);
    g_assert_cmpint(metrics_read_head(endless, sizeof endless, &open), ==, METRICS_ASK_BAD);
}

static void test_machine(void)
{
    MetricsMachine machine;
    for (volatile unsigned i = 0; i < 100000000; i++) { // some hundredths of a second
    }
    metrics_machine_read(&machine);
    double now_s = (double)g_get_real_time() / G_USEC_PER_SEC;
    g_assert_cmpfloat(machine.cpu_s, >, 0);
    g_assert_cmpfloat(metrics_machine_cpu_s(getpid()), >=, machine.cpu_s);
    g_assert_cmpfloat(metrics_machine_cpu_s(0), ==, 0); // no such process
    g_assert_cmpfloat(machine.start_wall_s, >, now_s - 3600);
    g_assert_cmpfloat(machine.start_wall_s, <, now_s + 1);
    g_assert_cmpuint(machine.resident_bytes, >, 100000);
    g_assert_cmpuint(machine.virtual_bytes, >=, machine.resident_bytes);
    g_assert_cmpuint(machine.descriptors, >=, 3);
    g_assert_cmpuint(machine.max_descriptors, >=, machine.descriptors);
    g_assert_cmpfloat(machine.all_s, >=, machine.busy_s);
    g_assert_cmpfloat(machine.busy_s, >, 0);
    g_assert_cmpuint(machine.memory_bytes, >=, machine.available_bytes);
    g_assert_cmpuint(machine.cores, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/text", test_text);
    g_test_add_func("/metrics/open", test_open);
    g_test_add_func("/metrics/histogram", test_histogram);
    g_test_add_func("/metrics/heads", test_heads);
    g_test_add_func("/metrics/machine", test_machine);
    return g_test_run();
}
