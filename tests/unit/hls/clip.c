// SPDX-License-Identifier: GPL-3.0-or-later
// Makes real access units with ffmpeg and publishes them on a bus.
#include "clip.h"

#include <glib/gstdio.h>
#include <libavformat/avformat.h>

typedef struct {
    int64_t pts_us, duration_us;
    bool key, video;
    GBytes *data;
} Unit;

struct Clip {
    MediaTrack *tracks[CLIP_TRACKS];
    GArray *units; // Unit by time
};

static const char *const encode[] = {
    "ffmpeg",
    "-v",
    "error",
    "-y",
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=320x180:r=30",
    "-f",
    "lavfi",
    "-i",
    "sine=f=440:r=48000",
    "-t",
    "8",
    "-c:v",
    "libx264",
    "-profile:v",
    "baseline",
    "-preset",
    "ultrafast",
    "-tune",
    "zerolatency",
    "-x264-params",
    "keyint=100000:scenecut=0:sliced-threads=0",
    "-force_key_frames",
    "0,1.96666,2,3.5,4,4.7,5.03333,6",
    "-forced-idr",
    "1",
    "-b:v",
    "400k",
    "-c:a",
    "aac",
    "-b:a",
    "96k",
    "-ac",
    "2",
    NULL,
    NULL,
};

static char *make_file(void)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int fd = g_file_open_tmp("majlis-clip-XXXXXX.mp4", &path, &error);
    g_assert_no_error(error);
    close(fd);
    g_autofree char **argv = g_memdup2(encode, sizeof encode);
    argv[G_N_ELEMENTS(encode) - 2] = path;
    int status = 0;
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    return path;
}

static MediaTrack *make_track(const AVStream *stream, uint8_t id, const char *name)
{
    const AVCodecParameters *codec = stream->codecpar;
    bool video = codec->codec_type == AVMEDIA_TYPE_VIDEO;
    MediaTrackInfo info = {.id = id,
                           .kind = video ? MEDIA_VIDEO : MEDIA_AUDIO,
                           .codec = video ? MEDIA_H264 : MEDIA_AAC,
                           .bitrate = video ? 400000 : 96000};
    g_strlcpy(info.name, name, sizeof info.name);
    if (video) {
        info.width = (uint16_t)codec->width;
        info.height = (uint16_t)codec->height;
        info.fps_n = 30;
        info.fps_d = 1;
    } else {
        g_strlcpy(info.language, name, sizeof info.language);
        info.sample_rate = 48000;
        info.channels = 2;
    }
    MediaTrack *track = media_track_new(&info, codec->extradata, (size_t)codec->extradata_size);
    g_assert_nonnull(track);
    return track;
}

static void add_unit(Clip *clip, const AVPacket *packet, const AVStream *stream)
{
    if (packet->pts < 0) {
        return; // the encoder's priming
    }
    bool video = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    int64_t scale = INT64_C(1000000) * stream->time_base.num;
    Unit unit = {.pts_us = packet->pts * scale / stream->time_base.den,
                 .duration_us = video ? 33333 : 21333,
                 .key = video && (packet->flags & AV_PKT_FLAG_KEY) != 0,
                 .video = video,
                 .data = g_bytes_new(packet->data, (gsize)packet->size)};
    g_array_append_val(clip->units, unit);
}

static int by_time(const void *a, const void *b)
{
    const Unit *first = a, *second = b;
    return (first->pts_us > second->pts_us) - (first->pts_us < second->pts_us);
}

static void clear_unit(void *data)
{
    g_bytes_unref(((Unit *)data)->data);
}

Clip *clip_new(void)
{
    Clip *clip = g_new0(Clip, 1);
    clip->units = g_array_new(FALSE, FALSE, sizeof(Unit));
    g_array_set_clear_func(clip->units, clear_unit);
    g_autofree char *path = make_file();
    AVFormatContext *file = NULL;
    g_assert_cmpint(avformat_open_input(&file, path, NULL, NULL), ==, 0);
    g_assert_cmpint(avformat_find_stream_info(file, NULL), >=, 0);
    clip->tracks[0] = make_track(file->streams[0], 0, "180p");
    clip->tracks[1] = make_track(file->streams[0], 4, "90p");
    clip->tracks[2] = make_track(file->streams[1], 7, "ar");
    clip->tracks[3] = make_track(file->streams[1], 3, "en");
    AVPacket *packet = av_packet_alloc();
    while (av_read_frame(file, packet) >= 0) {
        add_unit(clip, packet, file->streams[packet->stream_index]);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&file);
    g_unlink(path);
    g_array_sort(clip->units, by_time);
    g_assert_cmpuint(clip->units->len, ==, 240 + 375);
    return clip;
}

void clip_free(Clip *clip)
{
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        media_track_unref(clip->tracks[i]);
    }
    g_array_unref(clip->units);
    g_free(clip);
}

MediaTrack *clip_track(const Clip *clip, unsigned i)
{
    return clip->tracks[i];
}

void clip_publish_run(const Clip *clip, MediaBus *bus, uint32_t run, int64_t start_us, bool open)
{
    g_autoptr(MediaItem) item = media_item_new(MEDIA_ITEM_RUN, 0);
    item->run = run;
    item->pts_us = start_us;
    item->open = open;
    media_bus_publish(bus, item);
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        g_autoptr(MediaItem) track = media_item_new(MEDIA_ITEM_TRACK, 0);
        track->track = media_track_ref(clip->tracks[i]);
        media_bus_publish(bus, track);
    }
}

void clip_publish_mark(MediaBus *bus, MediaMark mark, int64_t pts_us)
{
    g_autoptr(MediaItem) item = media_item_new(MEDIA_ITEM_MARK, 0);
    item->mark = mark;
    item->pts_us = pts_us;
    media_bus_publish(bus, item);
}

static void publish_unit(MediaBus *bus, MediaTrack *track, const Unit *unit, int64_t pts_us,
                         ClipFilter filter, void *data)
{
    gsize size;
    const void *bytes = g_bytes_get_data(unit->data, &size);
    g_autoptr(MediaItem) item = media_item_new(MEDIA_ITEM_UNIT, size);
    memcpy(item->data, bytes, size);
    item->track = media_track_ref(track);
    item->pts_us = pts_us;
    item->duration_us = unit->duration_us;
    item->key = unit->key;
    if (filter == NULL || filter(data, item)) {
        media_bus_publish(bus, item);
    }
}

void clip_publish(const Clip *clip, MediaBus *bus, int64_t from_us, int64_t to_us,
                  ClipFilter filter, void *data)
{
    for (int64_t base_us = from_us / CLIP_US * CLIP_US; base_us < to_us; base_us += CLIP_US) {
        for (guint i = 0; i < clip->units->len; i++) {
            const Unit *unit = &g_array_index(clip->units, Unit, i);
            int64_t pts_us = base_us + unit->pts_us;
            if (pts_us < from_us || pts_us >= to_us) {
                continue;
            }
            for (unsigned j = 0; j < CLIP_TRACKS; j++) {
                if ((clip->tracks[j]->info.kind == MEDIA_VIDEO) == unit->video) {
                    publish_unit(bus, clip->tracks[j], unit, pts_us, filter, data);
                }
            }
        }
    }
}
