// SPDX-License-Identifier: GPL-3.0-or-later
// Names what keeps a source or an encoder from running.
#include "capture/capture.h"

#include "base/clock.h"
#include "capture/caption/style.h"
#include "capture/encode.h"
#include "capture/launch.h"
#include "capture/scene/scene.h"
#include "capture/source/source.h"
#include "capture/spec.h"

/* Each line is a problem. */
static void add_problems(GPtrArray *problems, GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_ptr_array_add(problems, g_strdup(*line));
    }
    g_error_free(error);
}

static void check_source(GPtrArray *problems, const char *dir, const char *source)
{
    GError *error = NULL;
    bool responds = capture_responds(source, &error);
    g_autoptr(CaptureSpec) spec = responds ? capture_spec_new(dir, source, &error) : NULL;
    if (spec == NULL || !capture_source_check(spec, &error)) {
        add_problems(problems, error);
    }
}

static void check_encoder(GPtrArray *problems, const char *dir, const char *encoder)
{
    GError *error = NULL;
    if (!capture_encode_check(dir, encoder, &error)) {
        add_problems(problems, error);
    }
}

static void check_scenes(GPtrArray *problems, const char *dir)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) scenes = capture_scenes_read(dir, &error);
    if (scenes == NULL) {
        add_problems(problems, error);
    }
}

static void check_captions(GPtrArray *problems, const char *dir)
{
    GError *error = NULL;
    g_autoptr(CaptureCaptionStyles) styles = capture_caption_styles_read(dir, &error);
    if (styles == NULL) {
        add_problems(problems, error);
    }
}

static void check_thumbnails(GPtrArray *problems)
{
    g_autoptr(GstElementFactory) jpegenc = gst_element_factory_find("jpegenc");
    if (jpegenc == NULL) {
        g_ptr_array_add(problems, g_strdup("Thumbnails need the GStreamer element \"jpegenc\": "
                                           "sudo apt-get install gstreamer1.0-plugins-good."));
    }
}

GPtrArray *capture_check(const char *pipelines_dir, const char *source, const char *encoder)
{
    GPtrArray *problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    if (!gst_init_check(NULL, NULL, &error)) {
        g_ptr_array_add(problems, g_strdup_printf("GStreamer does not start: %s.", error->message));
        return problems;
    }
    if (source != NULL) {
        check_source(problems, pipelines_dir, source);
    }
    check_encoder(problems, pipelines_dir, encoder);
    check_scenes(problems, pipelines_dir);
    check_captions(problems, pipelines_dir);
    check_thumbnails(problems);
    return problems;
}

#define TRY_POLL_US 10000

char *capture_try(const char *pipelines_dir, const char *text, int64_t limit_us)
{
    int64_t now = base_clock_us(), until = now + limit_us;
    CaptureSource *source = capture_source_open(pipelines_dir, text, now);
    CaptureSourceState state;
    while ((state = capture_source_state(source)) == CAPTURE_SOURCE_OPENING &&
           base_clock_us() < until) {
        g_usleep(TRY_POLL_US);
    }
    g_autofree char *failure = capture_source_failure(source);
    g_autofree char *shown = capture_redact(text);
    capture_source_close(source);
    capture_source_wait_all(limit_us);
    if (state == CAPTURE_SOURCE_READY) {
        return NULL;
    }
    return g_strdup_printf(
        "the source %s gives no media%s%s. A session would show the slate instead. Is it switched "
        "on and connected, its address and password right, and nobody else using it?",
        shown, failure != NULL ? ": " : " within the time it was given",
        failure != NULL ? failure : "");
}
