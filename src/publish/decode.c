// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes a picture of every rendition where players may begin: at the start, after breaks and
// gaps. A recording without key frames there would not play.
#include "publish/source.h"
#include "publish/steps.h"
#include "base/clock.h"
#include "base/error.h"

#include <libavcodec/avcodec.h>

/* Tolerated delay of a segment's key frame, as live (live/programme/keys.h); at the latest by its
 * end. */
#define LATE_US (BASE_US_PER_S / 2)

/* 0 or AVERROR. */
static int decode_picture(const AVCodecParameters *parameters, const AVPacket *packet)
{
    const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
    if (codec == NULL) {
        return 0; // no such decoder in this build
    }
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    AVFrame *frame = av_frame_alloc();
    g_assert(decoder != NULL && frame != NULL); // no memory
    int result = avcodec_parameters_to_context(decoder, parameters);
    decoder->thread_count = 1;
    decoder->err_recognition |= AV_EF_EXPLODE;
    if (result >= 0) {
        result = avcodec_open2(decoder, codec, NULL);
    }
    if (result >= 0) {
        result = avcodec_send_packet(decoder, packet);
    }
    if (result >= 0) {
        result = avcodec_send_packet(decoder, NULL);
    }
    if (result >= 0) {
        result = avcodec_receive_frame(decoder, frame);
    }
    if (result >= 0 && frame->decode_error_flags != 0) {
        result = AVERROR_INVALIDDATA;
    }
    av_frame_free(&frame);
    avcodec_free_context(&decoder);
    return result;
}

static bool set_bad(const PublishJob *job, const ArchivePublicSegment *entry, unsigned track,
                    int result, GError **error)
{
    int64_t at_s = MAX(archive_timemap_at_us(job->timemap, entry->start_us), 0) / BASE_US_PER_S;
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_FAILED,
        "The picture of %s cannot be decoded from %d:%02d:%02d of the recording on (%s), so "
        "players would show nothing there, and nothing is published. Make the recording "
        "begin after that time or end before it; or, if the files were repaired, try again.",
        entry->run->tracks[track].key + 1, (int)(at_s / 3600), (int)(at_s / 60 % 60),
        (int)(at_s % 60),
        result == AVERROR_EOF ? "it does not begin with a key frame"
                              : "its first picture is damaged");
    return false;
}

static bool check_track(const PublishJob *job, guint i, unsigned track, GError **error)
{
    const ArchivePublicSegment *entry =
        &g_array_index(job->catalogue->public_segments, ArchivePublicSegment, i);
    g_autoptr(PublishSource) source =
        publish_source_new(job->folder, job->catalogue, entry->run, track, i, error);
    if (source == NULL) {
        return false;
    }
    AVPacket *packet = av_packet_alloc();
    g_assert(packet != NULL); // no memory
    int got = publish_source_read(source, packet, error);
    int64_t limit_us = entry->end_us - entry->start_us + LATE_US;
    bool there = got == 1 && publish_source_lead_us(source) <= limit_us;
    int result =
        there ? decode_picture(publish_source_stream(source)->codecpar, packet) : AVERROR_EOF;
    av_packet_free(&packet);
    return got >= 0 && (result >= 0 || set_bad(job, entry, track, result, error));
}

bool publish_check_pictures(const PublishJob *job, GError **error)
{
    for (guint i = 0; i < job->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry =
            &g_array_index(job->catalogue->public_segments, ArchivePublicSegment, i);
        for (unsigned t = 0; t < entry->run->track_count; t++) {
            if (entry->run->tracks[t].info.kind == MEDIA_VIDEO && entry->tracks[t].parts > 0 &&
                !archive_public_segment_follows(job->catalogue, i, t) &&
                !check_track(job, i, t, error)) {
                return false;
            }
        }
    }
    return true;
}
