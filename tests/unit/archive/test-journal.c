// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the journal: cut anywhere, damaged bytes, other formats.
#include "cases.h"

#include "archive/journal.h"

#include <string.h>

/* Records as the lines that would be written of them. */
static void keep_line(void *data, const ArchiveRecord *record)
{
    GString *line = g_string_new(NULL);
    archive_journal_append(line, record, SESSION_ID);
    g_ptr_array_add(data, g_string_free(line, FALSE));
}

static GPtrArray *parse(const char *text, size_t size)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    // An exact copy: a sanitizer sees any step past the end.
    g_autofree char *copy = g_memdup2(text, size);
    archive_journal_parse(copy, size, keep_line, lines);
    return lines;
}

/* A short recording's journal as the writer makes it. */
static char *real_journal(gsize *out_size)
{
    char *folder = case_folder();
    const ClipMark marks[] = {{1000000, MEDIA_MARK_OPEN}, {3000000, MEDIA_MARK_END}};
    ClipRun run = {.run = 1, .end_us = 4000000, .marks = marks, .mark_count = 2};
    case_write(folder, &run);
    char *text = case_read(folder, "journal", out_size);
    case_remove(folder);
    return text;
}

static unsigned count_lines(const char *text, size_t size)
{
    unsigned count = 0;
    for (size_t i = 0; i < size; i++) {
        count += text[i] == '\n';
    }
    return count;
}

static bool same_lines(const GPtrArray *a, guint a_at, const GPtrArray *b, guint b_at, guint count)
{
    for (guint i = 0; i < count; i++) {
        if (strcmp(g_ptr_array_index(a, a_at + i), g_ptr_array_index(b, b_at + i)) != 0) {
            return false;
        }
    }
    return true;
}

static void test_cut_anywhere(void)
{
    gsize size;
    g_autofree char *text = real_journal(&size);
    g_autoptr(GPtrArray) all = parse(text, size);
    // Head, 3 inits, 2 marks, 8 parts of each of 3 tracks.
    g_assert_cmpuint(all->len, ==, 1 + 3 + 2 + 24);
    g_ptr_array_add(all, NULL);
    g_autofree char *again = g_strjoinv("", (char **)all->pdata);
    g_assert_cmpstr(again, ==, text);
    for (size_t cut = 0; cut <= size; cut++) {
        g_autoptr(GPtrArray) some = parse(text, cut);
        g_assert_cmpuint(some->len, ==, count_lines(text, cut));
        g_assert_true(same_lines(some, 0, all, 0, some->len));
    }
}

/* A rotten byte costs its line, or two where it was the newline between them. */
static void test_rotten_byte(void)
{
    gsize size;
    g_autofree char *text = real_journal(&size);
    g_autoptr(GPtrArray) all = parse(text, size);
    for (size_t at = 0; at < size; at++) {
        guint line = count_lines(text, at);
        guint lost = text[at] == '\n' && line + 1 < all->len ? 2 : 1;
        text[at] ^= 0x11;
        g_autoptr(GPtrArray) some = parse(text, size);
        g_assert_cmpuint(some->len, ==, all->len - lost);
        g_assert_true(same_lines(some, 0, all, 0, line));
        g_assert_true(same_lines(some, line, all, line + lost, some->len - line));
        text[at] ^= 0x11;
    }
}

static void write_journal(const char *folder, const char *text, size_t size)
{
    g_autofree char *path = g_build_filename(folder, SESSION_ID, "journal", NULL);
    g_autoptr(GError) error = NULL;
    g_file_set_contents_full(path, text, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600, &error);
    g_assert_no_error(error);
}

/* The state of a recording that was cut off never runs ahead of the journal, and grows with it. */
static void test_state_at_every_cut(void)
{
    char *folder = case_folder();
    g_autofree char *inside = g_build_filename(folder, SESSION_ID, NULL);
    g_mkdir_with_parents(inside, 0700);
    gsize size;
    g_autofree char *text = real_journal(&size);
    ArchiveState before = {0};
    for (size_t cut = 0; cut <= size; cut++) {
        write_journal(folder, text, cut);
        ArchiveState state;
        g_autoptr(GError) error = NULL;
        g_assert_true(archive_read_state(folder, SESSION_ID, &state, &error));
        g_assert_no_error(error);
        g_assert_cmpint(state.end_us, >=, before.end_us);
        g_assert_cmpint(state.public_us, >=, before.public_us);
        // One number is spared while the newest segment is public, and free again after.
        g_assert_cmpuint(state.next_public + 1, >=, before.next_public);
        g_assert_cmpuint(state.next_sequence, >=, before.next_sequence);
        before = state;
    }
    g_assert_cmpint(before.public_us, ==, 2000000);
    g_assert_true(before.ended);
    case_remove(folder);
}

static void test_state(void)
{
    char *folder = case_folder();
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpuint(state.next_run, ==, 1);
    g_assert_cmpuint(state.next_sequence, ==, 0);
    g_assert_cmpuint(state.next_public, ==, 0);

    case_write_session(folder);
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.epoch_wall_us, ==, SESSION_EPOCH_US);
    g_assert_cmpuint(state.next_run, ==, 3);
    g_assert_cmpint(state.public_us, ==, SESSION_PUBLIC_US);
    g_assert_cmpint(ABS(state.end_us - 26000000), <, 30000);
    // Public: 3 + 3 segments in run 1, one number spared where it was cut off, 3 in run 2.
    g_assert_cmpuint(state.next_public, ==, 10);
    g_assert_cmpuint(state.discontinuities, ==, 2);
    // 10 segments in run 1, one name spared, 4 in run 2, one name spared.
    g_assert_cmpuint(state.next_sequence, ==, 16);
    g_assert_true(state.ended);
    case_remove(folder);
}

/* A run that left only its folder has used its number. */
static void test_run_number_of_a_folder(void)
{
    char *folder = case_folder();
    g_autofree char *inside = g_build_filename(folder, SESSION_ID, "4", NULL);
    g_mkdir_with_parents(inside, 0700);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpuint(state.next_run, ==, 5);
    case_remove(folder);
}

static void test_other_format(void)
{
    char *folder = case_folder();
    g_autofree char *inside = g_build_filename(folder, SESSION_ID, NULL);
    g_mkdir_with_parents(inside, 0700);
    g_autoptr(GString) text = g_string_new(NULL);
    ArchiveRecord head = {.type = ARCHIVE_RECORD_HEAD, .format = ARCHIVE_JOURNAL_FORMAT + 1};
    archive_journal_append(text, &head, SESSION_ID);
    write_journal(folder, text->str, text->len);
    ArchiveState state = {.next_run = 77};
    g_autoptr(GError) error = NULL;
    g_assert_false(archive_read_state(folder, SESSION_ID, &state, &error));
    g_assert_nonnull(error);
    g_assert_cmpuint(state.next_run, ==, 77);
    // A writer must not cut off what it cannot read.
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID}};
    g_assert_null(archive_writer_new(&config, NULL, NULL));
    gsize size;
    g_autofree char *after = case_read(folder, "journal", &size);
    g_assert_cmpstr(after, ==, text->str);
    case_remove(folder);
}

/* Of several trims the last counts; a kind of line that this version does not know is passed over,
 * and nothing is cut off after it. */
static void test_trim_lines(void)
{
    static const struct {
        int64_t in_us, out_us;
        const char *text;
    } cases[] = {{4500000, INT64_MAX, "trim in_us=4500000 out_us=- "},
                 {INT64_MIN, -7, "trim in_us=- out_us=-7 "},
                 {INT64_MIN, INT64_MAX, "trim in_us=- out_us=- "},
                 {1, 2, "trim in_us=1 out_us=2 "}};
    gsize size;
    g_autofree char *head = real_journal(&size);
    g_autoptr(GString) text = g_string_new(head);
    g_autoptr(GPtrArray) before = parse(text->str, text->len);
    char *folder = case_folder();
    g_autofree char *inside = g_build_filename(folder, SESSION_ID, NULL);
    g_mkdir_with_parents(inside, 0700);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize at = text->len;
        ArchiveRecord record = {
            .type = ARCHIVE_RECORD_TRIM, .in_us = cases[i].in_us, .out_us = cases[i].out_us};
        archive_journal_append(text, &record, NULL);
        g_assert_true(g_str_has_prefix(text->str + at, cases[i].text));
        write_journal(folder, text->str, text->len);
        ArchiveState state;
        g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
        g_assert_cmpint(state.in_us, ==, cases[i].in_us);
        g_assert_cmpint(state.out_us, ==, cases[i].out_us);
    }
    g_string_append(text, "thing a=1 9d9bb795\n"); // the sum of "thing a=1"
    g_autoptr(GPtrArray) after = parse(text->str, text->len);
    g_assert_cmpuint(after->len, ==, before->len + G_N_ELEMENTS(cases));
    g_assert_cmpuint(archive_journal_parse(text->str, text->len, keep_line, after), ==, text->len);
    case_remove(folder);
}

void add_journal_cases(void)
{
    g_test_add_func("/archive/journal/trim", test_trim_lines);
    g_test_add_func("/archive/journal/cut-anywhere", test_cut_anywhere);
    g_test_add_func("/archive/journal/rotten-byte", test_rotten_byte);
    g_test_add_func("/archive/journal/state-at-every-cut", test_state_at_every_cut);
    g_test_add_func("/archive/journal/other-format", test_other_format);
    g_test_add_func("/archive/state", test_state);
    g_test_add_func("/archive/state/run-number-of-a-folder", test_run_number_of_a_folder);
}
