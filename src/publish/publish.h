// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Makes a recording's files after its end, and finds them. Blocking, idempotent, safe to kill; any
// thread.

#include "archive/archive.h"

/* Each needs the playlists, the manifest all others. */
typedef enum {
    PUBLISH_STEP_PLAYLISTS, // main.m3u8, KEY.m3u8: public segments, EXT-X-ENDLIST
    PUBLISH_STEP_CHAPTERS,  // chapters/ar.vtt, chapters/en.vtt
    PUBLISH_STEP_PICTURES,  // poster.jpg, thumbnails.vtt
    PUBLISH_STEP_MP4,       // recording.mp4: moov first, best rendition and AAC
    PUBLISH_STEP_AUDIO,     // audio.m4a
    PUBLISH_STEP_MANIFEST,  // manifest.json; manifest.sig if signed
    PUBLISH_STEPS,
} PublishStep;

const char *publish_step_name(PublishStep step); // static

typedef struct {
    int64_t media_us;
    bool question;
    const char *title_ar, *title_en; // one may be NULL
} PublishChapter;

typedef struct {
    const char *title;              // nullable
    const char *artist;             // nullable
    const char *language;           // nullable; BCP 47, of unlabelled sound
    const PublishChapter *chapters; // unordered
    unsigned chapter_count;
    /* Ed25519; NULL: unsigned. */
    bool (*sign)(void *data, const uint8_t *bytes, size_t size, uint8_t out[64]);
    void *sign_data;
    const uint8_t *public_key; // 32 bytes, nullable
    /* Media files are not begun if less would stay free. */
    uint64_t reserve_bytes;
} PublishInputs;

/* Makes a step's missing files. PLAYLISTS first closes the recording; without public media it makes
 * none and succeeds. `progress` (nullable): 0 to 1. BASE_ERROR_CONFLICT beside a writer or step, or
 * before PLAYLISTS; BASE_ERROR_NOT_FOUND without public media or input. */
bool publish_make(const char *directory, const char *id, PublishStep step,
                  const PublishInputs *what, void (*progress)(void *data, double done), void *data,
                  GError **error);

/* Are its files complete? */
bool publish_step_done(const char *directory, const char *id, PublishStep step);

/* Removes the files from step `first` on; without PLAYLISTS nothing is served. BASE_ERROR_CONFLICT
 * as above; BASE_ERROR_FULL: its media files could not be made again beside `reserve_bytes`, so
 * nothing is removed. */
bool publish_take_back(const char *directory, const char *id, PublishStep first,
                       uint64_t reserve_bytes, GError **error);

/* Limits the published time (INT64_MIN, INT64_MAX: the marks), rounded inward to segments. Removes
 * published files, then notes the trim. BASE_ERROR_CONFLICT as above or before closing;
 * BASE_ERROR_INVALID if nothing would remain. */
bool publish_trim(const char *directory, const char *id, int64_t in_us, int64_t out_us,
                  GError **error);

typedef enum {
    PUBLISH_FOUND,     // *out_file is set
    PUBLISH_NOT_FOUND, // unknown or unpublished
    PUBLISH_LATER,     // in progress: 503 with Retry-After
} PublishFound;

/* `path` follows /recordings/ID/; cannot leave the folder or follow links; files in no playlist:
 * NOT_FOUND. `*out_type`: static, `*out_file`: full ownership. Blocks. */
PublishFound publish_find(const char *directory, const char *id, const char *path, char **out_file,
                          const char **out_type);
