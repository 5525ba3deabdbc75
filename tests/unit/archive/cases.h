// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by the archive's test files: one clip, scratch folders, and a session with a lobby, a
// pause, a crash and a second run.

#include "clip.h"

#include "archive/archive.h"
#include "publish/publish.h"

#define SESSION_ID "s1"
#define SESSION_EPOCH_US INT64_C(1795422691000000)

/* Run 1: 0 to 14 s, open from 3 to 7.5 and from 9 s, cut off while open. Run 2: 20 to 26 s, ended
 * at 24.5 s. */
typedef struct {
    int64_t start_us, end_us; // public, on the timeline
    int64_t run_us;           // start of its run
} SessionStretch;

#define SESSION_STRETCHES 3
extern const SessionStretch session_stretches[SESSION_STRETCHES];
#define SESSION_PUBLIC_US INT64_C(14000000)

Clip *case_clip(void);

/* case_remove() removes it. */
char *case_folder(void);
void case_remove(char *folder);

/* Writes a run through its own writer and closes it; asserts that all parts are kept. */
void case_write_clip(const char *folder, const Clip *clip, ClipRun *run);
void case_write(const char *folder, ClipRun *run);
void case_write_session(const char *folder);

/* Waits while the ring is full. `data`: the writer. */
void case_push(void *data, MediaPart *part);

/* Standard output; asserts success and an empty standard error. */
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
void add_earlier_runs_cases(void);
