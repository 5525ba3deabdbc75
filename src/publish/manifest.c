// SPDX-License-Identifier: GPL-3.0-or-later
// Writes manifest.json, with every file's hash, and its Ed25519 signature manifest.sig; both
// reproducible. "files": published ones and the journal; "unpublished": the rest, which copies may
// omit.
#include "publish/steps.h"

#include "archive/files.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <libavformat/avformat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1
#define MAX_DEPTH 3 // RUN/TRACK/FILE
#define AAC_FRAME 1024
#define EDGE_US 500 // above the rounding of edges and samples

typedef struct {
    const PublishJob *job;
    GHashTable *published;
    GPtrArray *names;
    uint64_t total, read; // bytes
} Manifest;

/* --- Which files ------------------------------------------------------------------------------ */

static void publish(Manifest *manifest, char *name)
{
    g_hash_table_add(manifest->published, name);
}

/* Of a playlist or thumbnails.vtt. */
static void publish_named(Manifest *manifest, const char *list)
{
    static const char map[] = "#EXT-X-MAP:URI=\"";
    g_autofree char *path = g_build_filename(manifest->job->folder, list, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (g_str_has_prefix(lines[i], map)) {
            publish(manifest,
                    g_strndup(lines[i] + strlen(map), strcspn(lines[i] + strlen(map), "\"")));
        } else if (lines[i][0] != '#' && strchr(lines[i], '/') != NULL) {
            publish(manifest, g_strdup(lines[i]));
        }
    }
}

static bool is_own(const char *name)
{
    return publish_step_of(name) == PUBLISH_STEP_MANIFEST || g_str_has_suffix(name, ".new");
}

/* `at`: "" or with final slash. */
static void walk(Manifest *manifest, const char *at, unsigned depth)
{
    g_autofree char *folder = g_build_filename(manifest->job->folder, at, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
        g_autofree char *name = g_strconcat(at, entry, NULL);
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        struct stat status;
        if (lstat(path, &status) != 0 || !g_utf8_validate(entry, -1, NULL)) {
            continue;
        }
        if (S_ISDIR(status.st_mode) && depth < MAX_DEPTH) {
            g_autofree char *below = g_strconcat(name, "/", NULL);
            walk(manifest, below, depth + 1);
        } else if (S_ISREG(status.st_mode) && !is_own(name)) {
            manifest->total += (uint64_t)status.st_size;
            g_ptr_array_add(manifest->names, g_steal_pointer(&name));
        }
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_files(Manifest *manifest)
{
    walk(manifest, "", 1);
    g_ptr_array_sort(manifest->names, compare_names);
    publish(manifest, g_strdup(ARCHIVE_JOURNAL_NAME));
    for (guint i = 0; i < manifest->names->len; i++) {
        const char *name = g_ptr_array_index(manifest->names, i);
        bool playlist = g_str_has_suffix(name, ".m3u8");
        if (playlist || publish_step_of(name) != PUBLISH_STEPS) {
            publish(manifest, g_strdup(name));
        }
        if (playlist || strcmp(name, "thumbnails.vtt") == 0) {
            publish_named(manifest, name);
        }
    }
}

/* --- Hashes ----------------------------------------------------------------------------------- */

static int tell(void *data, const uint8_t *block, size_t bytes)
{
    (void)block;
    Manifest *manifest = data;
    const PublishJob *job = manifest->job;
    uint64_t grain = manifest->total / 100 + 1;
    uint64_t before = manifest->read / grain;
    manifest->read += bytes;
    if (job->progress != NULL && manifest->read / grain != before) {
        job->progress(job->data, MIN((double)manifest->read / (double)manifest->total, 1.0));
    }
    return 0;
}

static json_t *describe_file(Manifest *manifest, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(manifest->job->folder, name, NULL);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        archive_set_errno(error, errno, "read", path);
        return NULL;
    }
    char sum[BASE_DIGEST_CHARACTERS];
    int64_t size = base_digest_each(fd, sum, tell, manifest);
    close(fd);
    if (size < 0) {
        archive_set_errno(error, (int)-size, "read", path);
        return NULL;
    }
    return json_pack("{s:s, s:I, s:s}", "name", name, "bytes", (json_int_t)size, "sha256", sum);
}

static bool describe_files(Manifest *manifest, json_t *json, GError **error)
{
    json_t *files = json_array();
    json_t *unpublished = json_array();
    json_object_set_new(json, "files", files);
    json_object_set_new(json, "unpublished", unpublished);
    for (guint i = 0; i < manifest->names->len; i++) {
        const char *name = g_ptr_array_index(manifest->names, i);
        json_t *file = describe_file(manifest, name, error);
        if (file == NULL) {
            return false;
        }
        bool is_public = g_hash_table_contains(manifest->published, name);
        json_array_append_new(is_public ? files : unpublished, file);
    }
    return true;
}

/* --- Picture and sound ------------------------------------------------------------------------ */

typedef struct {
    int64_t first_us, end_us, count; // microseconds in the file
} Span;

static Span find_span(AVStream *stream, const ArchiveStretch *stretch, int64_t usual_us)
{
    Span span = {.count = 0};
    int64_t end_us = stretch->at_us + stretch->end_us - stretch->start_us;
    int samples = avformat_index_get_entries_count(stream);
    for (int i = 0; i < samples; i++) {
        const AVIndexEntry *entry = avformat_index_get_entry(stream, i);
        int64_t at_us = av_rescale_q(entry->timestamp, stream->time_base, AV_TIME_BASE_Q);
        if (at_us >= stretch->at_us - EDGE_US && at_us < end_us - EDGE_US) {
            span.first_us = span.count == 0 ? at_us : span.first_us;
            span.end_us = at_us + usual_us;
            span.count++;
        }
    }
    return span;
}

static double larger(double a, double b)
{
    return fabs(b) > fabs(a) ? b : a;
}

/* By sample times, per stretch; keeps the worst, signed. Drift: the sound's length in samples less
 * timestamps. Offset: sound's ends from the picture's, below a frame if cut alike. */
static void measure_stretch(const ArchiveStretch *stretch, AVStream *video, AVStream *audio,
                            double *drift_us, double *offset_us)
{
    int rate = audio->codecpar->sample_rate;
    double frame_us = (double)AAC_FRAME * 1e6 / rate;
    AVRational fps = video->avg_frame_rate;
    double picture_us = fps.num > 0 ? 1e6 * fps.den / fps.num : 0;
    Span picture = find_span(video, stretch, (int64_t)(picture_us + 0.5));
    Span sound = find_span(audio, stretch, (int64_t)(frame_us + 0.5));
    if (picture.count == 0 || sound.count == 0) {
        return;
    }
    double run_us = (double)(sound.end_us - sound.first_us);
    *drift_us = larger(*drift_us, (double)sound.count * frame_us - run_us);
    *offset_us = larger(*offset_us, (double)(sound.first_us - picture.first_us));
    *offset_us = larger(*offset_us, (double)(sound.end_us - picture.end_us));
}

static AVStream *first_stream(AVFormatContext *file, enum AVMediaType type)
{
    for (unsigned i = 0; i < file->nb_streams; i++) {
        const AVStream *stream = file->streams[i];
        bool chapters = stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
        if (stream->codecpar->codec_type == type && !chapters) {
            return file->streams[i];
        }
    }
    return NULL;
}

/* In 0.1 ms: less is rounding. */
static json_t *milliseconds(double us)
{
    double tenths = round(us / 100);
    return tenths == 0 ? json_integer(0) : json_real(tenths / 10);
}

/* Null unless the MP4 has both. */
static void describe_sync(const PublishJob *job, json_t *json)
{
    g_autofree char *path = g_build_filename(job->folder, "recording.mp4", NULL);
    g_autofree char *url = g_strconcat("file:", path, NULL);
    AVFormatContext *file = NULL;
    // Edit lists place late sound.
    int result = avformat_open_input(&file, url, av_find_input_format("mp4"), NULL);
    AVStream *video = result >= 0 ? first_stream(file, AVMEDIA_TYPE_VIDEO) : NULL;
    AVStream *audio = result >= 0 ? first_stream(file, AVMEDIA_TYPE_AUDIO) : NULL;
    double drift_us = 0;
    double offset_us = 0;
    bool both = video != NULL && audio != NULL && audio->codecpar->sample_rate > 0;
    for (guint i = 0; i < job->timemap->stretches->len && both; i++) {
        measure_stretch(&g_array_index(job->timemap->stretches, ArchiveStretch, i), video, audio,
                        &drift_us, &offset_us);
    }
    json_object_set_new(json, "av_drift_ms", both ? milliseconds(drift_us) : json_null());
    json_object_set_new(json, "av_offset_ms", both ? milliseconds(offset_us) : json_null());
    avformat_close_input(&file);
}

/* --- The document ----------------------------------------------------------------------------- */

static json_int_t rounded_ms(int64_t us)
{
    return (us + (us >= 0 ? BASE_US_PER_MS / 2 : -BASE_US_PER_MS / 2)) / BASE_US_PER_MS;
}

static json_t *limit_ms(int64_t us)
{
    return us == INT64_MIN || us == INT64_MAX ? json_null() : json_integer(rounded_ms(us));
}

static json_t *describe_public(const ArchiveTimemap *timemap)
{
    json_t *list = json_array();
    for (guint i = 0; i < timemap->stretches->len; i++) {
        const ArchiveStretch *stretch = &g_array_index(timemap->stretches, ArchiveStretch, i);
        json_array_append_new(list,
                              json_pack("{s:I, s:I}", "start_ms", rounded_ms(stretch->start_us),
                                        "end_ms", rounded_ms(stretch->end_us)));
    }
    return list;
}

static json_t *describe_gaps(const ArchiveTimemap *timemap)
{
    json_t *list = json_array();
    for (guint i = 0; i < timemap->gaps->len; i++) {
        const ArchiveGap *gap = &g_array_index(timemap->gaps, ArchiveGap, i);
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:s}", "at_ms", rounded_ms(gap->place_us),
                                        "lost_ms", rounded_ms(gap->lost_us), "why", gap->why));
    }
    return list;
}

/* EXT-X-GAP: one track lacks a segment. */
static void describe_track_gaps(const PublishJob *job, json_t *list)
{
    for (guint i = 0; i < job->catalogue->public_segments->len; i++) {
        const ArchivePublicSegment *entry =
            &g_array_index(job->catalogue->public_segments, ArchivePublicSegment, i);
        for (unsigned t = 0; t < entry->run->track_count; t++) {
            const ArchiveTrack *track = &entry->run->tracks[t];
            if (entry->tracks[t].parts == 0 && track->segments->len > 0) {
                int64_t place_us = archive_timemap_at_us(job->timemap, entry->start_us);
                json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:s}", "at_ms",
                                                      rounded_ms(place_us), "lost_ms",
                                                      rounded_ms(entry->end_us - entry->start_us),
                                                      "why", "disk", "track", track->key));
            }
        }
    }
}

static json_t *describe(Manifest *manifest, GError **error)
{
    const PublishJob *job = manifest->job;
    g_autoptr(json_t) json = json_object();
    g_autofree char *epoch = base_time_format(job->catalogue->epoch_wall_us);
    json_object_set_new(json, "format", json_integer(FORMAT));
    json_object_set_new(json, "id", json_string(job->id));
    json_object_set_new(json, "epoch", json_string(epoch));
    json_object_set_new(json, "duration_ms", json_integer(rounded_ms(job->timemap->total_us)));
    json_object_set_new(json, "public", describe_public(job->timemap));
    json_t *gaps = describe_gaps(job->timemap);
    describe_track_gaps(job, gaps);
    json_object_set_new(json, "gaps", gaps);
    json_object_set_new(json, "trim",
                        json_pack("{s:o, s:o}", "in_ms", limit_ms(job->catalogue->in_us), "out_ms",
                                  limit_ms(job->catalogue->out_us)));
    json_object_set_new(json, "software", json_string("majlis " MAJLIS_VERSION));
    g_autofree char *key = job->what->public_key != NULL && job->what->sign != NULL
                               ? g_base64_encode(job->what->public_key, 32)
                               : NULL;
    json_object_set_new(json, "public_key", key != NULL ? json_string(key) : json_null());
    describe_sync(job, json);
    return describe_files(manifest, json, error) ? g_steal_pointer(&json) : NULL;
}

static bool write_signature(const PublishJob *job, const GString *text, GError **error)
{
    uint8_t signature[64];
    if (job->what->sign == NULL) {
        return true;
    }
    if (!job->what->sign(job->what->sign_data, (const uint8_t *)text->str, text->len, signature)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "the manifest could not be signed");
        return false;
    }
    g_autoptr(GString) bytes = g_string_new_len((const char *)signature, sizeof signature);
    return archive_replace_file(job->folder, "manifest.sig", bytes, error);
}

bool publish_make_manifest(const PublishJob *job, GError **error)
{
    Manifest manifest = {
        .job = job,
        .published = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .names = g_ptr_array_new_with_free_func(g_free),
    };
    find_files(&manifest);
    g_autoptr(json_t) json = describe(&manifest, error);
    g_hash_table_unref(manifest.published);
    g_ptr_array_unref(manifest.names);
    if (json == NULL) {
        return false;
    }
    char *dumped = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
    g_assert(dumped != NULL);
    g_autoptr(GString) text = g_string_new(dumped);
    free(dumped);
    g_string_append_c(text, '\n');
    return write_signature(job, text, error) &&
           archive_replace_file(job->folder, "manifest.json", text, error);
}
