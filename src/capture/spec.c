// SPDX-License-Identifier: GPL-3.0-or-later
// Parses a source's text; hides passwords.
#include "capture/spec.h"

#include "base/error.h"
#include "base/id.h"
#include "capture/capture.h"
#include "media/input.h"

#include <string.h>
#include <unistd.h>

#define MAX_NAME 64
#define SUFFIX ".launch"

static CaptureSpec *spec_make(char *launch, char *location, bool loop)
{
    CaptureSpec *spec = g_new0(CaptureSpec, 1);
    spec->launch = launch;
    spec->location = location;
    spec->loop = loop;
    spec->input = -1;
    return spec;
}

void capture_spec_free(CaptureSpec *spec)
{
    if (spec != NULL) {
        g_free(spec->launch);
        g_free(spec->location);
        g_free(spec);
    }
}

char *capture_launch_path(const char *pipelines_dir, const char *folder, const char *name)
{
    return g_strdup_printf("%s/%s/%s" SUFFIX, pipelines_dir, folder, name);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *capture_launch_names(const char *pipelines_dir, const char *folder)
{
    g_autofree char *path = g_build_filename(pipelines_dir, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (g_str_has_suffix(name, SUFFIX)) {
            g_ptr_array_add(names, g_strndup(name, strlen(name) - strlen(SUFFIX)));
        }
    }
    g_ptr_array_sort(names, by_text);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(", ", (char **)names->pdata);
}

/* A path may hold '@' only behind host and port. */
static bool has_raw_password(const char *text)
{
    const char *authority = strstr(text, "://") + 3;
    size_t size = strcspn(authority, "/?#");
    const char *at = memrchr(authority, '@', size);
    if (at == NULL) {
        g_autofree char *host = g_strndup(authority, size);
        const char *bracket = strrchr(host, ']');
        const char *port = strchr(bracket != NULL ? bracket : host, ':');
        bool plain = authority[size] == '/' &&
                     (port == NULL || port[1 + strspn(port + 1, "0123456789")] == '\0');
        return !plain && strchr(authority + size, '@') != NULL;
    }
    for (const char *c = authority; c < at; c++) {
        bool escape = *c == '%' && g_ascii_isxdigit(c[1]) && g_ascii_isxdigit(c[2]);
        if (*c == '@' || (*c == '%' && !escape)) {
            return true;
        }
    }
    return false;
}

/* capture_redact() must find a password's end. */
static bool check_characters(const char *text, bool rtsp, GError **error)
{
    const char *end = text + strcspn(text, " \t\r\n\"'<>");
    bool torn =
        *end != '\0' &&
        (!rtsp || (memchr(text, '@', (size_t)(end - text)) == NULL && strchr(end, '@') != NULL));
    if (!torn && !(rtsp && has_raw_password(text))) {
        return true;
    }
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_INVALID,
        "The source's address cannot be read: its user name or password seems to hold one "
        "of @ / ? # %% \" ' < > or a space as it is. Write them percent-encoded: %%40 for @, "
        "%%2F for /, %%3F for ?, %%23 for #, %%25 for %%, %%22 for \", %%27 for ', %%3C for <, "
        "%%3E for >, %%20 for a space.");
    return false;
}

static CaptureSpec *spec_for_url(const char *dir, const char *text, GError **error)
{
    g_autofree char *scheme = g_uri_parse_scheme(text);
    bool rtsp = g_strcmp0(scheme, "rtsp") == 0 || g_strcmp0(scheme, "rtsps") == 0;
    if (!check_characters(text, rtsp, error)) {
        return NULL;
    }
    g_autofree char *shown = capture_redact(text);
    if (!rtsp && g_strcmp0(scheme, "srt") != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "The source %s cannot be used: of addresses only rtsp://, rtsps:// and srt:// "
                    "are taken.",
                    shown);
        return NULL;
    }
    if (strstr(text, "://")[3] == '\0') {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "The source %s names no host.", shown);
        return NULL;
    }
    return spec_make(capture_launch_path(dir, "sources", rtsp ? "rtsp" : "srt"), g_strdup(text),
                     true);
}

static CaptureSpec *spec_for_input(const char *dir, const char *name, GError **error)
{
    int input = media_input_find(name);
    if (input < 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "There is no input \"%s\": the inputs are whip:speaker, whip:screen and "
                    "whip:guest.",
                    name);
        return NULL;
    }
    CaptureSpec *spec = spec_make(capture_launch_path(dir, "sources", "whip"), NULL, true);
    spec->input = input;
    return spec;
}

/* Splits off "?loop=…". */
char *capture_spec_path(const char *text, bool *out_loop)
{
    *out_loop = !g_str_has_suffix(text, "?loop=0");
    bool has = !*out_loop || g_str_has_suffix(text, "?loop=1");
    return g_strndup(text, strlen(text) - (has ? strlen("?loop=0") : 0));
}

static CaptureSpec *spec_for_file(const char *dir, const char *text, GError **error)
{
    bool loop = true;
    g_autofree char *path = capture_spec_path(text, &loop);
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "The source \"%s\" is a folder: name a file in it.", path);
        return NULL;
    }
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        if (access(path, R_OK) == 0) {
            return spec_make(capture_launch_path(dir, "sources", "file"), g_steal_pointer(&path),
                             loop);
        }
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "The source file \"%s\" may not be read by this user: check its owner and mode "
                    "(chmod a+r).",
                    path);
        return NULL;
    }
    g_autofree char *names = capture_launch_names(dir, "sources");
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
        "There is no source \"%s\": it is neither a file nor one of the names in %s/sources "
        "(%s).",
        path, dir, names);
    return NULL;
}

CaptureSpec *capture_spec_new(const char *pipelines_dir, const char *text, GError **error)
{
    if (text[0] == '\0' || !g_utf8_validate(text, -1, NULL)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "The source has no name.");
        return NULL;
    }
    if (base_id_valid(text, MAX_NAME)) {
        g_autofree char *launch = capture_launch_path(pipelines_dir, "sources", text);
        if (g_file_test(launch, G_FILE_TEST_EXISTS)) {
            return spec_make(g_steal_pointer(&launch), NULL, true);
        }
    }
    if (g_str_has_prefix(text, MEDIA_INPUT_SOURCE)) {
        return spec_for_input(pipelines_dir, text + strlen(MEDIA_INPUT_SOURCE), error);
    }
    if (strstr(text, "://") != NULL && g_uri_peek_scheme(text) != NULL) {
        return spec_for_url(pipelines_dir, text, error);
    }
    return spec_for_file(pipelines_dir, text, error);
}

/* Nothing if '@' stands behind the first slash: path or password? */
static void append_host(GString *out, const char *at, size_t size)
{
    g_autofree char *word = g_strndup(at, size);
    size_t authority = strcspn(word, "/?#");
    if (strchr(word + authority, '@') != NULL) {
        g_string_append(out, "...");
        return;
    }
    word[authority] = '\0';
    const char *userinfo_end = strrchr(word, '@');
    g_string_append(out, userinfo_end != NULL ? userinfo_end + 1 : word);
}

char *capture_redact(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at != '\0';) {
        const char *colon = strstr(at, "://");
        if (colon == NULL) {
            g_string_append(out, at);
            break;
        }
        // A password may hold anything but white space.
        size_t size = strcspn(colon + 3, " \t\r\n\"'<>");
        g_string_append_len(out, at, colon + 3 - at);
        append_host(out, colon + 3, size);
        at = colon + 3 + size;
    }
    return g_string_free(out, FALSE);
}
