// SPDX-License-Identifier: GPL-3.0-or-later
// The signing key, checked with RFC 8032 and OpenSSL.
#include "cases.h"

#include "auth/auth.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *new_folder(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("majlis-signer-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static char *command(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Output of a command that must succeed. */
static char *command(const char *format, ...)
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

static void remove_folder(char *folder)
{
    g_autofree char *output = command("rm -rf '%s'", folder);
    g_free(folder);
}

static AuthSigner *open_signer(const char *folder)
{
    g_autoptr(GError) error = NULL;
    AuthSigner *signer = auth_signer_new(folder, &error);
    g_assert_no_error(error);
    return signer;
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    return status.st_mode & 07777;
}

static void test_only_opened(void)
{
    char *above = new_folder();
    g_autofree char *folder = g_build_filename(above, "keys", NULL);
    g_autofree char *public = g_build_filename(folder, "signing.pub", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(auth_signer_open(folder, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
    g_autoptr(AuthSigner) made = open_signer(folder);
    g_unlink(public);
    g_autoptr(AuthSigner) opened = auth_signer_open(folder, NULL);
    g_assert_cmpmem(auth_signer_public(made), 32, auth_signer_public(opened), 32);
    g_assert_false(g_file_test(public, G_FILE_TEST_EXISTS));
    remove_folder(above);
}

static void test_made_once(void)
{
    char *above = new_folder();
    g_autofree char *folder = g_build_filename(above, "keys", NULL);
    g_autofree char *key = g_build_filename(folder, "signing.key", NULL);
    g_autofree char *public = g_build_filename(folder, "signing.pub", NULL);
    g_autoptr(AuthSigner) first = open_signer(folder);
    g_assert_cmpuint(mode_of(folder), ==, 0700);
    g_assert_cmpuint(mode_of(key), ==, 0600);
    g_assert_cmpuint(mode_of(public), ==, 0644);
    g_autoptr(AuthSigner) second = open_signer(folder);
    g_assert_cmpmem(auth_signer_public(first), 32, auth_signer_public(second), 32);
    uint8_t half[AUTH_PUBLIC_BYTES];
    g_assert_true(auth_public_read(public, half, NULL));
    g_assert_cmpmem(half, 32, auth_signer_public(first), 32);
    g_autofree char *files = command("ls '%s'", folder);
    g_assert_cmpstr(files, ==, "signing.key\nsigning.pub\n");
    // Another server has another key; a lost public half is restored.
    char *elsewhere = new_folder();
    g_autoptr(AuthSigner) other = open_signer(elsewhere);
    g_assert_cmpint(memcmp(auth_signer_public(other), half, 32), !=, 0);
    g_unlink(public);
    g_autoptr(AuthSigner) third = open_signer(folder);
    g_assert_true(auth_public_read(public, half, NULL));
    g_autofree char *id = auth_key_id(half);
    g_assert_cmpuint(strlen(id), ==, 16);
    remove_folder(elsewhere);
    remove_folder(above);
}

static void test_refused(void)
{
    static const unsigned wide[] = {0604, 0644, 0660, 0777, 0601};
    char *folder = new_folder();
    g_autofree char *key = g_build_filename(folder, "signing.key", NULL);
    auth_signer_free(open_signer(folder));
    g_autoptr(GError) error = NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(wide); i++) {
        g_chmod(key, (int)wide[i]);
        g_assert_null(auth_signer_new(folder, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_DENIED);
        g_clear_error(&error);
    }
    g_chmod(key, 0640);
    auth_signer_free(open_signer(folder));
    // Never overwrites an unreadable key.
    static const char *const broken[] = {
        "",
        "x",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_assert_true(g_file_set_contents(key, broken[i], -1, NULL));
        g_chmod(key, 0600);
        g_assert_null(auth_signer_new(folder, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        g_clear_error(&error);
        g_autofree char *after = NULL;
        g_assert_true(g_file_get_contents(key, &after, NULL, NULL));
        g_assert_cmpstr(after, ==, broken[i]);
    }
    remove_folder(folder);
}

static void test_signature(void)
{
    static const uint8_t text[] = "what was said";
    char *folder = new_folder();
    g_autoptr(AuthSigner) signer = open_signer(folder);
    uint8_t signature[AUTH_SIGNATURE_BYTES];
    auth_signer_sign(signer, text, sizeof text, signature);
    g_assert_true(auth_verify(auth_signer_public(signer), text, sizeof text, signature));
    g_assert_false(auth_verify(auth_signer_public(signer), text, sizeof text - 1, signature));
    for (unsigned bit = 0; bit < 512; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
        g_assert_false(auth_verify(auth_signer_public(signer), text, sizeof text, signature));
        signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    remove_folder(folder);
}

/* RFC 8032 section 7.1, TEST 2. */
static void test_vector(void)
{
    static const uint8_t public_key[] = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a,
                                         0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc,
                                         0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c,
                                         0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
    static const uint8_t signature[] = {
        0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f,
        0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76,
        0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99,
        0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae,
        0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
    static const uint8_t message[] = {0x72};
    static const uint8_t other[] = {0x73};
    g_assert_true(auth_verify(public_key, message, 1, signature));
    g_assert_false(auth_verify(public_key, other, 1, signature));
}

/* OpenSSL verifies our signature, and we accept its key. */
static void test_openssl(void)
{
    static const uint8_t text[] = "manifest";
    char *folder = new_folder();
    g_autofree char *key = g_build_filename(folder, "signing.key", NULL);
    g_autofree char *made =
        command("openssl genpkey -algorithm ed25519 -out '%s' && chmod 600 '%s'", key, key);
    g_autoptr(AuthSigner) signer = open_signer(folder);
    uint8_t signature[AUTH_SIGNATURE_BYTES];
    auth_signer_sign(signer, text, sizeof text, signature);
    g_autofree char *text_path = g_build_filename(folder, "text", NULL);
    g_autofree char *signature_path = g_build_filename(folder, "sig", NULL);
    g_assert_true(g_file_set_contents(text_path, (const char *)text, sizeof text, NULL));
    g_assert_true(
        g_file_set_contents(signature_path, (const char *)signature, sizeof signature, NULL));
    g_autofree char *said = command("cd '%s' && openssl pkeyutl -verify -pubin -inkey signing.pub "
                                    "-rawin -in text -sigfile sig",
                                    folder);
    g_assert_nonnull(strstr(said, "Signature Verified Successfully"));
    g_autofree char *theirs = command("cd '%s' && openssl pkey -in signing.key -pubout", folder);
    g_autofree char *public = g_build_filename(folder, "signing.pub", NULL);
    g_autofree char *ours = NULL;
    g_assert_true(g_file_get_contents(public, &ours, NULL, NULL));
    g_assert_cmpstr(ours, ==, theirs);
    remove_folder(folder);
}

void add_signer_cases(void)
{
    g_test_add_func("/auth/signer/made-once", test_made_once);
    g_test_add_func("/auth/signer/only-opened", test_only_opened);
    g_test_add_func("/auth/signer/refused", test_refused);
    g_test_add_func("/auth/signer/signature", test_signature);
    g_test_add_func("/auth/signer/vector", test_vector);
    g_test_add_func("/auth/signer/openssl", test_openssl);
}
