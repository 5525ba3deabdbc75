// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The published media of one track of one run as packets: its init segment and the journalled bytes
// of its public segments, read one after another through one demuxer. Holds a few buffers and what
// the demuxer notes of each packet. One thread.

#include "archive/catalogue.h"

#include <libavformat/avformat.h>

typedef struct ArchiveSource ArchiveSource;

/* Begins at the run's first public segment from slot `from` of the catalogue on. `folder` and
 * `catalogue` are borrowed and must outlive it. Full ownership. */
ArchiveSource *archive_source_new(const char *folder, const ArchiveCatalogue *catalogue,
                                  const ArchiveRun *run, unsigned track, guint from,
                                  GError **error);
void archive_source_free(ArchiveSource *source);

/* The stream: codec parameters and time base. Owned by the source. */
const AVStream *archive_source_stream(const ArchiveSource *source);

/* The track it reads. Owned by the catalogue. */
const ArchiveTrack *archive_source_track(const ArchiveSource *source);

/* The next packet, in the stream's time base. 1: there is one; 0: the end; -1 with an error. */
int archive_source_read(ArchiveSource *source, AVPacket *out_packet, GError **error);

/* What to add to a packet's time, in microseconds, to have the session's timeline. */
int64_t archive_source_shift_us(const ArchiveSource *source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveSource, archive_source_free)
