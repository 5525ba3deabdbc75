// SPDX-License-Identifier: GPL-3.0-or-later
// Reads one track's published media as packets.
#include "publish/source.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)
/* Above any rounding. */
#define SHIFT_MIN_US 1000

struct PublishSource {
    const char *folder;
    const ArchiveCatalogue *catalogue;
    const ArchiveRun *run;
    unsigned track;

    guint first_entry, next_entry;
    bool init_read;
    int fd; // current file, or -1
    uint64_t left;

    AVIOContext *io;
    AVFormatContext *demuxer;
    bool shift_known;
    int64_t shift_us;

    guint entered;    // first segment without packets
    bool wants_key;   // until a key frame
    int64_t lead_pts; // first dropped packet, or AV_NOPTS_VALUE
    int64_t lead_us;
};

static bool set_av_error(GError **error, int code, const char *what, const PublishSource *source)
{
    char reason[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, reason, sizeof reason);
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot %s %s/%u/%s: %s", what,
                source->folder, source->run->number, source->run->tracks[source->track].key,
                reason);
    return false;
}

/* --- One file after another ------------------------------------------------------------------- */

static int open_file(PublishSource *source, char *path, uint64_t bytes)
{
    source->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int result = source->fd >= 0 ? 0 : AVERROR(errno);
    g_free(path);
    source->left = bytes;
    return result;
}

/* Of this track, or NULL. */
static const ArchivePublicSegment *next_entry(PublishSource *source)
{
    while (source->next_entry < source->catalogue->public_segments->len) {
        const ArchivePublicSegment *entry = &g_array_index(
            source->catalogue->public_segments, ArchivePublicSegment, source->next_entry++);
        if (entry->run == source->run && entry->tracks[source->track].parts > 0) {
            return entry;
        }
    }
    return NULL;
}

static int open_next(PublishSource *source)
{
    const ArchiveTrack *track = &source->run->tracks[source->track];
    if (source->fd >= 0) {
        close(source->fd);
        source->fd = -1;
    }
    if (!source->init_read) {
        source->init_read = true;
        char *path = archive_init_path(source->folder, source->run->number, track->key);
        return open_file(source, path, track->init_bytes);
    }
    const ArchivePublicSegment *entry = next_entry(source);
    if (entry == NULL) {
        return AVERROR_EOF;
    }
    uint64_t bytes = 0;
    int64_t pts_us = 0;
    int64_t end_us = 0;
    archive_public_segment_extent(entry, source->track, &bytes, &pts_us, &end_us);
    return open_file(
        source,
        archive_segment_path(source->folder, source->run->number, track->key, entry->sequence),
        bytes);
}

static int read_bytes(void *data, uint8_t *out, int room)
{
    PublishSource *source = data;
    while (source->left == 0) {
        int result = open_next(source);
        if (result != 0) {
            return result;
        }
    }
    size_t want = MIN((uint64_t)room, source->left);
    ssize_t got;
    do {
        got = read(source->fd, out, want);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return got < 0 ? AVERROR(errno) : AVERROR(EIO); // shorter than journalled
    }
    source->left -= (uint64_t)got;
    return (int)got;
}

/* --- Packets ---------------------------------------------------------------------------------- */

static bool open_demuxer(PublishSource *source, GError **error)
{
    source->io =
        avio_alloc_context(av_malloc(READ_BYTES), READ_BYTES, 0, source, read_bytes, NULL, NULL);
    source->demuxer = avformat_alloc_context();
    g_assert(source->io != NULL && source->demuxer != NULL); // no memory: as GLib
    source->io->seekable = 0;
    source->demuxer->pb = source->io;
    source->demuxer->flags |= AVFMT_FLAG_CUSTOM_IO;
    AVDictionary *options = NULL;
    av_dict_set(&options, "ignore_editlist", "1", 0); // the fragments' times
    int result = avformat_open_input(&source->demuxer, NULL, av_find_input_format("mp4"), &options);
    av_dict_free(&options);
    if (result < 0) {
        return set_av_error(error, result, "open", source);
    }
    if (source->demuxer->nb_streams != 1) {
        return set_av_error(error, AVERROR_INVALIDDATA, "use the init segment of", source);
    }
    return true;
}

PublishSource *publish_source_new(const char *folder, const ArchiveCatalogue *catalogue,
                                  const ArchiveRun *run, unsigned track, guint from, GError **error)
{
    g_autoptr(PublishSource) source = g_new0(PublishSource, 1);
    source->folder = folder;
    source->catalogue = catalogue;
    source->run = run;
    source->track = track;
    source->first_entry = source->next_entry = source->entered = from;
    source->fd = -1;
    return open_demuxer(source, error) ? g_steal_pointer(&source) : NULL;
}

void publish_source_free(PublishSource *source)
{
    if (source == NULL) {
        return;
    }
    avformat_close_input(&source->demuxer);
    if (source->io != NULL) {
        av_freep(&source->io->buffer);
        avio_context_free(&source->io);
    }
    if (source->fd >= 0) {
        close(source->fd);
    }
    g_free(source);
}

const AVStream *publish_source_stream(const PublishSource *source)
{
    return source->demuxer->streams[0];
}

const ArchiveTrack *publish_source_track(const PublishSource *source)
{
    return &source->run->tracks[source->track];
}

int64_t publish_source_shift_us(const PublishSource *source)
{
    return source->shift_us;
}

/* Muxers may shift a run: the journal has the true start. */
static void learn_shift(PublishSource *source, int64_t pts_us)
{
    source->shift_known = true;
    for (guint i = source->first_entry; i < source->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry =
            &g_array_index(source->catalogue->public_segments, ArchivePublicSegment, i);
        uint64_t bytes;
        int64_t first_us;
        int64_t end_us;
        if (entry->run == source->run &&
            archive_public_segment_extent(entry, source->track, &bytes, &first_us, &end_us)) {
            int64_t shift_us = first_us - pts_us;
            source->shift_us = ABS(shift_us) > SHIFT_MIN_US ? shift_us : 0;
            return;
        }
    }
}

static int read_packet(PublishSource *source, AVPacket *out_packet, GError **error)
{
    int result = av_read_frame(source->demuxer, out_packet);
    if (result == AVERROR_EOF) {
        return 0;
    }
    if (result >= 0 && (out_packet->pts == AV_NOPTS_VALUE || out_packet->dts == AV_NOPTS_VALUE)) {
        av_packet_unref(out_packet);
        result = AVERROR_INVALIDDATA;
    }
    if (result < 0) {
        set_av_error(error, result, "read", source);
        return -1;
    }
    if (!source->shift_known) {
        learn_shift(source, av_rescale_q(out_packet->pts, source->demuxer->streams[0]->time_base,
                                         AV_TIME_BASE_Q));
    }
    return 1;
}

int64_t publish_source_lead_us(const PublishSource *source)
{
    return source->lead_us;
}

static void enter_segments(PublishSource *source, int64_t pts_us)
{
    for (; source->entered < source->catalogue->public_segments->len; source->entered++) {
        const ArchivePublicSegment *entry = &g_array_index(source->catalogue->public_segments,
                                                           ArchivePublicSegment, source->entered);
        uint64_t bytes;
        int64_t first_us, end_us;
        if (entry->run != source->run ||
            !archive_public_segment_extent(entry, source->track, &bytes, &first_us, &end_us)) {
            continue;
        }
        if (pts_us < first_us - SHIFT_MIN_US) {
            return;
        }
        if (!archive_public_segment_follows(source->catalogue, source->entered, source->track)) {
            source->wants_key = true;
            source->lead_pts = AV_NOPTS_VALUE;
        }
    }
}

static int64_t to_us(const PublishSource *source, int64_t ticks)
{
    return av_rescale_q(ticks, source->demuxer->streams[0]->time_base, AV_TIME_BASE_Q);
}

/* The first decodable picture takes the dropped ones' time. */
static void lead(PublishSource *source, AVPacket *packet)
{
    int64_t back = source->lead_pts != AV_NOPTS_VALUE ? packet->pts - source->lead_pts : 0;
    packet->pts -= back;
    packet->dts -= back;
    packet->duration += back;
    source->lead_us = to_us(source, back);
    source->wants_key = false;
}

int publish_source_read(PublishSource *source, AVPacket *out_packet, GError **error)
{
    bool video = publish_source_track(source)->info.kind == MEDIA_VIDEO;
    for (;;) {
        int got = read_packet(source, out_packet, error);
        if (got != 1 || !video) {
            return got;
        }
        enter_segments(source, to_us(source, out_packet->pts) + source->shift_us);
        if (source->wants_key && out_packet->flags & AV_PKT_FLAG_KEY) {
            lead(source, out_packet);
        }
        if (!source->wants_key) {
            return 1;
        }
        if (source->lead_pts == AV_NOPTS_VALUE) {
            source->lead_pts = out_packet->pts;
        }
        av_packet_unref(out_packet);
    }
}
