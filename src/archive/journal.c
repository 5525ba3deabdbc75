// SPDX-License-Identifier: GPL-3.0-or-later
// Writes and parses journal lines.
#include "archive/journal.h"

#include "base/id.h"

#include <libavutil/crc.h>
#include <string.h>

#define CRC_DIGITS 8

static const char *const mark_names[] = {
    [MEDIA_MARK_OPEN] = "open", [MEDIA_MARK_CLOSE] = "close", [MEDIA_MARK_END] = "end"};

bool archive_track_key_valid(const char *key)
{
    return (key[0] == 'v' || key[0] == 'a') && base_id_valid(key + 1, MEDIA_NAME_BYTES - 1);
}

static uint32_t line_crc(const char *text, size_t size)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE_LE);
    return av_crc(table, UINT32_MAX, (const uint8_t *)text, size) ^ UINT32_MAX;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Keeps characters of RFC 5646. */
static const char *safe_language(const char *language)
{
    size_t length = strlen(language);
    bool safe =
        length > 0 && strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-") == length;
    return safe ? language : "und";
}

static void append_init(GString *out, const ArchiveRecord *record)
{
    const MediaTrackInfo *info = &record->info;
    bool video = info->kind == MEDIA_VIDEO;
    g_string_append_printf(
        out, "init run=%u track=%s bytes=%" G_GUINT64_FORMAT " kind=%s codecs=%s", record->run,
        record->track, record->bytes, video ? "video" : "audio", record->codecs);
    g_string_append_printf(out, " bitrate=%u", info->bitrate);
    if (video) {
        g_string_append_printf(out, " size=%ux%u fps=%u/%u", info->width, info->height, info->fps_n,
                               info->fps_d);
    } else {
        g_string_append_printf(out, " rate=%u channels=%u language=%s", info->sample_rate,
                               info->channels, safe_language(info->language));
    }
}

static void append_part(GString *out, const ArchiveRecord *record)
{
    g_string_append_printf(out, "part run=%u track=%s segment=%" G_GUINT64_FORMAT " part=%u",
                           record->run, record->track, record->sequence, record->index);
    g_string_append_printf(out, " at=%" G_GUINT64_FORMAT " bytes=%" G_GUINT64_FORMAT,
                           record->offset, record->bytes);
    g_string_append_printf(out, " pts_us=%" G_GINT64_FORMAT " duration_us=%" G_GINT64_FORMAT,
                           record->pts_us, record->duration_us);
    g_string_append_printf(out, " flags=%c%c%c", record->independent ? 'i' : '-',
                           record->open ? 'o' : '-', record->last ? 'l' : '-');
}

static void append_limit(GString *out, const char *name, int64_t at_us)
{
    if (at_us == INT64_MIN || at_us == INT64_MAX) {
        g_string_append_printf(out, " %s=-", name);
    } else {
        g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, name, at_us);
    }
}

void archive_journal_append(GString *out, const ArchiveRecord *record, const char *id)
{
    size_t start = out->len;
    switch (record->type) {
    case ARCHIVE_RECORD_HEAD:
        g_string_append_printf(out, "majlis-recording format=%u id=%s epoch_us=%" G_GINT64_FORMAT,
                               record->format, id, record->epoch_wall_us);
        break;
    case ARCHIVE_RECORD_INIT:
        append_init(out, record);
        break;
    case ARCHIVE_RECORD_PART:
        append_part(out, record);
        break;
    case ARCHIVE_RECORD_MARK:
        g_string_append_printf(out, "mark kind=%s pts_us=%" G_GINT64_FORMAT,
                               mark_names[record->mark], record->pts_us);
        break;
    case ARCHIVE_RECORD_TRIM:
        g_string_append(out, "trim");
        append_limit(out, "in_us", record->in_us);
        append_limit(out, "out_us", record->out_us);
        break;
    }
    g_string_append_printf(out, " %08x\n", line_crc(out->str + start, out->len - start));
}

/* --- Reading ---------------------------------------------------------------------------------- */

typedef struct {
    const char *at, *end;
    bool failed;
} Fields;

/* If it is called `name`. */
static size_t next_value(Fields *fields, const char *name, const char **out)
{
    size_t length = strlen(name);
    size_t left = (size_t)(fields->end - fields->at);
    if (fields->failed || left < length + 1 || memcmp(fields->at, name, length) != 0 ||
        fields->at[length] != '=') {
        fields->failed = true;
        return 0;
    }
    *out = fields->at + length + 1;
    const char *stop = memchr(*out, ' ', (size_t)(fields->end - *out));
    if (stop == NULL) {
        stop = fields->end;
    }
    fields->at = stop < fields->end ? stop + 1 : stop;
    return (size_t)(stop - *out);
}

static void take_text(Fields *fields, const char *name, char *out, size_t room)
{
    const char *value = "";
    size_t size = next_value(fields, name, &value);
    if (size == 0 || size >= room) {
        fields->failed = true;
        return;
    }
    memcpy(out, value, size);
    out[size] = '\0';
}

static uint64_t take_uint(Fields *fields, const char *name, uint64_t max)
{
    char text[24] = "";
    take_text(fields, name, text, sizeof text);
    guint64 value = 0;
    if (!fields->failed && !g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL)) {
        fields->failed = true;
    }
    return value;
}

static int64_t take_time(Fields *fields, const char *name)
{
    char text[24] = "";
    take_text(fields, name, text, sizeof text);
    gint64 value = 0;
    // Sums of two times must not overflow.
    if (!fields->failed &&
        !g_ascii_string_to_signed(text, 10, INT64_MIN / 4, INT64_MAX / 4, &value, NULL)) {
        fields->failed = true;
    }
    return value;
}

/* "-": `none`. */
static int64_t take_limit(Fields *fields, const char *name, int64_t none)
{
    Fields ahead = *fields;
    char text[24] = "";
    take_text(&ahead, name, text, sizeof text);
    if (strcmp(text, "-") != 0) {
        return take_time(fields, name);
    }
    *fields = ahead;
    return none;
}

/* "AxB" or "A/B". */
static void take_pair(Fields *fields, const char *name, char between, uint16_t *out_a,
                      uint16_t *out_b)
{
    char text[16] = "";
    take_text(fields, name, text, sizeof text);
    char *cut = strchr(text, between);
    guint64 a = 0;
    guint64 b = 0;
    if (fields->failed || cut == NULL) {
        fields->failed = true;
        return;
    }
    *cut = '\0';
    if (!g_ascii_string_to_unsigned(text, 10, 1, UINT16_MAX, &a, NULL) ||
        !g_ascii_string_to_unsigned(cut + 1, 10, 1, UINT16_MAX, &b, NULL)) {
        fields->failed = true;
    }
    *out_a = (uint16_t)a;
    *out_b = (uint16_t)b;
}

static void take_place(Fields *fields, ArchiveRecord *record)
{
    record->run = (uint32_t)take_uint(fields, "run", UINT32_MAX - 1);
    take_text(fields, "track", record->track, sizeof record->track);
    if (!fields->failed && !archive_track_key_valid(record->track)) {
        fields->failed = true;
    }
}

static void take_init(Fields *fields, ArchiveRecord *record)
{
    MediaTrackInfo *info = &record->info;
    char kind[8] = "";
    take_place(fields, record);
    record->bytes = take_uint(fields, "bytes", INT64_MAX);
    take_text(fields, "kind", kind, sizeof kind);
    take_text(fields, "codecs", record->codecs, sizeof record->codecs);
    info->bitrate = (uint32_t)take_uint(fields, "bitrate", UINT32_MAX);
    if (strcmp(kind, "video") == 0) {
        info->kind = MEDIA_VIDEO;
        take_pair(fields, "size", 'x', &info->width, &info->height);
        take_pair(fields, "fps", '/', &info->fps_n, &info->fps_d);
    } else {
        info->kind = MEDIA_AUDIO;
        info->sample_rate = (uint32_t)take_uint(fields, "rate", UINT32_MAX);
        info->channels = (uint8_t)take_uint(fields, "channels", UINT8_MAX);
        take_text(fields, "language", info->language, sizeof info->language);
    }
}

static void take_part(Fields *fields, ArchiveRecord *record)
{
    char flags[4] = "";
    take_place(fields, record);
    record->sequence = take_uint(fields, "segment", INT64_MAX);
    record->index = (uint32_t)take_uint(fields, "part", UINT32_MAX - 1);
    record->offset = take_uint(fields, "at", INT64_MAX / 2);
    record->bytes = take_uint(fields, "bytes", INT64_MAX / 2);
    record->pts_us = take_time(fields, "pts_us");
    record->duration_us = take_time(fields, "duration_us");
    take_text(fields, "flags", flags, sizeof flags);
    record->independent = flags[0] == 'i';
    record->open = flags[0] != '\0' && flags[1] == 'o';
    record->last = flags[0] != '\0' && flags[1] != '\0' && flags[2] == 'l';
    fields->failed |= record->duration_us < 0;
}

static void take_mark(Fields *fields, ArchiveRecord *record)
{
    char kind[8] = "";
    take_text(fields, "kind", kind, sizeof kind);
    record->pts_us = take_time(fields, "pts_us");
    for (unsigned i = 0; i < G_N_ELEMENTS(mark_names); i++) {
        if (strcmp(kind, mark_names[i]) == 0) {
            record->mark = (MediaMark)i;
            return;
        }
    }
    fields->failed = true;
}

static void take_trim(Fields *fields, ArchiveRecord *record)
{
    record->in_us = take_limit(fields, "in_us", INT64_MIN);
    record->out_us = take_limit(fields, "out_us", INT64_MAX);
}

static void take_head(Fields *fields, ArchiveRecord *record)
{
    char id[80] = "";
    record->format = (uint32_t)take_uint(fields, "format", UINT32_MAX);
    take_text(fields, "id", id, sizeof id);
    record->epoch_wall_us = take_time(fields, "epoch_us");
}

static bool parse_body(const char *text, size_t size, ArchiveRecord *record)
{
    static const struct {
        const char *word;
        ArchiveRecordType type;
        void (*take)(Fields *fields, ArchiveRecord *record);
    } kinds[] = {{"part ", ARCHIVE_RECORD_PART, take_part},
                 {"init ", ARCHIVE_RECORD_INIT, take_init},
                 {"mark ", ARCHIVE_RECORD_MARK, take_mark},
                 {"trim ", ARCHIVE_RECORD_TRIM, take_trim},
                 {"majlis-recording ", ARCHIVE_RECORD_HEAD, take_head}};
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        size_t length = strlen(kinds[i].word);
        if (size > length && memcmp(text, kinds[i].word, length) == 0) {
            Fields fields = {.at = text + length, .end = text + size};
            *record = (ArchiveRecord){.type = kinds[i].type};
            kinds[i].take(&fields, record);
            return !fields.failed;
        }
    }
    return false;
}

/* Without checksum; 0: wrong. */
static size_t check_line(const char *line, size_t size)
{
    if (size < CRC_DIGITS + 2 || line[size - CRC_DIGITS - 1] != ' ') {
        return 0;
    }
    size_t body = size - CRC_DIGITS - 1;
    char want[CRC_DIGITS + 1];
    g_snprintf(want, sizeof want, "%08x", line_crc(line, body));
    return memcmp(want, line + body + 1, CRC_DIGITS) == 0 ? body : 0;
}

size_t archive_journal_parse(const char *text, size_t size,
                             void (*func)(void *data, const ArchiveRecord *record), void *data)
{
    size_t valid_end = 0;
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(text + at, '\n', size - at);
        if (newline == NULL) {
            break;
        }
        size_t length = (size_t)(newline - (text + at));
        size_t body = check_line(text + at, length);
        ArchiveRecord record;
        if (body > 0 && parse_body(text + at, body, &record)) {
            func(data, &record);
        }
        valid_end = body > 0 ? at + length + 1 : valid_end;
        at += length + 1;
    }
    return valid_end;
}
