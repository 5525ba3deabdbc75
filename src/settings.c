// SPDX-License-Identifier: GPL-3.0-or-later
// The page "Settings": it shows all keys of the configuration, and admins change some.
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/capture.h"
#include "server.h"

#include <string.h>

/* Nullable; borrowed. */
static const StoreSetting *row_of(const GPtrArray *rows, const ConfSetting *setting)
{
    for (guint i = 0; i < rows->len; i++) {
        const StoreSetting *row = rows->pdata[i];
        if (strcmp(row->section, setting->section) == 0 && strcmp(row->name, setting->name) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool load_job(StoreDb *db, void *data, GError **error)
{
    GPtrArray **rows = data;
    g_clear_pointer(rows, g_ptr_array_unref);
    *rows = store_settings_list(db, error);
    return *rows != NULL;
}

GPtrArray *server_load_settings(Store *store, GError **error)
{
    GPtrArray *rows = NULL;
    if (!store_run(store, load_job, &rows, error)) {
        g_clear_pointer(&rows, g_ptr_array_unref);
    }
    return rows;
}

Conf *server_effective(const Conf *file, const GPtrArray *rows)
{
    g_autofree ConfChange *changes = g_new(ConfChange, rows->len + 1);
    size_t count = 0;
    for (guint i = 0; i < rows->len; i++) {
        const StoreSetting *row = rows->pdata[i];
        g_autoptr(GError) error = NULL;
        if (row->value == NULL) {
            continue;
        }
        if (conf_check(row->section, row->name, row->value, &error)) {
            changes[count++] = (ConfChange){row->section, row->name, row->value};
        } else {
            g_warning("set on the page Settings, but not in use: %s. An admin can set it again.",
                      error->message);
        }
    }
    g_autoptr(GError) error = NULL;
    Conf *conf = conf_with(file, changes, count, &error);
    if (conf == NULL) {
        g_warning("nothing that is set on the page Settings is in use: %s", error->message);
        conf = conf_with(file, NULL, 0, NULL);
    }
    return conf;
}

/* ---- read ---- */

/* A camera's password may stand in its source. */
static char *shown(const ConfSetting *setting)
{
    bool source =
        strcmp(setting->section, "programme") == 0 && strcmp(setting->name, "source") == 0;
    return source ? capture_redact(setting->value) : g_strdup(setting->value);
}

static json_t *setting_json(const ConfSetting *setting, const StoreSetting *row)
{
    bool changed =
        row != NULL && row->value != NULL && conf_check(row->section, row->name, row->value, NULL);
    g_autofree char *value = changed ? g_strdup(row->value) : shown(setting);
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:n}", "section",
                             setting->section, "name", setting->name, "value", value, "default",
                             setting->fallback, "set", (int)setting->set, "reloads",
                             (int)setting->reloads, "on_page", (int)setting->on_page, "changed");
    if (changed) {
        json_object_set_new(json, "changed",
                            json_pack("{s:s?, s:o, s:s}", "by", row->by, "at",
                                      base_json_time(row->changed_us), "instead_of",
                                      setting->value));
    }
    return json;
}

json_t *server_settings(void *data, const GPtrArray *rows)
{
    const Server *server = data;
    json_t *items = json_array();
    for (size_t i = 0; i < conf_settings(); i++) {
        ConfSetting setting;
        conf_setting(server->conf, i, &setting);
        json_array_append_new(items, setting_json(&setting, row_of(rows, &setting)));
    }
    g_autofree char *version = g_strdup_printf("%" G_GINT64_FORMAT, store_settings_version(rows));
    return json_pack("{s:o, s:n, s:s}", "items", items, "next", "version", version);
}

/* ---- change ---- */

static void free_row(void *row)
{
    store_setting_free(row);
}

static bool take_section(const char *section, json_t *body, GPtrArray *out, GError **error)
{
    const char *name;
    json_t *given;
    if (!json_is_object(body)) {
        return base_refuse_value(error, section, "an object");
    }
    json_object_foreach (body, name, given) {
        const char *text = json_string_value(given);
        g_autofree char *value = text != NULL ? base_text_clean(text) : NULL;
        g_autofree char *field = g_strdup_printf("%s.%s", section, name);
        if (!conf_check(section, name, value, error)) {
            return false;
        }
        if (text == NULL && !json_is_null(given)) {
            return base_refuse_value(error, field, "a text, as majlis.conf has it, or null");
        }
        StoreSetting *row = g_new0(StoreSetting, 1);
        *row = (StoreSetting){
            .section = g_strdup(section), .name = g_strdup(name), .value = g_steal_pointer(&value)};
        g_ptr_array_add(out, row);
    }
    return true;
}

GPtrArray *server_take_settings(void *data, const json_t *body, GError **error)
{
    (void)data;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    const char *section;
    json_t *names;
    json_object_foreach ((json_t *)body, section, names) {
        if (!take_section(section, names, rows, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&rows);
}

char *server_settings_hide(const GPtrArray *rows, const Conf *before, const Conf *after)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (size_t i = 0; i < conf_settings(); i++) {
        ConfSetting old, new;
        conf_setting(before, i, &old);
        conf_setting(after, i, &new);
        const StoreSetting *row = row_of(rows, &new);
        if (row != NULL && row->value != NULL && strcmp(old.value, new.value) != 0) {
            g_string_append_printf(list, "%s[%s] %s", list->len > 0 ? ", " : "", new.section,
                                   new.name);
        }
    }
    return list->len > 0 ? g_strdup(list->str) : NULL;
}
