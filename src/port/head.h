// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Strictly parses and rewrites HTTP/1 request heads (RFC 9112 2 to 6), in place. Pure.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_MAX_HEAD_BYTES (32 * 1024) // 431
#define PORT_MAX_TARGET_BYTES 8000      // 414; RFC 9112 3
#define PORT_MAX_FIELDS 100             // 431
#define PORT_MAX_BLANK_LINES 2          // RFC 9112 2.2
#define PORT_MAX_LENGTH_DIGITS 15       // else 413
#define PORT_MAX_RANGE_BYTES 64         // longer: several ranges, ignored

/* status 0: none. `why`: static. */
typedef struct {
    unsigned status;
    const char *why;
} PortRefusal;

/* Zero at a head's start. */
typedef struct {
    size_t line; // last line
    size_t seen;
    unsigned lines, blank;
} PortHeadSearch;

/* Continues the search. Returns the head's length with blank lines; 0: incomplete or
 * *out_refusal. */
size_t port_head_find(const char *bytes, size_t size, PortHeadSearch *search,
                      PortRefusal *out_refusal);

/* HTTP/1.0 without Host gets one: libsoup would take the query as path. */
#define PORT_HEAD_MARGIN_BYTES (sizeof "Host:127.0.0.1\r\n" - 1)

typedef struct {
    size_t before; // offset of the new start
    size_t size;
    uint64_t length; // of the body, not chunked
    bool chunked;
    char range[PORT_MAX_RANGE_BYTES]; // removed Range field, or ""
} PortHead;

/* `bytes`: a head of port_head_find(), after PORT_HEAD_MARGIN_BYTES. *out_head is valid for status
 * 0. */
PortRefusal port_head_rewrite(char *bytes, size_t size, PortHead *out_head);

/* Size line (RFC 9112 7.1), or a chunk's final CRLF. */
#define PORT_MAX_CHUNK_DIGITS 8
/* With CRLF. -1: malformed or with extension. */
int64_t port_chunk_size(const char *line, size_t size);
