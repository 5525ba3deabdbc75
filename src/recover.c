// SPDX-License-Identifier: GPL-3.0-or-later
// majlis recover: ends and completes sessions after a crash, without a server.
#include "auth/auth.h"
#include "recording/recover.h"
#include "server.h"

#include <stdio.h>

static void on_line(void *data, const char *line)
{
    (void)data;
    puts(line);
    fflush(stdout);
}

static bool recover(const Conf *conf, unsigned *out_failed, GError **error)
{
    g_autofree char *keys = g_build_filename(conf->data_dir, "keys", NULL);
    g_autoptr(AuthSigner) signer = auth_signer_new(keys, error);
    Store *store = signer != NULL ? store_new(conf->store_url, error) : NULL;
    g_autoptr(GPtrArray) settings = store != NULL ? server_load_settings(store, error) : NULL;
    if (settings == NULL) {
        store_free(store);
        return false;
    }
    g_autoptr(Conf) effective = server_effective(conf, settings);
    const char *second = conf->archive_second_directory;
    RecordingRecoverConfig config = {.directory = conf->archive_directory,
                                     .second_directory = second[0] != '\0' ? second : NULL,
                                     .keep_days = effective->archive_keep_days,
                                     .minimum_free = conf->archive_minimum_free,
                                     .signer = signer,
                                     .say = on_line};
    bool done = recording_recover(&config, store, out_failed, error);
    store_free(store);
    return done;
}

int recover_main(const Conf *conf)
{
    g_autoptr(GError) error = NULL;
    unsigned failed = 0;
    if (!options_lock(conf, &error)) {
        if (g_error_matches(error, BASE_ERROR, BASE_ERROR_CONFLICT)) {
            g_prefix_error(&error, "a server does this by itself when it starts; ");
        }
        options_complain(error->message);
        return EXIT_FAILED;
    }
    if (!recover(conf, &failed, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    return failed > 0 ? EXIT_FAILED : EXIT_OK;
}
