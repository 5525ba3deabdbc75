// SPDX-License-Identifier: GPL-3.0-or-later
// Warnings of a backup; last-backup.json.
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

/* Nullable. */
static char *whole_at(const Backup *backup)
{
    BackupLast before = {0};
    if (backup->report->damaged == 0) {
        return g_strdup(backup->report->made_at);
    }
    bool known = backup_last(backup->config->conf->data_dir, &before) && before.whole_us != 0;
    return known ? base_time_format(before.whole_us) : NULL;
}

void backup_note_last(const Backup *backup)
{
    const BackupReport *report = backup->report;
    g_autofree char *whole = whole_at(backup);
    g_autofree char *path =
        g_build_filename(backup->config->conf->data_dir, BACKUP_LAST_NAME, NULL);
    g_autoptr(json_t) json =
        json_pack("{s:s, s:s?, s:s, s:I, s:I, s:i, s:i}", "at", report->made_at, "whole_at", whole,
                  "folder", report->folder, "bytes", (json_int_t)report->bytes, "new_bytes",
                  (json_int_t)report->new_bytes, "recordings", (int)report->recordings, "damaged",
                  (int)report->damaged);
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

/* 0: none. */
static int64_t read_time(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    int64_t wall_us = 0;
    return text != NULL && base_time_parse(text, &wall_us) == 0 ? wall_us : 0;
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
    out->at_us = read_time(json, "at");
    out->damaged = (unsigned)json_integer_value(json_object_get(json, "damaged"));
    out->whole_us = out->damaged == 0 ? out->at_us : read_time(json, "whole_at");
    return out->at_us != 0 && out->at_us < base_wall_us() + BACKUP_AHEAD_US;
}
