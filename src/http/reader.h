// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Stands between a wire and libsoup: hands on request heads that http/head.h has read and written
// again, and bodies exactly as they are framed, never a byte of the next request with them. It
// answers any other request itself, with a problem document, and discards the rest until the peer
// has read that and goes. Http thread.

#include "http/wire.h"

#define HTTP_LINGER_S 2 // after a refusal

typedef struct HttpReader HttpReader;

/* Holds a reference of `wire`. Full ownership. */
HttpReader *http_reader_new(HttpWire *wire);
HttpReader *http_reader_ref(HttpReader *reader);
void http_reader_unref(HttpReader *reader);

/* Like http_wire_read(); after many in a row it gives -EAGAIN once. */
ssize_t http_reader_read(HttpReader *reader, void *to, size_t size);
/* There are bytes to read without a look at the wire. */
bool http_reader_pending(const HttpReader *reader);

/* The Range field of the request whose head was read last, or NULL. Borrowed, until the next. */
const char *http_reader_range(const HttpReader *reader);
/* The rest of a head takes longer than that, or the peer of a refusal longer than HTTP_LINGER_S. */
bool http_reader_late(const HttpReader *reader, int64_t now_us, int64_t longest_head_us);
/* Closes the wire. What has come of an unread body is discarded first, or the peer might lose the
 * answer. */
void http_reader_close(HttpReader *reader);
/* Answers with a problem document in the midst of a request, of which nothing more is handed on. */
void http_reader_refuse(HttpReader *reader, unsigned status, const char *detail);
