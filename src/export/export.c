// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the folder of one session.
#include "export/private.h"

#include "base/clock.h"
#include "base/json.h"
#include "bundle/bundle.h"
#include "publish/publish.h"
#include "session/session.h"

#include <string.h>

// index.html, by the linker
extern const char page_start[] __asm__("_binary_index_html_start");
extern const char page_end[] __asm__("_binary_index_html_end");

/* --- Reading ---------------------------------------------------------------------------------- */

typedef struct {
    const char *session;
    ExportContent *content;
} Load;

static bool load_session(StoreDb *db, Load *load, GError **error)
{
    g_autoptr(GPtrArray) rows = store_sessions_list(db, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (strcmp(row->id, load->session) == 0) {
            load->content->row = store_session_copy(row);
            return true;
        }
    }
    if (rows != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "there is no session %s: its id stands in its address, after /s/",
                    load->session);
    }
    return false;
}

static void on_vote(void *data, const char *question, const char *person, StoreVote vote)
{
    qa_questions_load_vote(data, question, person, vote);
}

static bool load_questions(StoreDb *db, Load *load, GError **error)
{
    g_autoptr(GPtrArray) rows = store_questions_list(db, load->session, error);
    QaQuestions *questions = qa_questions_new(load->session);
    load->content->questions = questions;
    qa_questions_show_names(questions, load->content->row->show_names);
    while (rows != NULL && rows->len > 0) {
        qa_questions_load_question(questions, g_ptr_array_steal_index(rows, 0));
    }
    if (rows == NULL || !store_votes_each(db, load->session, on_vote, questions, error)) {
        return false;
    }
    qa_questions_load_end(questions);
    return true;
}

static void free_file(void *row)
{
    store_file_free(row);
}

static bool load_files(StoreDb *db, Load *load, GError **error)
{
    g_autoptr(GPtrArray) rows = store_files_list(db, error);
    load->content->files = g_ptr_array_new_with_free_func(free_file);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreFile *row = rows->pdata[i];
        if (g_strcmp0(row->session, load->session) == 0) {
            g_ptr_array_add(load->content->files, store_file_copy(row));
        }
    }
    return rows != NULL;
}

static bool load_job(StoreDb *db, void *data, GError **error)
{
    Load *load = data;
    if (!load_session(db, load, error) || !load_questions(db, load, error)) {
        return false;
    }
    load->content->chapters = recording_chapters_read(db, load->session, error);
    return load->content->chapters != NULL && load_files(db, load, error);
}

static void content_clear(ExportContent *content)
{
    store_session_free(content->row);
    qa_questions_free(content->questions);
    g_clear_pointer(&content->chapters, g_ptr_array_unref);
    g_clear_pointer(&content->files, g_ptr_array_unref);
    archive_timemap_free(content->timemap);
}

/* --- The recording ---------------------------------------------------------------------------- */

static bool check_over(const StoreSession *row, GError **error)
{
    if (row->state == SESSION_ENDED || row->state == SESSION_PUBLISHED) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                "session %s is %s: there is something to export once it has ended", row->id,
                store_state_name(row->state));
    return false;
}

/* Sets the timemap if there is media. */
static bool read_recording(const ExportConfig *config, ExportContent *content, GError **error)
{
    const char *id = content->row->id;
    ArchiveState state;
    if (content->row->deleted_us != 0) {
        return true;
    }
    if (!archive_read_state(config->directory, id, &state, error)) {
        return false;
    }
    if (state.public_us == 0) {
        return true;
    }
    if (!publish_step_done(config->directory, id, PUBLISH_STEP_MANIFEST)) {
        g_set_error(
            error, BASE_ERROR, BASE_ERROR_CONFLICT,
            "the recording's files are not made yet: try again in a minute. Where no server "
            "runs, `majlis recover` makes them");
        return false;
    }
    g_autofree char *poster = g_build_filename(config->directory, id, "poster.jpg", NULL);
    content->poster = g_file_test(poster, G_FILE_TEST_IS_REGULAR); // none in the first seconds
    content->timemap = archive_timemap_new(config->directory, id, error);
    recording_chapters_place(content->chapters, content->timemap);
    return content->timemap != NULL;
}

static const char *const media_files[] = {"recording.mp4", "audio.m4a", "chapters/ar.vtt",
                                          "chapters/en.vtt"};

/* As the recording's manifest has it. False: not listed. */
static bool find_signed(const json_t *manifest, const char *name, BundleDigest *out)
{
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(manifest, "files"), i, entry) {
        const char *listed;
        if (bundle_entry_read(entry, &listed, out) && strcmp(listed, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool copy_one(const ExportConfig *config, const json_t *manifest, Bundle *bundle,
                     const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(config->directory, config->session, name, NULL);
    BundleDigest wanted;
    if (!find_signed(manifest, name, &wanted)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "the recording's manifest does not list %s: its files are being made again, "
                    "try again in a minute",
                    name);
        return false;
    }
    return bundle_copy(bundle, path, name, &wanted, error);
}

/* A trim meanwhile removes or changes files: the export then fails whole. */
static bool copy_media(const ExportConfig *config, const ExportContent *content, Bundle *bundle,
                       GError **error)
{
    g_autofree char *folder = g_build_filename(config->directory, config->session, NULL);
    g_autoptr(json_t) manifest = bundle_list_read(folder, BUNDLE_MANIFEST, error);
    for (size_t i = 0; i < G_N_ELEMENTS(media_files); i++) {
        if (manifest == NULL || !copy_one(config, manifest, bundle, media_files[i], error)) {
            return false;
        }
    }
    return !content->poster || copy_one(config, manifest, bundle, "poster.jpg", error);
}

/* --- The documents ---------------------------------------------------------------------------- */

static json_t *chapters_json(const ExportContent *content)
{
    json_t *list = json_array();
    for (guint i = 0; i < content->chapters->len; i++) {
        const RecordingChapter *chapter = content->chapters->pdata[i];
        if (chapter->at_us >= 0) {
            json_array_append_new(list,
                                  json_pack("{s:I, s:b, s:{s:s, s:s}}", "at_ms",
                                            (json_int_t)(chapter->at_us / BASE_US_PER_MS),
                                            "question", chapter->question, "title", "ar",
                                            chapter->row->title_ar, "en", chapter->row->title_en));
        }
    }
    return list;
}

/* Without what only a server can answer. */
static json_t *content_json(const ExportContent *content)
{
    json_t *session = session_json(content->row);
    json_object_del(session, "urls");
    json_object_del(session, "version");
    g_autofree char *deleted = session_deleted_text(content->row);
    json_object_set_new(session, "media", json_boolean(content->timemap != NULL));
    json_object_set_new(session, "poster", json_boolean(content->poster));
    json_object_set_new(session, "deleted", deleted != NULL ? json_string(deleted) : json_null());
    json_object_set_new(session, "chapters", chapters_json(content));
    return session;
}

static bool write_json(Bundle *bundle, const char *name, const json_t *json, GError **error)
{
    g_autofree char *line = base_json_text(json);
    g_autofree char *text = g_strconcat(line, "\n", NULL);
    return bundle_write(bundle, name, text, strlen(text), error);
}

static bool write_questions(Bundle *bundle, const json_t *questions, GError **error)
{
    g_autofree char *csv = export_questions_csv(questions);
    return write_json(bundle, "questions.json", questions, error) &&
           bundle_write(bundle, "questions.csv", csv, strlen(csv), error);
}

/* A script: pages from file:// may not read files. */
static bool write_page(Bundle *bundle, const json_t *session, const json_t *questions,
                       GError **error)
{
    g_autofree char *session_text = base_json_text(session);
    g_autofree char *questions_text = base_json_text(questions);
    g_autofree char *script = g_strdup_printf("const session = %s;\nconst questions = %s;\n",
                                              session_text, questions_text);
    return bundle_write(bundle, "index.html", page_start, (size_t)(page_end - page_start), error) &&
           bundle_write(bundle, "data.js", script, strlen(script), error);
}

static bool write_bundle(const ExportConfig *config, const ExportContent *content,
                         ExportReport *out, GError **error)
{
    g_autoptr(Bundle) bundle = bundle_new(config->to, false, error);
    if (bundle == NULL ||
        (content->timemap != NULL && !copy_media(config, content, bundle, error))) {
        return false;
    }
    g_autoptr(json_t) session = content_json(content);
    g_autoptr(json_t) questions = export_questions_json(content, config->all);
    if (!export_materials(config, content, bundle, session, error) ||
        !write_json(bundle, "session.json", session, error) ||
        !write_questions(bundle, questions, error) ||
        !write_page(bundle, session, questions, error)) {
        return false;
    }
    out->media = content->timemap != NULL;
    out->questions = (unsigned)json_array_size(questions);
    out->chapters = (unsigned)json_array_size(json_object_get(session, "chapters"));
    g_autofree char *now = base_time_format(base_wall_us());
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "kind", "export", "id", config->session,
                             "made_at", now, "software", "majlis " MAJLIS_VERSION);
    return bundle_finish(bundle, json, config->signer, error);
}

bool export_session(const ExportConfig *config, ExportReport *out, GError **error)
{
    ExportContent content = {0};
    Load load = {.session = config->session, .content = &content};
    bool done = store_read(config->store_url, load_job, &load, error) &&
                check_over(content.row, error) && read_recording(config, &content, error) &&
                write_bundle(config, &content, out, error);
    content_clear(&content);
    return done;
}
