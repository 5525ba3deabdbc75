// SPDX-License-Identifier: GPL-3.0-or-later
// Warnings of a backup, and the time of the last good one.
#include "backup/private.h"

#include "base/clock.h"

void backup_report_clear(BackupReport *report)
{
    g_clear_pointer(&report->folder, g_free);
    g_clear_pointer(&report->made_at, g_free);
}

void backup_warn(const Backup *backup, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    backup->config->warn(backup->config->data, text);
}

void backup_note_last(const Backup *backup)
{
    const BackupReport *report = backup->report;
    g_autofree char *path =
        g_build_filename(backup->config->conf->data_dir, BACKUP_LAST_NAME, NULL);
    g_autoptr(json_t) json =
        json_pack("{s:s, s:s, s:I, s:I, s:i, s:i}", "at", report->made_at, "folder", report->folder,
                  "bytes", (json_int_t)report->bytes, "new_bytes", (json_int_t)report->new_bytes,
                  "recordings", (int)report->recordings, "damaged", (int)report->damaged);
    g_autofree char *line = json != NULL ? base_json_text(json) : NULL;
    g_autofree char *text = line != NULL ? g_strconcat(line, "\n", NULL) : NULL;
    g_autoptr(GError) error = NULL;
    if (text == NULL ||
        !g_file_set_contents_full(path, text, -1,
                                  G_FILE_SET_CONTENTS_DURABLE | G_FILE_SET_CONTENTS_CONSISTENT,
                                  0644, &error)) {
        backup_warn(backup, "the backup is good, but its time could not be noted: %s",
                    error != NULL ? error->message : "its folder's name is not UTF-8");
    }
}

bool backup_last(const char *data_dir, BackupLast *out)
{
    g_autofree char *path = g_build_filename(data_dir, BACKUP_LAST_NAME, NULL);
    g_autofree char *text = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &text, &size, NULL)) {
        return false;
    }
    g_autoptr(json_t) json = base_json_parse_object(text, size, NULL);
    const char *at = json_string_value(json_object_get(json, "at"));
    out->damaged = (unsigned)json_integer_value(json_object_get(json, "damaged"));
    return at != NULL && base_time_parse(at, &out->at_us) == 0;
}

int64_t backup_last_us(const char *data_dir)
{
    BackupLast last = {0};
    return backup_last(data_dir, &last) ? last.at_us : 0;
}
