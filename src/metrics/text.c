// SPDX-License-Identifier: GPL-3.0-or-later
// Writes metrics as text (OpenMetrics 1.0; Prometheus text format 0.0.4).
#include "metrics/text.h"

#include <math.h>
#include <string.h>

#define TOTAL "_total"
#define US_PER_S 1e6

struct MetricsText {
    GString *text;
    bool open;
    const MetricsFamily *family;
    GHashTable *begun; // names
};

MetricsText *metrics_text_new(bool openmetrics)
{
    MetricsText *text = g_new0(MetricsText, 1);
    text->text = g_string_sized_new(32 * 1024);
    text->open = openmetrics;
    text->begun = g_hash_table_new(g_str_hash, g_str_equal);
    return text;
}

GBytes *metrics_text_end(MetricsText *text)
{
    if (text->open) {
        g_string_append(text->text, "# EOF\n");
    }
    GBytes *bytes = g_string_free_to_bytes(text->text);
    g_hash_table_unref(text->begun);
    g_free(text);
    return bytes;
}

/* Backslash and line feed, in values of labels quotes too. */
static void append_escaped(GString *out, const char *text, bool quotes)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            g_string_append(out, "\\n");
        } else {
            if (*at == '\\' || (quotes && *at == '"')) {
                g_string_append_c(out, '\\');
            }
            g_string_append_c(out, *at);
        }
    }
}

static void append_number(GString *out, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    if (isnan(value) || isinf(value)) {
        g_string_append(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    } else {
        g_string_append(out, g_ascii_formatd(digits, sizeof digits, "%.15g", value));
    }
}

static const char *unit_of(const char *name)
{
    static const char *const units[] = {"seconds", "bytes"};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (g_str_has_suffix(name, units[i])) {
            return units[i];
        }
    }
    return NULL;
}

void metrics_family(MetricsText *text, const MetricsFamily *family)
{
    static const char *const types[] = {[METRICS_GAUGE] = "gauge",
                                        [METRICS_COUNTER] = "counter",
                                        [METRICS_HISTOGRAM] = "histogram"};
    bool fresh = g_hash_table_add(text->begun, (char *)family->name);
    g_assert(fresh);
    g_assert((family->type == METRICS_COUNTER) == g_str_has_suffix(family->name, TOTAL));
    size_t length = strlen(family->name);
    if (text->open && family->type == METRICS_COUNTER) {
        length -= strlen(TOTAL); // the sample has it, the family not
    }
    g_autofree char *name = g_strndup(family->name, length);
    text->family = family;
    g_string_append_printf(text->text, "# HELP %s ", name);
    append_escaped(text->text, family->help, text->open);
    g_string_append_printf(text->text, "\n# TYPE %s %s\n", name, types[family->type]);
    const char *unit = text->open ? unit_of(name) : NULL;
    if (unit != NULL) {
        g_string_append_printf(text->text, "# UNIT %s %s\n", name, unit);
    }
}

void metrics_sample(MetricsText *text, double value, ...)
{
    GString *out = text->text;
    bool labels = false;
    va_list args;
    g_string_append(out, text->family->name);
    va_start(args, value);
    for (const char *label; (label = va_arg(args, const char *)) != NULL; labels = true) {
        g_string_append_printf(out, "%c%s=\"", labels ? ',' : '{', label);
        append_escaped(out, va_arg(args, const char *), true);
        g_string_append_c(out, '"');
    }
    va_end(args);
    g_string_append(out, labels ? "} " : " ");
    append_number(out, value);
    g_string_append_c(out, '\n');
}

void metrics_single(MetricsText *text, const MetricsFamily *family, double value)
{
    metrics_family(text, family);
    metrics_sample(text, value, NULL);
}

void metrics_histogram(MetricsText *text, const BaseHistogramValues *values)
{
    const char *name = text->family->name;
    GString *out = text->text;
    uint64_t count = 0;
    for (unsigned i = 0; i < BASE_HISTOGRAM_BOUNDS; i++) {
        count += values->counts[i];
        g_string_append_printf(out, "%s_bucket{le=\"", name);
        append_number(out, (double)base_histogram_bounds_us[i] / US_PER_S);
        // OpenMetrics wants bounds as floats
        bool whole = text->open && base_histogram_bounds_us[i] % (int64_t)US_PER_S == 0;
        g_string_append_printf(out, "%s\"} %" G_GUINT64_FORMAT "\n", whole ? ".0" : "", count);
    }
    count += values->counts[BASE_HISTOGRAM_BOUNDS];
    g_string_append_printf(out, "%s_bucket{le=\"+Inf\"} %" G_GUINT64_FORMAT "\n%s_sum ", name,
                           count, name);
    append_number(out, (double)values->sum_us / US_PER_S);
    g_string_append_printf(out, "\n%s_count %" G_GUINT64_FORMAT "\n", name, count);
}

bool metrics_wants_open(const char *accept)
{
    return accept != NULL && strstr(accept, "application/openmetrics-text") != NULL;
}

const char *metrics_content_type(bool openmetrics)
{
    return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                       : "text/plain; version=0.0.4; charset=utf-8";
}
