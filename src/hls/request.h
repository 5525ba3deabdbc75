// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Parses paths and _HLS_ directives (RFC 8216bis 6.2.5). Each resource has one spelling. Pure; any
// thread.

#include "media/part.h"

#include <stdbool.h>

typedef enum {
    HLS_REQUEST_MAIN,       // main.m3u8
    HLS_REQUEST_LIST,       // KEY.m3u8
    HLS_REQUEST_EVENT_MAIN, // event.m3u8
    HLS_REQUEST_EVENT,      // KEY.event.m3u8
    HLS_REQUEST_INIT,       // RUN/KEY/init.mp4
    HLS_REQUEST_SEGMENT,    // RUN/KEY/SEQUENCE.m4s
    HLS_REQUEST_PART,       // RUN/KEY/SEQUENCE.PART.m4s
} HlsRequestType;

typedef struct {
    HlsRequestType type;
    char key[MEDIA_TRACK_KEY_BYTES];
    uint32_t run;
    uint64_t sequence;
    uint32_t part;
} HlsRequest;

/* 0 or -ENOENT. */
int hls_request_parse(const char *path, HlsRequest *out);

typedef struct {
    bool has_msn, has_part, skip;
    uint64_t msn, part;
} HlsDirectives;

/* Ignores other parameters. 0 or -EINVAL. */
int hls_directives_parse(const char *query, HlsDirectives *out);
