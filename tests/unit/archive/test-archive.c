// SPDX-License-Identifier: GPL-3.0-or-later
// Runs all tests of the archive, and holds their shared helpers.
#include "cases.h"

#include <libavutil/log.h>

const SessionStretch session_stretches[SESSION_STRETCHES] = {
    {3000000, 7500000, 0}, {9000000, 14000000, 0}, {20000000, 24500000, 20000000}};

static Clip *shared_clip;

Clip *case_clip(void)
{
    return shared_clip;
}

char *case_folder(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("majlis-archive-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

void case_remove(char *folder)
{
    g_autofree char *output = case_command("rm -rf '%s'", folder);
    g_free(folder);
}

char *case_command(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const char *argv[] = {"/bin/sh", "-c", line, NULL};
    char *output = NULL;
    g_autofree char *complaint = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &complaint,
                 &status, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(complaint, ==, "");
    g_assert_cmpint(status, ==, 0);
    return output;
}

char *case_read(const char *folder, const char *name, gsize *out_size)
{
    g_autofree char *path = g_build_filename(folder, SESSION_ID, name, NULL);
    g_autoptr(GError) error = NULL;
    char *text = NULL;
    g_file_get_contents(path, &text, out_size, &error);
    g_assert_no_error(error);
    return text;
}

void case_push(void *data, MediaPart *part)
{
    while (!archive_writer_push(data, part)) {
        g_usleep(1000);
    }
}

void case_write_clip(const char *folder, const Clip *clip, ClipRun *run)
{
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID},
                                  .epoch_wall_us = SESSION_EPOCH_US};
    ArchiveWriter *writer = archive_writer_new(&config, NULL, &error);
    g_assert_no_error(error);
    clip_segment(clip, run, case_push, writer);
    archive_writer_free(writer);
}

void case_write(const char *folder, ClipRun *run)
{
    case_write_clip(folder, case_clip(), run);
}

void case_write_session(const char *folder)
{
    const ClipMark first_marks[] = {
        {3000000, MEDIA_MARK_OPEN}, {7500000, MEDIA_MARK_CLOSE}, {9000000, MEDIA_MARK_OPEN}};
    ClipRun first = {.run = 1, .end_us = 14000000, .marks = first_marks, .mark_count = 3};
    case_write(folder, &first);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    const ClipMark second_marks[] = {{24500000, MEDIA_MARK_END}};
    ClipRun second = {.run = state.next_run,
                      .start_us = 20000000,
                      .end_us = 26000000,
                      .open = true,
                      .marks = second_marks,
                      .mark_count = 1,
                      .sequence = state.next_sequence};
    case_write(folder, &second);
}

static void add_other_cases(void)
{
    add_journal_cases();
    add_writer_cases();
    add_copies_cases();
    add_disk_cases();
    add_cleaner_cases();
    add_finish_cases();
    add_steps_cases();
    add_trim_cases();
    add_outputs_cases();
    add_earlier_runs_cases();
}

/* With "cut" the slowest cases alone, so that they run beside the others. */
int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    av_log_set_level(AV_LOG_ERROR);
    char *folder = case_folder();
    shared_clip = clip_new(folder, "320x180");
    case_remove(folder);
    if (argc > 1 && strcmp(argv[1], "cut") == 0) {
        add_cut_cases();
    } else {
        add_other_cases();
    }
    int result = g_test_run();
    clip_free(shared_clip);
    return result;
}
