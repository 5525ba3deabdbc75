// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The head of an HTTP/1 request (RFC 9112 2 to 6), read strictly and written again, so that what
// stands behind sees one form only. Pure, works in place, allocates nothing. Any thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_MAX_HEAD_BYTES (32 * 1024) // 431
#define HTTP_MAX_TARGET_BYTES 8000      // 414; RFC 9112 3 asks for 8000 at least
#define HTTP_MAX_FIELDS 100             // 431
#define HTTP_MAX_BLANK_LINES 2          // before a request (RFC 9112 2.2)
#define HTTP_MAX_LENGTH_DIGITS 15       // of Content-Length; more is 413
#define HTTP_MAX_RANGE_BYTES 64         // a longer Range has several parts and is ignored

/* A refusal; status 0: none. `why` is static. */
typedef struct {
    unsigned status;
    const char *why;
} HttpRefusal;

/* Where the search for a head's end stands; zero at the beginning of a head. */
typedef struct {
    size_t line; // where the last line begins
    size_t seen; // bytes looked at
    unsigned lines, blank;
} HttpHeadSearch;

/* Looks for the end of the head that begins at `bytes`, of which `size` are in; goes on where the
 * last call stopped. The length of the head with its empty line and the blank lines before it;
 * 0: more is needed, or *out_refusal says why not. */
size_t http_head_find(const char *bytes, size_t size, HttpHeadSearch *search,
                      HttpRefusal *out_refusal);

typedef struct {
    size_t size;     // of the head as written again
    uint64_t length; // of the body; unknown where it is chunked
    bool chunked;
    char range[HTTP_MAX_RANGE_BYTES]; // the Range field, or "": it is not in the head any more
} HttpHead;

/* Reads the `size` bytes that http_head_find() found and writes the head again in their place,
 * never longer. *out_head is valid where the status is 0. */
HttpRefusal http_head_rewrite(char *bytes, size_t size, HttpHead *out_head);

/* A line with a chunk's size (RFC 9112 7.1), or the empty line that ends it. */
#define HTTP_MAX_CHUNK_DIGITS 8
/* The size in the line of `size` bytes with its CRLF; -1: malformed, or with an extension. */
int64_t http_chunk_size(const char *line, size_t size);
