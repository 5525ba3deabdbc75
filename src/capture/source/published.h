// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inputs over WHIP: a thread passes packets to the source that reads them. One per process.

#include "capture/source/source.h"

/* Takes `fd`. Once. */
void capture_published_start(int fd);
/* After the sources. */
void capture_published_stop(void);

/* `pipeline`, in state NULL, gets the packets; reports go back. Another publisher, or none, fails
 * `source`. False: nobody publishes. */
bool capture_published_attach(CaptureSource *source, unsigned number, GstElement *pipeline);
void capture_published_detach(CaptureSource *source, unsigned number);
