// SPDX-License-Identifier: GPL-3.0-or-later
// A session's cover and materials: copied under names that any file system takes.
#include "export/private.h"
#include "files/type.h"

#include <string.h>

#define NAME_BYTES 120 // of a file's name, without its number and ending

static const char *ending_of(const StoreFile *row)
{
    const FilesTypeInfo *type = row->type != NULL ? files_type_find(row->type) : NULL;
    return type != NULL ? type->ending : "bin";
}

/* "materials/02 Guide.pdf": the order, then the name as far as it may stand. */
static char *name_of(const StoreFile *row, unsigned number)
{
    const char *ending = ending_of(row);
    g_autofree char *name = g_strdup(row->name);
    char *dot = strrchr(name, '.');
    if (dot != NULL && g_ascii_strcasecmp(dot + 1, ending) == 0) {
        *dot = '\0';
    }
    g_strdelimit(name, "/\\:*?\"<>|", '_');
    const char *end = name + MIN(strlen(name), NAME_BYTES);
    if (*end != '\0') {
        end = g_utf8_find_prev_char(name, end + 1);
    }
    return g_strdup_printf("materials/%02u %.*s.%s", number, (int)(end - name), name, ending);
}

static bool copy(const ExportConfig *config, Bundle *bundle, const StoreFile *row, const char *name,
                 GError **error)
{
    g_autofree char *path = g_build_filename(config->files, row->digest, NULL);
    BundleDigest wanted = {.bytes = row->bytes};
    g_strlcpy(wanted.sha256, row->digest, sizeof wanted.sha256);
    return bundle_copy(bundle, path, name, &wanted, error);
}

bool export_materials(const ExportConfig *config, const ExportContent *content, Bundle *bundle,
                      json_t *session, GError **error)
{
    json_t *list = json_array();
    json_object_set_new(session, "materials", list);
    json_object_set_new(session, "cover", json_null());
    for (guint i = 0; i < content->files->len; i++) {
        const StoreFile *row = content->files->pdata[i];
        g_autofree char *name = NULL;
        if (row->picture) {
            name = g_strdup_printf("cover.%s", ending_of(row));
            json_object_set_new(session, "cover", json_string(name));
        } else {
            bool linked = row->link != NULL;
            name = linked ? NULL : name_of(row, (unsigned)json_array_size(list) + 1);
            json_array_append_new(list, json_pack("{s:s, s:s?, s:s?}", "name", row->name, "file",
                                                  name, "link", row->link));
        }
        if (name != NULL && !copy(config, bundle, row, name, error)) {
            return false;
        }
    }
    return true;
}
