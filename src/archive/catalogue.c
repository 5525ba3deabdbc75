// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a journal into runs, tracks, parts and public segments.
#include "archive/catalogue.h"

#include "archive/archive.h"
#include "archive/files.h"
#include "base/clock.h"
#include "base/error.h"

#include <string.h>

/* Larger holes stall players. */
#define JOIN_SLACK_US INT64_C(250000)
/* Audio may exceed the picture by a frame (1024 samples at 32 kHz). */
#define TRIM_SLACK_US INT64_C(40000)

/* --- Reading ---------------------------------------------------------------------------------- */

static void free_segment(void *data)
{
    ArchiveSegment *segment = data;
    g_array_unref(segment->parts);
    g_free(segment);
}

static void free_run(void *data)
{
    ArchiveRun *run = data;
    for (unsigned i = 0; i < run->track_count; i++) {
        g_ptr_array_unref(run->tracks[i].segments);
    }
    g_free(run);
}

void archive_catalogue_free(ArchiveCatalogue *catalogue)
{
    if (catalogue == NULL) {
        return;
    }
    g_array_unref(catalogue->public_segments);
    g_array_unref(catalogue->marks);
    g_ptr_array_unref(catalogue->runs);
    g_free(catalogue);
}

int archive_run_find(const ArchiveRun *run, const char *key)
{
    for (unsigned i = 0; i < run->track_count; i++) {
        if (strcmp(run->tracks[i].key, key) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static ArchiveRun *find_run(const ArchiveCatalogue *catalogue, uint32_t number)
{
    for (guint i = catalogue->runs->len; i-- > 0;) {
        ArchiveRun *run = g_ptr_array_index(catalogue->runs, i);
        if (run->number == number) {
            return run;
        }
    }
    return NULL;
}

static void add_init(ArchiveCatalogue *catalogue, const ArchiveRecord *record)
{
    ArchiveRun *run = find_run(catalogue, record->run);
    if (run == NULL) {
        run = g_new0(ArchiveRun, 1);
        run->number = record->run;
        g_ptr_array_add(catalogue->runs, run);
    }
    if (run->track_count == MEDIA_MAX_TRACKS || archive_run_find(run, record->track) >= 0) {
        return;
    }
    ArchiveTrack *track = &run->tracks[run->track_count++];
    memcpy(track->key, record->track, sizeof track->key);
    memcpy(track->codecs, record->codecs, sizeof track->codecs);
    track->info = record->info;
    track->init_bytes = record->bytes;
    track->segments = g_ptr_array_new_with_free_func(free_segment);
}

/* Usually the newest; repaired ones come late. */
static ArchiveSegment *segment_for(ArchiveTrack *track, uint64_t sequence)
{
    guint at = track->segments->len;
    for (; at > 0; at--) {
        ArchiveSegment *before = g_ptr_array_index(track->segments, at - 1);
        if (before->sequence == sequence) {
            return before;
        }
        if (before->sequence < sequence) {
            break;
        }
    }
    ArchiveSegment *segment = g_new0(ArchiveSegment, 1);
    segment->sequence = sequence;
    segment->parts = g_array_new(FALSE, FALSE, sizeof(ArchivePart));
    g_ptr_array_insert(track->segments, (gint)at, segment);
    return segment;
}

static void add_part(ArchiveCatalogue *catalogue, const ArchiveRecord *record)
{
    ArchiveRun *run = find_run(catalogue, record->run);
    int at = run != NULL ? archive_run_find(run, record->track) : -1;
    if (at < 0) {
        return;
    }
    GArray *parts = segment_for(&run->tracks[at], record->sequence)->parts;
    uint64_t end = parts->len == 0 ? 0 : g_array_index(parts, ArchivePart, parts->len - 1).end;
    if (record->index != parts->len || record->offset != end) {
        return; // after a hole
    }
    ArchivePart part = {.end = end + record->bytes,
                        .pts_us = record->pts_us,
                        .end_us = record->pts_us + record->duration_us,
                        .independent = record->independent,
                        .open = record->open,
                        .last = record->last};
    g_array_append_val(parts, part);
    catalogue->end_us = MAX(catalogue->end_us, part.end_us);
    catalogue->next_sequence = MAX(catalogue->next_sequence, record->sequence + 1);
}

static void add_mark(ArchiveCatalogue *catalogue, const ArchiveRecord *record)
{
    ArchiveMark mark = {.mark = record->mark, .pts_us = record->pts_us};
    g_array_append_val(catalogue->marks, mark);
}

static void on_record(void *data, const ArchiveRecord *record)
{
    ArchiveCatalogue *catalogue = data;
    switch (record->type) {
    case ARCHIVE_RECORD_HEAD:
        catalogue->exists = record->format == ARCHIVE_JOURNAL_FORMAT;
        catalogue->epoch_wall_us = record->epoch_wall_us;
        break;
    case ARCHIVE_RECORD_INIT:
        add_init(catalogue, record);
        break;
    case ARCHIVE_RECORD_PART:
        add_part(catalogue, record);
        break;
    case ARCHIVE_RECORD_MARK:
        catalogue->ended = catalogue->ended || record->mark == MEDIA_MARK_END;
        add_mark(catalogue, record);
        break;
    case ARCHIVE_RECORD_TRIM:
        catalogue->trimmed = true;
        catalogue->in_us = record->in_us;
        catalogue->out_us = record->out_us;
        break;
    }
}

/* --- Checking the files ----------------------------------------------------------------------- */

char *archive_init_path(const char *folder, uint32_t run, const char *track)
{
    return g_strdup_printf("%s/%u/%s/init.mp4", folder, run, track);
}

char *archive_segment_path(const char *folder, uint32_t run, const char *track, uint64_t sequence)
{
    return g_strdup_printf("%s/%u/%s/%" G_GUINT64_FORMAT ".m4s", folder, run, track, sequence);
}

/* 0 or -errno: a file of unknown size is not a missing one. */
static int check_track(const char *folder, uint32_t run, ArchiveTrack *track)
{
    g_autofree char *init = archive_init_path(folder, run, track->key);
    uint64_t init_bytes = 0;
    int result = archive_read_size(init, &init_bytes);
    if (result == 0 && init_bytes != track->init_bytes) {
        g_ptr_array_set_size(track->segments, 0);
    }
    for (guint i = 0; result == 0 && i < track->segments->len; i++) {
        ArchiveSegment *segment = g_ptr_array_index(track->segments, i);
        g_autofree char *path = archive_segment_path(folder, run, track->key, segment->sequence);
        uint64_t size = 0;
        result = archive_read_size(path, &size);
        while (result == 0 && segment->parts->len > 0 &&
               g_array_index(segment->parts, ArchivePart, segment->parts->len - 1).end > size) {
            g_array_set_size(segment->parts, segment->parts->len - 1);
        }
    }
    return result;
}

static bool check_runs(const ArchiveCatalogue *catalogue, const char *folder, GError **error)
{
    int result = 0;
    for (guint i = 0; i < catalogue->runs->len; i++) {
        ArchiveRun *run = g_ptr_array_index(catalogue->runs, i);
        for (unsigned t = 0; result == 0 && t < run->track_count; t++) {
            result = check_track(folder, run->number, &run->tracks[t]);
        }
    }
    if (result != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "Cannot look at the files of %s (%s). Check the disk, and try again.", folder,
                    g_strerror(-result));
    }
    return result == 0;
}

/* --- Public segments -------------------------------------------------------------------------- */

static int compare_sequence(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Of all tracks, ascending, repeated. */
static GArray *run_sequences(const ArchiveRun *run)
{
    GArray *sequences = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (unsigned t = 0; t < run->track_count; t++) {
        for (guint i = 0; i < run->tracks[t].segments->len; i++) {
            const ArchiveSegment *segment = g_ptr_array_index(run->tracks[t].segments, i);
            g_array_append_val(sequences, segment->sequence);
        }
    }
    g_array_sort(sequences, compare_sequence);
    return sequences;
}

const ArchiveSegment *archive_track_find(const ArchiveTrack *track, uint64_t sequence)
{
    guint low = 0;
    guint high = track->segments->len;
    while (low < high) {
        guint middle = (low + high) / 2;
        const ArchiveSegment *segment = g_ptr_array_index(track->segments, middle);
        if (segment->sequence == sequence) {
            return segment->parts->len > 0 ? segment : NULL;
        }
        if (segment->sequence < sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static unsigned open_parts(const ArchiveSegment *segment)
{
    unsigned count = 0;
    while (count < segment->parts->len && g_array_index(segment->parts, ArchivePart, count).open) {
        count++;
    }
    return count;
}

static bool segment_complete(const ArchivePublicSegment *entry, unsigned track)
{
    const ArchiveSegment *segment = entry->tracks[track].segment;
    unsigned parts = entry->tracks[track].parts;
    return parts > 0 && parts == segment->parts->len &&
           g_array_index(segment->parts, ArchivePart, parts - 1).last;
}

/* False: not public. */
static bool fill_entry(const ArchiveRun *run, uint64_t sequence, ArchivePublicSegment *out)
{
    *out = (ArchivePublicSegment){.run = run, .sequence = sequence};
    bool any = false;
    for (unsigned t = 0; t < run->track_count; t++) {
        const ArchiveSegment *segment = archive_track_find(&run->tracks[t], sequence);
        if (segment == NULL) {
            continue;
        }
        out->tracks[t].segment = segment;
        out->tracks[t].parts = open_parts(segment);
        if (out->tracks[t].parts == 0) {
            return false;
        }
        any = true;
    }
    return any;
}

static int64_t published_end(const ArchivePublicSegment *entry, unsigned track)
{
    const ArchiveSegment *segment = entry->tracks[track].segment;
    return g_array_index(segment->parts, ArchivePart, entry->tracks[track].parts - 1).end_us;
}

static void cut_entry(ArchivePublicSegment *entry, int64_t limit_us)
{
    for (unsigned t = 0; t < entry->run->track_count; t++) {
        while (entry->tracks[t].parts > 0 && published_end(entry, t) > limit_us + TRIM_SLACK_US) {
            entry->tracks[t].parts--;
        }
    }
}

static int64_t longest_end(const ArchivePublicSegment *entry)
{
    int64_t end_us = INT64_MIN;
    for (unsigned t = 0; t < entry->run->track_count; t++) {
        if (entry->tracks[t].parts > 0) {
            end_us = MAX(end_us, published_end(entry, t));
        }
    }
    return end_us;
}

/* Its last part is not flagged. (A missing flag alone proves nothing: see hls.h.) */
static bool falls_short(const ArchivePublicSegment *entry, unsigned track, int64_t longest_us)
{
    return entry->tracks[track].parts > 0 && !segment_complete(entry, track) &&
           published_end(entry, track) < longest_us - TRIM_SLACK_US;
}

static bool video_reaches(const ArchivePublicSegment *entry, int64_t longest_us)
{
    for (unsigned t = 0; t < entry->run->track_count; t++) {
        if (entry->run->tracks[t].info.kind == MEDIA_VIDEO && entry->tracks[t].parts > 0 &&
            !falls_short(entry, t, longest_us)) {
            return true;
        }
    }
    return false;
}

/* By the rule in catalogue.h. False: no common time. */
static bool even_out(ArchivePublicSegment *entry, bool first_of_run, bool last_of_run)
{
    const ArchiveRun *run = entry->run;
    int64_t longest_us = longest_end(entry);
    int64_t limit_us = INT64_MAX;
    bool spare = !last_of_run && video_reaches(entry, longest_us);
    for (unsigned t = 0; t < run->track_count; t++) {
        if (run->tracks[t].segments->len == 0 && !(first_of_run && last_of_run)) {
            continue;
        }
        if (last_of_run && entry->tracks[t].parts == 0) {
            return false;
        }
        if (!falls_short(entry, t, longest_us)) {
            continue;
        }
        if (spare && run->tracks[t].info.kind == MEDIA_VIDEO) {
            entry->tracks[t].parts = 0;
        } else {
            limit_us = MIN(limit_us, published_end(entry, t));
        }
    }
    entry->whole = limit_us == INT64_MAX;
    if (!entry->whole) {
        cut_entry(entry, limit_us);
    }
    return true;
}

/* The picture's, else the sound's. */
static bool set_times(ArchivePublicSegment *entry)
{
    int reference = -1;
    for (unsigned t = 0; t < entry->run->track_count; t++) {
        bool video = entry->run->tracks[t].info.kind == MEDIA_VIDEO;
        if (entry->tracks[t].parts > 0 && (reference < 0 || video)) {
            reference = (int)t;
            if (video) {
                break;
            }
        }
    }
    uint64_t bytes;
    return reference >= 0 && archive_public_segment_extent(entry, (unsigned)reference, &bytes,
                                                           &entry->start_us, &entry->end_us);
}

bool archive_public_segment_extent(const ArchivePublicSegment *entry, unsigned track,
                                   uint64_t *out_bytes, int64_t *out_pts_us, int64_t *out_end_us)
{
    unsigned count = entry->tracks[track].parts;
    if (count == 0) {
        return false;
    }
    const GArray *parts = entry->tracks[track].segment->parts;
    *out_bytes = g_array_index(parts, ArchivePart, count - 1).end;
    *out_pts_us = g_array_index(parts, ArchivePart, 0).pts_us;
    *out_end_us = g_array_index(parts, ArchivePart, count - 1).end_us;
    return true;
}

bool archive_public_segment_follows(const ArchiveCatalogue *catalogue, guint i, unsigned track)
{
    const ArchivePublicSegment *public_segments =
        (const ArchivePublicSegment *)catalogue->public_segments->data;
    return i > 0 && !public_segments[i].discontinuity &&
           public_segments[i - 1].tracks[track].parts > 0;
}

/* Trims are in milliseconds, rounded down. */
static bool inside_trim(const ArchiveCatalogue *catalogue, const ArchivePublicSegment *entry)
{
    return entry->start_us >= catalogue->in_us &&
           (entry->end_us <= catalogue->out_us ||
            entry->end_us - catalogue->out_us < BASE_US_PER_MS);
}

static void add_entry(ArchiveCatalogue *catalogue, ArchivePublicSegment *entry)
{
    GArray *public_segments = catalogue->public_segments;
    catalogue->first_us = MIN(catalogue->first_us, entry->start_us);
    catalogue->last_us = MAX(catalogue->last_us, entry->end_us);
    if (!inside_trim(catalogue, entry)) {
        return;
    }
    const ArchivePublicSegment *before =
        public_segments->len > 0
            ? &g_array_index(public_segments, ArchivePublicSegment, public_segments->len - 1)
            : NULL;
    if (before != NULL) {
        int64_t apart_us = entry->start_us - before->end_us;
        entry->discontinuity = before->run != entry->run ||
                               before->sequence + 1 != entry->sequence || !before->whole ||
                               ABS(apart_us) > JOIN_SLACK_US;
        catalogue->public_us += entry->discontinuity ? 0 : apart_us;
    }
    catalogue->public_us += entry->end_us - entry->start_us;
    g_array_append_val(public_segments, *entry);
}

/* A hole between public segments is public. */
static void count_public(ArchiveCatalogue *catalogue, uint64_t hole, bool follows)
{
    bool first = catalogue->next_public == 0;
    catalogue->next_public += 1 + (follows ? hole : 0);
    catalogue->discontinuities += !first && !follows;
}

static void add_run(ArchiveCatalogue *catalogue, const ArchiveRun *run)
{
    g_autoptr(GArray) sequences = run_sequences(run);
    uint64_t before = 0;
    int64_t before_end_us = 0;
    bool before_public = false;
    for (guint i = 0; i < sequences->len; i++) {
        uint64_t sequence = g_array_index(sequences, uint64_t, i);
        if (i > 0 && sequence == before) {
            continue;
        }
        bool first = sequence == g_array_index(sequences, uint64_t, 0);
        bool last = sequence == g_array_index(sequences, uint64_t, sequences->len - 1);
        ArchivePublicSegment entry;
        bool is_public = fill_entry(run, sequence, &entry) && set_times(&entry);
        if (is_public) {
            // The segmenter skipped a number.
            bool skipped = entry.start_us - before_end_us > JOIN_SLACK_US && sequence == before + 1;
            count_public(catalogue, sequence - before - 1, before_public && !skipped);
            entry.public_number = catalogue->next_public - 1;
            before_end_us = entry.end_us;
            if (even_out(&entry, first, last) && set_times(&entry)) {
                add_entry(catalogue, &entry);
            }
        }
        before = sequence;
        before_public = is_public;
    }
    // The live playlist may have listed a lost segment.
    if (before_public) {
        catalogue->next_public++;
    }
}

static int compare_run(const void *a, const void *b)
{
    const ArchiveRun *x = *(ArchiveRun *const *)a;
    const ArchiveRun *y = *(ArchiveRun *const *)b;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bool read_journal(const char *folder, char **out_text, size_t *out_size, GError **error)
{
    g_autofree char *path = g_build_filename(folder, ARCHIVE_JOURNAL_NAME, NULL);
    g_autoptr(GError) failure = NULL;
    gsize size = 0;
    if (g_file_get_contents(path, out_text, &size, &failure)) {
        *out_size = size;
        return true;
    }
    if (g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
        g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot read a recording: %s",
                failure->message);
    return false;
}

void archive_catalogue_trim(ArchiveCatalogue *catalogue, int64_t in_us, int64_t out_us)
{
    g_array_set_size(catalogue->public_segments, 0);
    catalogue->next_public = catalogue->discontinuities = 0;
    catalogue->public_us = 0;
    catalogue->in_us = in_us;
    catalogue->out_us = out_us;
    catalogue->first_us = INT64_MAX;
    catalogue->last_us = INT64_MIN;
    for (guint i = 0; i < catalogue->runs->len; i++) {
        add_run(catalogue, g_ptr_array_index(catalogue->runs, i));
    }
}

ArchiveCatalogue *archive_catalogue_load(const char *folder, bool check_files, GError **error)
{
    g_autofree char *text = NULL;
    size_t size = 0;
    if (!read_journal(folder, &text, &size, error)) {
        return NULL;
    }
    g_autoptr(ArchiveCatalogue) catalogue = g_new0(ArchiveCatalogue, 1);
    catalogue->runs = g_ptr_array_new_with_free_func(free_run);
    catalogue->public_segments = g_array_new(FALSE, TRUE, sizeof(ArchivePublicSegment));
    catalogue->marks = g_array_new(FALSE, FALSE, sizeof(ArchiveMark));
    catalogue->in_us = INT64_MIN;
    catalogue->out_us = INT64_MAX;
    catalogue->valid_size =
        archive_journal_parse(text != NULL ? text : "", size, on_record, catalogue);
    if (catalogue->valid_size > 0 && !catalogue->exists) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "%s/" ARCHIVE_JOURNAL_NAME " has no head that this version can read", folder);
        return NULL;
    }
    g_ptr_array_sort(catalogue->runs, compare_run);
    if (check_files && !check_runs(catalogue, folder, error)) {
        return NULL;
    }
    archive_catalogue_trim(catalogue, catalogue->in_us, catalogue->out_us);
    return g_steal_pointer(&catalogue);
}

/* --- State ------------------------------------------------------------------------------------ */

/* An interrupted run also used its number. */
static uint32_t next_run(const ArchiveCatalogue *catalogue, const char *folder)
{
    uint64_t newest = 0;
    if (catalogue->runs->len > 0) {
        const ArchiveRun *run = g_ptr_array_index(catalogue->runs, catalogue->runs->len - 1);
        newest = run->number;
    }
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        guint64 number;
        if (g_ascii_string_to_unsigned(name, 10, 1, UINT32_MAX - 1, &number, NULL)) {
            newest = MAX(newest, number);
        }
    }
    return (uint32_t)newest + 1;
}

bool archive_read_state(const char *directory, const char *id, ArchiveState *out, GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    g_autoptr(ArchiveCatalogue) catalogue =
        folder != NULL ? archive_catalogue_load(folder, false, error) : NULL;
    if (catalogue == NULL) {
        return false;
    }
    *out = (ArchiveState){
        .epoch_wall_us = catalogue->epoch_wall_us,
        .next_run = next_run(catalogue, folder),
        // The next name may have been used.
        .next_sequence = catalogue->next_sequence + (catalogue->next_sequence > 0),
        .next_public = catalogue->next_public,
        .discontinuities = catalogue->discontinuities,
        .end_us = catalogue->end_us,
        .public_us = catalogue->public_us,
        .ended = catalogue->ended,
        .in_us = catalogue->in_us,
        .out_us = catalogue->out_us,
        .first_us = catalogue->last_us > INT64_MIN ? catalogue->first_us : 0,
        .last_us = catalogue->last_us > INT64_MIN ? catalogue->last_us : 0,
    };
    return true;
}
