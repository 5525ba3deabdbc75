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

/* Whether the disk of `directory` says anything within `wait_ms`, "no" included: one that hangs (a
 * network disk) hangs whoever touches it, so a mirror is asked before it is. Blocks so long. */
bool archive_answers(const char *directory, unsigned wait_ms);

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
    int64_t public_us;        // sum of what lies inside the marks and the trim
    bool ended;               // an END mark is there
    int64_t in_us, out_us;    // the trim; INT64_MIN, INT64_MAX: the marks themselves
    int64_t first_us, last_us; // the ends of what lies inside the marks, trimmed or not; 0: nothing
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

/* --- Finish: what is published. Blocking, idempotent, safe to kill at any instant ------------- */

/* In this order; the later ones want the playlists, the manifest wants all others. */
typedef enum {
    ARCHIVE_STEP_PLAYLISTS, // main.m3u8 and KEY.m3u8 (EXT-X-ENDLIST, public segments only)
    ARCHIVE_STEP_CHAPTERS,  // chapters/ar.vtt, chapters/en.vtt
    ARCHIVE_STEP_PICTURES,  // poster.jpg, thumbnails.vtt and the thumbs that it names
    ARCHIVE_STEP_MP4,       // recording.mp4: progressive, moov first, best rendition and AAC, from 0
    ARCHIVE_STEP_AUDIO,     // audio.m4a: the languages alone
    ARCHIVE_STEP_MANIFEST,  // manifest.json, and manifest.sig where it is signed
    ARCHIVE_STEPS,
} ArchiveStep;

const char *archive_step_name(ArchiveStep step); // "playlists", "chapters", ...; static

/* A moment on the session's timeline that a viewer may want to go to. */
typedef struct {
    int64_t media_us;
    bool question;
    const char *title_ar, *title_en; // nullable, not both: the other language's stands in
} ArchiveChapter;

typedef struct {
    const char *title;    // nullable
    const char *artist;   // nullable: the speaker
    const char *language; // nullable: BCP 47, for sound that does not say its own
    const ArchiveChapter *chapters; // in any order
    unsigned chapter_count;
    /* Ed25519 over the manifest's bytes; NULL: it stays unsigned. */
    bool (*sign)(void *data, const uint8_t *bytes, size_t size, uint8_t out[64]);
    void *sign_data;
    const uint8_t *public_key; // 32 bytes, nullable; noted in the manifest
    /* The files of the sound and picture are not begun where they would leave less free than this:
     * the database and what is being recorded need it. */
    uint64_t reserve_bytes;
} ArchiveFinish;

/* Makes what the step makes, unless it is there. PLAYLISTS first closes the record (writes the END
 * mark at the end of the last durable part if there is none); where nothing was public it makes
 * nothing and returns true. `progress` (nullable) is told 0 to 1. BASE_ERROR_CONFLICT while a writer
 * or another step is at the recording, and before PLAYLISTS; BASE_ERROR_NOT_FOUND where nothing was
 * public, or nothing that this step is made of. */
bool archive_finish_step(const char *directory, const char *id, ArchiveStep step,
                         const ArchiveFinish *what, void (*progress)(void *data, double done),
                         void *data, GError **error);

/* What the step makes is there and whole. */
bool archive_step_done(const char *directory, const char *id, ArchiveStep step);

/* Takes away what `first` and the later steps made, so that it is made anew. From PLAYLISTS on
 * nothing is served until PLAYLISTS has been made again. BASE_ERROR_CONFLICT as above. */
bool archive_unfinish(const char *directory, const char *id, ArchiveStep first, GError **error);

/* Makes what is published shorter than the marks, or as long again (INT64_MIN, INT64_MAX): nothing
 * before `in_us` nor after `out_us` of the timeline, the ends snapping inward to segment boundaries;
 * the last trim counts. Takes back everything published from PLAYLISTS on, and what was published is
 * hidden before the trim is on disk, so at no instant is there both. BASE_ERROR_CONFLICT as above
 * and before the record is closed, BASE_ERROR_INVALID where nothing would be left. */
bool archive_trim(const char *directory, const char *id, int64_t in_us, int64_t out_us,
                  GError **error);

/* Where a time of the timeline lies in the published recording, and back. Worker threads make it;
 * then any thread. */
typedef struct ArchivePlaces ArchivePlaces;
ArchivePlaces *archive_places_new(const char *directory, const char *id, GError **error);
void archive_places_free(ArchivePlaces *places);
int64_t archive_places_total_us(const ArchivePlaces *places);
/* -1 where the time is not published: in the lobby, in a pause, past the end. */
int64_t archive_place_us(const ArchivePlaces *places, int64_t media_us);
int64_t archive_place_media_us(const ArchivePlaces *places, int64_t place_us);
/* Published time without a break: [start, end) of the picture's timeline. Owned by the places, in
 * order. */
typedef struct {
    int64_t start_us, end_us;
    int64_t at_us; // in the published recording
} ArchiveStretch;
const ArchiveStretch *archive_places_stretches(const ArchivePlaces *places, unsigned *out_count);
/* What was lost while it was public: a pause is none. Owned by the places, in order. */
typedef struct {
    int64_t place_us; // in the published recording, where what is there of it joins
    int64_t lost_us;
    /* Static: "restart" (the server or the capture child started anew), "capture" (no picture came
     * in time), "disk" (it was made and is not there). */
    const char *why;
} ArchiveGap;
const ArchiveGap *archive_places_gaps(const ArchivePlaces *places, unsigned *out_count);
/* Where the chapters of these moments (in any order) begin in the published recording: at the
 * key frame of a segment that is nearest to 3 s before the moment, in the same stretch; a moment
 * in a pause counts as the first after it; -1 for one past the end or more than 3 s before the
 * beginning. Of two on one key frame the later moves to the next one while that is not past its
 * moment; else they share it. */
void archive_place_chapters(const ArchivePlaces *places, const int64_t *media_us, unsigned count,
                            int64_t *out_place_us);

typedef enum {
    ARCHIVE_FOUND,     // *out_file is a regular file inside the folder
    ARCHIVE_NOT_FOUND, // no such name, or not inside the marks and the trim
    ARCHIVE_LATER,     // being made: 503 with Retry-After
} ArchiveFound;

/* The file behind a request for a finished recording: `path` is what follows /recordings/ID/: a name
 * that a step makes, "v720p.m3u8", "RUN/TRACK/init.mp4", "RUN/TRACK/SEQUENCE.m4s",
 * "thumbs/PTS_MS.jpg". Never leaves the folder; what no playlist names is NOT_FOUND. `*out_type` is static,
 * `*out_file` full ownership. Blocks on the disk: worker threads only. */
ArchiveFound archive_find(const char *directory, const char *id, const char *path, char **out_file,
                          const char **out_type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchivePlaces, archive_places_free)
