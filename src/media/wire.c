// SPDX-License-Identifier: GPL-3.0-or-later
// Encodes and decodes messages of the capture child.
#include "media/wire.h"

#include "base/bytes.h"

#include <errno.h>
#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_CHUNK (64 * 1024)
#define UNIT_KEY 1

void media_wire_clear(MediaWireMessage *message)
{
    g_clear_pointer(&message->track, media_track_unref);
    g_clear_pointer(&message->unit, media_item_unref);
    g_clear_pointer(&message->text, g_free);
    g_clear_pointer(&message->bytes, g_bytes_unref);
    g_clear_pointer(&message->caption, media_caption_free);
}

static void append_uint(GByteArray *out, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    base_put_uint(bytes, value, size);
    g_byte_array_append(out, bytes, (guint)size);
}

static void append_text(GByteArray *out, const char *text)
{
    size_t size = text != NULL ? strlen(text) : 0;
    if (size > MEDIA_WIRE_MAX_TEXT) { // between characters
        size = (size_t)(g_utf8_find_prev_char(text, text + MEDIA_WIRE_MAX_TEXT + 1) - text);
    }
    append_uint(out, size, 2);
    g_byte_array_append(out, (const uint8_t *)text, (guint)size);
}

static void append_track(GByteArray *out, const MediaTrack *track)
{
    const MediaTrackInfo *info = &track->info;
    append_uint(out, info->id, 1);
    append_uint(out, info->kind, 1);
    append_uint(out, info->codec, 1);
    append_uint(out, info->bitrate, 4);
    append_uint(out, info->width, 2);
    append_uint(out, info->height, 2);
    append_uint(out, info->fps_n, 2);
    append_uint(out, info->fps_d, 2);
    append_uint(out, info->sample_rate, 4);
    append_uint(out, info->channels, 1);
    append_text(out, info->name);
    append_text(out, info->language);
    append_uint(out, track->config_size, 2);
    g_byte_array_append(out, track->config, (guint)track->config_size);
}

/* Hundredths. */
static void append_db(GByteArray *out, float db, float most)
{
    float known = isnan(db) ? MEDIA_SOUND_NONE : fminf(most, fmaxf(MEDIA_SOUND_NONE, db));
    append_uint(out, (uint64_t)lroundf((known - MEDIA_SOUND_NONE) * 100), 2);
}

static void append_sound(GByteArray *out, const MediaSound *sound)
{
    for (int i = 0; i < MEDIA_WIRE_CHANNELS; i++) {
        append_db(out, sound->peak_db[i], 0);
    }
    append_db(out, sound->loudness, -MEDIA_SOUND_NONE);
    append_db(out, sound->short_term, -MEDIA_SOUND_NONE);
    append_db(out, sound->gain_db, -MEDIA_SOUND_NONE);
    append_uint(out, sound->alarm, 1);
}

static void append_caption(GByteArray *out, const MediaCaption *caption)
{
    append_uint(out, caption->kind, 1);
    append_text(out, caption->accent);
    for (int i = 0; i < MEDIA_CAPTION_TEXTS; i++) {
        append_text(out, caption->texts[i]);
    }
}

static void append_payload(GByteArray *out, const MediaWireMessage *message)
{
    switch (message->type) {
    case MEDIA_WIRE_BEGIN:
        append_uint(out, (uint64_t)message->pts_us, 8);
        break;
    case MEDIA_WIRE_TRACK:
        append_track(out, message->track);
        break;
    case MEDIA_WIRE_UNIT:
        append_uint(out, message->track_id, 1);
        append_uint(out, message->unit->key ? UNIT_KEY : 0, 1);
        append_uint(out, (uint64_t)message->unit->pts_us, 8);
        append_uint(out, (uint64_t)message->unit->duration_us, 4);
        g_byte_array_append(out, message->unit->data, (guint)message->unit->size);
        break;
    case MEDIA_WIRE_MARK:
        append_uint(out, message->mark, 1);
        append_uint(out, (uint64_t)message->pts_us, 8);
        break;
    case MEDIA_WIRE_LEVEL:
        append_uint(out, (uint64_t)message->pts_us, 8);
        append_sound(out, &message->sound);
        break;
    case MEDIA_WIRE_THUMB:
        append_uint(out, (uint64_t)message->pts_us, 8);
        g_byte_array_append(out, g_bytes_get_data(message->bytes, NULL),
                            (guint)g_bytes_get_size(message->bytes));
        break;
    case MEDIA_WIRE_SOURCE:
        append_uint(out, message->state, 1);
        append_uint(out, (uint64_t)message->pts_us, 8);
        append_text(out, message->text);
        break;
    case MEDIA_WIRE_KEY:
        append_uint(out, message->tracks, 4);
        break;
    case MEDIA_WIRE_CAPTION:
        append_caption(out, message->caption);
        break;
    case MEDIA_WIRE_FAILED:
    case MEDIA_WIRE_SANDBOX:
        append_text(out, message->text);
        break;
    case MEDIA_WIRE_OPENING:
    case MEDIA_WIRE_STOP:
        break;
    }
}

GByteArray *media_wire_encode(const MediaWireMessage *message)
{
    GByteArray *out =
        g_byte_array_sized_new(message->unit != NULL ? (guint)message->unit->size + 64 : 128);
    append_uint(out, 0, 4);
    append_uint(out, message->type, 1);
    append_payload(out, message);
    g_assert(out->len <= MEDIA_WIRE_MAX_BYTES);
    base_put_u32(out->data, out->len - 4);
    return out;
}

/* UTF-8, at most `max` bytes. */
static void read_text(BaseReader *reader, char *out, size_t max)
{
    size_t size = base_read_u16(reader);
    const uint8_t *text = base_read_bytes(reader, size);
    out[0] = '\0';
    if (text == NULL || size > max || !g_utf8_validate((const char *)text, (gssize)size, NULL)) {
        reader->failed = true;
        return;
    }
    memcpy(out, text, size);
    out[size] = '\0';
}

static MediaTrack *read_track(BaseReader *reader)
{
    MediaTrackInfo info = {0};
    info.id = base_read_u8(reader);
    info.kind = base_read_u8(reader);
    info.codec = base_read_u8(reader);
    info.bitrate = base_read_u32(reader);
    info.width = base_read_u16(reader);
    info.height = base_read_u16(reader);
    info.fps_n = base_read_u16(reader);
    info.fps_d = base_read_u16(reader);
    info.sample_rate = base_read_u32(reader);
    info.channels = base_read_u8(reader);
    read_text(reader, info.name, sizeof info.name - 1);
    read_text(reader, info.language, sizeof info.language - 1);
    size_t size = base_read_u16(reader);
    const uint8_t *config = base_read_bytes(reader, size);
    return config != NULL ? media_track_new(&info, config, size) : NULL;
}

static MediaItem *read_unit(BaseReader *reader, uint8_t *out_track_id)
{
    *out_track_id = base_read_u8(reader);
    uint8_t flags = base_read_u8(reader);
    int64_t pts_us = (int64_t)base_read_u64(reader);
    uint32_t duration_us = base_read_u32(reader);
    if (reader->failed || reader->left == 0 || reader->left > MEDIA_MAX_UNIT_BYTES ||
        *out_track_id >= MEDIA_MAX_TRACKS || flags > UNIT_KEY || pts_us < 0) {
        return NULL;
    }
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, reader->left);
    unit->pts_us = pts_us;
    unit->duration_us = duration_us;
    unit->key = (flags & UNIT_KEY) != 0;
    memcpy(unit->data, reader->data, reader->left);
    reader->left = 0;
    return unit;
}

static MediaCaption *read_caption(BaseReader *reader)
{
    char text[MEDIA_WIRE_MAX_TEXT + 1], accent[MEDIA_ACCENT_BYTES];
    uint8_t kind = base_read_u8(reader);
    read_text(reader, accent, sizeof accent - 1);
    reader->failed |= kind > MEDIA_CAPTION_QUESTION || !media_accent_valid(accent);
    MediaCaption *caption = media_caption_new(kind, accent);
    for (unsigned i = 0; i < MEDIA_CAPTION_TEXTS; i++) {
        read_text(reader, text, MEDIA_WIRE_MAX_TEXT);
        media_caption_put(caption, i, text);
        reader->failed |= kind == MEDIA_CAPTION_NONE && text[0] != '\0';
    }
    return caption;
}

static float read_db(BaseReader *reader, float most)
{
    float db = (float)base_read_u16(reader) / 100 + MEDIA_SOUND_NONE;
    reader->failed |= db > most;
    return db;
}

static MediaSound read_sound(BaseReader *reader)
{
    MediaSound sound = {0};
    for (int i = 0; i < MEDIA_WIRE_CHANNELS; i++) {
        sound.peak_db[i] = read_db(reader, 0);
    }
    sound.loudness = read_db(reader, -MEDIA_SOUND_NONE);
    sound.short_term = read_db(reader, -MEDIA_SOUND_NONE);
    sound.gain_db = read_db(reader, -MEDIA_SOUND_NONE);
    sound.alarm = base_read_u8(reader);
    reader->failed |= sound.alarm > MEDIA_SOUND_RIGHT_ONLY;
    return sound;
}

static void read_payload(BaseReader *reader, MediaWireMessage *message)
{
    char text[MEDIA_WIRE_MAX_TEXT + 1];
    switch (message->type) {
    case MEDIA_WIRE_BEGIN:
        message->pts_us = (int64_t)base_read_u64(reader);
        break;
    case MEDIA_WIRE_TRACK:
        message->track = read_track(reader);
        reader->failed |= message->track == NULL;
        break;
    case MEDIA_WIRE_UNIT:
        message->unit = read_unit(reader, &message->track_id);
        reader->failed |= message->unit == NULL;
        break;
    case MEDIA_WIRE_MARK:
        message->mark = base_read_u8(reader);
        message->pts_us = (int64_t)base_read_u64(reader);
        reader->failed |= message->mark > MEDIA_MARK_END;
        break;
    case MEDIA_WIRE_LEVEL:
        message->pts_us = (int64_t)base_read_u64(reader);
        message->sound = read_sound(reader);
        break;
    case MEDIA_WIRE_THUMB:
        message->pts_us = (int64_t)base_read_u64(reader);
        message->bytes = g_bytes_new(reader->data, reader->left);
        reader->left = 0;
        break;
    case MEDIA_WIRE_SOURCE:
        message->state = base_read_u8(reader);
        message->pts_us = (int64_t)base_read_u64(reader);
        read_text(reader, text, MEDIA_WIRE_MAX_TEXT);
        message->text = g_strdup(text);
        reader->failed |= message->state > MEDIA_SOURCE_ENDED;
        break;
    case MEDIA_WIRE_KEY:
        message->tracks = base_read_u32(reader);
        break;
    case MEDIA_WIRE_CAPTION:
        message->caption = read_caption(reader);
        break;
    case MEDIA_WIRE_FAILED:
    case MEDIA_WIRE_SANDBOX:
        read_text(reader, text, MEDIA_WIRE_MAX_TEXT);
        message->text = g_strdup(text);
        break;
    case MEDIA_WIRE_OPENING:
    case MEDIA_WIRE_STOP:
        break;
    default:
        reader->failed = true;
    }
    reader->failed |= message->pts_us < 0;
}

int media_wire_decode(uint8_t type, const uint8_t *payload, size_t size, MediaWireMessage *out)
{
    MediaWireMessage message = {.type = type};
    BaseReader reader = base_reader(payload, size);
    read_payload(&reader, &message);
    if (reader.failed || reader.left > 0) {
        media_wire_clear(&message);
        return -EBADMSG;
    }
    *out = message;
    return 0;
}

struct MediaWireReceiver {
    GByteArray *buffer;
    size_t used;
};

MediaWireReceiver *media_wire_receiver_new(void)
{
    MediaWireReceiver *receiver = g_new0(MediaWireReceiver, 1);
    receiver->buffer = g_byte_array_sized_new(RECEIVE_CHUNK);
    return receiver;
}

void media_wire_receiver_free(MediaWireReceiver *receiver)
{
    if (receiver != NULL) {
        g_byte_array_unref(receiver->buffer);
        g_free(receiver);
    }
}

/* 1: taken; 0: incomplete; else -errno. */
static int take_message(MediaWireReceiver *receiver, MediaWireMessage *out)
{
    const uint8_t *at = receiver->buffer->data + receiver->used;
    size_t have = receiver->buffer->len - receiver->used;
    if (have < MEDIA_WIRE_HEADER_BYTES) {
        return 0;
    }
    size_t length = base_get_u32(at);
    if (length < 1 || length > MEDIA_WIRE_MAX_BYTES) {
        return -EBADMSG;
    }
    if (have < 4 + length) {
        return 0;
    }
    int result = media_wire_decode(at[4], at + MEDIA_WIRE_HEADER_BYTES, length - 1, out);
    receiver->used += 4 + length;
    return result < 0 ? result : 1;
}

int media_wire_receive(MediaWireReceiver *receiver, int fd, MediaWireMessage *out)
{
    for (;;) {
        int taken = take_message(receiver, out);
        if (taken != 0) {
            return taken;
        }
        if (receiver->used > 0) {
            g_byte_array_remove_range(receiver->buffer, 0, (guint)receiver->used);
            receiver->used = 0;
        }
        size_t had = receiver->buffer->len;
        g_byte_array_set_size(receiver->buffer, (guint)(had + RECEIVE_CHUNK));
        ssize_t got = recv(fd, receiver->buffer->data + had, RECEIVE_CHUNK, MSG_DONTWAIT);
        int why = errno;
        g_byte_array_set_size(receiver->buffer, (guint)(had + (got > 0 ? (size_t)got : 0)));
        if (got == 0) {
            return -EPIPE;
        }
        if (got < 0 && why != EINTR) {
            return why == EAGAIN ? 0 : -why;
        }
    }
}

int media_wire_send(int fd, const MediaWireMessage *message)
{
    g_autoptr(GByteArray) bytes = media_wire_encode(message);
    size_t sent = 0;
    while (sent < bytes->len) {
        ssize_t now = send(fd, bytes->data + sent, bytes->len - sent, MSG_NOSIGNAL);
        if (now < 0 && errno != EINTR) {
            return -errno;
        }
        sent += now > 0 ? (size_t)now : 0;
    }
    return 0;
}
