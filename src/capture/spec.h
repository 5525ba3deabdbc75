// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the text of a source means: which launch file, and which place it reads. Any thread.

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *launch;   // path of the launch file
    char *location; // a file's path or a URL for its element "location"; NULL: none
    bool loop;      // a finite source starts again
} CaptureSpec;

/* Forms: see capture_source_valid(). Full ownership, or NULL with an error that shows no secret. */
CaptureSpec *capture_spec_new(const char *pipelines_dir, const char *text, GError **error);
CaptureSpec *capture_spec_copy(const CaptureSpec *spec);
void capture_spec_free(CaptureSpec *spec);

/* DIR/FOLDER/NAME.launch. Full ownership. */
char *capture_launch_path(const char *pipelines_dir, const char *folder, const char *name);

/* The names in DIR/FOLDER, sorted, as "a, b, c". Full ownership. */
char *capture_launch_names(const char *pipelines_dir, const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureSpec, capture_spec_free)
