// SPDX-License-Identifier: GPL-3.0-or-later
// The main function of the child that renders a PDF.
#include "base/priority.h"
#include "sandbox/sandbox.h"
#include "slides/glyphs.h"
#include "slides/message.h"
#include "slides/picture.h"
#include "slides/private.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TAIL_BYTES 4096
#define MAX_FILES 64
#define CPU_GRACE_S 5

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true // needs terabytes of addresses
#else
#define SANITIZED false
#endif

typedef struct {
    rlim_t cpu_s, memory_mb;
    clock_t letters; // until this processor time
} Options;

static clock_t letters_end;
static int out_fd; // libraries print to standard output

static bool read_options(Options *options, int argc, char **argv)
{
    for (int i = 0; i + 1 < argc; i += 2) {
        guint64 number;
        bool right = g_ascii_string_to_unsigned(argv[i + 1], 10, 0, 1 << 20, &number, NULL);
        if (right && strcmp(argv[i], "--cpu") == 0) {
            options->cpu_s = number;
        } else if (right && strcmp(argv[i], "--memory") == 0) {
            options->memory_mb = number;
        } else if (right && strcmp(argv[i], "--letters") == 0) {
            options->letters = (clock_t)number * CLOCKS_PER_SEC;
        }
    }
    return argc == 6 && options->cpu_s > 0 && options->memory_mb > 0;
}

static void limit(int resource, rlim_t soft, rlim_t hard)
{
    const struct rlimit value = {.rlim_cur = soft, .rlim_max = hard};
    setrlimit((__rlimit_resource_t)resource, &value);
}

/* Of libraries: hundreds of megabytes. */
static rlim_t addresses(void)
{
    g_autofree char *text = NULL;
    bool told = g_file_get_contents("/proc/self/statm", &text, NULL, NULL);
    return told ? g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) : 0;
}

static void settle_limits(const Options *options)
{
    limit(RLIMIT_CPU, options->cpu_s, options->cpu_s + CPU_GRACE_S);
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_NOFILE, MAX_FILES, MAX_FILES);
    if (!SANITIZED) {
        limit(RLIMIT_FSIZE, 0, 0);
        rlim_t most = addresses() + (options->memory_mb << 20);
        limit(RLIMIT_AS, most, most);
    }
}

/* The kernel ends this process before the server. */
static void settle_memory(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t wrote = write(fd, "500", 3);
        (void)wrote;
        close(fd);
    }
}

static GLogWriterOutput drop_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                                 gpointer data)
{
    (void)level, (void)fields, (void)count, (void)data;
    return G_LOG_WRITER_HANDLED;
}

/* Signals are the server's. */
static void settle_process(void)
{
    static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM};
    for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++) {
        signal(ignored[i], SIG_IGN);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    base_priority_background();
    settle_memory();
    g_log_set_writer_func(drop_log, NULL, NULL);
}

static bool send_text(SlidesMessageType type, unsigned page, const char *text)
{
    SlidesMessage message = {
        .type = type, .page = page, .data = (const uint8_t *)text, .size = strlen(text)};
    return slides_message_send(out_fd, &message);
}

static bool send_bytes(SlidesMessageType type, unsigned page, const GByteArray *bytes)
{
    SlidesMessage message = {.type = type, .page = page, .data = bytes->data, .size = bytes->len};
    return slides_message_send(out_fd, &message);
}

/* Returns false. */
static bool refuse(BaseCode code)
{
    send_text(SLIDES_PROBLEM, 0, base_code_text(code));
    return false;
}

static void hide_notes(PopplerPage *page)
{
    GList *list = poppler_page_get_annot_mapping(page);
    for (GList *at = list; at != NULL; at = at->next) {
        PopplerAnnot *annot = ((PopplerAnnotMapping *)at->data)->annot;
        PopplerAnnotType type = poppler_annot_get_annot_type(annot);
        if (type == POPPLER_ANNOT_TEXT || type == POPPLER_ANNOT_POPUP) {
            poppler_annot_set_flags(annot,
                                    poppler_annot_get_flags(annot) | POPPLER_ANNOT_FLAG_HIDDEN);
        }
    }
    poppler_page_free_annot_mapping(list);
}

static bool send_pictures(cairo_surface_t *picture, unsigned number)
{
    if (cairo_surface_status(picture) != CAIRO_STATUS_SUCCESS) {
        return refuse(BASE_CODE_SLIDES_TOO_HEAVY);
    }
    g_autoptr(GByteArray) png = slides_picture_png(picture);
    g_autoptr(GByteArray) thumb = slides_picture_thumb(picture);
    if (png == NULL || thumb == NULL) {
        return refuse(BASE_CODE_SLIDES_TOO_HEAVY);
    }
    return send_bytes(SLIDES_PICTURE, number, png) && send_bytes(SLIDES_THUMB, number, thumb);
}

static bool has_rtl(const char *text)
{
    bool found = false;
    for (const char *at = text; !found && *at != '\0'; at = g_utf8_next_char(at)) {
        found = slides_is_rtl(g_utf8_get_char(at));
    }
    return found;
}

/* May lack lines of the other direction. */
static char *marked_text(PopplerPage *page, bool from_right)
{
    double width = 0, height = 0;
    poppler_page_get_size(page, &width, &height);
    PopplerRectangle all = {
        .x1 = from_right ? width : 0, .x2 = from_right ? 0 : width, .y2 = height};
    char *text = poppler_page_get_selected_text(page, POPPLER_SELECTION_GLYPH, &all);
    return text != NULL ? text : g_strdup("");
}

static char *text_of(PopplerPage *page)
{
    g_autofree char *found = marked_text(page, false);
    g_autofree char *other = marked_text(page, true);
    if (clock() >= letters_end || (!has_rtl(found) && !has_rtl(other))) {
        return slides_text_clean(found);
    }
    g_autoptr(GArray) glyphs = slides_glyphs_of(page);
    g_autofree char *ordered = slides_glyphs_text(glyphs);
    bool spaced = strchr(ordered, ' ') != NULL || strchr(found, ' ') == NULL; // TeX draws none
    if (!spaced || !has_rtl(ordered)) {
        return slides_text_clean(found);
    }
    // cairo's lacks fonts without ToUnicode
    g_autofree char *text = slides_text_clean(ordered),
                    *both = g_strconcat(found, "\n", other, NULL);
    g_autofree char *more = slides_text_clean(both);
    return slides_text_complete(text, more);
}

static bool send_page(PopplerPage *page, unsigned number)
{
    hide_notes(page);
    cairo_surface_t *picture = slides_picture_draw(page);
    bool sent = send_pictures(picture, number);
    cairo_surface_destroy(picture);
    g_autofree char *text = sent ? text_of(page) : NULL;
    return sent && send_text(SLIDES_TEXT, number, text);
}

static bool send_pages(PopplerDocument *document)
{
    int pages = poppler_document_get_n_pages(document);
    if (pages <= 0 || pages > SLIDES_MAX_PAGES) {
        return refuse(pages <= 0 ? BASE_CODE_SLIDES_BROKEN : BASE_CODE_SLIDES_TOO_MANY_PAGES);
    }
    SlidesMessage message = {.type = SLIDES_PAGES, .page = (unsigned)pages};
    bool sent = slides_message_send(out_fd, &message);
    for (unsigned number = 1; sent && number <= (unsigned)pages; number++) {
        PopplerPage *page = poppler_document_get_page(document, (int)number - 1);
        sent = page != NULL ? send_page(page, number) : refuse(BASE_CODE_SLIDES_BROKEN);
        g_clear_object(&page);
    }
    return sent && send_text(SLIDES_DONE, 0, "");
}

/* Of a cut file poppler shows what is left. */
static bool has_end(int fd)
{
    char tail[TAIL_BYTES];
    struct stat file;
    off_t at = fstat(fd, &file) == 0 ? MAX(file.st_size - TAIL_BYTES, 0) : 0;
    ssize_t got = pread(fd, tail, sizeof tail, at);
    return got > 0 && memmem(tail, (size_t)got, "%%EOF", strlen("%%EOF")) != NULL;
}

static bool render(int fd)
{
    g_autoptr(GError) error = NULL;
    if (!has_end(fd)) {
        close(fd);
        return refuse(BASE_CODE_SLIDES_BROKEN);
    }
    PopplerDocument *document = poppler_document_new_from_fd(fd, NULL, &error);
    if (document == NULL) {
        bool encrypted = g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);
        return refuse(encrypted ? BASE_CODE_SLIDES_ENCRYPTED : BASE_CODE_SLIDES_BROKEN);
    }
    bool sent = send_pages(document);
    g_object_unref(document);
    return sent;
}

int slides_main(int argc, char **argv)
{
    Options options = {0};
    if (!read_options(&options, argc, argv)) {
        fprintf(stderr, "majlis slides: it is the server's own child and needs --cpu SECONDS, "
                        "--memory MEGABYTES, --letters SECONDS and a PDF as standard input\n");
        return EXIT_FAILURE;
    }
    letters_end = options.letters;
    out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    settle_process();
    settle_limits(&options);
    g_autoptr(SandboxAccess) access = sandbox_access_new();
    const char *folders[] = {NULL};
    g_autofree char *gaps = sandbox_enter(access, folders);
    if (gaps != NULL && !send_text(SLIDES_GAPS, 0, gaps)) {
        return EXIT_FAILURE;
    }
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    render(fd);
    return EXIT_SUCCESS;
}
