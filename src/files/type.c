// SPDX-License-Identifier: GPL-3.0-or-later
// Finds a file's type by its content, and whether its end is there.
#include "files/type.h"

#include <glib.h>
#include <string.h>

const FilesTypeInfo files_types[FILES_TYPES] = {
    [FILES_PNG] = {"image/png", "png", "PNG"},
    [FILES_JPEG] = {"image/jpeg", "jpg", "JPEG"},
    [FILES_WEBP] = {"image/webp", "webp", "WebP"},
    [FILES_PDF] = {"application/pdf", "pdf", "PDF"},
    [FILES_ODP] = {"application/vnd.oasis.opendocument.presentation", "odp", "ODP"},
    [FILES_PPTX] = {"application/vnd.openxmlformats-officedocument.presentationml.presentation",
                    "pptx", "PPTX"},
};

typedef struct {
    const uint8_t *bytes;
    size_t size;
} Content;

static bool has(const Content *content, size_t at, const void *bytes, size_t size)
{
    return at <= content->size && size <= content->size - at &&
           memcmp(content->bytes + at, bytes, size) == 0;
}
#define HAS(content, at, text) has(content, at, text, sizeof(text) - 1)

/* Little endian; the bytes are there. */
static uint32_t number(const Content *content, size_t at, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = count; i-- > 0;) {
        value = value << 8 | content->bytes[at + i];
    }
    return value;
}

/* Big endian; the bytes are there. */
static uint32_t network_number(const Content *content, size_t at, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        value = value << 8 | content->bytes[at + i];
    }
    return value;
}

static bool is_whole_png(const Content *png)
{
    size_t at = 8;
    while (png->size - at >= 12) { // length, type, CRC
        size_t length = network_number(png, at, 4);
        if (HAS(png, at + 4, "IEND")) {
            return true;
        }
        if (length > png->size - at - 12) {
            return false;
        }
        at += length + 12;
    }
    return false;
}

/* Segments up to the first scan; a scan holds no EOI but the last (ITU-T T.81 B.1.1). */
static bool is_whole_jpeg(const Content *jpeg)
{
    size_t at = 2;
    while (jpeg->size - at >= 4 && jpeg->bytes[at] == 0xff) {
        bool scan = jpeg->bytes[at + 1] == 0xda;
        size_t length = network_number(jpeg, at + 2, 2);
        if (length < 2 || length > jpeg->size - at - 2) {
            return false;
        }
        at += length + 2;
        if (scan) {
            return memmem(jpeg->bytes + at, jpeg->size - at, "\xff\xd9", 2) != NULL;
        }
    }
    return false;
}

static bool is_whole_pdf(const Content *pdf)
{
    const size_t tail = MIN(pdf->size, 4096);
    return memmem(pdf->bytes + pdf->size - tail, tail, "%%EOF", 5) != NULL;
}

/* ZIP (APPNOTE 4.3) */

#define END_BYTES 22       // of central directory
#define ENTRY_BYTES 46     // of it
#define LOCAL_BYTES 30     // local header
#define MAX_COMMENT 0xffff // behind the end

/* `*out_at`, `*out_count`: of the central directory. */
static bool find_directory(const Content *zip, size_t *out_at, unsigned *out_count)
{
    size_t first = zip->size > END_BYTES + MAX_COMMENT ? zip->size - END_BYTES - MAX_COMMENT : 0;
    for (size_t at = zip->size - MIN(zip->size, END_BYTES); at >= first && at > 0; at--) {
        if (HAS(zip, at, "PK\5\6") && at + END_BYTES <= zip->size) {
            size_t size = number(zip, at + 12, 4), start = number(zip, at + 16, 4);
            *out_at = start;
            *out_count = number(zip, at + 10, 2);
            return start <= at && size <= at - start;
        }
    }
    return false;
}

static bool has_member(const Content *zip, const char *name)
{
    size_t at, length = strlen(name);
    unsigned count;
    if (!find_directory(zip, &at, &count)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!HAS(zip, at, "PK\1\2") || zip->size - at < ENTRY_BYTES) {
            return false;
        }
        size_t name_size = number(zip, at + 28, 2);
        if (name_size == length && has(zip, at + ENTRY_BYTES, name, length)) {
            return true;
        }
        at += ENTRY_BYTES + name_size + number(zip, at + 30, 2) + number(zip, at + 32, 2);
    }
    return false;
}

/* Stored first (OpenDocument 1.3 part 2, 3.3). */
static bool says_odp(const Content *zip)
{
    const char *type = files_types[FILES_ODP].media_type;
    return HAS(zip, LOCAL_BYTES, "mimetype") && number(zip, 8, 2) == 0 &&
           number(zip, 22, 4) == strlen(type) &&
           has(zip, LOCAL_BYTES + 8 + number(zip, 28, 2), type, strlen(type));
}

static FilesType type_of_zip(const Content *zip, bool *out_whole)
{
    size_t at;
    unsigned count;
    *out_whole = find_directory(zip, &at, &count);
    if (says_odp(zip)) {
        *out_whole = *out_whole && has_member(zip, "content.xml");
        return FILES_ODP;
    }
    bool pptx = has_member(zip, "[Content_Types].xml") && has_member(zip, "ppt/presentation.xml") &&
                !has_member(zip, "ppt/vbaProject.bin");
    return pptx || !*out_whole ? FILES_PPTX : FILES_TYPES;
}

FilesType files_type_of(const uint8_t *bytes, size_t size, bool *out_whole)
{
    Content content = {.bytes = bytes, .size = size};
    *out_whole = true;
    if (HAS(&content, 0, "\x89PNG\r\n\x1a\n")) {
        *out_whole = is_whole_png(&content);
        return FILES_PNG;
    }
    if (HAS(&content, 0, "\xff\xd8\xff")) {
        *out_whole = is_whole_jpeg(&content);
        return FILES_JPEG;
    }
    if (HAS(&content, 0, "RIFF") && HAS(&content, 8, "WEBPVP8")) {
        *out_whole = number(&content, 4, 4) <= size - 8;
        return FILES_WEBP;
    }
    if (HAS(&content, 0, "%PDF-")) {
        *out_whole = is_whole_pdf(&content);
        return FILES_PDF;
    }
    if (HAS(&content, 0, "PK\3\4") && size >= LOCAL_BYTES) {
        return type_of_zip(&content, out_whole);
    }
    return FILES_TYPES;
}

char *files_type_names(unsigned set)
{
    GString *names = g_string_new(NULL);
    for (unsigned i = 0; i < FILES_TYPES; i++) {
        if ((set & 1u << i) != 0) {
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", files_types[i].name);
        }
    }
    return g_string_free(names, FALSE);
}

const FilesTypeInfo *files_type_find(const char *media_type)
{
    for (unsigned i = 0; i < FILES_TYPES; i++) {
        if (g_strcmp0(files_types[i].media_type, media_type) == 0) {
            return &files_types[i];
        }
    }
    return NULL;
}
