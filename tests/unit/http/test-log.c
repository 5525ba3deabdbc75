// SPDX-License-Identifier: GPL-3.0-or-later
// Paths as the request log shows them: nothing that gives a right.
#include "http/resources.h"

static char *shown(const char *method, const char *path)
{
    char *params[HTTP_MAX_PARAMS] = {0};
    unsigned status;
    const HttpRoute *route = http_router_match(&http_router, method, path, params, &status);
    char *text = http_shown_path(route, params);
    for (int i = 0; i < HTTP_MAX_PARAMS; i++) {
        g_free(params[i]);
    }
    return text;
}

static const struct {
    const char *method, *path, *shown;
} paths[] = {
    {"GET", "/api/v1/sessions", "/api/v1/sessions"},
    {"GET", "/sessions/s1/hls/v720p.m3u8", "/sessions/s1/hls/v720p.m3u8"},
    {"HEAD", "/sessions/s1/hls/3/v720p/17.m4s", "/sessions/s1/hls/3/v720p/17.m4s"},
    {"GET", "/sessions/s1/hls/t-secret/v720p.m3u8", "/sessions/s1/hls/t-…/v720p.m3u8"},
    {"GET", "/sessions/s1/hls/t-secret", "/sessions/s1/hls/…"}, // no file: another route
    {"GET", "/recordings/s1/t-secret/main.m3u8", "/recordings/s1/t-…/main.m3u8"},
    {"POST", "/sessions/s1/hls/t-secret/whep", "/sessions/s1/hls/t-…/whep"},
    {"PATCH", "/sessions/s1/whep/secret.tag", "/sessions/s1/whep/…"},
    {"GET", "/feeds/t-secret/sessions.ics", "/feeds/t-…/sessions.ics"},
    {"GET", "/feeds/t-secret/recordings/s1/audio.m4a", "/feeds/t-…/recordings/s1/audio.m4a"},
    {"GET", "/feeds/t-secret", "/…"},
    {"GET", "/ar/i/secret", "/ar/i/…"},
    {"GET", "/en/s/s1", "/en/s/…"},
    {"GET", "/en/%0asecret", "/en/…"},
    {"GET", "/assets/a-1b2c.js", "/assets/a-1b2c.js"},
    {"GET", "/nothing/secret", "/…"},
    {"OPTIONS", "/sessions/s1/whep/secret", "/…"},
    {"DELETE", "/api/v1/invitations/i1", "/api/v1/invitations/i1"},
    {"GET", "/api/v1/sessions/much-longer-than-an-id-and-so-none", "/api/v1/sessions/…"},
    {"GET", "/assets/\n\x1b[2J", "/assets/…"},
};

static void test_paths(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *text = shown(paths[i].method, paths[i].path);
        g_assert_cmpstr(text, ==, paths[i].shown);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/log/paths", test_paths);
    return g_test_run();
}
