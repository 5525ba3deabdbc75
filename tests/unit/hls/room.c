// SPDX-License-Identifier: GPL-3.0-or-later
// Plays a clip into an HLS stream and checks every snapshot that it publishes.
#include "room.h"

#include <libavformat/avformat.h>
#include <string.h>
#include <zlib.h>

#define WAIT_S 20 // for the hls thread to do what takes it milliseconds

Clip *room_clip;
const char *const room_keys[CLIP_TRACKS] = {"v180p", "v90p", "aar", "aen"};

/* --- A room with a stream in it, which holds every snapshot against the rules --------------------
 */

static void on_part(void *data, MediaPart *part)
{
    Room *room = data;
    char key[MEDIA_TRACK_KEY_BYTES];
    pthread_mutex_lock(&room->mutex);
    while (room->held) {
        room->holding = true;
        pthread_cond_broadcast(&room->changed);
        pthread_cond_wait(&room->changed, &room->mutex);
    }
    g_ptr_array_add(room->parts, media_part_ref(part));
    if (part->type == MEDIA_PART_MEDIA) {
        media_track_key(part->track, key);
        g_hash_table_add(room->names, g_strdup_printf("%u/%s/%" G_GUINT64_FORMAT ".%u.m4s",
                                                      part->run, key, part->sequence, part->index));
    }
    pthread_mutex_unlock(&room->mutex);
}

static bool on_kept(void *data, uint32_t run, const char *key, uint64_t number)
{
    Room *room = data;
    char *name = g_strdup_printf("%u/%s/%" G_GUINT64_FORMAT ".m4s", run, key, number);
    g_ptr_array_add(room->asked, name);
    return !g_hash_table_contains(room->lost, name);
}

static char *joined(GBytes *lead, GBytes *body, gsize *out_size)
{
    GByteArray *all = g_byte_array_new();
    if (lead != NULL) {
        g_byte_array_append(all, g_bytes_get_data(lead, NULL), (guint)g_bytes_get_size(lead));
    }
    g_byte_array_append(all, g_bytes_get_data(body, NULL), (guint)g_bytes_get_size(body));
    *out_size = all->len;
    g_byte_array_append(all, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(all, FALSE);
}

/* As a player unpacks it: one file of one member, whose checksum and size are right. */
static void check_gzip(const char *packed, gsize packed_size, const char *text, gsize size)
{
    g_autofree char *out = g_malloc(size + 1);
    z_stream stream = {.next_in = (Bytef *)packed,
                       .avail_in = (uInt)packed_size,
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)size + 1};
    g_assert_cmpint(inflateInit2(&stream, 16 + MAX_WBITS), ==, Z_OK);
    g_assert_cmpint(inflate(&stream, Z_FINISH), ==, Z_STREAM_END);
    g_assert_cmpuint(stream.avail_in, ==, 0);
    g_assert_cmpmem(out, stream.total_out, text, size);
    inflateEnd(&stream);
}

HlsFound room_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                  const char *query, char **out_text)
{
    HlsResponse response = {0};
    HlsFound found = hls_snapshot_get(snapshot, audience, path, query, &response);
    if (found == HLS_FOUND) {
        gsize size, packed_size;
        g_autofree char *text = joined(response.lead, response.body, &size);
        if (response.gzip != NULL) {
            g_autofree char *packed = joined(response.gzip_lead, response.gzip, &packed_size);
            check_gzip(packed, packed_size, text, size);
        }
        if (out_text != NULL) {
            *out_text = g_steal_pointer(&text);
        }
        hls_response_clear(&response);
    } else {
        g_assert_cmpint(found == HLS_WAIT, ==, response.wait_s > 0);
    }
    return found;
}

/* Whatever a list names is there, and was told before. */
static void check_names(Room *room, const HlsSnapshot *snapshot, HlsAudience audience,
                        const CheckList *list)
{
    for (unsigned i = 0; i < list->segments->len; i++) {
        const CheckSegment *segment = check_segment(list, i);
        for (unsigned j = 0; j < segment->part_count; j++) {
            const char *uri = segment->parts[j].uri;
            g_assert_true(g_hash_table_contains(room->names, uri));
            g_assert_cmpint(room_get(snapshot, audience, uri, NULL, NULL), ==, HLS_FOUND);
        }
        if (segment->uri != NULL) {
            HlsFound found = room_get(snapshot, audience, segment->uri, NULL, NULL);
            bool there = found == HLS_FOUND || (list->event && found == HLS_ON_DISK);
            g_assert_true(segment->gap ? found == HLS_NOT_FOUND : there);
        }
        if (segment->map != NULL) {
            HlsFound found = room_get(snapshot, audience, segment->map, NULL, NULL);
            g_assert_true(found == HLS_FOUND || (list->event && found == HLS_ON_DISK));
        }
    }
    if (list->hint != NULL) {
        g_assert_cmpint(room_get(snapshot, audience, list->hint, NULL, NULL), ==, HLS_WAIT);
    }
}

/* `which` is an audience or ROOM_EVENT. */
static void check_one(Room *room, const HlsSnapshot *snapshot, unsigned track, unsigned which)
{
    HlsAudience audience = which == ROOM_EVENT ? HLS_PUBLIC : which;
    g_autofree char *name =
        g_strdup_printf("%s%s.m3u8", room_keys[track], which == ROOM_EVENT ? ".event" : "");
    g_autofree char *text = NULL, *delta_text = NULL;
    if (room_get(snapshot, audience, name, NULL, &text) != HLS_FOUND) {
        g_assert_null(room->lists[track][which]); // once there it stays
        return;
    }
    CheckList *list = check_list_new(text);
    CheckList *before = room->lists[track][which];
    g_assert_cmpint(list->event, ==, which == ROOM_EVENT);
    check_names(room, snapshot, audience, list);
    room_get(snapshot, audience, name, "_HLS_skip=YES", &delta_text);
    if (before != NULL) {
        check_succession(before, list);
        if (strcmp(delta_text, text) != 0) {
            g_autoptr(CheckList) delta = check_list_new(delta_text);
            // A client whose copy is too old asks for the whole list.
            if (before->msn + before->segments->len > list->msn + delta->skipped) {
                check_delta(before, delta, list);
                room->deltas_seen++;
            }
        }
        check_list_free(before);
    }
    room->lists[track][which] = list;
    room->lists_seen++;
}

/* The live playlist is the end of the EVENT playlist, under the same numbers. */
static void check_event(const Room *room, unsigned track)
{
    const CheckList *live = room->lists[track][HLS_PUBLIC], *event = room->lists[track][ROOM_EVENT];
    if (live == NULL) {
        return;
    }
    g_assert_cmpuint(event->msn, <=, live->msn);
    g_assert_cmpuint(event->msn + event->segments->len, ==, live->msn + live->segments->len);
    g_assert_cmpstr(event->hint, ==, live->hint);
    g_assert_cmpint(event->ended, ==, live->ended);
    for (unsigned i = 0; i < live->segments->len; i++) {
        const CheckSegment *one = check_segment(live, i);
        const CheckSegment *same = check_segment(event, (unsigned)(live->msn - event->msn) + i);
        g_assert_cmpstr(one->uri, ==, same->uri);
        g_assert_cmpint(one->date_us, ==, same->date_us);
        g_assert_cmpint(one->discontinuity, ==, same->discontinuity);
        g_assert_cmpint(one->gap, ==, same->gap);
        g_assert_true(one->part_count == same->part_count || event->target != live->target);
    }
}

static void on_published(void *data)
{
    Room *room = data;
    HlsSnapshot *snapshot = hls_stream_snapshot(room->stream);
    pthread_mutex_lock(&room->mutex); // who waits looks at what is noted here
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        check_one(room, snapshot, track, HLS_PUBLIC);
        check_one(room, snapshot, track, HLS_PRIVILEGED);
        check_one(room, snapshot, track, ROOM_EVENT);
        check_event(room, track);
    }
    HlsSnapshot **place = room->parts->len > room->last_parts ? &room->last : &room->idle;
    g_clear_pointer(place, hls_snapshot_unref);
    *place = snapshot;
    room->last_parts = room->parts->len;
    pthread_cond_broadcast(&room->changed);
    pthread_mutex_unlock(&room->mutex);
}

Room *room_new(const HlsConfig *config)
{
    Room *room = g_new0(Room, 1);
    const HlsEvents events = {
        .part = on_part, .published = on_published, .kept = on_kept, .data = room};
    pthread_mutex_init(&room->mutex, NULL);
    pthread_cond_init(&room->changed, NULL);
    room->bus = media_bus_new();
    room->parts = g_ptr_array_new_with_free_func((GDestroyNotify)media_part_unref);
    room->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    room->lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    room->asked = g_ptr_array_new_with_free_func(g_free);
    room->stream = hls_stream_new(room->bus, config, &events);
    return room;
}

void room_stop(Room *room)
{
    hls_stream_free(room->stream); // which still publishes
    room->stream = NULL;
}

void room_free(Room *room)
{
    if (room->stream != NULL) {
        room_stop(room);
    }
    media_bus_free(room->bus);
    for (unsigned i = 0; i < CLIP_TRACKS; i++) {
        for (unsigned j = 0; j < ROOM_LISTS; j++) {
            g_clear_pointer(&room->lists[i][j], check_list_free);
        }
    }
    g_clear_pointer(&room->last, hls_snapshot_unref);
    g_clear_pointer(&room->idle, hls_snapshot_unref);
    g_ptr_array_unref(room->parts);
    g_hash_table_unref(room->names);
    g_hash_table_unref(room->lost);
    g_ptr_array_unref(room->asked);
    pthread_mutex_destroy(&room->mutex);
    pthread_cond_destroy(&room->changed);
    g_free(room);
}

/* Waits until `condition` holds for the newest snapshot, under the mutex. */
void room_wait(Room *room, Condition condition, int64_t value)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += WAIT_S;
    pthread_mutex_lock(&room->mutex);
    while (room->last == NULL || !condition(room, value)) {
        g_assert_cmpint(pthread_cond_timedwait(&room->changed, &room->mutex, &deadline), ==, 0);
    }
    pthread_mutex_unlock(&room->mutex);
}

/* All tracks have told all that ends at `value` or before. */
bool room_all_reached(Room *room, int64_t value)
{
    int64_t ends_us[CLIP_TRACKS] = {-1, -1, -1, -1};
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        for (unsigned j = 0; j < CLIP_TRACKS && part->type == MEDIA_PART_MEDIA; j++) {
            if (part->track == clip_track(room_clip, j)) {
                ends_us[j] = part->pts_us + part->duration_us;
            }
        }
    }
    bool all = true;
    for (unsigned j = 0; j < CLIP_TRACKS; j++) {
        all = all && ends_us[j] >= value;
    }
    return all && hls_snapshot_edge_us(room->last) >= value;
}

bool room_is_ended(Room *room, int64_t value)
{
    (void)value;
    const CheckList *list = room->lists[0][HLS_PRIVILEGED];
    return list != NULL && list->ended;
}

void room_play(Room *room, int64_t from_us, int64_t to_us)
{
    clip_publish(room_clip, room->bus, from_us, to_us, NULL, NULL);
}

/* In steps small enough that successive playlists are seen. Waits for what is on the grid only:
 * what a mark will end is open still. */
void room_play_slowly(Room *room, int64_t from_us, int64_t to_us)
{
    while (from_us < to_us) {
        int64_t next_us = MIN(from_us / 500000 * 500000 + 500000, to_us);
        room_play(room, from_us, next_us);
        room_wait(room, room_all_reached, next_us % 500000 == 0 ? next_us : from_us);
        from_us = next_us;
    }
}

/* --- Reading the media back ----------------------------------------------------------------------
 */

typedef struct {
    const uint8_t *data;
    size_t size, at;
} Memory;

static int on_read(void *data, uint8_t *out, int size)
{
    Memory *memory = data;
    size_t left = MIN((size_t)size, memory->size - memory->at);
    memcpy(out, memory->data + memory->at, left);
    memory->at += left;
    return left > 0 ? (int)left : AVERROR_EOF;
}

/* All samples of an init segment and what follows it, in the track's ticks. */
static GArray *read_samples(const GByteArray *bytes)
{
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(Sample));
    Memory memory = {.data = bytes->data, .size = bytes->len};
    AVFormatContext *file = avformat_alloc_context();
    AVIOContext *io = avio_alloc_context(av_malloc(4096), 4096, 0, &memory, on_read, NULL, NULL);
    file->pb = io;
    g_assert_cmpint(avformat_open_input(&file, NULL, NULL, NULL), ==, 0);
    g_assert_cmpuint(file->nb_streams, ==, 1);
    AVPacket *packet = av_packet_alloc();
    while (av_read_frame(file, packet) >= 0) {
        Sample sample = {.pts = packet->pts,
                         .duration = packet->duration,
                         .key = (packet->flags & AV_PKT_FLAG_KEY) != 0};
        g_assert_cmpint(packet->pts, ==, packet->dts);
        g_array_append_val(samples, sample);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&file);
    av_freep(&io->buffer);
    avio_context_free(&io);
    return samples;
}

static void append(GByteArray *out, GBytes *bytes)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(bytes, &size);
    g_byte_array_append(out, data, (guint)size);
}

/* Everything told of a track of a run. */
GByteArray *room_collect(const Room *room, unsigned track, uint32_t run)
{
    GByteArray *out = g_byte_array_new();
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->track == clip_track(room_clip, track) && part->run == run) {
            append(out, part->bytes);
        }
    }
    return out;
}

GArray *room_samples(const Room *room, unsigned track, uint32_t run)
{
    g_autoptr(GByteArray) bytes = room_collect(room, track, run);
    return read_samples(bytes);
}
