// SPDX-License-Identifier: GPL-3.0-or-later
// Replays a corpus: each input as it stands, cut at many places and with bytes changed, each time
// as an exact-size copy on the heap, so that ASan sees a read past the end. TAP.
//
//   replay FOLDER             one test per file
//   replay FOLDER --to OTHER  writes the inputs as bytes, for libFuzzer
//
// NAME.hex holds pairs of hexadecimal digits, spaced as one likes, with # comments to the line's
// end; NAME.sdp and NAME.txt hold text with line feeds, taken as it is and once more with CRLF.
#include "fuzz.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#ifndef MAX_CHANGES
#define MAX_CHANGES 256 // cuts, and changed bytes, of one input
#endif

static GByteArray *from_hex(const char *text)
{
    GByteArray *out = g_byte_array_new();
    for (const char *at = text; *at != '\0';) {
        if (*at == '#') {
            at += strcspn(at, "\n");
        } else if (g_ascii_isspace(*at)) {
            at++;
        } else {
            int high = g_ascii_xdigit_value(at[0]), low = g_ascii_xdigit_value(at[1]);
            if (high < 0 || low < 0) {
                g_error("not hexadecimal: %.20s", at);
            }
            uint8_t byte = (uint8_t)(high << 4 | low);
            g_byte_array_append(out, &byte, 1);
            at += 2;
        }
    }
    return out;
}

static GByteArray *from_text(const char *text, bool crlf)
{
    GByteArray *out = g_byte_array_new();
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n' && crlf) {
            g_byte_array_append(out, (const uint8_t *)"\r", 1);
        }
        g_byte_array_append(out, (const uint8_t *)at, 1);
    }
    return out;
}

static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = g_malloc(MAX(size, 1));
    if (size > 0) {
        memcpy(copy, data, size);
    }
    target(copy, size);
    g_free(copy);
}

static void run_changed(GByteArray *input)
{
    size_t step = MAX(1, input->len / MAX_CHANGES);
    for (size_t at = 0; at < input->len; at += step) {
        run(input->data, at);
        uint8_t kept = input->data[at];
        uint8_t other[] = {(uint8_t)~kept, 0, 0xff, (uint8_t)(kept + 1)};
        input->data[at] = other[at / step % G_N_ELEMENTS(other)];
        run(input->data, input->len);
        input->data[at] = kept;
    }
}

static void take(GByteArray *input, const char *name, const char *to)
{
    if (to == NULL) {
        run(input->data, input->len);
        run_changed(input);
        return;
    }
    g_autofree char *path = g_build_filename(to, name, NULL);
    GError *error = NULL;
    if (!g_file_set_contents(path, (const char *)input->data, input->len, &error)) {
        g_error("%s", error->message);
    }
}

static void take_file(const char *folder, const char *name, const char *to)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    gsize size;
    GError *error = NULL;
    if (!g_file_get_contents(path, &text, &size, &error)) {
        g_error("%s", error->message);
    }
    if (strlen(text) != size) {
        g_error("%s holds a NUL, where a text ends: write it as .hex", name);
    }
    bool hex = g_str_has_suffix(name, ".hex");
    for (int crlf = 0; crlf < (hex ? 1 : 2); crlf++) {
        GByteArray *input = hex ? from_hex(text) : from_text(text, crlf == 1);
        g_autofree char *out = g_strdup_printf("%s%s", name, crlf == 1 ? ".crlf" : "");
        take(input, out, to);
        g_byte_array_unref(input);
    }
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    const char *to = argc == 4 && strcmp(argv[2], "--to") == 0 ? argv[3] : NULL;
    GDir *folder = argc == 2 || to != NULL ? g_dir_open(argv[1], 0, NULL) : NULL;
    if (folder == NULL) {
        g_printerr("usage: %s FOLDER [--to OTHER]\n", argv[0]);
        return 2;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
        if (g_str_has_suffix(name, ".hex") || g_str_has_suffix(name, ".sdp") ||
            g_str_has_suffix(name, ".txt")) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    g_dir_close(folder);
    g_ptr_array_sort(names, by_name);
    g_print("1..%u\n", names->len);
    for (unsigned i = 0; i < names->len; i++) {
        take_file(argv[1], names->pdata[i], to);
        g_print("ok %u %s\n", i + 1, (const char *)names->pdata[i]);
    }
    return names->len > 0 ? 0 : 1; // an empty corpus tests nothing
}
