// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Decks on the disk: FOLDER/DIGEST/ has page-N.png, page-N.jpg and deck.json, {"version", "pages",
// "texts"}. It has that name once all of it is on the disk; before, FOLDER/.DIGEST.new. Blocks; the
// module's own thread.

#include "slides/slides.h"

#include <stddef.h>
#include <stdint.h>

#define SLIDES_DIGEST_CHARACTERS 64

bool slides_is_digest(const char *text);
/* `kind`: "png" or "jpg". */
char *slides_disk_path(const char *folder, const char *digest, unsigned page, const char *kind);

/* Texts, NULL-terminated. NULL: not there, damaged or of another version. */
char **slides_disk_load(const char *folder, const char *digest);
/* Each returns 0 or -errno. */
int slides_disk_begin(const char *folder, const char *digest);
int slides_disk_write(const char *folder, const char *digest, unsigned page, const char *kind,
                      const uint8_t *bytes, size_t size);
/* `texts`: of all pages. */
int slides_disk_finish(const char *folder, const char *digest, char **texts);
/* Also an unfinished one. */
void slides_disk_remove(const char *folder, const char *digest);
/* What a crash left. */
void slides_disk_sweep(const char *folder);
