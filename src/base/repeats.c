// SPDX-License-Identifier: GPL-3.0-or-later
// Repeats within a window, by key.
#include "base/repeats.h"

typedef struct {
    int64_t since_us;
    unsigned count;
    void *newest; // nullable
} Window;

struct BaseRepeats {
    GHashTable *windows; // of Window, by key
    GDestroyNotify drop;
};

BaseRepeats *base_repeats_new(GDestroyNotify drop)
{
    BaseRepeats *repeats = g_new(BaseRepeats, 1);
    repeats->windows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    repeats->drop = drop;
    return repeats;
}

static void drop_newest(BaseRepeats *repeats, Window *window)
{
    if (window->newest != NULL) {
        repeats->drop(window->newest);
    }
    window->newest = NULL;
}

void base_repeats_free(BaseRepeats *repeats)
{
    if (repeats == NULL) {
        return;
    }
    GHashTableIter iter;
    void *window;
    g_hash_table_iter_init(&iter, repeats->windows);
    while (g_hash_table_iter_next(&iter, NULL, &window)) {
        drop_newest(repeats, window);
    }
    g_hash_table_unref(repeats->windows);
    g_free(repeats);
}

bool base_repeats_show(BaseRepeats *repeats, const char *key, void *item, int64_t now_us)
{
    Window *window = g_hash_table_lookup(repeats->windows, key);
    if (window == NULL) {
        if (g_hash_table_size(repeats->windows) < BASE_REPEATS_KEYS) {
            window = g_new0(Window, 1);
            window->since_us = now_us;
            window->count = 1;
            g_hash_table_insert(repeats->windows, g_strdup(key), window);
        }
        return true;
    }
    if (++window->count <= BASE_REPEATS_SHOWN) {
        return true;
    }
    drop_newest(repeats, window);
    window->newest = item;
    return false;
}

void base_repeats_over(BaseRepeats *repeats, int64_t now_us,
                       void (*sum)(void *item, unsigned count, void *data), void *data)
{
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, repeats->windows);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Window *window = value;
        if (now_us - window->since_us < BASE_REPEATS_WINDOW_US) {
            continue;
        }
        if (window->newest != NULL) {
            sum(window->newest, window->count - BASE_REPEATS_SHOWN, data);
        }
        g_hash_table_iter_remove(&iter);
    }
}
