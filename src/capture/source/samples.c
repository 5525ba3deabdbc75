// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the last seconds of sound.
#include "capture/source/samples.h"

#include "capture/grid.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define SAMPLE_BYTES (CAPTURE_CHANNELS * sizeof(int16_t))
#define JOIN_SAMPLES (CAPTURE_RATE / 1000)
#define FADE_SAMPLES (CAPTURE_RATE / 500)

void capture_samples_init(CaptureSamples *samples, int64_t capacity)
{
    *samples = (CaptureSamples){.capacity = capacity};
    samples->data = g_malloc0((size_t)capacity * SAMPLE_BYTES);
}

void capture_samples_finish(CaptureSamples *samples)
{
    g_clear_pointer(&samples->data, g_free);
}

static int16_t *slot(const CaptureSamples *samples, int64_t at)
{
    return samples->data + (at % samples->capacity) * CAPTURE_CHANNELS;
}

/* Samples from `at` to the buffer's wrap, at most `count`. */
static int64_t run_length(const CaptureSamples *samples, int64_t at, int64_t count)
{
    return MIN(count, samples->capacity - at % samples->capacity);
}

/* NULL: silence. */
static void append(CaptureSamples *samples, const int16_t *from, int64_t count)
{
    while (count > 0) {
        int64_t now = run_length(samples, samples->end, count);
        if (from != NULL) {
            memcpy(slot(samples, samples->end), from, (size_t)now * SAMPLE_BYTES);
            from += now * CAPTURE_CHANNELS;
        } else {
            memset(slot(samples, samples->end), 0, (size_t)now * SAMPLE_BYTES);
        }
        samples->end += now;
        count -= now;
    }
    samples->start = MAX(samples->start, samples->end - samples->capacity);
}

static void fade_out(CaptureSamples *samples)
{
    int64_t length = MIN(FADE_SAMPLES, samples->end - samples->start);
    for (int64_t i = 0; i < length * CAPTURE_CHANNELS; i++) {
        int16_t *sample =
            slot(samples, samples->end - 1 - i / CAPTURE_CHANNELS) + i % CAPTURE_CHANNELS;
        *sample = (int16_t)(*sample * (i / CAPTURE_CHANNELS) / length);
    }
}

static void fade_in(CaptureSamples *samples, int64_t from)
{
    int64_t length = MIN(FADE_SAMPLES, samples->end - from);
    for (int64_t i = 0; i < length * CAPTURE_CHANNELS; i++) {
        int16_t *sample = slot(samples, from + i / CAPTURE_CHANNELS) + i % CAPTURE_CHANNELS;
        *sample = (int16_t)(*sample * (i / CAPTURE_CHANNELS) / length);
    }
}

/* Fades the last samples into `from`, of the same time. */
static void cross_fade(CaptureSamples *samples, const int16_t *from, int64_t length)
{
    for (int64_t i = 0; i < length * CAPTURE_CHANNELS; i++) {
        int64_t part = i / CAPTURE_CHANNELS;
        int16_t *sample = slot(samples, samples->end - length + part) + i % CAPTURE_CHANNELS;
        *sample = (int16_t)((*sample * (length - part) + from[i] * part) / length);
    }
}

void capture_samples_write(CaptureSamples *samples, int64_t at, const int16_t *from, int64_t count)
{
    if (at < 0 || count <= 0) {
        return;
    }
    if (ABS(at - samples->end) <= JOIN_SAMPLES) {
        at = samples->end;
    }
    bool torn = at > samples->end;
    if (samples->start == samples->end || at - samples->end >= samples->capacity) {
        samples->start = samples->end = at;
    } else if (torn) {
        fade_out(samples);
        append(samples, NULL, at - samples->end);
    }
    int64_t old = samples->end - at;
    if (old >= count) {
        return;
    }
    int64_t both = MIN(MIN(old, FADE_SAMPLES), samples->end - samples->start);
    cross_fade(samples, from + (old - both) * CAPTURE_CHANNELS, both);
    append(samples, from + old * CAPTURE_CHANNELS, count - old);
    if (torn) {
        fade_in(samples, at);
    }
}

void capture_samples_read(const CaptureSamples *samples, int64_t at, int16_t *out, int64_t count)
{
    memset(out, 0, (size_t)count * SAMPLE_BYTES);
    int64_t from = MAX(at, samples->start), to = MIN(at + count, samples->end);
    while (from < to) {
        int64_t now = run_length(samples, from, to - from);
        memcpy(out + (from - at) * CAPTURE_CHANNELS, slot(samples, from),
               (size_t)now * SAMPLE_BYTES);
        from += now;
    }
}
