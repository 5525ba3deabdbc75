// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The module's own thread: loads decks from the disk, renders others one after another, writes and
// removes files. Main thread; `done` is called there too.

#include "slides/child.h"

typedef struct SlidesWork SlidesWork;

typedef struct {
    char *digest;
    uint64_t serial; // of slides_work_prepare()
    char **texts;    // of a ready deck; NULL: `problem`
    BaseCode problem;
} SlidesResult;

typedef void (*SlidesWorkDone)(void *data, SlidesResult *result); // may take `texts`

SlidesWork *slides_work_new(const char *folder, const char *binary, const SlidesLimits *limits,
                            SlidesWorkDone done, void *data);
/* Ends a child that works; no `done` after it. */
void slides_work_free(SlidesWork *work);
void slides_work_prepare(SlidesWork *work, uint64_t serial, const char *digest, const char *path);
/* Removes the deck; drops its rendering. */
void slides_work_forget(SlidesWork *work, const char *digest);
