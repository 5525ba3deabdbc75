// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the archive's test files share: one clip, a scratch folder for each case, and one session
// with a lobby, a pause, a crash and a second run.

#include "clip.h"

#include "archive/archive.h"

#define SESSION_ID "s1"
#define SESSION_EPOCH_US INT64_C(1795422691000000)

/* Run 1 from 0 to 14 s, open from 3 to 7.5 and from 9 s, cut off while open; run 2 from 20 to 26 s,
 * ended at 24.5 s. */
typedef struct {
    int64_t start_us, end_us; // public, on the timeline
    int64_t run_us;           // start of its run
} SessionStretch;

#define SESSION_STRETCHES 3
extern const SessionStretch session_stretches[SESSION_STRETCHES];
#define SESSION_PUBLIC_US INT64_C(14000000)

Clip *case_clip(void);

/* A new folder; case_remove() removes it with all that is in it. */
char *case_folder(void);
void case_remove(char *folder);

/* Parts of a run through a writer of its own, then closes it; all must be kept. */
void case_write_clip(const char *folder, const Clip *clip, ClipRun *run);
void case_write(const char *folder, ClipRun *run);
void case_write_session(const char *folder);

/* Pushes, waiting while the ring is full. `data` is the writer. */
void case_push(void *data, MediaPart *part);

/* The standard output of a command that must succeed and say nothing on standard error. */
char *case_command(const char *format, ...) G_GNUC_PRINTF(1, 2);

char *case_read(const char *folder, const char *name, gsize *out_size);

void add_journal_cases(void);
void add_writer_cases(void);
void add_copies_cases(void);
void add_disk_cases(void);
void add_cleaner_cases(void);
void add_cut_cases(void);
void add_finish_cases(void);
void add_steps_cases(void);
void add_trim_cases(void);
void add_outputs_cases(void);
void add_past_cases(void);
