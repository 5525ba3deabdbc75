// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A stream on its own bus, with a clip to play into it. Keeps its parts and checks every snapshot:
// each text, each succession, each delta update; every listed name exists and was published before.

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
    GHashTable *names; // of `parts`
    CheckList *lists[CLIP_TRACKS][ROOM_LISTS];
    HlsSnapshot *last; // newest, published with a part
    HlsSnapshot *idle; // newest, published without one
    guint last_parts;
    unsigned lists_seen, deltas_seen;
    GHashTable *lost; // segments that the archive lost
    GPtrArray *asked; // segments that left memory
    bool held;        // makes the hls thread wait in on_part()
    bool holding;     // it waits
} Room;

Room *room_new(const HlsConfig *config);
void room_stop(Room *room); // frees the stream; keeps `parts`
void room_free(Room *room);

void room_play(Room *room, int64_t from_us, int64_t to_us);
/* In small steps, so that successive playlists are seen. Waits only for parts on the grid: a mark's
 * part is still open. */
void room_play_slowly(Room *room, int64_t from_us, int64_t to_us);

/* Waits until `condition` holds for the newest snapshot. */
typedef bool (*Condition)(Room *room, int64_t value);
void room_wait(Room *room, Condition condition, int64_t value);
bool room_all_reached(Room *room, int64_t value); // by each track
bool room_is_ended(Room *room, int64_t value);

/* `out_text`: nullable; full ownership. Compares the compressed text too. */
HlsFound room_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                  const char *query, char **out_text);

/* The init segment and parts of a track, concatenated. Full ownership. */
GByteArray *room_collect(const Room *room, unsigned track, uint32_t run);

typedef struct {
    int64_t pts, duration; // the track's ticks
    bool key;
} Sample;

/* Read back by libavformat. Full ownership. */
GArray *room_samples(const Room *room, unsigned track, uint32_t run);
