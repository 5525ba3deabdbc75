// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A recording's journal in order, and its public segments. Read-only once loaded; one thread at a
// time.
//
// A segment is public if its first part is open in every track that has it. Picture and sound must
// last equally long: a run's last segment is cut to the common time, or dropped if a track is
// empty. Elsewhere a rendition without a part becomes a gap (EXT-X-GAP) if another is whole, as
// does a track that the run lacks; else all are cut to their common time.
//
// EXT-X-DISCONTINUITY precedes another run, and follows a skipped number, a cut or a hole over 250
// ms, which the MP4 closes. A stretch lies between two. A trim drops segments not wholly inside.

#include "archive/journal.h"

#include <glib.h>
#include <stdbool.h>

typedef struct {
    uint64_t end; // its end in the file
    int64_t pts_us, end_us;
    bool independent, open, last;
} ArchivePart;

typedef struct {
    uint64_t sequence;
    GArray *parts; // ArchivePart, contiguous from the first
} ArchiveSegment;

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaTrackInfo info; // without id, codec, name
    char codecs[ARCHIVE_CODECS_BYTES];
    uint64_t init_bytes;
    GPtrArray *segments; // ArchiveSegment, ascending
} ArchiveTrack;

typedef struct {
    uint32_t number;
    unsigned track_count;
    ArchiveTrack tracks[MEDIA_MAX_TRACKS];
} ArchiveRun;

/* In all tracks of its run. */
typedef struct {
    const ArchiveRun *run;
    uint64_t sequence;
    uint64_t public_number; // live media sequence number
    bool discontinuity;
    bool whole;
    int64_t start_us, end_us; // the picture's; else the sound's
    struct {
        const ArchiveSegment *segment; // nullable
        unsigned parts;                // 0: gap
    } tracks[MEDIA_MAX_TRACKS];
} ArchivePublicSegment;

typedef struct {
    MediaMark mark;
    int64_t pts_us;
} ArchiveMark;

typedef struct {
    bool exists;
    int64_t epoch_wall_us;
    GPtrArray *runs;
    GArray *public_segments;
    GArray *marks; // in journal order
    bool trimmed;
    int64_t in_us, out_us;     // INT64_MIN, INT64_MAX: the marks
    int64_t first_us, last_us; // of the marks
    int64_t end_us;
    bool ended;
    size_t valid_size; // before a torn tail
    // Live numbering, lost segments included.
    uint64_t next_sequence, next_public, discontinuities;
    int64_t public_us;
} ArchiveCatalogue;

/* No journal: empty. `check_files` drops parts that are not there. Full ownership. */
ArchiveCatalogue *archive_catalogue_load(const char *folder, bool check_files, GError **error);
/* Recomputes the public segments. */
void archive_catalogue_trim(ArchiveCatalogue *catalogue, int64_t in_us, int64_t out_us);
void archive_catalogue_free(ArchiveCatalogue *catalogue);

/* Usually the newest, unless repaired. */
bool archive_public_segment_extent(const ArchivePublicSegment *entry, unsigned track,
                                   uint64_t *out_bytes, int64_t *out_pts_us, int64_t *out_end_us);

/* Segment `i` continues the one before it. */
bool archive_public_segment_follows(const ArchiveCatalogue *catalogue, guint i, unsigned track);

/* Nullable. */
const ArchiveSegment *archive_track_find(const ArchiveTrack *track, uint64_t sequence);

/* Index, or -1. */
int archive_run_find(const ArchiveRun *run, const char *key);

char *archive_init_path(const char *folder, uint32_t run, const char *track);
char *archive_segment_path(const char *folder, uint32_t run, const char *track, uint64_t sequence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveCatalogue, archive_catalogue_free)
