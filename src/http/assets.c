// SPDX-License-Identifier: GPL-3.0-or-later
// The built pages in memory, plain and gzipped: an HTML shell per language and theme, so that no
// page flashes.
#include "http/fields/cookie.h"
#include "http/resources.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_DEPTH 4
#define THEME_COOKIE "majlis-theme" // set by web/src/core/theme.ts

enum { LANGUAGES = 2, THEMES = 3 };

static const char *const shell_languages[LANGUAGES] = {"ar", "en"};
static const char *const shell_themes[THEMES] = {"auto", "light", "dark"};

typedef struct {
    const char *type;
    GBytes *plain, *gzip; // gzip: nullable
} Asset;

struct HttpAssets {
    GHashTable *files; // "/assets/x.js" -> Asset
    Asset *shell[LANGUAGES][THEMES];
};

#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "        \
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "       \
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "

static const char page_policy[] = POLICY "'none'";

char *http_embed_policy(const char *const *sites)
{
    if (sites == NULL || sites[0] == NULL) {
        return g_strdup(page_policy);
    }
    g_autofree char *list = g_strjoinv(" ", (char **)sites);
    return g_strconcat(POLICY, list, NULL);
}

static const char *type_of(const char *name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".png", "image/png"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(name, types[i].suffix)) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

static GBytes *compress(GBytes *plain)
{
    g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
    g_autoptr(GInputStream) from = g_memory_input_stream_new_from_bytes(plain);
    g_autoptr(GInputStream) through = g_converter_input_stream_new(from, G_CONVERTER(compressor));
    g_autoptr(GOutputStream) to = g_memory_output_stream_new_resizable();
    g_output_stream_splice(to, through, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL);
    GBytes *gzip = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(to));
    if (g_bytes_get_size(gzip) >= g_bytes_get_size(plain) * 9 / 10) {
        g_clear_pointer(&gzip, g_bytes_unref);
    }
    return gzip;
}

static Asset *asset_new(const char *name, GBytes *plain)
{
    Asset *asset = g_new(Asset, 1);
    *asset = (Asset){.type = type_of(name), .plain = plain, .gzip = compress(plain)};
    return asset;
}

static void asset_free(void *data)
{
    Asset *asset = data;
    g_bytes_unref(asset->plain);
    g_clear_pointer(&asset->gzip, g_bytes_unref);
    g_free(asset);
}

static void read_folder(HttpAssets *assets, const char *folder, const char *prefix, int depth)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && depth < MAX_DEPTH && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *url = g_strdup_printf("%s/%s", prefix, name);
        char *text = NULL;
        gsize size = 0;
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            read_folder(assets, path, url, depth + 1);
        } else if (g_file_get_contents(path, &text, &size, NULL)) {
            g_hash_table_insert(assets->files, g_steal_pointer(&url),
                                asset_new(name, g_bytes_new_take(text, size)));
        }
    }
}

static Asset *make_shell(const Asset *file, int language, int theme)
{
    GString *text = g_string_new_len(g_bytes_get_data(file->plain, NULL),
                                     (gssize)g_bytes_get_size(file->plain));
    g_string_replace(text, "{{lang}}", shell_languages[language], 0);
    g_string_replace(text, "{{dir}}", language == 0 ? "rtl" : "ltr", 0);
    g_string_replace(text, "{{theme}}", shell_themes[theme], 0);
    return asset_new("index.html", g_string_free_to_bytes(text));
}

HttpAssets *http_assets_new(const char *folder, GError **error)
{
    HttpAssets *assets = g_new0(HttpAssets, 1);
    assets->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, asset_free);
    read_folder(assets, folder, "", 0);
    const Asset *shell = g_hash_table_lookup(assets->files, "/index.html");
    if (shell == NULL) {
        g_set_error(
            error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
            "the built pages are not in %s: run ./deploy/up, or \"npm ci && npm run build\" in "
            "web/",
            folder);
        http_assets_free(assets);
        return NULL;
    }
    for (int i = 0; i < LANGUAGES * THEMES; i++) {
        assets->shell[i / THEMES][i % THEMES] = make_shell(shell, i / THEMES, i % THEMES);
    }
    return assets;
}

void http_assets_free(HttpAssets *assets)
{
    g_hash_table_unref(assets->files);
    for (int i = 0; i < LANGUAGES * THEMES; i++) {
        g_clear_pointer(&assets->shell[i / THEMES][i % THEMES], asset_free);
    }
    g_free(assets);
}

static void send_asset(HttpRequest *request, const Asset *asset, const char *vary)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *accept = soup_message_headers_get_list(headers, "Accept-Encoding");
    bool gzip = asset->gzip != NULL && accept != NULL && strstr(accept, "gzip") != NULL;
    http_header(request, "Vary", vary);
    if (gzip) {
        http_header(request, "Content-Encoding", "gzip");
    }
    http_reply(request, 200, asset->type, g_bytes_ref(gzip ? asset->gzip : asset->plain));
}

/* An index in `shell_themes`. */
static int theme_of(HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *field = soup_message_headers_get_list(headers, "Cookie");
    g_autofree char *chosen = field != NULL ? http_cookie_find(field, THEME_COOKIE) : NULL;
    for (int i = 1; chosen != NULL && i < THEMES; i++) {
        if (g_str_equal(chosen, shell_themes[i])) {
            return i;
        }
    }
    return 0;
}

void http_on_page(Http *http, HttpRequest *request)
{
    const char *path = g_uri_get_path(soup_server_message_get_uri(request->message));
    bool embed = g_str_has_prefix(path, "/ar/embed/") || g_str_has_prefix(path, "/en/embed/");
    pthread_mutex_lock(&http->mutex);
    http_header(request, "Content-Security-Policy", embed ? http->embed_policy : page_policy);
    pthread_mutex_unlock(&http->mutex);
    http_header(request, "Referrer-Policy", "no-referrer"); // invitation links are secret
    http_header(request, "Permissions-Policy", "camera=(self), microphone=(self), geolocation=()");
    http_header(request, "Cache-Control", "no-cache");
    int language = g_str_has_prefix(path, "/en/") ? 1 : 0;
    send_asset(request, http->assets->shell[language][theme_of(request)],
               "Accept-Encoding, Cookie");
}

void http_on_asset(Http *http, HttpRequest *request)
{
    const char *path = g_uri_get_path(soup_server_message_get_uri(request->message));
    const Asset *asset = g_hash_table_lookup(http->assets->files, path);
    if (asset == NULL) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND, "There is no such file.");
        return;
    }
    bool hashed = g_str_has_prefix(path, "/assets/"); // names change with content
    http_header(request, "Cache-Control", hashed ? "max-age=31536000, immutable" : "max-age=3600");
    send_asset(request, asset, "Accept-Encoding");
}

void http_on_language(Http *http, HttpRequest *request)
{
    (void)http;
    const char *path = g_uri_get_path(soup_server_message_get_uri(request->message));
    g_autofree char *to =
        g_strconcat(path, "/", request->query != NULL ? "?" : NULL, request->query, NULL);
    http_header(request, "Location", to);
    http_reply(request, 308, NULL, NULL);
}

void http_on_root(Http *http, HttpRequest *request)
{
    (void)http;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *languages = soup_message_headers_get_list(headers, "Accept-Language");
    bool english = languages != NULL && g_ascii_strncasecmp(languages, "en", 2) == 0;
    http_header(request, "Vary", "Accept-Language");
    http_header(request, "Location", english ? "/en/" : "/ar/");
    http_reply(request, 302, NULL, NULL);
}
