// SPDX-License-Identifier: GPL-3.0-or-later
// What a hijacked child could tell the server. Byte by byte it means the same as at once, and a page comes once.
#include "fuzz.h"

#include "slides/message.h"
#include "slides/slides.h"

#include <glib.h>

typedef struct {
    unsigned messages, pictures;
} Taken;

static void on_message(void *data, const SlidesMessage *message)
{
    Taken *taken = data;
    taken->messages++;
    taken->pictures += message->type == SLIDES_PICTURE;
    g_assert_cmpuint(message->page, <=, SLIDES_MAX_PAGES);
}

int target(const uint8_t *data, size_t size)
{
    g_autoptr(SlidesReader) whole = slides_reader_new();
    g_autoptr(SlidesReader) single = slides_reader_new();
    Taken at_once = {0}, one_by_one = {0};
    bool kept = slides_reader_feed(whole, data, size, on_message, &at_once), also = true;
    for (size_t i = 0; i < size; i++) {
        also = slides_reader_feed(single, data + i, 1, on_message, &one_by_one);
    }
    g_assert_cmpint(kept, ==, also);
    g_assert_cmpuint(at_once.messages, ==, one_by_one.messages);
    g_assert_cmpuint(at_once.pictures, <=, SLIDES_MAX_PAGES);
    g_assert_cmpint(slides_reader_is_done(whole), ==, slides_reader_is_done(single));
    g_assert_cmpint(slides_reader_problem(whole), ==, slides_reader_problem(single));
    return 0;
}
