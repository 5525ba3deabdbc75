// SPDX-License-Identifier: GPL-3.0-or-later
// Copies tracks into one progressive file, under another name until whole.
#include "publish/remux.h"

#include "archive/files.h"
#include "base/error.h"
#include "publish/chapters.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Nero chapters: one length byte. */
#define TITLE_MAX_BYTES 250

static const PublishProduct mp4 = {.name = "recording.mp4", .muxer = "mp4", .picture = true};
static const PublishProduct m4a = {.name = "audio.m4a", .muxer = "ipod", .picture = false};

static void set_metadata(const PublishRemux *remux)
{
    const PublishInputs *what = remux->job->what;
    AVDictionary **metadata = &remux->muxer->metadata;
    av_dict_set(metadata, "title", what->title, 0); // NULL: none
    av_dict_set(metadata, "artist", what->artist, 0);
}

static void add_chapter(AVFormatContext *muxer, int64_t start_us, int64_t end_us, const char *title)
{
    g_autofree char *text = publish_title_cut(title, TITLE_MAX_BYTES);
    AVChapter *chapter = av_mallocz(sizeof *chapter);
    chapter->id = muxer->nb_chapters + 1;
    chapter->time_base = AV_TIME_BASE_Q;
    chapter->start = start_us;
    chapter->end = end_us;
    av_dict_set(&chapter->metadata, "title", text, 0);
    av_dynarray_add(&muxer->chapters, (int *)&muxer->nb_chapters, chapter);
}

/* In the session's language. The first must start at 0: the session's title. */
static void add_chapters(const PublishRemux *remux)
{
    const PublishInputs *what = remux->job->what;
    bool english = what->language != NULL && g_ascii_strncasecmp(what->language, "en", 2) == 0;
    g_autoptr(GPtrArray) sections = publish_sections_new(remux->job);
    for (guint i = 0; i < sections->len; i++) {
        const PublishSection *section = g_ptr_array_index(sections, i);
        if (i == 0 && section->start_us > 0) {
            add_chapter(remux->muxer, 0, section->start_us,
                        what->title != NULL ? what->title : "–");
        }
        add_chapter(remux->muxer, section->start_us, section->end_us,
                    english ? section->title_en : section->title_ar);
    }
}

/* One frame, or 1024 samples (AAC-LC). */
static void set_usual_duration(PublishOutput *output, const MediaTrackInfo *info)
{
    AVRational frame = output->stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO
                           ? (AVRational){info->fps_d, info->fps_n}
                           : (AVRational){1024, output->stream->codecpar->sample_rate};
    output->last_duration = av_rescale_q(1, frame, output->stream->time_base);
}

static bool write_header(PublishRemux *remux, GError **error)
{
    AVDictionary *options = NULL;
    AVRational time_base = remux->outputs[0].stream->time_base;
    av_dict_set(&options, "movflags", "+faststart", 0);
    // Exact even if sound starts late.
    if (remux->outputs[0].key[0] == 'v' && time_base.num == 1) {
        av_dict_set_int(&options, "video_track_timescale", time_base.den, 0);
    }
    av_dict_set_int(&options, "movie_timescale", 48000, 0);
    int result = avformat_write_header(remux->muxer, &options);
    av_dict_free(&options);
    for (unsigned i = 0; i < remux->output_count && result >= 0; i++) {
        PublishOutput *output = &remux->outputs[i];
        set_usual_duration(output, &publish_source_track(output->source)->info);
    }
    return result >= 0 || publish_packets_error(remux, error, result, "start");
}

static bool copy_packets(PublishRemux *remux, GError **error)
{
    const PublishJob *job = remux->job;
    int64_t total_us = job->timemap->total_us;
    int64_t told_us = 0;
    PublishOutput *output;
    for (unsigned i = 0; i < remux->output_count; i++) {
        if (!publish_packets_next(remux, &remux->outputs[i], error)) {
            return false;
        }
    }
    while ((output = publish_packets_earliest(remux)) != NULL) {
        int64_t at_us =
            av_rescale_q(output->packet->dts, output->stream->time_base, AV_TIME_BASE_Q);
        int result = av_write_frame(remux->muxer, output->packet);
        av_packet_unref(output->packet);
        if (result < 0) {
            return publish_packets_error(remux, error, result, "write");
        }
        if (job->progress != NULL && at_us - told_us >= total_us / 100) {
            told_us = at_us;
            job->progress(job->data, MIN((double)at_us / (double)total_us, 1.0));
        }
        if (!publish_packets_next(remux, output, error)) {
            return false;
        }
    }
    return true;
}

static bool write_trailer(PublishRemux *remux, GError **error)
{
    int result = av_write_trailer(remux->muxer);
    if (result >= 0) {
        avio_flush(remux->muxer->pb);
        result = remux->muxer->pb->error;
    }
    return result >= 0 || publish_packets_error(remux, error, result, "finish");
}

static bool write_file(PublishRemux *remux, const char *path, GError **error)
{
    g_autofree char *url = g_strconcat("file:", path, NULL);
    int result = avformat_alloc_output_context2(&remux->muxer, NULL, remux->product->muxer, url);
    if (result >= 0) {
        result = avio_open(&remux->muxer->pb, url, AVIO_FLAG_WRITE);
    }
    if (result < 0) {
        return publish_packets_error(remux, error, result, "make");
    }
    set_metadata(remux);
    add_chapters(remux);
    for (unsigned i = 0; i < remux->output_count; i++) {
        if (!publish_packets_start(remux, &remux->outputs[i], error)) {
            return false;
        }
    }
    return write_header(remux, error) && copy_packets(remux, error) && write_trailer(remux, error);
}

static void clear_remux(PublishRemux *remux)
{
    for (unsigned i = 0; i < remux->output_count; i++) {
        publish_source_free(remux->outputs[i].source);
        g_clear_pointer(&remux->outputs[i].sets, g_byte_array_unref);
        av_packet_free(&remux->outputs[i].packet);
    }
    if (remux->muxer != NULL) {
        avio_closep(&remux->muxer->pb);
        avformat_free_context(remux->muxer);
    }
}

/* `freed`: removed before. */
static bool check_room(const PublishJob *job, const char *name, uint64_t need, uint64_t freed,
                       GError **error)
{
    uint64_t left;
    if (!archive_free_bytes(job->folder, &left)) {
        return true;
    }
    left += freed;
    if (left >= need && left - need >= job->what->reserve_bytes) {
        return true;
    }
    g_autofree char *wants = g_format_size_full(need, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *has = g_format_size_full(left, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *keeps = g_format_size_full(job->what->reserve_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_FULL,
        "%s needs %s. Of the free %s, %s are reserved for the database and for live recordings. "
        "Free some space and try again.",
        name, wants, has, keeps);
    return false;
}

/* Output is as large as its input. */
bool publish_check_again(const PublishJob *job, GError **error)
{
    static const PublishProduct *const products[] = {&mp4, &m4a};
    uint64_t need = 0, freed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(products); i++) {
        g_autofree char *path = g_build_filename(job->folder, products[i]->name, NULL);
        uint64_t bytes = archive_file_size(path);
        PublishRemux remux = {.job = job, .product = products[i]};
        if (bytes > 0) {
            publish_tracks_find(&remux);
            need += publish_tracks_bytes(&remux);
            freed += bytes;
        }
        clear_remux(&remux);
    }
    return freed == 0 || check_room(job, "Making the files anew", need, freed, error);
}

static bool make_file(PublishRemux *remux, const char *path, GError **error)
{
    publish_tracks_find(remux);
    if (remux->output_count == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "nothing was recorded for %s",
                    remux->product->name);
        return false;
    }
    return check_room(remux->job, remux->product->name, publish_tracks_bytes(remux), 0, error) &&
           write_file(remux, path, error);
}

static bool make_product(const PublishJob *job, const PublishProduct *product, GError **error)
{
    g_autofree char *name = g_strconcat(product->name, ".new", NULL);
    g_autofree char *path = g_build_filename(job->folder, name, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        return archive_set_errno(error, errno, "make", path);
    }
    PublishRemux remux = {.job = job, .product = product};
    bool made = make_file(&remux, path, error);
    clear_remux(&remux);
    if (made && fsync(fd) != 0) {
        made = archive_set_errno(error, errno, "make durable", path);
    }
    if (made) {
        made = archive_publish_file(job->folder, name, product->name, error);
    } else {
        unlink(path);
    }
    close(fd);
    return made;
}

bool publish_make_mp4(const PublishJob *job, GError **error)
{
    return make_product(job, &mp4, error);
}

bool publish_make_audio(const PublishJob *job, GError **error)
{
    return make_product(job, &m4a, error);
}
