// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One track of one run as packets: init segment and public bytes through a demuxer. One thread.

#include "archive/catalogue.h"

#include <libavformat/avformat.h>

typedef struct PublishSource PublishSource;

/* From public segment `from` on. Borrows `folder` and `catalogue`. */
PublishSource *publish_source_new(const char *folder, const ArchiveCatalogue *catalogue,
                                  const ArchiveRun *run, unsigned track, guint from,
                                  GError **error);
void publish_source_free(PublishSource *source);

const AVStream *publish_source_stream(const PublishSource *source);

/* Borrowed from the catalogue. */
const ArchiveTrack *publish_source_track(const PublishSource *source);

/* In the stream's time base. 1: packet; 0: end; -1: error. After a break the key frame takes the
 * time of undecodable pictures. */
int publish_source_read(PublishSource *source, AVPacket *out_packet, GError **error);

/* How far that key frame was moved. */
int64_t publish_source_lead_us(const PublishSource *source);

/* Timeline - packet time. */
int64_t publish_source_shift_us(const PublishSource *source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PublishSource, publish_source_free)
