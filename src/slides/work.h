// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The module's thread: loads decks, renders others one by one. Main thread calls and is called.

#include "slides/child.h"

typedef struct SlidesWork SlidesWork;

typedef struct {
    char *digest;
    uint64_t serial;
    char **texts; // NULL: `problem`
    BaseCode problem;
} SlidesResult;

typedef void (*SlidesWorkDone)(void *data, SlidesResult *result); // may take `texts`

SlidesWork *slides_work_new(const char *folder, const char *binary, const SlidesLimits *limits,
                            SlidesWorkDone done, void *data);
/* No `done` after it. */
void slides_work_free(SlidesWork *work);
void slides_work_prepare(SlidesWork *work, uint64_t serial, const char *digest, const char *path);
/* Removes the deck; drops its rendering. */
void slides_work_forget(SlidesWork *work, const char *digest);
