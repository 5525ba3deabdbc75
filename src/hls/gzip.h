// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// gzip (RFC 1952) of playlists. A file may be in two pieces, of which the first only grows: it is
// deflated as it comes and flushed to whole bytes (RFC 1951), so whatever is deflated apart may
// follow it as the end. One thread.

#include <glib.h>
#include <stdint.h>

typedef struct HlsGzip HlsGzip; // a compressor's state, 256 KB, made once

HlsGzip *hls_gzip_new(void);
void hls_gzip_free(HlsGzip *gzip);

/* The first piece, so far. */
typedef struct {
    GByteArray *bytes;
    uint32_t crc;
    size_t size; // of the text
} HlsGzipLead;

/* Begins a file in `out->bytes`, which is emptied. */
void hls_gzip_begin(HlsGzip *gzip, HlsGzipLead *out);
void hls_gzip_add(HlsGzip *gzip, HlsGzipLead *lead, const char *text, size_t size);

/* The end of a file: `lead` NULL: all of it. `gzip` is another than the lead's. Full ownership. */
GBytes *hls_gzip_end(HlsGzip *gzip, const HlsGzipLead *lead, GBytes *text);
