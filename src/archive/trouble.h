// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is said of a copy that cannot be written, and that it can be again: each once, in words that
// somebody at the machine can act on. The copy's thread, but for archive_trouble_now() and
// archive_trouble_mute(). Embedded.

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *folder; // borrowed
    bool mirror;        // its troubles are not the recording's
    bool said;
    atomic_bool failing;
    pthread_mutex_t mutex;                     // held while it is told
    void (*tell)(void *data, const char *why); // nullable; why NULL: works again
    void *data;
} ArchiveTrouble;

void archive_trouble_init(ArchiveTrouble *trouble, const char *folder, bool mirror);
void archive_trouble_clear(ArchiveTrouble *trouble);

/* Only the first is told until it works again. */
void archive_trouble_say(ArchiveTrouble *trouble, const char *why);
void archive_trouble_say_error(ArchiveTrouble *trouble, int code);
void archive_trouble_say_low(ArchiveTrouble *trouble, uint64_t free_bytes);
void archive_trouble_say_slow(ArchiveTrouble *trouble, uint64_t lost_parts);
void archive_trouble_say_well(ArchiveTrouble *trouble);

bool archive_trouble_now(const ArchiveTrouble *trouble);

/* After it nothing is told any more. */
void archive_trouble_mute(ArchiveTrouble *trouble);
