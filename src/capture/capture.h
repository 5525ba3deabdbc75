// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The capture child alone uses GStreamer; it speaks media/wire.h.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs until STOP or the socket's end; ignores SIGINT, SIGTERM. `argv`: --fd N --clock-us M
 * --start-us T --keyframe-ms 2000 --encoder NAME --pipelines DIR [--slides DIR] [--loudness 23]
 * (-LUFS; 0: off). Timeline = base_clock_us() - M + T; T is a multiple of 2 s. Returns the
 * exit status. */
int capture_main(int argc, char **argv);

/* Faults of `source` (NULL: any) or `encoder`, with remedies. Opens no device. */
GPtrArray *capture_check(const char *pipelines_dir, const char *source, const char *encoder);

/* Waits `limit_us` for the source's media. NULL, or the fault with its remedy. */
char *capture_try(const char *pipelines_dir, const char *text, int64_t limit_us);

/* Environment and GStreamer for a process that decodes. Before other threads. */
bool capture_init(GError **error);

/* False after 5 s: the disk of the source's file hangs. Any thread; not in the sandbox. */
bool capture_responds(const char *source, GError **error);

/* After capture_init(), before other threads: enters the capture child's sandbox for good, with the
 * access that `encoder` and `source` need, and the folder `slides` (nullable). NULL: complete; else
 * the gaps, for staff. */
char *capture_confine(const char *pipelines_dir, const char *encoder, const char *source,
                      const char *slides);

/* Encodes `media_us` of a hard picture at full speed, in all renditions, with sound, for at most
 * `limit_us`. Returns media time over time taken; 0 with `error`: nothing came. Blocks. After
 * capture_check(). */
double capture_encode_speed(const char *pipelines_dir, const char *encoder, int64_t media_us,
                            int64_t limit_us, GError **error);

/* Cuts every URL to scheme, host and port. */
char *capture_redact(const char *text);
