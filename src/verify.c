// SPDX-License-Identifier: GPL-3.0-or-later
// majlis verify: compares a recording's, backup's or export's folder with its signature.
#include "bundle/bundle.h"
#include "options.h"

#include <stdio.h>

static void on_wrong(void *data, const char *name, const char *text)
{
    (void)data;
    g_autofree char *safe = g_strescape(name, NULL);
    printf("%s: %s\n", g_utf8_validate(name, -1, NULL) ? name : safe, text);
}

static void on_stray(void *data, const char *name)
{
    ++*(unsigned *)data;
    on_wrong(data, name, "not in the manifest");
}

/* On stderr; stdout is for programs. */
static void advise(const char *folder, const BundleChecked *checked, unsigned findings)
{
    g_autofree char *line = NULL;
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        line = g_strdup_printf("there is no folder %s", folder);
    } else if (!checked->has_manifest) {
        line = g_strdup("is this a recording's folder, and is it finished? It is signed some "
                        "seconds after the session's end; a second_directory's copy is not signed");
    } else {
        line = g_strdup_printf("NOT verified, %u finding(s): this is not what the server signed. "
                               "Keep it as it is and take another copy; a recording being made "
                               "again is whole some seconds later",
                               findings);
    }
    fflush(stdout); // in order, if both share a pipe
    options_complain(line);
}

static int verify(const char *folder, const uint8_t *key)
{
    unsigned strays = 0;
    BundleEvents events = {.wrong = on_wrong, .stray = on_stray, .data = &strays};
    BundleChecked checked;
    bool good = bundle_check(folder, key, &events, &checked) && strays == 0;
    g_autofree char *signer = checked.signer;
    if (!good) {
        advise(folder, &checked, checked.wrong + strays);
        return EXIT_FAILED;
    }
    printf("verified: %u files, %" G_GUINT64_FORMAT " bytes, signed by %s\n", checked.files,
           checked.bytes, signer);
    if (key == NULL) {
        options_complain("the key is the one that the manifest names; whether it is your server's, "
                         "--key keys/signing.pub of its data folder tells");
    }
    return EXIT_OK;
}

int verify_main(const Options *options)
{
    const char *key_path = options->values[OPTION_KEY];
    g_autoptr(GError) error = NULL;
    uint8_t key[AUTH_PUBLIC_BYTES];
    if (options->word_count != 1) {
        options_complain("verify wants one folder: majlis verify DIR [--key FILE]");
        return EXIT_USAGE;
    }
    if (key_path != NULL && !auth_public_read(key_path, key, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    return verify(options->words[0], key_path != NULL ? key : NULL);
}
