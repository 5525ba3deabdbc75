// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the packets of a media file. A packet moves with the stretch of its time, picture and sound
// alike, so every join stays in sync. Unpublished packets are omitted: edit lists hide nothing.
#include "publish/remux.h"

#include "base/bytes.h"
#include "base/error.h"

#include <string.h>

/* Rounding of edges and packets. */
#define EDGE_US 50

bool publish_packets_error(const PublishRemux *remux, GError **error, int code, const char *what)
{
    char reason[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, reason, sizeof reason);
    bool full = code == AVERROR(ENOSPC) || code == AVERROR(EDQUOT);
    g_set_error(error, BASE_ERROR, full ? BASE_ERROR_FULL : BASE_ERROR_FAILED, "cannot %s %s: %s%s",
                what, remux->product->name, reason, full ? "; free some space and try again" : "");
    return false;
}

static bool same_config(const AVCodecParameters *a, const AVCodecParameters *b)
{
    return a->extradata_size == b->extradata_size &&
           (a->extradata_size == 0 || memcmp(a->extradata, b->extradata, a->extradata_size) == 0);
}

static void append_sets(GByteArray *out, BaseReader *reader, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint16_t size = base_read_u16(reader);
        const uint8_t *set = base_read_bytes(reader, size);
        if (set != NULL) {
            const uint8_t length[4] = {0, 0, (uint8_t)(size >> 8), (uint8_t)size};
            g_byte_array_append(out, length, sizeof length);
            g_byte_array_append(out, set, size);
        }
    }
}

/* SPS and PPS with 4-byte lengths (ISO/IEC 14496-15 5.3.3.1), or NULL. */
static GByteArray *in_band_sets(const AVCodecParameters *parameters)
{
    g_autoptr(GByteArray) sets = g_byte_array_new();
    BaseReader reader = base_reader(parameters->extradata, (size_t)parameters->extradata_size);
    base_read_bytes(&reader, 4);
    bool long_lengths = (base_read_u8(&reader) & 3) == 3;
    append_sets(sets, &reader, base_read_u8(&reader) & 0x1f);
    append_sets(sets, &reader, base_read_u8(&reader));
    return long_lengths && !reader.failed ? g_steal_pointer(&sets) : NULL;
}

/* An MP4 track has one sample description: if runs differ, key frames carry their parameter
 * sets. */
static bool adapt_run(const PublishRemux *remux, PublishOutput *output,
                      const AVCodecParameters *run, GError **error)
{
    const AVCodecParameters *file = output->stream->codecpar;
    g_clear_pointer(&output->sets, g_byte_array_unref);
    if (run->codec_id != file->codec_id) {
        return publish_packets_error(remux, error, AVERROR_PATCHWELCOME,
                                     "join runs of different codecs in");
    }
    if (same_config(run, file) && !output->mixed) {
        return true;
    }
    output->sets = run->codec_id == AV_CODEC_ID_H264 ? in_band_sets(run) : NULL;
    return output->sets != NULL || publish_packets_error(remux, error, AVERROR_PATCHWELCOME,
                                                         "join runs of different formats in");
}

static bool prepend_sets(const PublishRemux *remux, const GByteArray *sets, AVPacket *packet,
                         GError **error)
{
    int size = packet->size;
    int result = av_grow_packet(packet, (int)sets->len);
    if (result == 0) {
        result = av_packet_make_writable(packet);
    }
    if (result < 0) {
        return publish_packets_error(remux, error, result, "write");
    }
    memmove(packet->data + sets->len, packet->data, (size_t)size);
    memcpy(packet->data, sets->data, sets->len);
    return true;
}

/* Opens the next run; without one sets `done`. */
static bool open_run(PublishRemux *remux, PublishOutput *output, GError **error)
{
    while (output->run < remux->job->catalogue->runs->len) {
        const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, output->run++);
        int track = publish_tracks_choose(remux, output, run);
        if (track < 0) {
            continue;
        }
        output->source = publish_source_new(remux->job->folder, remux->job->catalogue, run,
                                            (unsigned)track, 0, error);
        return output->source != NULL;
    }
    output->done = true;
    return true;
}

static bool find_mixed(const PublishRemux *remux, PublishOutput *output, GError **error)
{
    const ArchiveCatalogue *catalogue = remux->job->catalogue;
    for (guint r = 0; r < catalogue->runs->len && output->key[0] == 'v' && !output->mixed; r++) {
        const ArchiveRun *run = g_ptr_array_index(catalogue->runs, r);
        int track = publish_tracks_choose(remux, output, run);
        if (track < 0) {
            continue;
        }
        g_autoptr(PublishSource) source =
            publish_source_new(remux->job->folder, catalogue, run, (unsigned)track, 0, error);
        if (source == NULL) {
            return false;
        }
        output->mixed =
            !same_config(publish_source_stream(source)->codecpar, output->stream->codecpar);
    }
    return true;
}

bool publish_packets_start(PublishRemux *remux, PublishOutput *output, GError **error)
{
    if (!open_run(remux, output, error)) {
        return false;
    }
    const AVStream *from = publish_source_stream(output->source);
    output->stream = avformat_new_stream(remux->muxer, NULL);
    int result = avcodec_parameters_copy(output->stream->codecpar, from->codecpar);
    if (result < 0) {
        return publish_packets_error(remux, error, result, "describe");
    }
    output->stream->codecpar->codec_tag = 0;
    output->stream->time_base = from->time_base;
    av_dict_set(&output->stream->metadata, "language", publish_tracks_language(remux, output), 0);
    return find_mixed(remux, output, error) && adapt_run(remux, output, from->codecpar, error);
}

/* Nullable; only moves forward. */
static const ArchiveStretch *find_stretch(const PublishRemux *remux, PublishOutput *output,
                                          int64_t pts_us)
{
    for (; output->stretch < remux->job->timemap->stretches->len; output->stretch++) {
        const ArchiveStretch *stretch =
            &g_array_index(remux->job->timemap->stretches, ArchiveStretch, output->stretch);
        if (pts_us < stretch->end_us - EDGE_US) {
            return pts_us >= stretch->start_us - EDGE_US ? stretch : NULL;
        }
    }
    return NULL;
}

/* False: unpublished. */
static bool place_packet(const PublishRemux *remux, PublishOutput *output)
{
    AVPacket *packet = output->packet;
    AVRational from = publish_source_stream(output->source)->time_base;
    AVRational to = output->stream->time_base;
    int64_t shift_us = publish_source_shift_us(output->source);
    int64_t pts_us = av_rescale_q(packet->pts, from, AV_TIME_BASE_Q) + shift_us;
    const ArchiveStretch *stretch = find_stretch(remux, output, pts_us);
    if (stretch == NULL) {
        return false;
    }
    // Rounded once per stretch: distances stay exact.
    int64_t move = av_rescale_q(shift_us + stretch->at_us - stretch->start_us, AV_TIME_BASE_Q, to);
    int64_t delay = av_rescale_q(packet->pts - packet->dts, from, to);
    int64_t dts = av_rescale_q(packet->dts, from, to) + move;
    packet->dts = MAX(dts, output->last_dts + 1);
    packet->pts = packet->dts + delay;
    if (packet->duration > 0) {
        output->last_duration = av_rescale_q(packet->duration, from, to);
    }
    packet->duration = output->last_duration;
    packet->stream_index = output->stream->index;
    packet->pos = -1;
    output->last_dts = packet->dts;
    return true;
}

bool publish_packets_next(PublishRemux *remux, PublishOutput *output, GError **error)
{
    while (!output->done) {
        if (output->source == NULL) {
            if (!open_run(remux, output, error)) {
                return false;
            }
            if (!output->done &&
                !adapt_run(remux, output, publish_source_stream(output->source)->codecpar, error)) {
                return false;
            }
            continue;
        }
        int got = publish_source_read(output->source, output->packet, error);
        if (got < 0) {
            return false;
        }
        if (got == 0) {
            g_clear_pointer(&output->source, publish_source_free);
        } else if (place_packet(remux, output)) {
            bool key = output->packet->flags & AV_PKT_FLAG_KEY;
            return output->sets == NULL || !key ||
                   prepend_sets(remux, output->sets, output->packet, error);
        } else {
            av_packet_unref(output->packet);
        }
    }
    return true;
}

PublishOutput *publish_packets_earliest(PublishRemux *remux)
{
    PublishOutput *first = NULL;
    for (unsigned i = 0; i < remux->output_count; i++) {
        PublishOutput *output = &remux->outputs[i];
        if (!output->done &&
            (first == NULL || av_compare_ts(output->packet->dts, output->stream->time_base,
                                            first->packet->dts, first->stream->time_base) < 0)) {
            first = output;
        }
    }
    return first;
}
