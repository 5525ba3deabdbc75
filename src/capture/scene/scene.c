// SPDX-License-Identifier: GPL-3.0-or-later
// Reads scenes.
#include "capture/scene/scene.h"

#include "base/error.h"
#include "capture/grid.h"

#include <string.h>

#define SUFFIX ".scene"
#define MIN_SIDE 16

static void scene_free(gpointer data)
{
    CaptureScene *scene = data;
    g_free(scene->name);
    g_free(scene);
}

static bool fits(int at, int size, int border, int whole)
{
    bool small = at >= 0 && at < whole && size >= MIN_SIDE && size <= whole && border < whole;
    return small && at % 2 == 0 && size % 2 == 0 && at >= border && at + size + border <= whole;
}

static bool read_box(GKeyFile *file, const char *group, CaptureBox *out)
{
    *out = (CaptureBox){.x = g_key_file_get_integer(file, group, "x", NULL),
                        .y = g_key_file_get_integer(file, group, "y", NULL),
                        .width = g_key_file_get_integer(file, group, "width", NULL),
                        .height = g_key_file_get_integer(file, group, "height", NULL),
                        .border = g_key_file_get_integer(file, group, "border", NULL)};
    return out->border >= 0 && out->border % 2 == 0 &&
           fits(out->x, out->width, out->border, CAPTURE_WIDTH) &&
           fits(out->y, out->height, out->border, CAPTURE_HEIGHT);
}

static CaptureScene *read_scene(const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) why = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &why)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "The scene %s cannot be read: %s.", path,
                    why->message);
        return NULL;
    }
    CaptureScene *scene = g_new0(CaptureScene, 1);
    scene->name = g_strndup(name, strlen(name) - strlen(SUFFIX));
    for (int i = 0; i < CAPTURE_SCENE_BOXES; i++) {
        const char group[] = {(char)('1' + i), '\0'};
        if (!read_box(file, group, &scene->boxes[i])) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                        "The scene %s: [%s] needs x, y, width and height, even, with its border "
                        "within %d x %d.",
                        path, group, CAPTURE_WIDTH, CAPTURE_HEIGHT);
            scene_free(scene);
            return NULL;
        }
    }
    return scene;
}

GPtrArray *capture_scenes_read(const char *pipelines_dir, GError **error)
{
    g_autofree char *folder = g_build_filename(pipelines_dir, "scenes", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) scenes = g_ptr_array_new_with_free_func(scene_free);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (g_str_has_suffix(name, SUFFIX)) {
            CaptureScene *scene = read_scene(folder, name, error);
            if (scene == NULL) {
                return NULL;
            }
            g_ptr_array_add(scenes, scene);
        }
    }
    return g_steal_pointer(&scenes);
}

const CaptureScene *capture_scene_find(const GPtrArray *scenes, const char *name)
{
    for (guint i = 0; i < scenes->len; i++) {
        const CaptureScene *scene = scenes->pdata[i];
        if (strcmp(scene->name, name) == 0) {
            return scene;
        }
    }
    return NULL;
}
