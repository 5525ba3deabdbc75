// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A strict reader of media playlists: knows the tags that this server writes, in their order, and
// asserts the rules of RFC 8216bis for each text, each succession and each delta update.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define CHECK_MAX_PARTS 16

typedef struct {
    char *uri;
    double duration;
    bool independent;
} CheckPart;

typedef struct {
    char *uri; // NULL while incomplete
    char *map; // in force; NULL: none (delta updates, gaps)
    double duration;
    int64_t date_us;
    bool discontinuity, gap;
    uint64_t bytes; // EXT-X-BYTERANGE from 0, 0: none
    unsigned part_count;
    CheckPart parts[CHECK_MAX_PARTS];
} CheckSegment;

typedef struct {
    unsigned target, skip_until;
    double hold_back, part_target;
    uint64_t msn, discontinuity_sequence;
    unsigned skipped;
    bool ended, event;
    char *hint;
    GPtrArray *markers;  // EXT-X-DATERANGE lines
    GPtrArray *reports;  // lines
    GPtrArray *segments; // CheckSegment; the last may be incomplete
} CheckList;

/* Units are lost on purpose: allows time between segments. */
extern bool check_lossy;
/* Allows a listed segment to become a gap. */
extern bool check_lost;

/* Asserts the rules of one text. */
CheckList *check_list_new(const char *text);
void check_list_free(CheckList *list);

/* Asserts that `after` may follow `before` at one URL. */
void check_succession(const CheckList *before, const CheckList *after);

/* Asserts that `before` and `delta` together equal `full`. */
void check_delta(const CheckList *before, const CheckList *delta, const CheckList *full);

const CheckSegment *check_segment(const CheckList *list, unsigned i); // borrowed
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CheckList, check_list_free)
