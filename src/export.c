// SPDX-License-Identifier: GPL-3.0-or-later
// majlis export: one session as files that open without majlis.
#include "export/export.h"
#include "base/priority.h"
#include "options.h"

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
    g_autofree char *keys = g_build_filename(conf->data_dir, "keys", NULL);
    g_autoptr(AuthSigner) signer =
        g_file_test(conf->data_dir, G_FILE_TEST_IS_DIR) && options_restored(conf, &error)
            ? auth_signer_new(keys, &error)
            : NULL;
    config.signer = signer;
    ExportReport report = {0};
    if (signer == NULL && error == NULL) {
        g_set_error(&error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "there is no data folder %s: name the right one with --data DIR",
                    conf->data_dir);
    }
    if (error != NULL || !export_session(&config, &report, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    printf("%s: %s, %u chapters, %u questions\n", config.to,
           report.media ? "recording" : "no recording", report.chapters, report.questions);
    return EXIT_OK;
}
