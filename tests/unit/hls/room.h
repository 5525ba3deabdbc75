// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A stream on a bus of its own, with a clip to play into it. Keeps what the stream tells, and holds
// every snapshot against the rules: each text, each after the one before, each delta update;
// whatever is named is there and was told before.

#include "check.h"
#include "clip.h"

#include "hls/hls.h"

#include <pthread.h>

extern Clip *room_clip; // made by main()
extern const char *const room_keys[CLIP_TRACKS];

#define ROOM_EVENT HLS_AUDIENCES // in place of an audience: the EVENT playlist
#define ROOM_LISTS (HLS_AUDIENCES + 1)

typedef struct {
    MediaBus *bus;
    HlsStream *stream;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    GPtrArray *parts;  // MediaPart in order
    GHashTable *names; // of the parts so far
    CheckList *lists[CLIP_TRACKS][ROOM_LISTS];
    HlsSnapshot *last; // the newest that came with something told
    HlsSnapshot *idle; // the newest that came without
    guint last_parts;
    unsigned lists_seen, deltas_seen;
    GHashTable *lost; // names of segments that the archive has lost
    GPtrArray *asked; // names that were asked for when they left memory
    bool held;        // the hls thread waits when it tells a part
    bool holding;     // it does so
} Room;

Room *room_new(const HlsConfig *config);
void room_stop(Room *room); // frees the stream; what it told stays
void room_free(Room *room);

void room_play(Room *room, int64_t from_us, int64_t to_us);
/* In steps small enough that successive playlists are seen. Waits for what is on the grid only:
 * what a mark will end is open still. */
void room_play_slowly(Room *room, int64_t from_us, int64_t to_us);

/* Waits until `condition` holds for the newest snapshot. */
typedef bool (*Condition)(Room *room, int64_t value);
void room_wait(Room *room, Condition condition, int64_t value);
bool room_all_reached(Room *room, int64_t value); // each track has told up to there
bool room_is_ended(Room *room, int64_t value);

/* `out_text` is nullable; full ownership. What is compressed too must be the same text. */
HlsFound room_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                  const char *query, char **out_text);

/* Init segment and parts told of a track of a run, one after another. Full ownership. */
GByteArray *room_collect(const Room *room, unsigned track, uint32_t run);

typedef struct {
    int64_t pts, duration; // the track's ticks
    bool key;
} Sample;

/* The same, read back with libavformat. Full ownership. */
GArray *room_samples(const Room *room, unsigned track, uint32_t run);
