// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pages of PDFs as pictures and texts, made by a sandboxed child. Main thread, but for slides_main()
// and slides_try().

#include "base/error.h"

#include <glib.h>
#include <stdbool.h>

#define SLIDES_FOLDER "slides" // in the data folder
#define SLIDES_MAX_PAGES 300
#define SLIDES_WIDTH 1280
#define SLIDES_HEIGHT 720
#define SLIDES_THUMB_WIDTH 320
#define SLIDES_THUMB_HEIGHT 180
#define SLIDES_MAX_TEXT 8192 // bytes of a page

typedef struct Slides Slides;

typedef struct {
    unsigned pages;
    char **texts;  // of the pages, UTF-8, in lines; "" where there is none; NULL-terminated
    char *problem; // NULL: none. Else a code's text ("slides-encrypted"), pages is 0
    bool working;  // is being rendered; pages is 0
} SlidesDeck;

/* Makes `folder`; removes there what a crash left. `binary`: of majlis. */
Slides *slides_new(const char *folder, const char *binary, GError **error);
/* Ends a child that works. */
void slides_free(Slides *slides);

/* Renders the PDF at `path`, whose SHA-256 is `digest`, unless done or under way. In order. A failed
 * deck is tried again. */
void slides_prepare(Slides *slides, const char *digest, const char *path);
/* Called when a deck is ready or failed. */
void slides_watch(Slides *slides, void (*changed)(void *data, const char *digest), void *data);

/* NULL: not prepared since the start. Borrowed until the next change. */
const SlidesDeck *slides_deck(const Slides *slides, const char *digest);
/* Borrowed. */
const char *slides_folder(const Slides *slides);
/* Of a ready deck, `page` from 1: PNG, SLIDES_WIDTH; JPEG, SLIDES_THUMB_WIDTH. */
char *slides_page_path(const Slides *slides, const char *digest, unsigned page);
char *slides_thumb_path(const Slides *slides, const char *digest, unsigned page);

/* Also ends its rendering. */
void slides_forget(Slides *slides, const char *digest);

/* The child: PDF on standard input, slides/message.h on standard output. `argv`: --cpu SECONDS
 * --memory MEGABYTES --letters SECONDS. Returns the exit status. */
int slides_main(int argc, char **argv);

/* Renders a page in a child. NULL, or the fault with its remedy. `*out_gaps`: nullable, of the
 * sandbox. Blocks. */
char *slides_try(const char *binary, char **out_gaps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Slides, slides_free)
