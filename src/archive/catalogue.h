// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a recording's journal says, put in order: runs, their tracks, the parts of each segment, and
// the list of public segments ("slots") that every published file is made of. Read-only once
// loaded; one thread at a time.
//
// Which segments are public: those whose first part is open in every track that has it. What a
// crash left uneven is made even here, so that picture and sound last equally long:
//  - the last segment of a run is cut to the time that all its tracks have, and dropped where one
//    has nothing;
//  - elsewhere a rendition that lost a part is a gap (EXT-X-GAP) while another video is whole, a
//    track without the segment is a gap, and otherwise all are cut to the time they share.
// A slot follows on the one before where both are of one run, their sequence numbers follow each
// other, nothing was cut off in between and the hole is at most 250 ms; else EXT-X-DISCONTINUITY
// stands before it and the MP4 closes the hole. What lies between two breaks is a stretch.
// Where the recording was made shorter afterwards (a trim), the slots that do not lie wholly inside
// are none: its ends snap inward to segment boundaries.

#include "archive/journal.h"

#include <glib.h>
#include <stdbool.h>

typedef struct {
    uint64_t end; // offset of its end in the segment's file
    int64_t pts_us, end_us;
    bool independent, open, last;
} ArchivePart;

typedef struct {
    uint64_t sequence;
    GArray *parts; // ArchivePart, without holes from the first
} ArchiveSegment;

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaTrackInfo info; // id, codec and name are not known here
    char codecs[ARCHIVE_CODECS_BYTES];
    uint64_t init_bytes;
    GPtrArray *segments; // ArchiveSegment, ascending
} ArchiveTrack;

typedef struct {
    uint32_t number;
    unsigned track_count;
    ArchiveTrack tracks[MEDIA_MAX_TRACKS];
} ArchiveRun;

/* One public segment in all tracks of its run. */
typedef struct {
    const ArchiveRun *run;
    uint64_t sequence;
    uint64_t public_number;   // the media sequence number that it had live
    bool discontinuity;       // does not follow on the slot before it
    bool whole;               // nothing was cut off its end
    int64_t start_us, end_us; // of the picture; of the sound where there is none
    struct {
        const ArchiveSegment *segment; // nullable
        unsigned parts;                // those that are published; 0: a gap
    } tracks[MEDIA_MAX_TRACKS];
} ArchiveSlot;

typedef struct {
    MediaMark mark;
    int64_t pts_us;
} ArchiveMark;

typedef struct {
    bool exists; // there is a journal with a head
    int64_t epoch_wall_us;
    GPtrArray *runs;   // ArchiveRun, ascending
    GArray *slots;     // ArchiveSlot
    GArray *marks;     // ArchiveMark, as they came
    bool trimmed;              // there was a trim, be it back to the marks
    int64_t in_us, out_us;     // the last; INT64_MIN, INT64_MAX: the marks
    int64_t first_us, last_us; // the ends of what lies inside the marks, trimmed or not
    int64_t end_us;    // end of the newest durable part
    bool ended;        // an END mark is there
    size_t valid_size; // of the journal: what follows is torn
    // As the live playlists counted them: they also named what was lost afterwards.
    uint64_t next_sequence, next_public, discontinuities;
    int64_t public_us;
} ArchiveCatalogue;

/* Reads the journal in `folder`; a missing one is an empty catalogue. With `check_files`, parts
 * that their file is too short to hold are left out. NULL with an error. Full ownership. */
ArchiveCatalogue *archive_catalogue_load(const char *folder, bool check_files, GError **error);
/* Its slots as they are with this trim, whatever the journal says. */
void archive_catalogue_trim(ArchiveCatalogue *catalogue, int64_t in_us, int64_t out_us);
void archive_catalogue_free(ArchiveCatalogue *catalogue);

/* The bytes of a track's published part of the slot and its times. False: a gap. */
bool archive_slot_extent(const ArchiveSlot *slot, unsigned track, uint64_t *out_bytes,
                         int64_t *out_pts_us, int64_t *out_end_us);

/* The track's segment, or NULL where it has no part of it. */
const ArchiveSegment *archive_track_find(const ArchiveTrack *track, uint64_t sequence);

/* The track's place in its run, or -1. */
int archive_run_find(const ArchiveRun *run, const char *key);

/* FOLDER/RUN/TRACK/NAME. Full ownership. */
char *archive_init_path(const char *folder, uint32_t run, const char *track);
char *archive_segment_path(const char *folder, uint32_t run, const char *track, uint64_t sequence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveCatalogue, archive_catalogue_free)
