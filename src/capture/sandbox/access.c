// SPDX-License-Identifier: GPL-3.0-or-later
// Works out from a launch file what the sandbox must allow.
#include "capture/sandbox/access.h"

#include <string.h>

/* By element prefix; the first match counts. Others get nothing. */
static const struct {
    const char *prefix;
    unsigned flags;
} elements[] = {
    {"rtsp", SANDBOX_NETWORK},
    {"srt", SANDBOX_NETWORK},
    {"rtmp", SANDBOX_NETWORK},
    {"rist", SANDBOX_NETWORK},
    {"ndi", SANDBOX_NETWORK},
    {"udpsrc", SANDBOX_NETWORK},
    {"tcp", SANDBOX_NETWORK},
    {"souphttp", SANDBOX_NETWORK},
    {"curl", SANDBOX_NETWORK},
    {"sdpsrc", SANDBOX_NETWORK},
    {"rtpsrc", SANDBOX_NETWORK},
    {"webrtc", SANDBOX_NETWORK},
    {"uridecodebin", SANDBOX_NETWORK},
    {"urisourcebin", SANDBOX_NETWORK},
    {"playbin", SANDBOX_NETWORK},
    {"v4l2", SANDBOX_DEVICES},
    {"uvch264", SANDBOX_DEVICES},
    {"libcamera", SANDBOX_DEVICES},
    {"decklink", SANDBOX_DEVICES},
    {"aja", SANDBOX_DEVICES},
    {"dvb", SANDBOX_DEVICES},
    {"dc1394", SANDBOX_DEVICES},
    {"oss", SANDBOX_DEVICES},
    {"alsa", SANDBOX_DEVICES | SANDBOX_LOCAL}, // "default" may be PulseAudio
    {"valve", 0},
    {"va", SANDBOX_DEVICES},
    {"nv", SANDBOX_DEVICES},
    {"cuda", SANDBOX_DEVICES},
    {"qsv", SANDBOX_DEVICES},
    {"msdk", SANDBOX_DEVICES},
    {"amf", SANDBOX_DEVICES},
    {"pulse", SANDBOX_LOCAL},
    {"pipewire", SANDBOX_LOCAL | SANDBOX_DEVICES},
    {"jack", SANDBOX_LOCAL},
    {"ximage", SANDBOX_LOCAL},
    {"shmsrc", SANDBOX_LOCAL},
    {"unixfd", SANDBOX_LOCAL},
};

/* Read at each look-up; network managers replace them. */
static const char *const resolver_files[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/gai.conf"};

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
static void add_word(SandboxAccess *access, const char *word)
{
    if (strchr(word, '=') == NULL) {
        access->flags |= flags_of(word);
    }
}

/* An absolute path: "/a/b", "file:///a/b"; of a pattern "/a/%03d.png" the folder. */
static void add_value(SandboxAccess *access, const char *value)
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

void capture_access_add_launch(SandboxAccess *access, const char *path)
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
    for (size_t i = 0; (access->flags & SANDBOX_NETWORK) != 0 && i < G_N_ELEMENTS(resolver_files);
         i++) {
        g_ptr_array_add(access->paths, g_strdup(resolver_files[i]));
    }
}

void capture_access_add_spec(SandboxAccess *access, const CaptureSpec *spec)
{
    capture_access_add_launch(access, spec->launch);
    if (spec->location != NULL && (access->flags & SANDBOX_NETWORK) == 0) {
        g_ptr_array_add(access->paths, g_strdup(spec->location));
    }
}

bool capture_access_covered(const CaptureSpec *spec)
{
    g_autoptr(SandboxAccess) needed = sandbox_access_new();
    capture_access_add_spec(needed, spec);
    return sandbox_covers(needed);
}
