// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes the first picture of every rendition at each place where a player may have to begin: the
// recording's start, and behind each break and gap. A recording without a key frame there
// does not play, and nobody would notice before a viewer opens it.
#include "archive/source.h"
#include "archive/step.h"
#include "base/clock.h"
#include "base/error.h"

#include <libavcodec/avcodec.h>

/* The decoder must take the packet without a word and give a picture for it. 0 or an AVERROR. */
static int decode_picture(const AVCodecParameters *parameters, const AVPacket *packet)
{
    const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
    if (codec == NULL) {
        return 0; // not every build has all of them
    }
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    AVFrame *frame = av_frame_alloc();
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
        result = avcodec_receive_frame(decoder, frame); // AVERROR_EOF: no key frame, so no picture
    }
    if (result >= 0 && frame->decode_error_flags != 0) {
        result = AVERROR_INVALIDDATA;
    }
    av_frame_free(&frame);
    avcodec_free_context(&decoder);
    return result;
}

static bool set_bad(const ArchiveJob *job, const ArchiveSlot *slot, unsigned track, int result,
                    GError **error)
{
    int64_t at_s = MAX(archive_place_us(job->places, slot->start_us), 0) / BASE_US_PER_S;
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_FAILED,
        "The picture of %s cannot be decoded from %d:%02d:%02d of the recording on (%s), so "
        "players would show nothing there, and nothing is published. Make the recording "
        "begin after that time or end before it; or, if the files were repaired, try again.",
        slot->run->tracks[track].key + 1, (int)(at_s / 3600), (int)(at_s / 60 % 60),
        (int)(at_s % 60),
        result == AVERROR_EOF ? "it does not begin with a key frame"
                              : "its first picture is damaged");
    return false;
}

static bool check_track(const ArchiveJob *job, guint i, unsigned track, GError **error)
{
    const ArchiveSlot *slot = &g_array_index(job->catalogue->slots, ArchiveSlot, i);
    g_autoptr(ArchiveSource) source =
        archive_source_new(job->folder, job->catalogue, slot->run, track, i, error);
    if (source == NULL) {
        return false;
    }
    AVPacket *packet = av_packet_alloc();
    int got = archive_source_read(source, packet, error);
    int result =
        got == 1 ? decode_picture(archive_source_stream(source)->codecpar, packet) : AVERROR_EOF;
    av_packet_free(&packet);
    return got >= 0 && (result >= 0 || set_bad(job, slot, track, result, error));
}

/* Whether a player comes to this segment of the track from the one before it. */
static bool follows_on(const ArchiveJob *job, guint i, unsigned track)
{
    const ArchiveSlot *slots = (const ArchiveSlot *)job->catalogue->slots->data;
    return i > 0 && !slots[i].discontinuity && slots[i - 1].tracks[track].parts > 0;
}

bool archive_check_pictures(const ArchiveJob *job, GError **error)
{
    av_log_set_level(MIN(av_log_get_level(), AV_LOG_FATAL)); // what it means comes as an error
    for (guint i = 0; i < job->catalogue->slots->len; i++) {
        const ArchiveSlot *slot = &g_array_index(job->catalogue->slots, ArchiveSlot, i);
        for (unsigned t = 0; t < slot->run->track_count; t++) {
            if (slot->run->tracks[t].info.kind == MEDIA_VIDEO && slot->tracks[t].parts > 0 &&
                !follows_on(job, i, t) && !check_track(job, i, t, error)) {
                return false;
            }
        }
    }
    return true;
}
