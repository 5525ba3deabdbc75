// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The recording: parts on disk as they are made (writer), what a session's folder holds (catalogue),
// and the files made of it at the end (finish). Knows nothing of sessions beyond an id, of sockets or
// of HTTP. A folder is DIRECTORY/ID; ids are checked with base_id_valid().

#include "media/part.h"

#include <stdbool.h>

/* --- Writer: one thread per copy of a recording ----------------------------------------------- */

typedef struct ArchiveWriter ArchiveWriter;

typedef struct {
    const char *directory; // made if missing
    /* Nullable: a mirror, written by a thread of its own; nothing that happens to it touches the
     * first. */
    const char *second_directory;
    const char *id;
    int64_t epoch_wall_us; // kept in the journal's head
    /* Parts are not written while the file system has less free: the database lives there too. */
    uint64_t reserve_bytes;
} ArchiveWriterConfig;

typedef struct {
    /* An archive thread, on a change only: writing fails (why) or works again (NULL). Of the second
     * folder only while the first is well. */
    void (*health)(void *data, const char *why);
    void *data;
} ArchiveWriterEvents;

/* Makes or reopens the folder and starts the thread. NULL with an error. Full ownership. */
ArchiveWriter *archive_writer_new(const ArchiveWriterConfig *config, const ArchiveWriterEvents *events,
                                  GError **error);
/* Writes what is queued, makes it durable, joins. NULL is allowed. */
void archive_writer_free(ArchiveWriter *writer);

/* One pushing thread. Takes a reference; never waits. False: the ring (30 s) is full, the part is
 * counted as lost and said in `health`. Thumbnails are kept as FOLDER/thumbs/PTS_MS.jpg, best
 * effort. */
bool archive_writer_push(ArchiveWriter *writer, MediaPart *part);

typedef struct {
    int64_t stored_clock_us; // base_clock_us() when the newest part became durable, 0: none yet
    int64_t stored_pts_us;   // its end on the timeline
    uint64_t bytes, lost_parts, lost_thumbs;
    uint64_t byte_rate; // a second, on the average; 0: not known yet
    bool failing, second_failing;
    uint64_t free_bytes; // of the file system
} ArchiveWriterStats;

void archive_writer_stats(const ArchiveWriter *writer, ArchiveWriterStats *out); // any thread

/* Any thread: false where a part of the segment was lost: it will not be read from disk whole. */
bool archive_writer_kept(ArchiveWriter *writer, uint32_t run, const char *key, uint64_t sequence);

/* What an unprivileged process may still write below `directory`. False: it cannot be asked. May
 * block. */
bool archive_free_bytes(const char *directory, uint64_t *out_bytes);

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

/* --- Keeping: a mirror's use, deletion. Blocking, idempotent, safe to kill at any instant ------- */

/* Before finishing: what the second directory has of the recording and the first lost is copied and
 * journalled. NULL, or nothing there: nothing to do. BASE_ERROR_CONFLICT while a writer is there. */
bool archive_heal(const char *directory, const char *second_directory, const char *id,
                  GError **error);

/* Removes all of a recording's media durably, the playlists first; what is left is deleted.json:
 * {"id", "deleted_at", "why", "duration_ms", "bytes", "manifest_sha256" (or null)}. One that was
 * deleted before, or half deleted, is true and keeps its first trace. BASE_ERROR_CONFLICT while a
 * writer or a maker of its files is there, BASE_ERROR_NOT_FOUND where there is no folder. Each
 * directory that holds a copy has its own call. */
bool archive_delete(const char *directory, const char *id, const char *why, int64_t now_wall_us,
                    GError **error);

/* The bytes of all that the recording's folder holds. False: there is none. */
bool archive_size(const char *directory, const char *id, uint64_t *out_bytes);

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
