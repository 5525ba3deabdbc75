// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Recordings on disk. Knows no sockets, and of sessions the id.

#include "archive/place.h"
#include "media/part.h"
#include "media/segment.h"

#include <stdbool.h>

/* --- Writer: one thread per copy of a recording ----------------------------------------------- */

typedef struct ArchiveWriter ArchiveWriter;

typedef struct {
    /* Borrowed. A mirror has its own thread. */
    const ArchivePlace *place;
    int64_t epoch_wall_us;
} ArchiveWriterConfig;

typedef struct {
    /* Archive thread: fails (why), works again (NULL). The mirror's only while the first works. */
    void (*health)(void *data, const char *why);
    void *data;
} ArchiveWriterEvents;

/* Creates or reopens the folder. */
ArchiveWriter *archive_writer_new(const ArchiveWriterConfig *config,
                                  const ArchiveWriterEvents *events, GError **error);
/* Writes the queue durably. */
void archive_writer_free(ArchiveWriter *writer);

/* One pusher; never waits; references `part`. False: ring (30 s) full. Thumbnails: best effort. */
bool archive_writer_push(ArchiveWriter *writer, MediaPart *part);

typedef struct {
    int64_t stored_clock_us; // 0: none
    int64_t stored_pts_us;   // its timeline end
    uint64_t bytes, lost_parts, lost_thumbs;
    uint64_t byte_rate; // average; 0: unknown
    bool failing, second_failing;
    uint64_t free_bytes;
} ArchiveWriterStats;

void archive_writer_stats(const ArchiveWriter *writer, ArchiveWriterStats *out);

/* Any thread. False: it lost a part. */
bool archive_writer_kept(ArchiveWriter *writer, uint32_t run, const char *key, uint64_t sequence);

/* False: unknown. Blocks. */
bool archive_free_bytes(const char *directory, uint64_t *out_bytes);

/* Even with an error. Before using a mirror: a dead network disk blocks. */
bool archive_probe(const char *directory, unsigned wait_ms);

/* BASE_ERROR_UNAVAILABLE: the mirror's disk was mounted at archive_mirror_remember() and is not
 * now. Blocks. */
bool archive_mirror_mounted(const char *directory, const char *mirror, GError **error);
void archive_mirror_remember(const char *directory, const char *mirror);

/* --- State of a folder, read from its journal ------------------------------------------------- */

typedef struct {
    int64_t epoch_wall_us;
    uint32_t next_run;
    uint64_t next_sequence; // unused
    // media sequence number; skips one after a cut, which the live playlist may have listed
    uint64_t next_public;
    uint64_t discontinuities; // between public segments
    int64_t end_us;           // 0: none
    int64_t public_us;        // inside marks and trim
    bool ended;
    int64_t in_us, out_us;     // INT64_MIN, INT64_MAX: the marks
    int64_t first_us, last_us; // of the marks; 0: none
} ArchiveState;

/* No folder: empty. Blocks. */
bool archive_read_state(const char *directory, const char *id, ArchiveState *out, GError **error);

/* --- Resuming a session: its earlier runs ----------------------------------------------------- */

/* Appends MediaSegment, oldest first, grouped by segment, numbered without gaps: lost ones are
 * gaps. Blocks. */
bool archive_read_earlier_runs(const char *directory, const char *id, GArray *out, GError **error);

/* `sequence` NULL: init segment. NULL: none. The caller checks that it is public and whole.
 * Blocks. */
char *archive_live_file(const char *directory, const char *id, uint32_t run, const char *key,
                        const uint64_t *sequence);

/* --- Repair and deletion. Blocking, idempotent, safe to kill at any instant ------------------- */

/* Before finishing: copies from the mirror, if any. BASE_ERROR_CONFLICT beside a writer; FULL: into
 * the reserve. */
bool archive_repair(const ArchivePlace *place, GError **error);

/* Deletes media durably, also after an interruption; leaves deleted.json: {"id", "deleted_at",
 * "why", "duration_ms", "bytes", "manifest_sha256" (or null)}. BASE_ERROR_CONFLICT beside a writer
 * or step; BASE_ERROR_NOT_FOUND without folder. */
bool archive_delete(const char *directory, const char *id, const char *why, int64_t now_wall_us,
                    GError **error);

/* False: no folder. */
bool archive_size(const char *directory, const char *id, uint64_t *out_bytes);

/* --- Timemap ---------------------------------------------------------------------------------- */

/* Maps timeline to published time. Immutable; any thread. */
typedef struct ArchiveTimemap ArchiveTimemap;
ArchiveTimemap *archive_timemap_new(const char *directory, const char *id, GError **error);
void archive_timemap_free(ArchiveTimemap *timemap);
/* -1: unpublished. */
int64_t archive_timemap_at_us(const ArchiveTimemap *timemap, int64_t media_us);
/* [start, end). Owned by the timemap, in order. */
typedef struct {
    int64_t start_us, end_us;
    int64_t at_us; // published time
} ArchiveStretch;
const ArchiveStretch *archive_timemap_stretches(const ArchiveTimemap *timemap, unsigned *out_count);
/* Lost public media. Owned by the timemap, in order. */
typedef struct {
    int64_t place_us; // where the join is
    int64_t lost_us;
    /* "restart", "capture" or "disk"; static */
    const char *why;
} ArchiveGap;
const ArchiveGap *archive_timemap_gaps(const ArchiveTimemap *timemap, unsigned *out_count);
/* Published starts of chapters (any order): the key frame nearest to 3 s before, in the same
 * stretch; -1: outside. Of two at one frame, the later takes the next, unless past its moment. */
void archive_timemap_chapters(const ArchiveTimemap *timemap, const int64_t *media_us,
                              unsigned count, int64_t *out_place_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveTimemap, archive_timemap_free)
