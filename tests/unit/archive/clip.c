// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a short clip with ffmpeg and cuts it into parts for the archive's tests.
#include "clip.h"

#include <libavformat/avformat.h>
#include <libavutil/crc.h>
#include <string.h>

#define PART_US INT64_C(500000)
#define SEGMENT_US INT64_C(2000000)
#define LOOP_US (CLIP_SECONDS * INT64_C(1000000))
/* Sound that does not start with the picture: its place must survive. */
#define AUDIO_LATE_US INT64_C(7000)

uint32_t clip_crc(const AVPacket *packet)
{
    return av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), 0, packet->data, (size_t)packet->size);
}

/* --- The clip --------------------------------------------------------------------------------- */

char *clip_picture(const char *size)
{
    GString *picture = g_string_new(NULL);
    g_string_append_printf(picture,
                           "testsrc2=size=%s:rate=30:duration=%d,"
                           "drawbox=x=0:y=0:w=iw/2:h=ih/8:c=black:t=fill",
                           size, CLIP_SECONDS);
    for (unsigned bit = 0; bit < CLIP_MARK_BITS; bit++) {
        g_string_append_printf(picture,
                               ",drawbox=x=iw/2*%u/%u:y=0:w=iw/%u:h=ih/8:c=white:t=fill:"
                               "enable=bitand(n\\,%u)",
                               bit, CLIP_MARK_BITS, 2 * CLIP_MARK_BITS, 1U << bit);
    }
    return g_string_free(picture, FALSE);
}

static void run_ffmpeg(const char *folder, const char *size)
{
    g_autofree char *picture = clip_picture(size);
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -nostdin -v error -y -f lavfi -i '%s' "
        "-f lavfi -i 'aevalsrc=0.3*sin(2*PI*(%d+%d*floor(t))*t):s=48000:d=%d' "
        "-filter_complex '[0:v]split[a][b];[b]scale=160:90[c]' "
        "-map '[a]' -c:v libx264 -preset ultrafast -profile:v baseline -g 15 -keyint_min 15 "
        "-sc_threshold 0 -bf 0 -pix_fmt yuv420p %s/v720p.mp4 "
        "-map '[c]' -c:v libx264 -preset ultrafast -profile:v baseline -g 15 -keyint_min 15 "
        "-sc_threshold 0 -bf 0 -pix_fmt yuv420p %s/v360p.mp4 "
        "-map 1:a -c:a aac -b:a 64k -ac 2 %s/aar.mp4",
        picture, CLIP_TONE_HZ, CLIP_TONE_STEP_HZ, CLIP_SECONDS, folder, folder, folder);
    int status = system(command);
    g_assert_cmpint(status, ==, 0);
}

static MediaTrack *make_track(unsigned id, const char *name, const AVCodecParameters *parameters)
{
    bool video = parameters->codec_type == AVMEDIA_TYPE_VIDEO;
    MediaTrackInfo info = {.id = (uint8_t)id,
                           .kind = video ? MEDIA_VIDEO : MEDIA_AUDIO,
                           .codec = video ? MEDIA_H264 : MEDIA_AAC,
                           .bitrate = 100000,
                           .width = (uint16_t)parameters->width,
                           .height = (uint16_t)parameters->height,
                           .fps_n = 30,
                           .fps_d = 1,
                           .sample_rate = (uint32_t)parameters->sample_rate,
                           .channels = 2};
    g_strlcpy(info.name, name + 1, sizeof info.name);
    g_strlcpy(info.language, video ? "" : "ar", sizeof info.language);
    MediaTrack *track =
        media_track_new(&info, parameters->extradata, (size_t)parameters->extradata_size);
    g_assert_nonnull(track);
    return track;
}

static void free_packet(void *data)
{
    AVPacket *packet = data;
    av_packet_free(&packet);
}

static void load_track(ClipTrack *out, unsigned id, const char *name, const char *folder)
{
    g_autofree char *path = g_strdup_printf("%s/%s.mp4", folder, name);
    AVFormatContext *demuxer = NULL;
    AVDictionary *options = NULL;
    av_dict_set(&options, "ignore_editlist", "1", 0);
    g_assert_cmpint(avformat_open_input(&demuxer, path, NULL, &options), ==, 0);
    av_dict_free(&options);
    const AVStream *stream = demuxer->streams[0];
    out->parameters = avcodec_parameters_alloc();
    avcodec_parameters_copy(out->parameters, stream->codecpar);
    out->time_base = stream->time_base;
    out->track = make_track(id, name, stream->codecpar);
    out->packets = g_ptr_array_new_with_free_func(free_packet);
    AVPacket *packet = av_packet_alloc();
    while (av_read_frame(demuxer, packet) >= 0) {
        g_ptr_array_add(out->packets, av_packet_clone(packet));
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&demuxer);
}

Clip *clip_new(const char *folder, const char *size)
{
    run_ffmpeg(folder, size);
    return clip_load(folder);
}

Clip *clip_load(const char *folder)
{
    static const char *const names[CLIP_TRACKS] = {"v720p", "v360p", "aar"};
    Clip *clip = g_new0(Clip, 1);
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        load_track(&clip->tracks[i], i, names[i], folder);
    }
    g_assert_cmpuint(clip->tracks[0].packets->len, ==, CLIP_SECONDS * 30);
    return clip;
}

void clip_free(Clip *clip)
{
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        media_track_unref(clip->tracks[i].track);
        avcodec_parameters_free(&clip->tracks[i].parameters);
        g_ptr_array_unref(clip->tracks[i].packets);
    }
    g_free(clip);
}

static int64_t packet_us(const ClipTrack *track, const AVPacket *packet, int64_t start_us)
{
    int64_t late_us = track->track->info.kind == MEDIA_AUDIO ? AUDIO_LATE_US : 0;
    return av_rescale_q(packet->pts, track->time_base, AV_TIME_BASE_Q) + start_us + late_us;
}

int64_t clip_packet_us(const ClipTrack *track, guint i, int64_t start_us)
{
    return packet_us(track, g_ptr_array_index(track->packets, i), start_us);
}

/* --- The segmenter ---------------------------------------------------------------------------- */

typedef struct {
    const ClipTrack *track;
    AVFormatContext *muxer;
    GByteArray *bytes;
    guint next;
} Muxer;

static int take_bytes(void *data, uint8_t *bytes, int size)
{
    g_byte_array_append(((Muxer *)data)->bytes, bytes, (guint)size);
    return size;
}

static GBytes *flush_bytes(Muxer *muxer)
{
    avio_flush(muxer->muxer->pb);
    GBytes *bytes = g_bytes_new(muxer->bytes->data, muxer->bytes->len);
    g_byte_array_set_size(muxer->bytes, 0);
    return bytes;
}

static void open_muxer(Muxer *muxer, const ClipTrack *track)
{
    *muxer = (Muxer){.track = track, .bytes = g_byte_array_new()};
    g_assert_cmpint(avformat_alloc_output_context2(&muxer->muxer, NULL, "mp4", NULL), >=, 0);
    muxer->muxer->pb =
        avio_alloc_context(av_malloc(65536), 65536, 1, muxer, NULL, take_bytes, NULL);
    muxer->muxer->pb->seekable = 0;
    muxer->muxer->flags |= AVFMT_FLAG_CUSTOM_IO;
    muxer->muxer->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_NON_NEGATIVE;
    AVStream *stream = avformat_new_stream(muxer->muxer, NULL);
    avcodec_parameters_copy(stream->codecpar, track->parameters);
    stream->codecpar->codec_tag = 0;
    stream->time_base = track->time_base;
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "cmaf+frag_custom+frag_discont+skip_sidx+skip_trailer", 0);
    g_assert_cmpint(avformat_write_header(muxer->muxer, &options), >=, 0);
    av_dict_free(&options);
}

static void close_muxer(Muxer *muxer)
{
    av_freep(&muxer->muxer->pb->buffer);
    avio_context_free(&muxer->muxer->pb);
    avformat_free_context(muxer->muxer);
    g_byte_array_unref(muxer->bytes);
}

/* By how much the packet is later than its samples say. */
static int64_t stretched_us(const ClipTrack *track, const AVPacket *packet, const ClipRun *run)
{
    int64_t at_us = av_rescale_q(packet->pts, track->time_base, AV_TIME_BASE_Q);
    return track->track->info.kind == MEDIA_AUDIO ? at_us * run->audio_stretch_ppm / 1000000 : 0;
}

/* Those that fill the clip's time: then it begins again. */
static guint loop_packets(const ClipTrack *track)
{
    guint count = track->packets->len;
    while (clip_packet_us(track, count - 1, 0) >= LOOP_US) {
        count--;
    }
    return count;
}

/* Packets before `until_us` as one part; NULL where there are none. */
static MediaPart *make_part(Muxer *muxer, const ClipRun *run, int64_t until_us)
{
    const ClipTrack *track = muxer->track;
    MediaPart *part = NULL;
    AVRational to = muxer->muxer->streams[0]->time_base;
    guint count = loop_packets(track);
    for (;; muxer->next++) {
        const AVPacket *from = g_ptr_array_index(track->packets, muxer->next % count);
        int64_t pts_us = packet_us(track, from, run->start_us) + stretched_us(track, from, run) +
                         muxer->next / count * LOOP_US;
        if (pts_us >= until_us) {
            break;
        }
        if (part == NULL) {
            part = media_part_new(MEDIA_PART_MEDIA);
            part->pts_us = pts_us;
            part->independent =
                track->track->info.kind == MEDIA_AUDIO || (from->flags & AV_PKT_FLAG_KEY);
        }
        AVPacket *packet = av_packet_clone(from);
        int64_t base_us = pts_us - av_rescale_q(from->pts, track->time_base, AV_TIME_BASE_Q);
        packet->pts = packet->dts = av_rescale_q(from->pts, track->time_base, to) +
                                    av_rescale_q(base_us, AV_TIME_BASE_Q, to);
        packet->duration = av_rescale_q(from->duration, track->time_base, to);
        packet->stream_index = 0;
        part->duration_us =
            pts_us - part->pts_us + av_rescale_q(from->duration, track->time_base, AV_TIME_BASE_Q);
        g_assert_cmpint(av_write_frame(muxer->muxer, packet), >=, 0);
        av_packet_free(&packet);
    }
    if (part != NULL) {
        g_assert_cmpint(av_write_frame(muxer->muxer, NULL), >=, 0);
        part->run = run->run;
        part->track = media_track_ref(track->track);
        part->bytes = flush_bytes(muxer);
    }
    return part;
}

/* Where the segment that begins here ends: at the grid, or at a mark. */
static int64_t next_edge(const ClipRun *run, int64_t at_us)
{
    int64_t next_us = MIN(at_us / SEGMENT_US * SEGMENT_US + SEGMENT_US, run->end_us);
    for (unsigned i = 0; i < run->mark_count; i++) {
        if (run->marks[i].pts_us > at_us) {
            next_us = MIN(next_us, run->marks[i].pts_us);
        }
    }
    return next_us;
}

static bool emit_marks(const ClipRun *run, int64_t at_us, bool open,
                       void (*emit)(void *data, MediaPart *part), void *data)
{
    for (unsigned i = 0; i < run->mark_count; i++) {
        if (run->marks[i].pts_us == at_us) {
            g_autoptr(MediaPart) part = media_part_new(MEDIA_PART_MARK);
            part->run = run->run;
            part->mark = run->marks[i].mark;
            part->pts_us = at_us;
            open = part->mark == MEDIA_MARK_OPEN;
            emit(data, part);
        }
    }
    return open;
}

static void emit_segment(Muxer *muxers, const ClipRun *run, int64_t start_us, int64_t end_us,
                         bool open, void (*emit)(void *data, MediaPart *part), void *data)
{
    unsigned index = 0;
    for (int64_t at_us = start_us; at_us < end_us; at_us += PART_US, index++) {
        int64_t until_us = MIN(at_us + PART_US, end_us);
        for (unsigned i = 0; i < CLIP_TRACKS; i++) {
            g_autoptr(MediaPart) part = make_part(&muxers[i], run, until_us);
            g_assert_nonnull(part);
            part->sequence = run->sequence;
            part->index = index;
            part->last = until_us == end_us;
            part->open = open;
            emit(data, part);
        }
    }
}

void clip_segment(const Clip *clip, ClipRun *run, void (*emit)(void *data, MediaPart *part),
                  void *data)
{
    Muxer muxers[CLIP_TRACKS];
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        open_muxer(&muxers[i], &clip->tracks[i]);
        g_autoptr(MediaPart) init = media_part_new(MEDIA_PART_INIT);
        init->run = run->run;
        init->track = media_track_ref(clip->tracks[i].track);
        init->bytes = flush_bytes(&muxers[i]);
        emit(data, init);
    }
    bool open = run->open;
    for (int64_t at_us = run->start_us; at_us < run->end_us;) {
        int64_t next_us = next_edge(run, at_us);
        open = emit_marks(run, at_us, open, emit, data);
        emit_segment(muxers, run, at_us, next_us, open, emit, data);
        run->sequence++;
        at_us = next_us;
    }
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        close_muxer(&muxers[i]);
    }
}
