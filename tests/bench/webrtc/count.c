// SPDX-License-Identifier: GPL-3.0-or-later
// Counts packets, losses, recoveries and key frames of one received stream.
#include "load.h"

#include <string.h>

#define NACK_AFTER_US 10000 // what is only out of order comes by then
#define NACK_AGAIN_US 60000
#define NACK_TRIES 8

static bool seen(const Source *source, uint32_t number)
{
    return source->seen[number % WINDOW / 8] >> (number % 8) & 1;
}

static void set_seen(Source *source, uint32_t number, bool on)
{
    uint8_t bit = (uint8_t)(1u << (number % 8)), *at = &source->seen[number % WINDOW / 8];
    *at = (uint8_t)(on ? *at | bit : *at & ~bit);
}

static void add_missing(Source *source, uint32_t number, int64_t at_us)
{
    if (source->n_missing < MISSING_MAX) {
        source->missing[source->n_missing++] =
            (Missing){.sequence = (uint16_t)number, .next_us = at_us + NACK_AFTER_US};
    }
}

static void drop_missing(Source *source, uint16_t sequence)
{
    for (unsigned i = 0; i < source->n_missing; i++) {
        if (source->missing[i].sequence == sequence) {
            memmove(&source->missing[i], &source->missing[i + 1],
                    (--source->n_missing - i) * sizeof source->missing[0]);
            return;
        }
    }
}

/* A step forward, with a hole before it or none. */
static void advance(Source *source, uint32_t number, int64_t at_us)
{
    uint32_t hole = number - source->highest - 1;
    for (uint32_t i = hole < WINDOW ? source->highest + 1 : number - WINDOW + 1; i != number; i++) {
        set_seen(source, i, false);
        add_missing(source, i, at_us);
    }
    source->highest = number;
    set_seen(source, number, true);
    source->unique++;
}

static bool take_number(Source *source, uint16_t sequence, int64_t at_us)
{
    if (!source->begun) {
        source->begun = true;
        source->first = source->highest = 0x10000u + sequence;
        set_seen(source, source->highest, true);
        source->unique = 1;
        return true;
    }
    int16_t ahead = (int16_t)(uint16_t)(sequence - (uint16_t)source->highest);
    uint32_t number = source->highest + (uint32_t)(int32_t)ahead;
    if (ahead > 0) {
        advance(source, number, at_us);
        return true;
    }
    if (ahead <= -WINDOW || number < source->first || seen(source, number)) {
        source->duplicate++;
        return false;
    }
    set_seen(source, number, true);
    source->unique++;
    source->late++;
    drop_missing(source, sequence);
    return true;
}

/* RFC 3550 A.8 */
static void take_jitter(Source *source, uint32_t time, unsigned clock, int64_t at_us)
{
    uint32_t transit = (uint32_t)(at_us * clock / 1000000) - time;
    if (source->packets > 0) {
        double step = (double)(int32_t)(transit - source->transit);
        source->jitter += ((step < 0 ? -step : step) - source->jitter) / 16;
    }
    source->transit = transit;
}

bool count_take(Source *source, const uint8_t *header, size_t size, unsigned clock, int64_t at_us)
{
    source->ssrc = base_get_u32(header + 8);
    gap_take(&source->gap, at_us, at_us);
    take_jitter(source, base_get_u32(header + 4), clock, at_us);
    source->packets++;
    source->bytes += size;
    return take_number(source, base_get_u16(header + 2), at_us);
}

void count_recovered(Source *source, uint16_t sequence)
{
    if (source->begun && (int16_t)(uint16_t)(sequence - (uint16_t)source->highest) <= 0) {
        take_number(source, sequence, source->gap.due_us);
    }
}

uint64_t count_expected(const Source *source)
{
    return source->begun ? source->highest - source->first + 1 : 0;
}

unsigned count_wanted(Source *source, int64_t at_us, uint16_t out[MISSING_MAX])
{
    unsigned n = 0, kept = 0;
    for (unsigned i = 0; i < source->n_missing; i++) {
        Missing *one = &source->missing[i];
        if (at_us >= one->next_us) {
            if (one->tries == NACK_TRIES) {
                continue;
            }
            one->tries++;
            one->next_us = at_us + NACK_AGAIN_US;
            out[n++] = one->sequence;
        }
        source->missing[kept++] = *one;
    }
    source->n_missing = kept;
    return n;
}

ReportBlock count_report(Source *source, int64_t at_us)
{
    uint64_t expected = count_expected(source);
    int64_t due = (int64_t)(expected - source->expected_before);
    int64_t lost = due - (int64_t)(source->unique - source->unique_before);
    int64_t all = (int64_t)(expected - source->unique);
    source->expected_before = expected;
    source->unique_before = source->unique;
    return (ReportBlock){
        .ssrc = source->ssrc,
        .fraction = due > 0 && lost > 0 ? (uint8_t)MIN(lost * 256 / due, 255) : 0,
        .lost = (uint32_t)CLAMP(all, 0, 0x7fffff),
        .highest = source->highest,
        .jitter = (uint32_t)source->jitter,
        .last_sr = source->sr_middle,
        .delay = source->sr_us > 0 ? (uint32_t)((at_us - source->sr_us) * 65536 / 1000000) : 0,
    };
}

/* Key frames */

static void note_nal(KeyFrame *frame, uint8_t type)
{
    frame->idr = frame->idr || type == 5;
    frame->sps = frame->sps || type == 7;
    frame->pps = frame->pps || type == 8;
}

/* RFC 6184: single NAL units, STAP-A, and the first fragment of an FU-A. */
static void note_payload(KeyFrame *frame, const uint8_t *payload, size_t size)
{
    uint8_t type = payload[0] & 0x1f;
    if (type == 24) {
        for (size_t at = 1; at + 3 <= size; at += 2u + base_get_u16(payload + at)) {
            note_nal(frame, payload[at + 2] & 0x1f);
        }
    } else if (type == 28 && size > 1) {
        note_nal(frame, payload[1] & 0x80 ? payload[1] & 0x1f : 0);
    } else {
        note_nal(frame, type);
    }
}

static bool starts(const uint8_t *payload, size_t size)
{
    uint8_t type = payload[0] & 0x1f;
    return type == 7 || (type == 24 && size > 3 && (payload[3] & 0x1f) == 7);
}

static bool is_whole(const KeyFrame *frame)
{
    for (uint16_t place = frame->first; place != (uint16_t)(frame->last + 1); place++) {
        uint16_t bit = (uint16_t)(place - frame->base);
        if (bit >= 8 * sizeof frame->got || !(frame->got[bit / 8] >> (bit % 8) & 1)) {
            return false;
        }
    }
    return true;
}

bool keyframe_take(KeyFrame *frame, uint16_t sequence, uint32_t time, bool marker,
                   const uint8_t *payload, size_t size)
{
    if (size == 0) {
        return false;
    }
    bool start = starts(payload, size);
    if (!frame->open || frame->time != time) {
        // a key frame that is begun is waited for until the next begins
        if (!start && frame->open && (frame->sps || frame->idr)) {
            return false;
        }
        *frame = (KeyFrame){.open = true, .time = time, .base = (uint16_t)(sequence - 256)};
    }
    uint16_t bit = (uint16_t)(sequence - frame->base);
    if (bit < 8 * sizeof frame->got) {
        frame->got[bit / 8] |= (uint8_t)(1u << (bit % 8));
    }
    note_payload(frame, payload, size);
    if (start) {
        frame->first = sequence;
    }
    if (marker) {
        frame->ended = true;
        frame->last = sequence;
    }
    return frame->sps && frame->pps && frame->idr && frame->ended && is_whole(frame);
}
