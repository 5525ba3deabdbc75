// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of the child: written by it, checked by the server.
#include "slides/message.h"

#include "base/bytes.h"
#include "slides/slides.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

struct SlidesReader {
    uint8_t head[SLIDES_HEAD_BYTES];
    size_t have;      // of head, then of payload
    GByteArray *body; // the payload's room; NULL: the head is being read
    SlidesMessage now;
    unsigned pages, page; // all; complete
    uint64_t bytes;       // so far
    SlidesMessageType last;
    bool begun, broken;
    BaseCode problem;
};

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = TEMP_FAILURE_RETRY(write(fd, bytes, size));
        if (wrote <= 0) {
            return false;
        }
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

bool slides_message_send(int fd, const SlidesMessage *message)
{
    uint8_t head[SLIDES_HEAD_BYTES] = {(uint8_t)message->type};
    base_put_u32(head + 1, message->page);
    base_put_u32(head + 5, (uint32_t)message->size);
    return write_all(fd, head, sizeof head) && write_all(fd, message->data, message->size);
}

SlidesReader *slides_reader_new(void)
{
    return g_new0(SlidesReader, 1);
}

void slides_reader_free(SlidesReader *reader)
{
    if (reader != NULL) {
        g_clear_pointer(&reader->body, g_byte_array_unref);
        g_free(reader);
    }
}

static size_t most_bytes(SlidesMessageType type)
{
    switch (type) {
    case SLIDES_GAPS:
        return 2048;
    case SLIDES_PICTURE:
        return 4 << 20; // SLIDES_WIDTH * SLIDES_HEIGHT * 3, and a rest
    case SLIDES_THUMB:
        return 256 << 10;
    case SLIDES_TEXT:
        return SLIDES_MAX_TEXT;
    case SLIDES_PROBLEM:
        return 64;
    default:
        return 0;
    }
}

static bool follows(const SlidesReader *reader)
{
    const SlidesMessage *now = &reader->now;
    bool first = !reader->begun, counted = reader->pages > 0, whole = reader->page == reader->pages;
    bool of_next = now->page == reader->page + 1 && now->page <= reader->pages;
    switch (now->type) {
    case SLIDES_GAPS:
        return first && now->page == 0;
    case SLIDES_PAGES:
        return !counted && now->page > 0 && now->page <= SLIDES_MAX_PAGES;
    case SLIDES_PICTURE:
        return of_next && (reader->last == SLIDES_PAGES || reader->last == SLIDES_TEXT);
    case SLIDES_THUMB:
        return of_next && reader->last == SLIDES_PICTURE;
    case SLIDES_TEXT:
        return of_next && reader->last == SLIDES_THUMB;
    case SLIDES_DONE:
        return counted && whole && now->page == 0;
    case SLIDES_PROBLEM:
        return now->page == 0;
    }
    return false;
}

static bool begin_message(SlidesReader *reader)
{
    BaseReader head = base_reader(reader->head, sizeof reader->head);
    reader->now.type = base_read_u8(&head);
    reader->now.page = base_read_u32(&head);
    reader->now.size = base_read_u32(&head);
    reader->bytes += reader->now.size;
    if (reader->bytes > SLIDES_MAX_BYTES) {
        reader->problem = BASE_CODE_SLIDES_TOO_HEAVY;
        return false;
    }
    bool ended = reader->begun && (reader->last == SLIDES_DONE || reader->last == SLIDES_PROBLEM);
    if (ended || !follows(reader) || reader->now.size > most_bytes(reader->now.type)) {
        return false;
    }
    reader->have = 0;
    reader->body = g_byte_array_sized_new((guint)reader->now.size);
    return true;
}

static bool take_problem(SlidesReader *reader)
{
    g_autofree char *text = g_strndup((const char *)reader->now.data, reader->now.size);
    reader->problem = base_code_find(text);
    return reader->problem != BASE_CODE_NONE;
}

static bool is_right(SlidesReader *reader)
{
    const SlidesMessage *now = &reader->now;
    switch (now->type) {
    case SLIDES_PICTURE:
        return slides_is_png(now->data, now->size, SLIDES_WIDTH, SLIDES_HEIGHT);
    case SLIDES_THUMB:
        return slides_is_jpeg(now->data, now->size, SLIDES_THUMB_WIDTH, SLIDES_THUMB_HEIGHT);
    case SLIDES_GAPS:
    case SLIDES_TEXT:
        return slides_is_text(now->data, now->size);
    case SLIDES_PROBLEM:
        return take_problem(reader);
    default:
        return true;
    }
}

/* The payload is whole. */
static bool end_message(SlidesReader *reader,
                        void (*take)(void *data, const SlidesMessage *message), void *data)
{
    reader->now.data = reader->now.size > 0 ? reader->body->data : (const uint8_t *)"";
    bool right = is_right(reader);
    if (right) {
        reader->begun = true;
        reader->last = reader->now.type;
        reader->pages = reader->last == SLIDES_PAGES ? reader->now.page : reader->pages;
        reader->page += reader->last == SLIDES_TEXT;
        take(data, &reader->now);
    }
    g_clear_pointer(&reader->body, g_byte_array_unref);
    reader->have = 0;
    return right;
}

/* Bytes used. */
static size_t fill(SlidesReader *reader, const uint8_t *bytes, size_t size)
{
    size_t all = reader->body != NULL ? reader->now.size : sizeof reader->head;
    size_t used = MIN(size, all - reader->have);
    if (reader->body != NULL) {
        g_byte_array_append(reader->body, bytes, (guint)used);
    } else {
        memcpy(reader->head + reader->have, bytes, used);
    }
    reader->have += used;
    return used;
}

bool slides_reader_feed(SlidesReader *reader, const uint8_t *bytes, size_t size,
                        void (*take)(void *data, const SlidesMessage *message), void *data)
{
    while (size > 0 && !reader->broken) {
        size_t used = fill(reader, bytes, size);
        bytes += used;
        size -= used;
        if (reader->body == NULL && reader->have == sizeof reader->head) {
            reader->broken = !begin_message(reader);
        }
        if (!reader->broken && reader->body != NULL && reader->have == reader->now.size) {
            reader->broken = !end_message(reader, take, data);
        }
    }
    return !reader->broken;
}

bool slides_reader_is_done(const SlidesReader *reader)
{
    return reader->begun && reader->last == SLIDES_DONE && !reader->broken;
}

BaseCode slides_reader_problem(const SlidesReader *reader)
{
    return reader->problem;
}
