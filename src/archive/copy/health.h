// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reports a copy's failure and recovery, once each, with remedies. The copy's thread, except
// archive_health_now() and archive_health_mute(). Embedded.

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *folder; // borrowed
    bool mirror;
    bool said;
    int code; // of the failure said last; 0: none
    atomic_bool failing;
    pthread_mutex_t mutex;                     // held during `tell`
    void (*tell)(void *data, const char *why); // nullable; NULL `why`: works again
    void *data;
} ArchiveHealth;

void archive_health_init(ArchiveHealth *health, const char *folder, bool mirror);
void archive_health_clear(ArchiveHealth *health);

/* Until recovery only the first. */
void archive_health_say(ArchiveHealth *health, const char *why);
void archive_health_say_error(ArchiveHealth *health, int code);
void archive_health_say_low(ArchiveHealth *health, uint64_t free_bytes);
void archive_health_say_slow(ArchiveHealth *health, uint64_t lost_parts);
void archive_health_say_well(ArchiveHealth *health);

bool archive_health_now(const ArchiveHealth *health);

void archive_health_mute(ArchiveHealth *health);
