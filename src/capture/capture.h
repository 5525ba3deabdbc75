// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The capture child: sources, programme, slate, encoders, thumbnails. It alone uses GStreamer, in a
// process of its own, and speaks media/wire.h over one socket. The server calls capture_main() only
// in that child; capture_check() and the texts about sources also in its own process.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs the child until STOP or until the socket closes. `argv` as it stands after the word
 * "capture": --fd N --clock-us M --start-us T --keyframe-ms 2000 --encoder NAME --pipelines DIR.
 * The timeline is base_clock_us() - M + T; T is a multiple of 2 s and may lie a little ahead. No
 * source in argv, since a camera's address may carry a password: the first SOURCE message names it,
 * later ones change it; slate and silence until then. Returns the exit status: 0, or 1 after a line
 * on standard error. SIGINT and SIGTERM are ignored: the socket rules. */
int capture_main(int argc, char **argv);

/* What would keep `source` (nullable: any) or `encoder` from running, a text each that says what is
 * wrong and how to mend it; empty when nothing is. Loads plugins, starts no pipeline, opens no
 * device. Blocks for a second or so when plugins are new. Full ownership (g_ptr_array_unref). */
GPtrArray *capture_check(const char *pipelines_dir, const char *source, const char *encoder);

/* Opens `source` and waits for its media, at most `limit_us`. NULL where some came, else a text
 * that says what is wrong and how to mend it, without secrets. Not for a source that never starts
 * again: a file is read, a device or camera is taken for that time. Full ownership. */
char *capture_try(const char *pipelines_dir, const char *source, int64_t limit_us);

/* Whether `source` has an acceptable form and names something that is there: a name from
 * pipelines/sources, else a file (may end in ?loop=0), else rtsp://, rtsps:// or srt://. */
bool capture_source_valid(const char *pipelines_dir, const char *source, GError **error);

/* `text` fit for logs and people: every URL in it is cut to scheme, host and port. Full ownership.
 */
char *capture_redact(const char *text);
