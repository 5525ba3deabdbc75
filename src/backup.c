// SPDX-License-Identifier: GPL-3.0-or-later
// majlis backup, majlis restore.
#include "backup/backup.h"
#include "base/priority.h"
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEEP_MOST 100000

static void on_warning(void *data, const char *text)
{
    (void)data;
    options_complain(text);
}

static bool in_use(void *data)
{
    return options_locked(data);
}

/* 0: all. False after saying why. */
static bool read_keep(const char *text, unsigned *out)
{
    guint64 value = 0;
    if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 1, KEEP_MOST, &value, NULL)) {
        options_complain("--keep wants the number of backups to keep, 1 or more");
        return false;
    }
    *out = (unsigned)value;
    return true;
}

int backup_main(const Options *options)
{
    int status;
    unsigned keep;
    if (!read_keep(options->values[OPTION_KEEP], &keep)) {
        return EXIT_USAGE;
    }
    g_autoptr(Conf) conf = options_conf(options, &status);
    if (conf == NULL) {
        return status;
    }
    base_priority_background(); // a live session comes first
    BackupConfig config = {
        .conf = conf, .to = options->values[OPTION_TO], .keep = keep, .warn = on_warning};
    g_autoptr(GError) error = NULL;
    g_auto(BackupReport) report = {0};
    if (!backup_make(&config, &report, &error)) {
        options_complain(error->message);
        options_complain("no backup was made; earlier ones are as they were");
        return EXIT_FAILED;
    }
    printf("%s: %u recordings, %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " of them new\n",
           report.folder, report.recordings, report.bytes, report.new_bytes);
    if (report.damaged > 0) {
        g_autofree char *text =
            g_strdup_printf("%u file(s) or recording(s), named above, are damaged or missing. No "
                            "older backup is removed until a backup is whole",
                            report.damaged);
        options_complain(text);
        return EXIT_DAMAGED;
    }
    return EXIT_OK;
}

/* The backed-up configuration may name folders of the old machine. */
static void advise(const Options *options, const Conf *conf)
{
    g_autofree char *file = g_build_filename(conf->data_dir, "configuration", "majlis.conf", NULL);
    if (options->values[OPTION_CONFIG] == NULL && g_file_test(file, G_FILE_TEST_EXISTS)) {
        printf(
            "The configuration is in %s, with the certificate and secrets beside it: see whether "
            "its paths are right on this machine; the recordings are in %s.\n",
            file, conf->archive_directory);
    }
    printf("Start it: majlis serve --data %s\n", conf->data_dir);
}

int restore_main(const Options *options)
{
    int status;
    const char *damaged = options->values[OPTION_DAMAGED];
    if (damaged != NULL && strcmp(damaged, "allow") != 0 && strcmp(damaged, "refuse") != 0) {
        options_complain("--damaged is refuse or allow");
        return EXIT_USAGE;
    }
    g_autoptr(Conf) conf = options_conf(options, &status);
    if (conf == NULL) {
        return status;
    }
    BackupRestoreConfig config = {.from = options->values[OPTION_FROM],
                                  .data_dir = conf->data_dir,
                                  .directory = conf->archive_directory,
                                  .store_url = conf->store_url,
                                  .damaged = g_strcmp0(damaged, "allow") == 0,
                                  .warn = on_warning,
                                  .in_use = in_use,
                                  .data = conf};
    g_autoptr(GError) error = NULL;
    g_auto(BackupReport) report = {0};
    if (!backup_restore(&config, &report, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    printf("restored %s, made at %s: %u recordings, %" G_GUINT64_FORMAT " bytes\n", report.folder,
           report.made_at, report.recordings, report.bytes);
    advise(options, conf);
    if (report.damaged > 0) {
        g_autofree char *text = g_strdup_printf(
            "%u file(s), named above, are damaged or left out; all others are whole",
            report.damaged);
        options_complain(text);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}
