// SPDX-License-Identifier: GPL-3.0-or-later
// For majlis check: renders a page of its own.
#include "slides/child.h"
#include "slides/slides.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Without a table of places: poppler finds the objects. */
static const char pdf[] =
    "%PDF-1.4\n"
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 1280 720]/Contents 4 0 R/Resources<</Font<</F "
    "5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 37>>stream\nBT /F 96 Tf 200 300 Td (majlis) Tj ET\nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

typedef struct {
    GMainLoop *loop;
    char *gaps;
    BaseCode problem;
    unsigned pages;
} Try;

static BaseCode on_message(void *data, const SlidesMessage *message)
{
    Try *try = data;
    try->pages += message->type == SLIDES_PICTURE;
    if (message->type == SLIDES_GAPS) {
        g_free(try->gaps);
        try->gaps = g_strndup((const char *)message->data, message->size);
    }
    return BASE_CODE_NONE;
}

static void on_ended(void *data, BaseCode problem)
{
    Try *try = data;
    try->problem = problem;
    g_main_loop_quit(try->loop);
}

static int make_pdf(void)
{
    int fd = memfd_create("slides", MFD_CLOEXEC);
    if (fd >= 0 && write(fd, pdf, strlen(pdf)) != (ssize_t)strlen(pdf)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool run(Try *try, const char *binary, GError **error)
{
    const SlidesChildEvents events = {.message = on_message, .ended = on_ended, .data = try};
    int fd = make_pdf();
    SlidesChild *child =
        fd >= 0 ? slides_child_new(binary, fd, &slides_limits, &events, error) : NULL;
    if (child != NULL) {
        g_main_loop_run(try->loop);
        slides_child_free(child);
    }
    return child != NULL;
}

char *slides_try(const char *binary, char **out_gaps)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_main_context_push_thread_default(context);
    Try try = {.loop = g_main_loop_new(context, FALSE)};
    g_autoptr(GError) error = NULL;
    bool ran = run(&try, binary, &error);
    g_main_loop_unref(try.loop);
    g_main_context_pop_thread_default(context);
    *out_gaps = try.gaps;
    if (ran && try.problem == BASE_CODE_NONE && try.pages == 1) {
        return NULL;
    }
    return g_strdup_printf("a PDF cannot be rendered here (%s): speakers could show no slides. Are "
                           "libpoppler-glib8 and a font such as fonts-dejavu-core installed?",
                           error != NULL ? error->message : base_code_text(try.problem));
}
