// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the settings: admins change some of them, staff read all.
#include "base/clock.h"
#include "http/core/request.h"
#include "http/resources.h"

typedef struct {
    HttpRequest *request;
    GPtrArray *changes; // StoreSetting; nullable
    char *seen;         // If-Match; nullable
    bool stale;
    GPtrArray *rows; // StoreSetting: all; nullable
} Settings;

static void settings_free(Settings *settings)
{
    g_clear_pointer(&settings->changes, g_ptr_array_unref);
    g_clear_pointer(&settings->rows, g_ptr_array_unref);
    g_free(settings->seen);
    g_free(settings);
}

static void reply(const Settings *settings)
{
    const HttpServices *services = &settings->request->http->services;
    http_reply_version(settings->request, 200,
                       services->settings(services->settings_data, settings->rows));
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    Settings *settings = data;
    g_clear_pointer(&settings->rows, g_ptr_array_unref);
    settings->rows = store_settings_list(db, error);
    return settings->rows != NULL;
}

static void on_listed(void *data, const GError *failed)
{
    Settings *settings = data;
    if (http_still_allowed(settings->request, failed)) {
        reply(settings);
    }
    settings_free(settings);
}

void http_on_settings(Http *http, HttpRequest *request)
{
    Settings *settings = g_new0(Settings, 1);
    settings->request = request;
    store_submit_read(http->services.store, list_job, on_listed, settings);
}

static bool change_job(StoreDb *db, void *data, GError **error)
{
    Settings *settings = data;
    if (!list_job(db, settings, error)) {
        return false;
    }
    g_autofree char *version =
        g_strdup_printf("%" G_GINT64_FORMAT, store_settings_version(settings->rows));
    settings->stale = !http_matches(settings->seen, version);
    if (settings->stale) {
        return false;
    }
    for (guint i = 0; i < settings->changes->len; i++) {
        if (!store_setting_put(db, settings->changes->pdata[i], error)) {
            return false;
        }
    }
    return list_job(db, settings, error);
}

static void on_changed(void *data, const GError *error)
{
    Settings *settings = data;
    const HttpServices *services = &settings->request->http->services;
    if (!http_change_failed(settings->request, settings->stale, error)) {
        if (settings->changes->len > 0) {
            services->settings_use(services->settings_data, settings->rows);
        }
        reply(settings);
    }
    settings_free(settings);
}

void http_on_settings_patch(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    const HttpServices *services = &http->services;
    GPtrArray *changes = services->settings_take(services->settings_data, body, &error);
    if (changes == NULL) {
        http_reply_error(request, error);
        return;
    }
    for (guint i = 0; i < changes->len; i++) {
        StoreSetting *row = changes->pdata[i];
        row->person = g_strdup(request->who->person);
        row->changed_us = base_wall_us();
    }
    Settings *settings = g_new0(Settings, 1);
    settings->request = request;
    settings->changes = changes;
    settings->seen = http_if_match(request);
    store_submit(services->store, change_job, on_changed, settings);
}
