// SPDX-License-Identifier: GPL-3.0-or-later
// Works out from a launch file what the sandbox must allow.
#include "capture/sandbox/access.h"

#include <string.h>

/* By element prefix; the first match counts. Others get nothing. */
static const struct {
    const char *prefix;
    unsigned flags;
} elements[] = {
    {"rtsp", CAPTURE_ACCESS_NETWORK},
    {"srt", CAPTURE_ACCESS_NETWORK},
    {"rtmp", CAPTURE_ACCESS_NETWORK},
    {"rist", CAPTURE_ACCESS_NETWORK},
    {"ndi", CAPTURE_ACCESS_NETWORK},
    {"udpsrc", CAPTURE_ACCESS_NETWORK},
    {"tcp", CAPTURE_ACCESS_NETWORK},
    {"souphttp", CAPTURE_ACCESS_NETWORK},
    {"curl", CAPTURE_ACCESS_NETWORK},
    {"sdpsrc", CAPTURE_ACCESS_NETWORK},
    {"rtpsrc", CAPTURE_ACCESS_NETWORK},
    {"webrtc", CAPTURE_ACCESS_NETWORK},
    {"uridecodebin", CAPTURE_ACCESS_NETWORK},
    {"urisourcebin", CAPTURE_ACCESS_NETWORK},
    {"playbin", CAPTURE_ACCESS_NETWORK},
    {"v4l2", CAPTURE_ACCESS_DEVICES},
    {"uvch264", CAPTURE_ACCESS_DEVICES},
    {"libcamera", CAPTURE_ACCESS_DEVICES},
    {"decklink", CAPTURE_ACCESS_DEVICES},
    {"aja", CAPTURE_ACCESS_DEVICES},
    {"dvb", CAPTURE_ACCESS_DEVICES},
    {"dc1394", CAPTURE_ACCESS_DEVICES},
    {"oss", CAPTURE_ACCESS_DEVICES},
    {"alsa", CAPTURE_ACCESS_DEVICES | CAPTURE_ACCESS_LOCAL}, // "default" may be PulseAudio
    {"valve", 0},
    {"va", CAPTURE_ACCESS_DEVICES},
    {"nv", CAPTURE_ACCESS_DEVICES},
    {"cuda", CAPTURE_ACCESS_DEVICES},
    {"qsv", CAPTURE_ACCESS_DEVICES},
    {"msdk", CAPTURE_ACCESS_DEVICES},
    {"amf", CAPTURE_ACCESS_DEVICES},
    {"pulse", CAPTURE_ACCESS_LOCAL},
    {"pipewire", CAPTURE_ACCESS_LOCAL | CAPTURE_ACCESS_DEVICES},
    {"jack", CAPTURE_ACCESS_LOCAL},
    {"ximage", CAPTURE_ACCESS_LOCAL},
    {"shmsrc", CAPTURE_ACCESS_LOCAL},
    {"unixfd", CAPTURE_ACCESS_LOCAL},
};

/* Read at each look-up; network managers replace them. */
static const char *const resolver_files[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/gai.conf"};

CaptureAccess *capture_access_new(void)
{
    CaptureAccess *access = g_new0(CaptureAccess, 1);
    access->paths = g_ptr_array_new_with_free_func(g_free);
    return access;
}

void capture_access_free(CaptureAccess *access)
{
    if (access != NULL) {
        g_ptr_array_unref(access->paths);
        g_free(access);
    }
}

static unsigned flags_of(const char *element)
{
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++) {
        if (g_str_has_prefix(element, elements[i].prefix)) {
            return elements[i].flags;
        }
    }
    return 0;
}

/* A word that is no property. */
static void add_word(CaptureAccess *access, const char *word)
{
    if (strchr(word, '=') == NULL) {
        access->flags |= flags_of(word);
    }
}

/* An absolute path: "/a/b", "file:///a/b"; of a pattern "/a/%03d.png" the folder. */
static void add_value(CaptureAccess *access, const char *value)
{
    bool quoted = *value == '"' || *value == '\'';
    const char quote[] = {*value, '\0'};
    const char *start = value + quoted;
    size_t size = strcspn(start, quoted ? quote : " \t!");
    g_autofree char *text = g_strndup(start, size);
    const char *path = g_str_has_prefix(text, "file://") ? text + strlen("file://") : text;
    if (*path == '/') {
        bool pattern = strpbrk(path, "%*?") != NULL;
        g_ptr_array_add(access->paths, pattern ? g_path_get_dirname(path) : g_strdup(path));
    }
}

void capture_access_add_launch(CaptureAccess *access, const char *path)
{
    g_autoptr(CaptureLaunch) launch = capture_launch_read(path, NULL);
    if (launch == NULL) {
        return;
    }
    access->flags |= launch->access;
    g_auto(GStrv) words = g_strsplit_set(launch->text, " \t!();", -1);
    for (char **word = words; *word != NULL; word++) {
        add_word(access, *word);
    }
    for (const char *at = launch->text; (at = strchr(at, '=')) != NULL;) {
        add_value(access, ++at);
    }
    for (size_t i = 0;
         (access->flags & CAPTURE_ACCESS_NETWORK) != 0 && i < G_N_ELEMENTS(resolver_files); i++) {
        g_ptr_array_add(access->paths, g_strdup(resolver_files[i]));
    }
}

void capture_access_add_spec(CaptureAccess *access, const CaptureSpec *spec)
{
    capture_access_add_launch(access, spec->launch);
    if (spec->location != NULL && (access->flags & CAPTURE_ACCESS_NETWORK) == 0) {
        g_ptr_array_add(access->paths, g_strdup(spec->location));
    }
}
