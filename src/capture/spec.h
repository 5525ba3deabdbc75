// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Parses a source's text. Any thread.

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *launch;
    char *location; // for the element "location"; nullable
    bool loop;
    int input; // MEDIA_INPUTS; -1: not published over WHIP
} CaptureSpec;

/* `text`: a name in pipelines/sources, a file (may end in ?loop=0), rtsp://, rtsps:// or srt://, whip:INPUT.
 * Full ownership; errors show no secret. */
CaptureSpec *capture_spec_new(const char *pipelines_dir, const char *text, GError **error);
void capture_spec_free(CaptureSpec *spec);

/* A file's path in `text`. */
char *capture_spec_path(const char *text, bool *out_loop);

/* DIR/FOLDER/NAME.launch. */
char *capture_launch_path(const char *pipelines_dir, const char *folder, const char *name);

/* "a, b, c". */
char *capture_launch_names(const char *pipelines_dir, const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureSpec, capture_spec_free)
