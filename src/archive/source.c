// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/source.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)
/* More than rounding to any time base can make. */
#define SHIFT_MIN_US 1000

struct ArchiveSource {
    const char *folder;
    const ArchiveCatalogue *catalogue;
    const ArchiveRun *run;
    unsigned track;

    guint first_slot, next_slot;
    bool init_read;
    int fd; // of the file being read, or -1
    uint64_t left;

    AVIOContext *io;
    AVFormatContext *demuxer;
    bool shift_known;
    int64_t shift_us;
};

static bool set_av_error(GError **error, int code, const char *what, const ArchiveSource *source)
{
    char reason[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, reason, sizeof reason);
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot %s %s/%u/%s: %s", what,
                source->folder, source->run->number, source->run->tracks[source->track].key,
                reason);
    return false;
}

/* --- One file after another ------------------------------------------------------------------- */

static int open_file(ArchiveSource *source, char *path, uint64_t bytes)
{
    source->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int result = source->fd >= 0 ? 0 : AVERROR(errno);
    g_free(path);
    source->left = bytes;
    return result;
}

/* The run's next public segment that this track has, or NULL. */
static const ArchiveSlot *next_slot(ArchiveSource *source)
{
    while (source->next_slot < source->catalogue->slots->len) {
        const ArchiveSlot *slot =
            &g_array_index(source->catalogue->slots, ArchiveSlot, source->next_slot++);
        if (slot->run == source->run && slot->tracks[source->track].parts > 0) {
            return slot;
        }
    }
    return NULL;
}

static int open_next(ArchiveSource *source)
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
    const ArchiveSlot *slot = next_slot(source);
    if (slot == NULL) {
        return AVERROR_EOF;
    }
    uint64_t bytes = 0;
    int64_t pts_us = 0;
    int64_t end_us = 0;
    archive_slot_extent(slot, source->track, &bytes, &pts_us, &end_us);
    return open_file(
        source,
        archive_segment_path(source->folder, source->run->number, track->key, slot->sequence),
        bytes);
}

static int read_bytes(void *data, uint8_t *out, int room)
{
    ArchiveSource *source = data;
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
        return got < 0 ? AVERROR(errno) : AVERROR(EIO); // shorter than the journal says
    }
    source->left -= (uint64_t)got;
    return (int)got;
}

/* --- Packets ---------------------------------------------------------------------------------- */

static bool open_demuxer(ArchiveSource *source, GError **error)
{
    source->io =
        avio_alloc_context(av_malloc(READ_BYTES), READ_BYTES, 0, source, read_bytes, NULL, NULL);
    source->io->seekable = 0;
    source->demuxer = avformat_alloc_context();
    source->demuxer->pb = source->io;
    source->demuxer->flags |= AVFMT_FLAG_CUSTOM_IO;
    AVDictionary *options = NULL;
    av_dict_set(&options, "ignore_editlist", "1", 0); // times as the fragments have them
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

ArchiveSource *archive_source_new(const char *folder, const ArchiveCatalogue *catalogue,
                                  const ArchiveRun *run, unsigned track, guint from, GError **error)
{
    g_autoptr(ArchiveSource) source = g_new0(ArchiveSource, 1);
    source->folder = folder;
    source->catalogue = catalogue;
    source->run = run;
    source->track = track;
    source->first_slot = source->next_slot = from;
    source->fd = -1;
    return open_demuxer(source, error) ? g_steal_pointer(&source) : NULL;
}

void archive_source_free(ArchiveSource *source)
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

const AVStream *archive_source_stream(const ArchiveSource *source)
{
    return source->demuxer->streams[0];
}

const ArchiveTrack *archive_source_track(const ArchiveSource *source)
{
    return &source->run->tracks[source->track];
}

int64_t archive_source_shift_us(const ArchiveSource *source)
{
    return source->shift_us;
}

/* A muxer may have moved the run's times; the journal has the first public part's. */
static void learn_shift(ArchiveSource *source, int64_t pts_us)
{
    source->shift_known = true;
    for (guint i = source->first_slot; i < source->catalogue->slots->len; i++) {
        const ArchiveSlot *slot = &g_array_index(source->catalogue->slots, ArchiveSlot, i);
        uint64_t bytes;
        int64_t first_us;
        int64_t end_us;
        if (slot->run == source->run &&
            archive_slot_extent(slot, source->track, &bytes, &first_us, &end_us)) {
            int64_t shift_us = first_us - pts_us;
            source->shift_us = ABS(shift_us) > SHIFT_MIN_US ? shift_us : 0;
            return;
        }
    }
}

int archive_source_read(ArchiveSource *source, AVPacket *out_packet, GError **error)
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
