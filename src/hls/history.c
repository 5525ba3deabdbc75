// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps EVENT playlist lines of segments that left memory.
#include "hls/history.h"

#include <string.h>

struct HlsHistory {
    char key[MEDIA_TRACK_KEY_BYTES];
    int64_t epoch_wall_us;
    GString *text;
    size_t head_size;
    HlsGzip *gzip;
    HlsGzipLead gzip_lead;
    unsigned count;
    uint32_t map_run;
    uint64_t next_public;
    GArray *kept;
    HlsPages *shared; // current, or NULL
};

/* --- Earlier runs ----------------------------------------------------------------------------- */

static bool same_segment(const MediaSegment *a, const MediaSegment *b)
{
    return a->run == b->run && a->sequence == b->sequence;
}

static unsigned segment_end(const HlsConfig *config, unsigned i)
{
    unsigned end = i + 1;
    while (end < config->past_count && same_segment(&config->past[end], &config->past[i])) {
        end++;
    }
    return end;
}

static unsigned past_segments(const HlsConfig *config)
{
    unsigned count = 0;
    for (unsigned i = 0; i < config->past_count; i = segment_end(config, i)) {
        count++;
    }
    return count;
}

int64_t hls_past_longest_us(const HlsConfig *config)
{
    int64_t longest_us = 0;
    for (unsigned i = 0; i < config->past_count; i++) {
        longest_us = MAX(longest_us, config->past[i].end_us - config->past[i].start_us);
    }
    return longest_us;
}

bool hls_past_has(const HlsConfig *config, int64_t us)
{
    unsigned low = 0, high = config->past_count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (config->past[middle].end_us > us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < config->past_count && config->past[low].start_us <= us;
}

static HlsEntry entry_of_past(const HlsConfig *config, unsigned from, unsigned to, const char *key)
{
    const MediaSegment *found = NULL;
    for (unsigned i = from; i < to && found == NULL; i++) {
        found = strcmp(config->past[i].key, key) == 0 ? &config->past[i] : NULL;
    }
    const MediaSegment *past = found != NULL ? found : &config->past[from];
    return (HlsEntry){.run = past->run,
                      .number = past->sequence,
                      .start_us = past->start_us,
                      .end_us = past->end_us,
                      .bytes = past->bytes,
                      .gap = found == NULL || past->gap,
                      .discontinuity = past->discontinuity};
}

static void add_past(HlsHistory *history, const HlsConfig *config)
{
    for (unsigned i = 0; i < config->past_count;) {
        unsigned end = segment_end(config, i);
        HlsEntry entry = entry_of_past(config, i, end, history->key);
        hls_history_add(history, &entry);
        i = end;
    }
}

/* --- Growing ---------------------------------------------------------------------------------- */

HlsHistory *hls_history_new(const char *key, const HlsConfig *config)
{
    HlsHistory *history = g_new0(HlsHistory, 1);
    g_strlcpy(history->key, key, sizeof history->key);
    history->epoch_wall_us = config->epoch_wall_us;
    history->text = g_string_new(NULL);
    history->gzip = hls_gzip_new();
    history->gzip_lead.bytes = g_byte_array_new();
    hls_gzip_begin(history->gzip, &history->gzip_lead);
    history->kept = g_array_new(FALSE, FALSE, sizeof(HlsKept));
    history->next_public = config->first_public - past_segments(config);
    add_past(history, config);
    return history;
}

void hls_history_free(HlsHistory *history)
{
    g_clear_pointer(&history->shared, hls_pages_unref);
    g_string_free(history->text, TRUE);
    hls_gzip_free(history->gzip);
    g_byte_array_unref(history->gzip_lead.bytes);
    g_array_unref(history->kept);
    g_free(history);
}

uint64_t hls_history_first(const HlsHistory *history)
{
    return history->next_public - history->count;
}

uint64_t hls_history_next(const HlsHistory *history)
{
    return history->next_public;
}

bool hls_history_empty(const HlsHistory *history)
{
    return history->count == 0;
}

void hls_history_add(HlsHistory *history, const HlsEntry *entry)
{
    size_t before = history->text->len;
    hls_playlist_add_entry(history->text, history->key, history->epoch_wall_us, entry,
                           &history->map_run);
    hls_gzip_add(history->gzip, &history->gzip_lead, history->text->str + before,
                 history->text->len - before);
    if (!entry->gap) {
        HlsKept kept = {.number = entry->number, .bytes = entry->bytes, .run = entry->run};
        g_array_append_val(history->kept, kept);
    }
    history->count++;
    history->next_public++;
    g_clear_pointer(&history->shared, hls_pages_unref);
}

static void set_head(HlsHistory *history, const char *head)
{
    size_t size = strlen(head);
    if (size == history->head_size && memcmp(history->text->str, head, size) == 0) {
        return;
    }
    g_string_erase(history->text, 0, (gssize)history->head_size);
    g_string_prepend(history->text, head);
    history->head_size = size;
    hls_gzip_begin(history->gzip, &history->gzip_lead);
    hls_gzip_add(history->gzip, &history->gzip_lead, history->text->str, history->text->len);
    g_clear_pointer(&history->shared, hls_pages_unref);
}

/* --- Sharing ---------------------------------------------------------------------------------- */

static HlsPages *pages_ref(HlsPages *pages)
{
    base_refs_inc(&pages->refs);
    return pages;
}

HlsPages *hls_history_share(HlsHistory *history, const char *head)
{
    set_head(history, head);
    if (history->shared != NULL) {
        return pages_ref(history->shared);
    }
    HlsPages *pages = g_new0(HlsPages, 1);
    base_refs_init(&pages->refs);
    pages->text = g_bytes_new(history->text->str, history->text->len);
    pages->gzip_lead = history->gzip_lead;
    pages->gzip_lead.bytes = NULL; // still growing
    pages->gzip = g_bytes_new(history->gzip_lead.bytes->data, history->gzip_lead.bytes->len);
    pages->count = history->count;
    pages->map_run = history->map_run;
    pages->next_public = history->next_public;
    pages->kept = g_array_sized_new(FALSE, FALSE, sizeof(HlsKept), history->kept->len);
    g_array_append_vals(pages->kept, history->kept->data, history->kept->len);
    history->shared = pages;
    return pages_ref(pages);
}

void hls_pages_unref(HlsPages *pages)
{
    if (!base_refs_dec(&pages->refs)) {
        return;
    }
    g_bytes_unref(pages->text);
    g_bytes_unref(pages->gzip);
    g_array_unref(pages->kept);
    g_free(pages);
}

/* Numbers and runs rise from line to line. */
static unsigned first_from(const HlsPages *pages, uint32_t run, uint64_t number)
{
    unsigned low = 0, high = pages->kept->len;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        const HlsKept *kept = &g_array_index(pages->kept, HlsKept, middle);
        if (kept->run < run || (kept->run == run && kept->number < number)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const HlsKept *hls_pages_find(const HlsPages *pages, uint32_t run, uint64_t number)
{
    unsigned at = first_from(pages, run, number);
    const HlsKept *kept = at < pages->kept->len ? &g_array_index(pages->kept, HlsKept, at) : NULL;
    return kept != NULL && kept->run == run && kept->number == number ? kept : NULL;
}

bool hls_pages_has_run(const HlsPages *pages, uint32_t run)
{
    unsigned at = first_from(pages, run, 0);
    return at < pages->kept->len && g_array_index(pages->kept, HlsKept, at).run == run;
}
