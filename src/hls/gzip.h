// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// gzip (RFC 1952) of playlists: a growing lead, flushed to whole bytes (RFC 1951), and an end. One
// thread.

#include <glib.h>
#include <stdint.h>

typedef struct HlsGzip HlsGzip; // 256 KB

HlsGzip *hls_gzip_new(void);
void hls_gzip_free(HlsGzip *gzip);

typedef struct {
    GByteArray *bytes;
    uint32_t crc;
    size_t size;
} HlsGzipLead;

/* Empties `out->bytes`. */
void hls_gzip_begin(HlsGzip *gzip, HlsGzipLead *out);
void hls_gzip_add(HlsGzip *gzip, HlsGzipLead *lead, const char *text, size_t size);

/* `lead` NULL: the whole file. Not with the lead's `gzip`. */
GBytes *hls_gzip_end(HlsGzip *gzip, const HlsGzipLead *lead, GBytes *text);
