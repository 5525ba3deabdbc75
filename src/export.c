// SPDX-License-Identifier: GPL-3.0-or-later
// One session as files that open without majlis: majlis export, and staff's act on many recordings.
#include "export/export.h"
#include "base/loop.h"
#include "base/priority.h"
#include "bundle/bundle.h"
#include "options.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

/* False after saying why. */
static bool read_questions(const char *text, bool *out_all)
{
    *out_all = g_strcmp0(text, "all") == 0;
    if (text == NULL || *out_all || strcmp(text, "public") == 0) {
        return true;
    }
    options_complain("--questions is public or all");
    return false;
}

static bool has_data(const Conf *conf, GError **error)
{
    if (g_file_test(conf->data_dir, G_FILE_TEST_IS_DIR)) {
        return options_restored(conf, error);
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                "there is no data folder %s: name the right one with --data DIR", conf->data_dir);
    return false;
}

/* With the signer and the materials of the data folder. */
static bool export_from(const char *data_dir, ExportConfig *config, ExportReport *out,
                        GError **error)
{
    g_autofree char *files = g_build_filename(data_dir, FILES_FOLDER, NULL);
    g_autofree char *keys = g_build_filename(data_dir, "keys", NULL);
    g_autoptr(AuthSigner) signer = auth_signer_open(keys, error);
    config->files = files;
    config->signer = signer;
    return signer != NULL && export_session(config, out, error);
}

int export_main(const Options *options)
{
    ExportConfig config = {.to = options->values[OPTION_TO]};
    int status;
    if (options->word_count != 1) {
        options_complain("export wants one session: majlis export SESSION --to DIR");
        return EXIT_USAGE;
    }
    if (!read_questions(options->values[OPTION_QUESTIONS], &config.all)) {
        return EXIT_USAGE;
    }
    g_autoptr(Conf) conf = options_conf(options, &status);
    if (conf == NULL) {
        return status;
    }
    base_priority_background(); // a live session comes first
    config.session = options->words[0];
    config.store_url = conf->store_url;
    config.directory = conf->archive_directory;
    g_autoptr(GError) error = NULL;
    ExportReport report = {0};
    if (!has_data(conf, &error) || !export_from(conf->data_dir, &config, &report, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    printf("%s: %s, %u chapters, %u questions\n", config.to,
           report.media ? "recording" : "no recording", report.chapters, report.questions);
    return EXIT_OK;
}

/* ---- on a running server ---- */

typedef struct {
    char *session, *to, *store_url, *directory, *data_dir;
    StoreDone done;
    void *data;
    GThread *thread;
    GError *error;
} Job;

static void on_exported(void *data)
{
    Job *job = data;
    g_thread_join(job->thread);
    job->done(job->data, job->error);
    g_clear_error(&job->error);
    g_free(job->session);
    g_free(job->to);
    g_free(job->store_url);
    g_free(job->directory);
    g_free(job->data_dir);
    g_free(job);
}

static void *export_on_thread(void *data)
{
    Job *job = data;
    base_priority_background(); // of this thread
    ExportConfig config = {.session = job->session,
                           .to = job->to,
                           .store_url = job->store_url,
                           .directory = job->directory};
    ExportReport report = {0};
    export_from(job->data_dir, &config, &report, &job->error);
    base_post(NULL, on_exported, job);
    return NULL;
}

bool server_export_ready(void *data, GError **error)
{
    const char *folder = ((const Server *)data)->conf->archive_export_directory;
    if (folder[0] == '\0') {
        return base_refuse(error, BASE_CODE_EXPORT_OFF, NULL, NULL,
                           "Exports are not set up on this server: [archive] export_directory.");
    }
    return g_file_test(folder, G_FILE_TEST_IS_DIR) ||
           base_refuse(error, BASE_CODE_EXPORT_FOLDER, NULL, json_pack("{s:s}", "folder", folder),
                       "The folder of exports is not there: %s. Create it, or mount its disk.",
                       folder);
}

void server_export(void *data, const StoreSession *row, StoreDone done, void *done_data)
{
    const Conf *conf = ((const Server *)data)->conf;
    g_autoptr(GDateTime) start = g_date_time_new_from_unix_utc(row->starts_us / BASE_US_PER_S);
    g_autofree char *day = g_date_time_format(start, "%Y-%m-%d");
    g_autofree char *name = g_strdup_printf("%s_%s", day, row->id);
    g_autofree char *to = g_build_filename(conf->archive_export_directory, name, NULL);
    g_autoptr(GError) error = NULL;
    if (!server_export_ready(data, &error)) {
        done(done_data, error);
        return;
    }
    g_autofree char *partial = g_strconcat(to, BUNDLE_PARTIAL, NULL);
    bool there = g_file_test(to, G_FILE_TEST_EXISTS);
    if (there || g_file_test(partial, G_FILE_TEST_EXISTS)) {
        const char *folder = there ? to : partial;
        base_refuse(&error, BASE_CODE_EXPORT_THERE, NULL, json_pack("{s:s}", "folder", folder),
                    "It was exported before: %s. Move that folder away first.", folder);
        done(done_data, error);
        return;
    }
    Job *job = g_new0(Job, 1);
    *job = (Job){.session = g_strdup(row->id),
                 .to = g_steal_pointer(&to),
                 .store_url = g_strdup(conf->store_url),
                 .directory = g_strdup(conf->archive_directory),
                 .data_dir = g_strdup(conf->data_dir),
                 .done = done,
                 .data = done_data};
    job->thread = g_thread_new("export", export_on_thread, job);
}
