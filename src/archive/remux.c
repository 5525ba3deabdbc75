// SPDX-License-Identifier: GPL-3.0-or-later
// The recording as one progressive file: packets of the best rendition, where the file is to have a
// picture, and of every AAC language, copied. The public time is a row of stretches, each [start,
// end) of the picture's timeline; a packet belongs to the stretch that its time lies in and moves
// by the stretch's place in the file, the same for picture and sound, so they stay in step at every
// join. What lies in no stretch is left out altogether: no edit list hides anything.
#include "archive/chapters.h"
#include "archive/files.h"
#include "archive/source.h"
#include "archive/step.h"
#include "base/bytes.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A chapter's title in a Nero chapter list has its length in one byte. */
#define TITLE_MAX_BYTES 250
/* A stretch's edges are rounded to microseconds, packets to their time base. */
#define EDGE_US 50

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES]; // audio: the language's track; video: the best of each run
    AVStream *stream;
    guint run;             // the next run to open
    guint stretch;         // the one that the pending packet lies in, or a later one
    ArchiveSource *source; // nullable
    bool mixed;            // the picture's format is not the same in all runs
    GByteArray *sets;      // then: parameter sets to go before each key frame
    AVPacket *packet;      // pending
    bool done;
    int64_t last_dts, last_duration;
} Output;

/* A file that can be made. */
typedef struct {
    const char *name;
    const char *muxer; // libavformat's
    bool picture;
} Product;

static const Product mp4 = {.name = "recording.mp4", .muxer = "mp4", .picture = true};
static const Product m4a = {.name = "audio.m4a", .muxer = "ipod", .picture = false};

typedef struct {
    const ArchiveJob *job;
    const Product *product;
    Output outputs[MEDIA_MAX_TRACKS];
    unsigned output_count;
    AVFormatContext *muxer;
} Remux;

static bool set_av_error(const Remux *remux, GError **error, int code, const char *what)
{
    char reason[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, reason, sizeof reason);
    bool full = code == AVERROR(ENOSPC) || code == AVERROR(EDQUOT);
    g_set_error(error, BASE_ERROR, full ? BASE_ERROR_FULL : BASE_ERROR_FAILED, "cannot %s %s: %s%s",
                what, remux->product->name, reason, full ? "; free some space and try again" : "");
    return false;
}

/* --- What goes in ----------------------------------------------------------------------------- */

static bool track_published(const Remux *remux, const ArchiveRun *run, unsigned track)
{
    for (guint i = 0; i < remux->job->catalogue->slots->len; i++) {
        const ArchiveSlot *slot = &g_array_index(remux->job->catalogue->slots, ArchiveSlot, i);
        if (slot->run == run && slot->tracks[track].parts > 0) {
            return true;
        }
    }
    return false;
}

static bool better_video(const MediaTrackInfo *a, const MediaTrackInfo *b)
{
    uint32_t a_pixels = (uint32_t)a->width * a->height;
    uint32_t b_pixels = (uint32_t)b->width * b->height;
    return a_pixels != b_pixels ? a_pixels > b_pixels : a->bitrate > b->bitrate;
}

/* The run's track for this output, or -1. */
static int choose_track(const Remux *remux, const Output *output, const ArchiveRun *run)
{
    if (output->key[0] == 'a') {
        int track = archive_run_find(run, output->key);
        return track >= 0 && track_published(remux, run, (unsigned)track) ? track : -1;
    }
    int best = -1;
    for (unsigned t = 0; t < run->track_count; t++) {
        const MediaTrackInfo *info = &run->tracks[t].info;
        if (info->kind == MEDIA_VIDEO && track_published(remux, run, t) &&
            (best < 0 || better_video(info, &run->tracks[best].info))) {
            best = (int)t;
        }
    }
    return best;
}

static void add_output(Remux *remux, const char *key)
{
    for (unsigned i = 0; i < remux->output_count; i++) {
        if (strcmp(remux->outputs[i].key, key) == 0) {
            return;
        }
    }
    if (remux->output_count < MEDIA_MAX_TRACKS) {
        Output *output = &remux->outputs[remux->output_count++];
        g_strlcpy(output->key, key, sizeof output->key);
        output->packet = av_packet_alloc();
        output->last_dts = -1;
    }
}

/* The picture first, then the languages in the order of the runs that have them. */
static void find_outputs(Remux *remux)
{
    for (int kind = remux->product->picture ? MEDIA_VIDEO : MEDIA_AUDIO; kind <= MEDIA_AUDIO;
         kind++) {
        for (guint r = 0; r < remux->job->catalogue->runs->len; r++) {
            const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, r);
            for (unsigned t = 0; t < run->track_count; t++) {
                const ArchiveTrack *track = &run->tracks[t];
                bool aac = g_str_has_prefix(track->codecs, "mp4a.");
                if (track->info.kind == kind && track_published(remux, run, t) &&
                    (kind == MEDIA_VIDEO || aac)) {
                    add_output(remux, kind == MEDIA_VIDEO ? "v" : track->key);
                }
            }
        }
    }
}

/* --- Where the runs' formats differ ----------------------------------------------------------- */

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

/* SPS and PPS of an AVCDecoderConfigurationRecord as NAL units with 4-byte lengths
 * (ISO/IEC 14496-15 5.3.3.1). NULL where it is broken or its lengths are of another size. */
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

/* One MP4 track has one sample description: where the runs' parameter sets differ, each key frame
 * carries its own run's. Those of the description too, or what follows another run, or is sought
 * from there, would be decoded by that one's. */
static bool adapt_run(const Remux *remux, Output *output, const AVCodecParameters *run,
                      GError **error)
{
    const AVCodecParameters *file = output->stream->codecpar;
    g_clear_pointer(&output->sets, g_byte_array_unref);
    if (run->codec_id != file->codec_id) {
        return set_av_error(remux, error, AVERROR_PATCHWELCOME, "join runs of different codecs in");
    }
    if (same_config(run, file) && !output->mixed) {
        return true;
    }
    output->sets = run->codec_id == AV_CODEC_ID_H264 ? in_band_sets(run) : NULL;
    return output->sets != NULL ||
           set_av_error(remux, error, AVERROR_PATCHWELCOME, "join runs of different formats in");
}

static bool prepend_sets(const Remux *remux, const GByteArray *sets, AVPacket *packet,
                         GError **error)
{
    int size = packet->size;
    int result = av_grow_packet(packet, (int)sets->len);
    if (result == 0) {
        result = av_packet_make_writable(packet);
    }
    if (result < 0) {
        return set_av_error(remux, error, result, "write");
    }
    memmove(packet->data + sets->len, packet->data, (size_t)size);
    memcpy(packet->data, sets->data, sets->len);
    return true;
}

/* --- Packets ---------------------------------------------------------------------------------- */

/* Opens the next run that has something for this output. False: failed; `done` where none is. */
static bool open_run(Remux *remux, Output *output, GError **error)
{
    while (output->run < remux->job->catalogue->runs->len) {
        const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, output->run++);
        int track = choose_track(remux, output, run);
        if (track < 0) {
            continue;
        }
        output->source = archive_source_new(remux->job->folder, remux->job->catalogue, run,
                                            (unsigned)track, 0, error);
        return output->source != NULL;
    }
    output->done = true;
    return true;
}

/* Whether a run's picture has another format than the file's. */
static bool find_mixed(const Remux *remux, Output *output, GError **error)
{
    const ArchiveCatalogue *catalogue = remux->job->catalogue;
    for (guint r = 0; r < catalogue->runs->len && output->key[0] == 'v' && !output->mixed; r++) {
        const ArchiveRun *run = g_ptr_array_index(catalogue->runs, r);
        int track = choose_track(remux, output, run);
        if (track < 0) {
            continue;
        }
        g_autoptr(ArchiveSource) source =
            archive_source_new(remux->job->folder, catalogue, run, (unsigned)track, 0, error);
        if (source == NULL) {
            return false;
        }
        output->mixed =
            !same_config(archive_source_stream(source)->codecpar, output->stream->codecpar);
    }
    return true;
}

/* The stretch that a time lies in, or NULL; stretches only go forward. */
static const ArchiveStretch *find_stretch(const Remux *remux, Output *output, int64_t pts_us)
{
    for (; output->stretch < remux->job->places->stretches->len; output->stretch++) {
        const ArchiveStretch *stretch =
            &g_array_index(remux->job->places->stretches, ArchiveStretch, output->stretch);
        if (pts_us < stretch->end_us - EDGE_US) {
            return pts_us >= stretch->start_us - EDGE_US ? stretch : NULL;
        }
    }
    return NULL;
}

/* Moves the pending packet to its place in the file. False: it lies outside the marks. */
static bool place_packet(const Remux *remux, Output *output)
{
    AVPacket *packet = output->packet;
    AVRational from = archive_source_stream(output->source)->time_base;
    AVRational to = output->stream->time_base;
    int64_t shift_us = archive_source_shift_us(output->source);
    int64_t pts_us = av_rescale_q(packet->pts, from, AV_TIME_BASE_Q) + shift_us;
    const ArchiveStretch *stretch = find_stretch(remux, output, pts_us);
    if (stretch == NULL) {
        return false;
    }
    // One rounding for the whole stretch: the distances within it stay exact.
    int64_t move = av_rescale_q(shift_us + stretch->at_us - stretch->start_us, AV_TIME_BASE_Q, to);
    int64_t delay = av_rescale_q(packet->pts - packet->dts, from, to);
    int64_t dts = av_rescale_q(packet->dts, from, to) + move;
    packet->dts = MAX(dts, output->last_dts + 1);
    packet->pts = packet->dts + delay;
    // The demuxer may not say: then it is as long as the frames are wont to be.
    if (packet->duration > 0) {
        output->last_duration = av_rescale_q(packet->duration, from, to);
    }
    packet->duration = output->last_duration;
    packet->stream_index = output->stream->index;
    packet->pos = -1;
    output->last_dts = packet->dts;
    return true;
}

static bool next_packet(Remux *remux, Output *output, GError **error)
{
    while (!output->done) {
        if (output->source == NULL) {
            if (!open_run(remux, output, error)) {
                return false;
            }
            if (!output->done &&
                !adapt_run(remux, output, archive_source_stream(output->source)->codecpar, error)) {
                return false;
            }
            continue;
        }
        int got = archive_source_read(output->source, output->packet, error);
        if (got < 0) {
            return false;
        }
        if (got == 0) {
            g_clear_pointer(&output->source, archive_source_free);
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

/* The output whose pending packet is the earliest, or NULL at the end. */
static Output *earliest(Remux *remux)
{
    Output *first = NULL;
    for (unsigned i = 0; i < remux->output_count; i++) {
        Output *output = &remux->outputs[i];
        if (!output->done &&
            (first == NULL || av_compare_ts(output->packet->dts, output->stream->time_base,
                                            first->packet->dts, first->stream->time_base) < 0)) {
            first = output;
        }
    }
    return first;
}

/* --- The file --------------------------------------------------------------------------------- */

/* MP4 wants ISO 639-2/T; a tag in BCP 47 mostly starts with ISO 639-1. */
static const char *iso639(const char *language)
{
    static const char *const names[][2] = {
        {"ar", "ara"}, {"bn", "ben"}, {"de", "deu"}, {"en", "eng"}, {"es", "spa"}, {"fa", "fas"},
        {"fr", "fra"}, {"hi", "hin"}, {"it", "ita"}, {"ja", "jpn"}, {"ko", "kor"}, {"ml", "mal"},
        {"pt", "por"}, {"ru", "rus"}, {"tl", "tgl"}, {"tr", "tur"}, {"ur", "urd"}, {"zh", "zho"}};
    size_t length = strcspn(language, "-");
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (length == 2 && g_ascii_strncasecmp(language, names[i][0], 2) == 0) {
            return names[i][1];
        }
    }
    return length == 3 && language[3] == '\0' ? language : "und";
}

/* The language's own; else the one that the session is held in. */
static const char *output_language(const Remux *remux, const Output *output)
{
    const char *language = "";
    for (guint r = 0; r < remux->job->catalogue->runs->len; r++) {
        const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, r);
        int track = archive_run_find(run, output->key);
        if (track >= 0) {
            language = run->tracks[track].info.language;
            break;
        }
    }
    bool known = language[0] != '\0' && strcmp(language, "und") != 0;
    if (!known && remux->job->what->language != NULL) {
        language = remux->job->what->language;
    }
    return iso639(language);
}

static bool add_stream(Remux *remux, Output *output, GError **error)
{
    if (!open_run(remux, output, error)) {
        return false;
    }
    const AVStream *from = archive_source_stream(output->source);
    output->stream = avformat_new_stream(remux->muxer, NULL);
    int result = avcodec_parameters_copy(output->stream->codecpar, from->codecpar);
    if (result < 0) {
        return set_av_error(remux, error, result, "describe");
    }
    output->stream->codecpar->codec_tag = 0;
    output->stream->time_base = from->time_base;
    av_dict_set(&output->stream->metadata, "language", output_language(remux, output), 0);
    return find_mixed(remux, output, error) && adapt_run(remux, output, from->codecpar, error);
}

static void set_metadata(const Remux *remux)
{
    const ArchiveFinish *what = remux->job->what;
    AVDictionary **metadata = &remux->muxer->metadata;
    av_dict_set(metadata, "title", what->title, 0); // NULL sets nothing
    av_dict_set(metadata, "artist", what->artist, 0);
}

static void add_chapter(AVFormatContext *muxer, int64_t start_us, int64_t end_us, const char *title)
{
    g_autofree char *text = archive_title_cut(title, TITLE_MAX_BYTES);
    AVChapter *chapter = av_mallocz(sizeof *chapter);
    chapter->id = muxer->nb_chapters + 1;
    chapter->time_base = AV_TIME_BASE_Q;
    chapter->start = start_us;
    chapter->end = end_us;
    av_dict_set(&chapter->metadata, "title", text, 0);
    av_dynarray_add(&muxer->chapters, (int *)&muxer->nb_chapters, chapter);
}

/* In the session's language. Players expect the first one at the start: what comes before it goes
 * by the session's own name. */
static void add_chapters(const Remux *remux)
{
    const ArchiveFinish *what = remux->job->what;
    bool english = what->language != NULL && g_ascii_strncasecmp(what->language, "en", 2) == 0;
    g_autoptr(GPtrArray) sections = archive_sections_new(remux->job);
    for (guint i = 0; i < sections->len; i++) {
        const ArchiveSection *section = g_ptr_array_index(sections, i);
        if (i == 0 && section->start_us > 0) {
            add_chapter(remux->muxer, 0, section->start_us,
                        what->title != NULL ? what->title : "–");
        }
        add_chapter(remux->muxer, section->start_us, section->end_us,
                    english ? section->title_en : section->title_ar);
    }
}

/* In the stream's final time base: a frame of the picture's rate, or 1024 samples (AAC-LC). */
static void set_usual_duration(Output *output, const MediaTrackInfo *info)
{
    AVRational frame = output->stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO
                           ? (AVRational){info->fps_d, info->fps_n}
                           : (AVRational){1024, output->stream->codecpar->sample_rate};
    output->last_duration = av_rescale_q(1, frame, output->stream->time_base);
}

static bool write_header(Remux *remux, GError **error)
{
    AVDictionary *options = NULL;
    AVRational time_base = remux->outputs[0].stream->time_base;
    av_dict_set(&options, "movflags", "+faststart", 0);
    // The picture keeps its own ticks; a late first sound is placed by more than milliseconds.
    if (remux->outputs[0].key[0] == 'v' && time_base.num == 1) {
        av_dict_set_int(&options, "video_track_timescale", time_base.den, 0);
    }
    av_dict_set_int(&options, "movie_timescale", 48000, 0);
    int result = avformat_write_header(remux->muxer, &options);
    av_dict_free(&options);
    for (unsigned i = 0; i < remux->output_count && result >= 0; i++) {
        Output *output = &remux->outputs[i];
        set_usual_duration(output, &archive_source_track(output->source)->info);
    }
    return result >= 0 || set_av_error(remux, error, result, "start");
}

static bool copy_packets(Remux *remux, GError **error)
{
    const ArchiveJob *job = remux->job;
    int64_t total_us = job->places->total_us;
    int64_t told_us = 0;
    Output *output;
    for (unsigned i = 0; i < remux->output_count; i++) {
        if (!next_packet(remux, &remux->outputs[i], error)) {
            return false;
        }
    }
    while ((output = earliest(remux)) != NULL) {
        int64_t at_us =
            av_rescale_q(output->packet->dts, output->stream->time_base, AV_TIME_BASE_Q);
        int result = av_write_frame(remux->muxer, output->packet);
        av_packet_unref(output->packet);
        if (result < 0) {
            return set_av_error(remux, error, result, "write");
        }
        if (job->progress != NULL && at_us - told_us >= total_us / 100) {
            told_us = at_us;
            job->progress(job->data, MIN((double)at_us / (double)total_us, 1.0));
        }
        if (!next_packet(remux, output, error)) {
            return false;
        }
    }
    return true;
}

static bool write_trailer(Remux *remux, GError **error)
{
    int result = av_write_trailer(remux->muxer);
    if (result >= 0) {
        avio_flush(remux->muxer->pb);
        result = remux->muxer->pb->error;
    }
    return result >= 0 || set_av_error(remux, error, result, "finish");
}

static bool write_file(Remux *remux, const char *path, GError **error)
{
    g_autofree char *url = g_strconcat("file:", path, NULL);
    int result = avformat_alloc_output_context2(&remux->muxer, NULL, remux->product->muxer, url);
    if (result >= 0) {
        result = avio_open(&remux->muxer->pb, url, AVIO_FLAG_WRITE);
    }
    if (result < 0) {
        return set_av_error(remux, error, result, "make");
    }
    set_metadata(remux);
    add_chapters(remux);
    for (unsigned i = 0; i < remux->output_count; i++) {
        if (!add_stream(remux, &remux->outputs[i], error)) {
            return false;
        }
    }
    return write_header(remux, error) && copy_packets(remux, error) && write_trailer(remux, error);
}

static void clear_remux(Remux *remux)
{
    for (unsigned i = 0; i < remux->output_count; i++) {
        archive_source_free(remux->outputs[i].source);
        g_clear_pointer(&remux->outputs[i].sets, g_byte_array_unref);
        av_packet_free(&remux->outputs[i].packet);
    }
    if (remux->muxer != NULL) {
        avio_closep(&remux->muxer->pb);
        avformat_free_context(remux->muxer);
    }
}

/* --- Room ------------------------------------------------------------------------------------- */

/* The published bytes of a track of a run. */
static uint64_t published_bytes(const Remux *remux, const ArchiveRun *run, unsigned track)
{
    uint64_t all = 0;
    for (guint i = 0; i < remux->job->catalogue->slots->len; i++) {
        const ArchiveSlot *slot = &g_array_index(remux->job->catalogue->slots, ArchiveSlot, i);
        uint64_t bytes;
        int64_t pts_us, end_us;
        if (slot->run == run && archive_slot_extent(slot, track, &bytes, &pts_us, &end_us)) {
            all += bytes;
        }
    }
    return all;
}

/* What goes in is as large as what comes out. */
static bool check_room(const Remux *remux, GError **error)
{
    uint64_t need = 0, left;
    for (guint r = 0; r < remux->job->catalogue->runs->len; r++) {
        const ArchiveRun *run = g_ptr_array_index(remux->job->catalogue->runs, r);
        for (unsigned i = 0; i < remux->output_count; i++) {
            int track = choose_track(remux, &remux->outputs[i], run);
            need += track >= 0 ? published_bytes(remux, run, (unsigned)track) : 0;
        }
    }
    if (!archive_free_bytes(remux->job->folder, &left) ||
        (left >= need && left - need >= remux->job->what->reserve_bytes)) {
        return true;
    }
    g_autofree char *wants = g_format_size_full(need, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *has = g_format_size_full(left, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *keeps =
        g_format_size_full(remux->job->what->reserve_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_FULL,
        "%s needs %s, and of the %s that are free %s are kept for the database and for what "
        "is being recorded. Free some space and try again.",
        remux->product->name, wants, has, keeps);
    return false;
}

static bool make_file(Remux *remux, const char *path, GError **error)
{
    find_outputs(remux);
    if (remux->output_count == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "nothing was recorded that %s is made of", remux->product->name);
        return false;
    }
    return check_room(remux, error) && write_file(remux, path, error);
}

/* --- Under another name until it is whole ----------------------------------------------------- */

static bool make_product(const ArchiveJob *job, const Product *product, GError **error)
{
    // The library would write to standard error; what it means comes back as an error.
    av_log_set_level(MIN(av_log_get_level(), AV_LOG_FATAL));
    g_autofree char *name = g_strconcat(product->name, ".new", NULL);
    g_autofree char *path = g_build_filename(job->folder, name, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        return archive_set_errno(error, errno, "make", path);
    }
    Remux remux = {.job = job, .product = product};
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

bool archive_make_mp4(const ArchiveJob *job, GError **error)
{
    return make_product(job, &mp4, error);
}

bool archive_make_audio(const ArchiveJob *job, GError **error)
{
    return make_product(job, &m4a, error);
}
