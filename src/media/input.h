// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Datagrams for inputs over RTP, server to child: BEGIN, RTP, RTCP, END; up: RTCP. Type, input,
// payload. Lost where there is no room.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEDIA_INPUT_HEADER_BYTES 2
#define MEDIA_INPUT_MAX_BYTES 2048 // header included
#define MEDIA_INPUTS 3
#define MEDIA_INPUT_SOURCE "whip:" // then an input's name

typedef enum {
    MEDIA_INPUT_BEGIN = 'B', // MediaInputFormat
    MEDIA_INPUT_RTP = 'R',
    MEDIA_INPUT_RTCP = 'C', // a compound
    MEDIA_INPUT_END = 'E',
} MediaInputType;

typedef enum {
    MEDIA_INPUT_NO_VIDEO,
    MEDIA_INPUT_H264,
    MEDIA_INPUT_VP8,
} MediaInputVideo;

/* Of a publisher; sound is Opus. */
typedef struct {
    uint8_t video;                            // MediaInputVideo
    uint8_t video_format;                     // payload type
    uint8_t video_transport, audio_transport; // extension id; 0: none
    uint8_t audio;
    uint8_t audio_format;
} MediaInputFormat;

/* -1: unknown. */
int media_input_find(const char *name);
/* Static. */
const char *media_input_name(unsigned input);

/* False: malformed. */
bool media_input_read(const uint8_t *bytes, size_t size, MediaInputType *out_type,
                      unsigned *out_input);

/* Never waits. False: lost. */
bool media_input_send(int fd, MediaInputType type, unsigned input, const void *payload,
                      size_t size);
