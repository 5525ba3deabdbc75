// SPDX-License-Identifier: GPL-3.0-or-later
// Types by content, also of files whose end is missing; contents on the disk.
#include "files/disk.h"
#include "files/type.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    FilesType type;
    const char *bytes;
    size_t size;
} Sample;

#define SAMPLE(type, text)                                                                         \
    {                                                                                              \
        type, text, sizeof(text) - 1                                                               \
    }
static const Sample samples[] = {
    SAMPLE(FILES_PNG, "\x89PNG\r\n\x1a\n\0\0\0\1IHDRxCRC.\0\0\0\0IENDCRC."),
    SAMPLE(FILES_JPEG, "\xff\xd8\xff\xe0\0\4xx\xff\xda\0\2scan\xff\xd9"),
    SAMPLE(FILES_WEBP, "RIFF\x8\0\0\0WEBPVP8 "),
    SAMPLE(FILES_PDF, "%PDF-1.4\n%%EOF"),
};

static void test_types(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        const Sample *sample = &samples[i];
        for (size_t size = 0; size <= sample->size; size++) {
            g_autofree uint8_t *exact = g_memdup2(sample->bytes, size);
            bool whole;
            FilesType type = files_type_of(exact, size, &whole);
            if (size == sample->size) {
                g_assert_cmpuint(type, ==, sample->type);
                g_assert_true(whole);
            } else {
                g_assert_true(type == FILES_TYPES || (type == sample->type && !whole));
            }
        }
    }
}

static void test_others(void)
{
    static const char *const others[] = {
        "",       "GIF89a",           "<svg/>",           "<!doctype html>",
        "PK\5\6", "RIFF\4\0\0\0WAVE", " %PDF-1.4\n%%EOF", "MZ"};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        bool whole;
        g_assert_cmpuint(files_type_of((const uint8_t *)others[i], strlen(others[i]), &whole), ==,
                         FILES_TYPES);
    }
    g_autofree char *names = files_type_names(FILES_PICTURES);
    g_assert_cmpstr(names, ==, "PNG, JPEG, WebP");
    g_assert_null(files_type_find(NULL));
}

static void make(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static bool is_there(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void test_disk(void)
{
    // SHA-256 of "abc" (FIPS 180-2 B.1)
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    g_autofree char *folder = g_dir_make_tmp("majlis-files-XXXXXX", NULL);
    g_autofree char *other = g_strnfill(64, 'a');
    g_autofree char *part = g_strconcat(other, ".part", NULL);
    g_autoptr(GHashTable) kept = g_hash_table_new(g_str_hash, g_str_equal);
    char digest[BASE_DIGEST_CHARACTERS];
    for (int i = 0; i < 2; i++) { // again: it is there
        g_assert_true(files_disk_put(folder, (const uint8_t *)"abc", 3, digest, NULL));
        g_assert_cmpstr(digest, ==, abc);
    }
    make(folder, other);
    make(folder, part);
    make(folder, "README"); // not ours
    g_hash_table_add(kept, (char *)abc);
    files_disk_sweep(folder, kept);
    g_assert_true(is_there(folder, abc) && is_there(folder, "README"));
    g_assert_false(is_there(folder, other) || is_there(folder, part));
    g_hash_table_remove_all(kept);
    files_disk_sweep(folder, kept);
    g_assert_false(is_there(folder, abc));
    g_autofree char *readme = g_build_filename(folder, "README", NULL);
    g_assert_cmpint(g_unlink(readme), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(files_disk_put(folder, (const uint8_t *)"abc", 3, digest, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FAILED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/files/types", test_types);
    g_test_add_func("/files/others", test_others);
    g_test_add_func("/files/disk", test_disk);
    return g_test_run();
}
