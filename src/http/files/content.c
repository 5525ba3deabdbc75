// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures and materials as downloads.
#include "http/resources.h"

#include <string.h>

static bool ends_in(const char *name, const char *ending)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && g_ascii_strcasecmp(dot + 1, ending) == 0;
}

/* RFC 6266: in ASCII, then as it is. The type decides how the name ends. */
static char *disposition(const char *name, const char *ending)
{
    bool good = ends_in(name, ending) || (strcmp(ending, "jpg") == 0 && ends_in(name, "jpeg"));
    g_autofree char *whole = good ? g_strdup(name) : g_strdup_printf("%s.%s", name, ending);
    g_strdelimit(whole, "/\\", '_');
    g_autofree char *escaped = g_uri_escape_string(whole, NULL, FALSE);
    g_autofree char *ascii = g_str_to_ascii(whole, "C");
    g_strcanon(ascii, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS " ._-()", '_');
    return g_strdup_printf("attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, escaped);
}

static void send_content(HttpRequest *request, const StoreFile *row)
{
    const FilesTypeInfo *type = row != NULL ? files_type_find(row->type) : NULL;
    if (type == NULL) {
        http_reply_no_file(request);
        return;
    }
    if (!row->picture) {
        g_autofree char *value = disposition(row->name, type->ending);
        http_header(request, "Content-Disposition", value);
    }
    http_send_content(request, files_path(request->http->services.files, row), type->media_type);
}

/* Routes of sessions: auth_may() has judged. */
void http_on_session_picture(Http *http, HttpRequest *request)
{
    send_content(request, files_picture(http->services.files, request->params[0]));
}

void http_on_material(Http *http, HttpRequest *request)
{
    send_content(request,
                 files_material(http->services.files, request->params[0], request->params[1]));
}

/* Of a series or speaker. */
void http_on_picture(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) seen = http_seen(http, request->who);
    bool may = seen == NULL || json_object_get(seen, request->params[0]) != NULL;
    send_content(request, may ? files_picture(http->services.files, request->params[0]) : NULL);
}
