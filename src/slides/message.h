// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the child tells the server:
//
//     0      1          5          9
//     | type | page     | size     | payload, `size` bytes |      big endian
//
// Perhaps GAPS; PAGES; of each page PICTURE, THUMB, TEXT; DONE. PROBLEM ends all.

#include "base/codes.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLIDES_HEAD_BYTES 9
#define SLIDES_MAX_BYTES (512U << 20)

typedef enum {
    SLIDES_GAPS = 'g',    // what the sandbox lacks
    SLIDES_PAGES = 'n',   // `page`: how many there are
    SLIDES_PICTURE = 'p', // PNG
    SLIDES_THUMB = 't',   // JPEG
    SLIDES_TEXT = 'x',    // UTF-8, clean
    SLIDES_DONE = 'd',
    SLIDES_PROBLEM = 'e', // a code's text
} SlidesMessageType;

typedef struct {
    SlidesMessageType type;
    unsigned page;       // from 1
    const uint8_t *data; // not NULL
    size_t size;
} SlidesMessage;

/* Blocks. False: nobody reads. */
bool slides_message_send(int fd, const SlidesMessage *message);

/* Checks an untrusted child. Pure. */
typedef struct SlidesReader SlidesReader;

SlidesReader *slides_reader_new(void);
void slides_reader_free(SlidesReader *reader);
/* False, for good: the child broke a rule. */
bool slides_reader_feed(SlidesReader *reader, const uint8_t *bytes, size_t size,
                        void (*take)(void *data, const SlidesMessage *message), void *data);
/* After DONE. */
bool slides_reader_is_done(const SlidesReader *reader);
/* Told by the child, or TOO_HEAVY: too many bytes. */
BaseCode slides_reader_problem(const SlidesReader *reader);

/* Whole, of this size. */
bool slides_is_png(const uint8_t *bytes, size_t size, unsigned width, unsigned height);
bool slides_is_jpeg(const uint8_t *bytes, size_t size, unsigned width, unsigned height);
/* Lines of base_text_clean(). */
bool slides_is_text(const uint8_t *bytes, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SlidesReader, slides_reader_free)
