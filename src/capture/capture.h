// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The capture child alone uses GStreamer; it speaks media/wire.h.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs until STOP or the socket's end; ignores SIGINT and SIGTERM. `argv`: --fd N --clock-us M
 * --start-us T --keyframe-ms 2000 --encoder NAME --pipelines DIR. Timeline = base_clock_us() - M +
 * T; T is a multiple of 2 s. SOURCE messages name the source. Returns the exit status. */
int capture_main(int argc, char **argv);

/* Faults of `source` (NULL: any) or `encoder`, with remedies. Opens no device. Full ownership. */
GPtrArray *capture_check(const char *pipelines_dir, const char *source, const char *encoder);

/* Waits `limit_us` for the source's media. NULL, or the fault with its remedy. */
char *capture_try(const char *pipelines_dir, const char *text, int64_t limit_us);

/* What this kernel lacks for the child's sandbox, and what that means; NULL: nothing. */
char *capture_sandbox_lacks(void);

/* Encodes `media_us` of a picture that is hard to encode, as fast as `encoder` takes it, in all renditions
 * and with sound; after `limit_us` gives up the rest. Returns media time over time taken; 0 with
 * `error` if nothing came. Blocks. After capture_check(). */
double capture_encode_speed(const char *pipelines_dir, const char *encoder, int64_t media_us,
                            int64_t limit_us, GError **error);

/* Cuts every URL to scheme, host and port. */
char *capture_redact(const char *text);
