// SPDX-License-Identifier: GPL-3.0-or-later
// Muxes one track's parts as fragmented MP4. frag_custom cuts on demand; frag_discont keeps the
// packet's time in tfdt, and is forgotten after each fragment.
#include "hls/mux.h"

#include <errno.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <string.h>

#define AVIO_BYTES 4096
#define VIDEO_RATE 90000

struct HlsMux {
    AVFormatContext *context;
    AVPacket *packet;
    GByteArray *out;
    AVRational rate;
    bool held;    // `packet` waits
    bool written; // since the last cut
};

unsigned hls_mux_rate(const MediaTrack *track)
{
    return track->info.kind == MEDIA_VIDEO ? VIDEO_RATE : track->info.sample_rate;
}

static int on_write(void *data, uint8_t *bytes, int size)
{
    g_byte_array_append(data, bytes, (guint)size);
    return size;
}

static bool set_config(AVCodecParameters *codec, const MediaTrack *track)
{
    codec->extradata = av_mallocz(track->config_size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (codec->extradata == NULL) {
        return false;
    }
    memcpy(codec->extradata, track->config, track->config_size);
    codec->extradata_size = (int)track->config_size;
    return true;
}

static bool add_stream(HlsMux *mux, const MediaTrack *track)
{
    const MediaTrackInfo *info = &track->info;
    AVStream *stream = avformat_new_stream(mux->context, NULL);
    if (stream == NULL || !set_config(stream->codecpar, track)) {
        return false;
    }
    stream->time_base = mux->rate;
    stream->codecpar->bit_rate = info->bitrate;
    if (info->kind == MEDIA_VIDEO) {
        stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
        stream->codecpar->codec_id = AV_CODEC_ID_H264;
        stream->codecpar->width = info->width;
        stream->codecpar->height = info->height;
        stream->avg_frame_rate = (AVRational){info->fps_n, info->fps_d};
        return true;
    }
    stream->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
    stream->codecpar->codec_id = AV_CODEC_ID_AAC;
    stream->codecpar->sample_rate = (int)info->sample_rate;
    stream->codecpar->frame_size = 1024;
    av_channel_layout_default(&stream->codecpar->ch_layout, info->channels);
    return true;
}

static bool open_output(HlsMux *mux)
{
    uint8_t *buffer = av_malloc(AVIO_BYTES);
    AVIOContext *io = avio_alloc_context(buffer, AVIO_BYTES, 1, mux->out, NULL, on_write, NULL);
    if (io == NULL) {
        av_free(buffer);
        return false;
    }
    io->seekable = 0;
    mux->context->pb = io;
    mux->context->flags |= AVFMT_FLAG_CUSTOM_IO;
    return true;
}

static bool write_header(HlsMux *mux)
{
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "cmaf+frag_custom+frag_discont+skip_sidx+skip_trailer", 0);
    av_dict_set(&options, "avoid_negative_ts", "make_non_negative", 0);
    int result = avformat_write_header(mux->context, &options);
    av_dict_free(&options);
    return result >= 0;
}

static GBytes *take(HlsMux *mux)
{
    avio_flush(mux->context->pb);
    GBytes *bytes = g_bytes_new(mux->out->data, mux->out->len);
    g_byte_array_set_size(mux->out, 0); // keeps its allocation
    return bytes;
}

HlsMux *hls_mux_new(const MediaTrack *track, GBytes **out_init)
{
    HlsMux *mux = g_new0(HlsMux, 1);
    mux->out = g_byte_array_new();
    mux->packet = av_packet_alloc();
    g_assert(mux->packet != NULL); // no memory
    mux->rate = (AVRational){1, (int)hls_mux_rate(track)};
    avformat_alloc_output_context2(&mux->context, NULL, "mp4", NULL);
    if (mux->packet == NULL || mux->context == NULL || !open_output(mux) ||
        !add_stream(mux, track) || !write_header(mux)) {
        hls_mux_free(mux);
        return NULL;
    }
    *out_init = take(mux);
    return mux;
}

void hls_mux_free(HlsMux *mux)
{
    if (mux == NULL) {
        return;
    }
    if (mux->context != NULL && mux->context->pb != NULL) {
        av_freep(&mux->context->pb->buffer);
        avio_context_free(&mux->context->pb);
    }
    avformat_free_context(mux->context);
    av_packet_free(&mux->packet);
    g_byte_array_unref(mux->out);
    g_free(mux);
}

static bool write_held(HlsMux *mux)
{
    if (!mux->held) {
        return true;
    }
    mux->held = false;
    if (!mux->written) {
        av_opt_set(mux->context->priv_data, "movflags", "+frag_discont", 0);
    }
    int result = av_write_frame(mux->context, mux->packet);
    av_packet_unref(mux->packet);
    mux->written = mux->written || result >= 0;
    return result >= 0;
}

int hls_mux_write(HlsMux *mux, int64_t pts, int64_t duration, bool key, const uint8_t *data,
                  size_t size)
{
    AVRational base = mux->context->streams[0]->time_base; // the muxer's choice
    AVPacket *packet = mux->packet;
    if (!write_held(mux) || size > INT_MAX || av_new_packet(packet, (int)size) < 0) {
        return -EINVAL;
    }
    memcpy(packet->data, data, size);
    packet->pts = packet->dts = av_rescale_q(pts, mux->rate, base);
    packet->duration = av_rescale_q(duration, mux->rate, base);
    packet->flags = key ? AV_PKT_FLAG_KEY : 0;
    mux->held = true;
    return 0;
}

GBytes *hls_mux_cut(HlsMux *mux, int64_t end)
{
    if (mux->held) {
        AVRational base = mux->context->streams[0]->time_base;
        int64_t until = av_rescale_q(end, mux->rate, base) - mux->packet->pts;
        mux->packet->duration = MAX(mux->packet->duration, until);
    }
    write_held(mux);
    if (!mux->written) {
        return NULL;
    }
    mux->written = false;
    av_write_frame(mux->context, NULL);
    return take(mux);
}
