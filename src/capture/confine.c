// SPDX-License-Identifier: GPL-3.0-or-later
// Makes this process one that may decode: environment, GStreamer, sandbox.
#include "capture/capture.h"
#include "capture/sandbox/access.h"
#include "capture/scene/scene.h"
#include "capture/scene/slides.h"

#include <sys/mman.h>

/* Without memory both writable and executable (MemoryDenyWriteExecute), GStreamer's ORC would make
 * files, which the sandbox refuses: use its compiled code. */
static void settle_orc(void)
{
    void *code =
        mmap(NULL, 1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) {
        g_setenv("ORC_CODE", "backup", TRUE);
    } else {
        munmap(code, 1);
    }
}

/* No desktop services, proxies or log noise. GStreamer may start a plugin scanner and write its
 * registry. */
bool capture_init(GError **error)
{
    g_setenv("GIO_USE_VFS", "local", TRUE);
    g_setenv("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
    g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
    settle_orc();
    if (g_getenv("GST_DEBUG") == NULL) {
        gst_debug_set_active(FALSE);
    }
    return gst_init_check(NULL, NULL, error);
}

static void add_source(SandboxAccess *access, const char *pipelines_dir, const char *text)
{
    if (g_str_has_prefix(text, CAPTURE_SCENE_PREFIX) ||
        g_str_has_prefix(text, CAPTURE_SLIDES_PREFIX) || !capture_responds(text, NULL)) {
        return;
    }
    g_autoptr(CaptureSpec) spec = capture_spec_new(pipelines_dir, text, NULL);
    if (spec != NULL) {
        capture_access_add_spec(access, spec);
    }
}

char *capture_confine(const char *pipelines_dir, const char *encoder, const char *source,
                      const char *slides)
{
    g_autofree char *launch = capture_launch_path(pipelines_dir, "encoders", encoder);
    g_autoptr(SandboxAccess) access = sandbox_access_new();
    g_auto(GStrv) lines = g_strsplit(source, "\n", -1);
    capture_access_add_launch(access, launch);
    for (char **line = lines; *line != NULL; line++) {
        add_source(access, pipelines_dir, *line);
    }
    if (slides != NULL) {
        g_ptr_array_add(access->paths, g_strdup(slides));
    }
    g_autofree char *sources = g_build_filename(pipelines_dir, "sources", NULL); // may be links
    g_autofree char *encoders = g_build_filename(pipelines_dir, "encoders", NULL);
    const char *folders[] = {pipelines_dir, sources, encoders, NULL};
    return sandbox_enter(access, folders);
}
