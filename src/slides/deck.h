// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Decks on the disk: FOLDER/DIGEST/ with page-N.png, page-N.jpg and deck.json; until it is whole
// and synced, FOLDER/.DIGEST.new. Blocks.

#include "slides/slides.h"

#include <stddef.h>
#include <stdint.h>

#define SLIDES_DIGEST_CHARACTERS 64

bool slides_is_digest(const char *text);
/* `kind`: "png" or "jpg". */
char *slides_disk_path(const char *folder, const char *digest, unsigned page, const char *kind);

/* NULL: missing, damaged, of another version. */
char **slides_disk_load(const char *folder, const char *digest);
/* These return 0 or -errno. */
int slides_disk_begin(const char *folder, const char *digest);
int slides_disk_write(const char *folder, const char *digest, unsigned page, const char *kind,
                      const uint8_t *bytes, size_t size);
int slides_disk_finish(const char *folder, const char *digest, char **texts);
void slides_disk_remove(const char *folder, const char *digest);
/* What a crash left. */
void slides_disk_sweep(const char *folder);
