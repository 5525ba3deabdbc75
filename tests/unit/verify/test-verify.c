// SPDX-License-Identifier: GPL-3.0-or-later
// The command "majlis verify" against recordings that were made, signed and then tampered with.
#include "clip.h"

#include "archive/archive.h"
#include "publish/publish.h"
#include "auth/auth.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "s1"

static char *work;  // removed at the end
static char *whole; // a signed recording; each case has a copy
static char *public_path, *other_public_path;

static char *shell(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Standard output of a command that must succeed. */
static char *shell(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const char *argv[] = {"/bin/sh", "-c", line, NULL};
    char *output = NULL;
    int status = 0;
    g_autoptr(GError) error = NULL;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    return output;
}

/* What it prints; `key` nullable. */
static char *run_verify(const char *folder, const char *key, int wanted_status)
{
    const char *argv[] = {g_getenv("MAJLIS_BIN"),       "verify", folder,
                          key != NULL ? "--key" : NULL, key,      NULL};
    char *output = NULL;
    g_autofree char *complaint = NULL;
    int status = 0;
    g_autoptr(GError) error = NULL;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &complaint,
                 &status, &error);
    g_assert_no_error(error);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, wanted_status);
    return output;
}

static char *copy_whole(void)
{
    static unsigned number;
    char *folder = g_strdup_printf("%s/copy%u", work, number++);
    g_free(shell("cp -r '%s' '%s'", whole, folder));
    return folder;
}

static char *inside(const char *folder, const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* After `change` (a shell command in the copy) it says exactly `wanted`. */
static void check_told(const char *change, const char *wanted)
{
    g_autofree char *folder = copy_whole();
    g_free(shell("cd '%s' && %s", folder, change));
    g_autofree char *said = run_verify(folder, public_path, 1);
    g_assert_cmpstr(said, ==, wanted);
}

/* --- A recording ------------------------------------------------------------------------------ */

static void push(void *data, MediaPart *part)
{
    while (!archive_writer_push(data, part)) {
        g_usleep(1000);
    }
}

static bool sign(void *data, const uint8_t *bytes, size_t size, uint8_t out[64])
{
    auth_signer_sign(data, bytes, size, out);
    return true;
}

static void make_recording(const Clip *clip, AuthSigner *signer)
{
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = work, .id = ID},
                                  .epoch_wall_us = 1795422691000000};
    ArchiveWriter *writer = archive_writer_new(&config, NULL, &error);
    g_assert_no_error(error);
    const ClipMark mark = {2000000, MEDIA_MARK_OPEN};
    ClipRun run = {.run = 1, .end_us = 6000000, .marks = &mark, .mark_count = 1};
    clip_segment(clip, &run, push, writer);
    archive_writer_free(writer);
    const PublishChapter chapter = {.media_us = 3000000, .title_en = "Start"};
    PublishInputs what = {.title = "Session",
                          .chapters = &chapter,
                          .chapter_count = 1,
                          .sign = signer != NULL ? sign : NULL,
                          .sign_data = signer,
                          .public_key = signer != NULL ? auth_signer_public(signer) : NULL};
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        publish_make(work, ID, step, &what, NULL, NULL, &error);
        g_assert_no_error(error);
    }
}

/* --- Cases ------------------------------------------------------------------------------------ */

static void test_verified(void)
{
    g_autofree char *said = run_verify(whole, public_path, 0);
    uint8_t key[AUTH_PUBLIC_BYTES];
    g_assert_true(auth_public_read(public_path, key, NULL));
    g_autofree char *id = auth_key_id(key);
    g_autofree char *count = shell("cd '%s' && find . -type f ! -name 'manifest.*' | wc -l", whole);
    g_autofree char *bytes = shell(
        "cd '%s' && find . -type f ! -name 'manifest.*' -print0 | xargs -0 cat | wc -c", whole);
    g_autofree char *wanted = g_strdup_printf("verified: %s files, %s bytes, signed by %s\n",
                                              g_strstrip(count), g_strstrip(bytes), id);
    g_assert_cmpstr(said, ==, wanted);
    g_autofree char *alone = run_verify(whole, NULL, 0);
    g_assert_cmpstr(alone, ==, wanted);
    // A copy of what is published, without the lobby's segments.
    g_autofree char *folder = copy_whole();
    g_free(shell("cd '%s' && rm 1/*/0.m4s", folder));
    g_autofree char *published = run_verify(folder, public_path, 0);
    g_assert_true(g_str_has_prefix(published, "verified: "));
    g_assert_cmpstr(published, !=, wanted);
}

/* OpenSSL says the same of the signature. */
static void test_openssl(void)
{
    g_autofree char *said = shell("cd '%s' && openssl pkeyutl -verify -pubin -inkey '%s' -rawin "
                                  "-in manifest.json -sigfile manifest.sig",
                                  whole, public_path);
    g_assert_nonnull(strstr(said, "Signature Verified Successfully"));
}

/* A flipped bit, in every file, is told with its name. */
static void test_flipped(void)
{
    g_autofree char *folder = copy_whole();
    g_autofree char *list = shell("cd '%s' && find * -type f ! -name 'manifest.*' | sort", folder);
    g_auto(GStrv) names = g_strsplit(g_strstrip(list), "\n", -1);
    g_assert_cmpuint(g_strv_length(names), >, 15);
    for (unsigned i = 0; names[i] != NULL; i++) {
        g_autofree char *path = inside(folder, names[i]);
        g_autofree char *bytes = NULL;
        gsize size = 0;
        g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
        gsize at = (gsize)g_test_rand_int_range(0, (gint32)size);
        bytes[at] ^= 1;
        g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
        g_autofree char *said = run_verify(folder, public_path, 1);
        g_autofree char *wanted =
            g_strdup_printf("%s: changed: its hash is not the one that was signed\n", names[i]);
        g_assert_cmpstr(said, ==, wanted);
        bytes[at] ^= 1;
        g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    }
    g_autofree char *again = run_verify(folder, public_path, 0);
}

static void test_files(void)
{
    check_told("rm 1/v720p/1.m4s", "1/v720p/1.m4s: missing\n");
    check_told("echo more > 1/v720p/extra.m4s", "1/v720p/extra.m4s: not in the manifest\n");
    check_told("mv audio.m4a sound.m4a", "audio.m4a: missing\nsound.m4a: not in the manifest\n");
    check_told("mkdir x && touch x/y", "x/y: not in the manifest\n");
    check_told("mv audio.m4a x && ln -s x audio.m4a",
               "audio.m4a: not a regular file\nx: not in the manifest\n");
    check_told("rm audio.m4a && mkdir audio.m4a", "audio.m4a: not a regular file\n");
    check_told("rm audio.m4a && mkfifo audio.m4a", "audio.m4a: not a regular file\n");
    check_told("rm -r 1/aar", "1/aar/1.m4s: missing\n1/aar/2.m4s: missing\n"
                              "1/aar/init.mp4: missing\n");
    // A byte more, and one of the lobby's that is there but is not what it was.
    g_autofree char *folder = copy_whole();
    g_free(shell("cd '%s' && echo >> main.m3u8 && echo >> 1/aar/0.m4s", folder));
    g_autofree char *said = run_verify(folder, public_path, 1);
    g_assert_nonnull(strstr(said, "main.m3u8: changed: "));
    g_assert_nonnull(strstr(said, "\n1/aar/0.m4s: changed: "));
}

static void test_manifest(void)
{
    const char *changed = "manifest.json: not what was signed: it or manifest.sig was changed\n";
    check_told("sed -i 's/\"duration_ms\": 4000/\"duration_ms\": 4001/' manifest.json", changed);
    check_told("printf ' ' >> manifest.json", changed);
    check_told("head -c 63 manifest.sig > s && mv s manifest.sig", changed);
    check_told("head -c 64 /dev/zero > manifest.sig", changed);
    check_told("rm manifest.sig", "manifest.sig: missing: the folder is not signed\n");
    check_told("rm manifest.json",
               "manifest.json: missing: there is nothing to check the folder against\n");
    check_told("echo '{' > manifest.json", "manifest.json: not valid JSON at line 2 column 0\n");
    check_told("echo '{\"format\": 2}' > manifest.json",
               "manifest.json: has a format that this version of majlis does not know\n");
}

/* A manifest whose names lead out of the folder is not followed. */
static void test_hostile(void)
{
    static const char *const names[] = {"../secret", "/etc/passwd", "a/../../secret", "", "a//b"};
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *folder = g_strdup_printf("%s/hostile%u", work, i);
        g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
        g_autofree char *path = inside(folder, "manifest.json");
        g_autofree char *text = g_strdup_printf(
            "{\"format\":1,\"files\":[{\"name\":\"%s\",\"bytes\":1,\"sha256\":\"\"}]}", names[i]);
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
        g_autofree char *said = run_verify(folder, NULL, 1);
        g_assert_nonnull(strstr(said, "names a file that cannot belong to the folder"));
        g_assert_null(strstr(said, "secret"));
    }
}

static void test_foreign_key(void)
{
    uint8_t key[AUTH_PUBLIC_BYTES];
    uint8_t other[AUTH_PUBLIC_BYTES];
    g_assert_true(auth_public_read(public_path, key, NULL));
    g_assert_true(auth_public_read(other_public_path, other, NULL));
    g_autofree char *id = auth_key_id(key);
    g_autofree char *other_id = auth_key_id(other);
    g_autofree char *wanted =
        g_strdup_printf("manifest.json: signed by %s, and the key given is %s\n", id, other_id);
    g_autofree char *said = run_verify(whole, other_public_path, 1);
    g_assert_cmpstr(said, ==, wanted);
}

static void test_usage(void)
{
    g_autofree char *no_key = run_verify(whole, "/nonexistent", 1);
    g_autofree char *no_folder = run_verify("/nonexistent", NULL, 1);
    g_assert_cmpstr(no_folder, ==,
                    "manifest.json: missing: there is nothing to check the folder against\n");
    static const char *const wrong[] = {"verify", "verify a b", "verify --nonsense a",
                                        "verify a --key"};
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *status =
            shell("'%s' %s > /dev/null 2>&1; echo $?", g_getenv("MAJLIS_BIN"), wrong[i]);
        g_assert_cmpstr(status, ==, "2\n");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    work = g_dir_make_tmp("majlis-verify-XXXXXX", NULL);
    whole = inside(work, ID);
    g_autofree char *keys = inside(work, "keys");
    g_autofree char *other_keys = inside(work, "other");
    public_path = inside(keys, "signing.pub");
    other_public_path = inside(other_keys, "signing.pub");
    AuthSigner *signer = auth_signer_new(keys, NULL);
    auth_signer_free(auth_signer_new(other_keys, NULL));
    Clip *clip = clip_new(work, "320x180");
    make_recording(clip, signer);
    clip_free(clip);
    auth_signer_free(signer);
    g_test_add_func("/verify/verified", test_verified);
    g_test_add_func("/verify/openssl", test_openssl);
    g_test_add_func("/verify/flipped", test_flipped);
    g_test_add_func("/verify/files", test_files);
    g_test_add_func("/verify/manifest", test_manifest);
    g_test_add_func("/verify/hostile", test_hostile);
    g_test_add_func("/verify/foreign-key", test_foreign_key);
    g_test_add_func("/verify/usage", test_usage);
    int result = g_test_run();
    g_free(shell("rm -rf '%s'", work));
    g_free(work);
    g_free(whole);
    g_free(public_path);
    g_free(other_public_path);
    return result;
}
