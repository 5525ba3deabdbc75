// SPDX-License-Identifier: GPL-3.0-or-later
// Reads launch files; names missing elements and their packages.
#include "capture/launch.h"

#include "base/error.h"
#include "base/text.h"
#include "sandbox/sandbox.h"

#include <string.h>

/* Debian packages by element prefix; the first match counts. */
static const struct {
    const char *prefix, *package;
} packages[] = {
    {"x264", "gstreamer1.0-plugins-ugly"},
    {"avdec_", "gstreamer1.0-libav"},
    {"avenc_", "gstreamer1.0-libav"},
    {"avdemux_", "gstreamer1.0-libav"},
    {"vaapi", "gstreamer1.0-vaapi"},
    {"alsa", "gstreamer1.0-alsa"},
    {"pulse", "gstreamer1.0-plugins-good"},
    {"timeoverlay", "gstreamer1.0-x"},
    {"textoverlay", "gstreamer1.0-x"},
    {"clockoverlay", "gstreamer1.0-x"},
    {"webrtc", "gstreamer1.0-plugins-bad"},
    {"nice", "gstreamer1.0-nice"},
    {"openh264", "gstreamer1.0-plugins-bad"},
    {"h264parse", "gstreamer1.0-plugins-bad"},
    {"h265parse", "gstreamer1.0-plugins-bad"},
    {"srt", "gstreamer1.0-plugins-bad"},
    {"decklink", "gstreamer1.0-plugins-bad"},
    {"tsdemux", "gstreamer1.0-plugins-bad"},
    {"fdkaac", "gstreamer1.0-plugins-bad"},
    {"va", "gstreamer1.0-plugins-bad"},
    {"nv", "gstreamer1.0-plugins-bad"},
    {"qsv", "gstreamer1.0-plugins-bad"},
    {"v4l2", "gstreamer1.0-plugins-good"},
    {"rtsp", "gstreamer1.0-plugins-good"},
    {"rtp", "gstreamer1.0-plugins-good"},
    {"udp", "gstreamer1.0-plugins-good"},
    {"jpeg", "gstreamer1.0-plugins-good"},
    {"ximage", "gstreamer1.0-plugins-good"},
    {"deinterlace", "gstreamer1.0-plugins-good"},
    {"videoflip", "gstreamer1.0-plugins-good"},
    {"qtdemux", "gstreamer1.0-plugins-good"},
    {"matroska", "gstreamer1.0-plugins-good"},
    {"level", "gstreamer1.0-plugins-good"},
    {"opus", "gstreamer1.0-plugins-base"},
    {"video", "gstreamer1.0-plugins-base"},
    {"audio", "gstreamer1.0-plugins-base"},
    {"decodebin", "gstreamer1.0-plugins-base"},
    {"uridecodebin", "gstreamer1.0-plugins-base"},
    {"app", "gstreamer1.0-plugins-base"},
};

static const char *package_for(const char *element)
{
    for (size_t i = 0; i < G_N_ELEMENTS(packages); i++) {
        if (g_str_has_prefix(element, packages[i].prefix)) {
            return packages[i].package;
        }
    }
    return NULL;
}

/* Elements that exist only with a driver. */
static const char *driver_for(const char *element)
{
    if (g_str_has_prefix(element, "va")) {
        return " (and a VA-API driver that encodes, such as intel-media-va-driver or "
               "mesa-va-drivers; vainfo must list one)";
    }
    return g_str_has_prefix(element, "nv") ? " (and NVIDIA's own driver)" : "";
}

static void append_missing(GString *out, const char *path, const char *element)
{
    g_autofree char *quoted = g_strdup_printf("\"%s\"", element);
    if (strstr(out->str, quoted) != NULL) {
        return;
    }
    const char *package = package_for(element);
    if (out->len > 0) {
        g_string_append_c(out, '\n');
    }
    g_string_append_printf(out, "%s needs the GStreamer element %s, which is not here: ", path,
                           quoted);
    if (package != NULL) {
        g_string_append_printf(out, "sudo apt-get install %s%s.", package, driver_for(element));
    } else {
        g_string_append(out, "correct its name, or install the package that brings it "
                             "(apt-cache search gstreamer1.0; gst-inspect-1.0 NAME tells).");
    }
}

static bool read_access(CaptureLaunch *launch, const char *words, GError **error)
{
    static const struct {
        const char *word;
        unsigned flag;
    } known[] = {{"network", SANDBOX_NETWORK},
                 {"devices", SANDBOX_DEVICES},
                 {"local", SANDBOX_LOCAL},
                 {"", 0}};
    g_auto(GStrv) list = g_strsplit_set(words, " ,\t", -1);
    for (char **word = list; *word != NULL; word++) {
        size_t i = 0;
        while (i < G_N_ELEMENTS(known) && !g_str_equal(known[i].word, *word)) {
            i++;
        }
        if (i == G_N_ELEMENTS(known)) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                        "%s: \"# access: %s\" cannot be granted; the words are network, devices "
                        "and local.",
                        launch->path, *word);
            return false;
        }
        launch->access |= known[i].flag;
    }
    return true;
}

static bool read_head_line(CaptureLaunch *launch, const char *line, GError **error)
{
    static const char help[] = "help:", mark[] = "mark:", needs[] = "needs:", access[] = "access:";
    if (g_str_has_prefix(line, help) && launch->help == NULL) {
        launch->help = g_strstrip(g_strdup(line + strlen(help)));
    } else if (g_str_has_prefix(line, mark)) {
        launch->mark = strstr(line + strlen(mark), "yes") != NULL;
    } else if (g_str_has_prefix(line, needs) && launch->needs == NULL) {
        g_autofree char *list = g_strstrip(g_strdup(line + strlen(needs)));
        launch->needs = g_strsplit_set(list, " ,", -1);
    } else if (g_str_has_prefix(line, access)) {
        return read_access(launch, line + strlen(access), error);
    }
    return true;
}

/* False: a bad head line. */
static bool read_lines(CaptureLaunch *launch, const char *content, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(base_text_skip_bom(content), "\n", -1);
    GString *text = g_string_new(NULL);
    bool good = true;
    for (char **line = lines; good && *line != NULL; line++) {
        g_strstrip(*line);
        if ((*line)[0] == '#') {
            good = read_head_line(launch, g_strchug(*line + 1), error);
        } else {
            g_string_append_printf(text, "%s ", *line);
        }
    }
    launch->text = g_string_free(text, FALSE);
    launch->help = launch->help != NULL ? launch->help : g_strdup("");
    launch->needs = launch->needs != NULL ? launch->needs : g_new0(char *, 1);
    return good;
}

CaptureLaunch *capture_launch_read(const char *path, GError **error)
{
    g_autofree char *content = NULL;
    g_autoptr(GError) why = NULL;
    if (!g_file_get_contents(path, &content, NULL, &why)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "The launch file cannot be read: %s. Check --pipelines and the file's mode.",
                    why->message);
        return NULL;
    }
    g_autoptr(CaptureLaunch) launch = g_new0(CaptureLaunch, 1);
    launch->path = g_strdup(path);
    return read_lines(launch, content, error) ? g_steal_pointer(&launch) : NULL;
}

void capture_launch_free(CaptureLaunch *launch)
{
    if (launch != NULL) {
        g_free(launch->path);
        g_free(launch->text);
        g_free(launch->help);
        g_strfreev(launch->needs);
        g_free(launch);
    }
}

/* "" if none. */
static char *missing_elements(const CaptureLaunch *launch, GstParseContext *context)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) parsed = gst_parse_context_get_missing_elements(context);
    for (char **name = parsed; name != NULL && *name != NULL; name++) {
        // The parser also lists elements that refused a property.
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(*name);
        if (factory == NULL) {
            append_missing(out, launch->path, *name);
        }
    }
    for (char **name = launch->needs; *name != NULL; name++) {
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(*name);
        if ((*name)[0] != '\0' && factory == NULL) {
            append_missing(out, launch->path, *name);
        }
    }
    return g_string_free(out, FALSE);
}

GstElement *capture_launch_build(const CaptureLaunch *launch, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GstParseContext) context = gst_parse_context_new();
    g_autoptr(GstElement) pipeline =
        gst_parse_launch_full(launch->text, context, GST_PARSE_FLAG_NONE, &why);
    if (pipeline != NULL) {
        gst_object_ref_sink(pipeline);
    }
    g_autofree char *missing = missing_elements(launch, context);
    if (missing[0] != '\0') {
        g_set_error_literal(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE, missing);
        return NULL;
    }
    if (why != NULL || pipeline == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "%s does not describe a pipeline: %s.",
                    launch->path, why != NULL ? why->message : "it is empty");
        return NULL;
    }
    if (!GST_IS_PIPELINE(pipeline)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s does not describe a pipeline: it is a single element.", launch->path);
        return NULL;
    }
    return g_steal_pointer(&pipeline);
}
