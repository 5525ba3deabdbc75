// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration files. Refused with one printable line that names the file, or taken with values
// that agree with each other. Neither a byte order mark nor CRLF changes which.
#include "fuzz.h"

#include "conf/conf.h"

#include <glib.h>
#include <string.h>

static Conf *read_text(const char *text, size_t size)
{
    GError *error = NULL;
    Conf *conf = conf_new_from_text("majlis.conf", text, size, "/data", &error);
    g_assert_true((conf == NULL) == (error != NULL));
    if (error != NULL) {
        g_assert_true(g_error_matches(error, BASE_ERROR, BASE_ERROR_INVALID));
        g_assert_true(g_str_has_prefix(error->message, "majlis.conf") ||
                      g_str_has_prefix(error->message, "defaults"));
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        for (const char *at = error->message; *at != '\0'; at++) {
            g_assert_false(g_ascii_iscntrl(*at));
        }
        g_error_free(error);
    }
    return conf;
}

static void assert_agrees(const Conf *conf)
{
    g_autofree char *host = NULL;
    uint16_t port;
    g_assert_true(conf_parse_address(conf->server_listen, &host, &port));
    g_assert_cmpstr(host, ==, conf->server_host);
    g_assert_cmpint(conf->programme_keyframe_ms % conf->hls_part_ms, ==, 0);
    g_assert_cmpint(conf->hls_segment_ms % conf->programme_keyframe_ms, ==, 0);
    g_assert_true(g_path_is_absolute(conf->archive_directory));
    g_assert_true((conf->server_tls_key[0] == '\0') == (conf->server_tls_certificate[0] == '\0'));
    g_assert_true(g_str_has_prefix(conf->store_url, "sqlite:/"));
}

/* Whether the text is refused in another spelling too. */
static void assert_same(const Conf *conf, const char *text, size_t size)
{
    if (size <= CONF_MAX_BYTES) {
        g_autoptr(Conf) again = read_text(text, size);
        g_assert_true((again == NULL) == (conf == NULL));
        if (conf != NULL) {
            g_assert_cmpstr(again->server_listen, ==, conf->server_listen);
            g_assert_cmpstr(again->programme_source, ==, conf->programme_source);
            g_assert_cmpint(again->archive_minimum_free, ==, conf->archive_minimum_free);
        }
    }
}

int target(const uint8_t *data, size_t size)
{
    g_autoptr(Conf) conf = read_text((const char *)data, size);
    if (conf != NULL) {
        assert_agrees(conf);
    }
    if (!g_utf8_validate_len((const char *)data, size, NULL) || size > CONF_MAX_BYTES) {
        g_assert_null(conf);
        return 0;
    }
    g_autofree char *text = size > 0 ? g_strndup((const char *)data, size) : g_strdup("");
    g_autofree char *marked = g_strconcat("\xef\xbb\xbf", text, NULL);
    if (!g_str_has_prefix(text, "\xef\xbb\xbf")) {
        assert_same(conf, marked, strlen(marked));
    }
    if (strchr(text, '\r') == NULL) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        g_autofree char *crlf = g_strjoinv("\r\n", lines);
        assert_same(conf, crlf, strlen(crlf));
    }
    return 0;
}
