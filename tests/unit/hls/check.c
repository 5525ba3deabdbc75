// SPDX-License-Identifier: GPL-3.0-or-later
// A strict reader of media playlists that asserts the rules of RFC 8216bis.
#include "check.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

#define EPSILON 0.00002

bool check_lossy, check_lost;

static void free_segment(void *data)
{
    CheckSegment *segment = data;
    for (unsigned i = 0; i < segment->part_count; i++) {
        g_free(segment->parts[i].uri);
    }
    g_free(segment->uri);
    g_free(segment->map);
    g_free(segment);
}

void check_list_free(CheckList *list)
{
    g_free(list->hint);
    g_ptr_array_unref(list->markers);
    g_ptr_array_unref(list->reports);
    g_ptr_array_unref(list->segments);
    g_free(list);
}

const CheckSegment *check_segment(const CheckList *list, unsigned i)
{
    g_assert_cmpuint(i, <, list->segments->len);
    return list->segments->pdata[i];
}

/* --- Reading ------------------------------------------------------------------------------------
 */

typedef struct {
    char **at; // the next line
} Lines;

/* The rest of the next line if it starts with `prefix`, and goes on to the one after. */
static const char *take(Lines *lines, const char *prefix)
{
    if (*lines->at == NULL || !g_str_has_prefix(*lines->at, prefix)) {
        return NULL;
    }
    return *lines->at++ + strlen(prefix);
}

static const char *need(Lines *lines, const char *prefix)
{
    const char *rest = take(lines, prefix);
    if (rest == NULL) {
        g_error("expected %s, found %s", prefix, *lines->at);
    }
    return rest;
}

static uint64_t whole(const char *text)
{
    char *end = NULL;
    g_assert_true(g_ascii_isdigit(text[0]));
    uint64_t value = g_ascii_strtoull(text, &end, 10);
    g_assert_cmpstr(end, ==, "");
    return value;
}

static double decimal(const char *text, char **end)
{
    g_assert_true(g_ascii_isdigit(text[0])); // decimal-floating-point has no sign
    return g_ascii_strtod(text, end);
}

static char *quoted(const char *text)
{
    const char *end = strchr(text, '"');
    g_assert_nonnull(end);
    return g_strndup(text, (gsize)(end - text));
}

static void read_head(Lines *lines, CheckList *list)
{
    g_assert_cmpstr(need(lines, "#EXTM3U"), ==, "");
    g_assert_cmpuint(whole(need(lines, "#EXT-X-VERSION:")), ==, 9);
    list->target = (unsigned)whole(need(lines, "#EXT-X-TARGETDURATION:"));
    char *end = NULL;
    list->hold_back =
        decimal(need(lines, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK="), &end);
    g_assert_true(g_str_has_prefix(end, ",CAN-SKIP-UNTIL="));
    list->skip_until = (unsigned)whole(end + strlen(",CAN-SKIP-UNTIL="));
    list->part_target = decimal(need(lines, "#EXT-X-PART-INF:PART-TARGET="), &end);
    g_assert_cmpstr(end, ==, "");
    list->msn = whole(need(lines, "#EXT-X-MEDIA-SEQUENCE:"));
    list->discontinuity_sequence = whole(need(lines, "#EXT-X-DISCONTINUITY-SEQUENCE:"));
    list->event = take(lines, "#EXT-X-PLAYLIST-TYPE:EVENT") != NULL;
    const char *skipped = take(lines, "#EXT-X-SKIP:SKIPPED-SEGMENTS=");
    list->skipped = skipped != NULL ? (unsigned)whole(skipped) : 0;
    g_assert_true(skipped == NULL || list->skipped > 0);
}

static void read_part(CheckSegment *segment, const char *text)
{
    char *end = NULL;
    g_assert_cmpuint(segment->part_count, <, CHECK_MAX_PARTS);
    CheckPart *part = &segment->parts[segment->part_count++];
    part->duration = decimal(text, &end);
    g_assert_true(g_str_has_prefix(end, ",URI=\""));
    part->uri = quoted(end + strlen(",URI=\""));
    end += strlen(",URI=\"") + strlen(part->uri) + 1;
    part->independent = strcmp(end, ",INDEPENDENT=YES") == 0;
    g_assert_true(part->independent || *end == '\0');
}

static bool read_segment(Lines *lines, CheckList *list, char **map)
{
    const char *rest;
    const char *line = *lines->at != NULL ? *lines->at : "";
    if (!g_str_has_prefix(line, "#EXT-X-DISCONTINUITY") && !g_str_has_prefix(line, "#EXT-X-MAP:") &&
        !g_str_has_prefix(line, "#EXT-X-PROGRAM-DATE-TIME:")) {
        return false;
    }
    CheckSegment *segment = g_new0(CheckSegment, 1);
    g_ptr_array_add(list->segments, segment);
    segment->discontinuity = take(lines, "#EXT-X-DISCONTINUITY") != NULL;
    if ((rest = take(lines, "#EXT-X-MAP:URI=\"")) != NULL) {
        g_free(*map);
        *map = quoted(rest);
        g_assert_cmpstr(rest + strlen(*map), ==, "\"");
    }
    segment->map = g_strdup(*map);
    g_assert_cmpint(base_time_parse(need(lines, "#EXT-X-PROGRAM-DATE-TIME:"), &segment->date_us),
                    ==, 0);
    while ((rest = take(lines, "#EXT-X-PART:DURATION=")) != NULL) {
        read_part(segment, rest);
    }
    segment->gap = take(lines, "#EXT-X-GAP") != NULL;
    if ((rest = take(lines, "#EXTINF:")) != NULL) {
        char *end = NULL;
        segment->duration = decimal(rest, &end);
        g_assert_cmpstr(end, ==, ",");
        if ((rest = take(lines, "#EXT-X-BYTERANGE:")) != NULL) {
            segment->bytes = g_ascii_strtoull(rest, &end, 10);
            g_assert_cmpstr(end, ==, "@0");
            g_assert_cmpuint(segment->bytes, >, 0);
        }
        segment->uri = g_strdup(need(lines, ""));
        g_assert_true(segment->uri[0] != '#');
    } else {
        g_assert_cmpuint(segment->part_count, >, 0);
    }
    return true;
}

static void read_tail(Lines *lines, CheckList *list)
{
    const char *rest;
    while ((rest = take(lines, "#EXT-X-DATERANGE:")) != NULL) {
        g_ptr_array_add(list->markers, g_strdup(rest));
    }
    list->ended = take(lines, "#EXT-X-ENDLIST") != NULL;
    if ((rest = take(lines, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"")) != NULL) {
        list->hint = quoted(rest);
    }
    while ((rest = take(lines, "#EXT-X-RENDITION-REPORT:")) != NULL) {
        g_ptr_array_add(list->reports, g_strdup(rest));
    }
    g_assert_cmpstr(*lines->at++, ==, ""); // the text ends in a newline
    g_assert_null(*lines->at);
}

/* --- Rules of one text --------------------------------------------------------------------------
 */

static double length(const CheckSegment *segment)
{
    double parts = 0;
    for (unsigned i = 0; i < segment->part_count; i++) {
        parts += segment->parts[i].duration;
    }
    return segment->uri != NULL ? segment->duration : parts;
}

static void check_head(const CheckList *list)
{
    g_assert_cmpfloat(list->hold_back, >=, 3 * list->part_target - EPSILON); // 4.4.3.8
    g_assert_cmpuint(list->skip_until, >=, 6 * list->target);
    g_assert_cmpfloat(list->part_target, <=, list->target);
}

/* 4.4.4.9: at most the target; at least 85 % of it but for three cases. */
static void check_parts(const CheckList *list, const CheckSegment *segment)
{
    double sum = 0;
    for (unsigned i = 0; i < segment->part_count; i++) {
        const CheckPart *part = &segment->parts[i];
        bool last = segment->uri != NULL && i == segment->part_count - 1;
        g_assert_cmpfloat(part->duration, >, 0);
        g_assert_cmpfloat(part->duration, <=, list->part_target + EPSILON);
        if (!part->independent && !last) {
            g_assert_cmpfloat(part->duration, >=, 0.85 * list->part_target);
        }
        g_autofree char *ending = g_strdup_printf(".%u.m4s", i);
        g_assert_true(g_str_has_suffix(part->uri, ending));
        gsize stem = strlen(part->uri) - strlen(ending);
        g_assert_cmpint(strncmp(part->uri, segment->parts[0].uri, stem + 1), ==, 0);
        if (segment->uri != NULL) {
            g_assert_cmpint(strncmp(part->uri, segment->uri, stem + 1), ==, 0);
        }
        sum += part->duration;
    }
    if (segment->uri != NULL && segment->part_count > 0) {
        g_assert_cmpfloat(fabs(sum - segment->duration), <, 0.001);
    }
}

static void check_map(const CheckList *list, const CheckSegment *segment)
{
    if (segment->gap || (list->skipped > 0 && segment->map == NULL)) {
        return;
    }
    g_assert_nonnull(segment->map);
    const char *uri = segment->uri != NULL ? segment->uri : segment->parts[0].uri;
    gsize folder = (gsize)(strrchr(uri, '/') - uri);
    g_assert_cmpint(strncmp(segment->map, uri, folder + 1), ==, 0);
    g_assert_cmpstr(segment->map + folder, ==, "/init.mp4");
}

static void check_segments(const CheckList *list)
{
    double end = 0, at = 0;
    for (unsigned i = 0; i < list->segments->len; i++) {
        end += length(check_segment(list, i));
    }
    for (unsigned i = 0; i < list->segments->len; i++) {
        const CheckSegment *segment = check_segment(list, i);
        bool last = i == list->segments->len - 1;
        g_assert_true(segment->uri != NULL || last);
        g_assert_cmpfloat(floor(segment->duration + 0.5), <=, list->target); // 4.4.3.1
        g_assert_true(segment->uri == NULL || segment->duration > 0);
        check_parts(list, segment);
        check_map(list, segment);
        // 6.2.2: parts within three target durations of the end only, and there surely.
        bool recent = end - at <= 3 * list->target + 0.1;
        g_assert_true(recent || segment->part_count == 0);
        // (An EVENT playlist's newest may be of an earlier run.)
        g_assert_true(list->event || end - at > 2 * list->target || segment->gap ||
                      segment->part_count > 0);
        at += length(segment);
        if (!last && !check_segment(list, i + 1)->discontinuity) {
            int64_t next_us = segment->date_us + (int64_t)(length(segment) * 1e6);
            const CheckSegment *next = check_segment(list, i + 1);
            int64_t allowed_us = segment->gap || next->gap ? 25000 : 1500; // dates have ms
            g_assert_cmpint(next->date_us, >=, next_us - allowed_us);
            g_assert_true(check_lossy || next->date_us <= next_us + allowed_us);
        }
    }
}

static void check_tail(const CheckList *list)
{
    const CheckSegment *last = check_segment(list, list->segments->len - 1);
    if (list->ended) {
        g_assert_null(list->hint);
        g_assert_nonnull(last->uri);
    }
    if (list->event) {
        g_assert_cmpuint(list->discontinuity_sequence, ==, 0);
    }
    if (list->hint != NULL && last->uri == NULL) {
        g_autofree char *ending = g_strdup_printf(".%u.m4s", last->part_count);
        g_assert_true(g_str_has_suffix(list->hint, ending));
    }
}

CheckList *check_list_new(const char *text)
{
    CheckList *list = g_new0(CheckList, 1);
    list->segments = g_ptr_array_new_with_free_func(free_segment);
    list->markers = g_ptr_array_new_with_free_func(g_free);
    list->reports = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) split = g_strsplit(text, "\n", 0);
    g_autofree char *map = NULL;
    Lines lines = {.at = split};
    read_head(&lines, list);
    while (read_segment(&lines, list, &map)) {
    }
    read_tail(&lines, list);
    g_assert_cmpuint(list->segments->len, >, 0);
    check_head(list);
    check_segments(list);
    check_tail(list);
    return list;
}

/* --- Rules between texts ------------------------------------------------------------------------
 */

static uint64_t breaks_up_to(const CheckList *list, unsigned i)
{
    uint64_t breaks = list->discontinuity_sequence;
    for (unsigned j = 0; j <= i; j++) {
        breaks += check_segment(list, j)->discontinuity;
    }
    return breaks;
}

static void check_same(const CheckSegment *before, const CheckSegment *after)
{
    g_assert_cmpint(before->date_us, ==, after->date_us);
    g_assert_cmpint(before->discontinuity, ==, after->discontinuity);
    g_assert_true(before->gap == after->gap || (check_lost && after->gap));
    if (before->uri != NULL) {
        g_assert_cmpstr(before->uri, ==, after->uri);
        g_assert_cmpfloat(before->duration, ==, after->duration);
    } else {
        bool old = after->uri != NULL && after->part_count == 0; // a hole put it far back
        g_assert_true(old || after->part_count >= before->part_count);
    }
    if (before->map != NULL && after->map != NULL) {
        g_assert_cmpstr(before->map, ==, after->map);
    }
    for (unsigned i = 0; i < MIN(before->part_count, after->part_count); i++) {
        g_assert_cmpstr(before->parts[i].uri, ==, after->parts[i].uri);
        g_assert_cmpfloat(before->parts[i].duration, ==, after->parts[i].duration);
    }
}

void check_succession(const CheckList *before, const CheckList *after)
{
    g_assert_cmpuint(before->target, ==, after->target); // 4.4.3.1: must not change
    g_assert_cmpfloat(before->part_target, ==, after->part_target);
    g_assert_cmpuint(after->msn, >=, before->msn);
    g_assert_cmpuint(after->msn + after->segments->len, >=, before->msn + before->segments->len);
    g_assert_true(after->ended || !before->ended);
    if (after->event) { // 6.2.1: nothing leaves it
        g_assert_true(before->event);
        g_assert_cmpuint(after->msn, ==, before->msn);
    }
    for (unsigned i = 0; i < before->segments->len; i++) {
        uint64_t msn = before->msn + i;
        if (msn >= after->msn) {
            unsigned j = (unsigned)(msn - after->msn);
            check_same(check_segment(before, i), check_segment(after, j));
            g_assert_cmpuint(breaks_up_to(before, i), ==, breaks_up_to(after, j));
        }
    }
}

void check_delta(const CheckList *before, const CheckList *delta, const CheckList *full)
{
    g_assert_cmpuint(delta->skipped, >, 0);
    g_assert_cmpuint(delta->msn, ==, full->msn);
    g_assert_cmpuint(delta->skipped + delta->segments->len, ==, full->segments->len);
    g_assert_cmpstr(delta->hint, ==, full->hint);
    g_assert_cmpint(delta->event, ==, full->event);
    g_assert_cmpuint(delta->markers->len, ==, full->markers->len);
    for (guint i = 0; i < full->markers->len; i++) { // CAN-SKIP-DATERANGES is not offered
        g_assert_cmpstr(delta->markers->pdata[i], ==, full->markers->pdata[i]);
    }
    g_assert_cmpuint(delta->discontinuity_sequence, ==, full->discontinuity_sequence);
    for (unsigned i = 0; i < full->segments->len; i++) {
        if (i >= delta->skipped) {
            check_same(check_segment(delta, i - delta->skipped), check_segment(full, i));
            continue;
        }
        uint64_t msn = full->msn + i; // what is skipped, the client has, whole
        g_assert_cmpuint(msn, >=, before->msn);
        const CheckSegment *had = check_segment(before, (unsigned)(msn - before->msn));
        g_assert_nonnull(had->uri);
        check_same(had, check_segment(full, i));
    }
}
