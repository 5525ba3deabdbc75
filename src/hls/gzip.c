// SPDX-License-Identifier: GPL-3.0-or-later
// Compresses playlists whose first piece only grows.
#include "hls/gzip.h"

#include <string.h>
#include <zlib.h>

#define LEVEL 6                  // lower ones are hardly faster
#define WINDOW_BITS (-MAX_WBITS) // bare deflate
#define MEMORY_LEVEL 8
#define TRAILER_BYTES 8

struct HlsGzip {
    z_stream stream;
};

/* No name or time: equal texts, equal files. */
static const uint8_t header[] = {0x1f, 0x8b, Z_DEFLATED, 0, 0, 0, 0, 0, 0, 0xff};

HlsGzip *hls_gzip_new(void)
{
    HlsGzip *gzip = g_new0(HlsGzip, 1);
    int result = deflateInit2(&gzip->stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
                              Z_DEFAULT_STRATEGY);
    g_assert(result == Z_OK); // fails only without memory
    return gzip;
}

void hls_gzip_free(HlsGzip *gzip)
{
    if (gzip != NULL) {
        deflateEnd(&gzip->stream);
        g_free(gzip);
    }
}

/* Appends to the `used` bytes of `out`. Returns the new size. */
static size_t deflate_into(HlsGzip *gzip, const void *text, size_t size, int flush, GByteArray *out,
                           size_t used)
{
    z_stream *stream = &gzip->stream;
    size_t room = deflateBound(stream, (uLong)size) + 16;
    g_byte_array_set_size(out, (guint)(used + room));
    stream->next_in = (Bytef *)text;
    stream->avail_in = (uInt)size;
    stream->next_out = out->data + used;
    stream->avail_out = (uInt)room;
    int result = deflate(stream, flush);
    g_assert(result == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) && stream->avail_in == 0);
    return used + room - stream->avail_out;
}

void hls_gzip_begin(HlsGzip *gzip, HlsGzipLead *out)
{
    deflateReset(&gzip->stream);
    g_byte_array_set_size(out->bytes, 0);
    g_byte_array_append(out->bytes, header, sizeof header);
    out->crc = 0;
    out->size = 0;
}

void hls_gzip_add(HlsGzip *gzip, HlsGzipLead *lead, const char *text, size_t size)
{
    size_t used = deflate_into(gzip, text, size, Z_SYNC_FLUSH, lead->bytes, lead->bytes->len);
    g_byte_array_set_size(lead->bytes, (guint)used);
    lead->crc = (uint32_t)crc32(lead->crc, (const Bytef *)text, (uInt)size);
    lead->size += size;
}

static void put_le(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

GBytes *hls_gzip_end(HlsGzip *gzip, const HlsGzipLead *lead, GBytes *text)
{
    gsize size;
    const void *data = g_bytes_get_data(text, &size);
    GByteArray *out = g_byte_array_new();
    if (lead == NULL) {
        g_byte_array_append(out, header, sizeof header);
    }
    deflateReset(&gzip->stream);
    size_t used = deflate_into(gzip, data, size, Z_FINISH, out, out->len);
    g_byte_array_set_size(out, (guint)(used + TRAILER_BYTES));
    uint32_t crc = (uint32_t)crc32(0, data, (uInt)size);
    if (lead != NULL) {
        crc = (uint32_t)crc32_combine(lead->crc, crc, (z_off_t)size);
    }
    put_le(out->data + used, crc);
    put_le(out->data + used + 4, (uint32_t)(size + (lead != NULL ? lead->size : 0)));
    return g_byte_array_free_to_bytes(out);
}
