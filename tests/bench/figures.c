// SPDX-License-Identifier: GPL-3.0-or-later
// Collects and prints the figures of a load program.
#include "figures.h"

#include <stdio.h>

GArray *figures_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(float));
}

void figures_add_us(GArray *values, int64_t us)
{
    float ms = (float)us / 1000;
    g_array_append_val(values, ms);
}

static int compare_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double quantile(const GArray *sorted, double share)
{
    guint at = sorted->len > 0 ? (guint)(share * (sorted->len - 1) + 0.5) : 0;
    return sorted->len > 0 ? g_array_index(sorted, float, at) : 0;
}

void figures_print(const char *name, GArray *values)
{
    g_array_sort(values, compare_float);
    printf(",\"%s\":{\"n\":%u,\"p50\":%.1f,\"p95\":%.1f,\"p99\":%.1f,\"max\":%.1f}", name,
           values->len, quantile(values, 0.5), quantile(values, 0.95), quantile(values, 0.99),
           quantile(values, 1));
}

void figures_print_count(const char *name, uint64_t count)
{
    printf(",\"%s\":%" G_GUINT64_FORMAT, name, count);
}

GHashTable *errors_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void errors_add(GHashTable *errors, const char *what, unsigned count)
{
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(errors, what));
    g_hash_table_replace(errors, g_strdup(what), GUINT_TO_POINTER(before + count));
}

void errors_print(GHashTable *errors)
{
    GHashTableIter iter;
    gpointer what, count;
    const char *comma = "";
    printf(",\"errors\":{");
    g_hash_table_iter_init(&iter, errors);
    while (g_hash_table_iter_next(&iter, &what, &count)) {
        printf("%s\"%s\":%u", comma, (char *)what, GPOINTER_TO_UINT(count));
        comma = ",";
    }
    printf("}");
}

static void close_gap(Gap *gap, int64_t at_us)
{
    int64_t late_us = gap->due_us > 0 ? at_us - gap->due_us : 0;
    gap->longest_us = MAX(gap->longest_us, late_us);
    gap->over += late_us > FIGURES_GAP_US;
}

void gap_take(Gap *gap, int64_t at_us, int64_t next_due_us)
{
    close_gap(gap, at_us);
    gap->due_us = next_due_us;
}

void gap_begin(Gap *gap)
{
    gap->longest_us = 0;
    gap->over = 0;
}

void gap_end(Gap *gap, int64_t at_us)
{
    close_gap(gap, at_us);
    gap->due_us = at_us;
}
