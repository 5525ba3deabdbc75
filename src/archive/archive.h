// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The recording: parts on disk as they are made (writer), what a session's folder holds (catalogue),
// and the files made of it at the end (finish). Knows nothing of sessions beyond an id, of sockets or
// of HTTP. A folder is DIRECTORY/ID; ids are checked with base_id_valid().

#include "media/part.h"

#include <stdbool.h>

/* --- Writer: one thread per recording ------------------------------------------------------- */

typedef struct ArchiveWriter ArchiveWriter;

typedef struct {
    const char *directory; // made if missing
    const char *id;
    int64_t epoch_wall_us; // kept in the journal's head
} ArchiveWriterConfig;

typedef struct {
    /* Archive thread, on a change only: writing fails (why) or works again (NULL). */
    void (*health)(void *data, const char *why);
    void *data;
} ArchiveWriterEvents;

/* Makes or reopens the folder and starts the thread. NULL with an error. Full ownership. */
ArchiveWriter *archive_writer_new(const ArchiveWriterConfig *config, const ArchiveWriterEvents *events,
                                  GError **error);
/* Writes what is queued, makes it durable, joins. NULL is allowed. */
void archive_writer_free(ArchiveWriter *writer);

/* One pushing thread. Takes a reference; never waits. False: the ring (30 s) is full, the part is
 * counted as lost and said in `health`. */
bool archive_writer_push(ArchiveWriter *writer, MediaPart *part);

typedef struct {
    int64_t stored_clock_us; // base_clock_us() when the newest part became durable, 0: none yet
    int64_t stored_pts_us;   // its end on the timeline
    uint64_t bytes, lost_parts;
    bool failing;
    uint64_t free_bytes; // of the file system
} ArchiveWriterStats;

void archive_writer_stats(const ArchiveWriter *writer, ArchiveWriterStats *out); // any thread

/* --- Catalogue: what a folder holds, read from its journal ------------------------------------ */

typedef struct {
    int64_t epoch_wall_us;
    uint32_t next_run;        // 1 for an empty folder
    uint64_t next_sequence;   // never used before
    uint64_t next_public;     // media sequence number of the next public segment: one more than
                              // needed where a run was cut off in public, as the live playlist may
                              // have named a segment that never became durable
    uint64_t discontinuities; // between the public segments so far
    int64_t end_us;           // end of the newest durable part, 0 if none
    int64_t public_us;        // sum of what lies inside the marks
    bool ended;               // an END mark is there
} ArchiveState;

/* Reads a journal however it was cut off; a missing folder is an empty state. Blocks: worker threads
 * and start-up only. */
bool archive_read_state(const char *directory, const char *id, ArchiveState *out, GError **error);

/* --- A session that goes on: what it has behind it -------------------------------------------- */

/* A public segment as one track has it. `key` is borrowed. */
typedef struct {
    uint32_t run;
    const char *key;
    MediaKind kind;
    uint64_t sequence;
    int64_t start_us, end_us;
    uint64_t bytes; // so much of the file counts; 0: all of it
    bool gap, discontinuity;
} ArchivePast;

/* Calls `each` for every track of every public segment, oldest first, the tracks of one after another.
 * A public number that a live playlist may have told and nothing is left of is there as a gap, so
 * the segments have consecutive numbers up to ArchiveState.next_public. Blocks. */
bool archive_read_past(const char *directory, const char *id,
                       void (*each)(void *data, const ArchivePast *past), void *data,
                       GError **error);

/* The file of a segment (`sequence` NULL: of the track's init segment) while the session is on, or
 * NULL where it is not there. Which of them are public and whole, the caller knows. Full ownership.
 * Blocks. */
char *archive_live_file(const char *directory, const char *id, uint32_t run, const char *key,
                        const uint64_t *sequence);

/* --- Finish: VOD playlists, then files. Blocking, idempotent, safe to kill at any instant ----- */

typedef struct {
    const char *title;    // nullable, for the MP4's metadata
    const char *artist;   // nullable: the speaker
    const char *language; // nullable: BCP 47
} ArchiveMetadata;

/* Closes the record (writes the END mark at the end of the last durable part if there is none) and
 * makes main.m3u8 and the media playlists (EXT-X-ENDLIST, public segments only). Milliseconds.
 * Where nothing was public it makes none and returns true. BASE_ERROR_CONFLICT while a writer is
 * there. */
bool archive_finish_playlists(const char *directory, const char *id, GError **error);

/* Makes recording.mp4 (progressive, moov first, best rendition and AAC, public media only, from 0)
 * beside them; under another name until it is whole and durable. `progress` (nullable) is told
 * 0 to 1. BASE_ERROR_CONFLICT where the record is not closed or another makes the file,
 * BASE_ERROR_NOT_FOUND where nothing was public. */
bool archive_finish_mp4(const char *directory, const char *id, const ArchiveMetadata *metadata,
                        void (*progress)(void *data, double done), void *data, GError **error);

typedef enum {
    ARCHIVE_FOUND,     // *out_file is a regular file inside the folder
    ARCHIVE_NOT_FOUND, // no such name, or not inside the marks
    ARCHIVE_LATER,     // being made: 503 with Retry-After
} ArchiveFound;

/* The file behind a request for a finished recording: `path` is what follows /recordings/ID/:
 * "main.m3u8", "v720p.m3u8", "RUN/TRACK/init.mp4", "RUN/TRACK/SEQUENCE.m4s", "recording.mp4".
 * Never leaves the folder; a segment outside the marks is NOT_FOUND. `*out_type` is static,
 * `*out_file` full ownership. Blocks on the disk: worker threads only. */
ArchiveFound archive_find(const char *directory, const char *id, const char *path, char **out_file,
                          const char **out_type);
